//! Settlement proofs from end to end: made once, verified natively and by the contract in an EVM, mutated, replayed.

use ff::PrimeField;
use notefold_folding::{
    batch::{OpenBatch, ProvenBatch},
    commitment_key::{DEVELOPMENT_SEED, generate_insecure},
    curves::{Fq, Fr},
    ivc::FoldingParams,
    testing::{Scenario, checked},
};
use notefold_wrapper::{
    SettlementError,
    decider::DeciderInput,
    evm::{EvmError, Refusal, VerifierContract, solidity_constants},
    groth16::VerifyError,
    keys::{
        DeciderKeys, KeysFileError, find_keys, generate_insecure as setup, read_keys, write_keys,
    },
    public_values::Address,
    settlement::{BYTES, SettlementProof, WORDS},
    verify,
    wrap::{WrapTimes, Wrapper},
};
use rand_core::OsRng;

#[path = "settlement/fixtures.rs"]
mod fixtures;

use std::{fs, path::Path, sync::OnceLock};

const AGGREGATOR: Address = Address([0xaa; 20]);

struct World {
    params: FoldingParams,
    wrapper: Wrapper,
    keys: DeciderKeys,
    batch: ProvenBatch,
    proof: SettlementProof,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let params =
            FoldingParams::new(generate_insecure(17, DEVELOPMENT_SEED)).expect("long enough");
        params.tabulate();
        let wrapper = Wrapper::new(&params);
        let keys = keys(&params, &wrapper);
        let batch = batch(&params, 2);
        let proof = prove(&params, &wrapper, &keys, &batch);
        World {
            params,
            wrapper,
            keys,
            batch,
            proof,
        }
    })
}

/// Keys of an earlier run are used if they are keys of this circuit.
fn keys(params: &FoldingParams, wrapper: &Wrapper) -> DeciderKeys {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("decider");
    let found = find_keys(&folder).and_then(|path| read_keys(&path, params.digest()));
    if let Some(keys) = found.ok().filter(|keys| wrapper.check_keys(keys).is_ok()) {
        return keys;
    }
    let _ = fs::remove_dir_all(&folder);
    let keys = setup(params, wrapper.matrices(), DEVELOPMENT_SEED, |part| {
        eprintln!("{part} …")
    })
    .expect("keys");
    write_keys(&folder, &keys).expect("written");
    keys
}

fn batch(params: &FoldingParams, steps: u64) -> ProvenBatch {
    let mut scenario = Scenario::new(801);
    let mut batch = OpenBatch::open(params, Scenario::deployment(), scenario.state.clone());
    for amount in 0..steps {
        let step = match amount {
            0 => scenario.transfer(),
            _ => scenario.deposit(amount),
        };
        batch
            .push(params, &checked(params.step(), &step))
            .expect("a new step");
    }
    let mut prover = batch.close(params).expect("not empty").prover();
    prover.finish(params).expect("proven")
}

fn prove(
    params: &FoldingParams,
    wrapper: &Wrapper,
    keys: &DeciderKeys,
    batch: &ProvenBatch,
) -> SettlementProof {
    let input = DeciderInput::new(params, batch, AGGREGATOR).expect("a valid batch");
    let times = &mut WrapTimes::default();
    wrapper
        .prove(params, keys, &input, &mut OsRng, times)
        .expect("a proof")
}

/// Both verifiers on the same words.
fn verdicts(words: &[u8]) -> (bool, Result<u64, EvmError>) {
    let native = SettlementProof::from_bytes(words)
        .is_ok_and(|proof| verify(&world().keys.verifying, &proof).is_ok());
    let contract = VerifierContract::committed().expect("the committed contract");
    (native, contract.verify_words(words))
}

#[test]
fn the_committed_contract_is_that_of_the_development_key() {
    let World { keys, .. } = world();
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../contracts/src/verifier/DeciderKey.sol"
    );
    let committed = fs::read_to_string(path).expect("the constants");
    assert_eq!(committed, solidity_constants(&keys.verifying, &keys.origin));
    let contract = VerifierContract::committed().expect("the committed contract");
    assert_eq!(contract.check_key(&keys.verifying), Ok(()));
    assert_eq!(
        hex::encode(keys.verifying.digest()),
        "07edaa7a17bed9883bca83d60796d9c23234aad7930e657909537ec39b87c55e"
    );
}

#[test]
fn an_honest_proof_is_accepted_by_both_at_a_constant_price() {
    let World {
        params,
        wrapper,
        keys,
        proof,
        ..
    } = world();
    assert_eq!(verify(&keys.verifying, proof), Ok(()));
    let contract = VerifierContract::committed().expect("the committed contract");
    let gas = contract.verify(proof).expect("accepted");
    // A batch of another length: calldata differs in its zero bytes alone.
    let longer = prove(params, wrapper, keys, &batch(params, 5));
    assert_eq!(verify(&keys.verifying, &longer), Ok(()));
    let gas_of_longer = contract.verify(&longer).expect("accepted");
    assert!(
        gas < 450_000 && gas.abs_diff(gas_of_longer) < 1_000,
        "{gas} {gas_of_longer}"
    );
    let next = contract.on_next_fork().verify(proof).expect("accepted");
    assert!(next < 450_000, "{next} on the next fork");
}

/// A proof that was made once: it is accepted as long as circuit, keys, encoding and contract are the same, for the same gas.
#[test]
fn a_stored_proof_is_accepted_for_a_known_price() {
    let (_, words) = fixtures::stored()
        .into_iter()
        .find(|(name, _)| name == "payments")
        .expect("a stored settlement");
    assert_eq!(verdicts(&words), (true, Ok(395_462)));
}

#[test]
fn a_proof_survives_its_encoding() {
    let proof = &world().proof;
    let bytes = proof.to_bytes();
    assert_eq!(bytes.len(), BYTES);
    assert_eq!(SettlementProof::from_bytes(&bytes).as_ref(), Ok(proof));
    assert!(SettlementProof::from_bytes(&bytes[1..]).is_err());
}

fn is_scalar(word: usize) -> bool {
    !(10..36).contains(&word)
}

/// The first word of the point that a word belongs to.
fn point_of(word: usize) -> usize {
    match word {
        24..28 => 24,
        _ => word - word % 2,
    }
}

fn modulus<F: PrimeField>() -> [u8; 32] {
    let mut bytes: [u8; 32] = (-F::ONE).to_repr().as_ref().try_into().expect("32 bytes");
    bytes.reverse();
    bytes[31] += 1;
    bytes
}

/// Every word with a bit flipped, zeroed, and replaced by its modulus: both refuse, and the contract says where.
#[test]
fn both_verifiers_agree_on_every_mutated_word() {
    let honest = world().proof.to_bytes();
    assert!(verdicts(&honest).0 && verdicts(&honest).1.is_ok());
    for word in 0..WORDS {
        let range = 32 * word..32 * (word + 1);
        let field = match is_scalar(word) {
            true => modulus::<Fr>(),
            false => modulus::<Fq>(),
        };
        let mut flipped = honest[range.clone()].to_vec();
        flipped[31] ^= 1;
        let mut high = honest[range.clone()].to_vec();
        high[0] |= 0x80;
        for (what, value) in [
            ("flipped", flipped),
            ("zero", vec![0; 32]),
            ("modulus", field.to_vec()),
            ("above", high),
        ] {
            let mut words = honest.clone();
            words[range.clone()].copy_from_slice(&value);
            if words == honest {
                continue;
            }
            let (native, contract) = verdicts(&words);
            assert!(!native, "word {word} {what}");
            let refusal = match contract {
                Err(EvmError::Refused(refusal, _)) => refusal,
                other => panic!("word {word} {what}: {other:?}"),
            };
            match (what, is_scalar(word)) {
                ("modulus" | "above", true) => assert_eq!(refusal, Refusal::Scalar { word }),
                (_, true) => assert_eq!(refusal, Refusal::Rejected),
                (_, false) => {
                    let at = Refusal::Point {
                        word: point_of(word),
                    };
                    assert!([at, Refusal::Pairing, Refusal::Rejected].contains(&refusal));
                }
            }
        }
    }
}

/// Points that are points, but not the right ones: exchanged, zero, negated.
#[test]
fn both_verifiers_agree_on_swapped_and_zero_points() {
    let honest = world().proof.to_bytes();
    let points: Vec<usize> = (10..36)
        .step_by(2)
        .filter(|w| !(24..28).contains(w))
        .collect();
    let point = |words: &[u8], at: usize| words[32 * at..32 * (at + 2)].to_vec();
    for (index, at) in points.iter().enumerate() {
        for other in &points[index + 1..] {
            let mut words = honest.clone();
            words[32 * at..32 * (at + 2)].copy_from_slice(&point(&honest, *other));
            words[32 * other..32 * (other + 2)].copy_from_slice(&point(&honest, *at));
            let (native, contract) = verdicts(&words);
            assert!(!native && contract.is_err(), "words {at} and {other}");
        }
        let mut words = honest.clone();
        words[32 * at..32 * (at + 2)].fill(0);
        let (native, contract) = verdicts(&words);
        assert!(!native && contract.is_err(), "zero at {at}");
    }
    let mut words = honest;
    words[32 * 24..32 * 28].fill(0);
    let (native, contract) = verdicts(&words);
    assert!(!native && contract.is_err(), "zero for B");
}

/// Another aggregator, deployment, prior state, data: c is another, and the proof is none for it.
#[test]
fn a_proof_cannot_be_replayed() {
    let World { keys, proof, .. } = world();
    for word in 0..10 {
        let mut words = proof.to_bytes();
        words[32 * word + 31] ^= 4;
        let replayed = SettlementProof::from_bytes(&words).expect("scalars");
        assert_eq!(
            verify(&keys.verifying, &replayed),
            Err(SettlementError::Groth16(VerifyError::Equation))
        );
    }
}

/// A witness that satisfies the circuit but does not open the commitments: the attack that the opening stops.
#[test]
fn a_value_that_the_commitments_do_not_open_to_is_refused() {
    let World { keys, proof, .. } = world();
    let mut forged = proof.clone();
    forged.quotient = proof.public.parts().1[0];
    assert_eq!(
        verify(&keys.verifying, &forged),
        Err(SettlementError::Opening)
    );
}

#[test]
fn a_batch_that_does_not_verify_is_not_wrapped() {
    let World { params, batch, .. } = world();
    let mut forged = batch.clone();
    forged.proof.state_chain.w[5] += Fr::one();
    assert!(DeciderInput::new(params, &forged, AGGREGATOR).is_err());
}

#[test]
fn key_files_that_changed_are_refused_in_one_sentence() {
    let World {
        params,
        keys,
        wrapper,
        ..
    } = world();
    assert!(wrapper.check_keys(keys).is_ok());
    let folder = tempfile::tempdir().expect("a folder");
    assert!(matches!(
        find_keys(folder.path()),
        Err(KeysFileError::None { .. })
    ));
    let path = write_keys(folder.path(), keys).expect("written");
    let read = read_keys(&path, params.digest()).expect("read");
    assert_eq!(read.verifying, keys.verifying);
    assert!(read.proving == keys.proving);

    let other = notefold_folding::step::ParamsDigest::new([1; 32]);
    let refused = |error: Result<DeciderKeys, KeysFileError>| match error {
        Ok(_) => panic!("read"),
        Err(error) => error.to_string(),
    };
    assert!(refused(read_keys(&path, other)).contains("make them with `notefold setup`"));

    let bytes = fs::read(&path).expect("the file");
    let mut changed = bytes.clone();
    changed[bytes.len() / 2] ^= 1;
    fs::write(&path, &changed).expect("written");
    let text = refused(read_keys(&path, params.digest()));
    assert!(
        text.contains("make it again with `notefold setup`"),
        "{text}"
    );
    fs::write(&path, &bytes[..bytes.len() - 100]).expect("written");
    let text = refused(read_keys(&path, params.digest()));
    assert!(
        text.contains("make it again with `notefold setup`"),
        "{text}"
    );
    fs::write(&path, b"something else").expect("written");
    let text = refused(read_keys(&path, params.digest()));
    assert!(text.contains("expected a file of decider keys"), "{text}");
    let renamed = folder.path().join("00.decider");
    fs::write(&renamed, &bytes).expect("written");
    let text = refused(read_keys(&renamed, params.digest()));
    assert!(text.contains("make it again"), "{text}");
}

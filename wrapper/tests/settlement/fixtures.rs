//! Real settlements for the tests of the contracts: written on demand, and checked here to be those of this circuit.

use super::{FoldingParams, Wrapper, generate_insecure, keys};
use notefold_folding::{
    batch::{OpenBatch, ProvenBatch},
    commitment_key::DEVELOPMENT_SEED,
    curves::to_be_bytes,
    keys::{Seed, SpendingKey},
    note::Asset,
    state::State,
    step::{Deployment, DepositId, InputNote, Recipient, Step, StepBuilder, StepStatement},
    testing::{Scenario, SingleProof, checked},
};
use notefold_wrapper::{
    decider::DeciderInput, evm::Chain, keys::DeciderKeys, public_values::Address,
    settlement::SettlementProof, single::SingleProver, verify, wrap::WrapTimes,
};
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, SeedableRng};
use serde_json::{Value, json};
use std::{fs, path::PathBuf};

const CHAIN_ID: u64 = 31_337;
const DEPLOYER: [u8; 20] = *b"notefold's deployer.";
const DEPOSITOR: [u8; 20] = *b"notefold's depositor";
const RECIPIENT: [u8; 20] = *b"notefold's recipient";
const FIRST: [u8; 20] = *b"the first aggregator";
const SECOND: [u8; 20] = *b"the other aggregator";

fn folder() -> PathBuf {
    PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../contracts/test/fixtures"
    ))
}

fn hex0x(bytes: impl AsRef<[u8]>) -> String {
    format!("0x{}", hex::encode(bytes))
}

/// A chain of batches, and who has which notes.
struct Story<'a> {
    params: &'a FoldingParams,
    wrapper: &'a Wrapper,
    keys: &'a DeciderKeys,
    rng: ChaCha20Rng,
    rollup: [u8; 20],
    token: [u8; 20],
    alice: SpendingKey,
    bob: SpendingKey,
    batches: serde_json::Map<String, Value>,
}

impl Story<'_> {
    fn deployment(&self) -> Deployment {
        Deployment::new(CHAIN_ID, self.rollup)
    }

    fn builder(&self, state: &State, asset: [u8; 20]) -> StepBuilder {
        StepBuilder::new(self.deployment(), state.notes().root(), Asset::new(asset))
    }

    /// Alice deposits an amount as two notes.
    fn deposit(&mut self, state: &State, asset: [u8; 20], nonce: u8, notes: [u64; 2]) -> Step {
        let mut wide = [0; 12];
        wide[11] = nonce;
        let to = self.alice.address();
        self.builder(state, asset)
            .deposit(
                DepositId::new(DEPOSITOR, wide),
                (notes[0] + notes[1]).into(),
            )
            .pay(to, notes[0].into())
            .pay(to, notes[1].into())
            .build(&self.alice, &mut self.rng)
            .expect("a deposit")
    }

    /// Folds and wraps steps, records the settlement, and returns the state after it.
    fn settle(&mut self, name: &str, state: &State, aggregator: [u8; 20], steps: &[Step]) -> State {
        eprintln!("{name} …");
        let mut batch = OpenBatch::open(self.params, self.deployment(), state.clone());
        for step in steps {
            batch
                .push(self.params, &checked(self.params.step(), step))
                .expect("a step of this state");
        }
        let closed = batch.close(self.params).expect("not empty");
        let after = closed.after().clone();
        let proven = closed.prover().finish(self.params).expect("proven");
        let proof = self.wrap(&proven, aggregator);
        let words: Vec<String> = proof.words().iter().map(hex0x).collect();
        let data: Vec<u8> = proven
            .data
            .iter()
            .flat_map(StepStatement::published)
            .collect();
        self.batches.insert(
            name.to_owned(),
            json!({
                "aggregator": hex0x(aggregator),
                "stateBefore": proven.statement.before.root().to_string(),
                "stateAfter": proven.statement.after.root().to_string(),
                "dataDigest": hex0x(to_be_bytes(&proven.statement.data_digest)),
                "steps": proven.data.len(),
                "words": words,
                "data": hex0x(data),
                "deposits": deposits(&proven.data),
            }),
        );
        after
    }

    fn wrap(&self, batch: &ProvenBatch, aggregator: [u8; 20]) -> SettlementProof {
        let input =
            DeciderInput::new(self.params, batch, Address(aggregator)).expect("a valid batch");
        let times = &mut WrapTimes::default();
        self.wrapper
            .prove(self.params, self.keys, &input, &mut OsRng, times)
            .expect("a proof")
    }

    /// Alice's notes of a step at a position.
    fn notes(&self, state: &State, step: &Step, position: u32) -> Vec<InputNote> {
        (position..)
            .zip(step.statement.received_by(&self.alice))
            .map(|(position, note)| InputNote {
                note: note.expect("Alice's own note"),
                path: state.notes().path(position),
            })
            .collect()
    }
}

fn deposits(data: &[StepStatement]) -> Vec<Value> {
    let of = |step: &StepStatement| {
        let DepositId(id) = step.external.deposit?;
        Some(json!({
            "nonce": id[31],
            "asset": hex0x(step.asset.bytes()),
            "amount": step.public_in.amount(),
            "commitments": hex0x(step.commitments_hash()),
        }))
    };
    data.iter().filter_map(of).collect()
}

/// A token and ether are deposited and settled; a transfer, a withdrawal and a deposit are settled by one aggregator while
/// another has a batch against the same state, which it folds again on the new one.
#[test]
#[ignore = "writes contracts/test/fixtures; minutes"]
fn write() {
    let params = &FoldingParams::new(generate_insecure(17, DEVELOPMENT_SEED)).expect("long enough");
    params.tabulate();
    let wrapper = &Wrapper::new(params);
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    let [alice, bob] = [(); 2].map(|()| SpendingKey::from_seed(&Seed::random(&mut rng)));
    let mut story = Story {
        params,
        wrapper,
        keys: &keys(params, wrapper),
        rng,
        rollup: Chain::new(CHAIN_ID).contract_of(DEPLOYER, 2),
        token: Chain::new(CHAIN_ID).contract_of(DEPLOYER, 3),
        alice,
        bob,
        batches: serde_json::Map::new(),
    };
    let (ether, token) = ([0; 20], story.token);
    let genesis = State::genesis();
    let first = story.deposit(&genesis, ether, 1, [100, 50]);
    let second = story.deposit(&genesis, token, 2, [4_000, 1_000]);
    let state = story.settle(
        "deposits",
        &genesis,
        FIRST,
        &[first.clone(), second.clone()],
    );

    let (ethers, tokens) = (
        story.notes(&state, &first, 0),
        story.notes(&state, &second, 2),
    );
    let mut payment = story.builder(&state, ether);
    for note in ethers {
        payment = payment.spend(note);
    }
    let payment = payment
        .pay(story.bob.address(), 120.into())
        .pay(story.alice.address(), 7.into())
        .withdraw(Recipient(RECIPIENT), 20.into())
        .fee(3.into())
        .build(&story.alice, &mut story.rng)
        .expect("a payment");
    let mut transfer = story.builder(&state, token);
    for note in tokens {
        transfer = transfer.spend(note);
    }
    let transfer = transfer
        .pay(story.bob.address(), 4_990.into())
        .fee(10.into())
        .build(&story.alice, &mut story.rng)
        .expect("a transfer");
    let third = story.deposit(&state, ether, 3, [9, 1]);
    let after = story.settle("payments", &state, FIRST, &[payment, transfer]);
    story.settle("collision", &state, SECOND, std::slice::from_ref(&third));
    story.settle("refolded", &after, SECOND, &[third]);

    let fixture = json!({
        "chainId": CHAIN_ID,
        "deployer": hex0x(DEPLOYER),
        "depositor": hex0x(DEPOSITOR),
        "recipient": hex0x(RECIPIENT),
        "rollup": hex0x(story.rollup),
        "token": hex0x(story.token),
        "genesisState": genesis.root().to_string(),
        "keyDigest": hex0x(story.keys.verifying.digest()),
        "batches": story.batches,
    });
    put("settlements.json", &fixture);
}

/// Two steps against one root, each with a proof of its own, and the key in Solidity.
#[test]
#[ignore = "writes contracts/test/fixtures"]
fn write_single_proofs() {
    let prover = SingleProver::generate_insecure(DEVELOPMENT_SEED).expect("keys");
    let mut scenario = Scenario::new(12);
    let notes = scenario.state.notes().clone();
    let steps = [scenario.transfer(), scenario.deposit(5)];
    let proofs = steps.map(|step| {
        let single = SingleProof::new(&mut notes.clone(), &step);
        let words = prover.prove(&single, &mut OsRng).expect("a proof");
        json!({
            "proof": words.map(hex0x),
            "public": single.public().map(|value| hex0x(to_be_bytes(&value))),
            "publicIn": step.statement.public_in.amount(),
            "publicOut": step.statement.public_out.amount(),
            "fee": step.statement.fee.amount(),
            "external": hex0x(step.statement.external.to_bytes()),
        })
    });
    let fixture = json!({
        "root": notes.root().to_string(),
        "count": notes.count(),
        "constraints": prover.constraints(),
        "proofs": proofs,
    });
    put("single-proofs.json", &fixture);
    let key = folder().join("../baseline/NotePoolKey.sol");
    fs::write(key, prover.solidity_constants()).expect("written");
}

fn put(name: &str, fixture: &Value) {
    let mut text = serde_json::to_string_pretty(fixture).expect("JSON");
    text.push('\n');
    fs::create_dir_all(folder()).expect("the folder");
    fs::write(folder().join(name), text).expect("written");
}

fn read() -> Value {
    let path = folder().join("settlements.json");
    let text = fs::read_to_string(path).expect("the fixtures");
    serde_json::from_str(&text).expect("JSON")
}

/// The stored settlement proofs, by name.
pub(super) fn stored() -> Vec<(String, Vec<u8>)> {
    let bytes = |batch: &Value| {
        let words = batch["words"].as_array().expect("words");
        let word = |word: &Value| word.as_str().expect("a word")[2..].to_owned();
        hex::decode(words.iter().map(word).collect::<String>()).expect("hexadecimal")
    };
    let fixture = read();
    let batches = fixture["batches"].as_object().expect("batches");
    batches
        .iter()
        .map(|(name, batch)| (name.clone(), bytes(batch)))
        .collect()
}

#[test]
fn settlements_of_the_contract_tests_are_of_this_circuit() {
    let fixture = read();
    let keys = &super::world().keys.verifying;
    assert_eq!(fixture["keyDigest"], hex0x(keys.digest()));
    let mut chain = Chain::new(CHAIN_ID);
    for (name, ahead) in [("rollup", 2), ("token", 3)] {
        assert_eq!(fixture[name], hex0x(chain.contract_of(DEPLOYER, ahead)));
    }
    assert_eq!(fixture["genesisState"], State::genesis().root().to_string());
    for (name, words) in stored() {
        let proof = SettlementProof::from_bytes(&words).expect("a proof");
        assert_eq!(verify(keys, &proof), Ok(()), "{name}");
    }
}

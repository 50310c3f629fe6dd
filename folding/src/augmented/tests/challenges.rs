//! Challenges: what they depend on, and that there is one for a digest.

use super::*;
use crate::{
    augmented::gadgets,
    curves::{Commitment, G1Affine},
    poseidon::Wire,
    transcript,
};
use ff::PrimeField;
use nova_snark::frontend::ConstraintSystem;

fn generator() -> Commitment {
    Commitment::new(G1Affine::generator().into())
}

/// A cross term or an instance other than the absorbed one draws another challenge.
#[test]
fn challenges_depend_on_everything_absorbed() {
    let names = [
        "note fold/rho/r",
        "note fold/r/r",
        "augmented fold/r/r",
        "group operations/U_A/r/r",
    ];
    let values = |cs: &NamedCs| names.map(|name| cs.get(name));
    let before = values(&note_circuit(&honest_notes(1)));
    let changed = |change: fn(&mut NoteInput)| {
        let mut input = honest_notes(1);
        change(&mut input);
        let after = values(&note_circuit(&input));
        std::array::from_fn::<bool, 4, _>(|index| before[index] != after[index])
    };
    assert_eq!(
        changed(|i| i.note.incoming.comm_t0 = generator()),
        [true, true, false, true]
    );
    assert_eq!(
        changed(|i| i.note.comm_t1 = G1Affine::generator()),
        [false, true, false, true]
    );
    assert_eq!(
        changed(|i| i.previous.comm_previous = G1Affine::generator()),
        [false, false, true, true]
    );
    // A false result is absorbed before the challenge that folds it.
    for result in 0..5 {
        let mut input = honest_notes(1);
        input.note.results[result] = G1Affine::generator();
        let after = values(&note_circuit(&input));
        assert_eq!(before[..3], after[..3]);
        assert_ne!(before[3], after[3]);
    }
    assert_eq!(
        changed(|i| i.previous.augmented.u += Fr::ONE),
        [false, false, true, true]
    );
}

/// The other decomposition of a small digest, digest + r, would be a second challenge to choose from.
#[test]
fn challenges_come_from_the_reduced_digest() {
    let lowest_refused = Fr::from_repr({
        let mut repr: [u8; 32] = (-Fr::ONE).to_repr().into();
        repr[..16].fill(0);
        repr.into()
    })
    .expect("below r");
    for digest in [Fr::from(5), lowest_refused - Fr::ONE, Fr::ZERO] {
        let mut cs = NamedCs::new();
        let wire = Wire::alloc(&mut cs, "digest", Some(digest)).expect("a value");
        let challenge = gadgets::challenge(&mut cs, &wire).expect("a witness");
        assert_eq!(cs.unsatisfied(), Vec::<&str>::new());
        assert_eq!(
            challenge.value.value(),
            Some(transcript::challenge(&digest))
        );
    }
    // The 2^128 digests next to r are refused, which is what makes the bound cheap.
    for digest in [lowest_refused, -Fr::ONE] {
        let mut cs = NamedCs::new();
        let wire = Wire::alloc(&mut cs, "digest", Some(digest)).expect("a value");
        gadgets::challenge(&mut cs, &wire).expect("a witness");
        assert_eq!(cs.unsatisfied(), ["reduced/no bit above the bound"]);
    }
    // 5 + r, from r − 1 and 6.
    let mut bytes: [u8; 32] = (-Fr::ONE).to_repr().into();
    let mut carry = 6u16;
    for byte in &mut bytes {
        carry += u16::from(*byte);
        *byte = carry.to_le_bytes()[0];
        carry >>= 8;
    }
    let mut cs = NamedCs::new();
    let wire = Wire::alloc(&mut cs, "value", Some(Fr::from(5))).expect("a value");
    gadgets::challenge(&mut cs, &wire).expect("a witness");
    let mut prefix = Fr::ONE;
    for index in (0..254).rev() {
        let bit = Fr::from(u64::from((bytes[index / 8] >> (index % 8)) & 1));
        cs.set(&format!("digest/bit {index}/bit"), bit);
        let name = format!("reduced/bit {}/equal so far", index.wrapping_sub(128));
        if index >= 128 && cs.contains(&name) {
            prefix *= bit;
            cs.set(&name, prefix);
        }
    }
    let failed = cs.unsatisfied();
    assert!(!failed.contains(&"digest/sum of bits"), "{failed:?}");
    assert!(
        failed
            .iter()
            .any(|name| name.ends_with("no bit above the bound")),
        "{failed:?}"
    );
}

//! Known answers from circomlibjs and light-poseidon; native equals gadget.

use super::*;
use crate::testing::NamedCs;
use ff::{FromUniformBytes, PrimeField};
use light_poseidon::{Poseidon as Reference, PoseidonBytesHasher};
use nova_snark::frontend::ConstraintSystem;
use proptest::prelude::*;
use serde_json::Value;

fn element() -> impl Strategy<Value = Fr> {
    any::<[u8; 32]>().prop_map(|half| {
        let mut wide = [0u8; 64];
        wide[..32].copy_from_slice(&half);
        wide[32..].copy_from_slice(&half);
        Fr::from_uniform_bytes(&wide)
    })
}

#[test]
fn known_answers_of_circomlibjs() {
    let text = include_str!("../../../tests/vectors/poseidon.json");
    let file: Value = serde_json::from_str(text).expect("the vector file is JSON");
    let vectors = file["vectors"].as_array().expect("vectors");
    assert_eq!(vectors.len(), 3 * MAX_INPUTS);
    let parse = |v: &Value| Fr::from_str_vartime(v.as_str().expect("decimal")).expect("element");
    for vector in vectors {
        let inputs: Vec<Fr> = vector["inputs"]
            .as_array()
            .expect("inputs")
            .iter()
            .map(parse)
            .collect();
        assert_eq!(
            hash(&inputs),
            parse(&vector["output"]),
            "{} inputs",
            inputs.len()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn equals_light_poseidon(inputs in prop::collection::vec(element(), 1..=12)) {
        let bytes: Vec<[u8; 32]> = inputs.iter().map(crate::curves::to_be_bytes).collect();
        let slices: Vec<&[u8]> = bytes.iter().map(<[u8; 32]>::as_slice).collect();
        let mut reference =
            Reference::<ark_bn254::Fr>::new_circom(inputs.len()).expect("a supported width");
        let expected = reference.hash_bytes_be(&slices).expect("a digest");
        prop_assert_eq!(crate::curves::to_be_bytes(&hash(&inputs)), expected);
    }

    #[test]
    fn native_equals_gadget(inputs in prop::collection::vec(element(), 1..=MAX_INPUTS)) {
        let mut cs = NamedCs::new();
        let wires: Vec<Wire> = inputs
            .iter()
            .enumerate()
            .map(|(i, value)| {
                let mut cs = cs.namespace(|| format!("input {i}"));
                Wire::alloc(&mut cs, "value", Some(*value)).expect("an input")
            })
            .collect();
        let digest = hash_gadget(&mut cs, &wires).expect("synthesis");
        prop_assert_eq!(digest.value(), Some(hash(&inputs)));
        let claimed = Wire::alloc(&mut cs, "digest", Some(hash(&inputs))).expect("an output");
        digest.enforce_equal(&mut cs, "digest", &claimed);
        prop_assert!(cs.unsatisfied().is_empty());
        cs.set("digest", hash(&inputs) + Fr::ONE);
        prop_assert_eq!(cs.unsatisfied(), ["digest"]);
    }
}

#[test]
fn constants_are_folded_into_the_first_round() {
    let count = |tagged: bool| {
        let mut cs = NamedCs::new();
        let first = if tagged {
            Wire::constant::<NamedCs>(Fr::from(7))
        } else {
            Wire::alloc(&mut cs, "first", Some(Fr::from(7))).expect("an input")
        };
        let second = Wire::alloc(&mut cs, "second", Some(Fr::from(8))).expect("an input");
        hash_gadget(&mut cs, &[first, second]).expect("synthesis");
        cs.num_constraints()
    };
    // t = 3: 3·(8·3 + 57) = 243, less 3 for element 0, less 3 for a constant tag.
    assert_eq!(count(false), 240);
    assert_eq!(count(true), 237);
}

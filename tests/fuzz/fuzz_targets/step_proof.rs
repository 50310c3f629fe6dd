//! Step proofs: whatever decodes encodes to the same bytes, and verifying it does not panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use notefold_folding::{
    step::{Mask, StepProof, prove, verify},
    testing::{Scenario, development_params},
};
use std::sync::LazyLock;

/// A valid message. Inputs are written over its front, so that the fuzzer need not find 400 KB of scalars.
static VALID: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let params = development_params();
    let mut scenario = Scenario::new(1);
    let step = scenario.transfer();
    let mask = Mask::random(&params, &mut scenario.rng);
    prove(&params, &step, mask, &mut scenario.rng).expect("an honest step").to_bytes()
});

fuzz_target!(|data: &[u8]| {
    let params = development_params();
    let front = data.len().min(VALID.len());
    let patched = [&data[..front], &VALID[front..]].concat();
    let mut signed = VALID.clone();
    for (byte, change) in signed.iter_mut().zip(data) {
        *byte ^= change;
    }
    for bytes in [data, &patched, &signed] {
        if let Ok(proof) = StepProof::from_bytes(&params, bytes) {
            assert_eq!(proof.to_bytes(), bytes);
            let _ = verify(&params, proof);
        }
    }
});

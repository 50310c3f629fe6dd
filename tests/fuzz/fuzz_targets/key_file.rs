//! Key files: anything is a key or a clear error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use notefold_folding::commitment_key::{decode_key, encode_key, generate_insecure};
use std::sync::LazyLock;

static VALID: LazyLock<Vec<u8>> = LazyLock::new(|| encode_key(&generate_insecure(2, "fuzz")));

fuzz_target!(|data: &[u8]| {
    let mut changed = VALID.clone();
    for (byte, change) in changed.iter_mut().zip(data) {
        *byte ^= change;
    }
    for bytes in [data, &changed] {
        for needed in [2, 4] {
            if let Ok(key) = decode_key(bytes, needed) {
                assert_eq!(key.len(), needed);
            }
        }
    }
});

//! Statements: whatever decodes encodes to the same bytes and has a hash.
#![no_main]

use libfuzzer_sys::fuzz_target;
use notefold_folding::step::StepStatement;

fuzz_target!(|data: &[u8]| {
    if let Ok(statement) = StepStatement::from_bytes(data) {
        assert_eq!(statement.to_bytes(), data);
        let _ = (statement.hash(), statement.check());
    }
});

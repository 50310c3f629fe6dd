//! The message: canonical, strict, and total on anything at all.

use crate::{
    encoding::DecodeError,
    step::{MAX_STEP_PROOF_BYTES, Mask, StepParams, StepProof, StepStatement, prove, verify},
    testing::{Scenario, development_params},
};
use proptest::prelude::*;
use std::sync::OnceLock;

fn valid() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
        let params = development_params();
        let mut s = Scenario::new(3);
        let step = s.transfer();
        let mask = Mask::random(&params, &mut s.rng);
        prove(&params, &step, mask, &mut s.rng)
            .expect("an honest step")
            .to_bytes()
    })
}

fn decode(bytes: &[u8]) -> Result<StepProof, DecodeError> {
    StepProof::from_bytes(&development_params(), bytes)
}

/// Offsets of the parts of a message whose step has a recipient and no deposit.
const STATEMENT: usize = 4 + 2 + 32;
const EXTERNAL: usize = STATEMENT + 6 * 32 + 8 + 8 + 20 + 8;
const HASH: usize = EXTERNAL + 1 + 20 + 82;
const POINTS: usize = HASH + 32;
const COUNT: usize = POINTS + 4 * 64 + 4 * 32;
const WITNESS: usize = COUNT + 4;

#[test]
fn round_trip_and_size() {
    let proof = decode(valid()).expect("a valid message");
    assert_eq!(proof.to_bytes(), valid());
    verify(&development_params(), proof).expect("an honest proof");
    assert_eq!(
        valid().len(),
        WITNESS + 32 * StepParams::circuit().num_vars()
    );
    assert_eq!(WITNESS - (HASH - STATEMENT), StepProof::FRAME_BYTES);
    assert!(valid().len() <= 420_000, "{} bytes", valid().len());
    assert!(valid().len() <= MAX_STEP_PROOF_BYTES);
}

#[test]
fn malformed_messages_are_named() {
    let change = |offset: usize, bytes: &[u8]| {
        let mut message = valid().to_vec();
        message[offset..offset + bytes.len()].copy_from_slice(bytes);
        decode(&message).expect_err("malformed")
    };
    assert_eq!(
        change(0, b"JUNK"),
        DecodeError::WrongMagic {
            expected: "step proof",
            got: "4a554e4b".into()
        }
    );
    assert_eq!(
        change(4, &[2, 0]),
        DecodeError::WrongVersion {
            what: "step proof",
            expected: 1,
            got: 2
        }
    );
    assert!(matches!(
        change(6, &[0; 32]),
        DecodeError::WrongParameters { .. }
    ));
    for (offset, what) in [
        (STATEMENT, "deployment"),
        (STATEMENT + 32, "anchor"),
        (STATEMENT + 64, "nullifier"),
        (STATEMENT + 5 * 32, "note commitment"),
        (HASH, "statement hash"),
        (POINTS, "mask's commitment to W"),
        (POINTS + 64, "mask's commitment to E"),
        (POINTS + 128, "commitment to the witness"),
        (POINTS + 192, "commitment to the cross term"),
        (POINTS + 256, "mask's u"),
        (POINTS + 288, "mask's public input"),
        (POINTS + 320, "folded blinding of W"),
        (POINTS + 352, "folded blinding of E"),
        (WITNESS, "folded witness"),
        (valid().len() - 32, "folded witness"),
    ] {
        match change(offset, &[0xff; 32]) {
            DecodeError::NonCanonicalScalar { what: got, .. } => assert_eq!(got, what),
            other => panic!("{what}: {other}"),
        }
    }
    assert!(matches!(
        change(POINTS, &[1]),
        DecodeError::NotOnCurve { .. }
    ));
    assert!(matches!(
        change(POINTS, &[0; 64]),
        DecodeError::PointAtInfinity { .. }
    ));
    assert!(matches!(
        change(EXTERNAL, &[4]),
        DecodeError::OutOfRange {
            what: "external flags",
            got: 4,
            ..
        }
    ));
    let vars = StepParams::circuit().num_vars();
    assert_eq!(
        change(COUNT, &u32::MAX.to_le_bytes()),
        DecodeError::WrongLength {
            what: "folded witness",
            expected: vars,
            got: u32::MAX as usize
        }
    );
}

#[test]
fn truncated_and_oversized_messages_are_named() {
    for length in [
        0,
        3,
        5,
        STATEMENT,
        EXTERNAL,
        HASH,
        POINTS,
        COUNT,
        WITNESS,
        valid().len() - 1,
    ] {
        assert!(
            matches!(
                decode(&valid()[..length]),
                Err(DecodeError::Truncated { .. })
            ),
            "{length} bytes"
        );
    }
    let longer = [valid(), &[0]].concat();
    assert_eq!(
        decode(&longer),
        Err(DecodeError::TrailingBytes {
            expected: valid().len(),
            got: valid().len() + 1
        })
    );
}

#[test]
fn statements_alone_round_trip() {
    let statement = Scenario::new(4).transfer().statement;
    assert_eq!(
        StepStatement::from_bytes(&statement.to_bytes()),
        Ok(statement)
    );
    let longer = [statement.to_bytes().as_slice(), &[0]].concat();
    assert!(matches!(
        StepStatement::from_bytes(&longer),
        Err(DecodeError::TrailingBytes { .. })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever decodes is canonical: it encodes to the same bytes. Nothing panics.
    #[test]
    fn mutated_messages_decode_canonically_or_not_at_all(
        cut in prop::option::of(0usize..2000),
        changes in prop::collection::vec((0usize..WITNESS + 400, any::<u8>()), 0..4),
    ) {
        let mut message = valid().to_vec();
        for (offset, byte) in changes {
            message[offset] ^= byte;
        }
        if let Some(cut) = cut {
            message.truncate(cut);
        }
        if let Ok(proof) = decode(&message) {
            prop_assert_eq!(proof.to_bytes(), message);
        }
    }

    #[test]
    fn mutated_statements_decode_canonically_or_not_at_all(
        changes in prop::collection::vec((0usize..360, any::<u8>()), 0..4),
        length in 0usize..420,
    ) {
        let mut bytes = Scenario::new(4).transfer().statement.to_bytes();
        for (offset, byte) in changes {
            if let Some(target) = bytes.get_mut(offset) {
                *target ^= byte;
            }
        }
        bytes.truncate(length);
        if let Ok(statement) = StepStatement::from_bytes(&bytes) {
            prop_assert_eq!(statement.to_bytes(), bytes);
        }
    }

    #[test]
    fn random_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(decode(&bytes).is_err());
    }
}

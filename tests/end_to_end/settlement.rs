//! From a folded batch to a settlement proof that the contract accepts, with the commands that a person would type.

use crate::world::{World, change_byte};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Keys of the decider, made once and kept for other tests: those that the committed contract is for.
fn decider_keys(world: &World) -> PathBuf {
    let constants = include_str!("../../contracts/src/verifier/DeciderKey.sol");
    let digest = constants
        .split("DIGEST = 0x")
        .nth(1)
        .and_then(|rest| rest.split(';').next())
        .expect("the digest");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("decider");
    let path = folder.join(format!("{digest}.decider"));
    if !path.exists() {
        let _ = fs::remove_dir_all(&folder);
        let out = folder.to_str().expect("text");
        let made = world.ok(&["setup", "--out", out]);
        assert!(made.contains("INSECURE"), "{made}");
    }
    assert!(path.exists(), "the committed contract is for other keys");
    path
}

#[test]
fn a_batch_is_wrapped_and_verified_in_an_evm() {
    let world = World::with_seed("notefold development", "17");
    let keys = decider_keys(&world);
    let keys = keys.to_str().expect("text");
    world.ok(&[
        "step",
        "prove",
        "--key",
        "alice.key",
        "--deposit",
        "7",
        "--out",
        "a.step",
    ]);
    world.ok(&["fold", "--out", "batch.proof", "a.step"]);
    let aggregator = "0x00000000000000000000000000000000000000aa";
    let wrap = |out: &'static str, batch: &'static str| {
        [
            "wrap",
            "--decider",
            keys,
            "--aggregator",
            aggregator,
            "--out",
            out,
            batch,
        ]
    };
    let wrapped = world.ok(&wrap("settlement.proof", "batch.proof"));
    assert!(wrapped.contains("1252 bytes"), "{wrapped}");
    let verify = ["verify-settlement", "--decider", keys, "settlement.proof"];
    let verified = world.ok(&verify);
    assert!(
        verified.contains("natively    valid") && verified.contains("gas for the transaction"),
        "{verified}"
    );

    // Not written over, not made without keys, not made of a batch that does not verify.
    let again = world.err(&wrap("settlement.proof", "batch.proof"));
    assert!(again.contains("expected no such file"), "{again}");
    let without = world.err(&[
        "wrap",
        "--aggregator",
        aggregator,
        "--out",
        "other.proof",
        "batch.proof",
    ]);
    assert!(
        without.contains("make one with `notefold setup`"),
        "{without}"
    );
    change_byte(&world.path("batch.proof"), 1_000_000);
    let forged = world.err(&wrap("other.proof", "batch.proof"));
    assert!(
        forged.contains("state chain: expected the witness"),
        "{forged}"
    );

    // Another aggregator's address in the proof: the last byte of word 7.
    change_byte(&world.path("settlement.proof"), 8 * 32 - 1);
    let replayed = world.err(&verify);
    assert!(replayed.contains("expected e(A, B)"), "{replayed}");
}

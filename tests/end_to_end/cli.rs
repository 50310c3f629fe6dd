//! The command line as a person uses it: files in, files out, clear errors.

mod settlement;
mod world;

use std::{fs, process::Command};
use world::{World, change_byte};

#[test]
fn two_wallets_pay_each_other() {
    let world = World::new();
    assert!(world.list("alice.key").contains("no notes"));
    world.deposit("alice.key", "100", "d1.step");
    world.deposit("alice.key", "50", "d2.step");
    assert!(world.list("alice.key").contains("balance  150 ether"));

    let pay = world.bob("120");
    world.ok(&[
        "step",
        "prove",
        "--key",
        "alice.key",
        "--pay",
        &pay,
        "--fee",
        "3",
        "--out",
        "p.step",
    ]);
    assert!(world.ok(&["step", "verify", "p.step"]).starts_with("valid"));
    let pay = world.bob("149");
    world.ok(&[
        "step",
        "prove",
        "--key",
        "alice.key",
        "--pay",
        &pay,
        "--out",
        "double.step",
    ]);
    world.ok(&["note", "accept", "p.step"]);
    assert!(world.list("alice.key").contains("balance  27 ether"));
    assert!(world.list("bob.key").contains("balance  120 ether"));

    // The double spend is a valid proof, and is refused for its nullifiers; nothing changes.
    world.ok(&["step", "verify", "double.step"]);
    let refused = world.err(&["note", "accept", "double.step"]);
    assert!(
        refused.contains("double.step: expected a nullifier that is not spent"),
        "{refused}"
    );
    assert!(world.list("bob.key").contains("balance  120 ether"));

    let recipient = "0x00000000000000000000000000000000000000b0";
    let withdraw = [
        "step",
        "prove",
        "--key",
        "bob.key",
        "--withdraw",
        "20",
        "--recipient",
        recipient,
    ];
    world.ok(&[&withdraw[..], &["--out", "w.step"]].concat());
    world.ok(&["note", "accept", "w.step"]);
    assert!(world.list("bob.key").contains("balance  100 ether"));
}

#[test]
fn a_batch_with_a_bad_step_changes_nothing() {
    let world = World::new();
    for (amount, out) in [("1", "a.step"), ("2", "b.step")] {
        world.ok(&[
            "step",
            "prove",
            "--key",
            "alice.key",
            "--deposit",
            amount,
            "--out",
            out,
        ]);
    }
    fs::copy(world.path("b.step"), world.path("bad.step")).expect("copied");
    change_byte(&world.path("bad.step"), 9_000);

    let refused = world.err(&["note", "accept", "a.step", "bad.step"]);
    assert!(
        refused.contains("bad.step: expected the folded witness"),
        "{refused}"
    );
    let twice = world.err(&["note", "accept", "a.step", "b.step", "a.step"]);
    assert!(
        twice.contains("a.step: expected a nullifier that is not spent"),
        "{twice}"
    );
    assert!(world.list("alice.key").contains("no notes"));

    let verdicts = world.err(&["step", "verify", "a.step", "bad.step", "b.step"]);
    assert!(verdicts.contains("valid    a.step"), "{verdicts}");
    assert!(verdicts.contains("refused  bad.step"), "{verdicts}");
    assert!(verdicts.contains("valid    b.step"), "{verdicts}");
    assert!(
        verdicts.contains("expected 3 valid steps, got 1 that are refused"),
        "{verdicts}"
    );
    world.ok(&["note", "accept", "a.step", "b.step"]);
    assert!(world.list("alice.key").contains("balance  3 ether"));
}

#[test]
fn bad_input_is_a_clear_error() {
    let world = World::new();
    world.deposit("alice.key", "10", "d.step");
    let says = |args: &[&str], expected: &str| {
        let message = world.err(args);
        assert!(message.contains(expected), "{args:?}: {message}");
    };
    let (much, few) = (world.bob("11"), world.bob("x"));
    let prove = ["step", "prove", "--out", "o.step", "--key"];
    let with = |rest: &[&'static str]| [&prove[..], rest].concat();
    says(
        &[&prove[..], &["alice.key", "--pay", &much]].concat(),
        "at least 11 ether, got 10",
    );
    says(
        &[&prove[..], &["alice.key", "--pay", &few]].concat(),
        "expected a whole number",
    );
    says(&with(&["alice.key", "--pay", "notefold1qqq=5"]), "bech32m");
    says(&with(&["alice.key", "--withdraw", "5"]), "--recipient");
    says(&with(&["nobody.key"]), "nobody.key");
    says(
        &["keys", "new", "--out", "alice.key"],
        "it is not overwritten",
    );
    says(
        &["step", "prove", "--key", "alice.key", "--out", "d.step"],
        "it is not overwritten",
    );
    says(&["note", "init"], "it is not overwritten");
    says(
        &["note", "list", "--state", "none", "--key", "alice.key"],
        "notefold note init",
    );
    says(
        &["params", "show", "--params", "none"],
        "notefold params generate",
    );
    says(
        &["params", "import", "alice.key"],
        "the first bytes are not \"ptau\"",
    );

    let proof = fs::read(world.path("d.step")).expect("a proof");
    fs::write(world.path("short.step"), &proof[..proof.len() - 1]).expect("written");
    says(&["step", "verify", "short.step"], "more bytes, got");
    fs::write(world.path("long.step"), [&proof[..], &[0]].concat()).expect("written");
    says(
        &["step", "verify", "long.step"],
        "expected the encoding to end after",
    );
    fs::write(world.path("huge.step"), vec![0; 600_000]).expect("written");
    says(
        &["step", "verify", "huge.step"],
        "expected at most 524288 bytes, got 600000",
    );
    fs::write(world.path("junk.step"), "junk").expect("written");
    says(&["step", "verify", "junk.step"], "expected step proof");
}

#[test]
fn other_parameters_and_other_deployments_are_refused() {
    let world = World::new();
    world.ok(&[
        "step",
        "prove",
        "--key",
        "alice.key",
        "--deposit",
        "1",
        "--out",
        "d.step",
    ]);
    world.ok(&[
        "params", "generate", "--seed", "another", "--out", "other", "--power", "14",
    ]);
    let refused = world.err(&["step", "verify", "--params", "other", "d.step"]);
    assert!(
        refused.contains("an object made for parameters"),
        "{refused}"
    );

    world.ok(&["note", "init", "--state", "elsewhere", "--chain-id", "1"]);
    let refused = world.err(&["note", "accept", "--state", "elsewhere", "d.step"]);
    assert!(
        refused.contains("expected a step for deployment"),
        "{refused}"
    );
}

#[test]
fn damaged_keys_are_refused_and_the_development_mark_is_loud() {
    let world = World::new();
    let shown = world.run(&["params", "show"]);
    assert!(String::from_utf8_lossy(&shown.stderr).contains("INSECURE development key"));
    let file = fs::read_dir(world.path("params"))
        .expect("a folder")
        .next()
        .expect("a key");
    let file = file.expect("a key").path();
    change_byte(&file, 5_000);
    let refused = world.err(&["params", "show"]);
    assert!(refused.contains("expected a file with digest"), "{refused}");
}

/// Steps go in, what does not belong is named, the process is killed, another goes on, and the proof is checked.
#[test]
fn a_batch_is_folded_across_a_kill_and_verified() {
    let world = World::with_key("17");
    world.deposit("alice.key", "100", "first.step");
    let bob = world.bob("60");
    let prove = |out: &str, more: &[&str]| {
        let mut args = vec!["step", "prove", "--key", "alice.key", "--out", out];
        args.extend_from_slice(more);
        world.ok(&args);
    };
    prove("a.step", &["--pay", &bob]);
    prove("b.step", &["--deposit", "7"]);
    prove("double.step", &["--pay", &bob]);
    prove("c.step", &["--deposit", "8"]);
    fs::copy(world.path("c.step"), world.path("bad.step")).expect("copied");
    change_byte(&world.path("bad.step"), 9_000);
    fs::write(world.path("junk.step"), "junk").expect("written");
    let fold = [
        "fold",
        "--out",
        "batch.proof",
        "--checkpoint",
        "batch.checkpoint",
        "--settle",
    ];
    let steps = [
        "a.step",
        "b.step",
        "double.step",
        "bad.step",
        "junk.step",
        "c.step",
    ];

    // Kill the first process as soon as there is a checkpoint, wherever it is then.
    let mut child = Command::new(env!("CARGO_BIN_EXE_notefold"))
        .current_dir(world.folder.path())
        .env_remove("NOTEFOLD_PARAMS")
        .args(fold)
        .args(steps)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the binary runs");
    while !world.path("batch.checkpoint").exists() {
        assert!(
            child.try_wait().expect("a child").is_none(),
            "still proving"
        );
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().expect("killed");
    let said = child.wait_with_output().expect("output").stdout;
    let said = String::from_utf8(said).expect("text");
    for line in [
        "taken   a.step",
        "taken   b.step",
        "refused double.step: expected a nullifier that is not spent",
        "refused bad.step: expected the folded witness and blinding to open",
        "refused junk.step: expected step proof",
        "taken   c.step",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(!world.path("batch.proof").exists());

    // A damaged checkpoint is refused and stays.
    let checkpoint = fs::read(world.path("batch.checkpoint")).expect("a checkpoint");
    change_byte(&world.path("batch.checkpoint"), 100_000);
    let damaged = fs::read(world.path("batch.checkpoint")).expect("a checkpoint");
    let refused = world.err(&fold);
    assert!(
        refused.contains("got a damaged one; the file is left as it is"),
        "{refused}"
    );
    assert_eq!(fs::read(world.path("batch.checkpoint")).ok(), Some(damaged));

    fs::write(world.path("batch.checkpoint"), checkpoint).expect("written");
    let resumed = world.ok(&fold);
    assert!(
        resumed.contains("of 6 steps of the two chains are proven"),
        "{resumed}"
    );
    assert!(!world.path("batch.checkpoint").exists());
    let verified = world.ok(&["verify", "batch.proof"]);
    assert!(
        verified.contains("steps   3") && verified.contains("valid"),
        "{verified}"
    );
    assert!(world.list("bob.key").contains("balance  60 ether"));

    // The state has moved on: the same steps do not fold again, and the proof is not overwritten.
    let again = world.err(&["fold", "--out", "batch.proof", "a.step"]);
    assert!(again.contains("expected no such file"), "{again}");
    let again = world.err(&["fold", "--out", "again.proof", "a.step"]);
    assert!(
        again.contains("expected a nullifier that is not spent")
            && again.contains("expected at least one step that belongs into the batch"),
        "{again}"
    );
    change_byte(&world.path("batch.proof"), 1_000_000);
    let refused = world.err(&["verify", "batch.proof"]);
    assert!(
        refused.contains("state chain: expected the witness"),
        "{refused}"
    );
}

/// Machine-readable output is JSON and nothing else, with the documented names in the documented order.
#[test]
fn the_benchmark_reports_what_its_page_documents() {
    let page = include_str!("../../specs/benchmarks.md");
    let source = include_str!("../../aggregator/src/bench/step.rs");
    let body = source
        .split("pub(crate) struct StepReport {")
        .nth(1)
        .expect("the report");
    let fields: Vec<&str> = body
        .split('}')
        .next()
        .expect("a struct")
        .lines()
        .filter_map(|line| line.trim().split_once(':').map(|(name, _)| name))
        .collect();
    let documented: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    assert_eq!(documented, fields);

    let fields_of = |source: &str, report: &str| -> Vec<String> {
        let body = source
            .split(&format!("struct {report} {{"))
            .nth(1)
            .expect("the report");
        let body = body.split('}').next().expect("a struct");
        let fields = body
            .lines()
            .map(str::trim)
            .filter(|l| !l.starts_with("///"));
        let names = fields.filter_map(|line| line.split_once(": "));
        names
            .map(|(name, _)| {
                let name = name.trim_start_matches("pub(super) ");
                name.trim_start_matches("pub(crate) ").to_owned()
            })
            .collect()
    };
    let fold = fields_of(
        include_str!("../../aggregator/src/bench/fold.rs"),
        "FoldReport",
    );
    let peers = fields_of(
        include_str!("../../aggregator/src/bench/peers.rs"),
        "PeersReport",
    );
    let wrap = fields_of(
        include_str!("../../aggregator/src/bench/wrap.rs"),
        "WrapReport",
    );
    let source = include_str!("../../aggregator/src/bench/settle.rs");
    let settle = [
        fields_of(source, "SettleReport"),
        fields_of(source, "SettledBatch"),
    ]
    .concat();
    let source = include_str!("../../aggregator/src/node/metrics.rs");
    let e2e = [
        fields_of(
            include_str!("../../aggregator/src/bench/e2e.rs"),
            "E2eReport",
        ),
        fields_of(source, "BatchReport"),
    ]
    .concat();
    assert!(e2e.len() > 25, "{e2e:?}");
    assert!(fold.len() > 20 && peers.len() > 10 && wrap.len() > 20 && settle.len() > 20);
    for name in fold
        .iter()
        .chain(&peers)
        .chain(&wrap)
        .chain(&settle)
        .chain(&e2e)
    {
        assert!(
            page.contains(&format!("`{name}`")),
            "{name} is not documented"
        );
    }
}

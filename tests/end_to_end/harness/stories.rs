//! The stories that this project exists for, told and checked: the demo prints what the test asserts.

use super::{
    Net, Slots,
    aggregator::Aggregator,
    wait_for,
    wallet::{Prover, Wallet},
};
use serde_json::Value;
use std::{path::Path, time::Instant};

/// Blocks of an epoch, of its parts, and before the first. A block is a second here, and the chain is moved on by hand.
const SLOTS: Slots = Slots {
    epoch: 400,
    grace: 130,
    delay: 60,
    reveal: 0,
};
/// What two accounts take from the same two parts of an epoch without getting into each other's turn.
const NEVER_EARLY: &str = "2";

/// What a whole run came to.
pub struct Summary {
    pub steps: usize,
    pub batches: Vec<BatchLine>,
    /// Steps that were proven against a root that another step had used before: in today's manner each costs a reverted
    /// transaction.
    pub collisions: usize,
    pub refolds: u64,
    pub refold_ms: u64,
    pub reverted: usize,
    pub rescued: u64,
    pub seconds: u64,
}

/// One settled batch.
pub struct BatchLine {
    pub batch: u64,
    pub by: String,
    pub steps: u64,
    pub gas: u64,
    pub fold_ms: u64,
    pub wrap_ms: u64,
    pub total_ms: u64,
    pub refolds: u64,
}

/// Tells all stories. `say` hears what happens.
pub fn run(binary: &Path, keys: &Path, mut say: impl FnMut(&str)) -> Summary {
    let start = Instant::now();
    say(
        "starting a chain, deploying the contracts (keys of the decider are made first, 40 s, where there are none)",
    );
    let net = Net::start(binary, keys, SLOTS);
    say(&format!("rollup {}", net.rollup));
    let (mut one, mut two) = aggregators(&net, &mut say);
    let wallets = ["alice", "bob", "carol"].map(|name| net.wallet(name));
    let [alice, bob, carol] = &wallets;

    let mut collisions = deposits(&net, &wallets, &one, &mut say);
    collisions += same_root(&net, &wallets, &one, &mut say);
    collisions += lost_root(&net, &wallets, &mut one, &mut two, &mut say);
    silent_holder(&net, &wallets, &mut one, &mut two, &mut say);

    say("everybody's books");
    let (steps, rescued) = check(&net, &wallets, &one, &two);
    for wallet in [alice, bob, carol] {
        say(&format!(
            "  {:<6} {} gwei in notes",
            wallet.name,
            wallet.balance(&net)
        ));
    }
    let verified = net.ok(&["batch", "verify", "0"]);
    assert!(verified.ends_with("valid\n"), "{verified}");
    say("batch 0, checked again from the chain alone:");
    for line in verified.lines().filter(|line| line.starts_with("checked")) {
        say(&format!("  {line}"));
    }
    let (settled, reverted, _) = net.settlements();
    let batches = lines(&[&one, &two]);
    assert_eq!(
        settled,
        batches.len(),
        "every batch on the chain is in somebody's books"
    );
    let summary = Summary {
        steps,
        collisions,
        refolds: batches.iter().map(|line| line.refolds).sum(),
        refold_ms: reports(&[&one, &two])
            .iter()
            .map(|report| report["refold_ms"].as_u64().unwrap_or_default())
            .sum(),
        batches,
        reverted,
        rescued,
        seconds: start.elapsed().as_secs(),
    };
    say("both aggregators end at SIGTERM");
    assert!(one.terminate() && two.terminate(), "they end by themselves");
    summary
}

fn aggregators(net: &Net, say: &mut impl FnMut(&str)) -> (Aggregator, Aggregator) {
    say("starting two aggregators; each stakes and takes a seat");
    let flags = ["--max-wait-ms", "2000", "--lead-blocks", NEVER_EARLY];
    let one = net.aggregator("one", &flags);
    one.wait_logged("taking a seat", 1, 30);
    wait_for("the first seat", 30, || {
        (net.chain.head() > 0).then_some(())
    });
    let two = net.aggregator("two", &flags);
    two.wait_logged("taking a seat", 1, 30);
    net.mine_to(net.genesis - 1);
    say(&format!(
        "slot 0 begins: {} may settle first, {} after {} blocks",
        one.name(),
        two.name(),
        net.grace
    ));
    net.begin_turn(&one);
    (one, two)
}

/// Six deposits against the empty tree, one batch.
fn deposits(
    net: &Net,
    wallets: &[Wallet; 3],
    one: &Aggregator,
    say: &mut impl FnMut(&str),
) -> usize {
    say("three wallets deposit twice each, and three provers stream the steps");
    for wallet in wallets {
        wallet.deposit(net, "1000", "2");
    }
    stream(net, wallets, say);
    assert_eq!(one.number("settled_steps"), 6);
    for wallet in wallets {
        assert_eq!(wallet.balance(net), 2_000);
    }
    5
}

/// Three payments against one root: nobody waits for anybody, nobody is refused.
fn same_root(
    net: &Net,
    wallets: &[Wallet; 3],
    one: &Aggregator,
    say: &mut impl FnMut(&str),
) -> usize {
    say(
        "all three pay each other, proven against the same root; in today's manner two of the three transactions revert",
    );
    let [alice, bob, carol] = wallets;
    net.begin_turn(one);
    alice.pay(net, bob, "300");
    bob.pay(net, carol, "200");
    carol.pay(net, alice, "100");
    stream(net, wallets, say);
    assert_eq!(one.number("settled_steps"), 9);
    assert_eq!(alice.balance(net), 2_000 - 300 - 1 + 100);
    2
}

/// Both aggregators prove a batch on the same root. One lands; the other folds what is left again.
fn lost_root(
    net: &Net,
    wallets: &[Wallet; 3],
    one: &mut Aggregator,
    two: &mut Aggregator,
    say: &mut impl FnMut(&str),
) -> usize {
    let [alice, bob, carol] = wallets;
    say(
        "both aggregators prove on the same root: one closes after two steps, the other takes all three",
    );
    let blocks = SLOTS.epoch.to_string();
    one.terminate();
    two.terminate();
    one.restart(
        net,
        &[
            "--max-steps",
            "2",
            "--max-wait-ms",
            "600000",
            "--lead-blocks",
            "0",
        ],
    );
    two.restart(
        net,
        &[
            "--max-steps",
            "3",
            "--max-wait-ms",
            "600000",
            "--lead-blocks",
            &blocks,
        ],
    );
    alice.pay(net, bob, "10");
    bob.pay(net, carol, "20");
    carol.pay(net, alice, "30");
    net.begin_turn(one);
    let provers: Vec<Prover> = wallets.iter().map(|wallet| wallet.prover(net)).collect();
    two.wait_logged("closed", 1, 60);
    let settled = one.number("batches");
    say(&format!(
        "  {} closed three steps on that root, too",
        two.name()
    ));
    wait_for("the first batch to land", 300, || {
        (one.number("batches") > settled).then_some(())
    });
    say(&format!(
        "  {}'s batch of two landed; its turn ends",
        one.name()
    ));
    one.kill();
    net.mine_to(net.next_part());
    say(&format!(
        "  {} folds the third step again on the new root",
        two.name()
    ));
    for prover in provers {
        prover.settled();
    }
    one.restart(
        net,
        &["--max-wait-ms", "2000", "--lead-blocks", NEVER_EARLY],
    );
    two.wait_logged("re-fold: the root moved", 1, 10);
    wait_for("the batch that was folded again", 60, || {
        let report = two.status()["reports"].as_array()?.last()?.clone();
        (report["refolds"].as_u64()? >= 1 && report["dropped"] == 2).then_some(())
    });
    2
}

/// The holder of a slot says nothing. The next in line settles in its place, and it is slashed.
fn silent_holder(
    net: &Net,
    wallets: &[Wallet; 3],
    one: &mut Aggregator,
    two: &mut Aggregator,
    say: &mut impl FnMut(&str),
) {
    let [alice, bob, carol] = wallets;
    say(&format!(
        "{} buys the next slot, and goes silent when it begins",
        one.name()
    ));
    two.terminate();
    two.restart(
        net,
        &["--max-wait-ms", "2000", "--lead-blocks", NEVER_EARLY],
    );
    one.terminate();
    one.restart(
        net,
        &[
            "--bid",
            "free",
            "--slots-ahead",
            "2",
            "--max-wait-ms",
            "2000",
        ],
    );
    let slot = net.next_epoch() + net.epoch;
    // The slot after the next: its auction is surely open.
    one.wait_logged("bought", 2, 60);
    one.terminate();
    one.restart(
        net,
        &["--max-wait-ms", "2000", "--lead-blocks", NEVER_EARLY],
    );
    net.mine_to(slot);
    one.signal("STOP");
    alice.pay(net, carol, "5");
    bob.withdraw(net, "50");
    let provers: Vec<Prover> = [alice, bob]
        .iter()
        .map(|wallet| wallet.prover(net))
        .collect();
    wait_for("the steps to be with the next in line", 60, || {
        (two.number("queued") == 2).then_some(())
    });
    say(&format!(
        "  provers reach nobody at {}; {} has their steps",
        one.name(),
        two.name()
    ));
    net.mine_to(net.next_part());
    for prover in provers {
        prover.settled();
    }
    two.wait_logged("slashed an idle holder", 1, 30);
    one.signal("CONT");
    let collected = bob.collect(net);
    assert!(collected.starts_with("collected 50"), "{collected}");
    say(&format!(
        "  {} rescued the slot; {} lost its collateral, half of it burnt",
        two.name(),
        one.name()
    ));
    say("  bob's withdrawal of 50 gwei is collected on the chain");
}

/// Starts a prover for each wallet, as processes of their own, and waits for all.
fn stream(net: &Net, wallets: &[Wallet; 3], say: &mut impl FnMut(&str)) {
    let start = Instant::now();
    let provers: Vec<Prover> = wallets.iter().map(|wallet| wallet.prover(net)).collect();
    say("  streaming, folding, wrapping, settling: about half a minute …");
    for prover in provers {
        prover.settled();
    }
    say(&format!("  settled after {} s", start.elapsed().as_secs()));
}

fn check(net: &Net, wallets: &[Wallet; 3], one: &Aggregator, two: &Aggregator) -> (usize, u64) {
    net.check(&[one, two]);
    let mut steps = 0;
    for report in reports(&[one, two]) {
        steps += usize::try_from(report["steps"].as_u64().unwrap_or_default()).expect("small");
    }
    // 6 notes of 1,000, less a unit a payment or withdrawal, less what was withdrawn.
    let total: u64 = wallets.iter().map(|wallet| wallet.balance(net)).sum();
    assert_eq!(total, 6_000 - 8 - 50);
    for node in [one, two] {
        assert_eq!(node.number("reverted_transactions"), 0);
        assert_eq!(node.number("queued"), 0, "{} has steps left", node.name());
    }
    (steps, two.number("rescues"))
}

/// What nodes remember of their batches. A process forgets its own when it ends, so the log is read as well.
fn reports(nodes: &[&Aggregator]) -> Vec<Value> {
    let mut reports = Vec::new();
    for node in nodes {
        for line in node.logged().lines() {
            if let Some((_, report)) = line.split_once("report=") {
                // A text within a text: the log quotes it.
                let text: String = serde_json::from_str(report).expect("a quoted report");
                let mut report: Value = serde_json::from_str(&text).expect("a report");
                report["by"] = node.name().into();
                reports.push(report);
            }
        }
    }
    reports.sort_by_key(|report| report["batch"].as_u64());
    reports
}

fn lines(nodes: &[&Aggregator]) -> Vec<BatchLine> {
    let number = |report: &Value, field: &str| report[field].as_u64().unwrap_or_default();
    reports(nodes)
        .iter()
        .map(|report| BatchLine {
            batch: number(report, "batch"),
            by: report["by"].as_str().unwrap_or_default().to_owned(),
            steps: number(report, "steps"),
            gas: number(report, "gas"),
            fold_ms: number(report, "fold_ms") + number(report, "refold_ms"),
            wrap_ms: number(report, "wrap_ms"),
            total_ms: number(report, "total_ms"),
            refolds: number(report, "refolds"),
        })
        .collect()
}

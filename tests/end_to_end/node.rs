//! The node on a local chain: the stories of the demo, and what can go wrong. One test at a time: each takes all cores.

mod garbage;
mod harness;
mod proxy;

use harness::{CLOSE, Net, Slots, aggregator::Aggregator, stories, wait_for};
use proxy::{Fault, Proxy};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard},
    time::Duration,
};

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// A part that no test sees the end of.
const LONG: Slots = Slots {
    epoch: 10_000,
    grace: 5_000,
    delay: 30,
    reveal: 0,
};

fn turn() -> MutexGuard<'static, ()> {
    // A test that failed has left nothing behind.
    ONE_AT_A_TIME
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_notefold"))
}

/// Development keys, made once and kept.
fn keys() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("development");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// A chain with one aggregator whose turn it is.
fn alone(flags: &[&str]) -> (Net, Aggregator) {
    let net = Net::start(binary(), &keys(), LONG);
    let node = net.aggregator("one", flags);
    node.wait_logged("taking a seat", 1, 30);
    wait_for("the seat", 30, || {
        net.chain.head();
        (node.number("batches") == 0).then_some(())
    });
    std::thread::sleep(std::time::Duration::from_secs(2));
    net.mine_to(net.genesis);
    (net, node)
}

#[test]
fn the_stories_of_the_demo() {
    let _turn = turn();
    let summary = stories::run(binary(), &keys(), |text| println!("{text}"));
    assert_eq!((summary.reverted, summary.rescued), (0, 1));
    assert!(summary.refolds >= 1);
    assert_eq!(summary.steps, 14);
}

/// Killed as soon as a step is accepted, while folding, while wrapping, after sending, and after paying more for a transaction that
/// nobody mines: the step settles, once. Then the chain takes the batch back, by one block and by five: it settles again, with the
/// same proof.
#[test]
fn killed_at_every_stage_and_reorganised() {
    let _turn = turn();
    let flags = ["--max-wait-ms", "500", "--checkpoint-steps", "1"];
    let (net, mut node) = alone(&["--max-wait-ms", "600000"]);
    let alice = net.wallet("alice");
    alice.deposit(&net, "100", "3");
    let prover = alice.prover(&net);
    for (stage, times) in [("accepted", 3), ("closed", 1), ("folded", 1)] {
        node.wait_logged(stage, times, 120);
        node.kill();
        node.restart(&net, &flags);
    }
    // Nobody mines its transaction, and then blocks cost more than it pays.
    net.chain.rpc("evm_setIntervalMining", json!([0]));
    node.wait_logged(" sent ", 1, 120);
    node.kill();
    node.restart(&net, &flags);
    // The chain has it already, and says so.
    node.wait_logged("sent, with doubts", 1, 60);
    net.chain.cost_more();
    node.wait_logged(" sent ", 2, 60);
    node.kill();
    assert_eq!(net.settlements().0, 0, "nobody mined it");
    net.chain.rpc("evm_mine", json!([]));
    assert_eq!(net.settlements().0, 1, "the one that pays more is mined");
    node.restart(&net, &flags);
    net.chain.rpc("evm_setIntervalMining", json!([1]));
    prover.settled();
    let resumed = node.logged().matches("a batch was under way").count();
    assert!(resumed >= 3, "it went on with what it had: {resumed}");
    assert_eq!(alice.balance(&net), 300);
    net.check(&[&node]);
    assert_eq!(net.settlements().0, 1);

    // Mining by hand from here on, so that it is known which block has the batch: first the oldest of five or more that go, then
    // the newest.
    net.chain.rpc("evm_setIntervalMining", json!([0]));
    let block = net.settlement_block();
    net.mine_to(block + 4);
    for times in 1..=2 {
        let depth = net.chain.head() - net.settlement_block() + 1;
        assert!(if times == 1 { depth >= 5 } else { depth == 1 });
        let sent = node.logged().matches(" sent ").count();
        net.chain.reorganise(depth);
        assert_eq!(net.settlements().0, 0, "the chain took it back");
        wait_for("the node to see it", 60, || {
            (node.number("reorganisations") == times && node.number("queued") == 3).then_some(())
        });
        node.wait_logged(" sent ", sent + 1, 60);
        net.chain.rpc("evm_mine", json!([]));
        wait_for("the batch to be on the chain again", 60, || {
            (net.settlements().0 == 1 && node.number("batches") == 1).then_some(())
        });
        println!("reorganised by {depth} blocks, and settled again");
    }
    net.chain.rpc("evm_setIntervalMining", json!([1]));
    assert_eq!(alice.balance(&net), 300);
    net.check(&[&node]);
}

/// The chain takes deposits back whose steps were accepted: they are paid again, and settle. Then it takes back more than anyone
/// expects, settled batches that were final included: nodes and wallets read everything anew, and go on.
#[test]
fn reorganised_below_a_deposit_and_below_what_is_final() {
    let _turn = turn();
    let (net, mut node) = alone(&["--max-wait-ms", "600000"]);
    let alice = net.wallet("alice");
    let before = net.chain.head();
    alice.deposit(&net, "100", "2");
    let prover = alice.prover(&net);
    node.wait_logged("accepted", 2, 60);
    net.chain.reorganise(net.chain.head() - before);
    node.terminate();
    node.restart(&net, &["--max-wait-ms", "500"]);
    let said = prover.settled();
    assert!(said.contains("refused: expected deposit"), "{said}");
    assert!(said.contains("folded into batch 0"), "{said}");
    assert_eq!(alice.balance(&net), 200);
    net.check(&[&node]);

    net.mine_to(net.chain.head() + 70);
    wait_for("the batch to be final", 30, || {
        let seen = node.status()["head"]["number"].as_u64()?;
        (seen >= net.chain.head() - 5).then_some(())
    });
    net.chain.reorganise(net.chain.head() - before);
    wait_for("the node to see it", 60, || {
        (node.number("reorganisations") == 1 && node.number("batches") == 0).then_some(())
    });
    assert_eq!(alice.balance(&net), 0);
    alice.deposit(&net, "30", "1");
    alice.prover(&net).settled();
    assert_eq!(alice.balance(&net), 30);
    // Who joins late, and a wallet of which only the seed is left, have nothing but the chain.
    let late = net.aggregator("late", &["--max-wait-ms", "600000"]);
    net.check(&[&node, &late]);
    let recovered = net.recovered(&alice);
    assert_eq!(recovered.address, alice.address);
    assert_eq!(recovered.balance(&net), 30);
}

/// A token is approved for the amount of a deposit and no more, and an aggregator takes its step.
#[test]
fn tokens_are_approved_and_escrowed() {
    let _turn = turn();
    let (net, node) = alone(&["--max-wait-ms", "600000"]);
    let alice = net.wallet("alice");
    let token = net.chain.token(&net.rollup, &alice.account);
    for amount in ["70", "30"] {
        alice.deposit_token(&net, amount, &token);
    }
    garbage::accept(node.listen, &net.outbox(&alice));
    assert_eq!(node.number("queued"), 2);
    net.check(&[&node]);
}

/// Where bids are sealed a node commits, is killed, reveals, and holds the slot.
#[test]
fn sealed_bids_are_committed_to_and_revealed() {
    let _turn = turn();
    let slots = Slots {
        epoch: 200,
        grace: 100,
        delay: 100,
        reveal: 20,
    };
    let net = Net::start(binary(), &keys(), slots);
    let flags = ["--bid", "free", "--slots-ahead", "1"];
    let mut node = net.aggregator("one", &flags);
    node.wait_logged("committed to a sealed bid", 1, 60);
    node.kill();
    net.mine_to(net.genesis - CLOSE - slots.reveal - 1);
    node.restart(&net, &flags);
    node.wait_logged("revealed", 1, 30);
    net.mine_to(net.genesis);
    wait_for("the slot to be held", 30, || {
        let now = &node.status()["now"];
        let ours = now["account"]
            .as_str()?
            .eq_ignore_ascii_case(node.account());
        (now["mode"] == "held" && ours).then_some(())
    });
}

/// A node that is told to end gives its steps to whoever may settle next.
#[test]
fn a_node_that_ends_hands_its_steps_over() {
    let _turn = turn();
    let slots = Slots {
        epoch: 600,
        grace: 300,
        ..LONG
    };
    let net = Net::start(binary(), &keys(), slots);
    let flags = ["--max-wait-ms", "600000"];
    let one = net.aggregator("one", &flags);
    one.wait_logged("taking a seat", 1, 30);
    let two = net.aggregator("two", &flags);
    two.wait_logged("taking a seat", 1, 30);
    std::thread::sleep(Duration::from_secs(2));
    net.mine_to(net.genesis);
    // In the first part of the slot one of them may settle, in the second the other.
    let may = |node: &Aggregator| node.status()["may_settle"] == true;
    wait_for("a turn", 30, || (may(&one) || may(&two)).then_some(()));
    let (mut one, two) = if may(&one) { (one, two) } else { (two, one) };
    let alice = net.wallet("alice");
    alice.deposit(&net, "100", "2");
    garbage::accept(one.listen, &net.outbox(&alice));
    assert_eq!((one.number("queued"), two.number("queued")), (2, 0));
    assert!(one.terminate(), "it ends by itself");
    assert_eq!(two.number("queued"), 2);
    net.check(&[&two]);
}

/// While nobody mines a batch the next one is made on the state that it leads to. Killed with both under way, the node proves
/// neither again.
#[test]
fn the_next_batch_is_made_while_one_is_settled() {
    let _turn = turn();
    let flags = ["--max-steps", "1", "--max-wait-ms", "600000"];
    let (net, mut node) = alone(&flags);
    let alice = net.wallet("alice");
    alice.deposit(&net, "100", "2");
    let prover = alice.prover(&net);
    node.wait_logged("closed", 1, 60);
    net.chain.rpc("evm_setIntervalMining", json!([0]));
    node.wait_logged("wrapped", 2, 180);
    assert_eq!(net.settlements().0, 0, "nobody mined the first");
    node.kill();
    node.restart(&net, &flags);
    node.wait_logged("a batch was under way", 2, 30);
    net.chain.rpc("evm_setIntervalMining", json!([1]));
    prover.settled();
    assert_eq!(node.logged().matches("wrapped").count(), 2);
    assert_eq!(net.settlements().0, 2);
    assert_eq!(alice.balance(&net), 200);
    net.check(&[&node]);
}

/// An endpoint that drops requests, lags, and lies about the nonce either way: the batch settles once, and nothing reverts.
#[test]
fn an_endpoint_that_cannot_be_trusted_delays_and_does_no_harm() {
    let _turn = turn();
    let net = Net::start(binary(), &keys(), LONG);
    let proxy = Proxy::start(net.chain.port);
    let node = net.aggregator("one", &["--rpc", &proxy.url, "--max-wait-ms", "500"]);
    node.wait_logged("taking a seat", 1, 30);
    std::thread::sleep(Duration::from_secs(3));
    net.mine_to(net.genesis);
    let alice = net.wallet("alice");
    alice.deposit(&net, "100", "2");
    let prover = alice.prover(&net);
    node.wait_logged("closed", 1, 60);
    for fault in [Fault::Drops, Fault::Lags, Fault::NonceBehind, Fault::Drops] {
        proxy.set(fault);
        std::thread::sleep(Duration::from_secs(5));
    }
    // The settlement itself is signed while the count is one too high.
    proxy.set(Fault::NonceAhead);
    node.wait_logged(" sent", 1, 120);
    proxy.set(Fault::None);
    prover.settled();
    assert!(node.logged().contains("a gap below the nonce is filled"));
    assert_eq!(net.settlements().0, 1);
    assert_eq!(alice.balance(&net), 200);
    net.check(&[&node]);
}

/// Two processes with one key, and the same two steps in another order, each a batch: both prove, and make their second batch on
/// their first; each step lands once, nothing reverts.
#[test]
fn two_aggregators_with_the_same_key() {
    let _turn = turn();
    let (net, one) = alone(&["--max-steps", "1", "--max-wait-ms", "600000"]);
    let twin = net.twin(&one, &["--max-steps", "1", "--max-wait-ms", "600000"]);
    let alice = net.wallet("alice");
    alice.deposit(&net, "100", "2");
    let mut steps = net.outbox(&alice);
    garbage::accept(one.listen, &steps);
    steps.reverse();
    garbage::accept(twin.listen, &steps);
    wait_for("both batches", 400, || {
        (net.settlements().0 == 2).then_some(())
    });
    wait_for("both to have nothing left", 120, || {
        (one.number("queued") == 0 && twin.number("queued") == 0).then_some(())
    });
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(net.settlements().0, 2);
    assert_eq!(alice.balance(&net), 200);
    net.check(&[&one, &twin]);
}

/// A disk that is full: what was acknowledged is there when there is room again, the rest is sent again.
#[test]
fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let _turn = turn();
    let (net, mut node) = alone(&["--max-wait-ms", "600000"]);
    let alice = net.wallet("alice");
    alice.deposit(&net, "100", "16");
    node.terminate();
    // Files of 5 MiB at most: room for the store, and not for sixteen messages.
    node.spawn_with_small_files(&net, 5 << 10, &["--max-wait-ms", "600000"]);
    node.wait_ready();
    let steps = net.outbox(&alice);
    let before = garbage::offer(node.listen, &steps);
    assert!(before < 16, "{before} of 16 fit");
    node.kill();
    node.restart(&net, &["--max-wait-ms", "600000"]);
    assert!(node.number("queued") >= before as u64);
    garbage::accept(node.listen, &steps);
    assert_eq!(node.number("queued"), 16);
    net.check(&[&node]);
}

/// Garbage, duplicates, double spends and floods: each gets its typed answer, and honest steps go through.
#[test]
fn bad_provers_get_a_reason_and_cost_nobody_else_anything() {
    let _turn = turn();
    let (net, node) = alone(&["--max-wait-ms", "600000", "--rate", "20"]);
    let alice = net.wallet("alice");
    alice.deposit(&net, "100", "1");
    garbage::run(&net, &node, &alice);
    net.check(&[&node]);
}

/// A second process on the same store is refused, and the first goes on.
#[test]
fn a_store_has_one_process() {
    let _turn = turn();
    let (net, node) = alone(&[]);
    let out = net
        .command()
        .args([
            "aggregator",
            "run",
            "--key",
            "one.key",
            "--data",
            "one-data",
        ])
        .args(["--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"])
        .output()
        .expect("the binary runs");
    assert!(!out.status.success());
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(
        said.contains("one-data") && said.contains("already open"),
        "{said}"
    );
    assert_eq!(node.number("batches"), 0);
    assert!(node.metrics().contains("notefold_steps_queued 0"));
}

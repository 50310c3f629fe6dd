//! The demo: everything as processes on a local chain, told as it happens, with a table at the end.

mod harness;

use harness::stories::{self, Summary};
use std::{path::PathBuf, time::Instant};

/// `notefold bench settle`, recorded in `specs/benchmarks.md`: a step with a proof of its own, where it lands and where it is
/// second.
const SINGLE_PROOF_GAS: usize = 370_277;
const SINGLE_PROOF_COLLISION_GAS: usize = 45_730;

fn main() {
    let target = std::env::current_exe().expect("a path");
    let release = target
        .ancestors()
        .nth(2)
        .expect("target/release/examples/demo");
    let keys = std::env::args()
        .nth(1)
        .map_or_else(|| release.join("../development"), PathBuf::from);
    std::fs::create_dir_all(&keys).expect("a folder for keys");
    let keys = keys.canonicalize().expect("a folder");
    let start = Instant::now();
    let say = |text: &str| println!("[{:>4} s] {text}", start.elapsed().as_secs());
    let summary = stories::run(&release.join("notefold"), &keys, say);
    table(&summary);
}

fn table(summary: &Summary) {
    println!();
    println!(
        "{:>5}  {:<5} {:>5} {:>9} {:>12} {:>9} {:>9} {:>9} {:>8}",
        "batch", "by", "steps", "gas", "gas a step", "fold ms", "wrap ms", "total ms", "re-folds"
    );
    let mut gas = 0;
    for line in &summary.batches {
        gas += line.gas;
        println!(
            "{:>5}  {:<5} {:>5} {:>9} {:>12} {:>9} {:>9} {:>9} {:>8}",
            line.batch,
            line.by,
            line.steps,
            line.gas,
            line.gas / line.steps.max(1),
            line.fold_ms,
            line.wrap_ms,
            line.total_ms,
            line.refolds
        );
    }
    let collided = SINGLE_PROOF_COLLISION_GAS * summary.collisions;
    let single = SINGLE_PROOF_GAS * summary.steps + collided;
    println!();
    println!("steps                             {}", summary.steps);
    println!(
        "batches                           {}",
        summary.batches.len()
    );
    println!("gas of all settlements            {gas}");
    println!(
        "the same steps one by one         {single}, of which {collided} for {} collisions",
        summary.collisions
    );
    println!(
        "collisions here                   {} re-folds, {} ms in all",
        summary.refolds, summary.refold_ms
    );
    println!("reverted transactions             {}", summary.reverted);
    println!("idle holders rescued and slashed  {}", summary.rescued);
    println!("time                              {} s", summary.seconds);
}

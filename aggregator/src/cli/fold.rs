//! `notefold fold` and `notefold verify`: a batch of step proofs into one proof, on files.

use super::files::{ParamsArgs, read_bounded, read_step, replace, write_new};
use crate::{error::Error, state_dir::StateDir};
use clap::Args;
use notefold_folding::{
    batch::{BatchProver, Checkpoint, OpenBatch, ProvenBatch},
    ivc::FoldingParams,
    step::{CheckedStep, verify_batch},
};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

/// Bound on the bytes of a proven batch: the proof, and the data of as many steps as a batch can have.
const MAX_BATCH_BYTES: usize = 24 << 20;
/// Bound on the bytes of a checkpoint: witnesses, and the records of as many steps.
const MAX_CHECKPOINT_BYTES: usize = 64 << 20;

#[derive(Debug, Args)]
pub(super) struct FoldArgs {
    #[command(flatten)]
    params: ParamsArgs,
    /// Folder of the state that the batch starts from
    #[arg(long, value_name = "FOLDER", default_value = "state")]
    state: PathBuf,
    /// The proof file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Keep a checkpoint here while proving, and go on from it where there is one
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Apply the batch to the state once it is proven
    #[arg(long)]
    settle: bool,
    /// Step proof files, in order; those that do not belong into the batch are named and left out
    #[arg(required_unless_present = "checkpoint")]
    steps: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    #[command(flatten)]
    params: ParamsArgs,
    /// The proof file
    batch: PathBuf,
}

pub(super) fn fold(args: &FoldArgs) -> Result<(), Error> {
    if args.out.exists() {
        return Err(Error::Exists {
            path: args.out.clone(),
        });
    }
    let mut dir = StateDir::open(&args.state)?;
    let params = args.params.load_folding()?;
    params.tabulate();
    let mut prover = match &args.checkpoint {
        Some(path) if path.exists() => {
            if !args.steps.is_empty() {
                println!("the checkpoint has its steps; the step files are not read");
            }
            resume(&params, &dir, path)?
        }
        _ => take_in(args, &params, &dir)?.prover(),
    };
    let start = Instant::now();
    while prover.step(&params)?.is_some() {
        let (done, steps) = prover.progress();
        eprint!("\rproving, {done} of {steps} steps of the two chains …");
        if let Some(path) = &args.checkpoint {
            replace(path, &prover.checkpoint(&params))?;
        }
    }
    eprintln!();
    let proven = prover.finish(&params)?;
    let elapsed = start.elapsed();
    proven.verify(&params).map_err(|source| Error::Batch {
        path: args.out.clone(),
        source,
    })?;
    write_new(&args.out, &proven.to_bytes(&params))?;
    if args.settle {
        dir.settle(&proven.data)?
            .map_err(|(_, source)| Error::Apply {
                path: args.out.clone(),
                source,
            })?;
    }
    if let Some(path) = args.checkpoint.as_ref().filter(|path| path.exists()) {
        fs::remove_file(path).map_err(Error::io(path))?;
    }
    describe(&proven);
    println!(
        "proof   {} bytes for {} steps in {} ms",
        proven.proof.to_bytes().len(),
        proven.data.len(),
        elapsed.as_millis()
    );
    Ok(())
}

/// Reads and decodes a proven batch.
pub(super) fn read_batch(params: &FoldingParams, path: &Path) -> Result<ProvenBatch, Error> {
    let bytes = read_bounded(path, MAX_BATCH_BYTES)?;
    ProvenBatch::from_bytes(params, &bytes).map_err(|source| Error::Decode {
        path: path.to_owned(),
        source,
    })
}

pub(super) fn verify(args: &VerifyArgs) -> Result<(), Error> {
    let params = args.params.load_folding()?;
    let batch = read_batch(&params, &args.batch)?;
    let start = Instant::now();
    batch.verify(&params).map_err(|source| Error::Batch {
        path: args.batch.clone(),
        source,
    })?;
    let elapsed = start.elapsed();
    describe(&batch);
    println!("checked counters, trees and ring from the old state to the new one");
    println!("checked the published data, by its fingerprint");
    println!("checked the last fold and the four accumulators, by their openings");
    println!("valid   {} ms", elapsed.as_millis());
    Ok(())
}

fn describe(batch: &ProvenBatch) {
    let (before, after) = (&batch.statement.before, &batch.statement.after);
    println!("batch   {}", before.batch_number);
    println!("from    {}", before.root());
    println!("to      {}", after.root());
    println!("steps   {}", batch.data.len());
    println!("notes   {}", after.note_count);
}

/// Checks steps and takes those in that belong into a batch.
fn take_in(
    args: &FoldArgs,
    params: &FoldingParams,
    dir: &StateDir,
) -> Result<notefold_folding::batch::ClosedBatch, Error> {
    let mut decoded = Vec::new();
    let mut paths = Vec::new();
    for path in &args.steps {
        match read_step(params.step(), path) {
            Ok(proof) => {
                decoded.push(proof);
                paths.push(path);
            }
            Err(error) => println!("refused {error}"),
        }
    }
    let mut batch = OpenBatch::open(params, dir.deployment(), dir.state().clone());
    for (path, verdict) in paths.into_iter().zip(verify_batch(params.step(), decoded)) {
        let taken = verdict
            .map_err(|error| error.to_string())
            .and_then(|step| push(&mut batch, params, &step));
        match taken {
            Ok(root) => println!("taken   {}: state {root}", path.display()),
            Err(reason) => println!("refused {}: {reason}", path.display()),
        }
    }
    batch.close(params).map_err(|_| Error::EmptyBatch {
        refused: args.steps.len(),
    })
}

fn push(
    batch: &mut OpenBatch,
    params: &FoldingParams,
    step: &CheckedStep,
) -> Result<String, String> {
    match batch.push(params, step) {
        Ok(root) => Ok(root.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

fn resume(params: &FoldingParams, dir: &StateDir, path: &Path) -> Result<BatchProver, Error> {
    let bytes = read_bounded(path, MAX_CHECKPOINT_BYTES)?;
    let failed = |source| Error::Checkpoint {
        path: path.to_owned(),
        source,
    };
    let prover = match Checkpoint::resume(params, dir.state().clone(), &bytes).map_err(failed)? {
        Checkpoint::Proving(prover) => *prover,
        Checkpoint::Open(batch) => batch
            .close(params)
            .map_err(|_| Error::EmptyBatch { refused: 0 })?
            .prover(),
    };
    let (done, steps) = prover.progress();
    println!(
        "resumed {}: {done} of {steps} steps of the two chains are proven",
        path.display()
    );
    Ok(prover)
}

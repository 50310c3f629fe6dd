//! Batches from end to end: proven, forged, killed, re-folded.

mod checkpoint;
mod forgeries;
mod lifecycle;

use super::*;
use crate::{
    ivc::FoldingParams,
    state::State,
    step::CheckedStep,
    testing::{Scenario, checked, development_folding_params},
};
use std::sync::OnceLock;

/// Four steps on one state: a transfer, two deposits, and a second transfer of the same notes.
struct Taken {
    state: State,
    steps: [CheckedStep; 3],
    double_spend: CheckedStep,
}

fn taken() -> &'static Taken {
    static TAKEN: OnceLock<Taken> = OnceLock::new();
    TAKEN.get_or_init(|| {
        let params = development_folding_params();
        let mut scenario = Scenario::new(600);
        let mut step = |make: fn(&mut Scenario) -> crate::step::Step| {
            checked(params.step(), &make(&mut scenario))
        };
        let steps = [
            step(|s| s.deposit(5)),
            step(Scenario::transfer),
            step(|s| s.deposit(6)),
        ];
        let double_spend = step(Scenario::transfer);
        Taken {
            state: scenario.state,
            steps,
            double_spend,
        }
    })
}

fn open(params: &FoldingParams, steps: &[CheckedStep]) -> OpenBatch {
    let mut batch = OpenBatch::open(params, Scenario::deployment(), taken().state.clone());
    for step in steps {
        batch.push(params, step).expect("a new step");
    }
    batch
}

fn proven(params: &FoldingParams, batch: OpenBatch) -> ProvenBatch {
    let mut prover = batch.close(params).expect("not empty").prover();
    prover.finish(params).expect("proven")
}

/// A proof of two steps, made once.
fn honest() -> &'static ProvenBatch {
    static PROVEN: OnceLock<ProvenBatch> = OnceLock::new();
    PROVEN.get_or_init(|| {
        let params = development_folding_params();
        proven(&params, open(&params, &taken().steps[..2]))
    })
}

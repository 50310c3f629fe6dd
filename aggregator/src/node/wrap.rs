//! The fourth stage: one Groth16 proof of the whole batch, bound to this node's account.

use super::{
    context::Context,
    intake::stage_failed,
    jobs::{SettleJob, WrapJob},
};
use crate::{contracts::settle_batch, error::Error};
use notefold_folding::batch::ProvenBatch;
use notefold_wrapper::{
    decider::DeciderInput,
    keys::DeciderKeys,
    public_values::Address,
    verify,
    wrap::{WrapTimes, Wrapper},
};
use rand_core::OsRng;
use std::{path::PathBuf, sync::Arc};

/// The circuit and its keys.
pub(crate) struct Decider {
    pub(crate) wrapper: Wrapper,
    pub(crate) keys: DeciderKeys,
    /// Where the keys were read from.
    pub(crate) path: PathBuf,
}

/// Wraps a proven batch into a call that settles it.
pub(crate) async fn wrap(
    context: &Context,
    decider: &Arc<Decider>,
    job: WrapJob,
) -> Result<SettleJob, Error> {
    let (work, decider) = (context.clone(), decider.clone());
    tokio::task::spawn_blocking(move || prove(&work, &decider, job))
        .await
        .map_err(stage_failed)?
}

fn prove(context: &Context, decider: &Decider, job: WrapJob) -> Result<SettleJob, Error> {
    let params = &context.params;
    let failed = |got: String| Error::Node {
        what: "wrapping",
        got,
    };
    let batch = ProvenBatch::from_bytes(params, &job.proven).map_err(|e| failed(e.to_string()))?;
    let account = Address(context.account.address().into_array());
    let input = DeciderInput::new(params, &batch, account).map_err(|e| failed(e.to_string()))?;
    let mut times = WrapTimes::default();
    let proof = decider
        .wrapper
        .prove(params, &decider.keys, &input, &mut OsRng, &mut times)?;
    // A proof that does not verify here would cost a transaction there.
    verify(&decider.keys.verifying, &proof)?;
    Ok(SettleJob {
        tag: job.tag,
        calldata: settle_batch(&proof, &batch.data),
        attempt: None,
    })
}

//! BATCH-4. Checkpoints: a batch at any stage as bytes, from which a process that was killed goes on.

use super::{BatchProver, FoldedStep, OpenBatch};
use crate::{
    augmented::extend_steps_digest,
    curves::{Commitment, Fr, R1CSShape, RelaxedR1CSInstance},
    cyclefold::{CycleFoldError, CycleFoldPair},
    encoding::{DecodeError, Reader, put_header, put_scalar},
    ivc::{
        Chain, FoldingParams, NoteChain, StateChain, put_augmented, put_bases, put_cyclefold,
        put_scalars, read_augmented, read_bases, read_cyclefold, read_scalars, read_state,
    },
    joint::JointWitness,
    nifs::{NoteAccumulator, start_pair},
    relaxed::RelaxedError,
    state::{State, StateError, StateRoot},
    step::Deployment,
};
use sha2::{Digest, Sha256};

const MAGIC: [u8; 4] = *b"NFCP";
const VERSION: u16 = 1;
const WHAT: &str = "checkpoint";
const DIGEST_BYTES: usize = 32;
const STAGE_OPEN: u8 = 0;
const STAGE_NOTES: u8 = 1;
const STAGE_STATE: u8 = 2;

/// A batch that was brought back.
#[derive(Clone, Debug)]
pub enum Checkpoint {
    /// It still takes steps.
    Open(Box<OpenBatch>),
    /// It is being proven.
    Proving(Box<BatchProver>),
}

/// Why bytes are not a checkpoint to go on from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Another kind of object, version or parameters, or cut off.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The bytes are not those that were written.
    #[error("expected a checkpoint whose digest is that of its content, got a damaged one")]
    Damaged,
    /// Made on another state.
    #[error("expected a checkpoint of a batch on state {expected}, got one on {got}")]
    State {
        /// Root of the state given.
        expected: StateRoot,
        /// Root in the checkpoint.
        got: StateRoot,
    },
    /// A step of it does not apply to the state that it was made on.
    #[error("step {index} of the checkpoint: {source}")]
    Step {
        /// Which step.
        index: usize,
        /// Why.
        source: StateError,
    },
    /// The note accumulator is not satisfied.
    #[error("note accumulator of the checkpoint: {0}")]
    Notes(#[source] RelaxedError),
    /// The witness of a chain does not open its U_A.
    #[error(
        "expected the checkpoint's witness of a chain to open its commitment, got another opening"
    )]
    Chain,
    /// U_C is not satisfied.
    #[error("CycleFold accumulator of the checkpoint: {0}")]
    CycleFold(#[from] CycleFoldError),
    /// More steps proven than the batch has.
    #[error("expected at most {expected} proven steps in the checkpoint, got {got}")]
    Progress {
        /// Steps of the batch.
        expected: u64,
        /// Steps claimed.
        got: u64,
    },
}

impl OpenBatch {
    /// The batch as bytes. Everything that follows from the state is left out.
    #[must_use]
    pub fn checkpoint(&self, params: &FoldingParams) -> Vec<u8> {
        seal(self.body(params, None))
    }

    fn body(&self, params: &FoldingParams, prover: Option<&BatchProver>) -> Vec<u8> {
        let mut out = Vec::new();
        put_header(&mut out, MAGIC, VERSION);
        out.extend_from_slice(params.digest().bytes());
        put_scalar(&mut out, &self.deployment.0);
        put_scalar(&mut out, &self.before.root().0);
        let count = u32::try_from(self.steps.len()).expect("invariant: at most 2^15 steps");
        out.extend_from_slice(&count.to_le_bytes());
        self.steps.iter().for_each(|step| step.write(&mut out));
        let witness = self.notes.witness();
        put_scalar(&mut out, &witness.r_w);
        put_scalar(&mut out, &witness.r_e);
        put_scalars(&mut out, &witness.w);
        put_chain(&mut out, &self.chain.chain, &self.chain.cyclefold);
        let state = prover.and_then(|prover| prover.state.as_ref());
        out.push(match (prover, state) {
            (None, _) => STAGE_OPEN,
            (Some(_), None) => STAGE_NOTES,
            (Some(_), Some(_)) => STAGE_STATE,
        });
        if let Some(state) = state {
            put_state_chain(&mut out, state);
        }
        out
    }
}

impl BatchProver {
    /// The prover as bytes.
    #[must_use]
    pub fn checkpoint(&self, params: &FoldingParams) -> Vec<u8> {
        seal(self.batch.open().body(params, Some(self)))
    }
}

impl Checkpoint {
    /// Brings a batch back, on the state that it was opened on.
    ///
    /// Checks what goes on into a proof: the digest, every step against the state, and that both witnesses open their
    /// commitments.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`].
    pub fn resume(
        params: &FoldingParams,
        state: State,
        bytes: &[u8],
    ) -> Result<Self, CheckpointError> {
        let mut reader = Reader::new(bytes);
        reader.header(WHAT, MAGIC, VERSION)?;
        reader.parameters(params.digest())?;
        let Some((body, digest)) = bytes.split_last_chunk::<DIGEST_BYTES>() else {
            return Err(CheckpointError::Damaged);
        };
        if Sha256::digest(body).as_slice() != digest {
            return Err(CheckpointError::Damaged);
        }
        let mut reader = Reader::new(body);
        reader.header(WHAT, MAGIC, VERSION)?;
        reader.parameters(params.digest())?;
        let deployment = Deployment(reader.scalar("deployment")?);
        let (expected, got) = (state.root(), StateRoot(reader.scalar("state root")?));
        if expected != got {
            return Err(CheckpointError::State { expected, got });
        }
        let mut open = read_open(params, deployment, state, &mut reader)?;
        read_note_chain(params, &mut open, &mut reader)?;
        let stage = reader.u8("stage")?;
        let checkpoint = match stage {
            STAGE_OPEN => Self::Open(Box::new(open)),
            STAGE_NOTES | STAGE_STATE => {
                let closed = open.close(params).map_err(|_| CheckpointError::Progress {
                    expected: 0,
                    got: 1,
                })?;
                let mut prover = closed.prover();
                if stage == STAGE_STATE {
                    read_state_chain(params, &mut prover, &mut reader)?;
                }
                Self::Proving(Box::new(prover))
            }
            got => {
                return Err(DecodeError::OutOfRange {
                    what: "stage",
                    expected: "0, 1 or 2",
                    got: got.into(),
                }
                .into());
            }
        };
        reader.finish()?;
        Ok(checkpoint)
    }
}

fn seal(mut body: Vec<u8>) -> Vec<u8> {
    let digest = Sha256::digest(&body);
    body.extend_from_slice(&digest);
    body
}

fn read_open(
    params: &FoldingParams,
    deployment: Deployment,
    state: State,
    reader: &mut Reader<'_>,
) -> Result<OpenBatch, CheckpointError> {
    let mut batch = OpenBatch::open(params, deployment, state);
    let count = reader.u32("steps")? as usize;
    for index in 0..count {
        let step = FoldedStep::read(params, &batch.running(params), reader)?;
        let applied = batch
            .working
            .apply(&step.statement().update())
            .map_err(|source| CheckpointError::Step { index, source })?;
        batch.slots.push(applied.anchor_slot);
        batch.steps.push(step);
    }
    let blindings = (
        reader.scalar("blinding of W")?,
        reader.scalar("blinding of E")?,
    );
    let w = read_scalars(reader, "W of U_N", params.step().shape().num_vars())?;
    let instance: RelaxedR1CSInstance = match count {
        0 => start_pair(&params.step().fold_context()).instance,
        _ => batch.running(params),
    };
    batch.notes = NoteAccumulator::restore(params.step(), instance, w, blindings, count as u64)
        .map_err(CheckpointError::Notes)?;
    Ok(batch)
}

fn put_chain(out: &mut Vec<u8>, chain: &Chain, cyclefold: &CycleFoldPair) {
    out.extend_from_slice(&chain.index.to_le_bytes());
    let Some((fresh, x)) = &chain.fresh else {
        return;
    };
    put_augmented(out, &chain.augmented);
    put_scalars(out, &chain.witness.w);
    put_scalar(out, x);
    put_scalars(out, fresh);
    put_cyclefold(out, &cyclefold.instance);
    put_bases(out, &cyclefold.witness.w);
}

/// A chain and U_C beside it; nothing where no step was proven.
fn read_chain(
    params: &FoldingParams,
    shape: &R1CSShape,
    steps: usize,
    reader: &mut Reader<'_>,
) -> Result<Option<(Chain, CycleFoldPair)>, CheckpointError> {
    let index = reader.u64("proven steps")?;
    if index > steps as u64 {
        return Err(CheckpointError::Progress {
            expected: steps as u64,
            got: index,
        });
    }
    if index == 0 {
        return Ok(None);
    }
    let augmented = read_augmented(reader)?;
    let w = read_scalars(reader, "W of a chain", shape.num_vars())?;
    let witness = JointWitness::from_w(shape, w, augmented.u, &[augmented.x]);
    let opened = params.step().key().commit(&witness.vector(), &Fr::one());
    if opened != Commitment::new(augmented.comm.into()) {
        return Err(CheckpointError::Chain);
    }
    let x = reader.scalar("public value of the last step")?;
    let fresh = read_scalars(reader, "witness of the last step", shape.num_vars())?;
    let instance = read_cyclefold(reader)?;
    let w = read_bases(reader, "W of U_C", params.cyclefold().shape().num_vars())?;
    let witness_c = params.cyclefold().witness(&instance, w)?;
    let chain = Chain {
        index,
        augmented,
        witness,
        fresh: Some((fresh, x)),
    };
    let cyclefold = CycleFoldPair {
        instance,
        witness: witness_c,
    };
    Ok(Some((chain, cyclefold)))
}

fn read_note_chain(
    params: &FoldingParams,
    batch: &mut OpenBatch,
    reader: &mut Reader<'_>,
) -> Result<(), CheckpointError> {
    let read = read_chain(params, params.note_shape(), batch.steps.len(), reader)?;
    if let Some((chain, cyclefold)) = read {
        let done = usize::try_from(chain.index).expect("invariant: at most the batch's steps");
        let proven = &batch.steps[..done];
        batch.chain = NoteChain {
            chain,
            steps_digest: proven.iter().fold(Fr::zero(), |digest, step| {
                extend_steps_digest(digest, &step.statement().hash().0)
            }),
            notes: proven[done - 1].note().after.clone(),
            cyclefold,
        };
    }
    Ok(())
}

fn put_state_chain(out: &mut Vec<u8>, state: &StateChain) {
    state
        .state
        .elements()
        .iter()
        .for_each(|e| put_scalar(out, e));
    put_chain(out, &state.chain, &state.cyclefold);
}

fn read_state_chain(
    params: &FoldingParams,
    prover: &mut BatchProver,
    reader: &mut Reader<'_>,
) -> Result<(), CheckpointError> {
    let state = read_state(reader)?;
    let (batch, steps) = (&prover.batch, prover.batch.steps().len());
    let mut chain = StateChain::start(params, *batch.constants(), &batch.open().chain);
    if let Some((read, cyclefold)) = read_chain(params, params.state_shape(), steps, reader)? {
        chain.chain = read;
        chain.cyclefold = cyclefold;
        chain.state = state;
    }
    prover.state = Some(chain);
    Ok(())
}

//! Checkpoints: a batch at any stage as bytes, from which a process that was killed goes on.

use super::{BatchProver, FoldedStep, OpenBatch};
use crate::{
    augmented::AugmentedInstance,
    curves::{Commitment, Fr, RelaxedR1CSInstance},
    cyclefold::CycleFoldPair,
    encoding::{DecodeError, Reader, put_header, put_scalar},
    ivc::{
        FoldingParams, Ivc, put_augmented, put_bases, put_cyclefold, put_scalars, read_augmented,
        read_bases, read_cyclefold, read_scalars, read_state,
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
    /// The witness of F′ does not open U_A.
    #[error("expected the checkpoint's witness of F′ to open its commitment, got another opening")]
    Augmented,
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

    fn body(&self, params: &FoldingParams, ivc: Option<&Ivc>) -> Vec<u8> {
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
        out.push(u8::from(ivc.is_some()));
        if let Some(ivc) = ivc {
            put_ivc(&mut out, ivc);
        }
        out
    }
}

impl BatchProver {
    /// The prover as bytes.
    #[must_use]
    pub fn checkpoint(&self, params: &FoldingParams) -> Vec<u8> {
        seal(self.batch.open().body(params, Some(&self.ivc)))
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
        let open = read_open(params, deployment, state, &mut reader)?;
        let proving = reader.u8("stage")? == 1;
        let checkpoint = if proving {
            let Ok(batch) = open.close(params) else {
                return Err(CheckpointError::Progress {
                    expected: 0,
                    got: 1,
                });
            };
            let mut prover = batch.prover(params);
            read_ivc(params, &mut prover, &mut reader)?;
            Self::Proving(Box::new(prover))
        } else {
            Self::Open(Box::new(open))
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

fn put_ivc(out: &mut Vec<u8>, ivc: &Ivc) {
    out.extend_from_slice(&ivc.index.to_le_bytes());
    let Some((fresh, x)) = &ivc.fresh else {
        return;
    };
    ivc.state.elements().iter().for_each(|e| put_scalar(out, e));
    put_augmented(out, &ivc.augmented);
    put_scalars(out, &ivc.witness.w);
    put_cyclefold(out, &ivc.cyclefold.instance);
    put_bases(out, &ivc.cyclefold.witness.w);
    put_scalar(out, x);
    put_scalars(out, fresh);
}

fn read_ivc(
    params: &FoldingParams,
    prover: &mut BatchProver,
    reader: &mut Reader<'_>,
) -> Result<(), CheckpointError> {
    let index = reader.u64("proven steps")?;
    let expected = prover.batch.steps().len() as u64;
    if index > expected {
        return Err(CheckpointError::Progress {
            expected,
            got: index,
        });
    }
    let Some(last) = usize::try_from(index).ok().and_then(|i| i.checked_sub(1)) else {
        return Ok(());
    };
    let variables = params.shape().num_vars();
    let state = read_state(reader)?;
    let augmented = read_augmented(reader)?;
    let w = read_scalars(reader, "W of F′", variables)?;
    let witness = JointWitness::from_w(params.shape(), w, augmented.u, &[augmented.x]);
    check_augmented(params, &augmented, &witness)?;
    let instance = read_cyclefold(reader)?;
    let length = params.cyclefold().shape().num_vars();
    let w = read_bases(reader, "W of U_C", length)?;
    let witness_c = params
        .cyclefold()
        .witness(&instance, w)
        .map_err(|_| CheckpointError::Damaged)?;
    let x = reader.scalar("public value of the last step")?;
    let fresh = read_scalars(reader, "witness of the last step", variables)?;
    prover.ivc = Ivc {
        index,
        state,
        augmented,
        witness,
        notes: prover.batch.steps()[last].note().after.clone(),
        cyclefold: CycleFoldPair {
            instance,
            witness: witness_c,
        },
        fresh: Some((fresh, x)),
    };
    Ok(())
}

fn check_augmented(
    params: &FoldingParams,
    instance: &AugmentedInstance,
    witness: &JointWitness<Fr>,
) -> Result<(), CheckpointError> {
    let opened = params.step().key().commit(&witness.vector(), &Fr::one());
    if opened != Commitment::new(instance.comm.into()) {
        return Err(CheckpointError::Augmented);
    }
    Ok(())
}

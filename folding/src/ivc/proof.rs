//! The finished proof: four instances, four witnesses, and the last state. Its size does not depend on the steps.

use super::FoldingParams;
use crate::{
    augmented::{AugmentedInstance, BatchState},
    curves::{Commitment, Fq, Fr, G1Affine, RelaxedR1CSInstance},
    cyclefold::{CycleFoldInstance, X_LIMBS},
    encoding::{DecodeError, Reader, put_base, put_grumpkin, put_header, put_point, put_scalar},
    nifs::affine,
};

const MAGIC: [u8; 4] = *b"NFIV";
const VERSION: u16 = 1;
const WHAT: &str = "folding proof";

/// A chain's part of a finished proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainProof {
    /// U_A before the last step is folded.
    pub augmented: AugmentedInstance,
    /// commit(w ‖ T) of the last step.
    pub comm_last: G1Affine,
    /// W after the last step is folded.
    pub w: Vec<Fr>,
}

/// A finished proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IvcProof {
    /// The note chain.
    pub note_chain: ChainProof,
    /// The state chain.
    pub state_chain: ChainProof,
    /// z_n.
    pub state: BatchState,
    /// U_N.
    pub notes: RelaxedR1CSInstance,
    /// W of U_N.
    pub w_notes: Vec<Fr>,
    /// Blinding of its commitment.
    pub r_w: Fr,
    /// Blinding of the commitment to its E.
    pub r_e: Fr,
    /// Digest of U_C where the note chain ends and the state chain starts.
    pub cyclefold_start: Fr,
    /// U_C.
    pub cyclefold: CycleFoldInstance,
    /// W of U_C.
    pub w_cyclefold: Vec<Fq>,
}

impl ChainProof {
    fn write(&self, out: &mut Vec<u8>) {
        put_augmented(out, &self.augmented);
        put_point(out, &self.comm_last);
        put_scalars(out, &self.w);
    }

    fn read(
        reader: &mut Reader<'_>,
        what: &'static str,
        variables: usize,
    ) -> Result<Self, DecodeError> {
        Ok(Self {
            augmented: read_augmented(reader)?,
            comm_last: reader.point("last commitment")?,
            w: read_scalars(reader, what, variables)?,
        })
    }
}

impl IvcProof {
    /// The canonical encoding (`specs/augmented-circuit.md`, IVC-4).
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_header(&mut out, MAGIC, VERSION);
        self.state
            .elements()
            .iter()
            .for_each(|e| put_scalar(&mut out, e));
        put_scalar(&mut out, &self.cyclefold_start);
        put_notes(&mut out, &self.notes);
        put_scalar(&mut out, &self.r_w);
        put_scalar(&mut out, &self.r_e);
        put_cyclefold(&mut out, &self.cyclefold);
        self.note_chain.write(&mut out);
        self.state_chain.write(&mut out);
        put_scalars(&mut out, &self.w_notes);
        put_bases(&mut out, &self.w_cyclefold);
        out
    }

    /// The inverse of [`Self::to_bytes`].
    ///
    /// # Errors
    ///
    /// [`DecodeError`]; nothing is allocated that the bytes at hand do not justify.
    pub fn from_bytes(params: &FoldingParams, bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let proof = Self::read(params, &mut reader)?;
        reader.finish()?;
        Ok(proof)
    }

    pub(crate) fn read(
        params: &FoldingParams,
        reader: &mut Reader<'_>,
    ) -> Result<Self, DecodeError> {
        reader.header(WHAT, MAGIC, VERSION)?;
        let state = read_state(reader)?;
        let cyclefold_start = reader.scalar("digest of U_C")?;
        let notes = read_notes(params, reader)?;
        let r_w = reader.scalar("blinding of W")?;
        let r_e = reader.scalar("blinding of E")?;
        let cyclefold = read_cyclefold(reader)?;
        let note_chain = ChainProof::read(reader, "W of F_N", params.note_shape().num_vars())?;
        let state_chain = ChainProof::read(reader, "W of F_S", params.state_shape().num_vars())?;
        Ok(Self {
            note_chain,
            state_chain,
            state,
            notes,
            w_notes: read_scalars(reader, "W of U_N", params.step().shape().num_vars())?,
            r_w,
            r_e,
            cyclefold_start,
            cyclefold,
            w_cyclefold: read_bases(reader, "W of U_C", params.cyclefold().shape().num_vars())?,
        })
    }
}

pub(crate) fn read_state(reader: &mut Reader<'_>) -> Result<BatchState, DecodeError> {
    Ok(BatchState {
        nullifier_root: reader.scalar("nullifier root")?,
        data_digest: reader.scalar("data digest")?,
        fingerprint: reader.scalar("fingerprint")?,
        appended: reader.scalar("product of appended leaves")?,
        redirected: reader.scalar("product of redirected leaves")?,
        steps_digest: reader.scalar("steps digest")?,
    })
}

pub(crate) fn put_augmented(out: &mut Vec<u8>, instance: &AugmentedInstance) {
    put_point(out, &instance.comm);
    put_scalar(out, &instance.u);
    put_scalar(out, &instance.x);
}

pub(crate) fn read_augmented(reader: &mut Reader<'_>) -> Result<AugmentedInstance, DecodeError> {
    Ok(AugmentedInstance {
        comm: reader.point("commitment of U_A")?,
        u: reader.scalar("u of U_A")?,
        x: reader.scalar("X of U_A")?,
    })
}

pub(crate) fn put_notes(out: &mut Vec<u8>, instance: &RelaxedR1CSInstance) {
    put_point(out, &affine(instance.comm_W()));
    put_point(out, &affine(instance.comm_E()));
    put_scalar(out, &instance.u());
    instance.X().iter().for_each(|x| put_scalar(out, x));
}

pub(crate) fn read_notes(
    params: &FoldingParams,
    reader: &mut Reader<'_>,
) -> Result<RelaxedR1CSInstance, DecodeError> {
    let shape = params.step().shape();
    let comm = |point: G1Affine| Commitment::new(point.into());
    let comm_w = comm(reader.point("comm_W")?);
    let comm_e = comm(reader.point("comm_E")?);
    let u = reader.scalar("u")?;
    let x = (0..shape.num_io())
        .map(|_| reader.scalar("X"))
        .collect::<Result<_, _>>()?;
    Ok(RelaxedR1CSInstance::new(shape, comm_w, comm_e, u, x)
        .expect("invariant: as many public inputs as the shape has"))
}

pub(crate) fn put_cyclefold(out: &mut Vec<u8>, instance: &CycleFoldInstance) {
    put_grumpkin(out, &instance.comm);
    put_scalar(out, &instance.u);
    instance.x.iter().for_each(|limb| put_scalar(out, limb));
}

pub(crate) fn read_cyclefold(reader: &mut Reader<'_>) -> Result<CycleFoldInstance, DecodeError> {
    let comm = reader.grumpkin("commitment of U_C")?;
    let u = reader.scalar("u of U_C")?;
    let mut x = [Fr::zero(); X_LIMBS];
    for limb in &mut x {
        *limb = reader.scalar("X of U_C")?;
    }
    Ok(CycleFoldInstance { comm, u, x })
}

pub(crate) fn put_scalars(out: &mut Vec<u8>, values: &[Fr]) {
    put_count(out, values.len());
    values.iter().for_each(|value| put_scalar(out, value));
}

pub(crate) fn read_scalars(
    reader: &mut Reader<'_>,
    what: &'static str,
    expected: usize,
) -> Result<Vec<Fr>, DecodeError> {
    reader.count(what, expected)?;
    (0..expected).map(|_| reader.scalar(what)).collect()
}

pub(crate) fn put_bases(out: &mut Vec<u8>, values: &[Fq]) {
    put_count(out, values.len());
    values.iter().for_each(|value| put_base(out, value));
}

pub(crate) fn read_bases(
    reader: &mut Reader<'_>,
    what: &'static str,
    expected: usize,
) -> Result<Vec<Fq>, DecodeError> {
    reader.count(what, expected)?;
    (0..expected).map(|_| reader.base(what)).collect()
}

fn put_count(out: &mut Vec<u8>, count: usize) {
    let count = u32::try_from(count).expect("invariant: circuits are below 2^32 wires");
    out.extend_from_slice(&count.to_le_bytes());
}

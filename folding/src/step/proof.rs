//! The step proof: a witness folded once with a random satisfying pair (NovaBlindFold).
//!
//! Nova (eprint 2021/370), section 4.1, with a relaxed first and a fresh second instance:
//!
//! 1. (u_N, w_N): commit to w with a random blinding;
//! 2. cross term `T0 = A z∘B z − u·C z − E$` of the sum `z = z$ + z_N`, `u = u$ + 1`, committed with a random blinding;
//! 3. `rho = RO(pp, U$, u_N, T0)`;
//! 4. `W = W$ + rho·w`, and the blindings alike. E is not sent: it follows from W.

use super::{
    ClauseViolation, Mask, ParamsDigest, StatementError, StatementHash, Step, StepParams,
    StepStatement, check, synthesize, witness_cs::WitnessCs,
};
use crate::{
    curves::{Commitment, Fr, G1Affine, R1CSInstance, RelaxedR1CSInstance},
    encoding::{DecodeError, POINT_BYTES, Reader, SCALAR_BYTES, put_header, put_point, put_scalar},
    nifs::BlindedInstance,
    relaxed::cross_term,
    secret::SecretScalars,
};
use ff::Field;
use halo2curves::group::Curve;
use nova_snark::frontend::ConstraintSystem;
use rand_core::{CryptoRng, RngCore};
use rayon::prelude::*;

const MAGIC: [u8; 4] = *b"NFSP";
const VERSION: u16 = 1;
const WHAT: &str = "step proof";

/// Bound on the bytes of a message of any parameters: what a receiver reads before it looks inside.
pub const MAX_STEP_PROOF_BYTES: usize = 512 * 1024;

/// Why a step cannot be proven.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProveError {
    /// The witness breaks a clause.
    #[error(transparent)]
    Clause(#[from] ClauseViolation),
    /// The public data contradict each other.
    #[error(transparent)]
    Statement(#[from] StatementError),
}

/// A step proof: what a prover sends to an aggregator.
#[derive(Clone, PartialEq, Eq)]
pub struct StepProof {
    pub(super) params: ParamsDigest,
    pub(super) statement: StepStatement,
    pub(super) x: StatementHash,
    pub(super) mask: RelaxedR1CSInstance,
    pub(super) comm_w: Commitment,
    pub(super) comm_t: Commitment,
    pub(super) w: Vec<Fr>,
    pub(super) r_w: Fr,
    pub(super) r_e: Fr,
}

/// Proves a step. The mask is used up.
///
/// # Errors
///
/// [`ProveError`] when the step is not one; nothing of the witness leaves this function.
pub fn prove(
    params: &StepParams,
    step: &Step,
    mask: Mask,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<StepProof, ProveError> {
    step.statement.check()?;
    check(&step.assignment)?;
    let shape = params.shape();
    let mut cs = WitnessCs::with_capacity(shape.num_vars(), shape.num_io());
    synthesize(&mut cs.namespace(|| "step"), Some(&step.assignment))
        .expect("invariant: a checked assignment has every value");
    let (w, x) = cs.finish();

    let [r_w, r_t] = [(); 2].map(|()| SecretScalars::one(Fr::random(&mut *rng)));
    let (comm_w, (t, comm_t)) = rayon::join(
        || params.key().commit(&w, &r_w.scalar()),
        || {
            let t = mask_cross_term(params, &mask, &w, &x);
            let comm_t = params.key().commit(&t, &r_t.scalar());
            (t, comm_t)
        },
    );
    drop(t);

    let incoming = BlindedInstance {
        mask: mask.instance.clone(),
        fresh: R1CSInstance::new(shape, &comm_w, &x).expect("invariant: x is the one input"),
        comm_t0: comm_t,
    };
    let rho = incoming.challenge(&params.fold_context());
    let folded = mask
        .w
        .par_iter()
        .zip(w.par_iter())
        .map(|(a, b)| *a + rho * *b)
        .collect();
    Ok(StepProof {
        params: params.digest(),
        statement: step.statement,
        x: StatementHash(x[0]),
        mask: incoming.mask,
        comm_w,
        comm_t,
        w: folded,
        r_w: mask.r_w.scalar() + rho * r_w.scalar(),
        r_e: mask.r_e.scalar() + rho * r_t.scalar(),
    })
}

/// T0: the cross term of the mask with the fresh pair.
fn mask_cross_term(params: &StepParams, mask: &Mask, w: &[Fr], x: &[Fr]) -> SecretScalars {
    let mut sum: Vec<Fr> = Vec::with_capacity(w.len() + 1 + x.len());
    sum.extend(mask.w.iter().zip(w).map(|(a, b)| *a + *b));
    sum.push(mask.instance.u() + Fr::ONE);
    sum.extend(mask.instance.X().iter().zip(x).map(|(a, b)| *a + *b));
    let sum = SecretScalars::new(sum);
    SecretScalars::new(cross_term(params.shape(), &sum, &[&mask.e]))
}

impl StepProof {
    /// What the step makes public.
    #[must_use]
    pub fn statement(&self) -> &StepStatement {
        &self.statement
    }

    /// The instances that the blinding fold combined.
    pub(super) fn incoming(&self, params: &StepParams) -> BlindedInstance {
        let fresh = R1CSInstance::new(params.shape(), &self.comm_w, &[self.x.0]);
        BlindedInstance {
            mask: self.mask.clone(),
            fresh: fresh.expect("invariant: x is the one input"),
            comm_t0: self.comm_t,
        }
    }

    /// The parameters that it was made for.
    #[must_use]
    pub fn params(&self) -> ParamsDigest {
        self.params
    }

    /// The canonical encoding (`specs/step-proof.md`).
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.w.len() * SCALAR_BYTES + 1024);
        put_header(&mut out, MAGIC, VERSION);
        out.extend_from_slice(self.params.bytes());
        self.statement.write(&mut out);
        put_scalar(&mut out, &self.x.0);
        for point in [
            self.mask.comm_W(),
            self.mask.comm_E(),
            &self.comm_w,
            &self.comm_t,
        ] {
            put_point(&mut out, &point.into_inner().to_affine());
        }
        put_scalar(&mut out, &self.mask.u());
        self.mask.X().iter().for_each(|x| put_scalar(&mut out, x));
        put_scalar(&mut out, &self.r_w);
        put_scalar(&mut out, &self.r_e);
        let count = u32::try_from(self.w.len()).expect("invariant: circuits are below 2^32 wires");
        out.extend_from_slice(&count.to_le_bytes());
        self.w.iter().for_each(|w| put_scalar(&mut out, w));
        out
    }

    /// Decodes a message for the given parameters.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] for anything but the canonical encoding of a proof for these parameters.
    pub fn from_bytes(params: &StepParams, bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        reader.header(WHAT, MAGIC, VERSION)?;
        let digest: [u8; 32] = reader.array("parameters digest")?;
        if digest != *params.digest().bytes() {
            return Err(DecodeError::WrongParameters {
                expected: params.digest().to_string(),
                got: hex::encode(digest),
            });
        }
        let statement = StepStatement::read(&mut reader)?;
        let x = StatementHash(reader.scalar("statement hash")?);
        let mut point = |what| {
            reader
                .point(what)
                .map(|point: G1Affine| Commitment::new(point.into()))
        };
        let mask_w = point("mask's commitment to W")?;
        let mask_e = point("mask's commitment to E")?;
        let comm_w = point("commitment to the witness")?;
        let comm_t = point("commitment to the cross term")?;
        let mask_u = reader.scalar("mask's u")?;
        let shape = params.shape();
        let mask_x = (0..shape.num_io())
            .map(|_| reader.scalar("mask's public input"))
            .collect::<Result<Vec<Fr>, _>>()?;
        let r_w = reader.scalar("folded blinding of W")?;
        let r_e = reader.scalar("folded blinding of E")?;
        let count = reader.u32("witness length")? as usize;
        if count != shape.num_vars() {
            return Err(DecodeError::WrongLength {
                what: "folded witness",
                expected: shape.num_vars(),
                got: count,
            });
        }
        let body = reader.take("folded witness", count * SCALAR_BYTES)?;
        reader.finish()?;
        let w = body
            .par_chunks_exact(SCALAR_BYTES)
            .map(|chunk| Reader::new(chunk).scalar("folded witness"))
            .collect::<Result<Vec<Fr>, _>>()?;
        let mask = RelaxedR1CSInstance::new(shape, mask_w, mask_e, mask_u, mask_x)
            .expect("invariant: as many public inputs as the shape has");
        Ok(Self {
            params: params.digest(),
            statement,
            x,
            mask,
            comm_w,
            comm_t,
            w,
            r_w,
            r_e,
        })
    }

    /// Bytes of the encoding beside the witness and the statement.
    pub const FRAME_BYTES: usize =
        4 + 2 + 32 + SCALAR_BYTES + 4 * POINT_BYTES + 4 * SCALAR_BYTES + 4;
}

impl std::fmt::Debug for StepProof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StepProof")
            .field("params", &self.params)
            .field("x", &self.x)
            .finish_non_exhaustive()
    }
}

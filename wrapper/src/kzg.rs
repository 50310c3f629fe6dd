//! One KZG opening of several polynomials at one point (Kate, Zaverucha, Goldberg, "Constant-size commitments to
//! polynomials and their applications", 2010; batched by powers as in Boneh and others, eprint 2020/081).

use crate::{
    convert::{g1_to_ark, g2_to_ark},
    decider::SHIFT_BITS,
    public_values::{OpenedCommitment, PublicValue, PublicValues},
};
use ark_bn254::Bn254;
use ark_ec::pairing::Pairing;
use ark_ff::One;
use ff::Field;
use halo2curves::group::{Curve, Group, prime::PrimeCurveAffine};
use notefold_folding::{
    commitment_key::{CommitmentKey, blinding_generator},
    curves::{Fr, G1, G1Affine, G2Affine},
};

/// `Σ_j shift^j·P_j`.
fn combine(polynomials: &[Vec<Fr>], shift: Fr) -> Vec<Fr> {
    let length = polynomials.iter().map(Vec::len).max().unwrap_or(0);
    let mut sum = vec![Fr::ZERO; length];
    let mut weight = Fr::ONE;
    for polynomial in polynomials {
        for (sum, coefficient) in sum.iter_mut().zip(polynomial) {
            *sum += weight * coefficient;
        }
        weight *= shift;
    }
    sum
}

fn shift(c: &Fr) -> Fr {
    c.pow_vartime([1 << SHIFT_BITS])
}

/// y and the commitment to `(P(X) − y)/(X − c)` for P = Σ_j c^{jN}·P_j.
#[must_use]
pub fn open(key: &CommitmentKey, polynomials: &[Vec<Fr>; 4], c: &Fr) -> (Fr, G1Affine) {
    let combined = combine(polynomials, shift(c));
    // Division by X − c from the top; what is left over is the value.
    let mut quotient = vec![Fr::ZERO; combined.len()];
    let mut carry = Fr::ZERO;
    for (index, coefficient) in combined.iter().enumerate().rev() {
        quotient[index] = carry;
        carry = carry * c + *coefficient;
    }
    let commitment = key.commit(&quotient, &Fr::ZERO);
    (carry, commitment.into_inner().to_affine())
}

/// What is opened: the commitments as they are folded, and what hides them.
pub struct Opening<'a> {
    /// The public values, with commitments and the challenges of the last folds.
    pub public: &'a PublicValues,
    /// Blindings of comm_W and comm_E of U_N.
    pub blindings: [Fr; 2],
    /// The value.
    pub y: Fr,
    /// The commitment to the quotient.
    pub quotient: G1Affine,
}

impl Opening<'_> {
    /// `Σ_j c^{jN}·(C_j − blinding_j·H)`, the folds of the two chains formed from both sides.
    fn combined(&self, c: &Fr) -> G1 {
        let commitment = |which| self.public.commitment(which).to_curve();
        let r = |which| self.public.get(which);
        use OpenedCommitment as O;
        let notes =
            commitment(O::NoteChain) + commitment(O::NoteChainLast) * r(PublicValue::NoteChainFold);
        let state = commitment(O::StateChain)
            + commitment(O::StateChainLast) * r(PublicValue::StateChainFold);
        let commitments = [notes, state, commitment(O::NotesW), commitment(O::NotesE)];
        // U_A started with blinding one, and fresh instances have none.
        let blindings = [Fr::ONE, Fr::ONE, self.blindings[0], self.blindings[1]];
        let (shift, mut weight) = (shift(c), Fr::ONE);
        let (mut sum, mut blinding) = (G1::identity(), Fr::ZERO);
        for (point, hidden) in commitments.into_iter().zip(blindings) {
            sum += point * weight;
            blinding += hidden * weight;
            weight *= shift;
        }
        sum - blinding_generator() * blinding
    }

    /// `e(F − y·G + c·π, G₂) = e(π, τ·G₂)`.
    #[must_use]
    pub fn holds(&self, tau_g2: &G2Affine, c: &Fr) -> bool {
        let left = self.combined(c) - G1Affine::generator() * self.y + self.quotient * *c;
        let left = g1_to_ark(&left.to_affine());
        let right = -g1_to_ark(&self.quotient);
        let bases = [g2_to_ark(&G2Affine::generator()), g2_to_ark(tau_g2)];
        Bn254::multi_pairing([left, right], bases).0.is_one()
    }
}

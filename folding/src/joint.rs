//! Relaxed pairs whose W and E share one commitment, `commit(W ‖ E)`.
//!
//! A fresh instance folds into a running one by the same r in both parts: W' = W + r·w and E' = E + r·T. So the fresh side
//! is committed as `commit(w ‖ T)`, and a fold is one group operation where Nova (eprint 2021/370, construction 3) has
//! two. r is drawn after that commitment. Nothing is lost: from folds with two challenges the openings of both parts
//! follow by interpolation, as they do from two commitments (`specs/folding.md`, FOLD-1).

use ff::Field;
use nova_snark::{r1cs::R1CSShape, traits::Engine};
use rayon::prelude::*;

/// W and E of a relaxed pair.
#[derive(Clone, PartialEq, Eq)]
pub struct JointWitness<F> {
    /// W, one element per private variable.
    pub w: Vec<F>,
    /// E, one element per constraint.
    pub e: Vec<F>,
}

impl<F> std::fmt::Debug for JointWitness<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "JointWitness({} variables)", self.w.len())
    }
}

impl<F: Field> JointWitness<F> {
    /// All zero: satisfies any relation with u = 0 and X = 0.
    #[must_use]
    pub fn zero<E: Engine<Scalar = F>>(shape: &R1CSShape<E>) -> Self {
        Self {
            w: vec![F::ZERO; shape.num_vars()],
            e: vec![F::ZERO; shape.num_cons()],
        }
    }

    /// The witness that belongs to W: E is the one error vector that fits.
    #[must_use]
    pub fn from_w<E: Engine<Scalar = F>>(shape: &R1CSShape<E>, w: Vec<F>, u: F, x: &[F]) -> Self {
        let e = residual(shape, &z(&w, u, x), &u);
        Self { w, e }
    }

    /// `w ‖ T` of the fold of a fresh witness: what is committed before r is drawn.
    #[must_use]
    pub fn fresh_vector<E: Engine<Scalar = F>>(
        &self,
        shape: &R1CSShape<E>,
        (u, x): (F, &[F]),
        fresh: &[F],
        fresh_x: &[F],
    ) -> Vec<F> {
        let mut sum = z(&self.w, u, x);
        let incoming = z(fresh, F::ONE, fresh_x);
        sum.par_iter_mut()
            .zip(&incoming)
            .for_each(|(a, b)| *a += *b);
        let mut t = residual(shape, &sum, &(u + F::ONE));
        t.par_iter_mut().zip(&self.e).for_each(|(t, e)| *t -= *e);
        let mut vector = Vec::with_capacity(fresh.len() + t.len());
        vector.extend_from_slice(fresh);
        vector.append(&mut t);
        vector
    }

    /// W + r·w and E + r·T.
    pub fn fold(&mut self, vector: &[F], r: F) {
        let (w, t) = vector.split_at(self.w.len());
        self.w.par_iter_mut().zip(w).for_each(|(a, b)| *a += r * b);
        self.e.par_iter_mut().zip(t).for_each(|(a, b)| *a += r * b);
    }

    /// W ‖ E.
    #[must_use]
    pub fn vector(&self) -> Vec<F> {
        let mut vector = Vec::with_capacity(self.w.len() + self.e.len());
        vector.extend_from_slice(&self.w);
        vector.extend_from_slice(&self.e);
        vector
    }
}

/// z = (W, u, X).
fn z<F: Field>(w: &[F], u: F, x: &[F]) -> Vec<F> {
    let mut z = Vec::with_capacity(w.len() + 1 + x.len());
    z.extend_from_slice(w);
    z.push(u);
    z.extend_from_slice(x);
    z
}

/// `Az∘Bz − u·Cz`.
fn residual<E: Engine>(shape: &R1CSShape<E>, z: &[E::Scalar], u: &E::Scalar) -> Vec<E::Scalar> {
    let (az, bz, cz) = shape
        .multiply_vec(z)
        .expect("invariant: z has one element per column of the shape");
    az.par_iter()
        .zip(&bz)
        .zip(&cz)
        .map(|((a, b), c)| *a * *b - *u * *c)
        .collect()
}

//! A circuit's matrices, to be checked inside another circuit.

use super::collector::{Collector, Column};
use crate::groth16::SparseMatrix;
use ff::PrimeField;
use nova_snark::frontend::{ConstraintSystem, SynthesisError};

/// `Az ∘ Bz = u·Cz + E` with z = (W, u, X).
pub struct Relation<F> {
    /// A, B and C.
    pub matrices: [SparseMatrix<F>; 3],
    /// Elements of W.
    pub variables: usize,
    /// Elements of X.
    pub inputs: usize,
}

impl<F: PrimeField> Relation<F> {
    /// The relation of a circuit.
    ///
    /// # Panics
    ///
    /// When the circuit asks for a value where there is none.
    pub fn of(synthesize: impl FnOnce(&mut Collector<F>) -> Result<(), SynthesisError>) -> Self {
        let mut collector = Collector::new();
        synthesize(&mut collector).expect("invariant: a shape needs no assignment");
        let (variables, inputs) = (collector.aux(), collector.inputs() - 1);
        let matrices = collector.into_matrices(|column| match column {
            Column::Aux(index) => index,
            Column::Input(index) => variables + index,
        });
        Self {
            matrices,
            variables,
            inputs,
        }
    }

    /// Rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.matrices[0].rows()
    }

    /// A row's product with z.
    pub(crate) fn product(&self, matrix: usize, row: usize, z: &[F]) -> F {
        self.matrices[matrix]
            .row(row)
            .fold(F::ZERO, |sum, (column, value)| {
                sum + z[column as usize] * value
            })
    }
}

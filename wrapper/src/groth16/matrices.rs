//! R1CS as sparse matrices, with wires split into public, committed and private.

use ark_bn254::Fr;
use ark_ff::{One, PrimeField, Zero};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

/// A matrix by rows: row `i` has entries `offsets[i]..offsets[i + 1]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SparseMatrix<F> {
    offsets: Vec<u32>,
    columns: Vec<u32>,
    values: Vec<F>,
}

impl<F> Default for SparseMatrix<F> {
    fn default() -> Self {
        Self {
            offsets: vec![0],
            columns: Vec::new(),
            values: Vec::new(),
        }
    }
}

impl<F> SparseMatrix<F> {
    /// Adds a row.
    ///
    /// # Panics
    ///
    /// When the matrix reaches 2^32 entries.
    pub fn push_row(&mut self, entries: impl IntoIterator<Item = (u32, F)>) {
        for (column, value) in entries {
            self.columns.push(column);
            self.values.push(value);
        }
        let end = u32::try_from(self.values.len()).expect("invariant: below 2^32 entries");
        self.offsets.push(end);
    }

    /// Rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Entries that are not zero.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.values.len()
    }

    /// A row's entries.
    pub fn row(&self, row: usize) -> impl Iterator<Item = (u32, &F)> {
        let range = self.offsets[row] as usize..self.offsets[row + 1] as usize;
        self.columns[range.clone()]
            .iter()
            .copied()
            .zip(&self.values[range])
    }

    /// The same matrix with other columns and another field.
    pub fn map<G>(self, column: impl Fn(u32) -> u32, value: impl Fn(F) -> G) -> SparseMatrix<G> {
        SparseMatrix {
            offsets: self.offsets,
            columns: self.columns.into_iter().map(column).collect(),
            values: self.values.into_iter().map(value).collect(),
        }
    }
}

impl SparseMatrix<Fr> {
    fn product(&self, row: usize, z: &[Fr]) -> Fr {
        self.row(row).fold(Fr::zero(), |sum, (column, value)| {
            let element = z[column as usize];
            if value.is_one() {
                sum + element
            } else {
                sum + element * value
            }
        })
    }

    /// The product with a vector, into the first elements of a longer one.
    pub(super) fn multiply_into(&self, z: &[Fr], out: &mut [Fr]) {
        out[..self.rows()]
            .par_iter_mut()
            .enumerate()
            .for_each(|(row, out)| *out = self.product(row, z));
    }

    /// `Σ_i weights_i·row_i`, column by column.
    pub(super) fn weighted_columns(&self, weights: &[Fr], columns: usize) -> Vec<Fr> {
        let mut sums = vec![Fr::zero(); columns];
        for (row, weight) in weights.iter().enumerate().take(self.rows()) {
            for (column, value) in self.row(row) {
                sums[column as usize] += if value.is_one() {
                    *weight
                } else {
                    *weight * value
                };
            }
        }
        sums
    }

    fn absorb(&self, hasher: &mut Sha256) {
        hasher.update((self.rows() as u64).to_le_bytes());
        self.offsets
            .iter()
            .chain(&self.columns)
            .for_each(|word| hasher.update(word.to_le_bytes()));
        for value in &self.values {
            for limb in value.into_bigint().0 {
                hasher.update(limb.to_le_bytes());
            }
        }
    }
}

/// `Az ∘ Bz = Cz` with z = (1, public, committed, private).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrices {
    /// Public wires, the constant one left out.
    pub public: usize,
    /// Committed wires.
    pub committed: usize,
    /// Private wires.
    pub private: usize,
    /// A.
    pub a: SparseMatrix<Fr>,
    /// B.
    pub b: SparseMatrix<Fr>,
    /// C.
    pub c: SparseMatrix<Fr>,
}

impl Matrices {
    /// Constraints.
    #[must_use]
    pub fn constraints(&self) -> usize {
        self.a.rows()
    }

    /// Length of z.
    #[must_use]
    pub fn wires(&self) -> usize {
        self.inputs() + self.private
    }

    /// Wires that have a row of their own in the QAP: one, public, committed.
    #[must_use]
    pub fn inputs(&self) -> usize {
        1 + self.public + self.committed
    }

    /// Rows of the QAP; the domain is the next power of two.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.constraints() + self.inputs()
    }

    /// The digest of everything.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(b"notefold r1cs v1");
        for count in [self.public, self.committed, self.private] {
            hasher.update((count as u64).to_le_bytes());
        }
        [&self.a, &self.b, &self.c]
            .into_iter()
            .for_each(|matrix| matrix.absorb(&mut hasher));
        hasher.finalize().into()
    }

    /// All rows that an assignment breaks.
    #[must_use]
    pub fn unsatisfied(&self, z: &[Fr]) -> Vec<usize> {
        (0..self.constraints())
            .into_par_iter()
            .filter(|row| !self.satisfies(*row, z))
            .collect()
    }

    fn satisfies(&self, row: usize, z: &[Fr]) -> bool {
        self.a.product(row, z) * self.b.product(row, z) == self.c.product(row, z)
    }

    /// The first row that an assignment breaks.
    #[must_use]
    pub fn first_unsatisfied(&self, z: &[Fr]) -> Option<usize> {
        (0..self.constraints())
            .into_par_iter()
            .find_first(|row| !self.satisfies(*row, z))
    }
}

//! Poseidon's constants, with the partial rounds in sparse form (eprint 2019/458, appendix B).
//!
//! A partial round applies the S-box to element 0 only, so whatever acts on the other elements commutes with it:
//! round constants move backwards into one vector before the partial rounds, and the dense matrix of a partial round
//! factors as `M = S·diag(1, M̂)` with `S` the identity but for its first row and column, where `diag(1, M̂)` moves
//! backwards as well. A partial round then costs `2t − 1` multiplications instead of `t²`, natively and in the length
//! of the circuit's linear combinations.

use super::{MAX_INPUTS, grain::Grain};
use crate::curves::Fr;
use ff::Field;
use std::sync::OnceLock;

type Matrix = Vec<Vec<Fr>>;

const FULL_ROUNDS: usize = 8;
const HALF: usize = FULL_ROUNDS / 2;

/// Partial rounds for t = 2 … 17 (eprint 2019/458, table 8, 128 bits over a 254-bit field, as circomlib uses them).
const PARTIAL_ROUNDS: [usize; MAX_INPUTS] = [
    56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68,
];

/// x⁵.
pub(crate) fn sbox(x: Fr) -> Fr {
    x.square().square() * x
}

/// The linear layer of one partial round.
pub(crate) struct Sparse {
    /// First row.
    pub(crate) row: Vec<Fr>,
    /// First column below the diagonal; the rest of the matrix is the identity.
    pub(crate) column: Vec<Fr>,
    /// Added to element 0 afterwards.
    pub(crate) constant: Fr,
}

/// The constants of one width.
pub(crate) struct PoseidonParams {
    /// Constants added before each full round; the first half, then the second.
    pub(crate) full_constants: [Vec<Vec<Fr>>; 2],
    /// The dense matrix.
    pub(crate) matrix: Matrix,
    /// The dense matrix of the last full round before the partial rounds.
    pub(crate) pre_sparse: Matrix,
    /// Added once before the partial rounds.
    pub(crate) pre_sparse_constants: Vec<Fr>,
    /// Linear layers of the partial rounds.
    pub(crate) partial: Vec<Sparse>,
}

impl PoseidonParams {
    /// The parameters for a number of inputs; generated on first use.
    ///
    /// # Panics
    ///
    /// When `inputs` is 0 or above [`MAX_INPUTS`].
    pub(crate) fn for_inputs(inputs: usize) -> &'static Self {
        static PARAMS: [OnceLock<PoseidonParams>; MAX_INPUTS] =
            [const { OnceLock::new() }; MAX_INPUTS];
        assert!(
            (1..=MAX_INPUTS).contains(&inputs),
            "invariant: 1 to {MAX_INPUTS} inputs, got {inputs}"
        );
        PARAMS[inputs - 1].get_or_init(|| Self::generate(inputs + 1, PARTIAL_ROUNDS[inputs - 1]))
    }

    /// Number of state elements, t.
    pub(crate) fn width(&self) -> usize {
        self.matrix.len()
    }

    fn generate(width: usize, partial_rounds: usize) -> Self {
        let mut grain = Grain::new(width, FULL_ROUNDS, partial_rounds);
        let mut round_constants: Vec<Vec<Fr>> = (0..FULL_ROUNDS + partial_rounds)
            .map(|_| (0..width).map(|_| grain.element()).collect())
            .collect();
        let matrix = grain.cauchy_matrix(width);

        // Constants, forwards: what a partial round adds to elements 1… passes its S-box untouched, goes through the
        // matrix, and joins the constants of the next round.
        let mut scalars = Vec::with_capacity(partial_rounds);
        let mut carry = vec![Fr::ZERO; width];
        for constants in &round_constants[HALF + 1..HALF + partial_rounds] {
            carry = add(&apply(&matrix, &carry), constants);
            scalars.push(std::mem::replace(&mut carry[0], Fr::ZERO));
        }
        scalars.push(Fr::ZERO);
        let after = HALF + partial_rounds;
        round_constants[after] = add(&round_constants[after], &apply(&matrix, &carry));

        // Matrices, backwards: the factor diag(1, M̂) of a round moves before its S-box, into the round before.
        let mut partial = Vec::with_capacity(partial_rounds);
        let mut current = matrix.clone();
        for constant in scalars.into_iter().rev() {
            let lower: Matrix = current[1..].iter().map(|row| row[1..].to_vec()).collect();
            let inverse = invert(&lower);
            let mut row = vec![current[0][0]];
            row.extend((0..width - 1).map(|j| {
                (0..width - 1)
                    .map(|k| current[0][k + 1] * inverse[k][j])
                    .sum::<Fr>()
            }));
            let column = current[1..].iter().map(|row| row[0]).collect();
            partial.push(Sparse {
                row,
                column,
                constant,
            });
            current = block_times(&lower, &matrix);
            if partial.len() == partial_rounds {
                let first = &round_constants[HALF];
                let mut constants = vec![first[0]];
                constants.extend(apply(&lower, &first[1..]));
                partial.reverse();
                let second = round_constants.split_off(after);
                round_constants.truncate(HALF);
                return Self {
                    full_constants: [round_constants, second],
                    matrix,
                    pre_sparse: current,
                    pre_sparse_constants: constants,
                    partial,
                };
            }
        }
        unreachable!("invariant: there is at least one partial round")
    }

    /// The permutation, in place.
    pub(crate) fn permute(&self, state: &mut [Fr]) {
        let width = self.width();
        debug_assert_eq!(state.len(), width);
        let mut scratch = [Fr::ZERO; MAX_INPUTS + 1];
        for (half, all) in self.full_constants.iter().enumerate() {
            for (round, constants) in all.iter().enumerate() {
                for (element, constant) in state.iter_mut().zip(constants) {
                    *element = sbox(*element + *constant);
                }
                let last_before_partial = half == 0 && round == HALF - 1;
                let matrix = if last_before_partial {
                    &self.pre_sparse
                } else {
                    &self.matrix
                };
                for (out, row) in scratch.iter_mut().zip(matrix) {
                    *out = inner(row, state);
                }
                state.copy_from_slice(&scratch[..width]);
            }
            if half == 0 {
                for (element, constant) in state.iter_mut().zip(&self.pre_sparse_constants) {
                    *element += *constant;
                }
                for sparse in &self.partial {
                    let boxed = sbox(state[0]);
                    state[0] = boxed;
                    let first = inner(&sparse.row, state) + sparse.constant;
                    for (element, coefficient) in state[1..].iter_mut().zip(&sparse.column) {
                        *element += *coefficient * boxed;
                    }
                    state[0] = first;
                }
            }
        }
    }
}

fn inner(row: &[Fr], vector: &[Fr]) -> Fr {
    row.iter()
        .zip(vector)
        .fold(Fr::ZERO, |sum, (a, b)| sum + *a * *b)
}

fn apply(matrix: &Matrix, vector: &[Fr]) -> Vec<Fr> {
    matrix.iter().map(|row| inner(row, vector)).collect()
}

fn add(left: &[Fr], right: &[Fr]) -> Vec<Fr> {
    left.iter().zip(right).map(|(a, b)| *a + *b).collect()
}

/// `diag(1, block)·matrix`.
fn block_times(block: &Matrix, matrix: &Matrix) -> Matrix {
    let width = matrix.len();
    let mut product = vec![matrix[0].clone()];
    for row in block {
        product.push(
            (0..width)
                .map(|j| row.iter().zip(&matrix[1..]).map(|(a, m)| *a * m[j]).sum())
                .collect(),
        );
    }
    product
}

/// Gauss–Jordan inverse.
fn invert(matrix: &Matrix) -> Matrix {
    let size = matrix.len();
    let mut rows: Vec<Vec<Fr>> = matrix
        .iter()
        .enumerate()
        .map(|(i, row)| {
            let mut row = row.clone();
            row.extend((0..size).map(|j| if i == j { Fr::ONE } else { Fr::ZERO }));
            row
        })
        .collect();
    for pivot in 0..size {
        let found = (pivot..size)
            .find(|&row| !bool::from(rows[row][pivot].is_zero()))
            .expect("invariant: blocks of an MDS matrix and their products are invertible");
        rows.swap(pivot, found);
        let scale = rows[pivot][pivot]
            .invert()
            .expect("invariant: the pivot is not zero");
        rows[pivot].iter_mut().for_each(|value| *value *= scale);
        let pivot_row = rows[pivot].clone();
        for (index, row) in rows.iter_mut().enumerate() {
            if index != pivot {
                let factor = row[pivot];
                row.iter_mut()
                    .zip(&pivot_row)
                    .for_each(|(value, p)| *value -= factor * *p);
            }
        }
    }
    rows.into_iter().map(|row| row[size..].to_vec()).collect()
}

//! The Grain LFSR that generates Poseidon's round constants and matrix (eprint 2019/458, appendix F).

use crate::curves::Fr;
use ff::{Field, PrimeField};

/// Self-shrinking 80-bit LFSR with taps 62, 51, 38, 23, 13, 0.
pub(super) struct Grain {
    state: [bool; 80],
    head: usize,
}

impl Grain {
    /// Seeds the generator with the description of the instance: prime field, S-box x^α, field bits, width, rounds.
    pub(super) fn new(width: usize, full_rounds: usize, partial_rounds: usize) -> Self {
        const FIELD_PRIME: usize = 1;
        const SBOX_POWER: usize = 0;
        let mut state = [true; 80];
        let mut position = 0;
        for (value, bits) in [
            (FIELD_PRIME, 2),
            (SBOX_POWER, 4),
            (Fr::NUM_BITS as usize, 12),
            (width, 12),
            (full_rounds, 10),
            (partial_rounds, 10),
        ] {
            for shift in (0..bits).rev() {
                state[position] = (value >> shift) & 1 == 1;
                position += 1;
            }
        }
        let mut grain = Self { state, head: 0 };
        for _ in 0..160 {
            grain.clock();
        }
        grain
    }

    fn clock(&mut self) -> bool {
        let tap = |offset: usize| self.state[(self.head + offset) % 80];
        let bit = tap(62) ^ tap(51) ^ tap(38) ^ tap(23) ^ tap(13) ^ tap(0);
        self.state[self.head] = bit;
        self.head = (self.head + 1) % 80;
        bit
    }

    fn bit(&mut self) -> bool {
        loop {
            let keep = self.clock();
            let bit = self.clock();
            if keep {
                return bit;
            }
        }
    }

    /// An integer of 254 bits, most significant bit first, as little-endian bytes.
    fn integer(&mut self) -> [u8; 32] {
        let mut bytes = [0u8; 32];
        for position in (0..Fr::NUM_BITS as usize).rev() {
            if self.bit() {
                bytes[position / 8] |= 1 << (position % 8);
            }
        }
        bytes
    }

    /// A uniform element by rejection: how round constants are drawn.
    pub(super) fn element(&mut self) -> Fr {
        loop {
            if let Some(value) = Fr::from_repr(self.integer().into()).into_option() {
                return value;
            }
        }
    }

    /// An element reduced modulo r: how the matrix is drawn.
    fn element_reduced(&mut self) -> Fr {
        let mut wide = [0u8; 64];
        wide[..32].copy_from_slice(&self.integer());
        <Fr as ff::FromUniformBytes<64>>::from_uniform_bytes(&wide)
    }

    /// The Cauchy matrix `1/(x_i + y_j)`, drawn again until all points differ and no sum vanishes.
    pub(super) fn cauchy_matrix(&mut self, width: usize) -> Vec<Vec<Fr>> {
        loop {
            let points: Vec<Fr> = (0..2 * width).map(|_| self.element_reduced()).collect();
            let distinct = (0..points.len()).all(|i| !points[..i].contains(&points[i]));
            let (xs, ys) = points.split_at(width);
            let rows: Option<Vec<Vec<Fr>>> = xs
                .iter()
                .map(|x| {
                    ys.iter()
                        .map(|y| (*x + *y).invert().into_option())
                        .collect()
                })
                .collect();
            if let (true, Some(rows)) = (distinct, rows) {
                return rows;
            }
        }
    }
}

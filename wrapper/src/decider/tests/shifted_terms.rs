//! Why N is above everything that can be committed to.

use crate::decider::SHIFT_BITS;
use ff::Field;
use notefold_folding::curves::Fr;

fn at(coefficients: &[Fr], c: Fr) -> Fr {
    coefficients
        .iter()
        .rev()
        .fold(Fr::ZERO, |sum, v| sum * c + *v)
}

/// Two polynomials that agree with P_0 and P_1 in `P_0(c) + c^N·P_1(c)` for every c: with N = 8 and sixteen powers, a term
/// moves; with N beyond every power there is no room for it.
#[test]
fn a_term_cannot_move_from_one_polynomial_to_the_next() {
    let (short, shift) = (8usize, 8u64);
    let [p0, p1]: [Vec<Fr>; 2] =
        [3, 5].map(|s| (0..short).map(|i| Fr::from(s + i as u64)).collect());
    // Q moves: P_0 + X^8·Q needs more powers of tau than eight, and P_1 − Q is any polynomial.
    let q = Fr::from(77);
    let mut high = p0.clone();
    high.resize(short, Fr::ZERO);
    high.push(q);
    let mut low = p1.clone();
    low[0] -= q;
    for c in [2u64, 3, 12_345].map(Fr::from) {
        let sum = |p0: &[Fr], p1: &[Fr], n: u64| at(p0, c) + c.pow_vartime([n]) * at(p1, c);
        assert_eq!(sum(&p0, &p1, shift), sum(&high, &low, shift));
        let far = 1 << SHIFT_BITS;
        assert_ne!(sum(&p0, &p1, far), sum(&high, &low, far));
    }
    // The largest ceremony file has 2^29 − 1 powers.
    const { assert!(SHIFT_BITS > 29) };
}

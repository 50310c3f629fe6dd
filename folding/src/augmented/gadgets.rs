//! Points as limbs, transcripts, challenges and ranges in the augmented circuit.

use crate::{
    curves::{Fr, G1Affine},
    domain,
    points::Var,
    poseidon::{Wire, hash_gadget},
    transcript::{
        CHAIN_RATE, CHALLENGE_BITS, LIMB_BITS, LIMB_PAIRS, LIMBS, limb_shift, point_limbs,
    },
};
use ff::{Field, PrimeField};
use nova_snark::frontend::{ConstraintSystem, SynthesisError};

/// Bits of an element.
const FIELD_BITS: usize = Fr::NUM_BITS as usize;
/// The highest limb of a coordinate has one bit less.
const TOP_LIMB_BITS: usize = FIELD_BITS - (LIMBS - 1) * LIMB_BITS;

/// A point of G1 as six limbs. F′ never computes with it: it hashes the limbs and hands them to CycleFold.
#[derive(Clone)]
pub(super) struct PointWires {
    pub(super) limbs: Vec<Wire>,
}

impl PointWires {
    /// A point that a hash of the previous step binds: its limbs were in range when they entered.
    pub(super) fn alloc<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        name: &'static str,
        point: Option<&G1Affine>,
    ) -> Result<Self, SynthesisError> {
        let mut cs = cs.namespace(|| name);
        let values = point.map(point_limbs);
        let names = ["x0", "x1", "x2", "y0", "y1", "y2"];
        let limbs = (0..2 * LIMBS)
            .map(|index| Wire::alloc(&mut cs, names[index], values.map(|v| v[index])))
            .collect::<Result<_, _>>()?;
        Ok(Self { limbs })
    }

    /// A point that enters here: every limb is range-checked, so that the sums that U_C keeps are sums of integers.
    ///
    /// A coordinate below 2^254 − q has a second form, v + q. It is the same point; another form only draws another
    /// challenge, as changing anything does, and the forms of the last instances are the verifier's.
    pub(super) fn alloc_in_range<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        name: &'static str,
        point: Option<&G1Affine>,
    ) -> Result<Self, SynthesisError> {
        let wires = Self::alloc(cs, name, point)?;
        let mut cs = cs.namespace(|| name);
        for (index, limb) in wires.limbs.iter().enumerate() {
            let bits = match index % LIMBS {
                2 => TOP_LIMB_BITS,
                _ => LIMB_BITS,
            };
            in_range(&mut cs.namespace(|| format!("limb {index}")), limb, bits)?;
        }
        Ok(wires)
    }

    /// A constant point.
    pub(super) fn constant<CS: ConstraintSystem<Fr>>(point: &G1Affine) -> Self {
        Self {
            limbs: point_limbs(point).map(Wire::constant::<CS>).to_vec(),
        }
    }

    /// The three elements that transcripts absorb.
    pub(super) fn packed<CS: ConstraintSystem<Fr>>(&self, cs: &CS) -> [Wire; LIMBS] {
        LIMB_PAIRS.map(|(low, high)| {
            self.limbs[low]
                .clone()
                .plus(cs, limb_shift(), &self.limbs[high])
        })
    }
}

/// Constrains `0 ≤ value < 2^bits`: bits + 1 constraints.
pub fn in_range<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    value: &Wire,
    bits: usize,
) -> Result<Vec<Wire>, SynthesisError> {
    let repr = value.value().map(|value| value.to_repr());
    let mut sum = Wire::constant::<CS>(Fr::ZERO);
    let mut weight = Fr::ONE;
    let mut wires = Vec::with_capacity(bits);
    for index in 0..bits {
        let mut cs = cs.namespace(|| format!("bit {index}"));
        let bit = repr.map(|repr| (repr.as_ref()[index / 8] >> (index % 8)) & 1 == 1);
        let bit = Wire::alloc_bit(&mut cs, "bit", bit)?;
        sum = sum.plus(&cs, weight, &bit);
        weight = weight.double();
        wires.push(bit);
    }
    sum.enforce_equal(cs, "sum of bits", value);
    Ok(wires)
}

/// `Poseidon(purpose, 0)`: the start of a transcript whose parameters are absorbed.
pub fn start<CS: ConstraintSystem<Fr>>(purpose: &'static [u8]) -> Wire {
    Wire::constant::<CS>(crate::transcript::start(purpose, Fr::ZERO))
}

/// The chain of `transcript::Transcript`.
pub fn chain<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    start: Wire,
    elements: &[Wire],
) -> Result<Wire, SynthesisError> {
    let mut state = start;
    for (call, chunk) in elements.chunks(CHAIN_RATE).enumerate() {
        let mut inputs = vec![state];
        inputs.extend_from_slice(chunk);
        state = hash_gadget(&mut cs.namespace(|| format!("call {call}")), &inputs)?;
    }
    Ok(state)
}

/// A challenge in the forms that its users need.
pub struct Challenge {
    /// r.
    pub value: Wire,
    /// r in halves of 64 bits, lowest first.
    pub halves: [Wire; 2],
    /// Bits 1 to 126; bits 0 and 127 are one.
    pub(crate) bits: Vec<Var<Fr>>,
}

/// The challenge of a digest, from its one decomposition below the modulus.
pub fn challenge<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    digest: &Wire,
) -> Result<Challenge, SynthesisError> {
    let wires = in_range(&mut cs.namespace(|| "digest"), digest, FIELD_BITS)?;
    reduced(&mut cs.namespace(|| "reduced"), &wires)?;
    let half = |cs: &CS, start: usize, fixed: usize| {
        let zero = Wire::constant::<CS>(Fr::ZERO);
        (0..CHALLENGE_BITS / 2).fold(zero, |sum, index| {
            let weight = Fr::from(1u64 << index);
            if index == fixed {
                sum.plus_constant(cs, weight)
            } else {
                sum.plus(cs, weight, &wires[start + index])
            }
        })
    };
    let low = half(cs, 0, 0);
    let high = half(cs, 64, 63);
    let sum = low.clone().plus(cs, Fr::from(2).pow([64]), &high);
    let value = sum.to_variable(cs, "r")?;
    let bits = wires[1..CHALLENGE_BITS - 1]
        .iter()
        .map(Wire::to_var)
        .collect();
    Ok(Challenge {
        value,
        halves: [low, high],
        bits,
    })
}

/// Constrains 254 bits to spell less than r, by their part above bit 128 being less than r's.
///
/// Digests whose part equals r's, 2^128 of them, have no witness: an honest prover meets one with probability 2^−126.
fn reduced<CS: ConstraintSystem<Fr>>(cs: &mut CS, bits: &[Wire]) -> Result<(), SynthesisError> {
    let repr: [u8; 32] = (-Fr::ONE).to_repr().into();
    let high: [u8; 16] = repr[16..].try_into().expect("invariant: sixteen bytes");
    let bound = u128::from_le_bytes(high) - 1;
    // `equal` says whether all higher bits that are one in the bound are one; where it is, bits that are zero in the
    // bound must be zero.
    let mut equal = Wire::constant::<CS>(Fr::ONE);
    let mut zeros: Option<Wire> = None;
    for index in (0..FIELD_BITS - CHALLENGE_BITS).rev() {
        let bit = &bits[CHALLENGE_BITS + index];
        if (bound >> index) & 1 == 0 {
            zeros = Some(match zeros {
                None => bit.clone(),
                Some(sum) => sum.plus(cs, Fr::ONE, bit),
            });
            continue;
        }
        let mut cs = cs.namespace(|| format!("bit {index}"));
        if let Some(sum) = zeros.take() {
            no_bit_above(&mut cs, &equal, &sum);
        }
        equal = Wire::product(&mut cs, "equal so far", &equal, bit)?;
    }
    if let Some(sum) = zeros {
        no_bit_above(cs, &equal, &sum);
    }
    Ok(())
}

fn no_bit_above<CS: ConstraintSystem<Fr>>(cs: &mut CS, equal: &Wire, sum: &Wire) {
    let zero = Wire::constant::<CS>(Fr::ZERO);
    Wire::enforce_product(cs, "no bit above the bound", equal, sum, &zero);
}

/// Constrains `bit·(left − right) = 0`.
pub(super) fn equal_if<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    name: &'static str,
    bit: &Wire,
    left: &Wire,
    right: &Wire,
) {
    let difference = left.minus(cs, right);
    let zero = Wire::constant::<CS>(Fr::ZERO);
    Wire::enforce_product(cs, name, bit, &difference, &zero);
}

/// Domain tags are constants.
pub fn tag<CS: ConstraintSystem<Fr>>(text: &'static [u8]) -> Wire {
    Wire::constant::<CS>(domain::tag(text))
}

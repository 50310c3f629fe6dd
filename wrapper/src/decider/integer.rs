//! Integers larger than r inside the circuit, and sums of their products that q divides.
//!
//! An integer is 21 digits to the base 4,320 (4,320²¹ > q), read as three limbs to the base B = 4,320⁸. That a sum S of
//! products is k·q for an integer k is shown twice, modulo r, where it is what the field computes anyway, and modulo B^m,
//! by carries from limb to limb. r and B are coprime and |S − k·q| < r·B^m, so S = k·q over the integers (the residue
//! number idea of Szabó and Tanaka; for circuits: Kosba and others, "xJsnark", and Gabizon's and Williamson's non-native
//! arithmetic in Aztec's standard library). Signs and bounds are tracked when the circuit is built, never assumed.
//!
//! The base is no power of two because nothing needs one: 21 digits are the fewest for which a table is small.

use super::round::FirstRound;
use crate::convert::{modulus, scalar};
use ff::Field;
use notefold_folding::{
    curves::{Fq, Fr},
    gadget::Wire,
};
use nova_snark::frontend::{ConstraintSystem, SynthesisError};
use num_bigint::{BigInt, BigUint, Sign};

/// Values of a digit.
pub(crate) const BASE: u32 = 4320;
/// Digits of an element of Fq.
pub(crate) const DIGITS: usize = 21;
const LIMB_DIGITS: usize = 8;
const LIMBS: usize = 3;

/// An integer with its limbs.
#[derive(Clone)]
pub(crate) struct Integer {
    limbs: [Wire; LIMBS],
    /// The integer modulo r.
    native: Wire,
    known: Option<[BigInt; LIMBS]>,
    /// No limb is larger in absolute value.
    limb_bound: BigUint,
    /// The integer is not larger in absolute value.
    bound: BigUint,
}

/// B^exponent.
fn limb_base(exponent: usize) -> BigUint {
    BigUint::from(BASE).pow(u32::try_from(LIMB_DIGITS * exponent).expect("invariant: small"))
}

/// The digits of an integer, lowest first.
pub(crate) fn digits(value: &BigUint, count: usize) -> Vec<u32> {
    let mut rest = value.clone();
    (0..count)
        .map(|_| {
            let digit = &rest % BASE;
            rest /= BASE;
            digit.to_u32_digits().first().copied().unwrap_or(0)
        })
        .collect()
}

/// Digits that hold every integer up to a bound.
fn digits_for(bound: &BigUint) -> usize {
    let base = BigUint::from(BASE);
    let (mut count, mut power) = (0, BigUint::from(1u32));
    while power <= *bound {
        power *= &base;
        count += 1;
    }
    count
}

impl Integer {
    /// `Σ digits_i·4320^i` of at most 24 digits that are range-checked elsewhere.
    pub(crate) fn from_digits<CS: ConstraintSystem<Fr>>(cs: &CS, digits: &[Wire]) -> Self {
        let zero = || Wire::constant::<CS>(Fr::ZERO);
        let base = Fr::from(u64::from(BASE));
        let (mut limbs, mut native) = ([zero(), zero(), zero()], zero());
        let mut weight = Fr::ONE;
        let mut known = Some([BigInt::ZERO, BigInt::ZERO, BigInt::ZERO]);
        for (limb, chunk) in digits.chunks(LIMB_DIGITS).enumerate() {
            let mut within = Fr::ONE;
            let mut integer_weight = BigInt::from(1);
            for digit in chunk {
                limbs[limb] = std::mem::replace(&mut limbs[limb], zero()).plus(cs, within, digit);
                native = native.plus(cs, weight, digit);
                (within, weight) = (within * base, weight * base);
                known = known.zip(digit.value()).map(|(mut known, value)| {
                    known[limb] += &integer_weight * crate::convert::signed(&value);
                    known
                });
                integer_weight *= BASE;
            }
        }
        let count = u32::try_from(digits.len()).expect("invariant: at most 24 digits");
        Self {
            limbs,
            native,
            known,
            limb_bound: limb_base(1) - 1u32,
            bound: BigUint::from(BASE).pow(count) - 1u32,
        }
    }

    /// A new integer of range-checked digits.
    pub(crate) fn alloc<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        round: &mut FirstRound,
        value: Option<&BigUint>,
        count: usize,
    ) -> Result<Self, SynthesisError> {
        let values = value.map(|value| digits(value, count));
        let wires = alloc_digits(cs, round, values.as_deref(), count)?;
        Ok(Self::from_digits(cs, &wires))
    }

    /// The integer that an element of Fr stands for, which is known to be below 4320^count < r.
    pub(crate) fn of_wire<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        round: &mut FirstRound,
        wire: &Wire,
        count: usize,
    ) -> Result<Self, SynthesisError> {
        let value = wire.value().map(|value| crate::convert::integer(&value));
        let integer = Self::alloc(cs, round, value.as_ref(), count)?;
        integer
            .native
            .enforce_equal(cs, "digits of the element", wire);
        Ok(integer)
    }

    /// `Σ coefficient_i·integer_i`.
    pub(crate) fn combine<CS: ConstraintSystem<Fr>>(cs: &CS, terms: &[(BigInt, &Self)]) -> Self {
        let zero = || Wire::constant::<CS>(Fr::ZERO);
        let mut sum = Self {
            limbs: [zero(), zero(), zero()],
            native: zero(),
            known: Some([BigInt::ZERO, BigInt::ZERO, BigInt::ZERO]),
            limb_bound: BigUint::ZERO,
            bound: BigUint::ZERO,
        };
        for (coefficient, term) in terms {
            let factor = scalar(coefficient);
            sum.native = sum.native.plus(cs, factor, &term.native);
            sum.limbs = std::array::from_fn(|limb| {
                std::mem::replace(&mut sum.limbs[limb], zero()).plus(cs, factor, &term.limbs[limb])
            });
            sum.known = sum.known.zip(term.known.as_ref()).map(|(mut sum, term)| {
                sum.iter_mut()
                    .zip(term)
                    .for_each(|(sum, limb)| *sum += coefficient * limb);
                sum
            });
            sum.limb_bound += coefficient.magnitude() * &term.limb_bound;
            sum.bound += coefficient.magnitude() * &term.bound;
        }
        sum
    }

    /// The value, where it is known.
    pub(crate) fn value(&self) -> Option<BigInt> {
        let limbs = self.known.as_ref()?;
        Some(
            (0..LIMBS)
                .map(|limb| to_int(&limb_base(limb)) * &limbs[limb])
                .sum(),
        )
    }
}

fn to_int(value: &BigUint) -> BigInt {
    BigInt::from_biguint(Sign::Plus, value.clone())
}

fn alloc_digits<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    round: &mut FirstRound,
    values: Option<&[u32]>,
    count: usize,
) -> Result<Vec<Wire>, SynthesisError> {
    (0..count)
        .map(|index| {
            let mut cs = cs.namespace(|| format!("digit {index}"));
            round.digit(&mut cs, values.map(|values| values[index]))
        })
        .collect()
}

/// An integer in `[−offset, 4320^count − offset)`, as digits of itself plus the offset.
struct Shifted {
    integer: Integer,
    offset: BigUint,
    /// No value is larger in absolute value.
    bound: BigUint,
}

impl Shifted {
    /// Room for every integer of absolute value up to `bound`. A value without room gets other digits, and fails.
    fn alloc<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        round: &mut FirstRound,
        value: Option<&BigInt>,
        offset: BigUint,
    ) -> Result<Self, SynthesisError> {
        let count = digits_for(&(&offset * 2u32));
        let range = BigUint::from(BASE).pow(u32::try_from(count).expect("invariant: small"));
        let shifted = value.map(|value| {
            let range = to_int(&range);
            let shifted = value + to_int(&offset);
            (((shifted % &range) + &range) % &range).magnitude().clone()
        });
        let integer = Integer::alloc(cs, round, shifted.as_ref(), count)?;
        Ok(Self {
            integer,
            offset,
            bound: range,
        })
    }

    fn native<CS: ConstraintSystem<Fr>>(&self, cs: &CS) -> Wire {
        let offset = scalar(&to_int(&self.offset));
        self.integer.native.clone().plus_constant(cs, -offset)
    }
}

/// `Σ ± left·right + Σ constant·integer`.
#[derive(Default)]
pub(crate) struct Sum<'a> {
    pub(crate) products: Vec<(Sign, &'a Integer, &'a Integer)>,
    pub(crate) linear: Vec<(BigInt, &'a Integer)>,
}

impl Sum<'_> {
    fn bound(&self) -> BigUint {
        let products = self.products.iter().map(|(_, l, r)| &l.bound * &r.bound);
        let linear = self.linear.iter().map(|(c, i)| c.magnitude() * &i.bound);
        products.chain(linear).sum()
    }

    fn value(&self) -> Option<BigInt> {
        let mut sum = BigInt::ZERO;
        for (sign, left, right) in &self.products {
            sum += BigInt::from_biguint(*sign, 1u32.into()) * left.value()? * right.value()?;
        }
        for (constant, integer) in &self.linear {
            sum += constant * integer.value()?;
        }
        Some(sum)
    }

    /// Constrains q to divide the sum.
    ///
    /// # Panics
    ///
    /// When the circuit's own sizes do not fit the argument above: never for the circuits built here.
    pub(crate) fn enforce_divisible<CS: ConstraintSystem<Fr>>(
        &self,
        cs: &mut CS,
        round: &mut FirstRound,
    ) -> Result<(), SynthesisError> {
        let q = modulus::<Fq>();
        let bound = self.bound();
        let value = self.value();
        let quotient = value.as_ref().map(|value| floor(value, &q));
        let quotient = Shifted::alloc(
            &mut cs.namespace(|| "quotient"),
            round,
            quotient.as_ref(),
            &bound / &q + 1u32,
        )?;
        let span = &bound + &quotient.bound * &q;
        let limbs = (1..=LIMBS)
            .find(|limbs| span < modulus::<Fr>() * limb_base(*limbs))
            .expect("invariant: three limbs reach every sum that is formed");
        self.native(cs, &quotient)?;
        let mut carry: Option<Shifted> = None;
        for limb in 0..limbs {
            let mut cs = cs.namespace(|| format!("limb {limb}"));
            carry = Some(self.limb(&mut cs, round, (limb, &quotient), carry.as_ref())?);
        }
        Ok(())
    }

    /// Modulo r.
    fn native<CS: ConstraintSystem<Fr>>(
        &self,
        cs: &mut CS,
        quotient: &Shifted,
    ) -> Result<(), SynthesisError> {
        let q = scalar(&to_int(&modulus::<Fq>()));
        let mut rest = Wire::constant::<CS>(Fr::ZERO).plus(cs, -q, &quotient.native(cs));
        for (constant, integer) in &self.linear {
            rest = rest.plus(cs, scalar(constant), &integer.native);
        }
        let products = self.products.iter();
        let products = products.map(|(sign, l, r)| (*sign, &l.native, &r.native));
        vanish(cs, "modulo r", &products.collect::<Vec<_>>(), rest)
    }

    /// One limb of the sum with the carry into it: B times the carry out of it, which is returned.
    fn limb<CS: ConstraintSystem<Fr>>(
        &self,
        cs: &mut CS,
        round: &mut FirstRound,
        (limb, quotient): (usize, &Shifted),
        carry: Option<&Shifted>,
    ) -> Result<Shifted, SynthesisError> {
        let q = modulus::<Fq>();
        let mut rest = Wire::constant::<CS>(Fr::ZERO);
        let mut known = Some(BigInt::ZERO);
        let mut bound = BigUint::ZERO;
        let mut add = |rest: Wire, constant: BigInt, integer: &Integer, at: usize| {
            bound += constant.magnitude() * &integer.limb_bound;
            let term = integer.known.as_ref().map(|limbs| &constant * &limbs[at]);
            known = known.take().zip(term).map(|(known, term)| known + term);
            rest.plus(cs, scalar(&constant), &integer.limbs[at])
        };
        for at in 0..=limb {
            for (constant, integer) in &self.linear {
                rest = add(rest, limb_of(constant, limb - at), integer, at);
            }
            rest = add(
                rest,
                -limb_of(&to_int(&q), limb - at),
                &quotient.integer,
                at,
            );
        }
        // The quotient's offset was not subtracted above: it comes back times q.
        let offset = limb_of(&to_int(&(&quotient.offset * &q)), limb);
        bound += offset.magnitude();
        rest = rest.plus_constant(cs, scalar(&offset));
        known = known.map(|known| known + offset);
        if let Some(carry) = carry {
            bound += &carry.bound;
            rest = rest.plus(cs, Fr::ONE, &carry.native(cs));
            let value = carry.integer.value();
            let value = value.map(|value| value - to_int(&carry.offset));
            known = known.zip(value).map(|(known, value)| known + value);
        }
        let mut products = Vec::new();
        for (sign, left, right) in &self.products {
            bound += &left.limb_bound * &right.limb_bound * (limb as u32 + 1);
            for at in 0..=limb {
                products.push((*sign, &left.limbs[at], &right.limbs[limb - at]));
                let term = left.known.as_ref().zip(right.known.as_ref());
                let term = term.map(|(l, r)| &l[at] * &r[limb - at]);
                known = known.zip(term).map(|(known, term)| match sign {
                    Sign::Minus => known - term,
                    _ => known + term,
                });
            }
        }
        let base = limb_base(1);
        let out = known.map(|known| floor(&known, &base));
        let mut cs = cs.namespace(|| "carry");
        let out = Shifted::alloc(&mut cs, round, out.as_ref(), &bound / &base + 1u32)?;
        assert!(
            &bound + &base * &out.bound < modulus::<Fr>(),
            "invariant: a limb's sum is an integer below r"
        );
        let carried = scalar(&-to_int(&base));
        let rest = rest.plus(&cs, carried, &out.native(&cs));
        vanish(&mut cs, "modulo B", &products, rest)?;
        Ok(out)
    }
}

/// A limb of a constant modulo a power of B, with its sign.
fn limb_of(constant: &BigInt, limb: usize) -> BigInt {
    let magnitude = (constant.magnitude() / limb_base(limb)) % limb_base(1);
    BigInt::from_biguint(Sign::Plus, magnitude) * BigInt::from_biguint(constant.sign(), 1u32.into())
}

fn floor(value: &BigInt, divisor: &BigUint) -> BigInt {
    let divisor = to_int(divisor);
    let remainder = ((value % &divisor) + &divisor) % &divisor;
    (value - remainder) / divisor
}

/// Constrains `Σ ± left·right + rest = 0`: one constraint a product, one if there is none.
fn vanish<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    name: &'static str,
    products: &[(Sign, &Wire, &Wire)],
    mut rest: Wire,
) -> Result<(), SynthesisError> {
    let zero = Wire::constant::<CS>(Fr::ZERO);
    let Some(((sign, left, right), others)) = products.split_last() else {
        rest.enforce_equal(cs, name, &zero);
        return Ok(());
    };
    for (index, (sign, left, right)) in others.iter().enumerate() {
        let mut cs = cs.namespace(|| format!("product {index}"));
        let product = Wire::product(&mut cs, name, left, right)?;
        rest = rest.plus(&cs, unit(*sign), &product);
    }
    let rest = zero.plus(cs, -unit(*sign), &rest);
    Wire::enforce_product(cs, name, left, right, &rest);
    Ok(())
}

fn unit(sign: Sign) -> Fr {
    match sign {
        Sign::Minus => -Fr::ONE,
        _ => Fr::ONE,
    }
}

//! The permutation as constraints: three per S-box, and none for anything linear.
//!
//! nova-snark's own gadget spends the same three per S-box but fixes its sponge tag as element 0 and allocates its
//! output; circomlib's convention lets the S-boxes of constant inputs (element 0 and the domain tag, first round) be
//! computed instead of constrained, which saves 3 or 6, and hands the digest on as a linear combination.

use super::{PoseidonParams, params::Sparse, sbox};
use crate::{curves::Fr, points::Var};
use ff::Field;
use nova_snark::frontend::{
    ConstraintSystem, LinearCombination, SynthesisError, Variable, num::AllocatedNum,
};

/// A value inside a circuit as a linear combination of variables.
///
/// Witness generators never read combinations, so none are built for them.
#[derive(Clone)]
pub struct Wire {
    value: Option<Fr>,
    lc: LinearCombination<Fr>,
    constant: bool,
    variable: Option<Variable>,
}

impl Wire {
    /// A constant.
    #[must_use]
    pub fn constant<CS: ConstraintSystem<Fr>>(value: Fr) -> Self {
        Self {
            value: Some(value),
            lc: LinearCombination::from_coeff(CS::one(), value),
            constant: true,
            variable: None,
        }
    }

    /// A variable with coefficient one.
    #[must_use]
    pub fn variable(variable: Variable, value: Option<Fr>) -> Self {
        Self {
            value,
            lc: LinearCombination::from_variable(variable),
            constant: false,
            variable: Some(variable),
        }
    }

    /// Allocates a private variable.
    ///
    /// # Errors
    ///
    /// When a witness is being generated and the value is missing.
    pub fn alloc<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        name: &'static str,
        value: Option<Fr>,
    ) -> Result<Self, SynthesisError> {
        let variable = cs.alloc(|| name, || value.ok_or(SynthesisError::AssignmentMissing))?;
        Ok(Self::variable(variable, value))
    }

    /// Allocates a variable that is zero or one: one constraint.
    ///
    /// # Errors
    ///
    /// When a witness is being generated and the value is missing.
    pub fn alloc_bit<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        name: &'static str,
        value: Option<bool>,
    ) -> Result<Self, SynthesisError> {
        let bit = Self::alloc(cs, name, value.map(|bit| Fr::from(u64::from(bit))))?;
        cs.enforce(
            || name,
            |_| bit.lc.clone(),
            |lc| lc + CS::one() - &bit.lc,
            |lc| lc,
        );
        Ok(bit)
    }

    /// The value, where one is known.
    #[must_use]
    pub fn value(&self) -> Option<Fr> {
        self.value
    }

    /// The linear combination.
    #[must_use]
    pub fn lc(&self) -> &LinearCombination<Fr> {
        &self.lc
    }

    /// `self + coefficient·other`.
    #[must_use]
    pub fn plus<CS: ConstraintSystem<Fr>>(self, cs: &CS, coefficient: Fr, other: &Self) -> Self {
        Self {
            value: self
                .value
                .zip(other.value)
                .map(|(a, b)| a + coefficient * b),
            lc: if cs.is_witness_generator() {
                self.lc
            } else {
                self.lc + (coefficient, &other.lc)
            },
            constant: self.constant && other.constant,
            variable: None,
        }
    }

    /// `self + constant`.
    #[must_use]
    pub fn plus_constant<CS: ConstraintSystem<Fr>>(self, cs: &CS, constant: Fr) -> Self {
        Self {
            value: self.value.map(|value| value + constant),
            lc: if cs.is_witness_generator() {
                self.lc
            } else {
                self.lc + (constant, CS::one())
            },
            constant: self.constant,
            variable: None,
        }
    }

    /// A new variable for `left·right`: one constraint.
    ///
    /// # Errors
    ///
    /// When a witness is being generated and a value is missing.
    pub fn product<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        name: &'static str,
        left: &Self,
        right: &Self,
    ) -> Result<Self, SynthesisError> {
        let value = left.value.zip(right.value).map(|(a, b)| a * b);
        let variable = cs.alloc(|| name, || value.ok_or(SynthesisError::AssignmentMissing))?;
        cs.enforce(
            || name,
            |_| left.lc.clone(),
            |_| right.lc.clone(),
            |lc| lc + variable,
        );
        Ok(Self::variable(variable, value))
    }

    /// The variable that this wire was allocated as.
    ///
    /// # Panics
    ///
    /// When it is a combination of several.
    #[must_use]
    pub fn to_variable_index(&self) -> Variable {
        self.to_var().variable
    }

    /// The variable with its value.
    pub(crate) fn to_var(&self) -> Var<Fr> {
        Var {
            variable: self.variable.expect("invariant: an allocated wire"),
            value: self.value,
        }
    }

    /// `self − other`.
    #[must_use]
    pub fn minus<CS: ConstraintSystem<Fr>>(&self, cs: &CS, other: &Self) -> Self {
        self.clone().plus(cs, -Fr::ONE, other)
    }

    /// A variable equal to this combination: one constraint. Worth it where the combination is long and used often.
    ///
    /// # Errors
    ///
    /// When a witness is being generated and the value is missing.
    pub fn to_variable<CS: ConstraintSystem<Fr>>(
        &self,
        cs: &mut CS,
        name: &'static str,
    ) -> Result<Self, SynthesisError> {
        let variable = Self::alloc(cs, name, self.value)?;
        self.enforce_equal(cs, name, &variable);
        Ok(variable)
    }

    /// Constrains `left·right = result`: one constraint.
    pub fn enforce_product<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        name: &'static str,
        left: &Self,
        right: &Self,
        result: &Self,
    ) {
        cs.enforce(
            || name,
            |_| left.lc.clone(),
            |_| right.lc.clone(),
            |_| result.lc.clone(),
        );
    }

    /// `if bit { yes } else { no }`: one constraint.
    ///
    /// # Errors
    ///
    /// When a witness is being generated and a value is missing.
    pub fn select<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        name: &'static str,
        bit: &Self,
        yes: &Self,
        no: &Self,
    ) -> Result<Self, SynthesisError> {
        let difference = yes.minus(cs, no);
        Ok(Self::product(cs, name, bit, &difference)?.plus(cs, Fr::ONE, no))
    }

    /// Constrains `self = other`: one constraint.
    pub fn enforce_equal<CS: ConstraintSystem<Fr>>(
        &self,
        cs: &mut CS,
        name: &'static str,
        other: &Self,
    ) {
        cs.enforce(
            || name,
            |_| self.lc.clone(),
            |lc| lc + CS::one(),
            |_| other.lc.clone(),
        );
    }
}

impl From<&AllocatedNum<Fr>> for Wire {
    fn from(number: &AllocatedNum<Fr>) -> Self {
        Self::variable(number.get_variable(), number.get_value())
    }
}

/// The digest of 1 to 16 wires; at most `3·(8t + partial rounds)` constraints.
///
/// # Errors
///
/// When a witness is being generated and a value is missing.
///
/// # Panics
///
/// As [`super::hash`] does, on a number of inputs that no width serves.
pub fn hash_gadget<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    inputs: &[Wire],
) -> Result<Wire, SynthesisError> {
    let params = PoseidonParams::for_inputs(inputs.len());
    let mut state = vec![Wire::constant::<CS>(Fr::ZERO)];
    state.extend_from_slice(inputs);
    for (half, all) in params.full_constants.iter().enumerate() {
        for (round, constants) in all.iter().enumerate() {
            let mut boxed = Vec::with_capacity(state.len());
            for (index, (element, constant)) in state.into_iter().zip(constants).enumerate() {
                let mut cs = cs.namespace(|| format!("half {half} round {round} element {index}"));
                let element = element.plus_constant(&cs, *constant);
                boxed.push(sbox_gadget(&mut cs, &element)?);
            }
            let last_before_partial = half == 0 && round + 1 == all.len();
            let matrix = if last_before_partial {
                &params.pre_sparse
            } else {
                &params.matrix
            };
            state = matrix.iter().map(|row| combine(cs, row, &boxed)).collect();
        }
        if half == 0 {
            state = state
                .into_iter()
                .zip(&params.pre_sparse_constants)
                .map(|(element, constant)| element.plus_constant(cs, *constant))
                .collect();
            for (round, sparse) in params.partial.iter().enumerate() {
                let mut cs = cs.namespace(|| format!("partial round {round}"));
                partial_round(&mut cs, sparse, &mut state)?;
            }
        }
    }
    Ok(state.swap_remove(0))
}

fn partial_round<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    sparse: &Sparse,
    state: &mut [Wire],
) -> Result<(), SynthesisError> {
    state[0] = sbox_gadget(cs, &state[0])?;
    let first = combine(cs, &sparse.row, state).plus_constant(cs, sparse.constant);
    let boxed = std::mem::replace(&mut state[0], first);
    for (element, coefficient) in state[1..].iter_mut().zip(&sparse.column) {
        *element = element.clone().plus(cs, *coefficient, &boxed);
    }
    Ok(())
}

fn combine<CS: ConstraintSystem<Fr>>(cs: &CS, row: &[Fr], state: &[Wire]) -> Wire {
    row.iter().zip(state).fold(
        Wire::constant::<CS>(Fr::ZERO),
        |sum, (coefficient, element)| sum.plus(cs, *coefficient, element),
    )
}

fn sbox_gadget<CS: ConstraintSystem<Fr>>(cs: &mut CS, x: &Wire) -> Result<Wire, SynthesisError> {
    if let (true, Some(value)) = (x.constant, x.value) {
        return Ok(Wire::constant::<CS>(sbox(value)));
    }
    let square = Wire::product(cs, "x^2", x, x)?;
    let fourth = Wire::product(cs, "x^4", &square, &square)?;
    Wire::product(cs, "x^5", &fourth, x)
}

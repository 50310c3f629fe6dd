//! The first round: every free choice of the prover is committed before the challenge is drawn.

use super::integer::BASE;
use ff::Field;
use notefold_folding::{curves::Fr, gadget::Wire};
use nova_snark::frontend::{ConstraintSystem, SynthesisError, Variable};

/// The committed wires, in the order in which they were allocated.
#[derive(Default)]
pub(crate) struct FirstRound {
    variables: Vec<Variable>,
    values: Vec<Fr>,
    digits: Vec<Wire>,
    /// A committed wire that a test gives another value, and what is added to it.
    #[cfg(test)]
    pub(crate) forged: Option<(usize, Fr)>,
}

impl FirstRound {
    /// A committed wire.
    pub(crate) fn alloc<CS: ConstraintSystem<Fr>>(
        &mut self,
        cs: &mut CS,
        name: &'static str,
        value: Option<Fr>,
    ) -> Result<Wire, SynthesisError> {
        #[cfg(test)]
        let value = match self.forged {
            Some((index, change)) if index == self.variables.len() => value.map(|v| v + change),
            _ => value,
        };
        let wire = Wire::alloc(cs, name, value)?;
        self.variables.push(wire.to_variable_index());
        self.values.extend(value);
        Ok(wire)
    }

    /// Committed wires, one for each value; none of them has a value where the circuit has none.
    pub(crate) fn alloc_all<CS: ConstraintSystem<Fr>>(
        &mut self,
        cs: &mut CS,
        count: usize,
        values: Option<&[Fr]>,
    ) -> Result<Vec<Wire>, SynthesisError> {
        (0..count)
            .map(|index| {
                let mut cs = cs.namespace(|| index.to_string());
                self.alloc(&mut cs, "element", values.map(|values| values[index]))
            })
            .collect()
    }

    /// A committed wire that the range check will hold below [`BASE`].
    pub(crate) fn digit<CS: ConstraintSystem<Fr>>(
        &mut self,
        cs: &mut CS,
        value: Option<u32>,
    ) -> Result<Wire, SynthesisError> {
        let wire = self.alloc(cs, "digit", value.map(|digit| Fr::from(u64::from(digit))))?;
        self.digits.push(wire.clone());
        Ok(wire)
    }

    /// What is to be range-checked.
    pub(crate) fn digits(&self) -> &[Wire] {
        &self.digits
    }

    /// Values of all committed wires; none where the circuit has no assignment.
    pub(crate) fn values(&self) -> &[Fr] {
        &self.values
    }

    /// The committed variables.
    pub(crate) fn into_variables(self) -> Vec<Variable> {
        self.variables
    }

    /// How often each digit occurs, committed: the prover's side of the look-up.
    pub(crate) fn multiplicities<CS: ConstraintSystem<Fr>>(
        &mut self,
        cs: &mut CS,
    ) -> Result<Vec<Wire>, SynthesisError> {
        let values: Option<Vec<Fr>> = self.digits.iter().map(Wire::value).collect();
        let mut counts = vec![0u64; BASE as usize];
        for value in values.iter().flatten() {
            // A digit out of range is no entry of the table, and the sums will differ.
            if let Some(count) = index(value).and_then(|i| counts.get_mut(i)) {
                *count += 1;
            }
        }
        let counts: Vec<Fr> = counts.into_iter().map(Fr::from).collect();
        self.alloc_all(
            cs,
            BASE as usize,
            values.is_some().then_some(counts.as_slice()),
        )
    }
}

fn index(value: &Fr) -> Option<usize> {
    let repr = ff::PrimeField::to_repr(value);
    let bytes: &[u8] = repr.as_ref();
    let (low, high) = bytes.split_at(4);
    if high.iter().any(|byte| *byte != 0) {
        return None;
    }
    let low: [u8; 4] = low.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(low)).ok()
}

/// LogUp (Haböck, eprint 2022/1530): `Σ 1/(γ + digit) = Σ multiplicity/(γ + entry)`, so every digit is an entry.
pub(crate) fn range_check<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    digits: &[Wire],
    multiplicities: &[Wire],
    gamma: &Wire,
) -> Result<(), SynthesisError> {
    let one = Wire::constant::<CS>(Fr::ONE);
    let mut sum = Wire::constant::<CS>(Fr::ZERO);
    for (index, digit) in digits.iter().enumerate() {
        let mut cs = cs.namespace(|| format!("digit {index}"));
        let shifted = gamma.clone().plus(&cs, Fr::ONE, digit);
        let quotient = divide(&mut cs, "1 / (γ + digit)", &one, &shifted)?;
        sum = sum.plus(&cs, Fr::ONE, &quotient);
    }
    for (entry, multiplicity) in (0u64..).zip(multiplicities) {
        let mut cs = cs.namespace(|| format!("entry {entry}"));
        let shifted = gamma.clone().plus_constant(&cs, Fr::from(entry));
        let quotient = divide(
            &mut cs,
            "multiplicity / (γ + entry)",
            multiplicity,
            &shifted,
        )?;
        sum = sum.plus(&cs, -Fr::ONE, &quotient);
    }
    let zero = Wire::constant::<CS>(Fr::ZERO);
    sum.enforce_equal(cs, "every digit is an entry", &zero);
    Ok(())
}

/// A wire q with `q·denominator = numerator`. A denominator of zero, which a random challenge makes with probability
/// 2^−230 or so over all look-ups, leaves the honest prover without a proof.
pub(crate) fn divide<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    name: &'static str,
    numerator: &Wire,
    denominator: &Wire,
) -> Result<Wire, SynthesisError> {
    let value = numerator
        .value()
        .zip(denominator.value())
        .map(|(n, d)| n * d.invert().unwrap_or(Fr::ZERO));
    let quotient = Wire::alloc(cs, name, value)?;
    Wire::enforce_product(cs, name, &quotient, denominator, numerator);
    Ok(quotient)
}

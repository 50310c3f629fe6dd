//! A witness generator whose assignment is wiped when it is no longer needed.

use crate::{curves::Fr, secret::SecretScalars};
use nova_snark::frontend::{ConstraintSystem, Index, LinearCombination, SynthesisError, Variable};

/// Collects assignments; builds no constraint.
#[derive(Default)]
pub(super) struct WitnessCs {
    aux: Vec<Fr>,
    inputs: Vec<Fr>,
}

impl WitnessCs {
    /// Space for all variables at once: a vector that grows would leave copies of secrets behind.
    pub(super) fn with_capacity(aux: usize, inputs: usize) -> Self {
        Self {
            aux: Vec::with_capacity(aux),
            inputs: Vec::with_capacity(inputs + 1),
        }
    }

    /// Private and public assignment.
    pub(super) fn finish(self) -> (SecretScalars, Vec<Fr>) {
        (SecretScalars::new(self.aux), self.inputs)
    }
}

impl ConstraintSystem<Fr> for WitnessCs {
    type Root = Self;

    fn alloc<F, A, AR>(&mut self, _: A, f: F) -> Result<Variable, SynthesisError>
    where
        F: FnOnce() -> Result<Fr, SynthesisError>,
        A: FnOnce() -> AR,
        AR: Into<String>,
    {
        self.aux.push(f()?);
        Ok(Variable::new_unchecked(Index::Aux(self.aux.len() - 1)))
    }

    fn alloc_input<F, A, AR>(&mut self, _: A, f: F) -> Result<Variable, SynthesisError>
    where
        F: FnOnce() -> Result<Fr, SynthesisError>,
        A: FnOnce() -> AR,
        AR: Into<String>,
    {
        self.inputs.push(f()?);
        // Input 0 is the constant one.
        Ok(Variable::new_unchecked(Index::Input(self.inputs.len())))
    }

    fn enforce<A, AR, LA, LB, LC>(&mut self, _: A, _: LA, _: LB, _: LC)
    where
        A: FnOnce() -> AR,
        AR: Into<String>,
        LA: FnOnce(LinearCombination<Fr>) -> LinearCombination<Fr>,
        LB: FnOnce(LinearCombination<Fr>) -> LinearCombination<Fr>,
        LC: FnOnce(LinearCombination<Fr>) -> LinearCombination<Fr>,
    {
    }

    fn push_namespace<NR, N>(&mut self, _: N)
    where
        NR: Into<String>,
        N: FnOnce() -> NR,
    {
    }

    fn pop_namespace(&mut self) {}

    fn get_root(&mut self) -> &mut Self::Root {
        self
    }

    fn is_witness_generator(&self) -> bool {
        true
    }
}

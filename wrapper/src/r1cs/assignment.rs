//! A witness generator: values, no constraints.

use super::collector::places;
use ff::PrimeField;
use nova_snark::frontend::{ConstraintSystem, Index, LinearCombination, SynthesisError, Variable};

/// Values of all variables in the order in which they are allocated.
pub struct Assignment<F> {
    /// Public inputs; the first is one.
    pub inputs: Vec<F>,
    /// Everything else.
    pub aux: Vec<F>,
}

impl<F: PrimeField> Assignment<F> {
    /// Space for a circuit whose size is known.
    #[must_use]
    pub fn with_capacity(aux: usize) -> Self {
        Self {
            inputs: vec![F::ONE],
            aux: Vec::with_capacity(aux),
        }
    }
}

impl<F: PrimeField> Assignment<F> {
    /// One, public, committed, private: as `collected` numbers them.
    pub(crate) fn ordered(self, committed: &[Variable]) -> Vec<F> {
        let inputs = self.inputs.len();
        let places = places(self.aux.len(), committed);
        let mut z = self.inputs;
        z.resize(inputs + self.aux.len(), F::ZERO);
        for (place, value) in places.into_iter().zip(self.aux) {
            z[inputs + place] = value;
        }
        z
    }
}

impl<F: PrimeField> ConstraintSystem<F> for Assignment<F> {
    type Root = Self;

    fn new() -> Self {
        Self::with_capacity(0)
    }

    fn alloc<V, A, AR>(&mut self, _: A, value: V) -> Result<Variable, SynthesisError>
    where
        V: FnOnce() -> Result<F, SynthesisError>,
        A: FnOnce() -> AR,
        AR: Into<String>,
    {
        self.aux.push(value()?);
        Ok(Variable::new_unchecked(Index::Aux(self.aux.len() - 1)))
    }

    fn alloc_input<V, A, AR>(&mut self, _: A, value: V) -> Result<Variable, SynthesisError>
    where
        V: FnOnce() -> Result<F, SynthesisError>,
        A: FnOnce() -> AR,
        AR: Into<String>,
    {
        self.inputs.push(value()?);
        Ok(Variable::new_unchecked(Index::Input(self.inputs.len() - 1)))
    }

    fn enforce<A, AR, LA, LB, LC>(&mut self, _: A, _: LA, _: LB, _: LC)
    where
        A: FnOnce() -> AR,
        AR: Into<String>,
        LA: FnOnce(LinearCombination<F>) -> LinearCombination<F>,
        LB: FnOnce(LinearCombination<F>) -> LinearCombination<F>,
        LC: FnOnce(LinearCombination<F>) -> LinearCombination<F>,
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

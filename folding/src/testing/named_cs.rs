//! A constraint system that keeps the name of every constraint and variable, and lets a test change one value.

use crate::curves::Fr;
use ff::PrimeField;
use nova_snark::frontend::{ConstraintSystem, Index, LinearCombination, SynthesisError, Variable};
use std::collections::BTreeMap;

struct Constraint<F: PrimeField> {
    name: String,
    a: LinearCombination<F>,
    b: LinearCombination<F>,
    c: LinearCombination<F>,
}

/// Records constraints, their names, and an assignment that can be tampered with.
pub struct NamedCsOver<F: PrimeField> {
    path: Vec<String>,
    constraints: Vec<Constraint<F>>,
    inputs: Vec<F>,
    aux: Vec<F>,
    names: BTreeMap<String, Index>,
}

/// Over the scalar field of BN254, where most circuits live.
pub type NamedCs = NamedCsOver<Fr>;

impl<F: PrimeField> NamedCsOver<F> {
    /// Number of constraints.
    #[must_use]
    pub fn num_constraints(&self) -> usize {
        self.constraints.len()
    }

    /// Number of private variables.
    #[must_use]
    pub fn num_aux(&self) -> usize {
        self.aux.len()
    }

    /// Names of all constraints that the assignment breaks, in order.
    #[must_use]
    pub fn unsatisfied(&self) -> Vec<&str> {
        self.constraints
            .iter()
            .filter(|constraint| {
                let [a, b, c] = [&constraint.a, &constraint.b, &constraint.c]
                    .map(|lc| lc.eval(&self.inputs, &self.aux));
                a * b != c
            })
            .map(|constraint| constraint.name.as_str())
            .collect()
    }

    /// Constraints by the first part of their name, in order of first appearance.
    #[must_use]
    pub fn constraints_by_block(&self) -> Vec<(String, usize)> {
        let mut blocks: Vec<(String, usize)> = Vec::new();
        for constraint in &self.constraints {
            let block = constraint.name.split('/').next().unwrap_or_default();
            match blocks.iter_mut().find(|(name, _)| name == block) {
                Some((_, count)) => *count += 1,
                None => blocks.push((block.to_owned(), 1)),
            }
        }
        blocks
    }

    /// The value of a variable.
    ///
    /// # Panics
    ///
    /// When no variable has this name.
    #[must_use]
    pub fn get(&self, name: &str) -> F {
        match self.names.get(name) {
            Some(Index::Input(index)) => self.inputs[*index],
            Some(Index::Aux(index)) => self.aux[*index],
            None => panic!("no variable is named {name}"),
        }
    }

    /// Whether a variable has this name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// Replaces the value of a variable.
    ///
    /// # Panics
    ///
    /// When no variable has this name.
    pub fn set(&mut self, name: &str, value: F) {
        match self.names.get(name) {
            Some(Index::Input(index)) => self.inputs[*index] = value,
            Some(Index::Aux(index)) => self.aux[*index] = value,
            None => panic!("no variable is named {name}"),
        }
    }

    /// Names of private variables whose change alone breaks no constraint: free choices of a prover.
    #[must_use]
    pub fn unconstrained(&self) -> Vec<&str> {
        let mut users: Vec<Vec<usize>> = vec![Vec::new(); self.aux.len()];
        for (row, constraint) in self.constraints.iter().enumerate() {
            for lc in [&constraint.a, &constraint.b, &constraint.c] {
                for (index, _) in lc.iter_aux() {
                    users[*index].push(row);
                }
            }
        }
        let mut aux = self.aux.clone();
        let mut free = Vec::new();
        for (name, index) in &self.names {
            let Index::Aux(index) = index else { continue };
            // One changed value could by chance satisfy a quadratic constraint; no constraint here has both roots.
            aux[*index] += F::from(0x1234_5678_9abc_def1);
            let broken = users[*index].iter().any(|row| {
                let constraint = &self.constraints[*row];
                let [a, b, c] = [&constraint.a, &constraint.b, &constraint.c]
                    .map(|lc| lc.eval(&self.inputs, &aux));
                a * b != c
            });
            aux[*index] = self.aux[*index];
            if !broken {
                free.push(name.as_str());
            }
        }
        free
    }

    fn full_name(&self, name: &str) -> String {
        let mut full = self.path.join("/");
        if !full.is_empty() {
            full.push('/');
        }
        full + name
    }

    fn name_variable(&mut self, name: &str, index: Index) -> Variable {
        let full = self.full_name(name);
        let before = self.names.insert(full, index);
        assert!(
            before.is_none(),
            "two variables are named {}",
            self.full_name(name)
        );
        Variable::new_unchecked(index)
    }
}

impl<F: PrimeField> ConstraintSystem<F> for NamedCsOver<F> {
    type Root = Self;

    fn new() -> Self {
        Self {
            path: Vec::new(),
            constraints: Vec::new(),
            inputs: vec![F::ONE],
            aux: Vec::new(),
            names: BTreeMap::new(),
        }
    }

    fn alloc<V, A, AR>(&mut self, annotation: A, f: V) -> Result<Variable, SynthesisError>
    where
        V: FnOnce() -> Result<F, SynthesisError>,
        A: FnOnce() -> AR,
        AR: Into<String>,
    {
        self.aux.push(f()?);
        Ok(self.name_variable(&annotation().into(), Index::Aux(self.aux.len() - 1)))
    }

    fn alloc_input<V, A, AR>(&mut self, annotation: A, f: V) -> Result<Variable, SynthesisError>
    where
        V: FnOnce() -> Result<F, SynthesisError>,
        A: FnOnce() -> AR,
        AR: Into<String>,
    {
        self.inputs.push(f()?);
        Ok(self.name_variable(&annotation().into(), Index::Input(self.inputs.len() - 1)))
    }

    fn enforce<A, AR, LA, LB, LC>(&mut self, annotation: A, a: LA, b: LB, c: LC)
    where
        A: FnOnce() -> AR,
        AR: Into<String>,
        LA: FnOnce(LinearCombination<F>) -> LinearCombination<F>,
        LB: FnOnce(LinearCombination<F>) -> LinearCombination<F>,
        LC: FnOnce(LinearCombination<F>) -> LinearCombination<F>,
    {
        let name = self.full_name(&annotation().into());
        let zero = LinearCombination::zero;
        self.constraints.push(Constraint {
            name,
            a: a(zero()),
            b: b(zero()),
            c: c(zero()),
        });
    }

    fn push_namespace<NR, N>(&mut self, name: N)
    where
        NR: Into<String>,
        N: FnOnce() -> NR,
    {
        self.path.push(name().into());
    }

    fn pop_namespace(&mut self) {
        self.path.pop();
    }

    fn get_root(&mut self) -> &mut Self::Root {
        self
    }
}

//! Constraints as rows of three matrices.

use crate::{
    convert::to_ark,
    groth16::{Matrices, SparseMatrix},
};
use ark_ff::Zero;
use ff::PrimeField;
use notefold_folding::curves::Fr;
use nova_snark::frontend::{
    ConstraintSystem, Index, LinearCombination, SynthesisError, Variable,
    util_cs::witness_cs::WitnessCS,
};
use std::collections::BTreeMap;

/// Set in the column of a private variable while the number of inputs is not known.
const AUX: u32 = 1 << 31;

/// Collects matrices; asks for no value.
pub struct Collector<F> {
    matrices: [SparseMatrix<F>; 3],
    inputs: usize,
    aux: usize,
    path: Vec<String>,
    depth: usize,
    blocks: BTreeMap<String, usize>,
    names: Option<Vec<String>>,
}

/// A variable as a column.
pub(crate) enum Column {
    Input(usize),
    Aux(usize),
}

impl<F: PrimeField> Collector<F> {
    /// Keeps the name of every constraint: for tests that say which one fails.
    #[must_use]
    pub fn named() -> Self {
        Self {
            names: Some(Vec::new()),
            ..Self::new()
        }
    }

    /// Takes the names, where they were kept.
    pub fn take_names(&mut self) -> Vec<String> {
        self.names.take().unwrap_or_default()
    }

    /// Inputs, one among them.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Private variables.
    #[must_use]
    pub fn aux(&self) -> usize {
        self.aux
    }

    /// Constraints by the outermost namespace that they are in.
    #[must_use]
    pub fn blocks(&self) -> &BTreeMap<String, usize> {
        &self.blocks
    }

    /// A, B and C with columns numbered by a rule.
    pub(crate) fn into_matrices(
        self,
        column: impl Fn(Column) -> usize + Copy,
    ) -> [SparseMatrix<F>; 3] {
        let number = |encoded: u32| {
            let index = (encoded & !AUX) as usize;
            let number = column(if encoded & AUX == 0 {
                Column::Input(index)
            } else {
                Column::Aux(index)
            });
            u32::try_from(number).expect("invariant: below 2^31 variables")
        };
        self.matrices
            .map(|matrix| matrix.map(number, |value| value))
    }

    fn push(&mut self, which: usize, combination: &LinearCombination<F>) {
        let encode = |index: &usize, tag: u32| {
            u32::try_from(*index).expect("invariant: below 2^31 variables") | tag
        };
        let inputs = combination.iter_inputs().map(|(i, v)| (encode(i, 0), *v));
        let aux = combination.iter_aux().map(|(i, v)| (encode(i, AUX), *v));
        let entries = inputs.chain(aux).filter(|(_, v)| !bool::from(v.is_zero()));
        self.matrices[which].push_row(entries);
    }
}

impl<F: PrimeField> ConstraintSystem<F> for Collector<F> {
    type Root = Self;

    fn new() -> Self {
        Self {
            matrices: Default::default(),
            inputs: 1,
            aux: 0,
            path: Vec::new(),
            depth: 0,
            blocks: BTreeMap::new(),
            names: None,
        }
    }

    fn alloc<V, A, AR>(&mut self, _: A, _: V) -> Result<Variable, SynthesisError>
    where
        V: FnOnce() -> Result<F, SynthesisError>,
        A: FnOnce() -> AR,
        AR: Into<String>,
    {
        self.aux += 1;
        Ok(Variable::new_unchecked(Index::Aux(self.aux - 1)))
    }

    fn alloc_input<V, A, AR>(&mut self, _: A, _: V) -> Result<Variable, SynthesisError>
    where
        V: FnOnce() -> Result<F, SynthesisError>,
        A: FnOnce() -> AR,
        AR: Into<String>,
    {
        self.inputs += 1;
        Ok(Variable::new_unchecked(Index::Input(self.inputs - 1)))
    }

    fn enforce<A, AR, LA, LB, LC>(&mut self, name: A, a: LA, b: LB, c: LC)
    where
        A: FnOnce() -> AR,
        AR: Into<String>,
        LA: FnOnce(LinearCombination<F>) -> LinearCombination<F>,
        LB: FnOnce(LinearCombination<F>) -> LinearCombination<F>,
        LC: FnOnce(LinearCombination<F>) -> LinearCombination<F>,
    {
        let zero = LinearCombination::zero;
        self.push(0, &a(zero()));
        self.push(1, &b(zero()));
        self.push(2, &c(zero()));
        let block = self.path.first().map_or("", String::as_str);
        match self.blocks.get_mut(block) {
            Some(count) => *count += 1,
            None => {
                self.blocks.insert(block.to_owned(), 1);
            }
        }
        if let Some(names) = &mut self.names {
            let mut full = self.path.join("/");
            full.push('/');
            full.push_str(&name().into());
            names.push(full);
        }
    }

    fn push_namespace<NR, N>(&mut self, name: N)
    where
        NR: Into<String>,
        N: FnOnce() -> NR,
    {
        // Names of inner namespaces cost more than the constraints in them.
        if self.depth == 0 || self.names.is_some() {
            self.path.push(name().into());
        }
        self.depth += 1;
    }

    fn pop_namespace(&mut self) {
        self.depth -= 1;
        self.path.truncate(self.depth);
    }

    fn get_root(&mut self) -> &mut Self::Root {
        self
    }
}

/// Matrices over (1, public, committed, private): committed variables come first, in the order given.
#[must_use]
pub fn collected(collector: Collector<Fr>, committed: &[Variable]) -> Matrices {
    let (inputs, aux) = (collector.inputs(), collector.aux());
    let places = places(aux, committed);
    let [a, b, c] = collector
        .into_matrices(|column| match column {
            Column::Input(index) => index,
            Column::Aux(index) => inputs + places[index],
        })
        .map(|matrix| matrix.map(|column| column, |value| to_ark(&value)));
    Matrices {
        public: inputs - 1,
        committed: committed.len(),
        private: aux - committed.len(),
        a,
        b,
        c,
    }
}

/// z = (1, public, committed, private) of an assignment, as [`collected`] numbers it.
#[must_use]
pub fn assigned(cs: &WitnessCS<Fr>, committed: &[Variable]) -> Vec<ark_bn254::Fr> {
    let (inputs, aux) = (cs.input_assignment(), cs.aux_assignment());
    let mut z: Vec<_> = inputs.iter().map(to_ark).collect();
    z.resize(inputs.len() + aux.len(), ark_bn254::Fr::zero());
    for (place, value) in places(aux.len(), committed).into_iter().zip(aux) {
        z[inputs.len() + place] = to_ark(value);
    }
    z
}

/// The place of each private variable: committed ones first, in the order given, then the rest as allocated.
fn places(aux: usize, committed: &[Variable]) -> Vec<usize> {
    let mut places = vec![usize::MAX; aux];
    for (place, variable) in committed.iter().enumerate() {
        match variable.get_unchecked() {
            Index::Aux(index) => places[index] = place,
            Index::Input(_) => unreachable!("invariant: inputs are public"),
        }
    }
    let mut next = committed.len();
    for place in &mut places {
        if *place == usize::MAX {
            *place = next;
            next += 1;
        }
    }
    places
}

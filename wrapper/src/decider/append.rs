//! A tree grew by the leaves of a batch and by nothing else: AUG-17 as constraints.

use ff::Field;
use notefold_folding::{
    augmented::SUBTREE_DEPTH,
    batch::AppendProof,
    curves::Fr,
    gadget::{Wire, hash_gadget, in_range, open_node, replace_child},
    tree::{ARITY, Path, empty_root},
};
use nova_snark::frontend::{ConstraintSystem, SynthesisError};

const DEPTH: usize = 16;

/// A tree before and after a batch.
pub(crate) struct Growth<'a> {
    pub(crate) before: &'a Wire,
    pub(crate) after: &'a Wire,
    /// Leaves before: the position of the first new one.
    pub(crate) start: &'a Wire,
    /// New leaves, more than none and at most those of one subtree.
    pub(crate) count: &'a Wire,
}

/// What the chains took for granted about a tree.
pub(crate) struct Subtrees {
    /// Roots of the subtrees that the batch may have appended to.
    pub(crate) roots: [Wire; 2],
    /// Position of the first new leaf within its subtree.
    pub(crate) offset: Wire,
}

/// Bits of a position, two a level.
struct Position(Vec<Wire>);

impl Position {
    fn of<CS: ConstraintSystem<Fr>>(cs: &mut CS, value: &Wire) -> Result<Self, SynthesisError> {
        Ok(Self(in_range(cs, value, 2 * DEPTH)?))
    }

    fn digit(&self, level: usize) -> (&Wire, &Wire) {
        (&self.0[2 * level], &self.0[2 * level + 1])
    }

    fn part<CS: ConstraintSystem<Fr>>(&self, cs: &CS, bits: std::ops::Range<usize>) -> Wire {
        let (mut sum, mut weight) = (Wire::constant::<CS>(Fr::ZERO), Fr::ONE);
        for bit in &self.0[bits] {
            sum = sum.plus(cs, weight, bit);
            weight = weight.double();
        }
        sum
    }
}

/// Children of the nodes along a path, and the node at the subtrees' height.
struct Climbed {
    children: Vec<Vec<Wire>>,
    subtree: Wire,
    root: Wire,
}

fn climb<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    leaf: &Wire,
    position: &Position,
    path: Option<&Path>,
) -> Result<Climbed, SynthesisError> {
    let mut node = leaf.clone();
    let mut subtree = None;
    let mut children = Vec::with_capacity(DEPTH);
    for level in 0..DEPTH {
        let mut cs = cs.namespace(|| format!("level {level}"));
        if level == SUBTREE_DEPTH {
            subtree = Some(node.clone());
        }
        let opening = path.map(|path| (path.digit(level), path.siblings[level]));
        let (low, high) = position.digit(level);
        let opened = open_node(&mut cs, &node, low, high, opening)?;
        node = hash_gadget(&mut cs, &opened)?;
        children.push(opened);
    }
    Ok(Climbed {
        children,
        subtree: subtree.expect("invariant: subtrees are lower than trees"),
        root: node,
    })
}

/// Constrains the growth, and returns the subtrees.
pub(crate) fn grown<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    growth: &Growth<'_>,
    proof: Option<&AppendProof>,
) -> Result<Subtrees, SynthesisError> {
    let first = Position::of(&mut cs.namespace(|| "first position"), growth.start)?;
    let last = growth.start.clone().plus(cs, Fr::ONE, growth.count);
    let last = last.plus_constant(cs, -Fr::ONE);
    let last = Position::of(&mut cs.namespace(|| "last position"), &last)?;

    let empty = Wire::constant::<CS>(empty_root(0));
    let old = climb(
        &mut cs.namespace(|| "old path"),
        &empty,
        &first,
        proof.map(|p| &p.before),
    )?;
    let leaf = Wire::alloc(cs, "first leaf", proof.map(|p| p.first.0))?;
    let new_first = climb(
        &mut cs.namespace(|| "path of the first leaf"),
        &leaf,
        &first,
        proof.map(|p| &p.first.1),
    )?;
    let leaf = Wire::alloc(cs, "last leaf", proof.map(|p| p.last.0))?;
    let new_last = climb(
        &mut cs.namespace(|| "path of the last leaf"),
        &leaf,
        &last,
        proof.map(|p| &p.last.1),
    )?;
    old.root.enforce_equal(cs, "the old root", growth.before);
    new_first
        .root
        .enforce_equal(cs, "the new root over the first leaf", growth.after);
    new_last
        .root
        .enforce_equal(cs, "the new root over the last leaf", growth.after);
    for level in 0..DEPTH {
        let mut cs = cs.namespace(|| format!("sides of level {level}"));
        let sides = Sides::of(&mut cs.namespace(|| "first"), first.digit(level))?;
        sides.empty_right(&mut cs, "nothing right of the old leaves", &old, level);
        sides.same_left(&mut cs, &old, &new_first, level);
        let sides = Sides::of(&mut cs.namespace(|| "last"), last.digit(level))?;
        sides.empty_right(&mut cs, "nothing right of the new leaves", &new_last, level);
    }

    // Two subtrees at most: the number of the second less that of the first is zero or one.
    let bits = 2 * SUBTREE_DEPTH..2 * DEPTH;
    let across = last.part(cs, bits.clone()).minus(cs, &first.part(cs, bits));
    let crosses = Wire::alloc_bit(
        cs,
        "the batch crosses into a second subtree",
        across.value().map(|value| value == Fr::ONE),
    )?;
    across.enforce_equal(cs, "subtrees follow each other", &crosses);
    let nothing = Wire::constant::<CS>(empty_root(SUBTREE_DEPTH));
    let second = Wire::select(cs, "second subtree", &crosses, &new_last.subtree, &nothing)?;
    Ok(Subtrees {
        roots: [new_first.subtree, second],
        offset: first.part(cs, 0..2 * SUBTREE_DEPTH),
    })
}

/// Which children of a node are right of a digit, and which are left of it.
struct Sides {
    /// Children 1 to 3.
    right: [Wire; ARITY - 1],
    /// Children 0 to 2.
    left: [Wire; ARITY - 1],
}

impl Sides {
    fn of<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        (low, high): (&Wire, &Wire),
    ) -> Result<Self, SynthesisError> {
        let both = Wire::product(cs, "both bits", low, high)?;
        let above_zero = low.clone().plus(cs, Fr::ONE, high).minus(cs, &both);
        let not = |wire: &Wire| {
            Wire::constant::<CS>(Fr::ZERO)
                .minus(cs, wire)
                .plus_constant(cs, Fr::ONE)
        };
        Ok(Self {
            right: [not(&above_zero), not(high), not(&both)],
            left: [above_zero, high.clone(), both],
        })
    }

    fn empty_right<CS: ConstraintSystem<Fr>>(
        &self,
        cs: &mut CS,
        name: &'static str,
        path: &Climbed,
        level: usize,
    ) {
        let zero = Wire::constant::<CS>(Fr::ZERO);
        for (which, child) in self.right.iter().zip(&path.children[level][1..]) {
            let difference = child.clone().plus_constant(cs, -empty_root(level));
            Wire::enforce_product(cs, name, which, &difference, &zero);
        }
    }

    fn same_left<CS: ConstraintSystem<Fr>>(
        &self,
        cs: &mut CS,
        old: &Climbed,
        new: &Climbed,
        level: usize,
    ) {
        let zero = Wire::constant::<CS>(Fr::ZERO);
        for (child, which) in self.left.iter().enumerate() {
            let difference = old.children[level][child].minus(cs, &new.children[level][child]);
            let name = "what was left of the new leaves";
            Wire::enforce_product(cs, name, which, &difference, &zero);
        }
    }
}

/// The root of a tree in which one leaf is replaced, before and after.
pub(crate) fn replaced<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    (old, new): (&Wire, &Wire),
    bits: &[Wire],
    path: Option<&Path>,
) -> Result<[Wire; 2], SynthesisError> {
    let (mut before, mut after) = (old.clone(), new.clone());
    for (level, pair) in bits.chunks_exact(2).enumerate() {
        let mut cs = cs.namespace(|| format!("level {level}"));
        let (low, high) = (&pair[0], &pair[1]);
        let opening = path.map(|path| (path.digit(level), path.siblings[level]));
        (before, after) = replace_child(&mut cs, (&before, &after), (low, high), opening)?;
    }
    Ok([before, after])
}

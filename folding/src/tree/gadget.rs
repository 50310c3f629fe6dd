//! Nodes of a 4-ary tree in a circuit.

use super::{ARITY, with_child};
use crate::{
    curves::Fr,
    poseidon::{Wire, hash_gadget},
};
use ff::Field;
use nova_snark::frontend::{ConstraintSystem, SynthesisError};

/// All four children of a node, given which of them is known: three constraints, where placing a child among three
/// siblings would take five. `opening` is the digit, high bit before low, and the siblings.
pub fn open_node<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    child: &Wire,
    low: &Wire,
    high: &Wire,
    opening: Option<(usize, [Fr; ARITY - 1])>,
) -> Result<Vec<Wire>, SynthesisError> {
    let children = opening
        .zip(child.value())
        .map(|((digit, siblings), child)| with_child(digit, child, &siblings));
    let mut wires = Vec::with_capacity(ARITY);
    for (child, name) in ["child 0", "child 1", "child 2", "child 3"]
        .into_iter()
        .enumerate()
    {
        wires.push(Wire::alloc(cs, name, children.map(|c| c[child]))?);
    }
    let left = Wire::select(cs, "select left", low, &wires[1], &wires[0])?;
    let right = Wire::select(cs, "select right", low, &wires[3], &wires[2])?;
    let across = right.minus(cs, &left);
    let from_left = child.minus(cs, &left);
    Wire::enforce_product(
        cs,
        "the child at the position is the node below",
        high,
        &across,
        &from_left,
    );
    Ok(wires)
}

/// Opens and hashes a path of nodes above a leaf; `bits` are the position's, lowest first. Returns the node on top.
pub(crate) fn climb<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    leaf: &Wire,
    bits: &[Wire],
    openings: Option<&[(usize, [Fr; ARITY - 1])]>,
) -> Result<Wire, SynthesisError> {
    let mut node = leaf.clone();
    for (level, pair) in bits.chunks_exact(2).enumerate() {
        let mut cs = cs.namespace(|| format!("level {level}"));
        let opening = openings.map(|openings| openings[level]);
        let children = open_node(&mut cs, &node, &pair[0], &pair[1], opening)?;
        node = hash_gadget(&mut cs, &children)?;
    }
    Ok(node)
}

/// The roots over a leaf before and after it changed, along one path of which the position is the prover's choice.
pub(crate) fn climb_twice<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    (before, after): (&Wire, &Wire),
    depth: usize,
    openings: Option<&[(usize, [Fr; ARITY - 1])]>,
) -> Result<(Wire, Wire), SynthesisError> {
    let (mut before, mut after) = (before.clone(), after.clone());
    for level in 0..depth {
        let mut cs = cs.namespace(|| format!("level {level}"));
        let opening = openings.map(|openings| openings[level]);
        let digit = opening.map(|(digit, _)| digit);
        let low = Wire::alloc_bit(&mut cs, "low bit", digit.map(|d| d & 1 == 1))?;
        let high = Wire::alloc_bit(&mut cs, "high bit", digit.map(|d| d & 2 == 2))?;
        (before, after) = replace_child(&mut cs, (&before, &after), (&low, &high), opening)?;
    }
    Ok((before, after))
}

/// The nodes above a child before and after it changed: five constraints and two hashes.
pub fn replace_child<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    (before, after): (&Wire, &Wire),
    (low, high): (&Wire, &Wire),
    opening: Option<(usize, [Fr; ARITY - 1])>,
) -> Result<(Wire, Wire), SynthesisError> {
    let children = open_node(cs, before, low, high, opening)?;
    // The difference goes to the child of the digit, zero to the others.
    let difference = after.minus(cs, before);
    let at_low = Wire::product(cs, "change, low bit", low, &difference)?;
    let at_high = Wire::product(cs, "change, high bit", high, &difference)?;
    let at_3 = Wire::product(cs, "change, child 3", low, &at_high)?;
    let at_1 = at_low.minus(cs, &at_3);
    let at_2 = at_high.minus(cs, &at_3);
    let at_0 = difference.minus(cs, &at_low).minus(cs, &at_2);
    let changed: Vec<Wire> = children
        .iter()
        .zip([at_0, at_1, at_2, at_3])
        .map(|(child, change)| child.clone().plus(cs, Fr::ONE, &change))
        .collect();
    let before = hash_gadget(&mut cs.namespace(|| "before"), &children)?;
    let after = hash_gadget(&mut cs.namespace(|| "after"), &changed)?;
    Ok((before, after))
}

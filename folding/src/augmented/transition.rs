//! AUG-7 to AUG-14: the state transition of one note step.
//!
//! A batch is closed before it is proven, so the trees that it leads to are known. Notes and nullifier leaves are
//! therefore not written here but shown to be in the *new* trees at the next positions: one path instead of two, and of
//! it only the levels below a subtree of 65,536 leaves, two of which a batch can touch. That the new trees hold nothing
//! else and that nothing old was lost is one check a batch, outside (`specs/augmented-circuit.md`, AUG-17).
//!
//! The list of nullifiers takes its new values in descending order over the whole batch, so that the leaf below a value
//! is never one that the batch itself appends. A permutation argument says that the leaves which redirections lead to
//! are those appended.

use super::{
    AugmentedClause,
    gadgets::{in_range, tag},
    input::{SUBTREE_DEPTH, Transition, leaf_elements},
    wires::{ConstantWires, StateWires},
};
use crate::{
    curves::Fr,
    domain,
    poseidon::{Wire, hash_gadget},
    tree::{ARITY, GAP_BITS, NULLIFIER_DEPTH, Path, climb, climb_twice, with_child},
};
use ff::Field;
use nova_snark::frontend::{ConstraintSystem, SynthesisError};

/// The public data of the step, in the order of the statement, the deployment left out.
pub(super) struct StatementWires {
    anchor: Wire,
    nullifiers: [Wire; 2],
    commitments: [Wire; 2],
    amounts: [Wire; 3],
    asset: Wire,
    ext_hash: Wire,
}

impl StatementWires {
    pub(super) fn alloc<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        statement: Option<&[Fr; 11]>,
    ) -> Result<Self, SynthesisError> {
        let mut alloc =
            |name, index: usize| Wire::alloc(cs, name, statement.map(|statement| statement[index]));
        Ok(Self {
            anchor: alloc("anchor", 1)?,
            nullifiers: [alloc("nullifier 0", 2)?, alloc("nullifier 1", 3)?],
            commitments: [alloc("commitment 0", 4)?, alloc("commitment 1", 5)?],
            amounts: [
                alloc("public amount in", 6)?,
                alloc("public amount out", 7)?,
                alloc("fee", 9)?,
            ],
            asset: alloc("asset", 8)?,
            ext_hash: alloc("ext_hash", 10)?,
        })
    }

    /// AUG-7: x, with the deployment of the batch.
    pub(super) fn hash<CS: ConstraintSystem<Fr>>(
        &self,
        cs: &mut CS,
        constants: &ConstantWires,
    ) -> Result<Wire, SynthesisError> {
        let [public_in, public_out, fee] = self.amounts.clone();
        let [nf0, nf1] = self.nullifiers.clone();
        let [cm0, cm1] = self.commitments.clone();
        let x = hash_gadget(
            cs,
            &[
                tag::<CS>(domain::STATEMENT),
                constants.deployment.clone(),
                self.anchor.clone(),
                nf0,
                nf1,
                cm0,
                cm1,
                public_in,
                public_out,
                self.asset.clone(),
                fee,
                self.ext_hash.clone(),
            ],
        )?;
        x.to_variable(cs, "x")
    }
}

/// A leaf of the list with its position: value, position, next value, next index.
type LeafWires = [Wire; 4];

/// z after the step. `x` is the step's public input.
pub(super) fn transition<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    transition: Option<&Transition>,
    constants: &ConstantWires,
    (index, state): (&Wire, &StateWires),
    statement: &StatementWires,
    x: &Wire,
) -> Result<StateWires, SynthesisError> {
    anchor_in_ring(
        &mut cs.namespace(|| AugmentedClause::AnchorInRing.name()),
        transition,
        constants,
        &statement.anchor,
    )?;
    let (nullifier_root, redirected) = redirections(
        &mut cs.namespace(|| AugmentedClause::Redirections.name()),
        transition,
        &state.nullifier_root,
    )?;
    let appended = nullifiers_appended(
        &mut cs.namespace(|| AugmentedClause::NullifiersAppended.name()),
        transition,
        constants,
        (index, &statement.nullifiers),
    )?;
    notes_appended(
        &mut cs.namespace(|| AugmentedClause::NotesAppended.name()),
        transition,
        constants,
        (index, &statement.commitments),
    )?;
    let mut products = Vec::with_capacity(2);
    for (name, before, leaves) in [
        ("appended", &state.appended, &appended),
        ("redirected", &state.redirected, &redirected),
    ] {
        let mut cs = cs.namespace(|| AugmentedClause::Permutation.name());
        let mut cs = cs.namespace(|| name);
        products.push(leaf_product(&mut cs, constants, before, leaves)?);
    }
    let data_digest = {
        let mut cs = cs.namespace(|| AugmentedClause::DataDigest.name());
        let mut inputs = vec![
            tag::<CS>(domain::DATA),
            state.data_digest.clone(),
            x.clone(),
        ];
        inputs.extend(redirected.iter().flatten().cloned());
        hash_gadget(&mut cs, &inputs)?
    };
    let fingerprint = {
        let mut cs = cs.namespace(|| AugmentedClause::Fingerprint.name());
        fingerprint(&mut cs, constants, &state.fingerprint, statement)?
    };
    Ok(StateWires {
        nullifier_root,
        data_digest,
        fingerprint,
        steps_digest: step_chain(cs, &state.steps_digest, x)?,
        redirected: products.remove(1),
        appended: products.remove(0),
    })
}

/// AUG-15.
pub(super) fn step_chain<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    digest: &Wire,
    x: &Wire,
) -> Result<Wire, SynthesisError> {
    let mut cs = cs.namespace(|| AugmentedClause::StepChain.name());
    let inputs = [tag::<CS>(domain::STEPS), digest.clone(), x.clone()];
    hash_gadget(&mut cs, &inputs)
}

fn openings(path: &Path) -> Vec<(usize, [Fr; ARITY - 1])> {
    let levels = path.siblings.iter().enumerate();
    levels
        .map(|(level, siblings)| (path.digit(level), *siblings))
        .collect()
}

/// AUG-8. A slot never written holds zero, and zero as an anchor would lead nowhere: no note of value is under it.
fn anchor_in_ring<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    transition: Option<&Transition>,
    constants: &ConstantWires,
    anchor: &Wire,
) -> Result<(), SynthesisError> {
    let openings = transition.map(|t| openings(&t.anchor_path));
    let mut bits = Vec::new();
    for index in 0..2 * crate::tree::HISTORY_DEPTH {
        let mut cs = cs.namespace(|| format!("bit {index}"));
        let bit = transition.map(|t| (t.anchor_path.position >> index) & 1 == 1);
        bits.push(Wire::alloc_bit(&mut cs, "bit", bit)?);
    }
    let root = climb(cs, anchor, &bits, openings.as_deref())?;
    root.enforce_equal(cs, "the root is the ring's", &constants.history_root);
    Ok(())
}

/// AUG-9. Returns the root afterwards and the leaves that take over what was pointed at.
fn redirections<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    transition: Option<&Transition>,
    root: &Wire,
) -> Result<(Wire, Vec<LeafWires>), SynthesisError> {
    let mut root = root.clone();
    let mut leaves = Vec::with_capacity(2);
    for index in 0..2 {
        let mut cs = cs.namespace(|| format!("value {index}"));
        let redirection = transition.map(|t| &t.redirections[index]);
        let low = redirection.map(|r| leaf_elements(&r.low_leaf, 0));
        let low_value = Wire::alloc(&mut cs, "low value", low.map(|l| l[0]))?;
        let next_value = Wire::alloc(&mut cs, "next value", low.map(|l| l[2]))?;
        let next_index = Wire::alloc(&mut cs, "next index", low.map(|l| l[3]))?;
        let value = Wire::alloc(&mut cs, "value", redirection.map(|r| r.value))?;
        let position = redirection.map(|r| Fr::from(u64::from(r.position)));
        let position = Wire::alloc(&mut cs, "position", position)?;

        // The gap of a leaf is at most 2^252 (TREE-2), so both differences fit exactly if the value is inside, and
        // their sum cannot wrap around r.
        let above = value.minus(&cs, &low_value).plus_constant(&cs, -Fr::ONE);
        in_range(
            &mut cs.namespace(|| "above the low value"),
            &above,
            GAP_BITS,
        )?;
        let below = next_value.minus(&cs, &value).plus_constant(&cs, -Fr::ONE);
        in_range(
            &mut cs.namespace(|| "below the next value"),
            &below,
            GAP_BITS,
        )?;

        let before = hash_gadget(
            &mut cs.namespace(|| "low leaf before"),
            &[low_value.clone(), next_value.clone(), next_index.clone()],
        )?;
        let after = hash_gadget(
            &mut cs.namespace(|| "low leaf after"),
            &[low_value, value.clone(), position.clone()],
        )?;
        let openings = redirection.map(|r| openings(&r.low_path));
        let (old_root, new_root) = climb_twice(
            &mut cs,
            (&before, &after),
            NULLIFIER_DEPTH,
            openings.as_deref(),
        )?;
        old_root.enforce_equal(&mut cs, "the low leaf is in the list", &root);
        root = new_root;
        leaves.push([value, position, next_value, next_index]);
    }
    Ok((root, leaves))
}

/// AUG-10. Returns the leaves with their positions.
fn nullifiers_appended<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    transition: Option<&Transition>,
    constants: &ConstantWires,
    (index, nullifiers): (&Wire, &[Wire; 2]),
) -> Result<Vec<LeafWires>, SynthesisError> {
    let two = Fr::from(2);
    let first = constants.nullifier_start.clone().plus(cs, two, index);
    let mut leaves = Vec::with_capacity(2);
    let mut hashes = Vec::with_capacity(2);
    for (which, nullifier) in nullifiers.iter().enumerate() {
        let mut cs = cs.namespace(|| format!("leaf {which}"));
        let leaf = transition.map(|t| leaf_elements(&t.leaves[which], 0));
        let next_value = Wire::alloc(&mut cs, "next value", leaf.map(|l| l[2]))?;
        let next_index = Wire::alloc(&mut cs, "next index", leaf.map(|l| l[3]))?;
        hashes.push(hash_gadget(
            &mut cs,
            &[nullifier.clone(), next_value.clone(), next_index.clone()],
        )?);
        let position = first.clone().plus_constant(&cs, Fr::from(which as u64));
        leaves.push([nullifier.clone(), position, next_value, next_index]);
    }
    let local = first.minus(cs, &constants.nullifier_base);
    let path = transition.map(|t| &t.nullifier_path);
    appended_pair(cs, &hashes, &local, path, &constants.nullifier_subtrees)?;
    Ok(leaves)
}

/// AUG-11.
fn notes_appended<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    transition: Option<&Transition>,
    constants: &ConstantWires,
    (index, commitments): (&Wire, &[Wire; 2]),
) -> Result<(), SynthesisError> {
    let local = constants.note_offset.clone().plus(cs, Fr::from(2), index);
    let path = transition.map(|t| &t.note_path);
    appended_pair(cs, commitments, &local, path, &constants.note_subtrees)
}

/// Two neighbours at an even position within one of two subtrees. Positions are unique: 17 bits, and the subtrees
/// follow each other.
fn appended_pair<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    leaves: &[Wire],
    position: &Wire,
    path: Option<&Path>,
    subtrees: &[Wire; 2],
) -> Result<(), SynthesisError> {
    // Only an even position has a half of 16 bits.
    let half = Fr::from(2).invert().unwrap_or(Fr::ZERO);
    let halved = Wire::constant::<CS>(Fr::ZERO).plus(cs, half, position);
    let bits = in_range(&mut cs.namespace(|| "position"), &halved, 2 * SUBTREE_DEPTH)?;

    let openings = path.map(openings);
    let opening = openings.as_ref().map(|openings| openings[0]);
    let children = opening
        .zip(leaves[0].value())
        .map(|((digit, siblings), leaf)| with_child(digit, leaf, &siblings));
    let names = ["child 0", "child 1", "child 2", "child 3"];
    let wires = (0..ARITY)
        .map(|child| Wire::alloc(cs, names[child], children.map(|c| c[child])))
        .collect::<Result<Vec<_>, _>>()?;
    for (which, name) in [(0, "first of the pair"), (1, "second of the pair")] {
        let difference = wires[which + 2].minus(cs, &wires[which]);
        let from_left = leaves[which].minus(cs, &wires[which]);
        Wire::enforce_product(cs, name, &bits[0], &difference, &from_left);
    }
    let node = hash_gadget(&mut cs.namespace(|| "parent"), &wires)?;
    let above = openings
        .as_ref()
        .map(|openings| &openings[1..SUBTREE_DEPTH]);
    let node = climb(cs, &node, &bits[1..2 * SUBTREE_DEPTH - 1], above)?;
    let across = subtrees[1].minus(cs, &subtrees[0]);
    let from_first = node.minus(cs, &subtrees[0]);
    let second = &bits[2 * SUBTREE_DEPTH - 1];
    Wire::enforce_product(cs, "the node is the subtree", second, &across, &from_first);
    Ok(())
}

/// AUG-12: `product·Π (γ + value + a·position + a²·next value + a³·next index)`.
fn leaf_product<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    constants: &ConstantWires,
    product: &Wire,
    leaves: &[LeafWires],
) -> Result<Wire, SynthesisError> {
    let (a, mut product) = (&constants.challenge, product.clone());
    for (which, leaf) in leaves.iter().enumerate() {
        let mut cs = cs.namespace(|| format!("leaf {which}"));
        let mut sum = leaf[3].clone();
        for (index, name) in [(2, "a^3"), (1, "a^2"), (0, "a")] {
            sum = Wire::product(&mut cs, name, a, &sum)?.plus(&cs, Fr::ONE, &leaf[index]);
        }
        let factor = sum.plus(&cs, Fr::ONE, &constants.permutation);
        product = Wire::product(&mut cs, "product", &product, &factor)?;
    }
    Ok(product)
}

/// AUG-14. R_N holds the three amounts below 2^64, so they share an element without overlap.
fn fingerprint<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    constants: &ConstantWires,
    fingerprint: &Wire,
    statement: &StatementWires,
) -> Result<Wire, SynthesisError> {
    let shift = Fr::from(2).pow([64]);
    let [public_in, public_out, fee] = &statement.amounts;
    let amounts = public_in
        .clone()
        .plus(cs, shift, public_out)
        .plus(cs, shift.square(), fee);
    let data = [
        &statement.nullifiers[0],
        &statement.nullifiers[1],
        &statement.commitments[0],
        &statement.commitments[1],
        &amounts,
        &statement.asset,
        &statement.ext_hash,
    ];
    let mut sum = fingerprint.clone();
    for (index, element) in data.into_iter().enumerate() {
        let mut cs = cs.namespace(|| format!("element {index}"));
        let product = Wire::product(&mut cs, "p a", &sum, &constants.challenge)?;
        sum = product.plus(&cs, Fr::ONE, element);
    }
    Ok(sum)
}

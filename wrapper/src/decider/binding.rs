//! DEC-8: states, trees, history and data hang together, and the public values are the list that c and v bind.

use super::{
    Check,
    append::{Growth, grown, replaced},
    claims::{Claims, StateWires},
    input::DeciderInput,
    polynomial::evaluate,
};
use crate::public_values::PublicValue;
use ff::Field;
use notefold_folding::{
    curves::Fr,
    cyclefold::MAX_STEPS,
    domain,
    gadget::{Wire, chain, hash_gadget, in_range, start, tag},
    tree::HISTORY_DEPTH,
};
use nova_snark::frontend::{ConstraintSystem, SynthesisError};

/// Links both states and returns the digest of K_S.
pub(crate) fn link_states<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    claims: &Claims,
    params: Fr,
    input: Option<&DeciderInput>,
) -> Result<Wire, SynthesisError> {
    let mut cs = cs.namespace(|| Check::Binding.name());
    let public = &claims.public;
    let (before, after) = (&claims.before, &claims.after);
    let links = input.map(|input| &input.statement.links);
    state_root(
        &mut cs.namespace(|| "state before"),
        before,
        public.get(PublicValue::StateBefore),
    )?;
    state_root(
        &mut cs.namespace(|| "state after"),
        after,
        public.get(PublicValue::StateAfter),
    )?;

    // 1 ≤ n ≤ 2^15.
    let steps = public.get(PublicValue::Steps);
    let less_one = steps.clone().plus_constant(&cs, -Fr::ONE);
    let bits = MAX_STEPS.ilog2() as usize;
    in_range(&mut cs.namespace(|| "number of steps"), &less_one, bits)?;
    let leaves = Wire::constant::<CS>(Fr::ZERO).plus(&cs, Fr::from(2), steps);
    for (name, old, new, grown) in [
        (
            "note count",
            before.note_count(),
            after.note_count(),
            &leaves,
        ),
        (
            "nullifier count",
            before.nullifier_count(),
            after.nullifier_count(),
            &leaves,
        ),
        (
            "batch number",
            before.batch_number(),
            after.batch_number(),
            &Wire::constant::<CS>(Fr::ONE),
        ),
    ] {
        let expected = old.clone().plus(&cs, Fr::ONE, grown);
        expected.enforce_equal(&mut cs, name, new);
    }

    let notes = grown(
        &mut cs.namespace(|| "note tree"),
        &Growth {
            before: before.note_root(),
            after: after.note_root(),
            start: before.note_count(),
            count: &leaves,
        },
        links.map(|links| &links.notes),
    )?;
    let nullifiers = grown(
        &mut cs.namespace(|| "nullifier tree"),
        &Growth {
            before: &claims.redirected_root,
            after: after.nullifier_root(),
            start: before.nullifier_count(),
            count: &leaves,
        },
        links.map(|links| &links.nullifiers),
    )?;
    history(&mut cs.namespace(|| "history"), before, after, input)?;

    let a = public.get(PublicValue::Challenge);
    let permutation = {
        let mut cs = cs.namespace(|| "permutation challenge");
        hash_gadget(&mut cs, &[tag::<CS>(domain::PERMUTATION), a.clone()])?
    };
    let [note_0, note_1] = notes.roots;
    let [nullifier_0, nullifier_1] = nullifiers.roots;
    let elements = [
        Wire::constant::<CS>(params),
        public.get(PublicValue::Deployment).clone(),
        note_0,
        note_1,
        nullifier_0,
        nullifier_1,
        before.history_root().clone(),
        before.nullifier_root().clone(),
        a.clone(),
        permutation,
        notes.offset,
        before.nullifier_count().clone(),
        before.nullifier_count().minus(&cs, &nullifiers.offset),
        claims.cyclefold_start.clone(),
    ];
    let mut cs = cs.namespace(|| "constants");
    chain(&mut cs, start::<CS>(domain::BATCH), &elements)
}

fn state_root<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    state: &StateWires,
    root: &Wire,
) -> Result<(), SynthesisError> {
    let expected = hash_gadget(cs, &state.all)?;
    expected.enforce_equal(cs, "state root", root);
    Ok(())
}

/// The new note root takes the batch's slot of the ring; every other slot stays.
fn history<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    before: &StateWires,
    after: &StateWires,
    input: Option<&DeciderInput>,
) -> Result<(), SynthesisError> {
    let bits = in_range(
        &mut cs.namespace(|| "batch number"),
        before.batch_number(),
        u64::BITS as usize,
    )?;
    let history = input.map(|input| &input.statement.links.history);
    let slot = Wire::alloc(cs, "slot", history.map(|(slot, _)| *slot))?;
    let [old, new] = replaced(
        cs,
        (&slot, after.note_root()),
        &bits[..2 * HISTORY_DEPTH],
        history.map(|(_, path)| path),
    )?;
    old.enforce_equal(cs, "the old ring", before.history_root());
    new.enforce_equal(cs, "the new ring", after.history_root());
    Ok(())
}

/// `v = Σ value_k·c^k`.
pub(crate) fn bind<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    claims: &Claims,
    c: &Wire,
) -> Result<Wire, SynthesisError> {
    let mut cs = cs.namespace(|| Check::Binding.name());
    evaluate(&mut cs.namespace(|| "public values"), c, &claims.public.0)
}

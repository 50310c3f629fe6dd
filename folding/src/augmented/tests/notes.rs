//! One forgery or more for every clause of F_N.

use super::*;
use crate::{
    curves::{G1Affine, RelaxedR1CSInstance},
    step::StepParams,
    transcript,
};
use halo2curves::group::Curve;

fn forged(index: usize, change: impl FnOnce(&mut NoteInput)) -> NamedCs {
    let mut input = honest_notes(index);
    change(&mut input);
    note_circuit(&input)
}

fn with_u(notes: &RelaxedR1CSInstance, u: Fr) -> RelaxedR1CSInstance {
    let (w, e, x) = (*notes.comm_W(), *notes.comm_E(), notes.X().to_vec());
    RelaxedR1CSInstance::new(StepParams::circuit(), w, e, u, x).expect("one input")
}

/// Starting with something in an accumulator that no step put there.
#[test]
fn start() {
    let clause = AugmentedClause::Start;
    let forge = |change: fn(&mut NoteInput), constraint: &str| {
        breaks_only(&forged(0, change), clause, constraint);
    };
    forge(|i| i.previous.augmented.u = Fr::ONE, "U_A u/equal");
    forge(|i| i.previous.augmented.x = Fr::ONE, "U_A x/equal");
    forge(
        |i| i.previous.augmented.comm = G1Affine::generator(),
        "U_A limb 0/equal",
    );
    forge(|i| i.previous.cyclefold.u = Fr::ONE, "U_C/equal");
    forge(|i| i.previous.cyclefold.x[3] = Fr::ONE, "U_C/equal");
    forge(
        |i| {
            let comm = i.previous.cyclefold.comm;
            i.previous.cyclefold.comm = (comm + comm).to_affine();
        },
        "U_C/equal",
    );
    forge(|i| i.notes = with_u(&i.notes, Fr::ONE), "U_N u/equal");
    forge(|i| i.steps_digest = Fr::ONE, "steps digest/equal");
    // Claiming to be at the start later on.
    let mut cs = note_circuit(&honest_notes(1));
    cs.set("start/inverse of i", Fr::ZERO);
    breaks(&cs, clause, "i is zero or has an inverse");
    cs.set("start/i is zero or has an inverse", Fr::ZERO);
    breaks(&cs, clause, "i is zero at the start");
}

/// Another accumulator or digest than the one that the previous step put out.
#[test]
fn previous_hash() {
    pinned_down(
        note_circuit(&honest_notes(1)),
        AugmentedClause::PreviousHash,
        &["x", "U_C"],
    );
    let honest_x = note_circuit(&honest_notes(1)).get("previous hash/x");
    let changes: [fn(&mut NoteInput); 11] = [
        |i| i.constants.params += Fr::ONE,
        |i| i.constants.blind_start += Fr::ONE,
        |i| i.previous.index += 1,
        |i| i.steps_digest += Fr::ONE,
        |i| i.previous.augmented.u += Fr::ONE,
        |i| i.previous.augmented.x += Fr::ONE,
        |i| i.previous.augmented.comm = -i.previous.augmented.comm,
        |i| i.notes = with_u(&i.notes, Fr::ONE),
        |i| i.previous.cyclefold.u += Fr::ONE,
        |i| i.previous.cyclefold.x[19] += Fr::ONE,
        |i| i.previous.cyclefold.comm = -i.previous.cyclefold.comm,
    ];
    for (which, change) in changes.into_iter().enumerate() {
        assert_ne!(
            forged(1, change).get("previous hash/x"),
            honest_x,
            "{which}"
        );
    }
}

/// A coordinate in limbs that carry over: the same integer, another sum in U_C.
#[test]
fn point_limbs() {
    let mut cs = note_circuit(&honest_notes(1));
    for point in [
        "mask/comm_W",
        "mask/comm_E",
        "comm_w",
        "comm_T0",
        "comm_T1",
        "folded comm_W",
        "folded comm_E",
        "inner",
        "new comm_W",
        "new comm_E",
        "previous",
        "new U_A",
    ] {
        let name = |limb: usize| format!("point limbs/{point}/x{limb}");
        let (low, high) = (cs.get(&name(0)), cs.get(&name(1)));
        cs.set(&name(0), low + transcript::limb_shift());
        cs.set(&name(1), high - Fr::ONE);
        breaks(
            &cs,
            AugmentedClause::PointLimbs,
            &format!("{point}/limb 0/sum of bits"),
        );
        cs.set(&name(0), low);
        cs.set(&name(1), high);
    }
}

#[test]
fn note_fold() {
    pinned_down(
        note_circuit(&honest_notes(1)),
        AugmentedClause::NoteFold,
        &["u", "rho x", "x", "rho/r", "r/r"],
    );
    // Everything absorbed is in the transcript's first call.
    for name in [
        "point limbs/mask/u",
        "point limbs/mask/x",
        "point limbs/x",
        "K_N/blind start",
    ] {
        let mut cs = note_circuit(&honest_notes(1));
        cs.set(name, cs.get(name) + Fr::ONE);
        let failed = cs.unsatisfied();
        let call = "note fold/rho transcript/call 0/";
        assert!(failed.iter().any(|f| f.starts_with(call)), "{name}");
    }
}

#[test]
fn augmented_fold() {
    pinned_down(
        note_circuit(&honest_notes(1)),
        AugmentedClause::AugmentedFold,
        &["r/r", "r x", "limb 4/select", "select u", "select x"],
    );
}

#[test]
fn group_operations() {
    let clause = AugmentedClause::GroupOperations;
    // A commitment on another curve, where logarithms may be easy.
    breaks(
        &forged(1, |i| i.comm_operations[2].y += Fr::ONE),
        clause,
        "inner/commitment on curve/y^2 = x^3 + b",
    );
    pinned_down(
        note_circuit(&honest_notes(1)),
        clause,
        &["comm_W/x 4/r limb", "U_A/r/r", "comm_E/multiple/3Q/slope"],
    );
    let mut cs = note_circuit(&honest_notes(1));
    let name = "group operations/comm_E/sum/x";
    cs.set(name, cs.get(name) + Fr::ONE);
    breaks(&cs, clause, "comm_E/sum/x of the sum");
    // A commitment for which the sum has no chord: its slope would be free.
    let name = "group operations/inner/sum/inverse";
    cs.set(name, Fr::ZERO);
    breaks(&cs, clause, "inner/sum/P is not ± r·Q");
}

/// The step folded is the step that the chain of statement hashes has, which the state chain has as well.
#[test]
fn step_chain() {
    pinned_down(
        note_circuit(&honest_notes(1)),
        AugmentedClause::StepChain,
        &["half 1 round 3 element 0/x^5"],
    );
    let before = note_circuit(&honest_notes(1)).get("next hash/next x");
    let after = forged(1, |i| i.steps_digest += Fr::ONE).get("next hash/next x");
    assert_ne!(before, after);
}

#[test]
fn next_hash() {
    pinned_down(
        note_circuit(&honest_notes(1)),
        AugmentedClause::NextHash,
        &["next x"],
    );
}

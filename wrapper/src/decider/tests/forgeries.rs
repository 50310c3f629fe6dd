//! The best forgery of each check that can be thought of, and the constraint that stops it.

use super::{Check, with_scalar, world};
use crate::public_values::{PublicValue, PublicValues};
use ff::Field;
use halo2curves::group::Curve;
use notefold_folding::curves::{Fq, Fr, G1Affine};

fn with_public(input: &mut super::DeciderInput, value: PublicValue, change: impl FnOnce(Fr) -> Fr) {
    let changed = change(input.public.get(value));
    input.public = with_scalar(&input.public, value as usize, changed);
}

/// DEC-1: every value under the hash moves x, and x moves the challenge of the last fold, which is public.
#[test]
fn another_accumulator_under_the_hash_moves_the_last_fold() {
    type Forge = fn(&mut super::DeciderInput);
    let forgeries: [(&str, Forge); 6] = [
        ("note chain/r", |i| i.proof.state.steps_digest += Fr::ONE),
        ("note chain/r", |i| {
            i.proof.note_chain.augmented.u += Fr::ONE
        }),
        ("note chain/r", |i| i.proof.cyclefold_start += Fr::ONE),
        ("state chain/r", |i| {
            i.proof.state_chain.augmented.x += Fr::ONE
        }),
        ("state chain/r", |i| i.proof.state.appended += Fr::ONE),
        ("state chain/r", |i| i.proof.cyclefold.u += Fr::ONE),
    ];
    for (name, forge) in forgeries {
        world().assert_breaks(Check::LastFold, name, forge);
    }
}

/// DEC-1, DEC-3, DEC-4, DEC-7: a free E, a hash or a value that does not follow. Each is one wire, and its own constraint fails.
#[test]
fn what_follows_from_committed_wires_is_not_free() {
    for name in [
        "accumulators/note chain/call 0/half 0 round 0 element 3/x^2",
        "chains/note chain/row 5/Az Bz",
        "chains/state chain/row 36336/Az Bz",
        "chains/state chain/Cz/coefficient 7/sum",
        "chains/note chain/W/coefficient 0/sum",
        "chains/note chain/u Cz",
        "notes/row 77/Az Bz",
        "notes/W/coefficient 12940/sum",
        "evaluations/state chain/E above W",
        "evaluations/y/coefficient 2/sum",
        "public inputs/y",
        "public inputs/v",
    ] {
        let broken = world().broken_by_output_of(name);
        assert!(broken.contains(&name), "expected {name} among {broken:?}");
    }
}

/// DEC-2: a fold with another r, and commitments in calldata other than those that r was drawn from.
#[test]
fn a_fold_with_another_challenge_or_other_commitments_is_refused() {
    for (name, value) in [
        ("note chain/r", PublicValue::NoteChainFold),
        ("state chain/r", PublicValue::StateChainFold),
    ] {
        world().assert_breaks(Check::LastFold, name, |input| {
            with_public(input, value, |r| r + Fr::from(2));
        });
    }
    // Each of the six commitments: the last instances enter r itself, the others x.
    for index in 0..6 {
        let name = match index {
            2 | 3 => "state chain/r",
            _ => "note chain/r",
        };
        world().assert_breaks(Check::LastFold, name, |input| {
            let (scalars, commitments) = input.public.parts();
            let (scalars, mut commitments) = (*scalars, *commitments);
            commitments[index] = (commitments[index] + G1Affine::generator()).to_affine();
            input.public = PublicValues::new(scalars, commitments);
        });
    }
}

/// The accumulators of the two chains, exchanged.
#[test]
fn swapped_accumulators_are_refused() {
    world().assert_breaks(Check::LastFold, "note chain/r", |input| {
        let proof = &mut input.proof;
        std::mem::swap(
            &mut proof.note_chain.augmented,
            &mut proof.state_chain.augmented,
        );
    });
}

/// DEC-5 and DEC-6: W and E of U_C are tied by the relation and by the commitment, so one alone cannot move.
#[test]
fn another_witness_of_u_c_breaks_its_commitment_or_its_relation() {
    let world = world();
    let opening = "of the commitment";
    world.assert_breaks(Check::Pedersen, opening, |i| i.cyclefold.w[3] += Fq::ONE);
    world.assert_breaks(Check::CycleFold, "modulo", |i| i.cyclefold.w[3] += Fq::ONE);
    world.assert_breaks(Check::Pedersen, opening, |i| i.cyclefold.e[700] += Fq::ONE);
    // A free E: it satisfies nothing.
    world.assert_breaks(Check::CycleFold, "row 700/", |i| {
        i.cyclefold.e[700] += Fq::ONE
    });
    // W with the E that follows from it: the relation holds, the commitment does not.
    let mut input = world.input.clone();
    let (shape, instance) = (world.params.cyclefold().shape(), &input.proof.cyclefold);
    let (u, x) = instance.reduced();
    let mut w = input.cyclefold.w.clone();
    w[10] += Fq::ONE;
    input.cyclefold = notefold_folding::joint::JointWitness::from_w(shape, w, u, &x);
    let broken = world.broken(&input);
    assert!(!broken.is_empty());
    assert!(
        broken.iter().all(|name| name.starts_with("pedersen")),
        "{broken:?}"
    );
}

/// DEC-8: every part of both states, every link between them, and the number of steps.
#[test]
fn states_that_do_not_follow_are_refused() {
    type Forge = fn(&mut super::DeciderInput);
    let forgeries: [(&str, Forge); 14] = [
        ("state before/state root", |i| {
            i.statement.before.note_root += Fr::ONE
        }),
        ("state after/state root", |i| {
            i.statement.after.nullifier_root += Fr::ONE
        }),
        ("note tree/the old root", |i| {
            i.statement.before.note_root += Fr::ONE
        }),
        ("note tree/the new root over the first", |i| {
            i.statement.after.note_root += Fr::ONE
        }),
        ("note tree/the new root over the last", |i| {
            i.statement.after.note_root += Fr::ONE
        }),
        ("nullifier tree/the old root", |i| {
            i.proof.state.nullifier_root += Fr::ONE
        }),
        ("nullifier tree/the new root", |i| {
            i.statement.after.nullifier_root += Fr::ONE
        }),
        ("note count", |i| i.statement.after.note_count += 2),
        ("nullifier count", |i| {
            i.statement.after.nullifier_count += 2
        }),
        ("batch number", |i| i.statement.after.batch_number += 1),
        ("history/the old ring", |i| {
            i.statement.before.history_root += Fr::ONE
        }),
        ("history/the new ring", |i| {
            i.statement.after.history_root += Fr::ONE
        }),
        ("history/the old ring", |i| {
            i.statement.links.history.0 += Fr::ONE
        }),
        ("note tree/", |i| i.statement.links.notes.last.0 += Fr::ONE),
    ];
    for (name, forge) in forgeries {
        world().assert_breaks(Check::Binding, name, forge);
    }
    world().assert_breaks(Check::Binding, "number of steps/sum of bits", |input| {
        with_public(input, PublicValue::Steps, |_| Fr::ZERO);
    });
    world().assert_breaks(Check::Binding, "number of steps/sum of bits", |input| {
        with_public(input, PublicValue::Steps, |_| Fr::from((1 << 15) + 1));
    });
}

/// DEC-8: an old note disappears from the left of what was appended, or a leaf appears on its right.
#[test]
fn trees_that_changed_elsewhere_are_refused() {
    world().assert_breaks(Check::Binding, "what was left of the new leaves", |input| {
        let path = &mut input.statement.links.notes.first.1;
        let level = (0..16).find(|l| path.digit(*l) > 0).expect("old leaves");
        path.siblings[level][0] += Fr::ONE;
    });
    world().assert_breaks(Check::Binding, "nothing right of the new leaves", |input| {
        let path = &mut input.statement.links.notes.last.1;
        let level = (0..16).find(|l| path.digit(*l) < 3).expect("room");
        path.siblings[level][2] += Fr::ONE;
    });
    world().assert_breaks(Check::Binding, "nothing right of the old leaves", |input| {
        let path = &mut input.statement.links.nullifiers.before;
        let level = (0..16).find(|l| path.digit(*l) < 3).expect("room");
        path.siblings[level][2] += Fr::ONE;
    });
}

/// DEC-8: deployment, a, h_n and p enter the hashes; another value moves the state chain's challenge.
#[test]
fn other_public_values_than_the_chains_had_are_refused() {
    for value in [
        PublicValue::Deployment,
        PublicValue::DataDigest,
        PublicValue::Challenge,
        PublicValue::Fingerprint,
    ] {
        world().assert_breaks(Check::LastFold, "state chain/r", |input| {
            with_public(input, value, |v| v + Fr::ONE);
        });
    }
    for (value, name) in [
        (PublicValue::StateBefore, "state before/state root"),
        (PublicValue::StateAfter, "state after/state root"),
    ] {
        world().assert_breaks(Check::Binding, name, |input| {
            with_public(input, value, |v| v + Fr::ONE);
        });
    }
}

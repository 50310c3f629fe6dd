//! Proven batches with something changed, and a prover that cheats: each is refused for what it is.

use super::*;
use crate::{
    augmented::SUBTREE_LEAVES,
    curves::{Fr, G1Affine, RelaxedR1CSInstance},
    cyclefold::{CycleFoldError, RUNNING_LIMB_BITS},
    encoding::DecodeError,
    ivc::{ChainName, IvcError},
    relaxed::RelaxedError,
    transcript::limb_shift,
};
use ff::Field;

fn refused(change: impl FnOnce(&mut ProvenBatch)) -> BatchError {
    let mut batch = honest().clone();
    change(&mut batch);
    batch
        .verify(&development_folding_params())
        .expect_err("forged")
}

fn proof(change: impl FnOnce(&mut crate::ivc::IvcProof)) -> IvcError {
    match refused(|batch| change(&mut batch.proof)) {
        BatchError::Proof(error) => error,
        BatchError::Statement(error) => panic!("{error}"),
    }
}

fn statement(change: impl FnOnce(&mut ProvenBatch)) -> BatchStatementError {
    match refused(change) {
        BatchError::Statement(error) => error,
        BatchError::Proof(error) => panic!("{error}"),
    }
}

#[test]
fn a_statement_must_fit_its_data() {
    assert_eq!(
        statement(|b| b.data.clear()),
        BatchStatementError::Steps { got: 0 }
    );
    assert!(matches!(
        statement(|b| {
            b.data.pop();
        }),
        BatchStatementError::Count { what: "notes", .. }
    ));
    assert!(matches!(
        statement(|b| b.statement.after.nullifier_count += 1),
        BatchStatementError::Count {
            what: "nullifiers",
            ..
        }
    ));
    assert!(matches!(
        statement(|b| b.statement.after.batch_number += 1),
        BatchStatementError::Count {
            what: "batch number",
            ..
        }
    ));
    assert_eq!(
        statement(|b| b.statement.after.history_root += Fr::ONE),
        BatchStatementError::History
    );
    assert_eq!(
        statement(|b| b.statement.links.history.1.position ^= 1),
        BatchStatementError::History
    );
    assert!(matches!(
        statement(|b| b.data[0].external.deposit = None),
        BatchStatementError::Step { index: 0, .. }
    ));
    assert!(matches!(
        statement(|b| b.data[1].deployment.0 += Fr::ONE),
        BatchStatementError::Deployment { index: 1, .. }
    ));
}

/// A tree that lost something old, or holds something more.
#[test]
fn trees_grow_by_the_batch_and_by_nothing_else() {
    let append = |change: fn(&mut ProvenBatch)| match statement(change) {
        BatchStatementError::Append(error) => (error.tree, error.expected),
        other => panic!("{other}"),
    };
    let (notes, nullifiers) = ("note tree", "nullifier tree");
    assert_eq!(
        append(|b| b.statement.before.note_root += Fr::ONE),
        (notes, "the old root")
    );
    assert_eq!(
        append(|b| b.statement.links.redirected_root += Fr::ONE),
        (nullifiers, "the old root")
    );
    assert_eq!(
        append(|b| b.statement.after.nullifier_root += Fr::ONE),
        (nullifiers, "the new root")
    );
    assert_eq!(
        append(|b| b.statement.links.notes.last.1.position += 1),
        (notes, "paths at both ends of what was appended")
    );
    assert_eq!(
        append(|b| {
            b.statement.links.notes.first.1.siblings.pop();
        }),
        (notes, "paths of 16 levels")
    );
    // One more note at the end, with its path: the new root is that of another tree.
    let mut native = taken().state.clone();
    for step in &taken().steps[..2] {
        native.apply(&step.statement().update()).expect("new");
    }
    let more = taken().steps[2].statement().commitments;
    let (notes_tree, ..) = native.trees_mut();
    notes_tree.append(&more).expect("room");
    let start = u32::try_from(taken().state.notes().count()).expect("small");
    let (first, last) = (native.notes().path(start), native.notes().path(start + 3));
    let slot = honest().statement.links.history.1.clone();
    let error = statement(|b| {
        let root = native.notes().root().0;
        b.statement.after.note_root = root;
        b.statement.after.history_root = slot.root(root);
        b.statement.links.notes.first.1 = first;
        b.statement.links.notes.last.1 = last;
    });
    assert!(
        matches!(&error, BatchStatementError::Append(e) if e.expected == "nothing right of the new leaves"),
        "{error}"
    );
    // An old note replaced by another.
    let mut notes_tree = crate::tree::NoteTree::default();
    let mut all: Vec<_> = (0..start)
        .map(|at| taken().state.notes().get(at).expect("a note"))
        .collect();
    all[0].0 += Fr::ONE;
    for step in &taken().steps[..2] {
        all.extend(step.statement().commitments);
    }
    notes_tree.append(&all).expect("room");
    let error = statement(|b| {
        let root = notes_tree.root().0;
        b.statement.after.note_root = root;
        b.statement.after.history_root = slot.root(root);
        b.statement.links.notes.first.1 = notes_tree.path(start);
        b.statement.links.notes.last.1 = notes_tree.path(start + 3);
    });
    assert!(
        matches!(&error, BatchStatementError::Append(e) if e.expected == "what was left of the new leaves"),
        "{error}"
    );
    const { assert!(SUBTREE_LEAVES >= 2 * crate::cyclefold::MAX_STEPS) };
}

#[test]
fn the_proof_is_of_the_statement_and_of_the_data() {
    // Other data, another order of the data, another digest: the fingerprint is taken at another point.
    for change in [
        (|b| b.data.swap(0, 1)) as fn(&mut ProvenBatch),
        |b| b.data[0].commitments.swap(0, 1),
        |b| b.data[1].fee = 1.into(),
    ] {
        assert_eq!(refused(change), IvcError::Fingerprint.into());
    }
    assert_eq!(
        refused(|b| b.statement.data_digest += Fr::ONE),
        IvcError::DataDigest.into()
    );
    assert_eq!(
        proof(|p| p.state.nullifier_root += Fr::ONE),
        IvcError::NullifierRoot
    );
    assert_eq!(
        proof(|p| p.state.appended += Fr::ONE),
        IvcError::Permutation
    );
    // Both products changed alike: the hash of the last step says otherwise.
    assert_eq!(
        proof(|p| {
            p.state.appended += Fr::ONE;
            p.state.redirected += Fr::ONE;
        }),
        IvcError::Chain {
            chain: ChainName::State
        }
    );
    // Anchors are not published, but they are in h_n.
    let old = honest().statement.before;
    assert_eq!(
        refused(|b| b.statement.before.history_root = b.statement.after.history_root),
        BatchStatementError::History.into()
    );
    assert_ne!(old.history_root, honest().statement.after.history_root);
}

#[test]
fn every_part_of_the_proof_is_bound() {
    type Pick = fn(&mut crate::ivc::IvcProof) -> &mut crate::ivc::ChainProof;
    let chains: [(ChainName, Pick); 2] = [
        (ChainName::Notes, |p| &mut p.note_chain),
        (ChainName::State, |p| &mut p.state_chain),
    ];
    let generator = G1Affine::generator();
    for (chain, part) in chains {
        let refused = IvcError::Chain { chain };
        assert_eq!(proof(|p| part(p).comm_last = generator), refused);
        assert_eq!(proof(|p| part(p).augmented.u += Fr::ONE), refused);
        assert_eq!(proof(|p| part(p).augmented.x += Fr::ONE), refused);
        assert_eq!(proof(|p| part(p).augmented.comm = generator), refused);
        assert_eq!(proof(|p| part(p).w[77] += Fr::ONE), refused);
        assert!(matches!(
            proof(|p| {
                part(p).w.pop();
            }),
            IvcError::Length { chain: got, .. } if got == chain
        ));
    }
    // U_N in another form is not the one that was hashed.
    assert_eq!(
        proof(|p| {
            let n = &p.notes;
            p.notes = RelaxedR1CSInstance::new(
                crate::step::StepParams::circuit(),
                *n.comm_W(),
                *n.comm_E(),
                n.u() + Fr::ONE,
                n.X().to_vec(),
            )
            .expect("one input");
        }),
        IvcError::Chain {
            chain: ChainName::Notes
        }
    );
    // The chains meet in one U_C and have the same steps.
    let notes = IvcError::Chain {
        chain: ChainName::Notes,
    };
    assert_eq!(proof(|p| p.cyclefold_start += Fr::ONE), notes);
    assert_eq!(proof(|p| p.state.steps_digest += Fr::ONE), notes);
    assert_eq!(
        proof(|p| p.w_notes[5] += Fr::ONE),
        IvcError::Notes(RelaxedError::WitnessCommitment)
    );
    assert_eq!(
        proof(|p| p.r_w += Fr::ONE),
        IvcError::Notes(RelaxedError::WitnessCommitment)
    );
    assert_eq!(
        proof(|p| p.r_e += Fr::ONE),
        IvcError::Notes(RelaxedError::ErrorCommitment)
    );
    assert!(matches!(
        proof(|p| p.w_notes.clear()),
        IvcError::Notes(RelaxedError::Length { .. })
    ));
    assert_eq!(
        proof(|p| p.w_cyclefold[5] += crate::curves::Fq::ONE),
        IvcError::CycleFold(CycleFoldError::Commitment)
    );
    assert_eq!(
        proof(|p| p.cyclefold.u += Fr::ONE),
        IvcError::Chain {
            chain: ChainName::State
        }
    );
    // The same coordinate in other limbs satisfies R_C, and is not what was hashed.
    assert_eq!(
        proof(|p| {
            p.cyclefold.x[2] += limb_shift();
            p.cyclefold.x[3] -= Fr::ONE;
        }),
        IvcError::Chain {
            chain: ChainName::State
        }
    );
}

/// Public values of U_C are integers: one beyond the bound may have wrapped around r.
#[test]
fn integers_beyond_the_bound_are_refused() {
    let params = development_folding_params();
    let proof = &honest().proof;
    let mut instance = proof.cyclefold.clone();
    instance.x[4] = Fr::from(2).pow([u64::from(RUNNING_LIMB_BITS)]);
    assert_eq!(
        params.cyclefold().check(&instance, &proof.w_cyclefold),
        Err(CycleFoldError::Range { index: 4 })
    );
    let mut instance = proof.cyclefold.clone();
    instance.u = -Fr::ONE;
    assert!(matches!(
        params.cyclefold().check(&instance, &proof.w_cyclefold),
        Err(CycleFoldError::Range { .. })
    ));
}

/// A prover that claims another commitment to U_N's witness than the fold gives. F′ believes results, CycleFold does not.
#[test]
fn a_false_group_operation_is_caught_by_cyclefold() {
    let params = development_folding_params();
    let mut batch = open(&params, &taken().steps[..2]);
    batch.steps[1].forge_result(3, G1Affine::generator());
    let error = proven(&params, batch).verify(&params).expect_err("forged");
    // U_N's claimed commitment is not opened by its witness. A false intermediate point leaves U_N as it should be.
    assert!(
        matches!(error, BatchError::Proof(IvcError::Notes(_))),
        "{error}"
    );
    let mut batch = open(&params, &taken().steps[..2]);
    batch.steps[1].forge_result(0, G1Affine::generator());
    let error = proven(&params, batch).verify(&params).expect_err("forged");
    assert_eq!(
        error,
        IvcError::CycleFold(CycleFoldError::Commitment).into()
    );
}

/// A step that satisfies nothing, taken in without a check, is caught at the end.
#[test]
fn an_unchecked_step_is_caught_by_the_note_relation() {
    let params = development_folding_params();
    let mut step = taken().steps[0].clone();
    step.tamper();
    let batch = open(&params, &[step]);
    let error = proven(&params, batch).verify(&params).expect_err("forged");
    assert!(
        matches!(error, BatchError::Proof(IvcError::Notes(_))),
        "{error}"
    );
}

#[test]
fn what_is_no_proven_batch_does_not_decode() {
    let params = development_folding_params();
    let bytes = honest().to_bytes(&params);
    let decode = |bytes: &[u8]| ProvenBatch::from_bytes(&params, bytes).map(|_| ());
    assert!(matches!(
        decode(&bytes[..bytes.len() - 1]),
        Err(DecodeError::Truncated { .. })
    ));
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(matches!(
        decode(&longer),
        Err(DecodeError::TrailingBytes { .. })
    ));
    let mut other = bytes.clone();
    other[7] ^= 1;
    assert!(matches!(
        decode(&other),
        Err(DecodeError::WrongParameters { .. })
    ));
    for at in (0..bytes.len()).step_by(97_003) {
        let mut changed = bytes.clone();
        changed[at] ^= 0x40;
        // Whatever decodes is refused by the verifier, without a panic.
        if let Ok(batch) = ProvenBatch::from_bytes(&params, &changed) {
            batch.verify(&params).expect_err("changed");
        }
    }
}

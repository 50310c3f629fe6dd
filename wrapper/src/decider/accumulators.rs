//! DEC-1: the last public value of each chain is the hash of its constants, its state and the accumulators.

use super::{Check, claims::Claims};
use crate::public_values::{OpenedCommitment, PublicValue};
use notefold_folding::{
    curves::Fr,
    domain,
    gadget::{Wire, chain, start},
};
use nova_snark::frontend::{ConstraintSystem, SynthesisError};

/// x of the note chain and of the state chain. `constants` are the digests of K_N and K_S.
pub(crate) fn last_public_values<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    claims: &Claims,
    constants: [&Wire; 2],
) -> Result<[Wire; 2], SynthesisError> {
    let mut cs = cs.namespace(|| Check::Accumulators.name());
    let public = &claims.public;
    let commitment = |which| public.commitment(which).iter().cloned();
    let steps = public.get(PublicValue::Steps).clone();
    let [notes, state] = &claims.augmented;

    let mut elements = vec![
        constants[0].clone(),
        steps.clone(),
        claims.steps_digest.clone(),
    ];
    elements.extend(commitment(OpenedCommitment::NoteChain));
    elements.extend([notes.u.clone(), notes.x.clone()]);
    elements.extend(commitment(OpenedCommitment::NotesW));
    elements.extend(commitment(OpenedCommitment::NotesE));
    elements.extend([claims.notes.u.clone(), claims.notes.x.clone()]);
    elements.push(claims.cyclefold_start.clone());
    let tag = start::<CS>(domain::NOTE_CHAIN);
    let note_x = chain(&mut cs.namespace(|| "note chain"), tag, &elements)?;

    let cyclefold = &claims.cyclefold;
    let mut elements = vec![cyclefold.comm.x.clone(), cyclefold.comm.y.clone()];
    elements.push(cyclefold.u.clone());
    elements.extend(cyclefold.x.iter().cloned());
    let tag = start::<CS>(domain::CYCLEFOLD);
    let digest = chain(&mut cs.namespace(|| "U_C"), tag, &elements)?;

    let mut elements = vec![
        constants[1].clone(),
        steps,
        claims.redirected_root.clone(),
        public.get(PublicValue::DataDigest).clone(),
        public.get(PublicValue::Fingerprint).clone(),
        claims.product.clone(),
        claims.product.clone(),
        claims.steps_digest.clone(),
    ];
    elements.extend(commitment(OpenedCommitment::StateChain));
    elements.extend([state.u.clone(), state.x.clone(), digest]);
    let tag = start::<CS>(domain::STATE_CHAIN);
    let state_x = chain(&mut cs.namespace(|| "state chain"), tag, &elements)?;
    Ok([note_x, state_x])
}

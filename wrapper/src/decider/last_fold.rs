//! DEC-2: the last fold of each chain, with the challenge of the very commitments that the contract opens.

use super::{
    Check,
    claims::{Claims, InstanceWires},
};
use crate::public_values::{OpenedCommitment, PublicValue};
use ff::Field;
use notefold_folding::{
    curves::Fr,
    domain,
    gadget::{Wire, chain, challenge, start},
};
use nova_snark::frontend::{ConstraintSystem, SynthesisError};

/// u' = u + r and X' = X + r·x of both chains. The commitments are folded by whoever opens them, with the same r.
pub(crate) fn fold_last<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    claims: &Claims,
    last: &[Wire; 2],
) -> Result<[InstanceWires; 2], SynthesisError> {
    let mut cs = cs.namespace(|| Check::LastFold.name());
    let public = &claims.public;
    let mut fold = |index: usize, name, commitment, r| {
        let mut cs = cs.namespace(|| name);
        let (running, x) = (&claims.augmented[index], &last[index]);
        let mut elements = vec![x.clone()];
        elements.extend_from_slice(public.commitment(commitment));
        let tag = start::<CS>(domain::TRANSCRIPT_AUGMENTED);
        let digest = chain(&mut cs.namespace(|| "transcript"), tag, &elements)?;
        let expected = challenge(&mut cs.namespace(|| "challenge"), &digest)?;
        let r = public.get(r);
        expected.value.enforce_equal(&mut cs, "r", r);
        let folded = Wire::product(&mut cs, "r x", r, x)?;
        Ok(InstanceWires {
            u: running.u.clone().plus(&cs, Fr::ONE, r),
            x: folded.plus(&cs, Fr::ONE, &running.x),
        })
    };
    Ok([
        fold(
            0,
            "note chain",
            OpenedCommitment::NoteChainLast,
            PublicValue::NoteChainFold,
        )?,
        fold(
            1,
            "state chain",
            OpenedCommitment::StateChainLast,
            PublicValue::StateChainFold,
        )?,
    ])
}

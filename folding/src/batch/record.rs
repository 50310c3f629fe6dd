//! A step within a batch, without its witness: what a re-fold reuses and a checkpoint keeps.

use crate::{
    augmented::NoteFold,
    curves::{Commitment, Fr, G1Affine, R1CSInstance, RelaxedR1CSInstance},
    cyclefold::{GroupOperation, GroupOperationError},
    encoding::{DecodeError, Reader, put_point},
    ivc::{FoldingParams, NoteStep},
    nifs::{BlindedInstance, affine, blinded_digest},
    step::StepStatement,
    transcript::challenge,
};

/// A folded step. Its size does not depend on the relation's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoldedStep {
    statement: StepStatement,
    note: NoteStep,
    r: Fr,
}

impl FoldedStep {
    /// The record of folding a step into U_N: both challenges, and the five group operations.
    ///
    /// # Errors
    ///
    /// [`GroupOperationError`] for commitments that no honest prover has but with probability 2^−125.
    pub(crate) fn new(
        params: &FoldingParams,
        statement: StepStatement,
        incoming: BlindedInstance,
        running: &RelaxedR1CSInstance,
        comm_t1: &Commitment,
    ) -> Result<Self, GroupOperationError> {
        let context = params.step().fold_context();
        let rho = incoming.challenge(&context);
        let digest = blinded_digest(&context, running, &incoming, comm_t1);
        let r = challenge(&digest);
        let comm_t1 = affine(comm_t1);
        let mask = [incoming.mask.comm_W(), incoming.mask.comm_E()].map(affine);
        let folded_w = GroupOperation::new(mask[0], affine(incoming.fresh.comm_W()), &rho)?;
        let folded_e = GroupOperation::new(mask[1], affine(&incoming.comm_t0), &rho)?;
        let inner = GroupOperation::new(comm_t1, *folded_e.result(), &r)?;
        let comm_w = GroupOperation::new(affine(running.comm_W()), *folded_w.result(), &r)?;
        let comm_e = GroupOperation::new(affine(running.comm_E()), *inner.result(), &r)?;
        let commitment = |point: &G1Affine| Commitment::new((*point).into());
        let u = running.u() + r * (incoming.mask.u() + rho);
        let folded_x = incoming.mask.X()[0] + rho * incoming.fresh.X()[0];
        let after = RelaxedR1CSInstance::new(
            params.step().shape(),
            commitment(comm_w.result()),
            commitment(comm_e.result()),
            u,
            vec![running.X()[0] + r * folded_x],
        )
        .expect("invariant: one public input");
        let operations = [folded_w, folded_e, inner, comm_w, comm_e];
        let fold = NoteFold {
            incoming,
            comm_t1,
            results: std::array::from_fn(|index| *operations[index].result()),
        };
        Ok(Self {
            statement,
            note: NoteStep {
                fold,
                operations,
                digest,
                after,
            },
            r,
        })
    }

    /// What the step makes public.
    #[must_use]
    pub fn statement(&self) -> &StepStatement {
        &self.statement
    }

    /// What F_N takes of the fold.
    #[must_use]
    pub fn note(&self) -> &NoteStep {
        &self.note
    }

    /// r of the fold.
    pub(crate) fn challenge(&self) -> Fr {
        self.r
    }

    /// Claims another result of a group operation.
    #[cfg(test)]
    pub(super) fn forge_result(&mut self, index: usize, result: G1Affine) {
        self.note.fold.results[index] = result;
        self.note.operations[index] = self.note.operations[index].with_result(result);
        if index == 0 {
            // What takes this result in takes the false one, and goes on to the true commitment.
            self.note.operations[3] = self.note.operations[3].with_incoming(result);
        }
        if index == 3 {
            let after = &self.note.after;
            self.note.after = RelaxedR1CSInstance::new(
                crate::step::StepParams::circuit(),
                Commitment::new(result.into()),
                *after.comm_E(),
                after.u(),
                after.X().to_vec(),
            )
            .expect("one input");
        }
    }

    /// The statement and the points; everything else follows from the instance before.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        self.statement.write(out);
        let incoming = &self.note.fold.incoming;
        crate::ivc::put_notes(out, &incoming.mask);
        for point in [incoming.fresh.comm_W(), &incoming.comm_t0] {
            put_point(out, &affine(point));
        }
        put_point(out, &self.note.fold.comm_t1);
    }

    pub(crate) fn read(
        params: &FoldingParams,
        running: &RelaxedR1CSInstance,
        reader: &mut Reader<'_>,
    ) -> Result<Self, DecodeError> {
        let statement = StepStatement::read(reader)?;
        let mask = crate::ivc::read_notes(params, reader)?;
        let mut commitment =
            |what| -> Result<_, DecodeError> { Ok(Commitment::new(reader.point(what)?.into())) };
        let comm_w = commitment("commitment of a step")?;
        let comm_t0 = commitment("cross term of a step")?;
        let comm_t1 = commitment("cross term of a fold")?;
        let fresh = R1CSInstance::new(params.step().shape(), &comm_w, &[statement.hash().0])
            .expect("invariant: x is the one input");
        let incoming = BlindedInstance {
            mask,
            fresh,
            comm_t0,
        };
        Self::new(params, statement, incoming, running, &comm_t1).map_err(|_| {
            DecodeError::OutOfRange {
                what: "commitments of a step",
                expected: "points that fold",
                got: 0,
            }
        })
    }
}

//! SET-2. What the chain publishes of a step, read back: what everybody who follows the chain has.

use super::{
    NOTES,
    statement::{External, StepStatement},
};
use crate::{
    curves::{Fr, reduce_be},
    encoding::{DecodeError, Reader},
    encryption::try_decrypt,
    keys::SpendingKey,
    note::{Asset, Note, NoteCommitment, Nullifier},
    value::NoteValue,
};

/// A step without its deployment, which the chain knows, and without its anchor, which the proof checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishedStep {
    /// Of the spent notes.
    pub nullifiers: [Nullifier; NOTES],
    /// Of the new notes.
    pub commitments: [NoteCommitment; NOTES],
    /// Deposited.
    pub public_in: NoteValue,
    /// Withdrawn.
    pub public_out: NoteValue,
    /// Paid to the aggregator.
    pub fee: NoteValue,
    /// Of all notes and amounts of the step.
    pub asset: Asset,
    /// Recipient, deposit and ciphertexts.
    pub external: External,
}

impl From<&StepStatement> for PublishedStep {
    fn from(step: &StepStatement) -> Self {
        Self {
            nullifiers: step.nullifiers,
            commitments: step.commitments,
            public_in: step.public_in,
            public_out: step.public_out,
            fee: step.fee,
            asset: step.asset,
            external: step.external,
        }
    }
}

impl PublishedStep {
    /// Reads the data of a batch, one step after another, to its end. A word of an element stands for its residue modulo r.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] for a step that is cut off or has flags that no step has.
    pub fn read_all(data: &[u8]) -> Result<Vec<Self>, DecodeError> {
        let mut reader = Reader::new(data);
        let mut steps = Vec::new();
        while reader.remaining() > 0 {
            steps.push(Self::read(&mut reader)?);
        }
        Ok(steps)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut element = |what| reader.array::<32>(what).map(|word| reduce_be(&word));
        let nullifiers = [
            Nullifier(element("nullifier")?),
            Nullifier(element("nullifier")?),
        ];
        let commitments = [
            NoteCommitment(element("note commitment")?),
            NoteCommitment(element("note commitment")?),
        ];
        let mut amount = |what| {
            let bytes = reader.array::<8>(what)?;
            Ok(NoteValue::new(u64::from_be_bytes(bytes)))
        };
        Ok(Self {
            nullifiers,
            commitments,
            public_in: amount("public amount in")?,
            public_out: amount("public amount out")?,
            fee: amount("fee")?,
            asset: Asset::new(reader.array("asset")?),
            external: External::read(reader)?,
        })
    }

    /// What a wallet finds in the step by trial decryption, output by output.
    #[must_use]
    pub fn received_by(&self, key: &SpendingKey) -> [Option<Note>; NOTES] {
        std::array::from_fn(|index| {
            let commitment = self.commitments[index];
            try_decrypt(
                key,
                &self.external.ciphertexts,
                index,
                self.asset,
                commitment,
            )
        })
    }

    /// The elements of a statement, with nothing in the places of deployment and anchor: the fingerprint of a batch does not
    /// take those.
    pub(crate) fn elements(&self) -> [Fr; 11] {
        [
            Fr::zero(),
            Fr::zero(),
            self.nullifiers[0].0,
            self.nullifiers[1].0,
            self.commitments[0].0,
            self.commitments[1].0,
            self.public_in.to_scalar(),
            self.public_out.to_scalar(),
            self.asset.to_scalar(),
            self.fee.to_scalar(),
            self.external.hash(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{curves::to_be_bytes, step::Recipient, testing::Scenario};
    use ff::PrimeField;

    fn statements() -> Vec<StepStatement> {
        let mut scenario = Scenario::new(8);
        let mut withdrawal = scenario.transfer().statement;
        withdrawal.public_out = NoteValue::new(7);
        withdrawal.external.recipient = Some(Recipient([9; 20]));
        vec![
            scenario.transfer().statement,
            scenario.deposit(5).statement,
            withdrawal,
        ]
    }

    #[test]
    fn published_data_read_back() {
        let statements = statements();
        let data: Vec<u8> = statements.iter().flat_map(|s| s.published()).collect();
        let steps = PublishedStep::read_all(&data).expect("well formed");
        let expected: Vec<PublishedStep> = statements.iter().map(PublishedStep::from).collect();
        assert_eq!(steps, expected);
        for cut in [1, 100, 254, data.len() - 1] {
            assert!(PublishedStep::read_all(&data[..cut]).is_err(), "{cut}");
        }
        let mut flags = data;
        flags[172] = 4;
        assert!(matches!(
            PublishedStep::read_all(&flags),
            Err(DecodeError::OutOfRange { .. })
        ));
    }

    #[test]
    fn words_stand_for_their_residue() {
        let statement = statements()[0];
        let mut data = statement.published();
        let modulus = reduced_modulus();
        let mut carry = 0u16;
        for (byte, add) in data[..32].iter_mut().zip(modulus).rev() {
            let sum = u16::from(*byte) + u16::from(add) + carry;
            (*byte, carry) = (sum as u8, sum >> 8);
        }
        assert_eq!(carry, 0);
        assert_ne!(data[..32], to_be_bytes(&statement.nullifiers[0].0));
        let steps = PublishedStep::read_all(&data).expect("well formed");
        assert_eq!(steps[0].nullifiers, statement.nullifiers);
    }

    /// r, big-endian.
    fn reduced_modulus() -> [u8; 32] {
        let digits = Fr::MODULUS.trim_start_matches("0x");
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits, &mut bytes).expect("hexadecimal");
        bytes
    }
}

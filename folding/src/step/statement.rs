//! The public part of a step: everything that goes on-chain, and the one element that the circuit sees of it.

use super::{NOTES, PublishedStep};
use crate::{
    curves::{Fr, reduce_be, to_be_bytes},
    domain,
    encoding::{DecodeError, Reader, put_scalar, scalar_from_bytes},
    encryption::{CIPHERTEXT_BYTES, NoteCiphertexts},
    keys::SpendingKey,
    note::{Asset, Note, NoteCommitment, Nullifier, field_type},
    poseidon,
    state::StateUpdate,
    tree::Anchor,
    value::NoteValue,
};
use ff::PrimeField;
use sha3::{Digest, Keccak256};
use std::fmt;

field_type!(
    /// A deployment: `keccak256(chain id, contract) mod r`. A step for one is worthless at any other.
    Deployment,
    "deployment"
);
field_type!(
    /// `x`, the one public input of a step.
    StatementHash,
    "statement hash"
);

impl Deployment {
    /// Of a rollup contract on a chain; both as 32-byte words, as `keccak256(abi.encode(chainId, contract))`.
    #[must_use]
    pub fn new(chain_id: u64, contract: [u8; 20]) -> Self {
        let mut words = [0u8; 64];
        words[24..32].copy_from_slice(&chain_id.to_be_bytes());
        words[44..].copy_from_slice(&contract);
        Self(reduce_be(&Keccak256::digest(words).into()))
    }
}

/// Who may collect a withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipient(pub [u8; 20]);

/// Which escrowed deposit a step consumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DepositId(pub [u8; 32]);

impl DepositId {
    /// Of a depositor's account, under a nonce that it has no other deposit in escrow with.
    #[must_use]
    pub fn new(depositor: [u8; 20], nonce: [u8; 12]) -> Self {
        let mut id = [0; 32];
        id[..20].copy_from_slice(&depositor);
        id[20..].copy_from_slice(&nonce);
        Self(id)
    }
}

/// What the circuit binds as one hash: it concerns the contract and the recipients only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct External {
    /// Present exactly when something is withdrawn.
    pub recipient: Option<Recipient>,
    /// Present exactly when something is deposited.
    pub deposit: Option<DepositId>,
    /// Both outputs, encrypted to their owners.
    pub ciphertexts: NoteCiphertexts,
}

const FLAG_RECIPIENT: u8 = 1;
const FLAG_DEPOSIT: u8 = 2;

impl External {
    /// Flags, then what is present, then the ciphertexts: the preimage of `ext_hash` and the wire form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut flags = 0;
        if self.recipient.is_some() {
            flags |= FLAG_RECIPIENT;
        }
        if self.deposit.is_some() {
            flags |= FLAG_DEPOSIT;
        }
        let mut bytes = vec![flags];
        if let Some(Recipient(recipient)) = &self.recipient {
            bytes.extend_from_slice(recipient);
        }
        if let Some(DepositId(deposit)) = &self.deposit {
            bytes.extend_from_slice(deposit);
        }
        bytes.extend_from_slice(&self.ciphertexts.to_bytes());
        bytes
    }

    /// `ext_hash = keccak256(bytes) mod r`.
    #[must_use]
    pub fn hash(&self) -> Fr {
        reduce_be(&Keccak256::digest(self.to_bytes()).into())
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let flags = reader.u8("external flags")?;
        if flags & !(FLAG_RECIPIENT | FLAG_DEPOSIT) != 0 {
            return Err(DecodeError::OutOfRange {
                what: "external flags",
                expected: "only the flags 1 (recipient) and 2 (deposit)",
                got: flags.into(),
            });
        }
        let recipient = (flags & FLAG_RECIPIENT != 0)
            .then(|| reader.array("recipient").map(Recipient))
            .transpose()?;
        let deposit = (flags & FLAG_DEPOSIT != 0)
            .then(|| reader.array("deposit id").map(DepositId))
            .transpose()?;
        let ciphertexts =
            NoteCiphertexts::from_bytes(&reader.array::<CIPHERTEXT_BYTES>("ciphertexts")?);
        Ok(Self {
            recipient,
            deposit,
            ciphertexts,
        })
    }
}

/// Public data that contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// A deposit id without a deposited amount, or the reverse.
    #[error("expected a deposit id exactly when an amount is deposited, got amount {amount} {}", with(*.id))]
    Deposit {
        /// Public amount in.
        amount: NoteValue,
        /// Whether there is an id.
        id: bool,
    },
    /// A recipient without a withdrawn amount, or the reverse.
    #[error("expected a recipient exactly when an amount is withdrawn, got amount {amount} {}", with(*.recipient))]
    Withdrawal {
        /// Public amount out.
        amount: NoteValue,
        /// Whether there is a recipient.
        recipient: bool,
    },
}

fn with(present: bool) -> &'static str {
    if present { "with one" } else { "without" }
}

/// The public part of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepStatement {
    /// Where the step may settle.
    pub deployment: Deployment,
    /// The note root that membership is proven against.
    pub anchor: Anchor,
    /// Of the spent notes.
    pub nullifiers: [Nullifier; NOTES],
    /// Of the new notes.
    pub commitments: [NoteCommitment; NOTES],
    /// Deposited.
    pub public_in: NoteValue,
    /// Withdrawn.
    pub public_out: NoteValue,
    /// Of all notes and amounts of the step.
    pub asset: Asset,
    /// Paid to the aggregator.
    pub fee: NoteValue,
    /// Bound by hash.
    pub external: External,
}

impl StepStatement {
    /// `x = Poseidon(DOMAIN_STEP, deployment, anchor, nf1, nf2, cm1, cm2, public_in, public_out, asset, fee, ext_hash)`.
    #[must_use]
    pub fn hash(&self) -> StatementHash {
        StatementHash(statement_hash(&self.elements()))
    }

    /// The eleven elements that are hashed after the tag.
    pub(crate) fn elements(&self) -> [Fr; 11] {
        [
            self.deployment.0,
            self.anchor.0,
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

    /// What goes on-chain, big-endian: nullifiers, commitments, amounts in, out and fee, asset, external data.
    ///
    /// Deployment and anchor are left out: the chain knows the one, and the proof checks the other.
    #[must_use]
    pub fn published(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        let elements = self.nullifiers.iter().map(|n| n.0);
        for element in elements.chain(self.commitments.iter().map(|c| c.0)) {
            bytes.extend_from_slice(&to_be_bytes(&element));
        }
        for amount in [self.public_in, self.public_out, self.fee] {
            bytes.extend_from_slice(&amount.amount().to_be_bytes());
        }
        bytes.extend_from_slice(self.asset.bytes());
        bytes.extend_from_slice(&self.external.to_bytes());
        bytes
    }

    /// `keccak256(cm1, cm2)`: what an escrowed deposit is tied to, so that no other step can consume it.
    #[must_use]
    pub fn commitments_hash(&self) -> [u8; 32] {
        let commitments = self.commitments.map(|cm| to_be_bytes(&cm.0));
        Keccak256::digest(commitments.concat()).into()
    }

    /// What the step changes in the state.
    #[must_use]
    pub fn update(&self) -> StateUpdate {
        StateUpdate {
            anchor: self.anchor,
            nullifiers: self.nullifiers,
            commitments: self.commitments,
        }
    }

    /// What a wallet finds in the step by trial decryption, output by output.
    #[must_use]
    pub fn received_by(&self, key: &SpendingKey) -> [Option<Note>; NOTES] {
        PublishedStep::from(self).received_by(key)
    }

    /// Checks what no circuit needs to: that amounts come with whom they concern.
    ///
    /// # Errors
    ///
    /// [`StatementError`].
    pub fn check(&self) -> Result<(), StatementError> {
        let id = self.external.deposit.is_some();
        if self.public_in.is_zero() == id {
            return Err(StatementError::Deposit {
                amount: self.public_in,
                id,
            });
        }
        let recipient = self.external.recipient.is_some();
        if self.public_out.is_zero() == recipient {
            return Err(StatementError::Withdrawal {
                amount: self.public_out,
                recipient,
            });
        }
        Ok(())
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        put_scalar(out, &self.deployment.0);
        put_scalar(out, &self.anchor.0);
        self.nullifiers
            .iter()
            .for_each(|nullifier| put_scalar(out, &nullifier.0));
        self.commitments
            .iter()
            .for_each(|commitment| put_scalar(out, &commitment.0));
        out.extend_from_slice(&self.public_in.amount().to_le_bytes());
        out.extend_from_slice(&self.public_out.amount().to_le_bytes());
        out.extend_from_slice(self.asset.bytes());
        out.extend_from_slice(&self.fee.amount().to_le_bytes());
        out.extend_from_slice(&self.external.to_bytes());
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let deployment = Deployment(reader.scalar("deployment")?);
        let anchor = Anchor(reader.scalar("anchor")?);
        let nullifiers = [
            Nullifier(reader.scalar("nullifier")?),
            Nullifier(reader.scalar("nullifier")?),
        ];
        let commitments = [
            NoteCommitment(reader.scalar("note commitment")?),
            NoteCommitment(reader.scalar("note commitment")?),
        ];
        Ok(Self {
            deployment,
            anchor,
            nullifiers,
            commitments,
            public_in: NoteValue::new(reader.u64("public amount in")?),
            public_out: NoteValue::new(reader.u64("public amount out")?),
            asset: Asset::new(reader.array("asset")?),
            fee: NoteValue::new(reader.u64("fee")?),
            external: External::read(reader)?,
        })
    }

    /// The statement alone, for a store.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        bytes
    }

    /// The inverse of [`Self::to_bytes`].
    ///
    /// # Errors
    ///
    /// [`DecodeError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let statement = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(statement)
    }
}

/// The statement hash over raw elements, as the circuit sees it.
pub(crate) fn statement_hash(elements: &[Fr; 11]) -> Fr {
    let mut inputs = vec![domain::tag(domain::STATEMENT)];
    inputs.extend_from_slice(elements);
    poseidon::hash(&inputs)
}

//! From a wallet's notes to a step: padding with dummies, encryption, and the statement.

use super::{Deployment, DepositId, External, NOTES, Recipient, StepAssignment, StepStatement};
use crate::{
    encryption::NoteEncryptor,
    keys::{Address, SpendingKey},
    note::{Asset, Note, Rho},
    tree::{Anchor, NOTE_DEPTH, Path},
    value::{NoteValue, ValueSum},
};
use rand_core::{CryptoRng, RngCore};

/// A note to spend, and where it is.
#[derive(Clone, Debug)]
pub struct InputNote {
    /// The note.
    pub note: Note,
    /// Its path to the anchor.
    pub path: Path,
}

/// A step ready to be proven.
#[derive(Clone, Debug)]
pub struct Step {
    /// The public part.
    pub statement: StepStatement,
    /// Every value of the relation.
    pub assignment: StepAssignment,
}

/// Why notes and amounts are not a step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// More notes than a step has room for.
    #[error("expected at most {NOTES} {what}, got {got}")]
    TooMany {
        /// Inputs or outputs.
        what: &'static str,
        /// How many.
        got: usize,
    },
    /// Amounts in and out differ.
    #[error(
        "expected outputs, withdrawal and fee to be {inputs}, as inputs and deposit are, got {outputs}"
    )]
    Unbalanced {
        /// Inputs and deposit.
        inputs: ValueSum,
        /// Outputs, withdrawal and fee.
        outputs: ValueSum,
    },
    /// All notes of a step are of one asset.
    #[error("expected a note of {expected}, got one of {got}")]
    WrongAsset {
        /// Asset of the step.
        expected: Asset,
        /// Asset of the note.
        got: Asset,
    },
    /// The note cannot be spent with this key.
    #[error("expected input {input} to belong to the spending key, got a note of another owner")]
    NotOwned {
        /// Which input.
        input: usize,
    },
    /// The note is not in the tree that the anchor is the root of.
    #[error(
        "expected input {input} at position {position} to be under anchor {anchor}, got a path to {got}"
    )]
    NotInTree {
        /// Which input.
        input: usize,
        /// Its position.
        position: u32,
        /// The anchor.
        anchor: Anchor,
        /// Where the path leads.
        got: Anchor,
    },
    /// One note twice.
    #[error("expected two notes, got the one at position {position} twice")]
    SameNoteTwice {
        /// Its position.
        position: u32,
    },
}

/// Collects what a step does.
#[derive(Clone, Debug)]
pub struct StepBuilder {
    deployment: Deployment,
    anchor: Anchor,
    asset: Asset,
    inputs: Vec<InputNote>,
    outputs: Vec<(Address, NoteValue)>,
    deposit: Option<(DepositId, NoteValue)>,
    withdrawal: Option<(Recipient, NoteValue)>,
    fee: NoteValue,
}

impl StepBuilder {
    /// Starts a step of an asset at a deployment, against an anchor.
    #[must_use]
    pub fn new(deployment: Deployment, anchor: Anchor, asset: Asset) -> Self {
        Self {
            deployment,
            anchor,
            asset,
            inputs: Vec::new(),
            outputs: Vec::new(),
            deposit: None,
            withdrawal: None,
            fee: NoteValue::ZERO,
        }
    }

    /// Spends a note.
    #[must_use]
    pub fn spend(mut self, input: InputNote) -> Self {
        self.inputs.push(input);
        self
    }

    /// Pays an address.
    #[must_use]
    pub fn pay(mut self, to: Address, value: NoteValue) -> Self {
        self.outputs.push((to, value));
        self
    }

    /// Consumes an escrowed deposit.
    #[must_use]
    pub fn deposit(mut self, id: DepositId, value: NoteValue) -> Self {
        self.deposit = Some((id, value));
        self
    }

    /// Withdraws to the chain.
    #[must_use]
    pub fn withdraw(mut self, recipient: Recipient, value: NoteValue) -> Self {
        self.withdrawal = Some((recipient, value));
        self
    }

    /// Pays the aggregator.
    #[must_use]
    pub fn fee(mut self, fee: NoteValue) -> Self {
        self.fee = fee;
        self
    }

    /// Builds the step: absent inputs and outputs become dummies of value zero that nobody can tell from notes.
    ///
    /// # Errors
    ///
    /// [`BuildError`].
    pub fn build(
        self,
        key: &SpendingKey,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Step, BuildError> {
        self.check(key)?;
        let anchor = self.anchor;
        let asset = self.asset;
        let mut spent = self
            .inputs
            .into_iter()
            .map(|input| (input.note, input.path));
        let inputs: [(Note, Path); NOTES] = std::array::from_fn(|_| {
            spent.next().unwrap_or_else(|| {
                // A random rho makes the dummy's nullifier random; its path is not constrained.
                let value = NoteValue::ZERO;
                let note = Note {
                    value,
                    asset,
                    owner: key.owner(),
                    rho: Rho::random(rng),
                };
                (
                    note,
                    Path {
                        position: 0,
                        siblings: vec![Default::default(); NOTE_DEPTH],
                    },
                )
            })
        });

        let encryptor = NoteEncryptor::new(rng);
        let own = key.address();
        let mut paid = self.outputs.into_iter();
        let outputs = std::array::from_fn::<_, NOTES, _>(|index| {
            let (to, value) = paid.next().unwrap_or((own, NoteValue::ZERO));
            encryptor.output(index, &to, value, asset)
        });
        let ciphertexts = encryptor.finish(outputs.map(|(_, ciphertext)| ciphertext));
        let outputs = outputs.map(|(note, _)| note);

        let statement = StepStatement {
            deployment: self.deployment,
            anchor,
            nullifiers: [0, 1].map(|index: usize| {
                let (note, path) = &inputs[index];
                note.nullifier(key.nullifier_key(), path.position)
            }),
            commitments: outputs.map(|note| note.commitment()),
            public_in: self.deposit.map_or(NoteValue::ZERO, |(_, value)| value),
            public_out: self.withdrawal.map_or(NoteValue::ZERO, |(_, value)| value),
            asset,
            fee: self.fee,
            external: External {
                recipient: self.withdrawal.map(|(recipient, _)| recipient),
                deposit: self.deposit.map(|(id, _)| id),
                ciphertexts,
            },
        };
        let assignment = StepAssignment::new(key, inputs, outputs, &statement);
        Ok(Step {
            statement,
            assignment,
        })
    }

    fn check(&self, key: &SpendingKey) -> Result<(), BuildError> {
        for (what, got) in [
            ("inputs", self.inputs.len()),
            ("outputs", self.outputs.len()),
        ] {
            if got > NOTES {
                return Err(BuildError::TooMany { what, got });
            }
        }
        for (input, InputNote { note, path }) in self.inputs.iter().enumerate() {
            if note.asset != self.asset {
                return Err(BuildError::WrongAsset {
                    expected: self.asset,
                    got: note.asset,
                });
            }
            if note.owner != key.owner() {
                return Err(BuildError::NotOwned { input });
            }
            let got = Anchor(path.root(note.commitment().0));
            if got != self.anchor {
                let (position, anchor) = (path.position, self.anchor);
                return Err(BuildError::NotInTree {
                    input,
                    position,
                    anchor,
                    got,
                });
            }
        }
        if let [first, second] = self.inputs.as_slice()
            && first.path.position == second.path.position
        {
            return Err(BuildError::SameNoteTwice {
                position: first.path.position,
            });
        }
        let deposit = self.deposit.map(|(_, value)| value);
        let inputs: ValueSum = self
            .inputs
            .iter()
            .map(|i| i.note.value)
            .chain(deposit)
            .sum();
        let withdrawal = self.withdrawal.map(|(_, value)| value);
        let outputs: ValueSum = self
            .outputs
            .iter()
            .map(|(_, value)| *value)
            .chain(withdrawal)
            .chain([self.fee])
            .sum();
        if inputs != outputs {
            return Err(BuildError::Unbalanced { inputs, outputs });
        }
        Ok(())
    }
}

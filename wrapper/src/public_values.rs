//! The public values of a settled batch: one list, one order, one encoding.
//!
//! The contract recomputes every one of them from calldata and storage, hashes them into c after D, and evaluates
//! `v = Σ value_k·c^k`; the circuit has them as committed wires and evaluates the same sum (`specs/public-values.md`).

use ff::PrimeField;
use halo2curves::group::Curve;
use notefold_folding::{
    augmented::augmented_digest,
    batch::ProvenBatch,
    curves::{Commitment, Fr, G1Affine},
    ivc::IvcStatement,
    transcript::{LIMBS, challenge, packed_point},
};

/// An Ethereum address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address(pub [u8; 20]);

impl Address {
    /// As an integer.
    #[must_use]
    pub fn to_scalar(self) -> Fr {
        let mut repr = [0; 32];
        for (low, byte) in repr.iter_mut().zip(self.0.iter().rev()) {
            *low = *byte;
        }
        Fr::from_repr(repr.into()).expect("invariant: 160 bits are below r")
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "0x{}", hex::encode(self.0))
    }
}

/// A commitment that is opened on-chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenedCommitment {
    /// U_A of the note chain before its last fold.
    NoteChain,
    /// The last instance of the note chain.
    NoteChainLast,
    /// U_A of the state chain before its last fold.
    StateChain,
    /// The last instance of the state chain.
    StateChainLast,
    /// comm_W of U_N.
    NotesW,
    /// comm_E of U_N.
    NotesE,
}

impl OpenedCommitment {
    /// All of them, in order.
    pub const ALL: [Self; 6] = [
        Self::NoteChain,
        Self::NoteChainLast,
        Self::StateChain,
        Self::StateChainLast,
        Self::NotesW,
        Self::NotesE,
    ];

    /// The name in the specification and in the contract.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoteChain => "noteChain",
            Self::NoteChainLast => "noteChainLast",
            Self::StateChain => "stateChain",
            Self::StateChainLast => "stateChainLast",
            Self::NotesW => "notesW",
            Self::NotesE => "notesE",
        }
    }
}

/// A public value that is one element, in order; the commitments follow, three elements each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicValue {
    /// `keccak256(chain id, contract) mod r`.
    Deployment,
    /// S before the batch.
    StateBefore,
    /// S after the batch.
    StateAfter,
    /// h_n.
    DataDigest,
    /// a.
    Challenge,
    /// p.
    Fingerprint,
    /// n.
    Steps,
    /// Who settles.
    Aggregator,
    /// r of the note chain's last fold.
    NoteChainFold,
    /// r of the state chain's last fold.
    StateChainFold,
}

impl PublicValue {
    /// All of them, in order.
    pub const ALL: [Self; 10] = [
        Self::Deployment,
        Self::StateBefore,
        Self::StateAfter,
        Self::DataDigest,
        Self::Challenge,
        Self::Fingerprint,
        Self::Steps,
        Self::Aggregator,
        Self::NoteChainFold,
        Self::StateChainFold,
    ];

    /// The name in the specification and in the contract.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::StateBefore => "stateBefore",
            Self::StateAfter => "stateAfter",
            Self::DataDigest => "dataDigest",
            Self::Challenge => "challenge",
            Self::Fingerprint => "fingerprint",
            Self::Steps => "steps",
            Self::Aggregator => "aggregator",
            Self::NoteChainFold => "noteChainFold",
            Self::StateChainFold => "stateChainFold",
        }
    }
}

/// Elements of the list.
pub const COUNT: usize = PublicValue::ALL.len() + LIMBS * OpenedCommitment::ALL.len();

/// The public values of one batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicValues {
    scalars: [Fr; PublicValue::ALL.len()],
    commitments: [G1Affine; OpenedCommitment::ALL.len()],
}

impl PublicValues {
    /// From both parts.
    #[must_use]
    pub fn new(
        scalars: [Fr; PublicValue::ALL.len()],
        commitments: [G1Affine; OpenedCommitment::ALL.len()],
    ) -> Self {
        Self {
            scalars,
            commitments,
        }
    }

    /// Of a batch whose statement was checked, for who settles it. `last` are the last public values of both chains.
    #[must_use]
    pub fn of(
        batch: &ProvenBatch,
        checked: &IvcStatement,
        last: [Fr; 2],
        aggregator: Address,
    ) -> Self {
        let (statement, proof) = (&batch.statement, &batch.proof);
        let affine = |commitment: &Commitment| commitment.into_inner().to_affine();
        Self {
            scalars: [
                statement.deployment.to_scalar(),
                statement.before.root().to_scalar(),
                statement.after.root().to_scalar(),
                statement.data_digest,
                checked.constants.challenge,
                checked.fingerprint,
                Fr::from(checked.steps),
                aggregator.to_scalar(),
                challenge(&augmented_digest(&last[0], &proof.note_chain.comm_last)),
                challenge(&augmented_digest(&last[1], &proof.state_chain.comm_last)),
            ],
            commitments: [
                proof.note_chain.augmented.comm,
                proof.note_chain.comm_last,
                proof.state_chain.augmented.comm,
                proof.state_chain.comm_last,
                affine(proof.notes.comm_W()),
                affine(proof.notes.comm_E()),
            ],
        }
    }

    /// One value.
    #[must_use]
    pub fn get(&self, value: PublicValue) -> Fr {
        self.scalars[value as usize]
    }

    /// One commitment.
    #[must_use]
    pub fn commitment(&self, commitment: OpenedCommitment) -> G1Affine {
        self.commitments[commitment as usize]
    }

    /// Both parts.
    #[must_use]
    pub fn parts(&self) -> (&[Fr; 10], &[G1Affine; 6]) {
        (&self.scalars, &self.commitments)
    }

    /// The list: scalars, then commitments as transcripts absorb them.
    #[must_use]
    pub fn elements(&self) -> Vec<Fr> {
        let commitments = self.commitments.iter().flat_map(packed_point);
        self.scalars.iter().copied().chain(commitments).collect()
    }

    /// `v = Σ value_k·c^k`.
    #[must_use]
    pub fn evaluate(&self, c: &Fr) -> Fr {
        let elements = self.elements();
        elements
            .iter()
            .rev()
            .fold(Fr::zero(), |sum, element| sum * c + *element)
    }
}

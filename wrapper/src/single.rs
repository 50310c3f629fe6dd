//! One Groth16 proof for one step, as protocols without batches have it: what a batch is measured beside.

use crate::{
    convert::to_ark,
    evm::plain_constants,
    groth16::{
        Matrices, PhaseTimes, ProveError, ProvingKey, SetupError, ToxicWaste, commit, prove, setup,
        verify,
    },
    r1cs::{Collector, assigned, collected},
    settlement::{put_g1, put_g2},
};
use notefold_folding::{curves::Fr, testing::SingleProof};
use nova_snark::frontend::{ConstraintSystem, util_cs::witness_cs::WitnessCS};
use rand_chacha::ChaCha20Rng;
use rand_core::{CryptoRng, RngCore, SeedableRng};
use sha2::{Digest, Sha256};

/// Words of a proof: A, B, C.
pub const PROOF_WORDS: usize = 8;

/// The circuit with its keys.
pub struct SingleProver {
    matrices: Matrices,
    key: ProvingKey,
}

impl SingleProver {
    /// Keys from a seed. **Insecure**.
    ///
    /// # Errors
    ///
    /// [`SetupError`].
    pub fn generate_insecure(seed: &str) -> Result<Self, SetupError> {
        let mut cs = Collector::<Fr>::new();
        SingleProof::synthesize(&mut cs, None).expect("invariant: a shape needs no assignment");
        let matrices = collected(cs, &[]);
        let seed = Sha256::new_with_prefix(b"notefold insecure single keys v1").chain_update(seed);
        let mut rng = ChaCha20Rng::from_seed(seed.finalize().into());
        let key = setup(&matrices, &ToxicWaste::random(&mut rng), |_| ())?;
        Ok(Self { matrices, key })
    }

    /// Constraints of the circuit.
    #[must_use]
    pub fn constraints(&self) -> usize {
        self.matrices.constraints()
    }

    /// The Solidity library with the verifying key.
    #[must_use]
    pub fn solidity_constants(&self) -> String {
        plain_constants("NotePoolKey", &self.key.verifying_key)
    }

    /// Proves a step; the words are those of the contract.
    ///
    /// # Errors
    ///
    /// [`ProveError`].
    ///
    /// # Panics
    ///
    /// Never: the step comes with its assignment.
    pub fn prove(
        &self,
        step: &SingleProof,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<[[u8; 32]; PROOF_WORDS], ProveError> {
        let mut cs = WitnessCS::<Fr>::new();
        SingleProof::synthesize(&mut cs, Some(step)).expect("invariant: values are given");
        let z = assigned(&cs, &[]);
        let times = &mut PhaseTimes::default();
        let committed = commit(&self.key, Vec::new(), rng, times)?;
        let proof = prove(&self.key, &self.matrices, &committed, &z, rng, times)?;
        let public = step.public().map(|value| to_ark(&value));
        verify(&self.key.verifying_key, &public, &proof)
            .expect("invariant: the assignment satisfies the circuit");
        let mut words = [[0; 32]; PROOF_WORDS];
        let points = put_g1(&proof.a)
            .into_iter()
            .chain(put_g2(&proof.b))
            .chain(put_g1(&proof.c));
        for (word, point) in words.iter_mut().zip(points) {
            *word = point;
        }
        Ok(words)
    }
}

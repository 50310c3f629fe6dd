//! Random satisfying relaxed pairs, made ahead of time and used once.

use super::StepParams;
use crate::{
    curves::{Fr, RelaxedR1CSInstance},
    relaxed::error_term,
    secret::SecretScalars,
};
use ff::Field;
use rand_chacha::ChaCha20Rng;
use rand_core::{CryptoRng, OsRng, RngCore, SeedableRng};
use std::{
    sync::{
        Arc,
        mpsc::{Receiver, sync_channel},
    },
    thread::JoinHandle,
};

/// A random satisfying pair (U$, W$): hides a witness when folded with it.
///
/// Used with two steps, it would reveal both: `W₁ − W₂ = ρ₁·w₁ − ρ₂·w₂` with known ρ, and two proofs of one step give
/// the witness outright. So a mask cannot be cloned, proving consumes it, and it is never written to disk, where a
/// restored backup would bring it back.
pub struct Mask {
    pub(super) instance: RelaxedR1CSInstance,
    pub(super) w: SecretScalars,
    pub(super) e: SecretScalars,
    pub(super) r_w: SecretScalars,
    pub(super) r_e: SecretScalars,
}

impl Mask {
    /// Samples z = (W$, u$, X$) uniformly, sets `E$ = Az∘Bz − u·Cz`, and commits to both with fresh blindings.
    pub fn random(params: &StepParams, rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let shape = params.shape();
        // One seed from the caller's generator, then a stream cipher: thousands of system calls less.
        let mut rng = ChaCha20Rng::from_rng(rng).expect("invariant: a seed can always be drawn");
        let z: Vec<Fr> = (0..shape.num_vars() + 1 + shape.num_io())
            .map(|_| Fr::random(&mut rng))
            .collect();
        let z = SecretScalars::new(z);
        let (w, public) = z.split_at(shape.num_vars());
        let (u, x) = (public[0], public[1..].to_vec());
        let e = SecretScalars::new(error_term(shape, &z, &u));
        let [r_w, r_e] = [(); 2].map(|()| SecretScalars::one(Fr::random(&mut rng)));
        let (comm_w, comm_e) = rayon::join(
            || params.key().commit(w, &r_w.scalar()),
            || params.key().commit(&e, &r_e.scalar()),
        );
        let instance = RelaxedR1CSInstance::new(shape, comm_w, comm_e, u, x)
            .expect("invariant: as many public inputs as the shape has");
        let w = SecretScalars::new(w.to_vec());
        // Whoever finds the generator's seed in memory can unmask.
        rng = ChaCha20Rng::from_seed([0; 32]);
        std::hint::black_box(&rng);
        Self {
            instance,
            w,
            e,
            r_w,
            r_e,
        }
    }
}

impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mask(..)")
    }
}

/// Keeps masks ready: a thread makes them until the pool is full, and again as they are taken.
pub struct MaskPool {
    masks: Option<Receiver<Mask>>,
    maker: Option<JoinHandle<()>>,
}

impl MaskPool {
    /// Starts a pool that keeps up to `capacity` masks.
    ///
    /// # Panics
    ///
    /// When the system gives no thread.
    #[must_use]
    pub fn start(params: Arc<StepParams>, capacity: usize) -> Self {
        // A rendezvous of the maker with one mask in hand makes `capacity` of them.
        let (sender, masks) = sync_channel(capacity.saturating_sub(1));
        let maker = std::thread::Builder::new()
            .name("mask-pool".into())
            .spawn(move || while sender.send(Mask::random(&params, &mut OsRng)).is_ok() {})
            .expect("invariant: a process that proves can start a thread");
        Self {
            masks: Some(masks),
            maker: Some(maker),
        }
    }

    /// Takes a mask; waits for one if none is ready.
    ///
    /// # Panics
    ///
    /// When the maker died, which it does not.
    #[must_use]
    pub fn take(&self) -> Mask {
        self.masks
            .as_ref()
            .and_then(|masks| masks.recv().ok())
            .expect("invariant: the maker lives as long as the pool")
    }

    /// Takes a mask if one is ready.
    #[must_use]
    pub fn try_take(&self) -> Option<Mask> {
        self.masks.as_ref().and_then(|masks| masks.try_recv().ok())
    }
}

impl Drop for MaskPool {
    fn drop(&mut self) {
        // Closing the channel ends the maker at its next send; masks that nobody took are wiped with it.
        self.masks = None;
        if let Some(maker) = self.maker.take() {
            // A maker that panicked has nothing left to clean up.
            let _ = maker.join();
        }
    }
}

impl std::fmt::Debug for MaskPool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MaskPool(..)")
    }
}

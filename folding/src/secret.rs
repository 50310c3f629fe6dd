//! Scalars that must not outlive their use, and must never be printed.

use crate::curves::Fr;
use ff::Field;
use std::{fmt, ops::Deref};

/// Private scalars: a spending key, a blinding, a witness. Overwritten with zeros when dropped; `Debug` shows a count.
///
/// The field library's elements are plain `Copy` values, so copies in registers and on the stack are beyond reach;
/// this bounds the life of everything that is kept.
#[derive(Clone)]
pub struct SecretScalars(Vec<Fr>);

impl SecretScalars {
    /// Takes ownership of the values.
    #[must_use]
    pub fn new(values: Vec<Fr>) -> Self {
        Self(values)
    }

    /// A single secret.
    #[must_use]
    pub fn one(value: Fr) -> Self {
        Self(vec![value])
    }

    /// The only value of a secret made by [`Self::one`].
    #[must_use]
    pub(crate) fn scalar(&self) -> Fr {
        self.0[0]
    }
}

impl Deref for SecretScalars {
    type Target = [Fr];

    fn deref(&self) -> &[Fr] {
        &self.0
    }
}

impl Drop for SecretScalars {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

impl fmt::Debug for SecretScalars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretScalars({})", self.0.len())
    }
}

/// Overwrites scalars with zero in a way that the optimiser must assume is observed.
pub(crate) fn wipe(values: &mut [Fr]) {
    values.fill(Fr::ZERO);
    std::hint::black_box(values);
    std::sync::atomic::compiler_fence(std::sync::atomic::Ordering::SeqCst);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_value() {
        let secret = SecretScalars::new(vec![Fr::from(123_456_789), Fr::from(5)]);
        assert_eq!(format!("{secret:?}"), "SecretScalars(2)");
    }

    #[test]
    fn wipe_clears() {
        let mut values = [Fr::from(3); 4];
        wipe(&mut values);
        assert_eq!(values, [Fr::ZERO; 4]);
    }
}

//! Amounts: 64-bit note values, and sums of them that cannot overflow.

use crate::curves::Fr;
use std::{fmt, iter::Sum};

/// The value of a note or a public amount, in the smallest unit of its asset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoteValue(u64);

impl NoteValue {
    /// Nothing: the value of a dummy note.
    pub const ZERO: Self = Self(0);

    /// From the smallest unit.
    #[must_use]
    pub const fn new(amount: u64) -> Self {
        Self(amount)
    }

    /// In the smallest unit.
    #[must_use]
    pub const fn amount(self) -> u64 {
        self.0
    }

    /// Whether this is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// As a field element.
    #[must_use]
    pub fn to_scalar(self) -> Fr {
        Fr::from(self.0)
    }
}

impl From<u64> for NoteValue {
    fn from(amount: u64) -> Self {
        Self(amount)
    }
}

impl fmt::Display for NoteValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A sum of values. 128 bits hold any sum of fewer than 2^64 of them, so addition cannot overflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ValueSum(u128);

impl ValueSum {
    /// The sum in the smallest unit.
    #[must_use]
    pub const fn amount(self) -> u128 {
        self.0
    }

    /// `self − other` as a note's value.
    ///
    /// # Errors
    ///
    /// [`ValueError::Insufficient`] when `other` is larger, [`ValueError::TooLarge`] when no note can hold the rest.
    pub fn minus(self, other: Self) -> Result<NoteValue, ValueError> {
        let rest = self
            .0
            .checked_sub(other.0)
            .ok_or(ValueError::Insufficient {
                needed: other.0,
                got: self.0,
            })?;
        u64::try_from(rest)
            .map(NoteValue)
            .map_err(|_| ValueError::TooLarge { got: rest })
    }
}

impl Sum<NoteValue> for ValueSum {
    fn sum<I: Iterator<Item = NoteValue>>(values: I) -> Self {
        Self(values.map(|value| u128::from(value.0)).sum())
    }
}

impl fmt::Display for ValueSum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why an amount cannot be formed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// More is to be taken than there is.
    #[error("expected at least {needed}, got {got}")]
    Insufficient {
        /// What is to be taken.
        needed: u128,
        /// What there is.
        got: u128,
    },
    /// A note holds at most 2^64 − 1.
    #[error("expected at most {max}, got {got}", max = u64::MAX)]
    TooLarge {
        /// The amount.
        got: u128,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(values: &[u64]) -> ValueSum {
        values.iter().copied().map(NoteValue::new).sum()
    }

    #[test]
    fn sums_do_not_overflow() {
        let two = sum(&[u64::MAX, u64::MAX]);
        assert_eq!(two.amount(), 2 * u128::from(u64::MAX));
        assert_eq!(two.minus(sum(&[u64::MAX])), Ok(NoteValue::new(u64::MAX)));
        assert_eq!(
            two.minus(sum(&[])),
            Err(ValueError::TooLarge { got: two.amount() })
        );
    }

    #[test]
    fn differences_do_not_wrap() {
        assert_eq!(
            sum(&[3]).minus(sum(&[4])),
            Err(ValueError::Insufficient { needed: 4, got: 3 })
        );
    }
}

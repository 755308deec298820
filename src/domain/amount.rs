//! Amounts with their units. A value that makes no sense cannot be made, so it shows as unknown.

use serde::{Deserialize, Serialize};

/// A size or counter in bytes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Bytes(pub u64);

/// A part of a whole, 0 to 1. Slightly more than 1 is possible (a guest may exceed its limit).
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f32")]
pub struct Fraction(f32);

impl TryFrom<f32> for Fraction {
    type Error = &'static str;
    /// The way back from a file: the same border as [`Self::new`].
    fn try_from(value: f32) -> Result<Self, Self::Error> {
        Self::new(f64::from(value)).ok_or("no part of a whole")
    }
}

impl Fraction {
    /// `None` for NaN, infinite or negative values, and for more than a thousandfold.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a gauge needs no more than f32"
    )]
    pub fn new(value: f64) -> Option<Self> {
        (value.is_finite() && (0.0..=1000.0).contains(&value)).then_some(Self(value as f32))
    }

    /// `part / whole`; `None` when the whole is zero (no limit is not "full").
    pub fn of(part: Bytes, whole: Bytes) -> Option<Self> {
        if whole.0 == 0 {
            return None;
        }
        Self::new(part.0 as f64 / whole.0 as f64)
    }

    /// The part, 0 to 1 (and rarely above).
    pub fn get(self) -> f64 {
        f64::from(self.0)
    }

    /// Rounded percent.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "new() keeps it within 0..=100_000"
    )]
    pub fn percent(self) -> u32 {
        (self.0 * 100.0).round() as u32
    }
}

/// Processor cores, possibly a fraction (a `cpulimit` of 0.5).
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f32")]
pub struct Cores(f32);

impl TryFrom<f32> for Cores {
    type Error = &'static str;
    /// The way back from a file: the same border as [`Self::new`].
    fn try_from(value: f32) -> Result<Self, Self::Error> {
        Self::new(f64::from(value)).ok_or("no number of cores")
    }
}

impl Cores {
    /// `None` for NaN, infinite or negative values.
    #[expect(clippy::cast_possible_truncation, reason = "core counts are small")]
    pub fn new(value: f64) -> Option<Self> {
        (value.is_finite() && (0.0..=1_000_000.0).contains(&value)).then_some(Self(value as f32))
    }

    /// The number of cores.
    pub fn get(self) -> f64 {
        f64::from(self.0)
    }
}

/// A rate in things a minute; negative when something shrinks.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct PerMinute(pub f64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_not_a_fraction() {
        for value in [f64::NAN, f64::INFINITY, -0.1, 1e9] {
            assert_eq!(Fraction::new(value), None, "{value}");
        }
        assert_eq!(Fraction::of(Bytes(5), Bytes(0)), None);
        assert_eq!(
            Fraction::of(Bytes(1), Bytes(4)).map(Fraction::percent),
            Some(25)
        );
    }
}

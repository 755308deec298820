//! Scalars as Proxmox sends them: a number may come as a number, a text, a float, `""` or `null`,
//! depending on the version and on how Perl last used it (`api/proxmox.md`, §11).
//!
//! None of these ever fails: what makes no sense is `None` and costs that field, not its row.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A whole, non-negative number: `100`, `"100"`, `100.0`. Floats that do not fit 64 bits
/// (OpenVZ's 9.4e21 for "no limit") are `None`, as are `""`, `null` and negative numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Whole(pub Option<u64>);

/// A finite number: `0.5`, `"0.46"`, `2`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Real(pub Option<f64>);

/// Yes or no: `1`, `"1"`, `true`. `None` when absent, `""`, `null` or another word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flag(pub Option<bool>);

/// A text, borrowed from the body where it holds no escapes; a number is a text too.
/// `None` when absent, `""` or `null`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word<'a>(pub Option<Cow<'a, str>>);

/// A list or object within an answer; `None` when it has another shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Part<T>(pub Option<T>);

impl<T> Default for Part<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl Flag {
    /// Whether it is surely yes.
    pub fn is_set(self) -> bool {
        self.0 == Some(true)
    }
}

impl Word<'_> {
    /// The text.
    pub fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

/// Any JSON value, lists and objects being read over.
enum Scalar<'a> {
    Nothing,
    Flag(bool),
    Whole(u64),
    Negative(i64),
    Real(f64),
    Text(Cow<'a, str>),
}

impl Scalar<'_> {
    fn whole(&self) -> Option<u64> {
        match self {
            Self::Whole(value) => Some(*value),
            Self::Flag(value) => Some(u64::from(*value)),
            Self::Real(value) => fitting(*value),
            Self::Text(text) => {
                let text = text.trim();
                text.parse().ok().or_else(|| fitting(text.parse().ok()?))
            }
            Self::Nothing | Self::Negative(_) => None,
        }
    }

    fn real(&self) -> Option<f64> {
        let value = match self {
            Self::Whole(value) => *value as f64,
            Self::Negative(value) => *value as f64,
            Self::Real(value) => *value,
            Self::Text(text) => text.trim().parse().ok()?,
            Self::Nothing | Self::Flag(_) => return None,
        };
        value.is_finite().then_some(value)
    }

    fn flag(&self) -> Option<bool> {
        match self {
            Self::Flag(value) => Some(*value),
            Self::Whole(0) => Some(false),
            Self::Whole(1) => Some(true),
            Self::Text(text) => match text.trim() {
                "1" | "true" => Some(true),
                "0" | "false" => Some(false),
                _ => None,
            },
            Self::Real(value) if *value == 0.0 => Some(false),
            Self::Real(value) if (*value - 1.0).abs() < f64::EPSILON => Some(true),
            _ => None,
        }
    }
}

/// A float as a whole number, when it is one that 64 bits hold.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked"
)]
fn fitting(value: f64) -> Option<u64> {
    const TOO_MUCH: f64 = 18_446_744_073_709_551_616.0;
    (0.0..TOO_MUCH)
        .contains(&value)
        .then(|| value.round() as u64)
}

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Scalar::Flag(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(u64::try_from(value).map_or(Scalar::Negative(value), Scalar::Whole))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Scalar::Whole(value))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Scalar::Real(value))
    }
    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Borrowed(value)))
    }
    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(value.to_owned())))
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Scalar::Nothing)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nothing)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nothing)
    }
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Scalar::deserialize(deserializer)?.whole()))
    }
}

impl<'de> Deserialize<'de> for Real {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Scalar::deserialize(deserializer)?.real()))
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Scalar::deserialize(deserializer)?.flag()))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Word<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Scalar::deserialize(deserializer)? {
            Scalar::Text(text) => text,
            Scalar::Whole(value) => Cow::Owned(value.to_string()),
            Scalar::Negative(value) => Cow::Owned(value.to_string()),
            Scalar::Real(value) => Cow::Owned(value.to_string()),
            Scalar::Flag(_) | Scalar::Nothing => return Ok(Self(None)),
        };
        Ok(Self((!text.is_empty()).then_some(text)))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Part<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?;
        Ok(Self(serde_json::from_str(raw.get()).ok()))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn whole(json: &str) -> Option<u64> {
        serde_json::from_str::<Whole>(json).unwrap().0
    }
    fn real(json: &str) -> Option<f64> {
        serde_json::from_str::<Real>(json).unwrap().0
    }
    fn flag(json: &str) -> Option<bool> {
        serde_json::from_str::<Flag>(json).unwrap().0
    }

    #[test]
    fn whole_numbers_in_all_their_forms() {
        for (json, expected) in [
            ("100", Some(100)),
            (r#""100""#, Some(100)),
            (r#"" 1031540736 ""#, Some(1_031_540_736)),
            ("2947.0", Some(2947)),
            (r#""1.5e3""#, Some(1500)),
            ("18446744073709551615", Some(u64::MAX)),
            ("9.44473296573929e+21", None),
            (r#""9.44473296573929e+21""#, None),
            ("99999999999999999999", None),
            ("-1", None),
            ("-0.5", None),
            (r#""NaN""#, None),
            (r#""""#, None),
            (r#""N/A""#, None),
            ("null", None),
            ("[1,2]", None),
            (r#"{"a":{"b":[]}}"#, None),
        ] {
            assert_eq!(whole(json), expected, "{json}");
        }
    }

    #[test]
    fn real_numbers_in_all_their_forms() {
        for (json, expected) in [
            ("0.5", Some(0.5)),
            ("2", Some(2.0)),
            (r#""0.46""#, Some(0.46)),
            ("3.44330117252769e-05", Some(3.443_301_172_527_69e-5)),
            (r#""inf""#, None),
            (r#""""#, None),
            ("null", None),
            ("true", None),
        ] {
            assert_eq!(real(json), expected, "{json}");
        }
    }

    #[test]
    fn flags_in_all_their_forms() {
        for (json, expected) in [
            ("0", Some(false)),
            ("1", Some(true)),
            (r#""0""#, Some(false)),
            (r#""1""#, Some(true)),
            ("true", Some(true)),
            ("false", Some(false)),
            ("1.0", Some(true)),
            (r#""""#, None),
            ("null", None),
            ("2", None),
            (r#""maybe""#, None),
        ] {
            assert_eq!(flag(json), expected, "{json}");
        }
        assert!(!Flag::default().is_set());
    }

    #[test]
    fn plain_words_are_borrowed_and_numbers_are_words() {
        let plain: Word<'_> = serde_json::from_str(r#""wiki""#).unwrap();
        assert!(matches!(plain.0, Some(Cow::Borrowed("wiki"))));
        let escaped: Word<'_> = serde_json::from_str(r#""a\nb""#).unwrap();
        assert_eq!(escaped.get(), Some("a\nb"));
        let number: Word<'_> = serde_json::from_str("101").unwrap();
        assert_eq!(number.get(), Some("101"));
        for nothing in [r#""""#, "null", "[]", "{}", "true"] {
            let word: Word<'_> = serde_json::from_str(nothing).unwrap();
            assert_eq!(word.get(), None, "{nothing}");
        }
    }
}

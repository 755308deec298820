//! What Checkmk's collections really look like, read in one pass and without copying.
//!
//! `{"domainType":"service","value":[{"extensions":{…}},…]}` with anything else around it. Every
//! field is taken as raw JSON first, so that a wrong type costs that field, a row that is no object
//! costs that row, and only broken JSON costs the answer.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A row of a collection: takes the columns it knows out of `extensions`.
pub(super) trait Row<'a>: Default {
    /// Takes the raw JSON of one column.
    fn take(&mut self, column: &str, raw: &'a str);
}

/// What stands around the rows.
#[derive(Debug, Default)]
pub(super) struct Frame {
    /// `domainType`, when it is a text.
    pub(super) kind: Option<String>,
    /// Whether there was a list `value`.
    pub(super) has_rows: bool,
}

/// Calls `on` for every row: `None` for one that is no object or has no `extensions`.
pub(super) fn each_row<'a, R: Row<'a>>(
    text: &'a str,
    mut on: impl FnMut(Option<R>),
) -> Result<Frame, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let frame = Top(&mut on, PhantomData).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(frame)
}

/// A whole number, however it is written: `1`, `1.0`, `"1"`, `true`.
pub(super) fn integer(raw: &str) -> Option<i64> {
    if let Ok(number) = raw.parse() {
        return Some(number);
    }
    let number = float(raw)?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "integral and within 53 bits, checked right here"
    )]
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}

/// A finite number, however it is written.
pub(super) fn float(raw: &str) -> Option<f64> {
    match raw {
        "true" => return Some(1.0),
        "false" => return Some(0.0),
        _ => {}
    }
    let bare = raw.trim_matches('"').trim();
    // `parse` takes words such as "inf" that JSON does not.
    let is_number = bare
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
    bare.parse()
        .ok()
        .filter(|number: &f64| is_number && number.is_finite())
}

/// A text; a number stands for itself, as does `true`. `null`, lists and objects are none.
pub(super) fn text(raw: &str) -> Option<Cow<'_, str>> {
    if let Some(inner) = raw.strip_prefix('"') {
        let inner = inner.strip_suffix('"')?;
        if inner.contains('\\') {
            return serde_json::from_str(raw).ok().map(Cow::Owned);
        }
        return Some(Cow::Borrowed(inner));
    }
    (raw != "null" && !raw.starts_with(['[', '{'])).then_some(Cow::Borrowed(raw))
}

/// The site among the labels: `{"cmk/site":"prod",…}`.
pub(super) fn site_label(raw: &str) -> Option<String> {
    let labels: Labels = serde_json::from_str(raw).ok()?;
    labels.site
}

#[derive(serde::Deserialize)]
struct Labels {
    #[serde(rename = "cmk/site", default)]
    site: Option<String>,
}

/// A key of an object, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// Everything that is not the object (or list) hoped for is read past and gives `$value`.
macro_rules! anything_else {
    ($value:expr) => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($value)
        }
    };
}

fn skip_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<(), A::Error> {
    while list.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

fn skip_object<'de, A: MapAccess<'de>>(mut object: A) -> Result<(), A::Error> {
    while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

/// The answer as a whole.
struct Top<'f, F, R>(&'f mut F, PhantomData<R>);

impl<'de, F: FnMut(Option<R>), R: Row<'de>> DeserializeSeed<'de> for Top<'_, F, R> {
    type Value = Frame;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Frame, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: FnMut(Option<R>), R: Row<'de>> Visitor<'de> for Top<'_, F, R> {
    type Value = Frame;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a collection")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Frame, A::Error> {
        let mut frame = Frame::default();
        while let Some(Name(key)) = object.next_key()? {
            match &*key {
                "value" => frame.has_rows = object.next_value_seed(Rows(self.0, PhantomData))?,
                "domainType" => {
                    let raw: &RawValue = object.next_value()?;
                    frame.kind = text(raw.get()).map(Cow::into_owned);
                }
                _ => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(frame)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Frame, A::Error> {
        skip_list(list).map(|()| Frame::default())
    }

    anything_else!(Frame::default());
}

/// The list `value`; gives whether it is one.
struct Rows<'f, F, R>(&'f mut F, PhantomData<R>);

impl<'de, F: FnMut(Option<R>), R: Row<'de>> DeserializeSeed<'de> for Rows<'_, F, R> {
    type Value = bool;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: FnMut(Option<R>), R: Row<'de>> Visitor<'de> for Rows<'_, F, R> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<bool, A::Error> {
        while let Some(row) = list.next_element_seed(Item(PhantomData))? {
            (self.0)(row);
        }
        Ok(true)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<bool, A::Error> {
        skip_object(object).map(|()| false)
    }

    anything_else!(false);
}

/// One item of the list; its frame (links, ids) is most of its bytes and read past.
struct Item<R>(PhantomData<R>);

impl<'de, R: Row<'de>> DeserializeSeed<'de> for Item<R> {
    type Value = Option<R>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<R>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, R: Row<'de>> Visitor<'de> for Item<R> {
    type Value = Option<R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Option<R>, A::Error> {
        let mut row = None;
        while let Some(Name(key)) = object.next_key()? {
            if key == "extensions" {
                row = object.next_value_seed(Extensions(PhantomData))?;
            } else {
                object.next_value::<IgnoredAny>()?;
            }
        }
        Ok(row)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Option<R>, A::Error> {
        skip_list(list).map(|()| None)
    }

    anything_else!(None);
}

/// The columns of one item.
struct Extensions<R>(PhantomData<R>);

impl<'de, R: Row<'de>> DeserializeSeed<'de> for Extensions<R> {
    type Value = Option<R>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<R>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, R: Row<'de>> Visitor<'de> for Extensions<R> {
    type Value = Option<R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("columns")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Option<R>, A::Error> {
        let mut row = R::default();
        while let Some(Name(column)) = object.next_key()? {
            let raw: &'de RawValue = object.next_value()?;
            row.take(&column, raw.get());
        }
        Ok(Some(row))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Option<R>, A::Error> {
        skip_list(list).map(|()| None)
    }

    anything_else!(None);
}

/// The text with the bare words `NaN`, `Infinity` and `-Infinity` (which Python writes, and JSON does
/// not have) made `null`; `None` when there are none outside of strings.
pub(super) fn without_nan(text: &str) -> Option<String> {
    let mut fixed = String::with_capacity(text.len());
    let mut found = false;
    // Split at quotes: every other part lies within a string, unless the quote before it is escaped.
    let mut within = false;
    let mut first = true;
    for part in text.split('"') {
        if !first {
            let escaped =
                within && fixed.bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1;
            fixed.push('"');
            within ^= !escaped;
        }
        first = false;
        if !within && (part.contains("NaN") || part.contains("Infinity")) {
            found = true;
            let part = part
                .replace("-Infinity", "null")
                .replace("Infinity", "null")
                .replace("NaN", "null");
            fixed.push_str(&part);
        } else {
            fixed.push_str(part);
        }
    }
    found.then_some(fixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_however_they_are_written() {
        for (raw, wanted) in [
            ("2", Some(2)),
            ("2.0", Some(2)),
            ("\"2\"", Some(2)),
            ("true", Some(1)),
            ("-1", Some(-1)),
            ("2.5", None),
            ("null", None),
            ("\"hard\"", None),
            ("1e400", None),
            ("[]", None),
            ("{}", None),
            ("\"\"", None),
        ] {
            assert_eq!(integer(raw), wanted, "{raw}");
        }
        assert_eq!(float("1.75"), Some(1.75));
        assert_eq!(float("\"inf\""), None);
        assert_eq!(float("\"NaN\""), None);
    }

    #[test]
    fn texts_however_they_are_written() {
        assert_eq!(text(r#""a b""#).as_deref(), Some("a b"));
        assert_eq!(text(r#""a\"\u00fc""#).as_deref(), Some("a\"ü"));
        assert_eq!(text("17").as_deref(), Some("17"));
        assert_eq!(text("null"), None);
        assert_eq!(text("[1]"), None);
        // Half of a surrogate pair is no text.
        assert_eq!(text(r#""\ud800""#), None);
    }

    #[test]
    fn labels_are_optional_and_may_be_anything() {
        assert_eq!(
            site_label(r#"{"cmk/os":"linux","cmk/site":"prod"}"#).as_deref(),
            Some("prod")
        );
        for raw in [
            "{}",
            "null",
            "[]",
            r#"{"cmk/site":null}"#,
            r#"{"cmk/site":3}"#,
        ] {
            assert_eq!(site_label(raw), None, "{raw}");
        }
    }

    #[test]
    fn pythons_nan_becomes_null_outside_of_strings_only() {
        assert_eq!(
            without_nan(r#"{"a":NaN,"NaN":"x \"NaN","b":[-Infinity,Infinity]}"#).as_deref(),
            Some(r#"{"a":null,"NaN":"x \"NaN","b":[null,null]}"#)
        );
        assert_eq!(without_nan(r#"{"a":"NaN \\","b":"\\\"Infinity"}"#), None);
    }
}

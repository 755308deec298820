//! A value in a file, read as what it should be, or complained about.

use std::ops::Range;
use std::time::Duration;

use toml::Spanned;
use toml::de::DeValue;

use super::document::{Checked, Document, Filed};
use super::error::Wrong;
use super::table::Table;
use super::{duration, size};
use crate::domain::Bytes;

/// A value with its place and what it is called: `the refresh of "golem"`.
#[derive(Clone)]
pub(super) struct Value<'d> {
    document: &'d Document,
    entry: &'d Spanned<DeValue<'d>>,
    name: String,
}

impl<'d> Value<'d> {
    /// Wraps a value.
    pub(super) fn new(
        document: &'d Document,
        entry: &'d Spanned<DeValue<'d>>,
        name: String,
    ) -> Self {
        Self {
            document,
            entry,
            name,
        }
    }

    /// The file it stands in.
    pub(super) fn document(&self) -> &'d Document {
        self.document
    }

    /// Where it is.
    pub(super) fn span(&self) -> Range<usize> {
        self.entry.span()
    }

    /// The value as TOML has it.
    pub(super) fn raw(&self) -> &'d DeValue<'d> {
        self.entry.get_ref()
    }

    /// Files "{name} {predicate}".
    pub(super) fn complain(&self, predicate: &str, help: &str) -> Filed {
        self.document
            .complain(self.span(), &format!("{} {predicate}", self.name), help)
    }

    /// Files a refusal in its own words.
    pub(super) fn refuse(&self, wrong: &Wrong) -> Filed {
        self.document
            .complain(self.span(), &wrong.message, &wrong.help)
    }

    /// Files that the value is of the wrong type. Never shows the value: it may be a secret.
    pub(super) fn mistype(&self, wanted: &str, help: &str) -> Filed {
        let found = match self.raw() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(true) => "true",
            DeValue::Boolean(false) => "false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.complain(&format!("is {found}, not {wanted}"), help)
    }

    /// A text that is not empty. `help` says what to write.
    pub(super) fn text(&self, help: &str) -> Checked<&'d str> {
        match self.raw() {
            DeValue::String(text) if text.trim().is_empty() => Err(self.complain("is empty", help)),
            DeValue::String(text) => Ok(text),
            _ => Err(self.mistype("a text", help)),
        }
    }

    /// A text without blanks at its ends and without control characters.
    pub(super) fn tidy_text(&self, help: &str) -> Checked<&'d str> {
        let text = self.text(help)?;
        if text.chars().any(char::is_control) {
            return Err(self.complain("holds control characters", help));
        }
        if text.trim() != text {
            return Err(self.complain("begins or ends with a blank", help));
        }
        Ok(text)
    }

    /// Yes or no; `None` for other types.
    pub(super) fn as_flag(&self) -> Option<bool> {
        match self.raw() {
            DeValue::Boolean(flag) => Some(*flag),
            _ => None,
        }
    }

    /// Yes or no.
    pub(super) fn flag(&self) -> Checked<bool> {
        self.as_flag()
            .ok_or_else(|| self.mistype("true or false", "write true or false, without quotes"))
    }

    /// A whole number; `None` for other types.
    pub(super) fn integer(&self) -> Option<i64> {
        match self.raw() {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        }
    }

    /// The items of a list, or the value itself when it is none.
    pub(super) fn one_or_many(&self) -> Vec<Value<'d>> {
        match self.raw() {
            DeValue::Array(items) => items.iter().map(|item| self.item(item)).collect(),
            _ => vec![self.clone()],
        }
    }

    /// The items of a list.
    pub(super) fn list(&self, wanted: &str, help: &str) -> Checked<Vec<Value<'d>>> {
        match self.raw() {
            DeValue::Array(items) => Ok(items.iter().map(|item| self.item(item)).collect()),
            _ => Err(self.mistype(wanted, help)),
        }
    }

    fn item(&self, entry: &'d Spanned<DeValue<'d>>) -> Value<'d> {
        Value::new(self.document, entry, format!("an entry in {}", self.name))
    }

    /// A table, called in messages what the value is called.
    pub(super) fn table(&self, help: &str) -> Checked<Table<'d>> {
        match self.raw() {
            DeValue::Table(entries) => Ok(Table::new(
                self.document,
                entries,
                self.span(),
                self.name.clone(),
                self.name.clone(),
            )),
            _ => Err(self.mistype("a table", help)),
        }
    }

    /// A duration between two others; `why` tells what is wrong with less.
    pub(super) fn duration(&self, least: Duration, most: Duration, why: &str) -> Checked<Duration> {
        let help = match self.integer() {
            Some(seconds) if seconds > 0 => format!("write \"{seconds}s\""),
            _ => "write a number and ms, s, m or h: \"10s\", \"2m\"".to_owned(),
        };
        let text = self.text(&help)?;
        let found = duration::parse(text).map_err(|help| self.complain("is no duration", &help))?;
        if found < least {
            let help = format!("write \"{}\" or more: {why}", duration::written(least));
            let predicate = format!("is shorter than {}", duration::words(least));
            return Err(self.complain(&predicate, &help));
        }
        if found > most {
            let help = format!("write \"{}\" or less", duration::written(most));
            let predicate = format!("is longer than {}", duration::words(most));
            return Err(self.complain(&predicate, &help));
        }
        Ok(found)
    }

    /// An amount of bytes between 64 KiB and 1 GiB.
    pub(super) fn bytes(&self) -> Checked<Bytes> {
        let help = "write a number and KiB, MiB or GiB: \"32 MiB\"";
        let text = self.text(help)?;
        let found = size::parse(text).ok_or_else(|| self.complain("is no size", help))?;
        if !(64 << 10..=1 << 30).contains(&found.0) {
            return Err(self.complain(
                "is not between 64 KiB and 1 GiB",
                "write something like \"32 MiB\"",
            ));
        }
        Ok(found)
    }
}

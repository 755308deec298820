//! Typed access to a table that knows which keys were asked for, so that the others are errors.

use std::ops::Range;

use toml::de::DeTable;

use super::document::{Checked, Document, Filed};
use super::suggest;
use super::value::Value;

/// Most known keys that are listed when nothing is near.
const LISTED: usize = 16;

/// A table being read. Call [`Table::finish`] at the end: it reports unknown and missing keys.
pub(super) struct Table<'d> {
    /// The file it stands in.
    pub(super) document: &'d Document,
    entries: &'d DeTable<'d>,
    header: Range<usize>,
    /// As it stands in the file: `[proxmox.golem]`.
    path: String,
    /// As it is spoken of: `"golem"`.
    subject: String,
    known: Vec<&'static str>,
    missing: Vec<Missing>,
}

struct Missing {
    keys: Vec<&'static str>,
    message: String,
    help: String,
}

impl<'d> Table<'d> {
    /// A table with its header's place, its path in brackets and what it is called in messages.
    pub(super) fn new(
        document: &'d Document,
        entries: &'d DeTable<'d>,
        header: Range<usize>,
        path: String,
        subject: String,
    ) -> Self {
        Self {
            document,
            entries,
            header,
            path,
            subject,
            known: Vec::new(),
            missing: Vec::new(),
        }
    }

    /// What it is called in messages.
    pub(super) fn subject(&self) -> &str {
        &self.subject
    }

    /// Where its header is.
    pub(super) fn header(&self) -> Range<usize> {
        self.header.clone()
    }

    /// Whether a key is there, without reading it.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// A key's value; the key is known from now on.
    pub(super) fn value(&mut self, key: &'static str) -> Option<Value<'d>> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        self.entries.get(key).map(|entry| {
            Value::new(
                self.document,
                entry,
                format!("the {key} of {}", self.subject),
            )
        })
    }

    /// A key's value; that it is missing is reported at the header, unless it was mistyped.
    pub(super) fn required(&mut self, key: &'static str, help: &str) -> Checked<Value<'d>> {
        self.value(key)
            .ok_or_else(|| self.miss(&[key], &format!("has no {key}"), help))
    }

    /// Reports that something is missing, unless one of the keys turns out to be mistyped.
    pub(super) fn miss(&mut self, keys: &[&'static str], predicate: &str, help: &str) -> Filed {
        self.missing.push(Missing {
            keys: keys.to_vec(),
            message: format!("{} {predicate}", self.subject),
            help: help.to_owned(),
        });
        Filed
    }

    /// Files a complaint at a key that is there.
    pub(super) fn complain_at(&self, key: &str, message: &str, help: &str) -> Filed {
        let span = self
            .entries
            .get_key_value(key)
            .map_or(self.header(), |(key, _)| key.span());
        self.document.complain(span, message, help)
    }

    /// Reports unknown keys, and missing ones that were not mistyped.
    pub(super) fn finish(self) -> Checked<()> {
        let mut done = Ok(());
        let mut mistyped = Vec::new();
        for key in self.entries.keys() {
            let written: &str = key.get_ref();
            if self.known.contains(&written) {
                continue;
            }
            // A key that is there already was hardly meant twice.
            let absent: Vec<&str> = (self.known.iter().copied())
                .filter(|known| !self.entries.contains_key(*known))
                .collect();
            let near = suggest::nearest(written, &absent);
            mistyped.extend(near);
            let help = match near {
                Some(near) => format!("did you mean \"{near}\"?"),
                None if self.known.len() <= LISTED => {
                    format!("known here: {}", self.known.join(", "))
                }
                None => String::new(),
            };
            let message = format!("{} has no key \"{written}\"", self.path);
            done = Err(self.document.complain(key.span(), &message, &help));
        }
        for missing in self.missing {
            if !missing.keys.iter().any(|key| mistyped.contains(key)) {
                done = Err(self.document.complain(
                    self.header.clone(),
                    &missing.message,
                    &missing.help,
                ));
            }
        }
        done
    }
}

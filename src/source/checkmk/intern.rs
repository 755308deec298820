//! Texts that occur again and again in one answer, kept once.

use std::collections::HashSet;

use crate::domain::{Text, clean};

/// Texts seen so far: host names, descriptions, commands, metric names.
#[derive(Debug, Default)]
pub(super) struct Names(HashSet<Text>);

impl Names {
    /// The cleaned text, shared with every earlier one that reads the same.
    pub(super) fn text(&mut self, foreign: &str) -> Text {
        let cleaned = clean::line(foreign, Text::LONGEST);
        if let Some(known) = self.0.get(&*cleaned) {
            return known.clone();
        }
        let new = Text::clean(&cleaned);
        self.0.insert(new.clone());
        new
    }

    /// As [`Self::text`], `None` for nothing visible.
    pub(super) fn text_non_empty(&mut self, foreign: &str) -> Option<Text> {
        (!foreign.trim().is_empty()).then(|| self.text(foreign))
    }
}

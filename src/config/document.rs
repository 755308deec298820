//! A file that is being read: its text, its places, and what was wrong so far.

use std::cell::RefCell;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::error::{self, ConfigError, Excerpt, Origin};
use super::mask;

/// A complaint has been filed with the document; nothing more is to be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Filed;

/// A value, or the word that it was wrong and that this has been said.
pub(super) type Checked<T> = Result<T, Filed>;

/// One file.
pub(super) struct Document {
    path: PathBuf,
    text: String,
    home: Option<PathBuf>,
    /// Parts of the text that are never shown, sorted.
    hidden: RefCell<Vec<Range<usize>>>,
    errors: RefCell<Vec<ConfigError>>,
    inline_secrets: RefCell<Vec<Range<usize>>>,
}

impl Document {
    /// A file's text. `home` is what `~` stands for.
    pub(super) fn new(path: &Path, text: String, home: Option<PathBuf>) -> Self {
        Self {
            path: path.to_owned(),
            text,
            home,
            hidden: RefCell::default(),
            errors: RefCell::default(),
            inline_secrets: RefCell::default(),
        }
    }

    /// The document as a tree, or the complaint that it is no TOML.
    pub(super) fn tree(&self) -> Checked<DeTable<'_>> {
        match DeTable::parse(&self.text) {
            Ok(tree) => {
                *self.hidden.borrow_mut() = mask::in_tree(tree.get_ref());
                Ok(tree.into_inner())
            }
            Err(broken) => {
                let (message, help) = syntax(broken.message());
                Err(self.complain_broken(broken.span().unwrap_or(0..0), &message, help))
            }
        }
    }

    /// Files a complaint about a text that is no TOML: without a tree, what is secret in the line
    /// is guessed, and rather too much than too little.
    pub(super) fn complain_broken(&self, span: Range<usize>, message: &str, help: &str) -> Filed {
        let line = self.line_around(span.start);
        let before = self.text.get(..line.start).unwrap_or_default();
        let line = self.text.get(line).unwrap_or_default();
        *self.hidden.borrow_mut() = mask::in_broken_line(before, line).into_iter().collect();
        self.complain(span, message, help)
    }

    /// Files a complaint about a part of the text. An empty `help` is none.
    pub(super) fn complain(&self, span: Range<usize>, message: &str, help: &str) -> Filed {
        let error =
            ConfigError::new(Origin::File(self.path.clone()), message, help).at(self.excerpt(span));
        self.errors.borrow_mut().push(error);
        Filed
    }

    /// Notes that a secret stands in the file itself.
    pub(super) fn note_inline_secret(&self, span: Range<usize>) {
        self.inline_secrets.borrow_mut().push(span);
    }

    /// The first secret that stands in the file itself.
    pub(super) fn first_inline_secret(&self) -> Option<Range<usize>> {
        self.inline_secrets
            .borrow()
            .iter()
            .min_by_key(|span| span.start)
            .cloned()
    }

    /// What was wrong, sorted by place.
    pub(super) fn into_errors(self) -> Vec<ConfigError> {
        let mut errors = self.errors.into_inner();
        errors.sort_by_key(ConfigError::position);
        errors
    }

    /// `file:line:column` of a part.
    pub(super) fn place(&self, span: &Range<usize>) -> String {
        let (line, column) = self.position(span.start);
        format!("{}:{line}:{column}", Origin::File(self.path.clone()))
    }

    /// A path as the user wrote it, made absolute: `~` is the home, anything else relative to
    /// this file's directory.
    pub(super) fn resolve(&self, written: &str) -> PathBuf {
        if let (Some(home), Some(rest)) = (&self.home, written.strip_prefix('~'))
            && (rest.is_empty() || rest.starts_with('/'))
        {
            return home.join(rest.trim_start_matches('/'));
        }
        let directory = self.path.parent().unwrap_or(Path::new(""));
        let joined = directory.join(written);
        std::path::absolute(&joined).unwrap_or(joined)
    }

    /// Line and column in characters, both from 1.
    fn position(&self, offset: usize) -> (usize, usize) {
        let line = self.line_around(offset);
        let before = self.text.get(..line.start).unwrap_or_default();
        let number = before.bytes().filter(|&b| b == b'\n').count() + 1;
        let within = self.text.get(line.start..offset).unwrap_or_default();
        let column = within.trim_start_matches('\u{feff}').chars().count() + 1;
        (number, column)
    }

    /// The line around an offset, without its line end.
    fn line_around(&self, offset: usize) -> Range<usize> {
        let offset = offset.min(self.text.len());
        let bytes = self.text.as_bytes();
        let start = bytes
            .iter()
            .take(offset)
            .rposition(|&b| b == b'\n')
            .map_or(0, |at| at + 1);
        let end = bytes
            .iter()
            .skip(offset)
            .position(|&b| b == b'\n')
            .map_or(bytes.len(), |at| offset + at);
        start..end.max(start)
    }

    fn excerpt(&self, span: Range<usize>) -> Excerpt {
        let (number, column) = self.position(span.start);
        let line = self.line_around(span.start);
        let mut under =
            span.start.min(line.end)..span.end.clamp(span.start, line.end.max(span.start));
        let mut hidden: Vec<Range<usize>> = self.hidden.borrow().clone();
        hidden.extend(mask::suspicious_words(
            self.text.get(line.clone()).unwrap_or_default(),
            line.start,
        ));
        let hidden = mask::merged(hidden);
        // A caret within a masked part underlines all of the mask.
        for part in &hidden {
            if part.start < under.end.max(under.start + 1) && under.start < part.end {
                under = under.start.min(part.start.max(line.start))
                    ..under.end.max(part.end.min(line.end));
            }
        }
        let shown = |part: Range<usize>| mask::shown(&self.text, part, &hidden);
        error::excerpt(
            number,
            column,
            [
                shown(line.start..under.start).trim_start_matches('\u{feff}'),
                &shown(under.clone()),
                shown(under.end..line.end).trim_end_matches('\r'),
            ],
        )
    }
}

/// The parser's words, and what to do about the commonest.
fn syntax(said: &str) -> (String, &'static str) {
    let help = if said.starts_with("string values must be quoted") {
        "put text into quotes, lists into [ ] with commas"
    } else if said.starts_with("duplicate key") {
        "it is there twice: keep one of them"
    } else if said.starts_with("key with no value") {
        "write key = value"
    } else if said.starts_with("unclosed table") {
        "close the header with ]"
    } else if said.contains("string, expected `\"`") {
        "close the text with \""
    } else {
        ""
    };
    let said = said.trim_end_matches(", expected literal string");
    (format!("not valid TOML: {said}"), help)
}

//! What is wrong with a configuration: where, the line, and what to write instead.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use unicode_width::UnicodeWidthStr;

use crate::domain::clean;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The built-in default.
    BuiltIn,
    /// A file.
    File(PathBuf),
    /// An environment variable, by its name.
    Environment(&'static str),
    /// An argument, as it is typed: `--theme`.
    Argument(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built in"),
            Self::File(path) => f.write_str(&clean::line(&path.to_string_lossy(), 300)),
            Self::Environment(name) | Self::Argument(name) => f.write_str(name),
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// Which file, variable or argument.
    pub origin: Origin,
    /// Where in the file; `None` when it is about the whole of it.
    pub excerpt: Option<Excerpt>,
    /// What is wrong, in one line. Never holds a secret.
    pub message: String,
    /// What to write instead, or what to do.
    pub help: Option<String>,
}

/// The line that an error is about, safe to show: secrets masked, foreign characters inert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters of the file's own line, from 1.
    pub column: usize,
    /// The line as it is shown: masked, cleaned and cut.
    pub text: String,
    /// Which cells of [`Self::text`] are underlined; never empty.
    pub caret: Range<usize>,
}

impl ConfigError {
    /// An error without a line. An empty `help` is none.
    pub fn new(origin: Origin, message: &str, help: &str) -> Self {
        Self {
            origin,
            excerpt: None,
            message: clean::line(message, Self::LONGEST).into_owned(),
            help: (!help.is_empty()).then(|| clean::line(help, Self::LONGEST).into_owned()),
        }
    }

    /// Longest message and help, in characters: names of foreign length may stand in them.
    const LONGEST: usize = 400;

    /// The same error with its line.
    pub(super) fn at(mut self, excerpt: Excerpt) -> Self {
        self.excerpt = Some(excerpt);
        self
    }

    /// Line and column, for sorting; the whole file comes first.
    pub(super) fn position(&self) -> (usize, usize) {
        self.excerpt.as_ref().map_or((0, 0), |e| (e.line, e.column))
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let help = self.help.as_deref().unwrap_or_default();
        let Some(excerpt) = &self.excerpt else {
            write!(f, "{}: {}", self.origin, self.message)?;
            if !help.is_empty() {
                write!(f, "\n      {help}")?;
            }
            return Ok(());
        };
        let number = format!("{:>5}", excerpt.line);
        writeln!(
            f,
            "{}:{}:{}: {}",
            self.origin, excerpt.line, excerpt.column, self.message
        )?;
        writeln!(f, "{number} | {}", excerpt.text)?;
        let under = format!(
            "{:gutter$} | {:indent$}{:^<carets$} {help}",
            "",
            "",
            "",
            gutter = number.len(),
            indent = excerpt.caret.start,
            carets = excerpt.caret.len().max(1)
        );
        f.write_str(under.trim_end())
    }
}

impl std::error::Error for ConfigError {}

/// Everything that is wrong, over all files, sorted by place. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errors(Vec<ConfigError>);

impl Errors {
    /// Wraps what was found.
    pub(super) fn new(errors: Vec<ConfigError>) -> Self {
        Self(errors)
    }

    /// The errors.
    pub fn iter(&self) -> std::slice::Iter<'_, ConfigError> {
        self.0.iter()
    }
}

impl<'e> IntoIterator for &'e Errors {
    type Item = &'e ConfigError;
    type IntoIter = std::slice::Iter<'e, ConfigError>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for error in &self.0 {
            writeln!(f, "{error}")?;
        }
        match self.0.len() {
            1 => f.write_str("1 error"),
            n => write!(f, "{n} errors"),
        }
    }
}

impl std::error::Error for Errors {}

/// Why a single value is refused, wherever it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

impl Wrong {
    /// A refusal.
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.message, self.help)
    }
}

impl std::error::Error for Wrong {}

/// Most characters of a line that are shown.
const WIDTH: usize = 100;

/// Builds an excerpt from the three parts of a line: before, under and after the caret.
/// The parts are already masked; here they are cleaned and cut.
pub fn excerpt(line: usize, column: usize, parts: [&str; 3]) -> Excerpt {
    let [before, under, after] = parts;
    let under = clean::line(under, WIDTH / 2);
    let room = WIDTH.saturating_sub(under.chars().count());
    let before_long = clean::line(before, usize::MAX / 8);
    let length = before_long.chars().count();
    let before = if length > room / 2 && length + after.chars().count() > room {
        let kept: String = before_long
            .chars()
            .skip(length.saturating_sub(room / 2).max(1))
            .collect();
        format!("…{kept}")
    } else {
        before_long.into_owned()
    };
    let after = clean::line(after, room.saturating_sub(before.chars().count()).max(1));
    let start = before.width();
    Excerpt {
        line,
        column,
        caret: start..start + under.width().max(1),
        text: format!("{before}{under}{after}").trim_end().to_owned(),
    }
}

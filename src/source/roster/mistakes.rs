//! What is wrong in the roster, with where.

use toml::Spanned;

use crate::config::error::excerpt;
use crate::domain::Text;
use crate::domain::failure::Mistake;

/// Most mistakes told at once.
const TOLD: usize = 5;

/// What is wrong so far.
#[derive(Debug, Default)]
pub(super) struct Mistakes(Vec<(std::ops::Range<usize>, String)>);

/// Everything that is wrong, in the order of the file.
#[derive(Debug)]
pub(super) struct Told {
    /// The first few; never empty.
    pub(super) list: Vec<Mistake>,
    /// How many more there are.
    pub(super) more: u32,
}

impl Mistakes {
    /// Adds one about a value.
    pub(super) fn add<T>(&mut self, place: &Spanned<T>, what: impl Into<String>) {
        self.0.push((place.span(), what.into()));
    }

    /// The text is no TOML, or not of the roster's shape.
    pub(super) fn of_toml(error: &toml::de::Error) -> Self {
        let what = error.message().replace('\n', ", ");
        Self(vec![(error.span().unwrap_or(0..0), what)])
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// With lines, columns and carets.
    pub(super) fn told(mut self, text: &str) -> Told {
        self.0
            .sort_by(|a, b| (a.0.start, &a.1).cmp(&(b.0.start, &b.1)));
        let more = self.0.len().saturating_sub(TOLD);
        Told {
            list: self
                .0
                .into_iter()
                .take(TOLD)
                .map(|(span, what)| mistake(text, span, &what))
                .collect(),
            more: u32::try_from(more).unwrap_or(u32::MAX),
        }
    }
}

fn mistake(text: &str, span: std::ops::Range<usize>, what: &str) -> Mistake {
    let before = text.get(..span.start).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let indent = text.get(start..span.start).unwrap_or_default();
    let rest = text.get(span.start..).unwrap_or_default();
    let rest = rest.split('\n').next().unwrap_or_default();
    let under = rest.get(..span.len().min(rest.len())).unwrap_or(rest);
    let after = rest.get(under.len()..).unwrap_or_default();
    let column = indent.chars().count() + 1;
    let shown = excerpt(line, column, [indent, under, after]);
    let cells = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    Mistake {
        line: u32::try_from(line).unwrap_or(u32::MAX),
        column: u32::try_from(column).unwrap_or(u32::MAX),
        what: Text::clean(what),
        caret: (cells(shown.caret.start), cells(shown.caret.len())),
        excerpt: Text::clean(&shown.text),
    }
}

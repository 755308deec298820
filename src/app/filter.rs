//! Filters: `wiki`, `state:stopped`, `cpu>80`, `-tag:test`, all of which must hold.

use crate::estate::Estate;

use super::column::{Column, Context, Table};

/// A parsed filter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    text: String,
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq)]
struct Term {
    negated: bool,
    /// Column by id; any column without.
    column: Option<usize>,
    test: Test,
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    Contains(String),
    More(f64),
    Less(f64),
    /// A field that this table does not have: nothing fits, so that a typing error is seen.
    Never,
}

impl Filter {
    /// Parses a filter for a table. Every text is a filter: a word without a field is looked for in all columns.
    pub fn parse(text: &str, table: &Table) -> Self {
        let terms = text
            .split_whitespace()
            .filter_map(|word| Term::parse(word, table.columns))
            .collect();
        Self {
            text: text.to_owned(),
            terms,
        }
    }

    /// As the user wrote it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it lets every row through.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Fields that are written and do not exist in this table.
    pub fn unknown_fields(&self) -> bool {
        self.terms.iter().any(|t| t.test == Test::Never)
    }

    /// What is looked for in a column, in lower case, for highlighting.
    pub fn words(&self, column: usize) -> impl Iterator<Item = &str> {
        self.terms.iter().filter_map(move |t| match &t.test {
            Test::Contains(word) if !t.negated && t.column.is_none_or(|c| c == column) => {
                Some(word.as_str())
            }
            _ => None,
        })
    }

    /// Whether a row fits. `scratch` is reused between rows.
    pub fn fits(
        &self,
        estate: &Estate,
        index: usize,
        table: &Table,
        context: &Context<'_>,
        scratch: &mut String,
    ) -> bool {
        self.terms
            .iter()
            .all(|term| term.fits(estate, index, table.columns, context, scratch) != term.negated)
    }
}

impl Term {
    fn parse(word: &str, columns: &[Column]) -> Option<Self> {
        let (negated, word) = match word.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, word),
        };
        if word.is_empty() {
            return None;
        }
        let field = |name: &str| columns.iter().position(|c| c.id == name.to_lowercase());
        for (sign, more) in [('>', true), ('<', false)] {
            if let Some((name, number)) = word.split_once(sign)
                && let Ok(number) = number.trim_end_matches('%').parse::<f64>()
            {
                let column = field(name);
                let test = match (column, more) {
                    (None, _) => Test::Never,
                    (_, true) => Test::More(number),
                    (_, false) => Test::Less(number),
                };
                return Some(Self {
                    negated,
                    column,
                    test,
                });
            }
        }
        if let Some((name, value)) = word.split_once(':')
            && !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphabetic() || c == '-')
            // `https://…` is a word to look for, not a field.
            && !value.starts_with("//")
        {
            let column = field(name);
            let test = if column.is_some() {
                Test::Contains(value.to_lowercase())
            } else {
                Test::Never
            };
            return Some(Self {
                negated,
                column,
                test,
            });
        }
        Some(Self {
            negated,
            column: None,
            test: Test::Contains(word.to_lowercase()),
        })
    }

    fn fits(
        &self,
        estate: &Estate,
        index: usize,
        columns: &[Column],
        context: &Context<'_>,
        scratch: &mut String,
    ) -> bool {
        let tested: &[Column] = match self.column {
            Some(at) => columns.get(at..=at).unwrap_or(&[]),
            None => columns,
        };
        tested.iter().any(|column| {
            let value = (column.value)(estate, index, context);
            match &self.test {
                Test::Contains(word) => {
                    scratch.clear();
                    value.write_term(scratch);
                    scratch.contains(word.as_str())
                }
                Test::More(number) => value.number().is_some_and(|n| n > *number),
                Test::Less(number) => value.number().is_some_and(|n| n < *number),
                Test::Never => false,
            }
        })
    }
}

//! The query language of the lists: comparisons, `and`, `or`, `not`.

use serde_json::Value;

use super::pattern::Pattern;
use super::table::{Cell, Table};

/// A query over columns of type `C`.
#[derive(Debug)]
pub(super) enum Query<C> {
    All,
    Test {
        column: C,
        test: Test,
        negated: bool,
    },
    And(Vec<Query<C>>),
    Or(Vec<Query<C>>),
    Not(Box<Query<C>>),
}

/// A comparison.
#[derive(Debug)]
pub(super) enum Test {
    Equal(String),
    Match(Pattern),
    Less(String),
    LessOrEqual(String),
    More(String),
    /// On a list: contains.
    MoreOrEqual(String),
}

impl<C: Copy + Send + 'static> Query<C> {
    /// Reads a query, or says what is wrong with it.
    pub(super) fn read<T: Table<Column = C>>(value: &Value) -> Result<Self, String> {
        let Some(object) = value.as_object() else {
            return Err("Expected an object.".to_owned());
        };
        if object.is_empty() {
            return Ok(Self::All);
        }
        let text = |key: &str| object.get(key).and_then(Value::as_str);
        let op = text("op").ok_or("Missing op.")?;
        match op {
            "and" | "or" => {
                let list = object
                    .get("expr")
                    .and_then(Value::as_array)
                    .ok_or("Missing expr.")?;
                let parts = list
                    .iter()
                    .map(Self::read::<T>)
                    .collect::<Result<Vec<_>, _>>()?;
                Ok(if op == "and" {
                    Self::And(parts)
                } else {
                    Self::Or(parts)
                })
            }
            "not" => {
                let inner = object.get("expr").ok_or("Missing expr.")?;
                Ok(Self::Not(Box::new(Self::read::<T>(inner)?)))
            }
            _ => {
                let left = text("left").ok_or("Missing left.")?;
                let right = text("right").ok_or("Expected `right` to be a string.")?;
                if right.contains('\n') {
                    return Err("Newline in value.".to_owned());
                }
                let (_, column) = T::column(left)
                    .ok_or_else(|| format!("Unknown column: {}.{left}", T::TABLE))?;
                let (negated, bare) = match op.strip_prefix('!') {
                    Some(bare) => (true, bare),
                    None => (false, op),
                };
                let pattern = |ignore_case| {
                    Pattern::read(right, ignore_case).ok_or("Invalid regular expression.")
                };
                let owned = || right.to_owned();
                let test = match bare {
                    "=" => Test::Equal(owned()),
                    "~" => Test::Match(pattern(false)?),
                    "~~" => Test::Match(pattern(true)?),
                    "<" => Test::Less(owned()),
                    "<=" => Test::LessOrEqual(owned()),
                    ">" => Test::More(owned()),
                    ">=" => Test::MoreOrEqual(owned()),
                    _ => return Err(format!("Unsupported operator: {op}")),
                };
                Ok(Self::Test {
                    column,
                    test,
                    negated,
                })
            }
        }
    }

    /// Whether a row is wanted.
    pub(super) fn wants<T: Table<Column = C>>(&self, row: &T::Row<'_>) -> bool {
        match self {
            Self::All => true,
            Self::Test {
                column,
                test,
                negated,
            } => test.holds(&T::cell(row, *column)) != *negated,
            Self::And(parts) => parts.iter().all(|part| part.wants::<T>(row)),
            Self::Or(parts) => parts.iter().any(|part| part.wants::<T>(row)),
            Self::Not(part) => !part.wants::<T>(row),
        }
    }
}

impl Test {
    fn holds(&self, cell: &Cell<'_>) -> bool {
        use std::cmp::Ordering::{Equal, Greater, Less};
        match self {
            Self::Equal(right) => compare(cell, right) == Some(Equal),
            Self::Less(right) => compare(cell, right) == Some(Less),
            Self::LessOrEqual(right) => matches!(compare(cell, right), Some(Less | Equal)),
            Self::More(right) => compare(cell, right) == Some(Greater),
            Self::MoreOrEqual(right) => match cell {
                Cell::Json(Value::Array(list)) => {
                    list.iter().any(|item| item.as_str() == Some(right))
                }
                _ => matches!(compare(cell, right), Some(Greater | Equal)),
            },
            Self::Match(pattern) => match cell {
                Cell::Text(text) => pattern.is_in(text),
                Cell::Int(number) => pattern.is_in(&number.to_string()),
                Cell::Float(number) => pattern.is_in(&number.to_string()),
                Cell::Json(value) => pattern.is_in(&value.to_string()),
            },
        }
    }
}

fn compare(cell: &Cell<'_>, right: &str) -> Option<std::cmp::Ordering> {
    match cell {
        Cell::Int(number) => Some(number.cmp(&right.parse().ok()?)),
        Cell::Float(number) => number.partial_cmp(&right.parse().ok()?),
        Cell::Text(text) => Some(text.as_ref().cmp(right)),
        Cell::Json(_) => None,
    }
}

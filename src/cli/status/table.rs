//! The tabs' tables as CSV, Markdown and text.

use std::fmt::Write as _;

use crate::app::column::Column;
use crate::app::filter::Filter;
use crate::app::{Context, Rows, Tab, columns};
use crate::domain::{Freshness, Key, Severity};
use crate::estate::Estate;
use crate::ui::{widget::fit, words};

use super::Asked;
use super::cell::{self, Cell};
use super::origin::{self, Origin};
use super::verdict::Verdict;

/// Longest text in a cell of a printed table, in characters.
const WIDEST: usize = 100;

/// Which rows of which tables.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Tabs in the order they are printed.
    pub tabs: Vec<Tab>,
    /// What is let through.
    pub filter: String,
    /// Only problems.
    pub problems: bool,
}

/// A table with all its values.
#[derive(Debug)]
pub struct Filled {
    /// Its columns.
    pub columns: &'static [Column],
    /// Rows in the order of the dashboard.
    pub rows: Vec<Row>,
}

/// A row.
#[derive(Debug)]
pub struct Row {
    /// What it is, in words that stay the same.
    pub key: String,
    /// How bad.
    pub severity: Severity,
    /// A value for each column, and where it comes from.
    pub cells: Vec<(Cell, Option<Origin>)>,
}

impl Row {
    /// The origin of the row's name, and the worst freshness among its values.
    fn origin(&self) -> Option<(Origin, Freshness)> {
        let all = || self.cells.iter().filter_map(|(_, origin)| *origin);
        let worst = all().map(|origin| origin.freshness).max()?;
        all().next().map(|origin| (origin, worst))
    }
}

/// The table of a tab as the dashboard shows it at first.
pub fn fill(asked: &Asked, tab: Tab, wanted: &Wanted, context: &Context<'_>) -> Filled {
    let table = columns::of(tab);
    let estate = &*asked.estate;
    let mut rows = Rows::new(table);
    rows.filter = Filter::parse(&wanted.filter, table);
    rows.problems_only = wanted.problems;
    rows.rebuild(table, estate, context);
    let filled = (0..rows.len()).filter_map(|position| rows.at(position));
    let rows = filled.map(|index| Row {
        key: (table.key)(estate, index).map_or_else(String::new, |key| named(&key, estate)),
        severity: (table.severity)(estate, index),
        cells: table
            .columns
            .iter()
            .map(|column| {
                let value = (column.value)(estate, index, context);
                let origin = origin::of_cell(estate, tab, column.id, index, asked.now);
                (cell::of(column.id, &value, asked.now), origin)
            })
            .collect(),
    });
    Filled {
        columns: table.columns,
        rows: rows.collect(),
    }
}

/// A key in words: `guest/golem/105`.
pub fn named(key: &Key, estate: &Estate) -> String {
    match key {
        Key::Host(source, name) => format!("host/{}/{name}", estate.source_name(*source)),
        Key::Guest(source, vmid) => format!("guest/{}/{vmid}", estate.source_name(*source)),
        Key::Web(name) => format!("web/{name}"),
        Key::Queue(source, name) => format!("queue/{}/{name}", estate.source_name(*source)),
        Key::Person(login) => format!("person/{login}"),
        Key::Ticket(source, id) => format!("ticket/{}/{id}", estate.source_name(*source)),
        Key::Change(source, id, journal) => {
            format!("change/{}/{id}/{journal}", estate.source_name(*source))
        }
        Key::Problem(what) => format!("problem/{what}"),
        Key::Event(at, what) => format!("event/{}/{what}", at.rfc3339()),
    }
}

/// The heading of a column; those of one cell have none on the screen.
fn heading(column: &Column) -> String {
    if column.title.is_empty() {
        column.id.to_uppercase()
    } else {
        column.title.to_owned()
    }
}

/// RFC 4180, raw values, and for each row where its name comes from, when that was read, and the worst
/// freshness among its values.
pub fn csv(asked: &Asked, wanted: &Wanted, context: &Context<'_>) -> String {
    let mut out = String::new();
    for tab in &wanted.tabs {
        let filled = fill(asked, *tab, wanted, context);
        let ids = filled.columns.iter().map(|c| c.id.to_owned());
        let own = ["from", "read_at", "freshness"].map(str::to_owned);
        line(&mut out, ids.chain(own));
        for row in &filled.rows {
            let cells = row.cells.iter().map(|(cell, _)| plain(cell));
            let own = match row.origin() {
                Some((origin, worst)) => [
                    asked.estate.source_name(origin.source).to_owned(),
                    origin
                        .at
                        .map_or_else(String::new, crate::domain::Moment::rfc3339),
                    words::freshness(worst).to_owned(),
                ],
                None => [const { String::new() }; 3],
            };
            line(&mut out, cells.chain(own));
        }
    }
    out
}

fn line(out: &mut String, fields: impl Iterator<Item = String>) {
    for (index, field) in fields.enumerate() {
        if index > 0 {
            out.push(',');
        }
        if field.contains([',', '"', '\r', '\n']) || field.starts_with(' ') || field.ends_with(' ')
        {
            out.push('"');
            out.push_str(&field.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&field);
        }
    }
    out.push_str("\r\n");
}

/// The raw value; foreign words that a spreadsheet would take for a formula get an apostrophe before them.
fn plain(cell: &Cell) -> String {
    if cell.foreign && cell.text.starts_with(['=', '+', '-', '@']) {
        return format!("'{}", cell.text);
    }
    match &cell.raw {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null | serde_json::Value::Array(_) => cell.text.clone(),
        raw => raw.to_string(),
    }
}

/// Tables in Markdown, each under its heading.
pub fn markdown(
    asked: &Asked,
    verdict: &Verdict,
    wanted: &Wanted,
    context: &Context<'_>,
) -> String {
    let mut out = String::new();
    for tab in &wanted.tabs {
        let filled = fill(asked, *tab, wanted, context);
        let _ = write!(out, "## {}\n\n", tab.title());
        let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        out.push_str(&row(filled.columns.iter().map(heading).collect()));
        let rule = |column: &Column| if column.right { "---:" } else { "---" }.to_owned();
        out.push_str(&row(filled.columns.iter().map(rule).collect()));
        for filled in &filled.rows {
            out.push_str(&row(filled
                .cells
                .iter()
                .map(|(c, _)| escaped(&c.text))
                .collect()));
        }
        out.push('\n');
    }
    out.push_str(&escaped(&super::text::summary(asked, verdict, context)));
    out.push('\n');
    out
}

/// Foreign words as words, not as markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(
            c,
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '~' | '!' | '$' | '&'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A table in text: columns side by side, those without any value left out.
pub fn text(filled: &Filled) -> String {
    let used: Vec<usize> = (0..filled.columns.len())
        .filter(|at| {
            let mut rows = filled.rows.iter();
            rows.any(|row| row.cells.get(*at).is_some_and(|(c, _)| !c.text.is_empty()))
        })
        .collect();
    let mut lines = Vec::with_capacity(filled.rows.len() + 1);
    let columns = || used.iter().filter_map(|at| filled.columns.get(*at));
    lines.push(columns().map(heading).collect::<Vec<_>>());
    for row in &filled.rows {
        let cells = used.iter().filter_map(|at| row.cells.get(*at));
        lines.push(cells.map(|(cell, _)| cut(&cell.text)).collect());
    }
    let rights: Vec<bool> = columns().map(|column| column.right).collect();
    aligned(&lines, &rights)
}

/// Lines of cells, each column as wide as its widest cell.
pub fn aligned(lines: &[Vec<String>], rights: &[bool]) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for line in lines {
        for (at, cell) in line.iter().enumerate() {
            let width = usize::from(fit::width(cell));
            match widths.get_mut(at) {
                Some(widest) => *widest = width.max(*widest),
                None => widths.push(width),
            }
        }
    }
    let mut out = String::new();
    for line in lines {
        let mut written = String::new();
        for (at, (cell, widest)) in line.iter().zip(&widths).enumerate() {
            if at > 0 {
                written.push_str("  ");
            }
            let blanks = " ".repeat(widest.saturating_sub(usize::from(fit::width(cell))));
            if rights.get(at) == Some(&true) {
                written.push_str(&blanks);
                written.push_str(cell);
            } else {
                written.push_str(cell);
                written.push_str(&blanks);
            }
        }
        out.push_str(written.trim_end());
        out.push('\n');
    }
    out
}

/// A text that is not too wide.
pub fn cut(text: &str) -> String {
    if text.chars().count() <= WIDEST {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(WIDEST - 1).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

//! Tables of Textile and CommonMark, their columns aligned.

use ratatui::style::{Modifier, Style};

use crate::ui::view::detail::flow::{Break, Styled};
use crate::ui::view::detail::sheet::Sheet;
use crate::ui::widget::fit;

use super::{Writing, inline};

/// Most columns, and the widest a cell may be while others need room.
const COLUMNS: usize = 24;
const LEAST: u16 = 6;

/// A cell: its words, and whether it is a heading.
type Cell<'t> = (&'t str, bool);

/// Cells of a row; `None` for CommonMark's line below the headings.
fn cells(line: &str) -> Option<Vec<Cell<'_>>> {
    let inner = line.trim().trim_start_matches('|');
    let inner = inner.strip_suffix('|').unwrap_or(inner);
    let cells: Vec<Cell<'_>> = inner.split('|').take(COLUMNS).map(cell).collect();
    let is_line = |(words, _): &Cell<'_>| {
        !words.is_empty() && words.bytes().all(|b| matches!(b, b'-' | b':' | b' '))
    };
    (!cells.iter().all(is_line)).then_some(cells)
}

/// Without Textile's attributes: `_. head`, `>. right`, `\2. wide`.
fn cell(words: &str) -> Cell<'_> {
    let attributes = |c: char| "_<>=^~-/\\0123456789".contains(c);
    match words.split_once(". ") {
        Some((before, after))
            if !before.is_empty() && before.len() < 8 && before.chars().all(attributes) =>
        {
            (after.trim(), before.contains('_'))
        }
        _ => (words.trim(), false),
    }
}

/// Writes a table. What is too wide for its column goes on in the line below.
pub(super) fn write(sheet: &mut Sheet<'_>, lines: &[&str], x: u16, writing: &Writing<'_>) {
    let theme = sheet.theme();
    let line_at = lines.iter().position(|line| cells(line).is_none());
    let rows: Vec<Vec<(Styled, bool)>> = lines
        .iter()
        .enumerate()
        .filter_map(|(at, line)| Some((at, cells(line)?)))
        .map(|(at, cells)| {
            let above = line_at.is_some_and(|line| at < line);
            (cells.into_iter())
                .map(|(words, head)| {
                    let head = head || above;
                    let base = if head { theme.heading } else { Style::new() };
                    (inline::styled(sheet, words, base, writing), head)
                })
                .collect()
        })
        .collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut widths: Vec<u16> = (0..columns)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells
                .map(|(cell, _)| fit::width(cell.as_str()))
                .max()
                .unwrap_or(0)
                .max(1)
        })
        .collect();
    let gaps = u16::try_from(columns.saturating_sub(1)).unwrap_or(0) * 3;
    let room = sheet.width().saturating_sub(x + gaps);
    while widths.iter().map(|w| u32::from(*w)).sum::<u32>() > u32::from(room) {
        // The widest gives way.
        let Some(widest) = widths.iter_mut().max() else {
            break;
        };
        if *widest <= LEAST {
            break;
        }
        *widest -= 1;
    }
    for row in &rows {
        write_row(sheet, row, &widths, x);
    }
}

fn write_row(sheet: &mut Sheet<'_>, row: &[(Styled, bool)], widths: &[u16], x: u16) {
    let theme = sheet.theme();
    let bar = format!(" {} ", sheet.glyphs().borders.vertical);
    let broken: Vec<Vec<std::ops::Range<usize>>> = widths
        .iter()
        .enumerate()
        .map(|(at, width)| {
            let mut parts = Vec::new();
            if let Some((cell, _)) = row.get(at) {
                let text = cell.as_str();
                super::super::flow::lines(text, *width, Break::Words, |part| parts.push(part));
            }
            parts
        })
        .collect();
    let height = broken.iter().map(Vec::len).max().unwrap_or(1);
    for line in 0..height {
        let mut words = Styled::default();
        for (at, width) in widths.iter().enumerate() {
            if at > 0 {
                words.push(&bar, theme.faint);
            }
            let part = broken.get(at).and_then(|parts| parts.get(line));
            let cell = row.get(at).map(|(cell, head)| (cell, *head));
            let mut used = 0;
            if let (Some(part), Some((cell, head))) = (part, cell) {
                for (text, style, link) in cell.cut_linked(part.clone()) {
                    let style = if head {
                        style.add_modifier(Modifier::BOLD)
                    } else {
                        style
                    };
                    match link {
                        Some(link) => words.push_link(text, style, link),
                        None => words.push(text, style),
                    }
                    used += fit::width(text);
                }
            }
            if at + 1 < widths.len() {
                words.push(
                    &" ".repeat(usize::from(width.saturating_sub(used))),
                    Style::new(),
                );
            }
        }
        sheet.block(x, None, &words, Break::Cells);
    }
}

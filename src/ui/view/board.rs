//! A section as a board: statuses as columns in the order of the server.
//!
//! ```text
//!  New 2                  │ In Progress 3          │ Resolved 1
//!  #490 Urgent        16m │ #482 High           2h │ #484                14h
//!  Wiki down              │ Replace disk sdb in g… │ SPF for the new addre…
//!  nobody                 │ Anne Bonny   ▲ late 3d │ Mary Read
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::board::{Board, Column, Spot};
use crate::app::drawn::Hit;
use crate::app::{App, Drawn};
use crate::domain::{Freshness, Reading, Severity};
use crate::estate::TicketRow;
use crate::ui::widget::fit::{self, Field};
use crate::ui::words;

use super::{Look, cell, region};

/// Least cells of a column, and those of a card: lines and a blank one.
const LEAST: u16 = 24;
const CARD: u16 = 4;
/// Priorities that need no word: most tickets have them.
const USUAL: &str = "Normal";

/// Draws a board. Columns that do not fit are counted at the edges.
pub(super) fn draw(
    app: &App,
    look: &Look,
    board: &Board,
    area: Rect,
    focused: bool,
    buf: &mut Buffer,
    drawn: &mut Drawn,
) {
    let open: Vec<(usize, &Column)> = (board.columns.iter().enumerate())
        .filter(|(_, column)| !column.folded)
        .collect();
    if open.is_empty() || area.height < 3 {
        return;
    }
    let spot = board.spot(app.open_rows().position());
    let at = spot.map_or(0, |(column, _)| {
        open.iter()
            .position(|(index, _)| *index == column)
            .unwrap_or(0)
    });
    let fit = usize::from(((area.width + 1) / (LEAST + 1)).max(1)).min(open.len());
    // The column under the cursor in the middle, where there are others to both sides.
    let first = at.saturating_sub(fit / 2).min(open.len() - fit);
    let each = (area.width + 1) / u16::try_from(fit).unwrap_or(1);
    // A line at the bottom tells what is below.
    let fits = usize::from((area.height - 1) / CARD).max(1);
    drawn.cards = fits;
    for (place, (index, column)) in open.iter().enumerate().skip(first).take(fit) {
        let shift = u16::try_from(place - first).unwrap_or(0);
        let x = area.x + shift * each;
        let last = place + 1 == first + fit;
        let width = if last { area.right() - x } else { each - 1 };
        let here = Rect { x, width, ..area };
        let before = if place == first { first } else { 0 };
        let after = if last { open.len() - first - fit } else { 0 };
        draw_head(look, column, (before, after), here, buf);
        if !last {
            for y in area.top()..area.bottom() {
                buf.set_stringn(
                    x + width,
                    y,
                    look.glyphs.borders.vertical,
                    1,
                    look.theme.faint,
                );
            }
        }
        let cursor = spot.filter(|(column, _)| column == index);
        draw_cards(app, look, column, cursor, focused, here, fits, buf, drawn);
    }
}

/// `‹2 In Progress 3`.
fn draw_head(
    look: &Look,
    column: &Column,
    (before, after): (usize, usize),
    area: Rect,
    buf: &mut Buffer,
) {
    let mut line = Rect { height: 1, ..area };
    let theme = &look.theme;
    if before > 0 {
        let words = format!("+{before} ");
        let width = fit::width(&words);
        Field::line(Rect { width, ..line }, "").draw(buf, &words, theme.dim);
        line.x += width;
        line.width = line.width.saturating_sub(width);
    } else {
        line.x += 1;
        line.width = line.width.saturating_sub(1);
    }
    if after > 0 {
        let words = format!(" +{after}");
        let width = fit::width(&words);
        let x = line.right().saturating_sub(width);
        Field::line(Rect { x, width, ..line }, "").draw(buf, &words, theme.dim);
        line.width = line.width.saturating_sub(width + 1);
    }
    let count = format!(" {}", column.cards.len());
    let room = line.width.saturating_sub(fit::width(&count));
    let name = Field::line(
        Rect {
            width: room,
            ..line
        },
        look.glyphs.ellipsis,
    );
    let used = name.draw(buf, &column.name, theme.header);
    let x = used.end;
    let width = line.right().saturating_sub(x);
    Field::line(Rect { x, width, ..line }, "").draw(buf, &count, theme.dim);
}

#[expect(
    clippy::too_many_arguments,
    reason = "a frame's parts, all of them different things"
)]
fn draw_cards(
    app: &App,
    look: &Look,
    column: &Column,
    cursor: Option<Spot>,
    focused: bool,
    area: Rect,
    fits: usize,
    buf: &mut Buffer,
    drawn: &mut Drawn,
) {
    let rows = app.open_rows();
    let chosen = cursor.map(|(_, card)| card);
    let most = column.cards.len().saturating_sub(fits);
    let from = chosen.map_or(0, |card| card.saturating_sub(fits / 2).min(most));
    for (line, position) in column.cards.iter().skip(from).take(fits).enumerate() {
        let y = area.y + 1 + u16::try_from(line).unwrap_or(0) * CARD;
        let card = Rect {
            y,
            height: (CARD - 1).min(area.bottom() - y),
            ..area
        };
        let row = rows.at(*position).and_then(|at| app.estate.tickets.get(at));
        let Some(row) = row else { continue };
        draw_card(app, look, row, card, buf);
        if chosen == Some(from + line) {
            let style = if focused {
                look.theme.cursor
            } else {
                look.theme.cursor_unfocused
            };
            buf.set_style(card, style);
        }
        drawn.hits.push((region(card), Hit::Row(*position)));
    }
    let below = column.cards.len() - from.min(column.cards.len());
    let below = below.saturating_sub(fits);
    if below > 0 || from > 0 {
        let line = Rect {
            x: area.x + 1,
            y: area.bottom() - 1,
            width: area.width.saturating_sub(1),
            height: 1,
        };
        let words = match (from, below) {
            (0, below) => format!("{}{below}", look.glyphs.down),
            (above, 0) => format!("{}{above}", look.glyphs.up),
            (above, below) => {
                format!("{}{above} {}{below}", look.glyphs.up, look.glyphs.down)
            }
        };
        Field::line(line, look.glyphs.ellipsis).draw(buf, &words, look.theme.dim);
    }
}

fn draw_card(app: &App, look: &Look, row: &TicketRow, area: Rect, buf: &mut Buffer) {
    let theme = &look.theme;
    let ticket = &row.ticket;
    let freshness = app.estate.freshness(row.source, Reading::Tickets, app.now);
    let aged = cell::aged(freshness);
    let unread = app.context().has_unread(row);
    if unread {
        buf.set_stringn(area.x, area.y, look.glyphs.unread, 1, theme.key);
    }
    let line = |y: u16| Rect {
        x: area.x + 1,
        y: area.y + y,
        width: area.width.saturating_sub(2),
        height: 1,
    };
    let age = ticket.updated.and_then(|at| at.age(app.now));
    let age = age.map_or_else(|| words::UNKNOWN.to_owned(), words::duration_short);
    let mut first = line(0);
    right(look, &mut first, &age, theme.dim.patch(aged), buf);
    let number = format!("#{}", ticket.id);
    let used = Field::line(first, look.glyphs.ellipsis).draw(buf, &number, theme.title.patch(aged));
    let priority = ticket.priority.as_ref().map(|p| p.name.as_str());
    if let Some(priority) = priority.filter(|word| *word != USUAL) {
        let rest = Rect {
            x: used.end + 1,
            width: first.right().saturating_sub(used.end + 1),
            ..first
        };
        Field::line(rest, look.glyphs.ellipsis).draw(buf, priority, theme.dim.patch(aged));
    }
    if area.height < 2 {
        return;
    }
    let masked = ticket.private && app.privacy;
    let subject = if masked {
        "(private)"
    } else {
        ticket.subject.as_str()
    };
    let style = if row.closed || masked {
        theme.dim
    } else {
        theme.text
    };
    Field::line(line(1), look.glyphs.ellipsis).draw(buf, subject, style.patch(aged));
    if area.height < 3 {
        return;
    }
    let mut last = line(2);
    let today = app.now.timestamp().to_zoned(app.zone.clone()).date();
    if let Some(due) = ticket.due.filter(|due| *due < today && !row.closed) {
        let days = (today - due).get_days();
        let severity = if freshness == Freshness::Fresh {
            Severity::Warning
        } else {
            Severity::Unknown
        };
        let words = format!("{} late {days}d", look.glyphs.severity(severity));
        right(look, &mut last, &words, theme.severity(severity), buf);
    }
    let who = ticket
        .assignee
        .as_ref()
        .map_or("nobody", |who| who.name.as_str());
    Field::line(last, look.glyphs.ellipsis).draw(buf, who, theme.dim.patch(aged));
}

/// Words at the right end of a line, which gets shorter by them.
fn right(
    look: &Look,
    line: &mut Rect,
    words: &str,
    style: ratatui::style::Style,
    buf: &mut Buffer,
) {
    let width = fit::width(words).min(line.width);
    let here = Rect {
        x: line.right() - width,
        width,
        ..*line
    };
    Field::line(here, look.glyphs.ellipsis).draw(buf, words, style);
    line.width = line.width.saturating_sub(width + 1);
}

/// `Closed 12 · Rejected 3`: what is folded away.
pub(super) fn folded(look: &Look, board: &Board) -> Option<String> {
    let folded = board.columns.iter();
    let folded = folded.filter(|column| column.folded && !column.cards.is_empty());
    let words: Vec<String> = folded
        .map(|column| format!("{} {}", column.name, column.cards.len()))
        .collect();
    let between = format!(" {} ", look.glyphs.dot);
    (!words.is_empty()).then(|| words.join(&between))
}

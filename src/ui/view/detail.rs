//! The detail of the row under the cursor: everything known of it, the most important first.
//!
//! ```text
//! ┌ golem/105 wiki ──────────────────────────────────────────┐
//! │ ■ stopped, shut down by anne@pam 12m ago (vzshutdown)    │
//! │ LXC container 105 on golem                               │
//! │ golem, read 3s ago · checkmk, read 12s ago               │
//! │                                                          │
//! │ Memory       4.0 GiB                                     │
//! │ Chain        golem › 105 wiki › wiki.example.org › #490  │
//! └──────────────────────────────────────────────────────────┘
//! ```

mod chart;
mod deferred;
mod event;
mod flow;
mod graphs;
mod guest;
mod host;
mod markup;
pub(super) mod mask;
mod monitored;
mod owned;
mod person;
mod provenance;
mod queue;
mod sheet;
mod strip;
mod tasks;
mod ticket;
mod ties;
mod triage;
mod unmatched;
mod web;
mod who;

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::drawn::{Hit, Region};
use crate::app::{App, Drawn, Layer, Tab, geometry};
use crate::domain::{Reading, SourceId};
use crate::ui::widget::panel::Panel;
use crate::ui::widget::scroll_bar;

use super::Look;
pub(super) use mask::{MASK, addresses};
use provenance::Root;
use sheet::Sheet;

/// What a detail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// The row under the cursor.
    Row,
    /// A ticket that a way led to, from this line on.
    Ticket(SourceId, u64, usize),
}

/// Draws a detail into a panel. Returns what a click on its parts means.
pub(super) fn draw(
    app: &App,
    look: &Look,
    subject: Subject,
    area: Rect,
    buf: &mut Buffer,
    focused: bool,
    drawn: &mut Drawn,
) -> Vec<(Region, Hit)> {
    let set = (&look.theme, &look.glyphs);
    let row = app.detailed();
    let (title, roots) = match subject {
        Subject::Row => (
            row.and_then(|index| title(app, index)),
            row.map(|index| roots(app, index)),
        ),
        Subject::Ticket(source, id, _) => (
            Some(ticket::title_of(app, source, id)),
            Some(vec![(source, Reading::Tickets)]),
        ),
    };
    let (title, roots) = (title.unwrap_or_default(), roots.unwrap_or_default());
    let note = provenance::note(app, &roots);
    let (note, freshness) = note.map_or((String::new(), None), |(note, f)| (note, Some(f)));
    let panel = Panel {
        note: &note,
        note_style: freshness.map(|f| look.theme.freshness(f)),
        focused,
        joined: geometry::has_side_panel(app.size),
        ..Panel::new(&title)
    };
    let inside = panel.draw(buf, area, set);
    // A blank at the left, the scroll bar's column at the right.
    let page = Rect {
        x: inside.x.saturating_add(1),
        width: inside.width.saturating_sub(2),
        ..inside
    };
    let height = usize::from(page.height);
    if page.width == 0 || height == 0 {
        drawn.detail = (0, height);
        return Vec::new();
    }
    let scroll = match subject {
        Subject::Row => scroll(app),
        Subject::Ticket(.., scroll) => scroll,
    };
    let mut from = scroll;
    let mut sheet = write(
        app,
        look,
        subject,
        page.width,
        from..from.saturating_add(height),
    );
    let last = sheet.len().saturating_sub(height);
    if from > last {
        from = last;
        sheet = write(app, look, subject, page.width, from..from + height);
    }
    sheet.draw(page, buf);
    let links = sheet.links(page).into_iter();
    (drawn.links).extend(links.map(|(area, to)| (super::region(area), to)));
    scroll_bar::draw(buf, inside, sheet.len(), from, set);
    drawn.detail = (sheet.len(), height);
    let seen = from..from.saturating_add(height);
    let links = sheet.targets().iter().filter(|at| seen.contains(&at.line));
    let links = links.filter_map(|at| {
        let down = u16::try_from(at.line - from).ok()?;
        let place = Rect {
            x: page.x + at.x.min(page.width),
            y: page.y + down,
            width: at.width.min(page.width.saturating_sub(at.x)),
            height: 1,
        };
        Some((super::region(place), Hit::Link(at.part)))
    });
    links.collect()
}

/// First line wanted on the screen.
fn scroll(app: &App) -> usize {
    let scrolled = app.layers.iter().find_map(|layer| match layer {
        Layer::Detail { scroll } => Some(*scroll),
        _ => None,
    });
    scrolled.unwrap_or(0)
}

/// Name of the row in the open tab.
fn title(app: &App, index: usize) -> Option<String> {
    let estate = &app.estate;
    let title = match app.tab {
        Tab::Triage => triage::title(estate, index),
        Tab::Hosts => host::title(estate, index),
        Tab::Containers => guest::title(estate, index),
        Tab::Web => web::title(estate, index),
        Tab::Mail => queue::title(estate, index),
        Tab::Team => person::title(estate, index),
        Tab::Tickets => {
            let (source, id) = app.ticket_of_row(index)?;
            Some(ticket::title_of(app, source, id))
        }
        Tab::Timeline => event::title(app, index),
        Tab::Unmatched => unmatched::title(estate, index),
    }?;
    Some(if app.privacy {
        mask::addresses(&title).into_owned()
    } else {
        title
    })
}

/// The answers that the detail of a row rests on.
fn roots(app: &App, index: usize) -> Vec<Root> {
    let estate = &app.estate;
    match app.tab {
        Tab::Triage => triage::roots(estate, index),
        Tab::Hosts => host::roots(estate, index),
        Tab::Containers => guest::roots(estate, index),
        Tab::Web => web::roots(estate, index),
        Tab::Mail => queue::roots(estate, index),
        Tab::Team => person::roots(estate, index),
        Tab::Tickets => (app.ticket_of_row(index).into_iter())
            .map(|(source, _)| (source, Reading::Tickets))
            .collect(),
        Tab::Timeline | Tab::Unmatched => Vec::new(),
    }
}

/// Writes the detail, of which the lines of `window` are wanted.
fn write<'a>(
    app: &App,
    look: &'a Look,
    subject: Subject,
    width: u16,
    window: Range<usize>,
) -> Sheet<'a> {
    let mut sheet = Sheet::new(look, width, window, app.privacy);
    if let Subject::Ticket(source, id, _) = subject {
        ticket::write(&mut sheet, app, source, id);
        return sheet;
    }
    let Some(index) = app.detailed() else {
        sheet.words(&[sheet.dim("No row is selected.")]);
        return sheet;
    };
    match app.tab {
        Tab::Triage => triage::write(&mut sheet, app, index),
        Tab::Hosts => host::write(&mut sheet, app, index),
        Tab::Containers => guest::write(&mut sheet, app, index),
        Tab::Web => web::write(&mut sheet, app, index),
        Tab::Mail => queue::write(&mut sheet, app, index),
        Tab::Team => person::write(&mut sheet, app, index),
        Tab::Tickets => {
            if let Some((source, id)) = app.ticket_of_row(index) {
                ticket::write(&mut sheet, app, source, id);
            }
        }
        Tab::Timeline => event::write(&mut sheet, app, index),
        Tab::Unmatched => unmatched::write(&mut sheet, app, index),
    }
    sheet
}

#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]
mod tests;

//! Tickets: what is asked for, and everything that was said and changed since.

use ratatui::text::Span;

use crate::app::columns::team::day_and_time;
use crate::app::{App, History};
use crate::domain::ticket::{Change, Journal, Named, Ticket, TicketDetail};
use crate::domain::{Moment, Reading, Severity};
use crate::estate::{Estate, TicketRow};
use crate::ui::words;

use super::markup;
use super::provenance::{self, Root};
use super::sheet::Sheet;

/// Stands for what only some may read.
pub const PRIVATE: &str = super::mask::MASK;
/// Cells of the frame that a subject does not get: its number, an age.
const IN_FRAME: u16 = 18;
/// Bytes of description and of notes that are rendered: a frame must not take longer than a key press.
const MOST_PROSE: usize = 128 * 1024;

/// `#490 Wiki down`.
pub fn title(estate: &Estate, index: usize, privacy: bool) -> Option<String> {
    let ticket = &estate.tickets.get(index)?.ticket;
    Some(if ticket.private && privacy {
        format!("#{} {PRIVATE}", ticket.id)
    } else {
        format!("#{} {}", ticket.id, ticket.subject)
    })
}

/// The answers it rests on.
pub fn roots(estate: &Estate, index: usize) -> Vec<Root> {
    let row = estate.tickets.get(index);
    row.map(|row| (row.source, Reading::Tickets))
        .into_iter()
        .collect()
}

/// Writes all of it.
pub fn write(sheet: &mut Sheet<'_>, app: &App, index: usize) {
    let Some(row) = app.estate.tickets.get(index) else {
        return;
    };
    let ticket = &row.ticket;
    let root = (row.source, Reading::Tickets);
    sheet.rests_on(provenance::freshness(app, root));
    let masked = ticket.private && sheet.is_private();
    if masked {
        sheet.words(&[sheet.dim(PRIVATE)]);
        provenance::write(sheet, app, &[root]);
        sheet.gap();
        sheet.fact("Project", &[sheet.text(ticket.project.name.as_str())]);
        sheet.fact("Status", &[sheet.text(ticket.status.name.as_str())]);
        return;
    }
    // The frame tells the subject too, as far as it fits there.
    if crate::ui::widget::fit::width(&ticket.subject) + IN_FRAME > sheet.width() {
        sheet.words(&[sheet.strong(ticket.subject.as_str())]);
    }
    write_lead(sheet, row);
    provenance::write(sheet, app, &[root]);
    sheet.gap();
    write_facts(sheet, app, ticket);
    if !row.closed {
        super::who::write(sheet, app, Some(&row.key()));
    }
    write_history(sheet, app, row);
}

/// `Bug in Web, New, Urgent`.
fn write_lead(sheet: &mut Sheet<'_>, row: &TicketRow) {
    let ticket = &row.ticket;
    let mut spans = Vec::new();
    if let Some(tracker) = &ticket.tracker {
        spans.push(sheet.text(format!("{} in ", tracker.name)));
    }
    spans.push(sheet.text(ticket.project.name.as_str()));
    if ticket.private {
        let said = format!("  {} private", sheet.glyphs().lock);
        spans.push(sheet.severe(Severity::Info, said));
    }
    if row.closed {
        spans.push(sheet.dim("  closed"));
    }
    sheet.words(&spans);
}

fn write_facts(sheet: &mut Sheet<'_>, app: &App, ticket: &Ticket) {
    let name = |named: &Option<Named>| named.as_ref().map(|n| n.name.clone());
    sheet.fact("Status", &[sheet.text(ticket.status.name.as_str())]);
    sheet.fact_if("Priority", name(&ticket.priority));
    match &ticket.assignee {
        Some(who) => sheet.fact("Assignee", &[sheet.text(who.name.as_str())]),
        None => sheet.fact("Assignee", &[sheet.dim("nobody")]),
    }
    sheet.fact_if("Author", name(&ticket.author));
    if let Some(done) = ticket.done.filter(|done| *done > 0) {
        sheet.fact("Done", &[sheet.text(format!("{done}%"))]);
    }
    if let Some(due) = ticket.due {
        let today = app.now.timestamp().to_zoned(app.zone.clone()).date();
        let closed = ticket.closed == Some(true);
        sheet.fact(
            "Due",
            &if due < today && !closed {
                let late = (today - due).get_days();
                let late = words::count(u64::from(late.unsigned_abs()), "day");
                vec![
                    sheet.sign(Severity::Warning),
                    sheet.severe(Severity::Warning, format!("{due}, overdue by {late}")),
                ]
            } else {
                vec![sheet.text(due.to_string())]
            },
        );
    }
    for (label, at) in [("Changed", ticket.updated), ("Created", ticket.created)] {
        if at.is_some() {
            sheet.fact(label, &when(sheet, app, at));
        }
    }
    for (field, value) in &ticket.fields {
        sheet.fact(field, &[sheet.text(value.as_str())]);
    }
}

/// `3d ago (12 Nov 14:02)`.
fn when(sheet: &Sheet<'_>, app: &App, at: Option<Moment>) -> Vec<Span<'static>> {
    let mut spans = vec![sheet.text(words::age(at, app.now))];
    if let Some(at) = at {
        spans.push(sheet.dim(format!(" ({})", day_and_time(at, &app.context()))));
    }
    spans
}

fn write_history(sheet: &mut Sheet<'_>, app: &App, row: &TicketRow) {
    match app.histories.get(&(row.source, row.ticket.id)) {
        None | Some(History::Loading) => {
            sheet.heading("Description");
            sheet.words(&[sheet.dim("Being read.")]);
        }
        Some(History::Failed(failure)) => {
            sheet.heading("Description and history cannot be read");
            let said = words::failure(failure);
            sheet.words(&[sheet.severe(Severity::Warning, said.what)]);
            // Histories are read when they are looked at, and not again by themselves.
            let next = said.next.filter(|_| !failure.is_worth_retrying());
            for line in next.iter().flat_map(|next| next.lines()) {
                sheet.words(&[sheet.dim(line)]);
            }
            sheet.words(&[sheet.dim("r asks again.")]);
        }
        Some(History::Read(detail)) => write_detail(sheet, app, detail),
    }
}

fn write_detail(sheet: &mut Sheet<'_>, app: &App, detail: &TicketDetail) {
    sheet.rests_on(crate::domain::Freshness::Fresh);
    // A detail that became private since must not be shown for what it was.
    if detail.ticket.private && sheet.is_private() {
        sheet.words(&[sheet.dim(PRIVATE)]);
        return;
    }
    let mut budget = MOST_PROSE;
    if !detail.description.is_empty() {
        sheet.heading("Description");
        budget = write_prose(sheet, &detail.description, 0, budget);
    }
    if !detail.attachments.is_empty() {
        sheet.heading("Attachments");
        for (name, size) in &detail.attachments {
            let spans = [
                sheet.text(name.as_str()),
                sheet.dim(format!("  {}", words::bytes(*size))),
            ];
            sheet.item(1, &sheet.dim(sheet.glyphs().dot), &spans);
        }
    }
    if detail.journals.is_empty() && detail.left_out == 0 {
        return;
    }
    sheet.heading("History");
    if detail.left_out > 0 {
        let said = format!(
            "{} left out here; o opens the ticket",
            entries(detail.left_out)
        );
        sheet.words(&[sheet.dim(said)]);
        sheet.gap();
    }
    // The newest matter most: the budget is theirs first.
    let mut rendered = detail.journals.len();
    for journal in detail.journals.iter().rev() {
        let length = journal.note.as_ref().map_or(0, |note| note.len());
        let Some(left) = budget.checked_sub(length) else {
            break;
        };
        budget = left;
        rendered -= 1;
    }
    for (index, journal) in detail.journals.iter().enumerate() {
        if index > 0 {
            sheet.gap();
        }
        write_journal(sheet, app, journal, index >= rendered);
    }
}

fn entries(number: u32) -> String {
    if number == 1 {
        "1 entry".to_owned()
    } else {
        format!("{number} entries")
    }
}

fn write_journal(sheet: &mut Sheet<'_>, app: &App, journal: &Journal, rendered: bool) {
    let author = journal.author.as_ref();
    let mut spans = vec![sheet.strong(author.map_or("somebody", |who| who.name.as_str()))];
    spans.push(sheet.dim(", "));
    spans.push(sheet.dim(words::age(journal.at, app.now)));
    if let Some(at) = journal.at {
        spans.push(sheet.dim(format!(" ({})", day_and_time(at, &app.context()))));
    }
    if journal.private {
        let said = format!("  {} private note", sheet.glyphs().lock);
        spans.push(sheet.severe(Severity::Info, said));
    }
    sheet.words(&spans);
    if journal.private && sheet.is_private() {
        sheet.item(1, &Span::raw(""), &[sheet.dim(PRIVATE)]);
        return;
    }
    for change in &journal.changes {
        let spans = told(sheet, change);
        sheet.item(1, &sheet.dim(sheet.glyphs().dot), &spans);
    }
    let Some(note) = journal.note.as_ref().filter(|note| !note.is_empty()) else {
        return;
    };
    if rendered {
        write_prose(sheet, note, 2, usize::MAX);
    } else {
        let size = words::bytes(crate::domain::Bytes(note.len() as u64));
        let said = format!("a note of {size} is not shown here; o opens the ticket");
        sheet.item(1, &Span::raw(""), &[sheet.dim(said)]);
    }
}

/// `status: New › In Progress`.
fn told<'t>(sheet: &Sheet<'_>, change: &'t Change) -> Vec<Span<'t>> {
    let mut spans = vec![sheet.dim(format!("{}: ", change.field))];
    match (&change.old, &change.new) {
        (Some(old), Some(new)) => {
            spans.push(sheet.text(old.as_str()));
            spans.push(sheet.dim(format!(" {} ", sheet.glyphs().chain)));
            spans.push(sheet.text(new.as_str()));
        }
        (None, Some(new)) => spans.push(sheet.text(new.as_str())),
        (Some(old), None) => {
            spans.push(sheet.text(old.as_str()));
            spans.push(sheet.dim(" removed"));
        }
        (None, None) => spans.push(sheet.dim("changed")),
    }
    spans
}

/// Writes prose of at most `budget` bytes; what is left of the budget.
fn write_prose(sheet: &mut Sheet<'_>, prose: &str, x: u16, budget: usize) -> usize {
    let mut to = budget.min(prose.len());
    while !prose.is_char_boundary(to) {
        to -= 1;
    }
    let shown = prose.get(..to).unwrap_or_default();
    markup::write(sheet, shown, x);
    if to < prose.len() {
        let rest = words::bytes(crate::domain::Bytes((prose.len() - to) as u64));
        let said = format!("{rest} more are not shown here; o opens the ticket");
        sheet.words(&[sheet.dim(said)]);
    }
    budget - to
}

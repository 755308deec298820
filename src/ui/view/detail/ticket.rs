//! Tickets: what is asked for, what it hangs together with, and everything that was said and changed since.

mod history;

use ratatui::text::Span;

use crate::app::columns::team::day_and_time;
use crate::app::{App, History, link};
use crate::domain::ticket::{Named, Ticket, TicketDetail};
use crate::domain::{Moment, Reading, Severity, SourceId};
use crate::estate::TicketRow;
use crate::ui::widget::fit;
use crate::ui::words;

use super::flow::{Break, Styled};
use super::markup::{self, Writing};
use super::provenance;
use super::sheet::Sheet;

/// Stands for what only some may read.
pub const PRIVATE: &str = super::mask::MASK;
/// Cells of the frame that a subject does not get: its number, an age.
const IN_FRAME: u16 = 18;
/// Bytes of description and of notes that are rendered: a frame must not take longer than a key press.
const MOST_PROSE: usize = 128 * 1024;
/// Parts of a ticket that are listed.
const MOST_CHILDREN: usize = 30;

/// `#490 Wiki down`.
pub fn title_of(app: &App, source: SourceId, id: u64) -> String {
    match app.shown_ticket(source, id) {
        Some(row) if row.ticket.private && app.privacy => format!("#{id} {PRIVATE}"),
        Some(row) => format!("#{id} {}", row.ticket.subject),
        None => format!("#{id}"),
    }
}

/// Writes all of it.
pub fn write(sheet: &mut Sheet<'_>, app: &App, source: SourceId, id: u64) {
    let root = (source, Reading::Tickets);
    let Some(row) = app.shown_ticket(source, id) else {
        // Not among the lists: all that is known of it is its history, when that comes.
        match app.histories.get(&(source, id)) {
            Some(History::Failed(failure)) => write_failure(sheet, failure),
            _ => sheet.words(&[sheet.dim("Being read.")]),
        }
        return;
    };
    let ticket = &row.ticket;
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
    if fit::width(&ticket.subject) + IN_FRAME > sheet.width() {
        sheet.words(&[sheet.strong(ticket.subject.as_str())]);
    }
    write_lead(sheet, &row);
    provenance::write(sheet, app, &[root]);
    sheet.gap();
    let history = app.histories.get(&(source, id));
    let detail = match history {
        Some(History::Read(detail)) => Some(&**detail),
        _ => None,
    };
    write_facts(sheet, app, &row, detail);
    if !row.closed {
        super::who::write(sheet, app, Some(&row.key()));
    }
    match history {
        None | Some(History::Loading) => {
            sheet.heading("Description");
            sheet.words(&[sheet.dim("Being read.")]);
        }
        Some(History::Failed(failure)) => write_failure(sheet, failure),
        Some(History::Read(detail)) => write_detail(sheet, app, source, detail),
    }
}

fn write_failure(sheet: &mut Sheet<'_>, failure: &crate::domain::Failure) {
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

fn write_facts(sheet: &mut Sheet<'_>, app: &App, row: &TicketRow, detail: Option<&TicketDetail>) {
    let ticket = &row.ticket;
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
    if let Some(detail) = detail {
        sheet.fact_if("Category", detail.category.as_ref());
        sheet.fact_if("Version", detail.version.as_ref());
        sheet.fact_if("Start", detail.start.map(|day| day.to_string()));
    }
    write_due(sheet, app, ticket, row.closed);
    if let Some(detail) = detail {
        write_hours(sheet, detail);
    }
    for (label, at) in [("Changed", ticket.updated), ("Created", ticket.created)] {
        if at.is_some() {
            sheet.fact(label, &when(sheet, app, at));
        }
    }
    for (field, value) in &ticket.fields {
        sheet.fact(field, &[sheet.text(value.as_str())]);
    }
    let key = crate::domain::Key::Ticket(row.source, ticket.id);
    let room = sheet.width().saturating_sub(sheet.beside_label());
    // An address in two halves is none; `o` shows it whole.
    if let Some(page) = link::of(&app.estate, &key).filter(|p| fit::width(p) <= room) {
        let mut styled = Styled::default();
        styled.push_link(&page, sheet.theme().link, &page);
        sheet.fact_styled("Page", &styled);
    }
}

fn write_due(sheet: &mut Sheet<'_>, app: &App, ticket: &Ticket, closed: bool) {
    let Some(due) = ticket.due else { return };
    let today = app.now.timestamp().to_zoned(app.zone.clone()).date();
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

/// `2.5 h of 8 h`.
fn write_hours(sheet: &mut Sheet<'_>, detail: &TicketDetail) {
    let spent = detail.spent.filter(|hours| *hours > 0.0);
    let estimated = detail.estimated.filter(|hours| *hours > 0.0);
    let words = match (spent, estimated) {
        (Some(spent), Some(all)) => {
            format!("{} of {} estimated", words::hours(spent), words::hours(all))
        }
        (Some(spent), None) => words::hours(spent).into_owned(),
        (None, Some(all)) => format!("none of {} estimated", words::hours(all)),
        (None, None) => return,
    };
    sheet.fact("Time spent", &[sheet.text(words)]);
}

/// `3d ago (12 Nov 14:02)`.
fn when(sheet: &Sheet<'_>, app: &App, at: Option<Moment>) -> Vec<Span<'static>> {
    let mut spans = vec![sheet.text(words::age(at, app.now))];
    if let Some(at) = at {
        spans.push(sheet.dim(format!(" ({})", day_and_time(at, &app.context()))));
    }
    spans
}

fn write_detail(sheet: &mut Sheet<'_>, app: &App, source: SourceId, detail: &TicketDetail) {
    sheet.rests_on(crate::domain::Freshness::Fresh);
    // A detail that became private since must not be shown for what it was.
    if detail.ticket.private && sheet.is_private() {
        sheet.words(&[sheet.dim(PRIVATE)]);
        return;
    }
    write_family(sheet, app, source, detail);
    let base = link::of(&app.estate, &crate::domain::Key::Ticket(source, 0));
    let writing = Writing {
        markup: detail.markup,
        // `https://redmine.example.org/issues/0` without the number.
        tickets: base.as_deref().map(|base| base.trim_end_matches('0')),
    };
    let mut budget = MOST_PROSE;
    if !detail.description.is_empty() {
        sheet.heading("Description");
        budget = write_prose(sheet, &writing, &detail.description, 0, budget);
    }
    if !detail.attachments.is_empty() {
        sheet.heading("Attachments");
        for file in &detail.attachments {
            let mut words = Styled::default();
            match link::attachment(&app.estate, source, file.id) {
                Some(page) => words.push_link(&file.name, sheet.theme().link, &page),
                None => words.push(&file.name, sheet.theme().text),
            }
            let size = words::bytes(file.size);
            words.push(&format!("  {size}"), sheet.theme().dim);
            if let Some(about) = &file.about {
                words.push(&format!("  {}", sheet.private(about)), sheet.theme().dim);
            }
            item(sheet, 0, &words);
        }
    }
    history::write(sheet, app, detail, &writing, budget);
}

/// An entry of a list.
fn item(sheet: &mut Sheet<'_>, depth: u16, words: &Styled) {
    let sign = sheet.dim(format!("{} ", sheet.glyphs().dot));
    sheet.block(2 + depth * 2, Some(&sign), words, Break::Words);
}

/// The ticket it is a part of, its own parts, and what it stands in relation to.
fn write_family(sheet: &mut Sheet<'_>, app: &App, source: SourceId, detail: &TicketDetail) {
    let parent = detail.ticket.parent;
    if parent.is_none() && detail.children.is_empty() && detail.relations.is_empty() {
        return;
    }
    sheet.heading("Hangs together with");
    if let Some(parent) = parent {
        let words = other(sheet, app, source, "part of ", parent, None);
        item(sheet, 0, &words);
    }
    for relation in &detail.relations {
        let how = format!("{} ", words::relation(&relation.kind));
        let words = other(sheet, app, source, &how, relation.other, None);
        item(sheet, 0, &words);
    }
    for child in detail.children.iter().take(MOST_CHILDREN) {
        let how = if child.depth == 0 { "part " } else { "" };
        let words = other(sheet, app, source, how, child.id, Some(&child.subject));
        item(sheet, child.depth.min(6), &words);
    }
    sheet.more(detail.children.len(), MOST_CHILDREN);
}

/// `blocks #482 Replace disk sdb  In Progress`.
fn other(
    sheet: &Sheet<'_>,
    app: &App,
    source: SourceId,
    how: &str,
    id: u64,
    subject: Option<&str>,
) -> Styled {
    let theme = sheet.theme();
    let mut words = Styled::default();
    words.push(how, theme.dim);
    let page = link::of(&app.estate, &crate::domain::Key::Ticket(source, id));
    words.push_link(&format!("#{id}"), theme.link, page.as_deref().unwrap_or(""));
    let row = app.shown_ticket(source, id);
    if row.as_ref().is_some_and(|row| row.ticket.private) && sheet.is_private() {
        words.push(&format!(" {PRIVATE}"), theme.dim);
        return words;
    }
    let listed = row.as_ref().map(|row| row.ticket.subject.as_str());
    // What is not listed may be private: nothing tells.
    let told = subject.filter(|_| !sheet.is_private());
    if let Some(subject) = listed.or(told) {
        words.push(&format!(" {}", sheet.private(subject)), theme.text);
    }
    if let Some(row) = row {
        words.push(&format!("  {}", row.ticket.status.name), theme.dim);
    }
    words
}

/// Writes prose of at most `budget` bytes; what is left of the budget.
fn write_prose(
    sheet: &mut Sheet<'_>,
    writing: &Writing<'_>,
    prose: &str,
    x: u16,
    budget: usize,
) -> usize {
    let mut to = budget.min(prose.len());
    while !prose.is_char_boundary(to) {
        to -= 1;
    }
    let shown = prose.get(..to).unwrap_or_default();
    markup::write(sheet, shown, x, writing);
    if to < prose.len() {
        let rest = words::bytes(crate::domain::Bytes((prose.len() - to) as u64));
        let said = format!("{rest} more are not shown here; o opens the ticket");
        sheet.words(&[sheet.dim(said)]);
    }
    budget - to
}

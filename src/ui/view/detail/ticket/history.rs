//! What was said and changed, the oldest first.

use ratatui::text::Span;

use crate::app::App;
use crate::app::columns::team::day_and_time;
use crate::domain::Severity;
use crate::domain::ticket::{Journal, TicketDetail};
use crate::ui::view::detail::markup::Writing;
use crate::ui::view::detail::sheet::Sheet;
use crate::ui::words;

use super::{PRIVATE, write_prose};

/// Writes the history, of whose notes at most `budget` bytes are rendered.
pub(super) fn write(
    sheet: &mut Sheet<'_>,
    app: &App,
    detail: &TicketDetail,
    writing: &Writing<'_>,
    mut budget: usize,
) {
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
        write_journal(sheet, app, journal, index >= rendered, writing);
    }
}

fn entries(number: u32) -> String {
    if number == 1 {
        "1 entry".to_owned()
    } else {
        format!("{number} entries")
    }
}

fn write_journal(
    sheet: &mut Sheet<'_>,
    app: &App,
    journal: &Journal,
    rendered: bool,
    writing: &Writing<'_>,
) {
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
        let said = words::change(change, sheet.glyphs().becomes);
        let spans = [sheet.text(said)];
        sheet.item(1, &sheet.dim(sheet.glyphs().dot), &spans);
    }
    let Some(note) = journal.note.as_ref().filter(|note| !note.is_empty()) else {
        return;
    };
    if rendered {
        write_prose(sheet, writing, note, 2, usize::MAX);
    } else {
        let size = words::bytes(crate::domain::Bytes(note.len() as u64));
        let said = format!("a note of {size} is not shown here; o opens the ticket");
        sheet.item(1, &Span::raw(""), &[sheet.dim(said)]);
    }
}

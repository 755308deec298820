//! Deferred mails: why they wait, where they should go, and the oldest of them one by one.

use ratatui::text::Span;

use crate::app::App;
use crate::domain::Moment;
use crate::domain::queue::{Group, Mail, Queue};
use crate::ui::words;

use super::mask::MASK;
use super::sheet::Sheet;

/// Most reasons and domains named.
const MOST: usize = 8;
/// Cells of a number of mails and of an age: `100000  13d`.
const NUMBER: usize = 4;
const AGE: usize = 4;

/// Writes all that is known of the deferred mails of a queue.
pub fn write(sheet: &mut Sheet<'_>, app: &App, queue: &Queue) {
    let masked = sheet.is_private();
    write_groups(sheet, app, "Why mails wait", &queue.reasons, false);
    write_groups(sheet, app, "Where they should go", &queue.domains, masked);
    write_mails(sheet, app, queue);
}

/// `412  3d  host full.example said: 452 mailbox full`: how many, and how old the oldest is.
fn write_groups(sheet: &mut Sheet<'_>, app: &App, heading: &str, groups: &[Group], masked: bool) {
    let named: Vec<&Group> = groups.iter().filter(|group| group.mails > 0).collect();
    if named.is_empty() {
        return;
    }
    let aged = named.iter().any(|group| group.oldest.is_some());
    sheet.heading(&if aged {
        format!("{heading}: mails, age of the oldest")
    } else {
        heading.to_owned()
    });
    let wide = named
        .iter()
        .map(|group| group.mails.to_string().len())
        .max();
    let wide = wide.unwrap_or(1).max(NUMBER);
    let column = wide + if aged { AGE + 2 } else { 0 };
    for group in named.iter().take(MOST) {
        let mut before = format!("{:>wide$}", group.mails);
        if aged {
            before.push_str("  ");
            before.push_str(&format!("{:>AGE$}", age(group.oldest, app.now)));
        }
        let words = if masked { MASK } else { &*group.what };
        let before = sheet.text(before);
        let column = u16::try_from(column).unwrap_or(u16::MAX);
        sheet.item(column + 1, &before, &[sheet.text(words)]);
    }
    sheet.more(named.len(), MOST);
}

fn age(at: Option<Moment>, now: Moment) -> String {
    match at {
        None => words::UNKNOWN.to_owned(),
        Some(at) => at
            .age(now)
            .map_or_else(|| "new".to_owned(), words::duration_short),
    }
}

/// The mails themselves, as far as they are listed. Never what is in them.
fn write_mails(sheet: &mut Sheet<'_>, app: &App, queue: &Queue) {
    if queue.mails.is_empty() {
        return;
    }
    sheet.heading("Deferred mails, oldest first");
    for mail in queue.mails.iter() {
        let before = sheet.text(format!("{:>AGE$}", age(mail.arrived, app.now)));
        let column = u16::try_from(AGE + 1).unwrap_or(u16::MAX);
        sheet.item(column, &before, &of_mail(sheet, mail));
    }
    let listed = queue.mails.len() as u64;
    let left = queue.deferred.unwrap_or(0).saturating_sub(listed);
    if left > 0 {
        let said = format!("and {} younger", words::count(left, "mail"));
        sheet.words(&[sheet.dim(said)]);
    }
}

/// `4jX3N02KSKz1X5hp  264 B  lists@example.org to anne@full.example and 3 more: mailbox full`.
fn of_mail<'s>(sheet: &Sheet<'_>, mail: &'s Mail) -> Vec<Span<'s>> {
    let person = |address: Option<&'s str>| match address {
        None => sheet.dim(words::UNKNOWN),
        Some(_) if sheet.is_private() => sheet.text(MASK),
        Some(address) => sheet.text(address),
    };
    let mut spans = vec![sheet.strong(mail.id.as_str())];
    if let Some(size) = mail.size {
        spans.push(sheet.dim(format!("  {}", words::bytes(size))));
    }
    spans.push(sheet.dim("  from "));
    spans.push(person(mail.sender.as_deref()));
    spans.push(sheet.dim(" to "));
    spans.push(person(mail.recipient.as_deref()));
    if mail.more > 0 {
        spans.push(sheet.dim(format!(" and {} more", mail.more)));
    }
    if let Some(reason) = &mail.reason {
        spans.push(sheet.dim(": "));
        spans.push(sheet.text(reason.as_str()));
    }
    spans
}

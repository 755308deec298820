//! What hangs together: the chain from a node to whom to call, who owns it, where it is written down.

use std::borrow::Cow;

use ratatui::text::Span;

use crate::app::App;
use crate::domain::{Key, Reading, Text};
use crate::estate::{Call, Estate, GuestRow, HostRow, TicketRow, WebRow, call};
use crate::ui::words;

use super::sheet::Sheet;
use super::{provenance, who};

/// Most tickets named.
const MOST_TICKETS: usize = 3;
/// Tickets whose subjects are looked at, newest change first.
const TICKETS_READ: usize = 2_000;

/// Everything that a row hangs together with.
#[derive(Debug, Default)]
pub struct Ties<'a> {
    /// From what carries it to what it carries.
    links: Vec<Cow<'a, str>>,
    /// Names under which people may write about it.
    names: Vec<Cow<'a, str>>,
    key: Option<Key>,
}

impl<'a> Ties<'a> {
    /// What a row hangs together with, as far as the estate tells.
    pub fn of(estate: &'a Estate, key: &Key) -> Self {
        let mut this = Self {
            key: Some(key.clone()),
            ..Self::default()
        };
        match key {
            Key::Guest(..) => {
                if let Some(row) = estate.guest_row(key) {
                    this.add_guest(estate, row);
                    this.add_sites(sites_on(estate, key));
                }
            }
            Key::Host(source, name) => {
                let is = |h: &&HostRow| h.source == *source && h.name == *name;
                if let Some(row) = estate.hosts.iter().find(is) {
                    this.add(row.name.as_str().into(), row.name.as_str().into());
                    if row.guests > 0 {
                        let guests = words::count(u64::from(row.guests), "guest");
                        this.links.push(guests.into());
                    }
                } else {
                    this.names.push(Cow::Owned(name.to_string()));
                }
            }
            Key::Web(name) => {
                if let Some(row) = estate.web.iter().find(|w| w.name == *name) {
                    if let Some(guest) = row.guest.as_ref().and_then(|g| estate.guest_row(g)) {
                        this.add_guest(estate, guest);
                    }
                    this.add(row.name.as_str().into(), row.name.as_str().into());
                }
            }
            Key::Queue(..) => {
                if let Some(row) = estate.queues.iter().find(|q| q.key() == *key) {
                    if let Some(host) = &row.host {
                        match guest_called(estate, host) {
                            Some(guest) => this.add_guest(estate, guest),
                            None => this.add(host.as_str().into(), host.as_str().into()),
                        }
                    }
                    this.add(row.name.as_str().into(), row.name.as_str().into());
                }
            }
            Key::Person(_) | Key::Ticket(..) | Key::Problem(_) => {}
        }
        this
    }

    fn add(&mut self, link: Cow<'a, str>, name: Cow<'a, str>) {
        self.links.push(link);
        self.names.push(name);
    }

    fn add_guest(&mut self, estate: &'a Estate, row: &GuestRow) {
        let Some(guest) = estate.guest(row.place) else {
            return;
        };
        self.links.push(guest.node.as_str().into());
        self.add(
            format!("{} {}", guest.vmid, guest.label()).into(),
            guest.label(),
        );
        self.names
            .push(format!("{}/{}", guest.node, guest.vmid).into());
    }

    fn add_sites(&mut self, mut sites: impl Iterator<Item = &'a WebRow>) {
        let Some(first) = sites.next() else { return };
        let more = sites.count();
        self.names.push(first.name.as_str().into());
        self.links.push(match more {
            0 => first.name.as_str().into(),
            more => format!("{} +{more}", first.name).into(),
        });
    }

    /// Writes the chain, who answers for it, and where it is written down.
    pub fn write(&self, sheet: &mut Sheet<'_>, app: &App) {
        let tickets = tickets_about(app, &self.names);
        let answer = call::ask(&app.estate, self.key.as_ref(), app.now);
        sheet.gap();
        self.write_chain(sheet, &tickets, answer.calls.first());
        who::write_answer(sheet, app, &answer);
        write_tickets(sheet, app, &tickets);
    }

    fn write_chain(&self, sheet: &mut Sheet<'_>, tickets: &[&TicketRow], person: Option<&Call>) {
        let mut links: Vec<Vec<Span<'_>>> = self
            .links
            .iter()
            .map(|link| vec![Span::styled(link.as_ref(), sheet.theme().text)])
            .collect();
        if let Some(ticket) = tickets.first() {
            let number = format!("#{}", ticket.ticket.id);
            links.push(vec![Span::styled(number, sheet.theme().text)]);
        }
        if let Some(person) = person {
            let call = format!("call: {}", first_name(&person.name));
            links.push(vec![Span::styled(call, sheet.theme().text)]);
        }
        if links.len() < 2 {
            return;
        }
        let chain = sheet.dim(format!(" {} ", sheet.glyphs().chain));
        sheet.row_fact("Chain", &links, &chain);
    }
}

fn write_tickets(sheet: &mut Sheet<'_>, app: &App, tickets: &[&TicketRow]) {
    let mut label = "Written down";
    for row in tickets.iter().take(MOST_TICKETS) {
        sheet.rests_on(provenance::freshness(app, (row.source, Reading::Tickets)));
        let ticket = &row.ticket;
        let mut spans = vec![
            sheet.dim(format!("#{} ", ticket.id)),
            sheet.text(ticket.subject.as_str()),
        ];
        let assignee = ticket.assignee.as_ref();
        let assignee = assignee.map_or("nobody", |who| who.name.as_str());
        let mut after = format!(", {}, {assignee}", ticket.status.name);
        if let Some(age) = ticket.updated.and_then(|at| at.age(app.now)) {
            after.push_str(&ago(age));
        }
        spans.push(sheet.dim(after));
        sheet.fact(label, &spans);
        label = "";
    }
}

/// `, 2h ago`.
pub fn ago(age: std::time::Duration) -> String {
    format!(", {} ago", words::duration_short(age))
}

/// Sites that run on a guest.
pub fn sites_on<'a>(estate: &'a Estate, guest: &Key) -> impl Iterator<Item = &'a WebRow> {
    estate
        .web
        .iter()
        .filter(move |w| w.guest.as_ref() == Some(guest))
}

/// The one guest of that name.
fn guest_called<'a>(estate: &'a Estate, name: &str) -> Option<&'a GuestRow> {
    let mut fitting = estate.guests.iter().filter(|row| {
        estate
            .guest(row.place)
            .and_then(|g| g.name.as_ref())
            .is_some_and(|n| n.eq_ignore_ascii_case(name))
    });
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first)
}

fn first_name(name: &Text) -> &str {
    name.split(' ').next().unwrap_or(name)
}

/// Tickets whose subject has one of the names as a whole word: open ones first, newest change first.
fn tickets_about<'a>(app: &'a App, names: &[Cow<'_, str>]) -> Vec<&'a TicketRow> {
    let fits = |row: &&TicketRow| {
        !(row.ticket.private && app.privacy)
            && names.iter().any(|name| has_word(&row.ticket.subject, name))
    };
    let read = app.estate.tickets.iter().take(TICKETS_READ).filter(fits);
    let (mut open, mut closed) = (Vec::new(), Vec::new());
    for row in read {
        let list = if row.closed { &mut closed } else { &mut open };
        if list.len() < MOST_TICKETS {
            list.push(row);
        }
    }
    open.append(&mut closed);
    open.truncate(MOST_TICKETS);
    open
}

/// Whether a text has a name as a whole word, ASCII case set aside. `old-wiki` is another word than `wiki`,
/// `wiki.example.org` is not.
fn has_word(text: &str, name: &str) -> bool {
    let (text, name) = (text.as_bytes(), name.as_bytes());
    let Some(first) = name.first().filter(|_| name.len() >= 2) else {
        return false;
    };
    let joins = |b: &u8| b.is_ascii_alphanumeric() || *b >= 0x80 || matches!(b, b'-' | b'_');
    text.windows(name.len()).enumerate().any(|(at, window)| {
        window
            .first()
            .is_some_and(|b| b.eq_ignore_ascii_case(first))
            && window.eq_ignore_ascii_case(name)
            && !at
                .checked_sub(1)
                .and_then(|before| text.get(before))
                .is_some_and(joins)
            && !text.get(at + name.len()).is_some_and(joins)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_as_whole_words() {
        assert!(has_word("Wiki down", "wiki"));
        assert!(has_word("502 from wiki.example.org", "wiki"));
        assert!(has_word("move golem/105", "golem/105"));
        assert!(!has_word("old-wiki retired", "wiki"));
        assert!(!has_word("wikis", "wiki"));
        assert!(!has_word("größe", "e"));
        assert!(!has_word("", "wiki"));
    }
}

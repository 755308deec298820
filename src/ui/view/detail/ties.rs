//! What hangs together: the chain from a node to whom to call, who owns it, where it is written down, and on
//! request why all of this is thought to belong together.

use ratatui::style::Modifier;
use ratatui::text::Span;

use crate::app::columns::team::day_and_time;
use crate::app::{App, Layer};
use crate::domain::{Key, Reading, Severity, Text};
use crate::estate::{Estate, Joined, Link, TicketRow, WebRow, chain};
use crate::ui::words;

use super::sheet::Sheet;
use super::{provenance, who};

/// Most tickets named.
const MOST_TICKETS: usize = 3;

/// Everything that a row hangs together with.
#[derive(Debug)]
pub struct Ties {
    key: Key,
}

impl Ties {
    /// What a row hangs together with, as far as the estate tells.
    pub fn of(_: &Estate, key: &Key) -> Self {
        Self { key: key.clone() }
    }

    /// Writes the chain, who answers for it, and where it is written down.
    pub fn write(&self, sheet: &mut Sheet<'_>, app: &App) {
        let links = chain(&app.estate, &self.key, app.now);
        sheet.gap();
        write_chain(sheet, app, &links);
        write_doubts(sheet, app, &links);
        if app.reasons {
            write_reasons(sheet, app, &links);
        }
        // Of the past neither is known.
        if app.travel.is_none() {
            who::write(sheet, app, Some(&self.key));
            let nearer: Vec<&Key> = (links.iter().map(|link| &link.key))
                .filter(|part| !matches!(part, Key::Host(..)) || **part == self.key)
                .collect();
            write_tickets(sheet, app, &tickets_about(app, &nearer));
        }
    }
}

/// `golem › 105 wiki › wiki.example.org › #490 › call: anne`, each part a place to jump to.
fn write_chain(sheet: &mut Sheet<'_>, app: &App, links: &[Link]) {
    if links.len() < 2 {
        return;
    }
    let chosen = app
        .chosen
        .filter(|_| matches!(app.layer(), Some(Layer::Detail { .. })));
    let parts: Vec<Span<'_>> = (0..)
        .zip(links)
        .map(|(at, link)| {
            let mut name = name(&app.estate, link);
            if link.more > 0 && matches!(link.key, Key::Web(_) | Key::Queue(..)) {
                name.push_str(&format!(" +{}", link.more));
            }
            let span = sheet.text(name);
            let style = if chosen == Some(at) {
                sheet.theme().cursor.add_modifier(Modifier::REVERSED)
            } else {
                span.style.add_modifier(Modifier::UNDERLINED)
            };
            span.style(style)
        })
        .collect();
    let between = sheet.dim(format!(" {} ", sheet.glyphs().chain));
    sheet.chain("Chain", &parts, &between);
}

/// What a part of the chain is called.
fn name(estate: &Estate, link: &Link) -> String {
    match &link.key {
        Key::Guest(_, vmid) => {
            let guest = estate
                .guest_row(&link.key)
                .and_then(|row| estate.guest(row.place));
            guest.map_or_else(
                || vmid.to_string(),
                |guest| format!("{vmid} {}", guest.label()),
            )
        }
        Key::Queue(_, name) => {
            let row = estate.queues.iter().find(|q| q.key() == link.key);
            row.map_or(name, |row| &row.name).to_string()
        }
        Key::Ticket(_, id) | Key::Change(_, id, _) => format!("#{id}"),
        Key::Person(login) => {
            let person = estate.people.iter().find(|p| p.key() == link.key);
            let name = person.map_or(login, |person| &person.name);
            format!("call: {}", first_name(name))
        }
        Key::Host(_, name) | Key::Web(name) | Key::Problem(name) | Key::Event(_, name) => {
            name.to_string()
        }
    }
}

/// What nearly belongs together: never guessed.
fn write_doubts(sheet: &mut Sheet<'_>, app: &App, links: &[Link]) {
    let mut label = "Unsure";
    for joined in links.iter().flat_map(|link| app.estate.joins.of(&link.key)) {
        let (keys, reason, what) = match joined {
            Joined::One(_) => continue,
            Joined::Ambiguous { candidates, reason } => {
                (candidates, reason, "might belong to any of")
            }
            Joined::Contested { rivals, reason, .. } => (rivals, reason, "as likely belongs to"),
        };
        let names: Vec<String> = keys
            .iter()
            .map(|key| {
                let link = Link {
                    key: key.clone(),
                    by: None,
                    more: 0,
                };
                name(&app.estate, &link)
            })
            .collect();
        let said = format!("{what} {}: {}", names.join(", "), words::reason(reason));
        let said = sheet.severe(Severity::Unknown, said);
        sheet.fact(label, &[said]);
        label = "";
    }
}

/// Why each part is thought to belong to the chain.
fn write_reasons(sheet: &mut Sheet<'_>, app: &App, links: &[Link]) {
    let until = |at| day_and_time(at, &app.context());
    let mut label = "Because";
    for link in links {
        let Some(tie) = &link.by else { continue };
        let spans = [
            sheet.text(format!("{}: ", name(&app.estate, link))),
            sheet.dim(words::tie(tie, &until)),
        ];
        sheet.fact(label, &spans);
        label = "";
    }
    if label == "Because" {
        let said = sheet.dim("Proxmox itself says so; nothing else is joined to it");
        sheet.fact(label, &[said]);
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

fn first_name(name: &Text) -> &str {
    name.split(' ').next().unwrap_or(name)
}

/// Tickets that are about a part of the chain: open ones first, newest change first.
fn tickets_about<'a>(app: &'a App, parts: &[&Key]) -> Vec<&'a TicketRow> {
    let about: Vec<&Key> = parts
        .iter()
        .flat_map(|part| app.estate.joins.onto(part))
        .filter(|key| matches!(key, Key::Ticket(..)))
        .collect();
    if about.is_empty() {
        return Vec::new();
    }
    let fits =
        |row: &&TicketRow| !(row.ticket.private && app.privacy) && about.contains(&&row.key());
    let (mut open, mut closed) = (Vec::new(), Vec::new());
    for row in app.estate.tickets.iter().filter(fits) {
        let list = if row.closed { &mut closed } else { &mut open };
        if list.len() < MOST_TICKETS {
            list.push(row);
        }
    }
    open.append(&mut closed);
    open.truncate(MOST_TICKETS);
    open
}

//! What hangs together: the chain from a node to whom to call, who owns it, where it is written down, and on
//! request why all of this is thought to belong together.

use ratatui::style::Modifier;
use ratatui::text::Span;

use crate::app::columns::team::{away_until, day_and_time};
use crate::app::{App, Layer};
use crate::domain::{Key, Reading, Severity, SourceKind, Text};
use crate::estate::call::{self, Because};
use crate::estate::{Estate, Joined, Link, PersonRow, TicketRow, WebRow, chain};
use crate::ui::words;

use super::provenance;
use super::sheet::Sheet;

/// Most tickets named.
const MOST_TICKETS: usize = 3;
/// Most people named.
const MOST_PEOPLE: usize = 3;

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
            write_people(sheet, app, &self.key);
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

/// Who to call, first to last, and why.
fn write_people(sheet: &mut Sheet<'_>, app: &App, key: &Key) {
    let roster = (app.estate.sources.iter()).find(|s| s.kind == SourceKind::Roster);
    if let Some(roster) = roster {
        sheet.rests_on(provenance::freshness(app, (roster.id, Reading::Roster)));
    }
    let mut label = "Who";
    let calls = call::who(&app.estate, key, app.now);
    let is_named = |call: &&call::Call| !matches!(call.because, Because::InGroup(..));
    // The rest of the group only where nobody in particular is to be called.
    let somebody = calls.iter().any(|call| is_named(&call));
    let wanted = calls.iter().filter(|call| !somebody || is_named(call));
    let mut people: Vec<(Key, Option<String>)> = wanted
        .map(|call| {
            let because = match &call.because {
                Because::Owns(_) => Some("owner".to_owned()),
                Because::OwnsBelow(_, name) => Some(format!("owns {name}")),
                Because::OnCall(..) => None,
                Because::InGroup(group, _) => Some(format!("in {group}")),
            };
            (call.person.clone(), because)
        })
        .take(MOST_PEOPLE)
        .collect();
    // An owner who is away is no one to call, but is the owner all the same.
    let ground = crate::estate::chain::ground(&app.estate, key);
    let owners = ground.iter().flat_map(|part| app.estate.joins.owners(part));
    for owner in owners {
        if people.len() < MOST_PEOPLE && !calls.iter().any(|call| call.person == *owner) {
            people.push((owner.clone(), Some("owner".to_owned())));
        }
    }
    for (key, because) in people {
        let Some(person) = app.estate.people.iter().find(|p| p.key() == key) else {
            continue;
        };
        let mut parts = vec![vec![sheet.text(person.name.as_str())]];
        parts.extend(because.map(|because| vec![sheet.dim(because)]));
        if let Some(until) = shift_until(app, person) {
            parts.push(vec![sheet.dim(format!("on call until {until}"))]);
        }
        let entry = person.roster.and_then(|at| app.estate.person(at));
        if let Some(until) = entry.and_then(|p| away_until(p, &app.context())) {
            let away = format!("away until {until}");
            parts.push(vec![sheet.severe(Severity::Warning, away)]);
        }
        if let Some(contact) = entry.and_then(|p| p.contacts.first()) {
            let value = if sheet.is_private() {
                super::mask::MASK
            } else {
                &contact.value
            };
            parts.push(vec![sheet.text(format!("{} {value}", contact.kind))]);
        }
        let comma = sheet.dim(", ");
        sheet.row_fact(label, &parts, &comma);
        label = "";
    }
    if label == "Who" && roster.is_some() {
        sheet.fact(label, &[sheet.dim("nobody owns it, nobody is on call")]);
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

/// Until when somebody is on call now.
fn shift_until(app: &App, person: &PersonRow) -> Option<String> {
    let shift = person
        .shifts
        .iter()
        .find(|s| s.from <= app.now && app.now < s.until)?;
    Some(day_and_time(shift.until, &app.context()))
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

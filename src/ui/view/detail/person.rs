//! People: how to reach them, when they are on call, what they have to do.

use ratatui::text::Span;

use crate::app::App;
use crate::app::columns::team::{away_until, day_and_time};
use crate::domain::person::{Date, Person, Role, Shift};
use crate::domain::{Reading, Severity, SourceKind, Text};
use crate::estate::{Estate, GroupRow, PersonRow, TicketRow};
use crate::ui::words;

use super::mask::MASK;
use super::provenance::{self, Root};
use super::sheet::Sheet;
use super::ties;

/// Most shifts told: the present one and those that come.
const MOST_SHIFTS: usize = 4;
/// Most tickets named.
const MOST_TICKETS: usize = 10;
/// Most memberships named.
const MOST_MEMBERSHIPS: usize = 20;

/// Their name.
pub fn title(estate: &Estate, index: usize) -> Option<String> {
    estate.people.get(index).map(|row| row.name.to_string())
}

/// The answers it rests on.
pub fn roots(estate: &Estate, index: usize) -> Vec<Root> {
    let Some(row) = estate.people.get(index) else {
        return Vec::new();
    };
    let mut roots = Vec::new();
    if let Some(at) = row.roster {
        roots.push((at.source, Reading::Roster));
    }
    let redmines = estate
        .sources
        .iter()
        .filter(|s| s.kind == SourceKind::Redmine);
    for redmine in redmines {
        roots.push((redmine.id, Reading::Projects));
        roots.push((redmine.id, Reading::Tickets));
    }
    roots
}

/// Writes all of it.
pub fn write(sheet: &mut Sheet<'_>, app: &App, index: usize) {
    let Some(row) = app.estate.people.get(index) else {
        return;
    };
    let entry = row.roster.and_then(|at| app.estate.person(at));
    rest_on_roster(sheet, app, row);
    write_presence(sheet, app, row, entry);
    provenance::write(sheet, app, &roots(&app.estate, index));
    sheet.gap();
    rest_on_roster(sheet, app, row);
    if let Some(person) = entry {
        write_facts(sheet, app, person);
        write_groups(sheet, app, row, person);
    } else {
        sheet.words(&[sheet.dim("Not in the roster: known from Redmine only.")]);
    }
    write_shifts(sheet, app, row);
    write_memberships(sheet, app, row);
    write_tickets(sheet, app, row);
}

fn rest_on_roster(sheet: &mut Sheet<'_>, app: &App, row: &PersonRow) {
    let reading = if row.roster.is_some() {
        Reading::Roster
    } else {
        Reading::Projects
    };
    sheet.rests_on(provenance::freshness(app, (row.source, reading)));
}

/// `● on call until Mon 08:00`, or that they are away.
fn write_presence(sheet: &mut Sheet<'_>, app: &App, row: &PersonRow, entry: Option<&Person>) {
    let context = app.context();
    let mut said = Vec::new();
    let now = row
        .shifts
        .iter()
        .find(|s| s.from <= app.now && app.now < s.until);
    if let Some(shift) = now {
        let until = day_and_time(shift.until, &context);
        said.push(sheet.state(Severity::Ok, &format!("on call until {until}")));
    }
    if let Some(until) = entry.and_then(|p| away_until(p, &context)) {
        let severity = if now.is_some() {
            Severity::Warning
        } else {
            Severity::Info
        };
        said.push(sheet.state(severity, &format!("away until {until}")));
    }
    if !said.is_empty() {
        let blanks = sheet.text("  ");
        sheet.row(&said, &blanks);
    }
}

fn write_facts(sheet: &mut Sheet<'_>, app: &App, person: &Person) {
    let mut label = "Contacts";
    for contact in &person.contacts {
        let value = if sheet.is_private() {
            MASK
        } else {
            &contact.value
        };
        sheet.fact(
            label,
            &[sheet.dim(format!("{} ", contact.kind)), sheet.text(value)],
        );
        label = "";
    }
    if let Some(zone) = &person.zone {
        let said = match app.now.timestamp().in_tz(zone) {
            Ok(local) => {
                let night = !(7..22).contains(&local.hour());
                let night = if night { ", night" } else { "" };
                vec![
                    sheet.text(local.strftime("%a %H:%M").to_string()),
                    sheet.dim(format!(" in {zone}{night}")),
                ]
            }
            Err(_) => vec![sheet.dim(format!("{zone} is not known here"))],
        };
        sheet.fact("Local time", &said);
    }
    if !person.languages.is_empty() {
        sheet.fact("Speaks", &[sheet.text(joined(&person.languages))]);
    }
    let today = app.now.timestamp().to_zoned(app.zone.clone()).date();
    let mut label = "Away";
    for (from, to) in person.away.iter().filter(|(_, to)| *to >= today) {
        let said = if from == to {
            format!("on {from}")
        } else {
            format!("{from} to {to}")
        };
        sheet.fact(label, &[sheet.text(said)]);
        label = "";
    }
    if !person.owns.is_empty() {
        sheet.fact("Owns", &[sheet.text(joined(&person.owns))]);
    }
    sheet.fact("Login", &[sheet.dim(person.login.as_str())]);
}

fn joined(words: &[Text]) -> String {
    words
        .iter()
        .map(Text::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

fn write_groups(sheet: &mut Sheet<'_>, app: &App, row: &PersonRow, person: &Person) {
    if person.roles.is_empty() {
        return;
    }
    sheet.heading("Groups");
    let today = app.now.timestamp().to_zoned(app.zone.clone()).date();
    for role in &person.roles {
        let group = app
            .estate
            .groups
            .iter()
            .find(|g| g.source == row.source && g.group.id == role.group);
        let name = group.map_or(&role.group, |g| &g.group.name);
        let mut spans = vec![
            sheet.text(name.as_str()),
            sheet.dim(format!("  {}", role.title)),
        ];
        spans.extend(term(sheet, role, today));
        sheet.item(1, &sheet.dim(sheet.glyphs().dot), &spans);
        if let Some(said) = group.and_then(rule_broken) {
            let said = sheet.severe(Severity::Warning, said);
            sheet.item(1, &Span::raw(""), &[sheet.sign(Severity::Warning), said]);
        }
    }
}

/// `, elected 2026-03-14 until 2028-03-14`; louder when that is over.
fn term(sheet: &Sheet<'_>, role: &Role, today: Date) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    if let Some(elected) = role.elected {
        spans.push(sheet.dim(format!(", elected {elected}")));
    }
    match role.until {
        Some(until) if until < today => {
            spans.push(sheet.dim(", "));
            spans.push(sheet.severe(Severity::Warning, format!("term ended {until}")));
        }
        Some(until) => spans.push(sheet.dim(format!(", until {until}"))),
        None => {}
    }
    spans
}

/// `2 members, needs 3 to 9`, when a group's size breaks its own rule.
fn rule_broken(row: &GroupRow) -> Option<String> {
    if row.size_is_right() {
        return None;
    }
    let has = words::count(u64::from(row.members), "member");
    Some(match (row.group.at_least, row.group.at_most) {
        (Some(least), Some(most)) => format!("{has}, needs {least} to {most}"),
        (Some(least), None) => format!("{has}, needs at least {least}"),
        (None, Some(most)) => format!("{has}, takes at most {most}"),
        (None, None) => has,
    })
}

fn write_shifts(sheet: &mut Sheet<'_>, app: &App, row: &PersonRow) {
    let coming: Vec<&Shift> = row
        .shifts
        .iter()
        .filter(|s| s.until > app.now)
        .take(MOST_SHIFTS)
        .collect();
    if coming.is_empty() {
        return;
    }
    sheet.heading("On call");
    rest_on_roster(sheet, app, row);
    let context = app.context();
    for shift in coming {
        let until = day_and_time(shift.until, &context);
        let (word, when) = if shift.from <= app.now {
            ("now", format!("until {until}"))
        } else {
            let from = day_and_time(shift.from, &context);
            ("next", format!("{from} to {until}"))
        };
        let group = app
            .estate
            .groups
            .iter()
            .find(|g| g.source == row.source && g.group.id == shift.group)
            .map_or(&shift.group, |g| &g.group.name);
        sheet.item(
            4,
            &sheet.dim(word),
            &[sheet.text(when), sheet.dim(format!(", for {group}"))],
        );
    }
}

fn write_memberships(sheet: &mut Sheet<'_>, app: &App, row: &PersonRow) {
    if row.memberships.is_empty() {
        return;
    }
    sheet.heading("In Redmine");
    rest_on_redmine(sheet, app, Reading::Projects);
    for (project, roles) in row.memberships.iter().take(MOST_MEMBERSHIPS) {
        let spans = [
            sheet.text(project.as_str()),
            sheet.dim(format!("  {roles}")),
        ];
        sheet.item(1, &sheet.dim(sheet.glyphs().dot), &spans);
    }
    sheet.more(row.memberships.len(), MOST_MEMBERSHIPS);
}

/// Members and tickets are joined over all of Redmine: the oldest answer tells how far they hold.
fn rest_on_redmine(sheet: &mut Sheet<'_>, app: &App, reading: Reading) {
    let worst = app
        .estate
        .sources
        .iter()
        .filter(|s| s.kind == SourceKind::Redmine)
        .map(|s| provenance::freshness(app, (s.id, reading)))
        .max();
    if let Some(worst) = worst {
        sheet.rests_on(worst);
    }
}

fn write_tickets(sheet: &mut Sheet<'_>, app: &App, row: &PersonRow) {
    if row.open_tickets == 0 {
        return;
    }
    let all = row.open_tickets as usize;
    sheet.heading(&format!(
        "{} assigned",
        words::count(all as u64, "open ticket")
    ));
    rest_on_redmine(sheet, app, Reading::Tickets);
    let assigned = |ticket: &&TicketRow| {
        let assignee = ticket.ticket.assignee.as_ref();
        !ticket.closed && assignee.is_some_and(|who| who.name == row.name)
    };
    let tickets = app.estate.tickets.iter().filter(assigned);
    for ticket in tickets.take(MOST_TICKETS) {
        let about = &ticket.ticket;
        let subject = if about.private && sheet.is_private() {
            super::ticket::PRIVATE
        } else {
            &about.subject
        };
        let mut after = format!(", {}", about.status.name);
        if let Some(age) = about.updated.and_then(|at| at.age(app.now)) {
            after.push_str(&ties::ago(age));
        }
        let number = format!("#{}", about.id);
        let wide = u16::try_from(number.len()).unwrap_or(u16::MAX);
        sheet.item(
            wide,
            &sheet.dim(number),
            &[sheet.text(subject), sheet.dim(after)],
        );
    }
    sheet.more(all, MOST_TICKETS);
}

//! People: how to reach them, when they are on call, what they have to do.

use ratatui::text::Span;

use crate::app::App;
use crate::app::columns::team::{day_and_time, is_night};
use crate::domain::person::{Date, Person, Role, Shift};
use crate::domain::ticket::Named;
use crate::domain::{Reading, Severity, SourceKind, Text};
use crate::estate::{AccountRow, Estate, Finding, GroupRow, PersonRow, TicketRow, call};
use crate::ui::view::review::{self, in_so_long};
use crate::ui::words;

use super::mask::MASK;
use super::provenance::{self, Root};
use super::sheet::Sheet;
use super::{owned, ties, who};

/// Most shifts told: the present one and those that come.
const MOST_SHIFTS: usize = 4;
/// Most people named who may be called instead.
const MOST_IN_PLACE: usize = 3;
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
    write_findings(sheet, app, row);
    provenance::write(sheet, app, &roots(&app.estate, index));
    sheet.gap();
    rest_on_roster(sheet, app, row);
    if let Some(person) = entry {
        write_facts(sheet, app, person);
        write_in_place(sheet, app, row, person);
        write_groups(sheet, app, row, person);
    } else {
        sheet.words(&[sheet.dim("Not in the roster: known from Redmine only.")]);
    }
    write_shifts(sheet, app, row);
    owned::write(sheet, app, row, entry);
    write_memberships(sheet, app, row);
    write_tickets(sheet, app, row);
    if let Some(changed) = row.changed {
        rest_on_redmine(sheet, app, Reading::Tickets);
        sheet.gap();
        let age = words::age(Some(changed), app.now);
        sheet.fact("Last change", &[sheet.text(age), sheet.dim(" in Redmine")]);
    }
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
    let now = row.on_call(app.now);
    if let Some(shift) = now {
        let until = day_and_time(shift.until, &context);
        let left = in_so_long(shift.until, app.now);
        let words = format!("on call until {until} ({left})");
        said.push(sheet.state(Severity::Ok, &words));
    }
    if let Some(until) = entry.and_then(|p| call::away_until(p, app.now)) {
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

/// What is to be put right about them; terms are told with the groups.
fn write_findings(sheet: &mut Sheet<'_>, app: &App, row: &PersonRow) {
    let key = row.key();
    let of_them = |finding: &&Finding| {
        let told_below = matches!(finding, Finding::TermOver(..) | Finding::OwnsNothing(..));
        !told_below && finding.who().is_some_and(|who| who.key == key)
    };
    for finding in app.estate.review.iter().filter(of_them) {
        let words = review::in_full(app, finding);
        let spans = sheet.state(finding.severity(), &words);
        sheet.words(&spans);
    }
}

/// Whom to call while they are away.
fn write_in_place(sheet: &mut Sheet<'_>, app: &App, row: &PersonRow, person: &Person) {
    if !call::is_away(person, app.now) {
        return;
    }
    let others = who::in_place_of(app, row);
    let parts: Vec<Vec<Span<'_>>> = others
        .iter()
        .take(MOST_IN_PLACE)
        .map(|other| {
            let mut spans = vec![sheet.text(other.name.as_str())];
            if other.on_call(app.now).is_some() {
                spans.push(sheet.dim(" (on call)"));
            }
            spans
        })
        .collect();
    if !parts.is_empty() {
        let comma = sheet.dim(", ");
        sheet.row_fact("Instead", &parts, &comma);
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
                let clock = local.strftime("%a %H:%M").to_string();
                if is_night(local.hour()) {
                    vec![sheet.dim(format!("{clock} in {zone}, night"))]
                } else {
                    vec![sheet.text(clock), sheet.dim(format!(" in {zone}"))]
                }
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
            let over = format!("term ended {until}, election overdue");
            spans.push(sheet.severe(Severity::Warning, over));
        }
        Some(until) => {
            let days = today.until(until).map_or(0, |span| span.get_days());
            let left = match days {
                0 => ", its last day".to_owned(),
                1..60 => format!(", {days} days left"),
                _ => String::new(),
            };
            spans.push(sheet.dim(format!(", until {until}{left}")));
        }
        None => {}
    }
    spans
}

/// `2 members, needs 3 to 9`, when a group's size breaks its own rule.
fn rule_broken(row: &GroupRow) -> Option<String> {
    let (least, most) = (row.group.at_least, row.group.at_most);
    (!row.size_is_right()).then(|| review::group_size(row.members, least, most))
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
            let left = in_so_long(shift.until, app.now);
            ("now", format!("until {until} ({left})"))
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
    for account in &row.accounts {
        write_account(sheet, app, row, account);
    }
    for (project, roles) in row.memberships.iter().take(MOST_MEMBERSHIPS) {
        let spans = [
            sheet.text(project.as_str()),
            sheet.dim(format!("  {roles}")),
        ];
        sheet.item(1, &sheet.dim(sheet.glyphs().dot), &spans);
    }
    sheet.more(row.memberships.len(), MOST_MEMBERSHIPS);
}

/// Login and groups where they are not the roster's own; that it is locked.
fn write_account(sheet: &mut Sheet<'_>, app: &App, row: &PersonRow, account: &AccountRow) {
    let name = app.estate.source_name(account.source);
    if account.locked == Some(true) {
        let words = format!("account locked in {name}");
        let spans = sheet.state(Severity::Warning, &words);
        sheet.words(&spans);
    }
    if account.login != row.login
        && let Some(login) = &account.login
    {
        sheet.fact("Login there", &[sheet.dim(login.as_str())]);
    }
    if !account.groups.is_empty() {
        sheet.fact("Groups there", &[sheet.text(joined(&account.groups))]);
    }
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
    let today = app.now.timestamp().to_zoned(app.zone.clone()).date();
    let late = match row.overdue_tickets {
        0 => String::new(),
        late => format!(", {late} overdue"),
    };
    sheet.heading(&format!(
        "{} assigned{late}",
        words::count(all as u64, "open ticket")
    ));
    rest_on_redmine(sheet, app, Reading::Tickets);
    let is_theirs = |ticket: &TicketRow, who: &Named| {
        let mut here = row.accounts.iter().filter(|a| a.source == ticket.source);
        here.next()
            .map_or(who.name == row.name, |account| account.id == who.id)
    };
    let assigned = |ticket: &&TicketRow| {
        let assignee = ticket.ticket.assignee.as_ref();
        !ticket.closed && assignee.is_some_and(|who| is_theirs(ticket, who))
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
        if let Some(due) = about.due.filter(|due| *due < today) {
            after.push_str(&format!(", due {due}"));
        }
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

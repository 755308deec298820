//! Whom to call: owner, on call, group; what time it is there, and how to reach them.

use ratatui::text::Span;

use crate::app::App;
use crate::app::columns::team::{day_and_time, is_night};
use crate::domain::person::Person;
use crate::domain::{Key, Reading, Severity, SourceKind, Text};
use crate::estate::call::{self, Answer, Because};
use crate::estate::{Call, PersonRow};

use super::mask::MASK;
use super::provenance;
use super::sheet::Sheet;

/// Most people named.
const MOST: usize = 3;
/// So many owners and people on call need no others from their groups.
const ENOUGH: usize = 2;

/// Writes whom to call about a row; without one, who is on call at all.
pub fn write(sheet: &mut Sheet<'_>, app: &App, key: Option<&Key>) {
    write_answer(sheet, app, &call::ask(&app.estate, key, app.now));
}

/// Writes whom to call, first to last, and who would be called if they were not away.
fn write_answer(sheet: &mut Sheet<'_>, app: &App, answer: &Answer) {
    let mut rosters = app.estate.sources.iter();
    let Some(roster) = rosters.find(|s| s.kind == SourceKind::Roster) else {
        return;
    };
    sheet.rests_on(provenance::freshness(app, (roster.id, Reading::Roster)));
    let comma = sheet.dim(", ");
    let mut label = "Who";
    // The rest of the group only where few in particular are to be called.
    let is_named = |call: &&Call| !matches!(call.because, Because::InGroup(..));
    let enough = answer.calls.iter().filter(is_named).count() >= ENOUGH;
    let wanted = answer.calls.iter().filter(|call| !enough || is_named(call));
    for call in wanted.take(MOST) {
        let parts = parts(sheet, app, call);
        sheet.row_fact(label, &parts, &comma);
        label = "";
    }
    for (call, until) in answer.away.iter().take(MOST) {
        let why = because(app, &call.because);
        let away = sheet.severe(Severity::Warning, format!("away until {until}"));
        let parts = [
            vec![sheet.dim(call.name.to_string())],
            vec![sheet.dim(why)],
            vec![away],
        ];
        sheet.row_fact(label, &parts, &comma);
        label = "";
    }
    if label == "Who" {
        sheet.fact(label, &[sheet.dim("nobody owns it, nobody is on call")]);
    }
}

/// `Anne Bonny, owner, on call until Mon 08:00, 21:47 there, phone 030 …`
fn parts(sheet: &Sheet<'_>, app: &App, call: &Call) -> Vec<Vec<Span<'static>>> {
    let mut parts = vec![vec![Span::styled(
        call.name.to_string(),
        sheet.theme().text,
    )]];
    parts.push(vec![own(sheet.dim(because(app, &call.because)))]);
    let Some(row) = (app.estate.people.iter()).find(|row| row.key() == call.person) else {
        return parts;
    };
    let told = matches!(call.because, Because::OnCall(..));
    if let Some(shift) = row.on_call(app.now).filter(|_| !told) {
        let until = day_and_time(shift.until, &app.context());
        parts.push(vec![own(sheet.dim(format!("on call until {until}")))]);
    }
    let entry = row.roster.and_then(|at| app.estate.person(at));
    parts.extend(entry.and_then(|person| there(sheet, app, person)));
    if let Some(contact) = entry.and_then(|person| person.contacts.first()) {
        let value = if sheet.is_private() {
            MASK
        } else {
            &contact.value
        };
        parts.push(vec![own(sheet.text(format!("{} {value}", contact.kind)))]);
    }
    parts
}

fn own(span: Span<'_>) -> Span<'static> {
    Span::styled(span.content.into_owned(), span.style)
}

/// `04:47 there`, dim when it is night, and only where it is another time than here.
fn there(sheet: &Sheet<'_>, app: &App, person: &Person) -> Option<Vec<Span<'static>>> {
    let zone = person.zone.as_ref()?;
    let local = app.now.timestamp().in_tz(zone).ok()?;
    let night = is_night(local.hour());
    let here = app.now.timestamp().to_zoned(app.zone.clone());
    let clock = local.strftime("%H:%M");
    let words = match (here.offset() == local.offset(), night) {
        (true, false) => return None,
        (true, true) => format!("{clock}, night"),
        (false, false) => format!("{clock} there"),
        (false, true) => format!("{clock} there, night"),
    };
    let span = if night {
        sheet.dim(words)
    } else {
        sheet.text(words)
    };
    Some(vec![own(span)])
}

/// Why somebody is to be called.
fn because(app: &App, because: &Because) -> String {
    match because {
        Because::Owns(_) => "owner".to_owned(),
        Because::OwnsBelow(_, name) => format!("owner of {name}"),
        Because::OnCall(_, until) => {
            format!("on call until {}", day_and_time(*until, &app.context()))
        }
        Because::InGroup(group, title) if &**title == "member" => {
            format!("in {}", group_name(app, group))
        }
        Because::InGroup(group, title) => format!("{title} of {}", group_name(app, group)),
    }
}

/// A group's own name, for the short one of the roster.
pub fn group_name<'a>(app: &'a App, id: &'a Text) -> &'a str {
    let mut groups = app.estate.groups.iter();
    let found = groups.find(|row| row.group.id == *id);
    found.map_or(id, |row| &row.group.name)
}

/// Who may be called in somebody's place while they are away: from their own groups, those on call first.
pub fn in_place_of<'a>(app: &'a App, row: &PersonRow) -> Vec<&'a PersonRow> {
    let entry = |row: &PersonRow| row.roster.and_then(|at| app.estate.person(at));
    let Some(groups) = entry(row).map(|person| &person.roles) else {
        return Vec::new();
    };
    let shares = |other: &Person| {
        let mut roles = other.roles.iter();
        roles.any(|role| groups.iter().any(|own| own.group == role.group))
    };
    let mut others: Vec<&PersonRow> = app
        .estate
        .people
        .iter()
        .filter(|other| other.key() != row.key())
        .filter(|other| entry(other).is_some_and(|p| shares(p) && !call::is_away(p, app.now)))
        .collect();
    others.sort_by_key(|other| other.on_call(app.now).is_none());
    others
}

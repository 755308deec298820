//! Something that happened: when, what, with what it belongs together.

use crate::app::App;
use crate::app::columns::timeline::TABLE;
use crate::app::value::Value;
use crate::estate::timeline::{Role, Turn};
use crate::estate::{Event, Happened};
use crate::ui::words;

use super::sheet::Sheet;
use super::ties::Ties;

/// What it happened to.
pub fn title(app: &App, index: usize) -> Option<String> {
    let column = TABLE.columns.iter().find(|c| c.id == "subject")?;
    match (column.value)(&app.estate, index, &app.context()) {
        Value::Text(text) => Some(text.into_owned()),
        _ => None,
    }
}

/// Writes all of it.
pub fn write(sheet: &mut Sheet<'_>, app: &App, index: usize) {
    let estate = &app.estate;
    let Some(event) = estate.events.get(index) else {
        return;
    };
    let said = words::event(estate, event);
    if event.happened.turn().is_some() {
        let sign = sheet.sign(event.severity);
        sheet.words(&[sign, sheet.text(said)]);
    } else {
        sheet.words(&[sheet.text(said)]);
    }
    sheet.gap();
    let clock = |at| words::clock(at, app.now, &app.zone);
    let when = format!(
        "{}, {}",
        clock(event.at),
        words::age(Some(event.at), app.now)
    );
    sheet.fact("When", &[sheet.text(when)]);
    if let Some(turn) = event.happened.turn() {
        if turn.at != event.at {
            let seen = format!("{}, that was when vigie saw it", clock(turn.at));
            sheet.fact("Seen", &[sheet.text(seen)]);
        }
        write_incident(sheet, app, event, turn);
    }
    if let Some(source) = event.source {
        sheet.fact("Seen by", &[sheet.text(estate.source_name(source))]);
    }
    if let Some(key) = &event.about {
        Ties::of(estate, key).write(sheet, app);
    }
}

/// What it hung on, or how it stood in its incident.
fn write_incident(sheet: &mut Sheet<'_>, app: &App, event: &Event, turn: &Turn) {
    if let Happened::Wrong {
        first_of: Some(number),
        ..
    } = &event.happened
    {
        let said = format!("the first of {number} in its incident to go wrong");
        sheet.fact("Order", &[sheet.text(said)]);
    }
    let standing = turn.after.as_deref().or(turn.before.as_deref());
    let Some(Role::Below { cause, because, .. }) = standing.map(|s| &s.role) else {
        return;
    };
    let turns = app.estate.timeline.turns.iter().rev();
    let named = turns
        .filter(|other| other.key == *cause)
        .find_map(|other| other.after.as_ref().or(other.before.as_ref()))
        .or_else(|| app.estate.timeline.base.get(cause));
    let name = named.map_or("another", |s| s.subject.as_str());
    let spans = [
        sheet.text(name.to_owned()),
        sheet.dim(format!("  ({because})")),
    ];
    sheet.fact("Hung on", &spans);
}

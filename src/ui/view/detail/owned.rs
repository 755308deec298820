//! What somebody owns: hosts, containers, sites and queues by the names in the roster.

use crate::app::{App, Tab, columns, value::Value};
use crate::domain::person::Person;
use crate::domain::{Key, Severity};
use crate::estate::{Finding, PersonRow, Reason};

use super::sheet::Sheet;

/// Most things named.
const MOST: usize = 20;

/// Writes a line for each, with how it is; then the names that lead nowhere.
pub fn write(sheet: &mut Sheet<'_>, app: &App, row: &PersonRow, entry: Option<&Person>) {
    if entry.is_none_or(|person| person.owns.is_empty()) {
        return;
    }
    sheet.heading("Owns");
    let key = row.key();
    let owned: Vec<&Key> = app
        .estate
        .joins
        .sure(&key)
        .filter(|join| matches!(join.reason, Reason::Owns(_)))
        .map(|join| &join.to)
        .collect();
    for thing in owned.iter().take(MOST) {
        let Some((name, severity)) = state_of(app, thing) else {
            continue;
        };
        let sign = sheet.sign(severity);
        let mut said = format!("  {}", kind(thing));
        if alone(app, thing) {
            said.push_str(", nobody else owns it");
        }
        sheet.item(1, &sign, &[sheet.text(name), sheet.dim(said)]);
    }
    sheet.more(owned.len(), MOST);
    for finding in &app.estate.review {
        if let Finding::OwnsNothing(who, name) = finding
            && who.key == key
        {
            let sign = sheet.dim(sheet.glyphs().dot);
            let said = sheet.dim("  nothing is called so");
            sheet.item(1, &sign, &[sheet.text(name.as_str()), said]);
        }
    }
}

const fn kind(key: &Key) -> &'static str {
    match key {
        Key::Host(..) => "host",
        Key::Guest(..) => "container",
        Key::Web(_) => "site",
        Key::Queue(..) => "mail queue",
        _ => "",
    }
}

/// Whether a site or queue hangs on one person.
fn alone(app: &App, thing: &Key) -> bool {
    let mut review = app.estate.review.iter();
    review.any(|finding| matches!(finding, Finding::OneOwner(key, _) if key == thing))
}

/// Name of a row and how bad it is.
fn state_of(app: &App, key: &Key) -> Option<(String, Severity)> {
    let tab = match key {
        Key::Host(..) => Tab::Hosts,
        Key::Guest(..) => Tab::Containers,
        Key::Web(_) => Tab::Web,
        Key::Queue(..) => Tab::Mail,
        _ => return None,
    };
    let (table, estate) = (columns::of(tab), &*app.estate);
    let index = (0..(table.len)(estate)).find(|i| (table.key)(estate, *i).as_ref() == Some(key))?;
    let column = table.columns.iter().find(|column| column.id == "name")?;
    let name = match (column.value)(estate, index, &app.context()) {
        Value::Text(name) => name.into_owned(),
        _ => return None,
    };
    Some((name, (table.severity)(estate, index)))
}

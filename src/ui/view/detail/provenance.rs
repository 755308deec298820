//! Where a detail comes from, and how old that is.

use ratatui::text::Span;

use crate::app::App;
use crate::domain::{Freshness, Moment, Reading, SourceId};
use crate::estate::{Feed, SourceState};
use crate::ui::words;

use super::sheet::Sheet;

/// An answer that a detail rests on.
pub type Root = (SourceId, Reading);

/// How far the answer of a reading is the present.
pub fn freshness(app: &App, (source, reading): Root) -> Freshness {
    // Of the past everything is as old as everything else, which the header says.
    if app.travel.is_some() {
        return Freshness::Fresh;
    }
    app.estate.freshness(source, reading, app.now)
}

/// Writes where it all comes from: `golem, read 4s ago`, and louder what is old: `14m old: read timed out`.
pub fn write(sheet: &mut Sheet<'_>, app: &App, roots: &[Root]) {
    let mut parts: Vec<Vec<Span<'_>>> = Vec::new();
    let mut told: Vec<SourceId> = Vec::new();
    for root in roots {
        if told.contains(&root.0) {
            continue;
        }
        told.push(root.0);
        let Some(source) = app.estate.source(root.0) else {
            continue;
        };
        // The oldest of what is shown of a source speaks for it.
        let feed = roots
            .iter()
            .filter(|other| other.0 == root.0)
            .filter_map(|other| source.feed(other.1))
            .max_by_key(|feed| feed.freshness(app.now));
        let Some(feed) = feed else { continue };
        parts.push(tell(sheet, source, feed, app.now));
    }
    if !parts.is_empty() {
        let dot = sheet.dim(format!(" {} ", sheet.glyphs().dot));
        sheet.row(&parts, &dot);
    }
}

fn tell(sheet: &Sheet<'_>, source: &SourceState, feed: &Feed, now: Moment) -> Vec<Span<'static>> {
    let why = feed
        .trouble
        .as_ref()
        .map(|trouble| words::failure_short(&trouble.failure))
        .map(|why| why.replace('…', sheet.glyphs().ellipsis));
    let freshness = feed.freshness(now);
    let read = feed.good.as_ref().map(|good| good.at);
    let age = read.and_then(|at| at.age(now)).map(words::duration_short);
    if freshness == Freshness::Fresh {
        let mut told = vec![sheet.dim(format!("{}, read {}", source.name, words::age(read, now)))];
        if let Some(why) = why {
            told.push(sheet.dim(format!(", then: {why}")));
        }
        return told;
    }
    let mut said = match (freshness, age) {
        (Freshness::Never, _) => format!("{}: never read", source.name),
        (_, Some(age)) => format!("{}, {age} old", source.name),
        (_, None) => format!("{}, of an unknown age", source.name),
    };
    match why {
        Some(why) => {
            said.push_str(": ");
            said.push_str(&why);
        }
        None if freshness == Freshness::Never => said.push_str(", no answer yet"),
        None => said.push_str(": no newer answer came"),
    }
    let style = sheet.theme().freshness(freshness);
    vec![
        Span::styled(format!("{} ", sheet.glyphs().freshness(freshness)), style),
        Span::styled(said, style),
    ]
}

/// The worst age among the answers of a detail, for the frame: nothing while all are fresh.
pub fn note(app: &App, roots: &[Root]) -> Option<(String, Freshness)> {
    let (worst, root) = roots
        .iter()
        .map(|root| (freshness(app, *root), *root))
        .max_by_key(|(freshness, _)| *freshness)?;
    if worst.is_trustworthy() {
        return None;
    }
    let read = app
        .estate
        .source(root.0)
        .and_then(|source| source.feed(root.1))
        .and_then(|feed| feed.good.as_ref())
        .and_then(|good| good.at.age(app.now));
    let note = match read {
        Some(age) => format!("{} old", words::duration_short(age)),
        None => words::freshness(worst).to_owned(),
    };
    Some((note, worst))
}

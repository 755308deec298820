//! The JSON of `status`: fields are only ever added. Its schema stands in `schema.json`.

use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use crate::app::{Context, Tab, columns};
use crate::domain::failure::FailureKind;
use crate::domain::problem::Problem as Trouble;
use crate::domain::{Failure, Moment, SourceId};
use crate::estate::{Estate, Feed, SourceState};
use crate::ui::words;

use super::Asked;
use super::incidents::{self, Incident};
use super::origin::{self, Origin};
use super::table::{self, Wanted};
use super::text;
use super::verdict::Verdict;

/// Rises only when a field changes its meaning, which is not meant to happen.
const VERSION: u32 = 1;

/// What became of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Here.
    Answered,
    /// Tried, and it did not work.
    Failed,
    /// Not in time.
    Unanswered,
}

impl State {
    /// What became of a feed.
    pub fn of(asked: &Asked, source: SourceId, feed: &Feed) -> Self {
        if asked.unanswered.contains(&(source, feed.reading)) {
            Self::Unanswered
        } else if feed.trouble.is_some() || feed.good.is_none() {
            Self::Failed
        } else {
            Self::Answered
        }
    }
}

/// Everything.
#[derive(Debug, Serialize)]
pub struct Document {
    schema: u32,
    vigie: &'static str,
    at: String,
    took_ms: u64,
    verdict: &'static str,
    exit_code: u8,
    /// Nobody was asked: this is the last known state.
    from_cache: bool,
    /// Every reading of every source answered in time.
    complete: bool,
    counts: Counts,
    sources: Vec<Source>,
    problems: Vec<Problem>,
    incidents: Vec<Incident>,
    incident_counts: incidents::Counts,
    tabs: Vec<TabLine>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tables: Vec<Json>,
}

#[derive(Debug, Serialize)]
struct Counts {
    critical: usize,
    unknown: usize,
    warning: usize,
    info: usize,
    handled: usize,
}

/// A source with its readings.
#[derive(Debug, PartialEq, Serialize)]
pub struct Source {
    name: String,
    kind: &'static str,
    freshness: &'static str,
    /// Of when its oldest data is.
    at: Option<String>,
    readings: Vec<Reading>,
}

#[derive(Debug, PartialEq, Serialize)]
struct Reading {
    #[serde(rename = "reading")]
    name: &'static str,
    state: State,
    freshness: &'static str,
    at: Option<String>,
    took_ms: Option<u64>,
    rows: Option<usize>,
    skipped: Option<u32>,
    failure: Option<Said>,
}

#[derive(Debug, PartialEq, Serialize)]
struct Said {
    kind: &'static str,
    what: String,
    next: Option<String>,
}

/// A problem.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Problem {
    /// Stable over refreshes.
    pub key: String,
    severity: &'static str,
    subject: String,
    what: String,
    since: Option<String>,
    handled: bool,
    handling: Vec<String>,
    source: String,
    at: Option<String>,
    freshness: &'static str,
    /// The key of the incident it is in; nothing while it is held back, and in `--watch`.
    #[serde(skip_serializing_if = "Option::is_none")]
    incident: Option<String>,
}

impl Problem {
    /// Whether something else is told than that it was seen again.
    pub fn differs(&self, later: &Self) -> bool {
        let seen = Self {
            at: later.at.clone(),
            ..self.clone()
        };
        seen != *later
    }
}

#[derive(Debug, Serialize)]
struct TabLine {
    tab: &'static str,
    rows: usize,
    problems: usize,
    worst: &'static str,
    /// Every reading that the tab rests on was read.
    complete: bool,
}

/// The name of a tab as `--tab` takes it.
const fn name(tab: Tab) -> &'static str {
    match tab {
        Tab::Triage => "triage",
        Tab::Hosts => "hosts",
        Tab::Containers => "containers",
        Tab::Web => "web",
        Tab::Mail => "mail",
        Tab::Team => "team",
        Tab::Tickets => "tickets",
        Tab::Timeline => "timeline",
        Tab::Unmatched => "unmatched",
    }
}

/// As one document, indented, ended by a line break.
pub fn json(document: &Document) -> String {
    // Plain data with text keys: this does not fail.
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}

/// Everything as data.
pub fn document(
    asked: &Asked,
    verdict: &Verdict,
    wanted: &Wanted,
    context: &Context<'_>,
    from_cache: bool,
) -> Document {
    let estate = &*asked.estate;
    let feeds = || estate.sources.iter().flat_map(|s| &s.feeds);
    let by_problem = incidents::of_problems(estate);
    Document {
        schema: VERSION,
        vigie: env!("CARGO_PKG_VERSION"),
        at: asked.now.rfc3339(),
        took_ms: millis(asked.took),
        verdict: words::severity(verdict.severity),
        exit_code: verdict.code(),
        from_cache,
        complete: asked.unanswered.is_empty()
            && feeds().all(|f| f.good.is_some() && f.trouble.is_none()),
        counts: Counts {
            critical: verdict.critical,
            unknown: verdict.unknown,
            warning: verdict.warning,
            info: verdict.info,
            handled: verdict.handled,
        },
        sources: estate.sources.iter().map(|s| source(asked, s)).collect(),
        problems: estate
            .problems
            .iter()
            .map(|p| Problem {
                incident: by_problem.get(&p.key).cloned(),
                ..problem(estate, p, asked.now)
            })
            .collect(),
        incidents: incidents::all(estate),
        incident_counts: incidents::Counts::of(estate),
        tabs: Tab::ALL
            .into_iter()
            .map(|tab| tab_line(asked, tab))
            .collect(),
        tables: wanted
            .tabs
            .iter()
            .map(|tab| filled(asked, *tab, wanted, context))
            .collect(),
    }
}

/// A source.
pub fn source(asked: &Asked, source: &SourceState) -> Source {
    let reading = |feed: &Feed| Reading {
        name: feed.reading.name(),
        state: State::of(asked, source.id, feed),
        freshness: words::freshness(feed.freshness(asked.now)),
        at: moment(feed.good.as_ref().map(|good| good.at)),
        took_ms: feed.took.map(millis),
        rows: feed.batch().map(crate::domain::Batch::len),
        skipped: feed.batch().map(crate::domain::Batch::skipped),
        failure: feed.trouble.as_ref().map(|trouble| said(&trouble.failure)),
    };
    Source {
        name: source.name.to_string(),
        kind: source.kind.name(),
        freshness: words::freshness(source.freshness(asked.now)),
        at: moment(source.oldest()),
        readings: source.feeds.iter().map(reading).collect(),
    }
}

/// A problem.
pub fn problem(estate: &Estate, problem: &Trouble, now: Moment) -> Problem {
    let origin = origin::of_problem(estate, problem, now);
    let handling = words::handling(&problem.handling);
    Problem {
        key: table::named(&problem.key, estate),
        severity: words::severity(problem.severity),
        subject: problem.subject.to_string(),
        what: words::what(&problem.what),
        since: moment(problem.since),
        handled: problem.handling.is_handled(),
        handling: handling
            .split(", ")
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect(),
        source: estate.source_name(problem.source).to_owned(),
        at: moment(origin.and_then(|o| o.at)),
        freshness: words::freshness(
            origin.map_or(crate::domain::Freshness::Never, |o| o.freshness),
        ),
        incident: None,
    }
}

fn tab_line(asked: &Asked, tab: Tab) -> TabLine {
    let table = columns::of(tab);
    let estate = &*asked.estate;
    let rows = (table.len)(estate);
    let severities = || (0..rows).map(|index| (table.severity)(estate, index));
    TabLine {
        tab: name(tab),
        rows,
        problems: severities().filter(|s| s.is_problem()).count(),
        worst: words::severity(severities().max().unwrap_or_default()),
        complete: !text::is_blind(asked, tab),
    }
}

fn filled(asked: &Asked, tab: Tab, wanted: &Wanted, context: &Context<'_>) -> Json {
    let filled = table::fill(asked, tab, wanted, context);
    let row = |row: &table::Row| {
        let mut cells = Map::new();
        for (column, (cell, origin)) in filled.columns.iter().zip(&row.cells) {
            if cell.empty {
                continue;
            }
            let mut value = json!({ "text": cell.text, "value": cell.raw });
            if let (Some(unit), Json::Object(value)) = (cell.unit, &mut value) {
                value.insert("unit".to_owned(), Json::from(unit));
            }
            if let (Some(origin), Json::Object(value)) = (origin, &mut value) {
                value.extend(stamped(asked, origin));
            }
            cells.insert(column.id.to_owned(), value);
        }
        json!({ "key": row.key, "severity": words::severity(row.severity), "cells": cells })
    };
    let columns: Vec<&str> = filled.columns.iter().map(|c| c.id).collect();
    json!({
        "tab": name(tab),
        "columns": columns,
        "rows": filled.rows.iter().map(row).collect::<Vec<_>>(),
    })
}

fn stamped(asked: &Asked, origin: &Origin) -> [(String, Json); 3] {
    [
        (
            "source".to_owned(),
            Json::from(asked.estate.source_name(origin.source)),
        ),
        ("at".to_owned(), Json::from(moment(origin.at))),
        (
            "freshness".to_owned(),
            Json::from(words::freshness(origin.freshness)),
        ),
    ]
}

fn said(failure: &Failure) -> Said {
    let words = words::failure(failure);
    Said {
        kind: kind(&failure.kind),
        what: words.what,
        next: words.next,
    }
}

/// A failure's kind in one word, for programs.
pub const fn kind(kind: &FailureKind) -> &'static str {
    match kind {
        FailureKind::NameNotFound { .. } => "name-not-found",
        FailureKind::Unreachable { .. } => "unreachable",
        FailureKind::TimedOut { .. } => "timed-out",
        FailureKind::Broken { .. } => "broken",
        FailureKind::Certificate { .. } => "certificate",
        FailureKind::Tls { .. } => "tls",
        FailureKind::Unauthorized { .. } => "unauthorized",
        FailureKind::SecondFactor { .. } => "second-factor",
        FailureKind::Forbidden { .. } => "forbidden",
        FailureKind::NotGranted { .. } => "not-granted",
        FailureKind::LoginPage => "login-page",
        FailureKind::RedirectElsewhere { .. } => "redirect-elsewhere",
        FailureKind::Status { .. } => "status",
        FailureKind::Busy { .. } => "busy",
        FailureKind::TooLarge { .. } => "too-large",
        FailureKind::Malformed { .. } => "malformed",
        FailureKind::WrongPlace { .. } => "wrong-place",
        FailureKind::Secret { .. } => "secret",
        FailureKind::Command { .. } => "command",
        FailureKind::File { .. } | FailureKind::Mistakes { .. } => "file",
        FailureKind::Bug { .. } => "bug",
    }
}

fn moment(at: Option<Moment>) -> Option<String> {
    at.map(Moment::rfc3339)
}

fn millis(length: std::time::Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}

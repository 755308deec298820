//! Where a value comes from: rows are joined from several sources, and each value says which it is of.

use crate::app::Tab;
use crate::domain::problem::{Problem, What};
use crate::domain::web::ProbeOutcome;
use crate::domain::{Freshness, Moment, Reading, SourceId, SourceKind};
use crate::estate::{Estate, Place};

/// Where a value comes from, and of when it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Origin {
    /// The source.
    pub source: SourceId,
    /// When its answer was complete; `None` when nothing was ever read.
    pub at: Option<Moment>,
    /// How far that is the present.
    pub freshness: Freshness,
}

impl Origin {
    /// A reading as an origin.
    pub fn of(estate: &Estate, source: SourceId, reading: Reading, now: Moment) -> Self {
        let feed = estate.source(source).and_then(|s| s.feed(reading));
        Self {
            source,
            at: feed.and_then(|f| f.good.as_ref()).map(|good| good.at),
            freshness: feed.map_or(Freshness::Never, |f| f.freshness(now)),
        }
    }
}

/// Where the value of a column in a row comes from; `None` when there is none there.
pub fn of_cell(
    estate: &Estate,
    tab: Tab,
    column: &str,
    index: usize,
    now: Moment,
) -> Option<Origin> {
    let (source, reading) = match tab {
        Tab::Triage => return of_problem(estate, estate.problems.get(index)?, now),
        Tab::Timeline | Tab::Unmatched => return None,
        Tab::Hosts => host(estate, column, index)?,
        Tab::Containers => {
            let row = estate.guests.get(index)?;
            match column {
                "backup" => (row.place.source, Reading::Tasks),
                "checkmk" => monitored(row.monitored?),
                _ => (row.place.source, Reading::Resources),
            }
        }
        Tab::Web => web(estate, column, index)?,
        Tab::Mail => {
            let row = estate.queues.get(index)?;
            match (column, row.queue, row.check) {
                ("checkmk", _, Some(check)) | (_, None, Some(check)) => {
                    (check.source, Reading::Checks)
                }
                ("checkmk", _, None) | (_, None, None) => return None,
                (_, Some(queue), _) => (queue.source, Reading::Queues),
            }
        }
        Tab::Team => {
            let row = estate.people.get(index)?;
            match (column, row.roster) {
                ("open", _) => {
                    let mut sources = estate.sources.iter();
                    let redmine = sources.find(|s| s.kind == SourceKind::Redmine)?;
                    (redmine.id, Reading::Tickets)
                }
                (_, Some(place)) => (place.source, Reading::Roster),
                (_, None) => (row.source, Reading::Projects),
            }
        }
        Tab::Tickets => (estate.tickets.get(index)?.source, Reading::Tickets),
    };
    Some(Origin::of(estate, source, reading, now))
}

const fn monitored(place: Place) -> (SourceId, Reading) {
    (place.source, Reading::MonitoredHosts)
}

fn host(estate: &Estate, column: &str, index: usize) -> Option<(SourceId, Reading)> {
    let row = estate.hosts.get(index)?;
    Some(match (column, row.node) {
        ("checkmk" | "address", _) | (_, None) => monitored(row.monitored?),
        ("load" | "version", Some(node)) => (node.source, Reading::Cluster),
        (_, Some(node)) => (node.source, Reading::Resources),
    })
}

/// As the columns of the tab choose between our own eye and the monitor's.
fn web(estate: &Estate, column: &str, index: usize) -> Option<(SourceId, Reading)> {
    let row = estate.web.get(index)?;
    let probe = row.probe.map(|at| (at.source, Reading::Probes));
    let check = row
        .check
        .or(row.certificate)
        .map(|at| (at.source, Reading::Checks));
    let seen = row.probe.and_then(|at| estate.probe(at));
    match column {
        "here" | "redirect" | "cache" => probe,
        "checkmk" => check,
        "time" => {
            let answered = seen.is_some_and(|p| matches!(p.outcome, ProbeOutcome::Answered { .. }));
            if answered { probe } else { check }
        }
        "certificate" => {
            let own = seen
                .and_then(|p| p.certificate.as_ref())
                .is_some_and(|c| c.expires.is_some());
            if own { probe } else { check }
        }
        "since" => check.or(probe),
        _ => probe.or(check),
    }
}

/// Where a problem was seen.
pub fn of_problem(estate: &Estate, problem: &Problem, now: Moment) -> Option<Origin> {
    let source = estate.source(problem.source)?;
    let reading = match (&problem.what, source.kind) {
        (What::NoQuorum | What::RightsMissing(_), _) => Some(Reading::Cluster),
        (What::TaskFailed(_), _) => Some(Reading::Tasks),
        (What::HostDown(_) | What::SiteSilent(_), _) => Some(Reading::MonitoredHosts),
        (What::Service(_), _) => Some(Reading::Problems),
        (What::Probe(_) | What::Certificate(_), SourceKind::Web) => Some(Reading::Probes),
        (What::QueueDown(_), SourceKind::Mail) => Some(Reading::Queues),
        (What::Probe(_) | What::Certificate(_) | What::QueueDown(_), _) => Some(Reading::Checks),
        (What::GroupSize(..), _) => Some(Reading::Roster),
        (What::Blind(_) | What::Late, _) => None,
        _ => Some(Reading::Resources),
    };
    Some(match reading {
        Some(reading) => Origin::of(estate, source.id, reading, now),
        None => Origin {
            source: source.id,
            at: source.oldest(),
            freshness: source.freshness(now),
        },
    })
}

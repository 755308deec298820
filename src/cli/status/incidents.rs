//! Problems by their causes: one entry a cause, what hangs on it below.

use std::collections::HashMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::domain::problem::Problem as Trouble;
use crate::domain::{Key, Moment, Severity};
use crate::estate::{Estate, Fold, Handled, Incident as Cause};
use crate::ui::words;

use super::Asked;
use super::table;

/// An incident.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Incident {
    /// The key of its cause among the problems.
    pub key: String,
    /// The worst among what nobody is on.
    severity: &'static str,
    subject: String,
    what: String,
    since: Option<String>,
    /// `acknowledged`, `downtime`, `expected`, or nothing.
    handled: Option<&'static str>,
    reach: Reach,
    below: Vec<Below>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Reach {
    guests: u32,
    sites: u32,
    queues: u32,
    people: usize,
}

/// A problem that is explained by another.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Below {
    key: String,
    /// The key of its direct cause.
    under: String,
    because: &'static str,
}

/// All of them, in their order.
pub fn all(estate: &Estate) -> Vec<Incident> {
    let key = |at: u32| {
        let problem = estate.problems.get(at as usize);
        problem.map_or_else(String::new, |p| table::named(&p.key, estate))
    };
    let incidents = estate.incidents.iter().filter_map(|incident| {
        let cause = incident.cause(estate)?;
        Some(Incident {
            key: table::named(&cause.key, estate),
            severity: words::severity(incident.severity),
            subject: cause.subject.to_string(),
            what: words::what(&cause.what),
            since: incident.since.map(Moment::rfc3339),
            handled: incident.handled.map(handled),
            reach: Reach {
                guests: incident.reach.guests,
                sites: incident.reach.sites,
                queues: incident.reach.queues,
                people: incident.reach.people.len(),
            },
            below: (incident.below.iter())
                .map(|below| Below {
                    key: key(below.problem),
                    under: key(below.under),
                    because: below.because,
                })
                .collect(),
        })
    });
    incidents.collect()
}

const fn handled(handled: Handled) -> &'static str {
    match handled {
        Handled::Acknowledged => "acknowledged",
        Handled::Downtime => "downtime",
        Handled::Expected => "expected",
    }
}

/// For each problem the key of the incident it is in; held back ones are in none.
pub fn of_problems(estate: &Estate) -> HashMap<&Key, String> {
    let problems = estate.problems.iter().enumerate();
    problems
        .filter_map(|(at, problem)| {
            let incident = estate.incident_of(at)?;
            Some((&problem.key, table::named(&incident.key, estate)))
        })
        .collect()
}

/// How many there are, by how bad they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Broken now, and nobody is on it.
    pub critical: usize,
    /// Cannot be seen.
    pub unknown: usize,
    /// Will become a problem.
    pub warning: usize,
    /// Somebody is on it, or it is as planned.
    pub handled: usize,
    /// Problems that may be short-lived flaps and are in no incident yet.
    pub held_back: usize,
}

impl Counts {
    /// Those of an estate.
    pub fn of(estate: &Estate) -> Self {
        let count = |severity| {
            let open = estate.incidents.iter().filter(|i| i.handled.is_none());
            open.filter(|i| i.severity == severity).count()
        };
        Self {
            critical: count(Severity::Critical),
            unknown: count(Severity::Unknown),
            warning: count(Severity::Warning),
            handled: (estate.incidents.iter())
                .filter(|i| i.handled.is_some())
                .count(),
            held_back: estate.held_back as usize,
        }
    }
}

/// Those that somebody should look at, worst first: incidents that nobody is on.
pub fn open(estate: &Estate) -> impl Iterator<Item = (&Cause, &Trouble)> {
    let open = estate.incidents.iter().filter(|i| i.handled.is_none());
    open.filter(|i| i.severity.is_problem())
        .filter_map(|incident| Some((incident, incident.cause(estate)?)))
}

/// A line a problem: each cause, what hangs on it set in below it, at last what is held back.
pub fn lines(asked: &Asked) -> Vec<Vec<String>> {
    let estate = &asked.estate;
    let mut lines = Vec::new();
    for incident in &estate.incidents {
        let Some(cause) = incident.cause(estate) else {
            continue;
        };
        let below = match incident.below.len() {
            0 => String::new(),
            n => format!(" (+{n} below)"),
        };
        lines.push(line(asked, cause, incident.severity, "", &below));
        for below in &incident.below {
            if let Some(problem) = estate.problems.get(below.problem as usize) {
                lines.push(line(asked, problem, problem.severity, "  ", ""));
            }
        }
    }
    let held = estate.problems.iter().zip(&estate.folds);
    for (problem, _) in held.filter(|(_, fold)| matches!(fold, Fold::Held)) {
        lines.push(line(asked, problem, problem.severity, "", " (held back)"));
    }
    lines
}

fn line(
    asked: &Asked,
    problem: &Trouble,
    severity: Severity,
    indent: &str,
    after: &str,
) -> Vec<String> {
    let since = problem
        .since
        .and_then(|at| at.age(asked.now))
        .map_or_else(|| words::UNKNOWN.to_owned(), words::duration_short);
    let mut what = table::cut(&words::what(&problem.what));
    let handling = words::handling(&problem.handling);
    if !handling.is_empty() {
        // Writing into a String does not fail.
        let _ = write!(what, " ({handling})");
    }
    what.push_str(after);
    vec![
        words::severity(severity).to_owned(),
        since,
        format!("{indent}{}", table::cut(&problem.subject)),
        format!("[{}]", asked.estate.source_name(problem.source)),
        what,
    ]
}

//! How the timeline is written down: what became of a problem as a row, sources by name.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::series::Change;
use crate::domain::check::Handling;
use crate::domain::problem::What;
use crate::domain::{Key, Moment, Severity, SourceId, Text};
use crate::estate::incidents::rules::RULES;
use crate::estate::timeline::{Lead, Remembered, Role, Standing, Turn, Watch};
use crate::estate::{Handled, Reach, SourceState, Why};

/// What a problem became when it is over.
pub(super) const OVER: &str = "over";

/// A source that is no longer configured.
const GONE: SourceId = SourceId(u16::MAX);

/// How a problem stands, as it is written.
#[derive(Debug, Serialize, Deserialize)]
struct Written {
    severity: Severity,
    subject: Text,
    what: What,
    since: Option<Moment>,
    about: Option<Key>,
    /// Name of the source of `about`, whose number is that of this program only.
    of: Option<String>,
    handling: Handling,
    source: String,
    role: WrittenRole,
}

#[derive(Debug, Serialize, Deserialize)]
enum WrittenRole {
    Cause {
        handled: Option<Handled>,
        reach: Reach,
        why: Option<Why>,
    },
    Below {
        cause: Key,
        under: Key,
        because: String,
    },
}

/// A turn as a row. `None` for what is no problem's.
pub(super) fn row(turn: &Turn, sources: &[SourceState]) -> Option<Change> {
    let Key::Problem(subject) = &turn.key else {
        return None;
    };
    let detail = match &turn.after {
        None => None,
        Some(after) => Some(serde_json::to_string(&written(after, sources)).ok()?),
    };
    Some(Change {
        at: turn.at,
        subject: subject.as_str().to_owned(),
        from: turn.before.as_deref().map(state),
        to: turn.after.as_deref().map_or_else(|| OVER.to_owned(), state),
        detail,
    })
}

/// What makes it another state: the same seen by two programs is written down once.
fn state(standing: &Standing) -> String {
    let severity = match standing.severity {
        Severity::Ok => "ok",
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Unknown => "unknown",
        Severity::Critical => "critical",
    };
    let handled = if standing.is_handled() {
        " handled"
    } else {
        ""
    };
    match standing.cause() {
        Some(Key::Problem(cause)) => format!("{severity}{handled} below {cause}"),
        _ => format!("{severity}{handled}"),
    }
}

fn written(standing: &Standing, sources: &[SourceState]) -> Written {
    let name = |id: SourceId| {
        let source = sources.get(usize::from(id.0));
        source.map(|source| source.name.as_str().to_owned())
    };
    Written {
        severity: standing.severity,
        subject: standing.subject.clone(),
        what: standing.what.clone(),
        since: standing.since,
        of: standing.about.as_ref().and_then(source_of).and_then(name),
        about: standing.about.clone(),
        handling: standing.handling,
        source: name(standing.source).unwrap_or_default(),
        role: match &standing.role {
            Role::Cause(lead) => WrittenRole::Cause {
                handled: lead.handled,
                reach: Reach {
                    // Who is a matter of the roster, which may have changed since.
                    people: Vec::new(),
                    ..lead.reach.clone()
                },
                why: lead.why.clone(),
            },
            Role::Below {
                cause,
                under,
                because,
            } => WrittenRole::Below {
                cause: cause.clone(),
                under: under.clone(),
                because: (*because).to_owned(),
            },
        },
    }
}

const fn source_of(key: &Key) -> Option<SourceId> {
    match key {
        Key::Host(source, _)
        | Key::Guest(source, _)
        | Key::Queue(source, _)
        | Key::Ticket(source, _)
        | Key::Change(source, ..) => Some(*source),
        Key::Web(_) | Key::Person(_) | Key::Problem(_) | Key::Event(..) => None,
    }
}

/// The same key with another source.
fn moved(key: Key, to: SourceId) -> Key {
    match key {
        Key::Host(_, name) => Key::Host(to, name),
        Key::Guest(_, vmid) => Key::Guest(to, vmid),
        Key::Queue(_, name) => Key::Queue(to, name),
        Key::Ticket(_, id) => Key::Ticket(to, id),
        Key::Change(_, id, journal) => Key::Change(to, id, journal),
        Key::Web(_) | Key::Person(_) | Key::Problem(_) | Key::Event(..) => key,
    }
}

/// What these rows tell, oldest first. A row that makes no sense, of another version perhaps, is left out.
pub(super) fn read(
    changes: Vec<Change>,
    watches: Vec<(Moment, Moment)>,
    sources: &[SourceState],
) -> Remembered {
    let ids: HashMap<&str, SourceId> = sources.iter().map(|s| (s.name.as_str(), s.id)).collect();
    let turns = changes.into_iter().filter_map(|change| {
        let after = if change.to == OVER {
            None
        } else {
            let written: Written = serde_json::from_str(change.detail.as_deref()?).ok()?;
            Some(Arc::new(standing(written, &ids)))
        };
        Some(Turn {
            at: change.at,
            key: Key::Problem(Text::clean(&change.subject)),
            before: None,
            after,
        })
    });
    Remembered {
        turns: turns.collect(),
        watches: watches
            .into_iter()
            .map(|(from, until)| Watch {
                from,
                until: Some(until),
            })
            .collect(),
    }
}

fn standing(written: Written, ids: &HashMap<&str, SourceId>) -> Standing {
    let about = written
        .about
        .and_then(|key| match (source_of(&key), written.of) {
            (None, _) => Some(key),
            (Some(_), of) => Some(moved(key, *ids.get(of.as_deref()?)?)),
        });
    Standing {
        severity: written.severity,
        subject: written.subject,
        what: written.what,
        since: written.since,
        about,
        handling: written.handling,
        source: ids.get(&*written.source).copied().unwrap_or(GONE),
        role: match written.role {
            WrittenRole::Cause {
                handled,
                reach,
                why,
            } => Role::Cause(Box::new(Lead {
                handled,
                reach,
                why,
            })),
            WrittenRole::Below {
                cause,
                under,
                because,
            } => Role::Below {
                cause,
                under,
                because: RULES
                    .iter()
                    .find(|rule| rule.name == because)
                    .map_or("by a rule of another version", |rule| rule.name),
            },
        },
    }
}

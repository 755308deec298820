//! Several sources that describe one queue: their rows become one, and where they differ is said.

use std::collections::HashMap;
use std::time::Duration;

use crate::domain::check::MonitoredService;
use crate::domain::{Moment, SourceId, Text};

use super::{Course, QueueRow, Verdict};
use crate::estate::Estate;

/// Mails by which two counts may differ, and the part of the greater: they are taken at different moments.
const FEW: u64 = 10;
const PART: u64 = 4;

/// How long before a monitor's own moment its numbers may have been taken.
const BEFORE: Duration = Duration::from_mins(2);

/// Two sources count different numbers of mails in one queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disagreement {
    /// What its own place says.
    pub own: u64,
    /// What the other says.
    pub other: u64,
    /// Who the other is.
    pub source: SourceId,
    /// When the other counted.
    pub at: Option<Moment>,
}

/// Adds a queue, to the row that describes the same one if there is such a row.
pub(super) fn add(rows: &mut Vec<QueueRow>, mut row: QueueRow) {
    let same = rows
        .iter_mut()
        .find(|other| other.source != row.source && is_same(other, &row));
    let Some(known) = same else {
        rows.push(row);
        return;
    };
    // The first that can be read tells the numbers; its key stays the first one's.
    let better = matches!(known.verdict, Verdict::Unknown(_) | Verdict::Down)
        && !matches!(row.verdict, Verdict::Unknown(_));
    if better {
        let key = (known.source, known.name.clone(), known.host.clone());
        (row.source, row.name, row.host) = key;
        row.also = std::mem::take(&mut known.also);
        row.failure = known.failure.take();
        std::mem::swap(known, &mut row);
    }
    known.also.extend(row.queue);
}

fn is_same(a: &QueueRow, b: &QueueRow) -> bool {
    let hosts = match (&a.host, &b.host) {
        (Some(a), Some(b)) => is_host(a, b),
        (None, None) => true,
        _ => false,
    };
    hosts && a.name.eq_ignore_ascii_case(&b.name)
}

/// Whether two names may be of one machine: whole, or one by its first label.
fn is_host(a: &str, b: &str) -> bool {
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    let label = |name: &str| name.split_once('.').map(|(label, _)| label.to_owned());
    a == b || label(&a).is_some_and(|label| label == b) || label(&b).is_some_and(|label| label == a)
}

/// Gives each check to the queue it is about, or a row of its own.
pub(super) fn checks(
    rows: &mut Vec<QueueRow>,
    checks: Vec<(QueueRow, &MonitoredService)>,
    estate: &Estate,
) {
    let own = rows.len();
    let mut takers: HashMap<usize, Vec<usize>> = HashMap::new();
    let fitting: Vec<Option<usize>> = checks
        .iter()
        .enumerate()
        .map(|(index, (_, check))| {
            let mut fit = (0..own).filter(|at| {
                rows.get(*at)
                    .is_some_and(|row| is_about(row, check, estate))
            });
            let first = fit.next();
            // Nothing is guessed: a check that fits several queues belongs to none.
            let only = if fit.next().is_some() { None } else { first };
            if let Some(at) = only {
                takers.entry(at).or_default().push(index);
            }
            only
        })
        .collect();
    for ((mut row, _), at) in checks.into_iter().zip(fitting) {
        let alone = at.filter(|at| takers.get(at).is_some_and(|checks| checks.len() == 1));
        match alone.and_then(|at| rows.get_mut(at)) {
            Some(known) => {
                known.check = row.check;
                if known.levels == (None, None) {
                    known.levels = row.levels;
                }
                // The monitor sees it while we do not.
                if matches!(known.verdict, Verdict::Unknown(_)) && row.depth.is_some() {
                    known.depth = row.depth;
                    known.oldest = known.oldest.or(row.oldest.take());
                }
            }
            None => rows.push(row),
        }
    }
}

/// Whether a check counts this very queue: on the same machine and with its name among its words, or the one check
/// of Postfix' default instance there.
fn is_about(row: &QueueRow, check: &MonitoredService, estate: &Estate) -> bool {
    let Some(host) = &row.host else {
        return row.name.eq_ignore_ascii_case(&check.name);
    };
    if !is_host(host, &check.host) {
        return false;
    }
    let named = words(&check.name);
    let wanted = words(&row.name);
    if !wanted.is_empty() && named.windows(wanted.len()).any(|some| some == wanted) {
        return true;
    }
    let is_postfix = row
        .queue
        .and_then(|at| estate.queue(at))
        .is_some_and(|queue| &*queue.kind == "postfix");
    let by_postfix = (check.command.as_deref()).is_some_and(|c| c == "check_mk-postfix_mailq");
    let default = matches!(
        named.last().map(String::as_str),
        Some("default" | "queue" | "mailqueue")
    );
    is_postfix && by_postfix && default
}

fn words(name: &Text) -> Vec<String> {
    let parts = name.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-')));
    parts
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Where the others' counts differ from the queue's own, by more than their different moments explain.
pub(crate) fn disagreement(
    row: &QueueRow,
    course: &Course,
    estate: &Estate,
) -> Option<Disagreement> {
    let own = row.depth?;
    if !row.is_own() || matches!(row.verdict, Verdict::Unknown(_) | Verdict::Down) {
        return None;
    }
    let mut told: Vec<(u64, SourceId, Option<Moment>)> = Vec::new();
    for at in &row.also {
        let depth = estate.queue(*at).and_then(|q| q.depth);
        let feed = estate
            .source(at.source)
            .and_then(|s| s.feed(crate::domain::Reading::Queues));
        let seen = feed.and_then(|f| f.good.as_ref()).map(|good| good.at);
        told.extend(depth.map(|depth| (depth, at.source, seen)));
    }
    if let Some(at) = row.check
        && let Some(check) = estate.check(at)
    {
        let counted = super::checks::row(at.source, at, check, row.seen?).depth;
        told.extend(counted.map(|depth| (depth, at.source, check.checked)));
    }
    told.into_iter()
        .find(|(other, _, at)| {
            let around = course.samples().filter(|s| {
                at.is_none_or(|at| s.at >= at.minus(BEFORE) && s.at <= at.plus(BEFORE))
            });
            let seen = around.map(|s| s.depth).chain([own]);
            let (least, most) = seen.fold((own, own), |(l, m), d| (l.min(d), m.max(d)));
            let slack = FEW.max(most.max(*other) / PART);
            *other + slack < least || *other > most + slack
        })
        .map(|(other, source, at)| Disagreement {
            own,
            other,
            source,
            at,
        })
}

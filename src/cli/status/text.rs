//! The verdict, the problems, a line a tab and a line a source, as text.

use std::fmt::Write as _;

use crate::app::{Context, Tab, columns};
use crate::domain::{Moment, Severity};
use crate::estate::SourceState;
use crate::ui::words;

use super::Asked;
use super::document::State;
use super::incidents;
use super::table::{self, Wanted};
use super::verdict::Verdict;

/// All of it, or the wanted tables with the verdict below.
pub fn all(asked: &Asked, verdict: &Verdict, wanted: &Wanted, context: &Context<'_>) -> String {
    let summary = summary(asked, verdict, context);
    // Writing into a String does not fail, here and below.
    if !wanted.tabs.is_empty() {
        let mut out = String::new();
        for tab in &wanted.tabs {
            if wanted.tabs.len() > 1 {
                let _ = writeln!(out, "{}", tab.title());
            }
            let filled = table::fill(asked, *tab, wanted, context);
            if filled.rows.is_empty() {
                out.push_str("no rows\n");
            } else {
                out.push_str(&table::text(&filled));
            }
            out.push('\n');
        }
        let _ = writeln!(out, "{summary}");
        return out;
    }
    let mut out = format!("{summary}\n");
    let problems = incidents::lines(asked);
    if !problems.is_empty() {
        out.push('\n');
        out.push_str(&table::aligned(&problems, &[]));
    }
    out.push('\n');
    out.push_str(&table::aligned(&tabs(asked, context), &[false, true]));
    out.push('\n');
    out.push_str(&table::aligned(&sources(asked), &[]));
    out
}

/// `CRITICAL: 1 critical, 2 warnings; 6 of 7 sources answered; Tue 21:47:03`.
pub fn summary(asked: &Asked, verdict: &Verdict, context: &Context<'_>) -> String {
    let estate = &asked.estate;
    let whole = estate
        .sources
        .iter()
        .filter(|s| s.feeds.iter().all(|f| f.good.is_some()))
        .count();
    let at = asked.now.timestamp().to_zoned(context.zone.clone());
    let mut said = format!(
        "{}: {}; {whole} of {} answered",
        words::severity(verdict.severity).to_uppercase(),
        verdict.words(),
        words::count(estate.sources.len() as u64, "source"),
    );
    if !asked.unanswered.is_empty() {
        let _ = write!(
            said,
            "; {} not in time",
            words::count(asked.unanswered.len() as u64, "reading")
        );
    }
    said.push_str(&at.strftime("; %Y-%m-%d %H:%M:%S %Z").to_string());
    said
}

/// `Hosts  7  1 problem`.
fn tabs(asked: &Asked, _: &Context<'_>) -> Vec<Vec<String>> {
    let estate = &*asked.estate;
    let line = |tab: &Tab| {
        let table = columns::of(*tab);
        let rows = (table.len)(estate);
        let severities: Vec<Severity> = (0..rows).map(|i| (table.severity)(estate, i)).collect();
        let ill = severities.iter().filter(|s| s.is_problem()).count();
        let told = match severities.iter().max().filter(|s| s.is_problem()) {
            Some(worst) => format!(
                "{}, worst {}",
                words::count(ill as u64, "problem"),
                words::severity(*worst)
            ),
            // An empty list, or one that may be short, is not fine.
            None if is_blind(asked, *tab) => "not all could be read".to_owned(),
            None => "no problems".to_owned(),
        };
        vec![tab.title().to_owned(), rows.to_string(), told]
    };
    Tab::ALL.iter().map(line).collect()
}

/// Whether a reading that the tab rests on is missing.
pub fn is_blind(asked: &Asked, tab: Tab) -> bool {
    use crate::domain::Reading as R;
    let rests_on: &[R] = match tab {
        Tab::Triage | Tab::Timeline | Tab::Unmatched => &[],
        Tab::Hosts => &[R::Resources, R::MonitoredHosts],
        Tab::Containers => &[R::Resources],
        Tab::Web => &[R::Probes, R::Checks],
        Tab::Mail => &[R::Queues, R::Checks],
        Tab::Team => &[R::Roster, R::Projects],
        Tab::Tickets => &[R::Tickets],
    };
    let feeds = asked.estate.sources.iter().flat_map(|s| &s.feeds);
    feeds
        .filter(|f| rests_on.is_empty() || rests_on.contains(&f.reading))
        .any(|f| f.good.is_none())
}

/// `golem  Proxmox VE  fresh  3 readings in 120 ms`, and a line for each reading that is missing.
fn sources(asked: &Asked) -> Vec<Vec<String>> {
    let mut lines = Vec::new();
    for source in &asked.estate.sources {
        let good = source.feeds.iter().filter(|f| f.good.is_some()).count();
        let slowest = source.feeds.iter().filter_map(|f| f.took).max();
        let took = slowest.map_or_else(String::new, |t| format!(" in {}", words::milliseconds(t)));
        lines.push(vec![
            source.name.to_string(),
            words::source_kind(source.kind).to_owned(),
            format!(
                "{good} of {} read{took}{}",
                words::count(source.feeds.len() as u64, "reading"),
                age(source, asked.now)
            ),
        ]);
        for feed in &source.feeds {
            let told = match State::of(asked, source.id, feed) {
                State::Answered => continue,
                State::Unanswered => format!("{}: no answer in time", feed.reading.name()),
                State::Failed => {
                    let failure = feed
                        .trouble
                        .as_ref()
                        .map(|t| words::failure_short(&t.failure));
                    format!("{}: {}", feed.reading.name(), failure.unwrap_or_default())
                }
            };
            lines.push(vec![String::new(), String::new(), told]);
        }
    }
    lines
}

/// `, 12m ago, stale`; nothing for what was read just now.
fn age(source: &SourceState, now: Moment) -> String {
    let freshness = source.freshness(now);
    match source.oldest() {
        Some(oldest) if !freshness.is_trustworthy() => format!(
            ", {}, {}",
            words::age(Some(oldest), now),
            words::freshness(freshness)
        ),
        _ => String::new(),
    }
}

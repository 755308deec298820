//! Why a table shows no rows: an empty list is a fact of its own, and never the same as a list that
//! could not be read.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use crate::app::{Action, App, Tab};
use crate::domain::{Batch, Freshness, Reading, Severity, SourceKind, Text};
use crate::estate::feed::{Feed, SourceState};
use crate::ui::words;

use super::page::Page;
use super::{Look, keys, past, trust};

/// Widest lines: one with a fingerprint to copy is not broken.
const WIDEST: u16 = 114;

/// Draws the reason into the middle of `area`.
pub(super) fn draw(app: &App, look: &Look, area: Rect, buf: &mut Buffer) {
    let mut page = Page::new(area.width.saturating_sub(2).min(WIDEST));
    let rows = app.open_rows();
    if let Some(travel) = &app.travel
        && (rows.total() == 0 || rows.filter.is_empty())
    {
        page.words(0, past::nothing(app, travel), look.theme.text);
    } else if app.tab == Tab::Timeline && rows.total() == 0 {
        page.words(
            0,
            "Nothing has changed since vigie began to watch.",
            look.theme.text,
        );
    } else if app.tab == Tab::Unmatched && rows.total() == 0 {
        nothing_unmatched(app, look, &mut page);
    } else if rows.total() > 0 {
        hidden(app, look, &mut page);
    } else if app.tab == Tab::Triage {
        nothing_wrong(app, look, &mut page);
    } else {
        nothing_there(app, look, &mut page);
    }
    page.draw_centered(look, area, buf);
}

/// Everything belongs somewhere, as far as was read.
fn nothing_unmatched(app: &App, look: &Look, page: &mut Page<'_>) {
    let words = match doubts(app) {
        None => "Every guest is monitored, every site and queue has an owner.".to_owned(),
        Some(doubts) => format!("Nothing is known to be without its match, but {doubts}."),
    };
    page.words(0, &words, look.theme.text);
}

/// There are rows, but the filter lets none through.
fn hidden(app: &App, look: &Look, page: &mut Page<'_>) {
    let rows = app.open_rows();
    let theme = &look.theme;
    let total = words::count(rows.total() as u64, "row");
    let held = app.estate.held_back;
    if rows.filter.is_empty() && app.tab == Tab::Triage && !rows.problems_only {
        // All there is was seen for a moment only.
        let sign = look.glyphs.unknown;
        page.after(
            vec![Span::styled(format!("{sign} "), theme.unknown)],
            &format!(
                "Nothing is certain to be wrong; {} seen once and held back until it is seen again.",
                words::count(u64::from(held), "problem")
            ),
            theme.text,
        );
        if let Some(doubts) = doubts(app) {
            page.words(0, &format!("But {doubts}."), theme.warning);
        }
        return;
    }
    if rows.filter.is_empty() {
        page.words(0, &format!("No problem among {total}."), theme.text);
        if let Some(doubts) = doubts(app) {
            page.words(0, &format!("But {doubts}."), theme.warning);
        }
    } else {
        let text = rows.filter.text();
        let words = if rows.problems_only {
            format!("No problem among {total} fits the filter {text}")
        } else {
            format!("None of {total} fits the filter {text}")
        };
        page.words(0, &words, theme.text);
        if rows.filter.unknown_fields() {
            let fields: Vec<&str> = app.table(app.tab).columns.iter().map(|c| c.id).collect();
            page.words(
                0,
                &format!(
                    "This table has no such field. It has: {}",
                    fields.join(", ")
                ),
                theme.warning,
            );
        }
    }
    if let Some(key) = keys::first(app, look, Action::ClearFilter) {
        page.words(0, &format!("{key} shows all rows again."), theme.dim);
    }
}

/// No problem is known; whether that means anything depends on what could be seen.
fn nothing_wrong(app: &App, look: &Look, page: &mut Page<'_>) {
    let theme = &look.theme;
    let sources = app.estate.sources.len();
    if sources == 0 {
        page.words(
            0,
            "No source is configured, so nothing can be seen.",
            theme.unknown,
        );
        return;
    }
    let feeds = app.estate.sources.iter().flat_map(|s| &s.feeds);
    let oldest = feeds.filter_map(|f| f.good.as_ref()).map(|g| g.at).min();
    match doubts(app) {
        None => {
            let age = oldest
                .and_then(|at| at.age(app.now))
                .map_or_else(|| "?".to_owned(), words::duration);
            let all = if sources == 1 { "" } else { "all " };
            page.after(
                vec![Span::styled(format!("{} ", look.glyphs.ok), theme.ok)],
                &format!(
                    "Nothing is wrong. {}, {all}read within the last {age}.",
                    words::count(sources as u64, "source")
                ),
                theme.text,
            );
        }
        Some(doubts) => {
            let sign = look.glyphs.severity(Severity::Unknown);
            page.after(
                vec![Span::styled(format!("{sign} "), theme.unknown)],
                &format!("Nothing known to be wrong, but {doubts}."),
                theme.text,
            );
        }
    }
    reasons(app, look, page);
}

/// `golem and pikachu were not read yet, checkmk was last read 1m ago`; `None` when all is fresh.
fn doubts(app: &App) -> Option<String> {
    let doubts = trust::doubts(app, app.tab);
    let names = |failing: bool| -> Vec<&str> {
        doubts
            .iter()
            .filter(|s| s.freshness == Freshness::Never && s.trouble.is_some() == failing)
            .map(|s| s.source.name.as_str())
            .collect()
    };
    let mut said = Vec::new();
    for (names, one, many) in [
        (names(true), "cannot be read", "cannot be read"),
        (names(false), "was not read yet", "were not read yet"),
    ] {
        match names.as_slice() {
            [] => {}
            [name] => said.push(format!("{name} {one}")),
            [names @ .., last] => said.push(format!("{} and {last} {many}", names.join(", "))),
        }
    }
    for sight in doubts.iter().filter(|s| s.freshness != Freshness::Never) {
        let name = &sight.source.name;
        let age = sight.age(app.now).unwrap_or_default();
        let fails = if sight.freshness == Freshness::Lost {
            " and fails now"
        } else {
            ""
        };
        said.push(format!("{name} was last read {age} ago{fails}"));
    }
    (!said.is_empty()).then(|| said.join(", "))
}

/// No row at all: for each source that the tab rests on, what came of asking it.
fn nothing_there(app: &App, look: &Look, page: &mut Page<'_>) {
    let readings: Vec<_> = (app.table(app.tab).readings.iter())
        // What happened to tickets tells no more than that there are none.
        .filter(|(_, reading)| *reading != Reading::Changes)
        .copied()
        .collect();
    let theme = &look.theme;
    let mut sources = app
        .estate
        .sources
        .iter()
        .filter(|s| readings.iter().any(|(kind, _)| *kind == s.kind))
        .peekable();
    if sources.peek().is_none() {
        let mut tables: Vec<String> = readings
            .iter()
            .map(|(kind, _)| format!("[{}.NAME]", kind.name()))
            .collect();
        tables.dedup();
        page.words(0, "No source for this tab is configured.", theme.text);
        page.words(
            0,
            &format!(
                "It shows what a {} in the configuration tells.",
                tables.join(" or a ")
            ),
            theme.dim,
        );
        return;
    }
    for source in sources {
        for (_, reading) in readings.iter().filter(|(kind, _)| *kind == source.kind) {
            if let Some(feed) = source.feed(*reading) {
                of_feed(app, look, source, feed, page);
            }
        }
    }
}

/// What came of asking for a reading.
fn of_feed(app: &App, look: &Look, source: &SourceState, feed: &Feed, page: &mut Page<'_>) {
    let theme = &look.theme;
    let name = &source.name;
    let freshness = feed.freshness(app.now);
    let lacks = lacks(app, source);
    let sign = if feed.good.as_ref().is_some_and(|g| g.fell_from.is_some()) {
        (look.glyphs.unknown, theme.unknown)
    } else if lacks.is_some() && freshness == Freshness::Fresh {
        (look.glyphs.warning, theme.warning)
    } else {
        (look.glyphs.freshness(freshness), theme.freshness(freshness))
    };
    let sign = vec![Span::styled(format!("{} ", sign.0), sign.1)];
    let Some(good) = &feed.good else {
        if feed.trouble.is_some() {
            page.after(sign, &format!("{name} cannot be read."), theme.text);
            say_failure(app, look, feed, page);
        } else {
            let since = feed.awaited_since.map_or_else(String::new, |since| {
                let age = since.age(app.now).unwrap_or_default();
                format!(" {} ago", words::duration(age))
            });
            let words = format!("{name}: asked{since}, no answer yet.");
            page.after(sign, &words, theme.text);
        }
        return;
    };
    let mut words = format!(
        "{name}: {}, read {}",
        rows_of(app.tab, &good.batch),
        words::age(Some(good.at), app.now)
    );
    if let Some(before) = good.fell_from {
        words.push_str(&format!(
            "; there were {} before",
            words::count(before as u64, "row")
        ));
    }
    words.push('.');
    page.after(sign, &words, theme.text);
    if let Some(lacks) = lacks {
        page.words(2, &lacks, theme.warning);
    }
    say_failure(app, look, feed, page);
}

/// `0 guests`, as the tab calls its rows.
fn rows_of(tab: Tab, batch: &Batch) -> String {
    let thing = match (tab, batch) {
        (Tab::Hosts, Batch::Resources(_)) => "node",
        (_, Batch::Resources(_)) => "guest",
        (_, Batch::MonitoredHosts(_)) => "host",
        (Tab::Web, Batch::Checks(_)) => "web check",
        (_, Batch::Checks(_)) => "queue check",
        (_, Batch::Probes(_)) => "site",
        (_, Batch::Queues(_)) => "queue",
        (_, Batch::Tickets(_)) => "ticket",
        (_, Batch::Projects(_)) => "project",
        (_, Batch::Roster(_)) => return "0 people".to_owned(),
        _ => "row",
    };
    // Other rows of the batch may exist, only none of this kind.
    let number = match (tab, batch) {
        (_, Batch::MonitoredHosts(hosts)) => hosts.hosts.len(),
        (_, Batch::Projects(projects)) => projects.projects.len(),
        _ => 0,
    };
    words::count(number as u64, thing)
}

/// What the credential of a source lacks, when the server told.
fn lacks(app: &App, source: &SourceState) -> Option<String> {
    let missing = &app.estate.cluster(source.id)?.rights.missing;
    let names: Vec<&str> = missing.iter().map(Text::as_str).collect();
    (!names.is_empty()).then(|| {
        format!(
            "Its credential lacks {}: what it may not see, is not listed.",
            names.join(", ")
        )
    })
}

/// What fails now and what to do next.
fn say_failure(app: &App, look: &Look, feed: &Feed, page: &mut Page<'_>) {
    if let Some(trouble) = &feed.trouble {
        let said = words::failure(&trouble.failure);
        page.words(2, &said.what, look.theme.text);
        // A line of the roster may hold somebody's number.
        if !app.privacy {
            page.mistakes(2, &trouble.failure, look);
        }
        if let Some(next) = said.next {
            page.words(2, &next, look.theme.dim);
        }
    }
}

/// Under the word that nothing is wrong: why some sources cannot be believed.
fn reasons(app: &App, look: &Look, page: &mut Page<'_>) {
    for sight in trust::doubts(app, app.tab) {
        if let Some(trouble) = sight.trouble {
            let words = format!(
                "{}: {}",
                sight.source.name,
                words::failure_short(&trouble.failure)
            );
            page.words(2, &words, look.theme.dim);
        }
    }
    for source in &app.estate.sources {
        if source.kind == SourceKind::Proxmox
            && source.feed(Reading::Cluster).is_some()
            && let Some(lacks) = lacks(app, source)
        {
            page.words(2, &format!("{}: {lacks}", source.name), look.theme.warning);
        }
    }
}

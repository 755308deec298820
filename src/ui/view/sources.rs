//! The sources: what each answers, how late, and why not.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;

use crate::app::drawn::Hit;
use crate::app::{Action, App, Drawn};
use crate::domain::{Batch, Bytes, Freshness, Reading, Text};
use crate::estate::feed::{Feed, SourceState};
use crate::estate::note::About;
use crate::ui::widget::fit;
use crate::ui::widget::panel::{Panel, centered};
use crate::ui::words;

use super::detail::addresses;
use super::page::Page;
use super::trust::Sight;
use super::{Look, keys, region};

/// Widest panel: a line with a fingerprint to copy is not broken.
const WIDEST: u16 = 124;
/// Where what is said of a reading begins, and where its failure is told.
const INDENT: u16 = 4;

/// Draws the source panel over the body.
pub(super) fn draw(
    app: &App,
    look: &Look,
    scroll: usize,
    body: Rect,
    buf: &mut Buffer,
    drawn: &mut Drawn,
) {
    let width = WIDEST.min(body.width);
    let mut page = Page::new(width.saturating_sub(5));
    for source in &app.estate.sources {
        if !page.is_empty() {
            page.blank();
        }
        of_source(app, look, source, &mut page);
    }
    if page.is_empty() {
        page.words(0, "No source is configured.", look.theme.text);
    }
    of_ourselves(app, look, &mut page);
    let lines = u16::try_from(page.len()).unwrap_or(u16::MAX);
    let size = (width, lines.saturating_add(2));
    let ill = (app.estate.sources.iter())
        .filter(|s| !s.freshness(app.now).is_trustworthy())
        .count();
    let note = match ill {
        0 => "all fresh".to_owned(),
        n => format!("{n} of {} not fresh", app.estate.sources.len()),
    };
    let panel = Panel {
        focused: true,
        note: &note,
        ..Panel::new("Sources")
    };
    let inside = panel.draw_over(buf, body, size, look.set());
    drawn.hits.push((region(centered(body, size)), Hit::Layer));
    let inside = Rect {
        x: inside.x + u16::from(inside.width > 0),
        width: inside.width.saturating_sub(1),
        ..inside
    };
    drawn.layer = page.draw(look, inside, scroll, buf);
}

fn of_source<'a>(app: &'a App, look: &Look, source: &'a SourceState, page: &mut Page<'a>) {
    let theme = &look.theme;
    let sight = Sight::whole(source, app.now);
    let mut head = vec![
        Span::styled(
            format!("{} ", look.glyphs.freshness(sight.freshness)),
            theme.freshness(sight.freshness),
        ),
        Span::styled(source.name.as_str(), theme.title),
        Span::raw("  "),
        Span::raw(words::source_kind(source.kind)),
    ];
    if let Some(version) = version(app, source) {
        head.push(Span::raw(" "));
        head.push(Span::raw(version));
    }
    if !source.address.is_empty() {
        let address = if app.privacy {
            addresses(&source.address)
        } else {
            source.address.as_str().into()
        };
        head.push(Span::styled(format!("  {address}"), theme.dim));
    }
    page.line(head);
    for feed in &source.feeds {
        of_feed(app, look, feed, page);
    }
    if let Some(traffic) = traffic(app, source) {
        page.words(INDENT, &traffic, theme.dim);
    }
    if let Some(cluster) = app.estate.cluster(source.id) {
        let missing: Vec<&str> = cluster.rights.missing.iter().map(Text::as_str).collect();
        if !missing.is_empty() {
            let sign = look.glyphs.warning;
            let before = vec![
                Span::raw(" ".repeat(usize::from(INDENT))),
                Span::styled(format!("{sign} "), theme.warning),
            ];
            let words = format!(
                "Its credential lacks {}: lists are shorter than the truth.",
                missing.join(", ")
            );
            page.after(before, &words, theme.text);
        }
    }
    if let Some(Batch::MonitoredHosts(hosts)) =
        source.feed(Reading::MonitoredHosts).and_then(Feed::batch)
    {
        for site in &hosts.silent_sites {
            let words = format!("The site {site} has fallen silent: its rows are from before.");
            page.words(INDENT, &words, theme.warning);
        }
    }
}

/// What vigie itself cannot do here, and why: nothing when all is well.
fn of_ourselves(app: &App, look: &Look, page: &mut Page<'_>) {
    let theme = &look.theme;
    if app.estate.notes.is_empty() {
        return;
    }
    page.blank();
    page.line(vec![
        Span::styled(format!("{} ", look.glyphs.warning), theme.warning),
        Span::styled("vigie", theme.title),
        Span::raw("  its own files"),
    ]);
    for note in &app.estate.notes {
        let lost = match note.about {
            About::History => "No history is kept: trends and strips begin with this start.",
            About::LastKnown => "The last known state was not used: everything is read anew.",
            About::Keeping => "The last known state is not saved: the next start begins empty.",
        };
        page.words(INDENT, lost, theme.text);
        let said = words::failure(&note.failure);
        page.words(INDENT + 2, &said.what, theme.warning);
        if let Some(next) = said.next {
            page.words(INDENT + 2, &next, theme.dim);
        }
    }
}

/// `9.1.5`, when the server told.
fn version<'a>(app: &'a App, source: &SourceState) -> Option<&'a str> {
    if let Some(cluster) = app.estate.cluster(source.id) {
        return cluster.version.as_deref();
    }
    let hosts = app
        .estate
        .source(source.id)?
        .feed(Reading::MonitoredHosts)?;
    match hosts.batch()? {
        Batch::MonitoredHosts(hosts) => hosts.version.as_deref(),
        _ => None,
    }
}

/// A line for a reading, and under it what fails.
fn of_feed(app: &App, look: &Look, feed: &Feed, page: &mut Page<'_>) {
    let theme = &look.theme;
    let freshness = feed.freshness(app.now);
    let column = |words: String, width: u16, style: Style| {
        let blanks = width.saturating_sub(fit::width(&words)).max(1);
        Span::styled(format!("{words}{}", " ".repeat(usize::from(blanks))), style)
    };
    let age = match (&feed.good, feed.awaited_since) {
        (Some(good), _) => words::age(Some(good.at), app.now),
        (None, Some(since)) => {
            let length = since.age(app.now).unwrap_or_default();
            format!("asked since {}", words::duration(length))
        }
        (None, None) => words::freshness(Freshness::Never).to_owned(),
    };
    let word = match freshness {
        Freshness::Fresh | Freshness::Never => String::new(),
        other => format!("{}, ", words::freshness(other)),
    };
    let mut line = vec![
        Span::raw(" ".repeat(usize::from(INDENT))),
        column(feed.reading.name().to_owned(), 11, theme.text),
        Span::styled(
            format!("{} ", look.glyphs.freshness(freshness)),
            theme.freshness(freshness),
        ),
        column(
            format!("{word}{age}"),
            16,
            if freshness == Freshness::Fresh {
                theme.text
            } else {
                theme.freshness(freshness)
            },
        ),
    ];
    let rows = feed
        .batch()
        .map_or_else(String::new, |batch| words::count(batch.len() as u64, "row"));
    line.push(column(rows, 10, theme.text));
    let took = feed.took.map_or_else(String::new, words::milliseconds);
    line.push(column(took, 8, theme.dim));
    line.push(Span::styled(next(app, look, feed), theme.dim));
    page.line(line);
    if let Some(good) = &feed.good
        && let Some(before) = good.fell_from
    {
        let words = format!(
            "empty now; it had {} before",
            words::count(before as u64, "row")
        );
        page.words(INDENT + 2, &words, theme.warning);
    }
    if let Some(skipped) = feed.batch().map(Batch::skipped).filter(|n| *n > 0) {
        let words = format!(
            "{} made no sense and left out",
            words::count(u64::from(skipped), "row")
        );
        page.words(INDENT + 2, &words, theme.warning);
    }
    if let Some(trouble) = &feed.trouble {
        let times = match trouble.times {
            1 => "failed once".to_owned(),
            n => format!("failed {n} times"),
        };
        let since = words::age(Some(trouble.since), app.now);
        let said = words::failure(&trouble.failure);
        let words = format!("{times}, first {since}: {}", said.what);
        page.words(INDENT + 2, &words, theme.text);
        // A line of the roster may hold somebody's number.
        if !app.privacy {
            page.mistakes(INDENT + 2, &trouble.failure, look);
        }
        if let Some(next) = said.next {
            page.words(INDENT + 2, &next, theme.dim);
        }
    }
}

/// When it is asked next.
fn next(app: &App, look: &Look, feed: &Feed) -> String {
    match feed.next {
        Some(at) => format!("next {}", words::until(at, app.now)),
        None if feed.trouble.is_some() => match keys::first(app, look, Action::RefreshAll) {
            Some(key) => format!("waits for you: {key}"),
            None => "waits for you".to_owned(),
        },
        None => String::new(),
    }
}

/// What the source is asked and sends, an hour.
fn traffic(app: &App, source: &SourceState) -> Option<String> {
    let since = source.feeds.iter().filter_map(|f| f.counting_since).min()?;
    let requests: u64 = source.feeds.iter().map(|f| f.requests).sum();
    let bytes: u64 = source.feeds.iter().map(|f| f.bytes).sum();
    let seconds = since.age(app.now).unwrap_or_default().as_secs();
    let by = source.feeds.iter().find_map(|f| f.answered_by.as_ref());
    let by = by.map_or_else(String::new, |by| format!(", answered by {by}"));
    if requests == 0 {
        return None;
    }
    // Extrapolating from a few seconds would tell nonsense.
    Some(if seconds < 300 {
        format!(
            "{} and {} so far{by}",
            words::count(requests, "request"),
            words::bytes(Bytes(bytes))
        )
    } else {
        let an_hour = |n: u64| {
            let n = u128::from(n) * 3600 / u128::from(seconds);
            u64::try_from(n).unwrap_or(u64::MAX)
        };
        format!(
            "{} and {} an hour{by}",
            words::count(an_hour(requests), "request"),
            words::bytes(Bytes(an_hour(bytes)))
        )
    })
}

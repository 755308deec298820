//! How far a source can be believed now, in words: for header, borders and the word on an empty table.

use std::borrow::Cow;

use crate::app::{App, Tab};
use crate::domain::{Freshness, Moment, Reading, SourceKind};
use crate::estate::feed::{Feed, SourceState, Trouble};
use crate::ui::words;

use super::{Look, past};

/// What is to be said of a source: its worst reading among those that matter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight<'a> {
    /// The source.
    pub(super) source: &'a SourceState,
    /// How far it can be believed.
    pub(super) freshness: Freshness,
    /// When what is shown of it was read.
    pub(super) read: Option<Moment>,
    /// What fails.
    pub(super) trouble: Option<&'a Trouble>,
}

impl<'a> Sight<'a> {
    /// The worst of those feeds of a source that `matters` says matter; `None` when none does.
    pub(super) fn of(
        source: &'a SourceState,
        now: Moment,
        matters: impl Fn(Reading) -> bool,
    ) -> Option<Self> {
        let feeds = source.feeds.iter().filter(|f| matters(f.reading));
        let read = |feed: &Feed| feed.good.as_ref().map(|g| g.at);
        // Of equals the older one.
        let worst = feeds.max_by_key(|f| (f.freshness(now), std::cmp::Reverse(read(f))))?;
        Some(Self {
            source,
            freshness: worst.freshness(now),
            read: read(worst),
            trouble: worst.trouble.as_ref(),
        })
    }

    /// The whole source.
    pub(super) fn whole(source: &'a SourceState, now: Moment) -> Self {
        Self::of(source, now, |_| true).unwrap_or(Self {
            source,
            freshness: Freshness::Never,
            read: None,
            trouble: None,
        })
    }

    /// `14m`: how old what is shown of it is.
    pub(super) fn age(&self, now: Moment) -> Option<String> {
        let age = self.read?.age(now);
        Some(age.map_or_else(|| "?".to_owned(), words::duration_short))
    }

    /// Its age or a word, when it is not fresh: `14m`, `never`.
    pub(super) fn mark(&self, now: Moment) -> Option<Cow<'static, str>> {
        match self.freshness {
            Freshness::Fresh => None,
            Freshness::Never if self.trouble.is_none() => Some(Cow::Borrowed("not yet")),
            Freshness::Never => Some(Cow::Borrowed("never")),
            _ => self.age(now).map(Cow::Owned),
        }
    }

    /// `golem 14m old`, `checkmk lost, 3m old`, `redmine never read`.
    fn in_border(&self, now: Moment) -> String {
        let name = &self.source.name;
        let age = self.age(now).unwrap_or_default();
        match self.freshness {
            Freshness::Fresh => name.to_string(),
            Freshness::Late | Freshness::Stale => format!("{name} {age} old"),
            Freshness::Lost => format!("{name} lost, {age} old"),
            Freshness::Never if self.trouble.is_none() => format!("{name} not read yet"),
            Freshness::Never => format!("{name} never read"),
        }
    }

    /// `redmine (no answer within 12 s, 14m)`.
    fn with_reason(&self, now: Moment) -> String {
        let name = &self.source.name;
        let age = self.age(now);
        let why = match self.trouble {
            Some(trouble) => words::failure_short(&trouble.failure),
            None if self.freshness == Freshness::Never => "not read yet".to_owned(),
            None => words::freshness(self.freshness).to_owned(),
        };
        match age {
            Some(age) => format!("{name} ({why}, {age})"),
            None => format!("{name} ({why})"),
        }
    }
}

/// What a tab rests on, of the sources that are configured.
pub(super) fn sights(app: &App, tab: Tab) -> impl Iterator<Item = Sight<'_>> {
    let readings = app.table(tab).readings;
    app.estate.sources.iter().filter_map(move |source| {
        Sight::of(source, app.now, |reading| {
            readings.contains(&(source.kind, reading))
        })
    })
}

/// What a tab rests on and cannot be believed, the worst first.
pub(super) fn doubts(app: &App, tab: Tab) -> Vec<Sight<'_>> {
    let mut doubts: Vec<Sight<'_>> = sights(app, tab)
        .filter(|s| !s.freshness.is_trustworthy())
        .collect();
    doubts.sort_by_key(|s| (std::cmp::Reverse(s.freshness), s.read));
    doubts
}

/// Whether a kind of source tells what is right and wrong.
pub(super) const fn judges(kind: SourceKind) -> bool {
    !matches!(kind, SourceKind::Redmine | SourceKind::Roster)
}

/// What is not fresh, as wordy as `room` cells allow; empty when all is fresh.
pub(super) fn note(app: &App, look: &Look, tab: Tab, room: u16) -> String {
    if app.travel.is_some() {
        return past::note(app, look, room);
    }
    let doubts = doubts(app, tab);
    let Some(first) = doubts.first() else {
        return String::new();
    };
    let now = app.now;
    let join = |each: &dyn Fn(&Sight<'_>) -> String| {
        let parts: Vec<String> = doubts.iter().map(each).collect();
        parts.join(&format!(" {} ", look.glyphs.dot))
    };
    let sign = look.glyphs.unknown;
    let more = match doubts.len() {
        1 => String::new(),
        n => format!(" +{}", n - 1),
    };
    let names = join(&|s| s.source.name.to_string());
    let mut variants = vec![
        join(&|s| s.in_border(now)),
        format!("{}{more}", first.in_border(now)),
        format!("{} not fresh", words::count(doubts.len() as u64, "source")),
    ];
    if tab == Tab::Triage {
        let cannot = [
            format!("{sign} cannot see: {}", join(&|s| s.with_reason(now))),
            format!("{sign} cannot see: {}", join(&|s| s.in_border(now))),
            format!("{sign} cannot see: {}{more}", first.with_reason(now)),
            format!("{sign} cannot see: {names}"),
            format!("{sign} cannot see: {}{more}", first.source.name),
        ];
        variants.splice(.., cannot);
    }
    let fits = |words: &String| crate::ui::widget::fit::width(words) <= room;
    let last = format!("{sign}{}", doubts.len());
    variants.into_iter().find(fits).unwrap_or(last)
}

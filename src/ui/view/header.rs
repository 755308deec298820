//! The first line: tabs with what is wrong there, sources with their age, the clock.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::drawn::Hit;
use crate::app::{Action, App, Drawn, Tab};
use crate::domain::{Freshness, Severity};
use crate::ui::widget::{fit, tabs};

use super::trust::Sight;
use super::{Look, page, past, region, trust};

/// What the program is called there.
const BRAND: &str = " vigie ";

/// How much is said of the sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// All by name.
    Names,
    /// Only those that are not fresh by name.
    Troubled,
    /// Signs, with an age where one is due.
    Signs,
    /// Only those that are not fresh, by sign and age.
    TroubledSigns,
    /// The sign of the worst, and how many are not fresh.
    Worst,
}

/// Ways to share the line, the first that fits is taken: with the brand or not, how wordy the tabs are
/// (0 is wordiest), what is said of the sources. The tabs and the worst source stay to the last.
const WAYS: [(bool, usize, Said); 13] = [
    (true, 0, Said::Names),
    (true, 0, Said::Troubled),
    (false, 0, Said::Troubled),
    (false, 0, Said::Signs),
    (false, 1, Said::Troubled),
    (false, 1, Said::Signs),
    (false, 1, Said::TroubledSigns),
    (false, 1, Said::Worst),
    (false, 2, Said::Troubled),
    (false, 2, Said::Signs),
    (false, 2, Said::TroubledSigns),
    (false, 2, Said::Worst),
    (false, 3, Said::Worst),
];

/// Draws the header.
pub(super) fn draw(app: &App, look: &Look, area: Rect, buf: &mut Buffer, drawn: &mut Drawn) {
    if let Some(travel) = &app.travel {
        past::draw_header(app, look, travel, area, buf, drawn);
        return;
    }
    let keys: Vec<String> = Tab::ALL
        .map(|tab| super::keys::first(app, look, Action::of_tab(tab)).unwrap_or_default())
        .into();
    let badges = Tab::ALL.map(|tab| badge(app, look, tab));
    let mut all: Vec<tabs::Tab<'_>> = (Tab::ALL.iter().zip(&keys))
        .zip(&badges)
        .map(|((tab, key), (sign, style, count))| tabs::Tab {
            key,
            label: tab.title(),
            short: if *tab == app.tab {
                tab.title()
            } else {
                tab.title().get(..3).unwrap_or_default()
            },
            sign: (sign, *style),
            count,
        })
        .collect();
    let sights: Vec<Sight<'_>> = app
        .estate
        .sources
        .iter()
        .map(|source| Sight::whole(source, app.now))
        .collect();
    let clock = clock(app);
    let clock_width = fit::width(&clock) + 1;
    let widths = tabs::widths(&all, app.tab.index());
    let way = WAYS.iter().find_map(|(brand, wordy, said)| {
        let sources = sources(app, look, &sights, *said);
        let own = if *brand { fit::width(BRAND) } else { 0 };
        // Blanks between sources and clock, and before both.
        let gap = if sources.spans.is_empty() { 0 } else { 2 };
        let needed = own + widths[*wordy] + gap + line_width(&sources) + clock_width;
        (needed <= area.width).then_some((*brand, widths[*wordy], sources))
    });
    let (brand, tabs_width, sources) = way.unwrap_or_else(|| {
        let sources = sources(app, look, &sights, Said::Worst);
        let taken = line_width(&sources) + 2 + clock_width;
        // At last only that something is wrong there, not how often.
        for tab in &mut all {
            tab.count = "";
        }
        // And then only where it is bad: a tab is more than a sign.
        let room = area.width.saturating_sub(taken);
        if tabs::widths(&all, app.tab.index())[3] > room {
            for tab in all.iter_mut().filter(|t| t.sign.0 == look.glyphs.warning) {
                tab.sign.0 = "";
            }
        }
        (false, area.width.saturating_sub(taken), sources)
    });
    let mut x = area.x;
    if brand {
        (x, _) = buf.set_stringn(x, area.y, BRAND, area.width.into(), look.theme.title);
    }
    let place = Rect {
        x,
        width: tabs_width.min(area.right() - x),
        ..area
    };
    for (range, index) in tabs::draw(buf, place, &all, app.tab.index(), &look.theme) {
        let hit = Rect::new(range.start, area.y, range.end - range.start, 1);
        if let Some(tab) = Tab::at(index) {
            drawn.hits.push((region(hit), Hit::Tab(tab)));
        }
    }
    let clock_at = area.right().saturating_sub(clock_width);
    buf.set_stringn(
        clock_at,
        area.y,
        &clock,
        clock_width.into(),
        look.theme.text,
    );
    let width = line_width(&sources);
    if width > 0 {
        let at = Rect {
            x: clock_at.saturating_sub(width + 2).max(area.x),
            width,
            ..area
        };
        page::draw_line(&sources, look, at, buf);
        drawn.hits.push((region(at), Hit::Act(Action::Sources)));
    }
}

/// Hours and minutes in the screen's zone.
fn clock(app: &App) -> String {
    let zoned = app.now.timestamp().to_zoned(app.zone.clone());
    zoned.strftime("%H:%M").to_string()
}

fn line_width(line: &Line<'_>) -> u16 {
    line.spans
        .iter()
        .map(|span| fit::width(&span.content))
        .fold(0, u16::saturating_add)
}

/// `■3`: the number of problems of a tab with the sign of the worst. Where nothing is known to be
/// wrong, but not everything can be seen, a sign says so: no mark means that all is well.
fn badge(app: &App, look: &Look, tab: Tab) -> (&'static str, Style, String) {
    let rows = app.rows(tab);
    let unread = app.seen.total();
    if tab == Tab::Tickets && unread > 0 {
        return (look.glyphs.unread, look.theme.key, unread.to_string());
    }
    if rows.problems() > 0 {
        let worst = rows.worst();
        let sign = look.glyphs.severity(worst);
        return (
            sign,
            look.theme.severity(worst),
            rows.problems().to_string(),
        );
    }
    let doubt = trust::sights(app, tab)
        .filter(|s| trust::judges(s.source.kind))
        .map(|s| s.freshness)
        .max();
    match doubt {
        Some(Freshness::Never) => (look.glyphs.never, look.theme.unknown, String::new()),
        Some(doubt) if !doubt.is_trustworthy() => {
            let sign = look.glyphs.severity(Severity::Unknown);
            (sign, look.theme.unknown, String::new())
        }
        _ => ("", Style::new(), String::new()),
    }
}

/// The sources, as wordy as told.
fn sources<'a>(app: &App, look: &Look, sights: &[Sight<'a>], said: Said) -> Line<'a> {
    let mut parts: Vec<Span<'a>> = Vec::new();
    if said == Said::Worst {
        let doubts = sights.iter().filter(|s| !s.freshness.is_trustworthy());
        let number = doubts.clone().count();
        if let Some(worst) = doubts.map(|s| s.freshness).max() {
            parts.push(sign(look, worst));
            parts.push(Span::styled(
                number.to_string(),
                look.theme.freshness(worst),
            ));
        }
        return Line::from(parts);
    }
    // A run of signs for those that are fresh, then the others, so that these catch the eye.
    let (fresh, ill): (Vec<&Sight<'_>>, Vec<&Sight<'a>>) = sights
        .iter()
        .partition(|s| s.freshness.is_trustworthy() && said != Said::Names);
    if said != Said::TroubledSigns {
        parts.extend(fresh.iter().map(|s| sign(look, s.freshness)));
    }
    let named = said == Said::Names || said == Said::Troubled;
    let mut after_mark = true;
    for sight in ill {
        // By sign alone it says enough that nothing was ever read.
        let mark = sight
            .mark(app.now)
            .filter(|_| named || sight.freshness != Freshness::Never);
        if !parts.is_empty() && (after_mark || mark.is_some()) {
            parts.push(Span::raw(if named { "  " } else { " " }));
        }
        after_mark = named || mark.is_some();
        if named {
            parts.push(Span::styled(sight.source.name.as_str(), look.theme.text));
            parts.push(Span::raw(" "));
        }
        parts.push(sign(look, sight.freshness));
        if let Some(mark) = mark {
            let space = if named { " " } else { "" };
            parts.push(Span::styled(
                format!("{space}{mark}"),
                look.theme.freshness(sight.freshness),
            ));
        }
    }
    Line::from(parts)
}

fn sign<'a>(look: &Look, freshness: Freshness) -> Span<'a> {
    Span::styled(
        look.glyphs.freshness(freshness),
        look.theme.freshness(freshness),
    )
}

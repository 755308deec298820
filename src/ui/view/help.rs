//! The keys as they are bound now, how filters are written, what the signs mean.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::drawn::Hit;
use crate::app::keys::action::{ACTIONS, Group};
use crate::app::{App, Drawn};
use crate::domain::{Freshness, Severity};
use crate::ui::widget::panel::Panel;
use crate::ui::widget::{fit, scroll_bar};
use crate::ui::words;

use super::page::{Page, draw_line};
use super::{Look, keys, region};

/// Cells of a column that reads well, and the least and most columns.
const COLUMN: u16 = 36;
const WIDEST: u16 = 58;
const MOST: u16 = 4;
/// Cells between columns.
const GAP: u16 = 2;
/// Cells for keys, in narrow columns and in wide ones.
const KEYS: (u16, u16) = (11, 15);

/// Draws the help over the body.
pub(super) fn draw(
    app: &App,
    look: &Look,
    scroll: usize,
    body: Rect,
    buf: &mut Buffer,
    drawn: &mut Drawn,
) {
    let room = body.width.saturating_sub(4);
    let number = ((room + GAP) / (COLUMN + GAP)).clamp(1, MOST);
    let width = ((room - (number - 1) * GAP) / number).min(WIDEST);
    let blocks = blocks(app, look, width);
    let columns = share(blocks, usize::from(number));
    let lines = columns.iter().map(Vec::len).max().unwrap_or(0);
    let used = u16::try_from(columns.len()).unwrap_or(1).max(1);
    let size = (
        used * (width + GAP) - GAP + 4,
        u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(2),
    );
    let area = crate::ui::widget::panel::centered(body, size);
    let panel = Panel {
        focused: true,
        note: concat!("vigie ", env!("CARGO_PKG_VERSION")),
        ..Panel::new("Help")
    };
    let inside = panel.draw_over(buf, body, size, look.set());
    drawn.hits.push((region(area), Hit::Layer));
    let height = usize::from(inside.height);
    let from = scroll.min(lines.saturating_sub(height));
    for (at, column) in (0..).zip(&columns) {
        let x = inside.x + 1 + at * (width + GAP);
        let seen = column.get(from.min(column.len())..).unwrap_or_default();
        for (y, line) in (inside.top()..inside.bottom()).zip(seen) {
            let place = Rect::new(x, y, width.min(inside.right().saturating_sub(x)), 1);
            draw_line(line, look, place, buf);
        }
    }
    scroll_bar::draw(buf, inside, lines, from, look.set());
    drawn.layer = (lines, height);
}

/// Blocks under each other, column by column, none much longer than the others. A block is not torn.
fn share(blocks: Vec<Vec<Line<'static>>>, number: usize) -> Vec<Vec<Line<'static>>> {
    let most = |limit: usize| {
        let (mut columns, mut used) = (1, 0);
        for block in &blocks {
            let needed = block.len() + usize::from(used > 0);
            if used > 0 && used + needed > limit {
                columns += 1;
                used = block.len();
            } else {
                used += needed;
            }
        }
        columns
    };
    let all: usize = blocks.iter().map(|b| b.len() + 1).sum();
    let least = blocks.iter().map(Vec::len).max().unwrap_or(1);
    let limit = (least..=all).find(|limit| most(*limit) <= number);
    let limit = limit.unwrap_or(all);
    let mut columns: Vec<Vec<Line<'static>>> = vec![Vec::new()];
    for block in blocks {
        let used = columns.last().map_or(0, Vec::len);
        if used > 0 && used + 1 + block.len() > limit && columns.len() < number {
            columns.push(Vec::new());
        }
        if let Some(column) = columns.last_mut() {
            if !column.is_empty() {
                column.push(Line::default());
            }
            column.extend(block);
        }
    }
    columns
}

fn blocks(app: &App, look: &Look, width: u16) -> Vec<Vec<Line<'static>>> {
    let mut blocks: Vec<Vec<Line<'static>>> = Group::ALL
        .into_iter()
        .map(|group| {
            let mut page = titled(group.title(), look, width);
            for about in ACTIONS.iter().filter(|a| a.group == group) {
                let mut keys = keys::all(app, look, about.action);
                if keys.is_empty() {
                    // By name, then.
                    keys = format!(":{}", about.name);
                }
                entry(&mut page, look, &keys, about.says);
            }
            page.into_lines()
        })
        .collect();
    blocks.push(filters(app, look, width));
    blocks.push(signs(look, width));
    blocks
}

fn titled(title: &'static str, look: &Look, width: u16) -> Page<'static> {
    let mut page = Page::new(width);
    page.line(vec![Span::styled(title, look.theme.heading)]);
    page
}

/// A key, or whatever stands in its place, and what it means.
fn entry(page: &mut Page<'static>, look: &Look, key: &str, says: &str) {
    let keys = if page.width() < 50 { KEYS.0 } else { KEYS.1 };
    let blanks = keys.saturating_sub(fit::width(key)).max(1);
    let before = vec![
        Span::styled(key.to_owned(), look.theme.key),
        Span::raw(" ".repeat(usize::from(blanks))),
    ];
    page.after(before, says, look.theme.text);
}

fn filters(app: &App, look: &Look, width: u16) -> Vec<Line<'static>> {
    let mut page = titled("Filter", look, width);
    for (write, says) in [
        ("wiki", "rows with this word in any column"),
        ("state:stopped", "with this in that column"),
        ("cpu>80 disk<10", "more, less: percent, days, numbers"),
        ("-node:golem", "rows without"),
        ("a b", "all that is written must hold"),
    ] {
        entry(&mut page, look, write, says);
    }
    let fields: Vec<&str> = app.table(app.tab).columns.iter().map(|c| c.id).collect();
    entry(&mut page, look, "columns here", &fields.join(" "));
    page.into_lines()
}

fn signs(look: &Look, width: u16) -> Vec<Line<'static>> {
    let mut page = titled("Signs", look, width);
    let theme = &look.theme;
    let mut sign = |sign: &'static str, style, says: String| {
        let before = vec![Span::styled(sign, style), Span::raw(" ")];
        page.after(before, &says, theme.text);
    };
    for severity in Severity::ALL.into_iter().rev() {
        let says = match severity {
            Severity::Critical => "critical: broken now",
            Severity::Unknown => "unknown: cannot be seen, so not known to be well",
            Severity::Warning => "warning: will become a problem",
            Severity::Info => "info: worth knowing, nothing to do",
            Severity::Ok => "ok; without its colour: it was so when last read",
        };
        let style = theme.severity(severity);
        sign(look.glyphs.severity(severity), style, says.to_owned());
    }
    for freshness in [
        Freshness::Fresh,
        Freshness::Late,
        Freshness::Stale,
        Freshness::Lost,
        Freshness::Never,
    ] {
        let means = match freshness {
            Freshness::Fresh => "read as often as it should be",
            Freshness::Late => "older than twice its interval",
            Freshness::Stale => "older than five intervals",
            Freshness::Lost => "it fails; what is shown is the last that was read",
            Freshness::Never => "no answer so far",
        };
        let says = format!("source {}: {means}", words::freshness(freshness));
        let style = theme.freshness(freshness);
        sign(look.glyphs.freshness(freshness), style, says);
    }
    sign(look.glyphs.mark, theme.mark, "marked row".to_owned());
    page.into_lines()
}

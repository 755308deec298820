//! The line of sections above the tickets: the feed first, each with its count.
//!
//! ```text
//! │ Feed •4  Open 23  Mine 3  Unassigned 7  Overdue 2  All 90                    │
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::drawn::Hit;
use crate::app::{App, Drawn};
use crate::ui::widget::fit;

use super::{Look, region};

/// A section as it is written.
struct Tab {
    name: String,
    count: String,
    style: Style,
}

/// Draws the line. Where not all fit, those around the open one are seen.
pub(super) fn draw(app: &App, look: &Look, line: Rect, buf: &mut Buffer, drawn: &mut Drawn) {
    let theme = &look.theme;
    let open = open(app);
    let tabs = tabs(app, look);
    let width = |tab: &Tab| fit::width(&tab.name) + 1 + fit::width(&tab.count) + 2;
    let widths: Vec<u16> = tabs.iter().map(width).collect();
    let (first, last) = window(&widths, open, line.width.saturating_sub(4));
    let mut x = line.x;
    if first > 0 {
        buf.set_stringn(x, line.y, look.glyphs.ellipsis, 2, theme.dim);
        x += 2;
    }
    for (at, tab) in tabs.iter().enumerate().take(last).skip(first) {
        let Some(wide) = widths.get(at).copied() else {
            break;
        };
        let wide = wide.min(line.right().saturating_sub(x));
        let cell = Rect {
            x,
            width: wide,
            ..line
        };
        let base = if at == open {
            theme.tab_active
        } else {
            theme.tab
        };
        buf.set_style(cell, base);
        let field = |x: u16, width: u16| fit::Field {
            x,
            y: line.y,
            width,
            align: crate::ui::widget::Align::Left,
            ellipsis: look.glyphs.ellipsis,
        };
        let name = fit::width(&tab.name).min(wide.saturating_sub(1));
        field(x + 1, name).draw(buf, &tab.name, base);
        let count = wide.saturating_sub(name + 2);
        field(x + 2 + name, count).draw(buf, &tab.count, base.patch(tab.style));
        drawn.hits.push((region(cell), Hit::Section(at)));
        x += wide;
    }
    if last < tabs.len() && x < line.right() {
        buf.set_stringn(x, line.y, look.glyphs.ellipsis, 1, theme.dim);
    }
}

/// Place of the open section, 0 for the feed.
fn open(app: &App) -> usize {
    let name = app.desk.section.as_deref();
    let found = (app.estate.sections.iter()).position(|s| Some(s.name.as_str()) == name);
    found.map_or(0, |at| at + 1)
}

fn tabs(app: &App, look: &Look) -> Vec<Tab> {
    let theme = &look.theme;
    let unread = app.seen.total();
    let feed = Tab {
        name: "Feed".to_owned(),
        count: if unread > 0 {
            format!("{}{unread}", look.glyphs.unread)
        } else {
            look.glyphs.check.to_owned()
        },
        style: if unread > 0 { theme.key } else { theme.dim },
    };
    let sections = app.estate.sections.iter().map(|section| {
        let more = if section.more { "+" } else { "" };
        let doubtful = !section.doubts.is_empty();
        let count = if section.untold && section.rows.is_empty() {
            "?".to_owned()
        } else {
            let mark = if doubtful { look.glyphs.warning } else { "" };
            format!("{}{more}{mark}", section.rows.len())
        };
        Tab {
            name: section.name.clone(),
            count,
            style: if doubtful { theme.late } else { theme.dim },
        }
    });
    std::iter::once(feed).chain(sections).collect()
}

/// Which of these fit around the open one.
fn window(widths: &[u16], open: usize, room: u16) -> (usize, usize) {
    let sum = |from: usize, to: usize| -> u32 {
        let some = widths.get(from..to).unwrap_or_default();
        some.iter().map(|w| u32::from(*w)).sum()
    };
    if sum(0, widths.len()) <= u32::from(room) + 4 {
        return (0, widths.len());
    }
    let mut first = 0;
    while first < open && sum(first, open + 1) > u32::from(room) {
        first += 1;
    }
    let mut last = (open + 1).min(widths.len());
    while last < widths.len() && sum(first, last + 1) <= u32::from(room) {
        last += 1;
    }
    (first, last)
}

#[cfg(test)]
mod tests {
    use super::window;

    #[test]
    fn the_open_section_is_always_seen() {
        let widths = [10, 10, 10, 10, 10];
        assert_eq!(window(&widths, 0, 46), (0, 5));
        assert_eq!(window(&widths, 0, 25), (0, 2));
        assert_eq!(window(&widths, 4, 25), (3, 5));
        assert_eq!(window(&widths, 2, 5), (2, 3));
    }
}

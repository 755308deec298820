//! The tabs in the first line.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::ui::theme::Theme;

use super::fit::width;

/// A tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tab<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its name.
    pub label: &'a str,
    /// A shorter name for narrow screens.
    pub short: &'a str,
    /// How bad it is there: a sign with its style, empty for nothing.
    pub sign: (&'a str, Style),
    /// How much needs attention there; empty for nothing.
    pub count: &'a str,
}

/// How much of each tab is said.
#[derive(Debug, Clone, Copy)]
enum Words {
    Label,
    Short,
    /// The short name of the open tab, only keys, signs and counts of the others.
    OnlyActive,
    Key,
}

/// What a tab is called, `None` when only by its key.
fn name<'a>(tab: &Tab<'a>, words: Words, active: bool) -> Option<&'a str> {
    match words {
        Words::Label => Some(tab.label),
        Words::Short => Some(tab.short),
        Words::OnlyActive => active.then_some(tab.short),
        Words::Key => None,
    }
}

fn needs(tab: &Tab<'_>, words: Words, active: bool) -> u16 {
    let part = |text: &str| if text.is_empty() { 0 } else { 1 + width(text) };
    let name = name(tab, words, active).map_or(0, part);
    let badge = width(tab.sign.0) + width(tab.count);
    2 + width(tab.key) + name + badge + u16::from(badge > 0)
}

/// Cells that tabs take, from the wordiest way of drawing them to the tersest.
pub fn widths(tabs: &[Tab<'_>], active: usize) -> [u16; 4] {
    [Words::Label, Words::Short, Words::OnlyActive, Words::Key].map(|words| {
        let each = tabs.iter().enumerate();
        each.map(|(index, tab)| needs(tab, words, index == active))
            .fold(0, u16::saturating_add)
    })
}

/// Draws tabs into the first line of `area`, as wordy as there is room; signs and counts are never
/// left out before names. Returns where each was drawn, with its index.
pub fn draw(
    buf: &mut Buffer,
    area: Rect,
    tabs: &[Tab<'_>],
    active: usize,
    theme: &Theme,
) -> Vec<(Range<u16>, usize)> {
    let area = area.intersection(buf.area);
    let mut drawn = Vec::with_capacity(tabs.len());
    if area.is_empty() {
        return drawn;
    }
    let all = |words| -> u32 {
        let each = tabs.iter().enumerate();
        each.map(|(index, tab)| u32::from(needs(tab, words, index == active)))
            .sum()
    };
    let words = [Words::Label, Words::Short, Words::OnlyActive]
        .into_iter()
        .find(|words| all(*words) <= u32::from(area.width))
        .unwrap_or(Words::Key);
    let mut x = area.x;
    for (index, tab) in tabs.iter().enumerate() {
        let open = index == active;
        let end = x.saturating_add(needs(tab, words, open));
        if end > area.right() {
            break;
        }
        let style = if open { theme.tab_active } else { theme.tab };
        buf.set_style(Rect::new(x, area.y, end - x, 1), style);
        // What needs attention is not dimmed with the name of its tab.
        let not_dim = style.remove_modifier(Modifier::DIM);
        let (sign, sign_style) = tab.sign;
        let name = name(tab, words, open).unwrap_or_default();
        let badge = width(sign) + width(tab.count) > 0;
        let parts = [
            (tab.key, style, 0),
            (name, style, u16::from(!name.is_empty())),
            (sign, not_dim.patch(sign_style), u16::from(badge)),
            (tab.count, not_dim, 0),
        ];
        let mut at = x + 1;
        for (text, style, gap) in parts {
            at += gap;
            let room = usize::from(end.saturating_sub(at));
            (at, _) = buf.set_stringn(at, area.y, text, room, style);
        }
        drawn.push((x..end, index));
        x = end;
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tabs() -> Vec<Tab<'static>> {
        let tab = |key, label, short, sign, count| Tab {
            key,
            label,
            short,
            sign: (sign, Style::new()),
            count,
        };
        vec![
            tab("0", "Triage", "Triage", "■", "3"),
            tab("1", "Hosts", "Hosts", "", ""),
            tab("2", "Containers", "Cont", "■", "1"),
            tab("3", "Web", "Web", "■", "2"),
            tab("4", "Mail", "Mail", "▲", "1"),
            tab("5", "Team", "Team", "", ""),
            tab("6", "Tickets", "Tick", "", "4"),
        ]
    }

    fn shown(width: u16) -> (String, usize) {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, 1));
        let area = buf.area;
        let drawn = draw(&mut buf, area, &tabs(), 2, &Theme::default());
        let line: String = buf
            .content
            .iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect();
        (line.trim_end().to_owned(), drawn.len())
    }

    #[test]
    fn names_get_shorter_before_anything_is_left_out() {
        let lines = [90, 75, 60, 45, 30, 12, 0].map(|width| {
            let (line, drawn) = shown(width);
            format!("{width:2} {drawn} |{line}")
        });
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn signs_keep_their_colour_on_the_open_tab() {
        let theme = Theme::default();
        let mut tabs = tabs();
        tabs[2].sign.1 = theme.critical;
        let mut buf = Buffer::empty(Rect::new(0, 0, 90, 1));
        let area = buf.area;
        let drawn = draw(&mut buf, area, &tabs, 2, &theme);
        let sign = &buf[(drawn[2].0.end - 3, 0)];
        assert_eq!(Some(sign.fg), theme.critical.fg);
        assert!(sign.modifier.contains(theme.tab_active.add_modifier));
    }
}

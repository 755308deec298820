//! The last line: which keys do something here.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::theme::Theme;

use super::fit::{Align, Field, width};

/// A key and what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hint<'a> {
    /// The key, as the keymap prints it.
    pub key: &'a str,
    /// What it does, in a word.
    pub label: &'a str,
}

/// Draws hints, the most important first, into the first line of `area`, and `note` at its right. The
/// last ones that do not fit are left out; before the first goes, the note goes. Returns where each
/// was drawn, with its index.
pub fn draw(
    buf: &mut Buffer,
    area: Rect,
    hints: &[Hint<'_>],
    note: &str,
    theme: &Theme,
) -> Vec<(Range<u16>, usize)> {
    let area = area.intersection(buf.area);
    if area.is_empty() {
        return Vec::new();
    }
    let needs = |hint: &Hint<'_>| width(hint.key) + 1 + width(hint.label);
    let note_width = width(note);
    let first = hints.first().map_or(0, needs);
    let mut right = area.right().saturating_sub(1).max(area.x);
    if note_width > 0 && first.saturating_add(note_width).saturating_add(4) <= area.width {
        let field = Field {
            x: right - note_width,
            y: area.y,
            width: note_width,
            align: Align::Left,
            ellipsis: "",
        };
        field.draw(buf, note, theme.dim);
        right -= note_width + 2;
    }
    let mut x = area.x + 1;
    let mut drawn = Vec::with_capacity(hints.len());
    for (index, hint) in hints.iter().enumerate() {
        let end = x.saturating_add(needs(hint));
        if end > right {
            break;
        }
        let (next, _) = buf.set_stringn(x, area.y, hint.key, usize::MAX, theme.key);
        buf.set_stringn(next + 1, area.y, hint.label, usize::MAX, theme.key_label);
        drawn.push((x..end, index));
        x = end + 2;
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    const HINTS: [Hint<'static>; 6] = [
        Hint {
            key: "↑↓",
            label: "select",
        },
        Hint {
            key: "⏎",
            label: "details",
        },
        Hint {
            key: "/",
            label: "filter",
        },
        Hint {
            key: ":",
            label: "command",
        },
        Hint {
            key: "S",
            label: "sources",
        },
        Hint {
            key: "?",
            label: "help",
        },
    ];

    fn shown(width: u16) -> (String, usize) {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, 1));
        let area = buf.area;
        let drawn = draw(&mut buf, area, &HINTS, "read-only", &Theme::default());
        let line: String = buf
            .content
            .iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect();
        (line, drawn.len())
    }

    #[test]
    fn the_last_go_first() {
        assert_eq!(
            shown(80),
            (
                " ↑↓ select  ⏎ details  / filter  : command  S sources  ? help         read-only "
                    .to_owned(),
                6
            )
        );
        assert_eq!(
            shown(40),
            (" ↑↓ select  ⏎ details         read-only ".to_owned(), 2)
        );
        assert_eq!(shown(14), (" ↑↓ select    ".to_owned(), 1));
        assert_eq!(shown(8), ("        ".to_owned(), 0));
        assert_eq!(shown(0), (String::new(), 0));
    }

    #[test]
    fn each_can_be_clicked() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 40, 1));
        let area = buf.area;
        let drawn = draw(&mut buf, area, &HINTS, "", &Theme::default());
        assert_eq!(drawn[1], (12..21, 1));
    }
}

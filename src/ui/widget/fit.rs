//! Text that fits: measured and cut by display width, grapheme by grapheme.
//!
//! Widths are those of ratatui's own buffer. What lies beyond the width is never looked at, so a
//! long text costs no more than a short one.

use std::ops::Range;

use ratatui::buffer::{Buffer, CellWidth};
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;

/// Which edge of its field a text keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Align {
    /// Words.
    #[default]
    Left,
    /// Figures.
    Right,
}

/// The part of a text that fits a width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fitted<'a> {
    /// What fits; room for an ellipsis is left when `cut`.
    pub head: &'a str,
    /// Cells that `head` takes.
    pub width: u16,
    /// Something was left out, and an ellipsis should say so.
    pub cut: bool,
}

/// Display width of a text in cells.
pub fn width(text: &str) -> u16 {
    if text.is_ascii() {
        return u16::try_from(text.len()).unwrap_or(u16::MAX);
    }
    text.graphemes(true).fold(0, |width: u16, grapheme| {
        width.saturating_add(grapheme_width(grapheme))
    })
}

/// Display width of one grapheme, as the buffer counts it. Control characters take no cell.
pub fn grapheme_width(grapheme: &str) -> u16 {
    if grapheme.contains(char::is_control) {
        0
    } else {
        grapheme.cell_width()
    }
}

/// Cuts a text to at most `room` cells.
pub fn fit(text: &str, room: u16) -> Fitted<'_> {
    let room_bytes = usize::from(room);
    // ASCII up to one byte beyond the room: nothing can join on to the last one kept.
    let window = text.as_bytes().get(..=room_bytes);
    if window.unwrap_or(text.as_bytes()).is_ascii() {
        let Some(kept) = window.map(|_| room_bytes.saturating_sub(1)) else {
            return Fitted {
                head: text,
                width: u16::try_from(text.len()).unwrap_or(room),
                cut: false,
            };
        };
        return Fitted {
            head: text.get(..kept).unwrap_or_default(),
            width: room.saturating_sub(1),
            cut: true,
        };
    }
    let (mut end, mut used) = (0, 0_u16);
    let (mut short_end, mut short_used) = (0, 0);
    for (at, grapheme) in text.grapheme_indices(true) {
        let wide = grapheme_width(grapheme);
        if used.saturating_add(wide) > room {
            return Fitted {
                head: text.get(..short_end).unwrap_or_default(),
                width: short_used,
                cut: true,
            };
        }
        used += wide;
        end = at + grapheme.len();
        if used < room {
            (short_end, short_used) = (end, used);
        }
    }
    Fitted {
        head: text.get(..end).unwrap_or_default(),
        width: used,
        cut: false,
    }
}

/// A field in one line of the screen that text is drawn into.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    /// Column of its left edge.
    pub x: u16,
    /// Line.
    pub y: u16,
    /// Cells it has.
    pub width: u16,
    /// Edge that text keeps to.
    pub align: Align,
    /// Stands for what was cut off; one cell wide.
    pub ellipsis: &'a str,
}

impl<'a> Field<'a> {
    /// The first line of an area, left-aligned.
    pub const fn line(area: Rect, ellipsis: &'a str) -> Self {
        Self {
            x: area.x,
            y: area.y,
            width: if area.height == 0 { 0 } else { area.width },
            align: Align::Left,
            ellipsis,
        }
    }

    /// The same field with text at its right edge.
    pub const fn right(self) -> Self {
        Self {
            align: Align::Right,
            ..self
        }
    }

    /// What of the field lies in the buffer. A field that begins outside is not drawn.
    fn within(self, buf: &Buffer) -> Option<u16> {
        let area = buf.area;
        let seen = (area.left()..area.right()).contains(&self.x)
            && (area.top()..area.bottom()).contains(&self.y);
        seen.then(|| self.width.min(area.right() - self.x))
            .filter(|width| *width > 0)
    }

    /// Draws text and returns the columns it takes.
    pub fn draw(self, buf: &mut Buffer, text: &str, style: Style) -> Range<u16> {
        self.draw_marked(buf, text, style, &[], Style::new())
    }

    /// As [`Self::draw`], with `found` laid over every occurrence of one of `needles` (see
    /// [`find`]).
    pub fn draw_marked(
        self,
        buf: &mut Buffer,
        text: &str,
        style: Style,
        needles: &[&str],
        found: Style,
    ) -> Range<u16> {
        let Some(room) = self.within(buf) else {
            return self.x..self.x;
        };
        let fitted = fit(text, room);
        let taken = fitted.width + u16::from(fitted.cut);
        let start = match self.align {
            Align::Left => self.x,
            Align::Right => self.x + (room - taken.min(room)),
        };
        let (mut x, _) = buf.set_stringn(start, self.y, fitted.head, usize::from(room), style);
        for needle in needles {
            for hit in find(fitted.head, needle) {
                let before = width(fitted.head.get(..hit.start).unwrap_or_default());
                let wide = width(fitted.head.get(hit).unwrap_or_default());
                let area = Rect::new(start + before, self.y, wide, 1);
                buf.set_style(area, found);
            }
        }
        if fitted.cut {
            (x, _) = buf.set_stringn(x, self.y, self.ellipsis, 1, style);
        }
        start..x
    }
}

/// Where `needle` occurs in `text`, as byte ranges, case set aside. `needle` is lower case; an empty
/// one occurs nowhere.
pub fn find<'t>(text: &'t str, needle: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
    let mut from = 0;
    std::iter::from_fn(move || {
        if needle.is_empty() {
            return None;
        }
        loop {
            let rest = text.get(from..)?;
            let first = rest.chars().next()?;
            if let Some(length) = prefix(rest, needle) {
                let hit = from..from + length;
                from = hit.end;
                return Some(hit);
            }
            from += first.len_utf8();
        }
    })
}

/// Bytes of `text` that make up `needle` when lowered, if it begins with it.
fn prefix(text: &str, needle: &str) -> Option<usize> {
    let mut wanted = needle.chars();
    let mut length = 0;
    let mut chars = text.chars();
    while !wanted.as_str().is_empty() {
        let c = chars.next()?;
        for lower in c.to_lowercase() {
            if wanted.next() != Some(lower) {
                return None;
            }
        }
        length += c.len_utf8();
    }
    Some(length)
}

#[cfg(test)]
mod tests {
    use ratatui::style::Modifier;

    use super::*;

    fn cut(text: &str, room: u16) -> String {
        let fitted = fit(text, room);
        assert_eq!(fitted.width, width(fitted.head), "{text:?} in {room}");
        let shown = format!("{}{}", fitted.head, if fitted.cut { "…" } else { "" });
        assert!(width(&shown) <= room.max(1), "{shown:?} in {room}");
        shown
    }

    #[test]
    fn what_fits_stays() {
        assert_eq!(cut("golem", 5), "golem");
        assert_eq!(cut("golem", 9), "golem");
        assert_eq!(cut("日本", 4), "日本");
        assert_eq!(cut("", 0), "");
    }

    #[test]
    fn what_does_not_fit_ends_with_an_ellipsis() {
        assert_eq!(cut("pikachu", 5), "pika…");
        assert_eq!(cut("pikachu", 1), "…");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("日本語", 3), "日…");
        assert_eq!(cut("日本語", 2), "…");
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
        assert_eq!(cut("abce\u{301}", 3), "ab…");
        assert_eq!(cut("abe\u{301}", 3), "abe\u{301}");
        assert_eq!(cut("👩\u{200d}💻👩\u{200d}💻", 3), "👩\u{200d}💻…");
    }

    #[test]
    fn width_is_that_of_the_buffer() {
        for text in [
            "plain",
            "日本語",
            "e\u{301}",
            "👩\u{200d}💻 ❤\u{fe0f}",
            "नमस्ते",
            "ﾊﾟ",
            "مرحبا",
        ] {
            let mut buf = Buffer::empty(Rect::new(0, 0, 40, 1));
            let (end, _) = buf.set_stringn(0, 0, text, 40, Style::new());
            assert_eq!(width(text), end, "{text}");
        }
    }

    #[test]
    fn what_fits_is_borrowed_from_the_text() {
        let long = "x".repeat(100_000);
        let fitted = fit(&long, 10);
        assert_eq!(fitted.head, "xxxxxxxxx");
        assert!(std::ptr::eq(fitted.head.as_ptr(), long.as_ptr()));
    }

    #[test]
    fn fields_keep_to_their_edge_and_to_themselves() {
        let mut buf = Buffer::with_lines(["..........", ".........."]);
        let field = Field {
            x: 2,
            y: 0,
            width: 5,
            align: Align::Right,
            ellipsis: "…",
        };
        assert_eq!(field.draw(&mut buf, "42%", Style::new()), 4..7);
        let below = Field { y: 1, ..field };
        assert_eq!(below.draw(&mut buf, "unreadable", Style::new()), 2..7);
        assert_eq!(buf, Buffer::with_lines(["....42%...", "..unre…..."]));
        let outside = Field { x: 10, ..field };
        assert_eq!(outside.draw(&mut buf, "no", Style::new()), 10..10);
        let sticking_out = Field { x: 8, ..field };
        assert_eq!(sticking_out.draw(&mut buf, "abc", Style::new()), 8..10);
    }

    #[test]
    fn found_text_is_marked_where_it_stands() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 12, 1));
        let field = Field::line(buf.area, "…");
        let bold = Style::new().add_modifier(Modifier::BOLD);
        field.draw_marked(&mut buf, "日本 Wiki wiki", Style::new(), &["wiki"], bold);
        let marked: Vec<u16> = (0..12)
            .filter(|x| buf[(*x, 0)].modifier.contains(Modifier::BOLD))
            .collect();
        assert_eq!(marked, [5, 6, 7, 8], "the second one is cut off");
    }

    #[test]
    fn finding_sets_case_aside() {
        let hits = |text: &'static str, needle: &'static str| -> Vec<&str> {
            find(text, needle).filter_map(|hit| text.get(hit)).collect()
        };
        assert_eq!(hits("Wiki and WIKI", "wiki"), ["Wiki", "WIKI"]);
        assert_eq!(hits("ÄRGER", "är"), ["ÄR"]);
        assert_eq!(hits("aaa", "aa"), ["aa"]);
        assert!(hits("aaa", "").is_empty());
        assert!(hits("ab", "abc").is_empty());
    }
}

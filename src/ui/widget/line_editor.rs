//! A line that is being typed: draws it, with the part around the cursor in sight.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use unicode_segmentation::UnicodeSegmentation;

use crate::ui::theme::{Glyphs, Theme};

use super::fit::{Field, grapheme_width, width};

/// Draws `prompt` and `text` into the first line of `area` and returns where the terminal's cursor
/// belongs. `cursor` is a byte index into `text`, put back to the grapheme that it lies in. What does
/// not fit is cut at either end, with an ellipsis.
pub fn draw(
    buf: &mut Buffer,
    area: Rect,
    prompt: &str,
    text: &str,
    cursor: usize,
    (theme, glyphs): (&Theme, &Glyphs),
) -> Option<Position> {
    let area = area.intersection(buf.area);
    if area.is_empty() {
        return None;
    }
    let prompt = Field::line(area, glyphs.ellipsis).draw(buf, prompt, theme.key);
    let left = prompt.end.min(area.right() - 1);
    let room = area.right() - left;
    buf.set_style(Rect::new(left, area.y, room, 1), theme.input);

    let before = text
        .grapheme_indices(true)
        .map(|(at, grapheme)| (at + grapheme.len(), grapheme_width(grapheme)))
        .take_while(|(end, _)| *end <= cursor)
        .fold(0_u16, |sum, (_, wide)| sum.saturating_add(wide));
    // One cell stays for the cursor behind the last character.
    let fits = width(text) < room;
    let skip = if fits || before < room * 3 / 4 {
        0
    } else {
        let most = width(text).saturating_add(1).saturating_sub(room);
        (before - room * 3 / 4).min(most)
    };
    let mut x = left;
    let mut passed = 0;
    let mut at_cursor = left;
    for grapheme in text.graphemes(true) {
        let wide = grapheme_width(grapheme);
        if passed == before {
            at_cursor = x;
        }
        passed += wide;
        if passed <= skip || wide == 0 {
            continue;
        }
        if x + wide > area.right() {
            break;
        }
        // The wide half that scrolling cuts off stays blank.
        if passed - wide < skip {
            x += passed - skip;
            continue;
        }
        (x, _) = buf.set_stringn(x, area.y, grapheme, usize::from(wide), theme.input);
    }
    if passed <= before {
        at_cursor = x;
    }
    if skip > 0 {
        buf.set_stringn(
            left,
            area.y,
            glyphs.ellipsis,
            1,
            theme.input.patch(theme.dim),
        );
    }
    if width(text) > skip + room {
        let last = area.right() - 1;
        buf.set_stringn(
            last,
            area.y,
            glyphs.ellipsis,
            1,
            theme.input.patch(theme.dim),
        );
    }
    Some(Position::new(at_cursor.min(area.right() - 1), area.y))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(width: u16, text: &str, cursor: usize) -> (String, u16) {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, 1));
        let area = buf.area;
        let set = (&Theme::default(), &Glyphs::UNICODE);
        let at = draw(&mut buf, area, "/", text, cursor, set);
        let line = buf
            .content
            .iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect();
        (line, at.map_or(u16::MAX, |at| at.x))
    }

    #[test]
    fn what_fits_stands_still() {
        assert_eq!(shown(10, "", 0), ("/         ".to_owned(), 1));
        assert_eq!(shown(10, "wiki", 0), ("/wiki     ".to_owned(), 1));
        assert_eq!(shown(10, "wiki", 2), ("/wiki     ".to_owned(), 3));
        assert_eq!(shown(10, "wiki", 4), ("/wiki     ".to_owned(), 5));
        assert_eq!(shown(10, "日本", 3), ("/日 本      ".to_owned(), 3));
        assert_eq!(shown(10, "wiki", 99), ("/wiki     ".to_owned(), 5));
    }

    #[test]
    fn the_cursor_stays_in_sight() {
        let text = "state:stopped node:golem";
        assert_eq!(shown(11, text, 0), ("/state:sto…".to_owned(), 1));
        assert_eq!(shown(11, text, 12), ("/…stopped …".to_owned(), 8));
        assert_eq!(shown(11, text, text.len()), ("/…de:golem ".to_owned(), 10));
    }

    #[test]
    fn the_cursor_never_lies_within_a_grapheme() {
        assert_eq!(shown(10, "e\u{301}x", 1).1, 1);
        assert_eq!(shown(10, "e\u{301}x", 3).1, 2);
    }

    #[test]
    fn no_width_is_too_small() {
        for width in 0..8 {
            for cursor in 0..12 {
                let (_, at) = shown(width, "日本語wiki", cursor);
                assert!(at == u16::MAX || at < width, "{width} {cursor}");
            }
        }
    }
}

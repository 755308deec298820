//! Where in something longer than the screen one is.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::theme::{Glyphs, Theme};

/// Draws a bar into the last column of `area`. Nothing is drawn when all is seen.
pub fn draw(
    buf: &mut Buffer,
    area: Rect,
    total: usize,
    offset: usize,
    (theme, glyphs): (&Theme, &Glyphs),
) {
    let area = area.intersection(buf.area);
    let Some((start, length)) = thumb(area.height, total, offset) else {
        return;
    };
    if area.width == 0 {
        return;
    }
    let x = area.right() - 1;
    for row in 0..area.height {
        let (sign, style) = if (start..start + length).contains(&row) {
            (glyphs.thumb, theme.dim)
        } else {
            (glyphs.track, theme.faint)
        };
        buf.set_stringn(x, area.y + row, sign, 1, style);
    }
}

/// First row and number of rows of the thumb; `None` when everything fits. It touches the top only at
/// the very top, and the bottom only at the very bottom.
fn thumb(height: u16, total: usize, offset: usize) -> Option<(u16, u16)> {
    let rows = usize::from(height);
    let beyond = total.checked_sub(rows).filter(|beyond| *beyond > 0)?;
    let length = (rows * rows / total).clamp(1.min(rows), rows);
    let free = rows - length;
    let offset = offset.min(beyond);
    // u128: an offset of usize::MAX rows is nonsense, but no reason to overflow.
    let scaled = usize::try_from(offset as u128 * free as u128 / beyond as u128).unwrap_or(free);
    let start = match offset {
        0 => 0,
        _ if offset == beyond => free,
        _ if free >= 2 => scaled.clamp(1, free - 1),
        _ => scaled,
    };
    Some((u16::try_from(start).ok()?, u16::try_from(length).ok()?))
}

/// The offset that a click on row `row` of a bar of `height` rows asks for.
pub fn offset_at(row: u16, height: u16, total: usize) -> usize {
    let beyond = total.saturating_sub(usize::from(height));
    let last = usize::from(height.saturating_sub(1)).max(1);
    usize::try_from(beyond as u128 * u128::from(row) / last as u128).unwrap_or(beyond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_bar_when_all_is_seen() {
        assert_eq!(thumb(10, 10, 0), None);
        assert_eq!(thumb(0, 0, 0), None);
    }

    #[test]
    fn the_ends_are_reached_only_at_the_ends() {
        assert_eq!(thumb(10, 20, 0), Some((0, 5)));
        assert_eq!(thumb(10, 20, 1), Some((1, 5)));
        assert_eq!(thumb(10, 20, 9), Some((4, 5)));
        assert_eq!(thumb(10, 20, 10), Some((5, 5)));
        assert_eq!(thumb(50, 100_000, 99_000), Some((48, 1)));
        assert_eq!(thumb(50, 100_000, 99_950), Some((49, 1)));
        assert_eq!(thumb(1, 5, 3), Some((0, 1)));
        assert_eq!(thumb(50, usize::MAX, usize::MAX), Some((49, 1)));
    }

    #[test]
    fn clicks_lead_where_they_point() {
        assert_eq!(offset_at(0, 11, 111), 0);
        assert_eq!(offset_at(5, 11, 111), 50);
        assert_eq!(offset_at(10, 11, 111), 100);
        assert_eq!(offset_at(3, 1, 1), 0);
    }
}

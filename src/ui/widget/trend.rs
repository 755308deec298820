//! A course of values in one line, newest at the right; where a value is missing there is a gap.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::ui::theme::Glyphs;

/// What the highest sign stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scale {
    /// The greatest value that is seen.
    Greatest,
    /// This value; what exceeds it is drawn as high.
    Fixed(f32),
}

/// Draws the last values that fit into the first line of `area`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the eight signs"
)]
pub fn draw(
    buf: &mut Buffer,
    area: Rect,
    values: &[Option<f32>],
    scale: Scale,
    style: Style,
    glyphs: &Glyphs,
) {
    let area = area.intersection(buf.area);
    if area.is_empty() {
        return;
    }
    let cells = usize::from(area.width);
    let seen = values
        .get(values.len().saturating_sub(cells)..)
        .unwrap_or_default();
    let finite = |value: &Option<f32>| value.filter(|value| value.is_finite());
    let top = match scale {
        Scale::Greatest => seen.iter().filter_map(finite).fold(0.0, f32::max),
        Scale::Fixed(top) => top,
    };
    let start = area.right() - u16::try_from(seen.len()).unwrap_or(area.width);
    for (x, value) in (start..area.right()).zip(seen) {
        let sign = match finite(value) {
            None => glyphs.trend_gap,
            Some(value) => {
                let level = if top > 0.0 {
                    (value / top * 7.0).round().clamp(0.0, 7.0) as usize
                } else {
                    0
                };
                glyphs.trend.get(level).copied().unwrap_or(" ")
            }
        };
        buf.set_stringn(x, area.y, sign, 1, style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(width: u16, values: &[Option<f32>], scale: Scale, glyphs: &Glyphs) -> String {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, 1));
        let area = buf.area;
        draw(&mut buf, area, values, scale, Style::new(), glyphs);
        buf.content
            .iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect()
    }

    #[test]
    fn a_gap_is_not_zero() {
        let values = [
            Some(0.0),
            None,
            Some(3.5),
            Some(f32::NAN),
            Some(7.0),
            Some(-2.0),
        ];
        let show = |glyphs| shown(8, &values, Scale::Greatest, glyphs);
        assert_eq!(show(&Glyphs::UNICODE), "  ▁ ▅ █▁");
        assert_eq!(show(&Glyphs::ASCII), "  _ = #_");
    }

    #[test]
    fn the_newest_are_seen_and_set_the_scale() {
        let values = [Some(100.0), Some(1.0), Some(2.0)];
        let show = |scale| shown(2, &values, scale, &Glyphs::UNICODE);
        assert_eq!(show(Scale::Greatest), "▅█");
        assert_eq!(show(Scale::Fixed(100.0)), "▁▁");
        assert_eq!(show(Scale::Fixed(1.0)), "██");
    }

    #[test]
    fn nothing_at_all_is_drawn_at_the_bottom() {
        let show = |values: &[Option<f32>]| shown(3, values, Scale::Greatest, &Glyphs::UNICODE);
        assert_eq!(show(&[Some(0.0); 3]), "▁▁▁");
        assert_eq!(show(&[]), "   ");
    }
}

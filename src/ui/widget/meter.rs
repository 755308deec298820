//! A part of a whole: a bar, its figure and, when it matters, a sign.
//!
//! ```text
//! ████████▌·  85%▲
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::domain::Severity;
use crate::ui::theme::{Glyphs, Theme};

use super::fit::{Align, Field};

/// From where on a part is too much, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Levels {
    /// From here on a warning.
    pub warning: f64,
    /// From here on critical.
    pub critical: f64,
}

impl Levels {
    /// What fills up slowly: disks, memory.
    pub const USUAL: Self = Self {
        warning: 0.8,
        critical: 0.9,
    };
    /// Nothing is too much.
    pub const NONE: Self = Self {
        warning: f64::INFINITY,
        critical: f64::INFINITY,
    };

    /// How bad a part is, by its rounded percent, as it is shown; what is not known is not judged
    /// here.
    pub fn judge(self, part: f64) -> Severity {
        let part = (part * 100.0).round() / 100.0;
        if part >= self.critical {
            Severity::Critical
        } else if part >= self.warning {
            Severity::Warning
        } else {
            Severity::Ok
        }
    }
}

/// What is laid over a meter: a cursor, a handled row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Over {
    /// Over what has no colour of its own to keep.
    pub plain: Style,
    /// Over what carries a severity.
    pub severity: Style,
}

/// Cells of the figure and the sign: `100%▲`.
const FIGURE: u16 = 5;
/// Fewest cells of a bar that is worth drawing.
const LEAST_BAR: u16 = 4;

/// Draws a part in the first line of `area`; below ten cells only its figure. `None` shows as `?`.
pub fn draw(
    buf: &mut Buffer,
    area: Rect,
    part: Option<f64>,
    levels: Levels,
    over: Over,
    (theme, glyphs): (&Theme, &Glyphs),
) {
    let area = area.intersection(buf.area);
    if area.is_empty() {
        return;
    }
    let severity = part.map_or(Severity::Ok, |part| levels.judge(part));
    let bar_style = if severity.is_problem() {
        theme.severity(severity).patch(over.severity)
    } else {
        theme.meter_full.patch(over.plain)
    };
    // Bar and sign are coloured; the figure must be read on every background.
    let figure_style = theme.text.patch(over.plain);
    let bar = (area.width >= LEAST_BAR + 1 + FIGURE).then(|| area.width - 1 - FIGURE);
    if let (Some(cells), Some(part)) = (bar, part) {
        let empty = theme.meter_empty.patch(over.plain);
        draw_bar(buf, area, cells, part, (bar_style, empty), glyphs);
    }
    let sign = u16::from(area.width >= FIGURE);
    let figure = Field {
        x: area.x + bar.map_or(0, |cells| cells + 1),
        y: area.y,
        width: bar.map_or(area.width - sign, |_| FIGURE - 1),
        align: Align::Right,
        ellipsis: glyphs.ellipsis,
    };
    match part {
        None => figure.draw(buf, "?", theme.dim.patch(over.plain)),
        Some(part) => {
            let mut space = [0; 4];
            let words = percent(part, &mut space);
            // A figure that is cut would be another figure.
            let fits = words.len() <= usize::from(figure.width);
            figure.draw(
                buf,
                if fits { words } else { glyphs.ellipsis },
                figure_style,
            )
        }
    };
    if sign == 1 && severity.is_problem() {
        let x = area.right() - 1;
        buf.set_stringn(x, area.y, glyphs.severity(severity), 1, bar_style);
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the bar's eighths"
)]
fn draw_bar(
    buf: &mut Buffer,
    area: Rect,
    cells: u16,
    part: f64,
    (full, empty): (Style, Style),
    glyphs: &Glyphs,
) {
    let all = f64::from(cells) * 8.0;
    let mut eighths = (part * all).round().clamp(0.0, all) as u16;
    if part > 0.0 {
        eighths = eighths.max(1);
    }
    for x in area.x..area.x + cells {
        let here = eighths.min(8);
        eighths -= here;
        let sign = usize::from(here)
            .checked_sub(1)
            .and_then(|index| glyphs.bar.get(index))
            .map_or(glyphs.bar_empty, |sign| *sign);
        let style = if sign == glyphs.bar_empty {
            empty
        } else {
            full
        };
        buf.set_stringn(x, area.y, sign, 1, style);
    }
}

/// Rounded percent in four cells, without allocating: `0%` to `999%`, beyond that `>999`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "within 0 to 999"
)]
fn percent(part: f64, space: &mut [u8; 4]) -> &str {
    let rounded = (part * 100.0).round().max(0.0);
    if rounded > 999.0 {
        return ">999";
    }
    let mut left = rounded as u16;
    space[3] = b'%';
    let mut start = 3;
    loop {
        start -= 1;
        space[start] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    std::str::from_utf8(&space[start..]).unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use ratatui::style::Color;

    use super::*;

    fn shown(width: u16, part: Option<f64>, glyphs: &Glyphs) -> String {
        let theme = Theme::default();
        let mut buf = Buffer::empty(Rect::new(0, 0, width, 1));
        let area = buf.area;
        draw(
            &mut buf,
            area,
            part,
            Levels::USUAL,
            Over::default(),
            (&theme, glyphs),
        );
        buf.content
            .iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect()
    }

    #[test]
    fn meters_at_every_fill_and_width() {
        let parts = [
            None,
            Some(0.0),
            Some(0.001),
            Some(0.11),
            Some(0.5),
            Some(0.795),
            Some(0.8),
            Some(0.93),
            Some(1.0),
            Some(1.3),
            Some(50.0),
        ];
        let mut lines = Vec::new();
        for glyphs in [Glyphs::UNICODE, Glyphs::CONSOLE, Glyphs::ASCII] {
            for part in parts {
                let widths = [20, 10, 6, 4, 2];
                lines.push(widths.map(|width| shown(width, part, &glyphs)).join("|"));
            }
        }
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn colours_follow_the_levels() {
        let theme = Theme::default();
        for (part, style) in [
            (0.5, theme.meter_full),
            (0.85, theme.warning),
            (0.95, theme.critical),
        ] {
            let mut buf = Buffer::empty(Rect::new(0, 0, 12, 1));
            let area = buf.area;
            let set = (&theme, &Glyphs::UNICODE);
            draw(
                &mut buf,
                area,
                Some(part),
                Levels::USUAL,
                Over::default(),
                set,
            );
            assert_eq!(buf[(0, 0)].fg, style.fg.unwrap_or_default(), "{part}");
            assert_eq!(buf[(0, 0)].modifier, style.add_modifier, "{part}");
            assert_eq!(buf[(9, 0)].fg, Color::Reset, "the figure of {part}");
        }
    }

    #[test]
    fn every_percent_is_written_right() {
        for n in 0..1000_u16 {
            let mut space = [0; 4];
            assert_eq!(percent(f64::from(n) / 100.0, &mut space), format!("{n}%"));
        }
        assert_eq!(percent(1000.0, &mut [0; 4]), ">999");
        assert_eq!(percent(-1.0, &mut [0; 4]), "0%");
    }
}

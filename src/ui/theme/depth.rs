//! How many colours the terminal has, and what becomes of a theme there.

use ratatui::style::{Color, Modifier, Style};

pub use crate::config::shape::Depth;

use super::Theme;
use super::role::ROLES;

/// See [`Theme::with_depth`].
pub(super) fn apply(mut theme: Theme, depth: Depth) -> Theme {
    match depth {
        Depth::True => theme,
        Depth::None if theme.roles().all(|(_, style)| is_plain(style)) => theme,
        Depth::None => Theme::builtin("mono").unwrap_or(Theme::BLANK),
        Depth::Indexed | Depth::Sixteen => {
            let convert = if depth == Depth::Indexed {
                to_indexed
            } else {
                to_sixteen
            };
            for role in ROLES {
                if let Some(style) = theme.role_mut(role) {
                    *style = if depth == Depth::Sixteen && role.starts_with("cursor") {
                        cursor_in_sixteen(*style, role == "cursor")
                    } else {
                        with_colours(*style, convert)
                    };
                }
            }
            theme
        }
    }
}

/// Whether a style uses no colour of its own.
pub(super) fn is_plain(style: Style) -> bool {
    [style.fg, style.bg, style.underline_color]
        .into_iter()
        .all(|colour| matches!(colour, None | Some(Color::Reset)))
}

fn with_colours(style: Style, convert: fn(Color) -> Color) -> Style {
    Style {
        fg: style.fg.map(convert),
        bg: style.bg.map(convert),
        underline_color: style.underline_color.map(convert),
        ..style
    }
}

/// A cursor that is a slightly different background has nothing near it among sixteen colours.
fn cursor_in_sixteen(style: Style, focused: bool) -> Style {
    let shaded = matches!(style.bg, Some(Color::Rgb(..) | Color::Indexed(16..)));
    if !shaded {
        return with_colours(style, to_sixteen);
    }
    let plain = Style::new().fg(Color::Reset).bg(Color::Reset);
    let modifier = if focused {
        Modifier::REVERSED
    } else {
        Modifier::BOLD.union(Modifier::UNDERLINED)
    };
    plain
        .add_modifier(modifier)
        .remove_modifier(style.sub_modifier.difference(modifier))
}

/// Steps of a channel in the colour cube of xterm.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The nearest of xterm's 256: its cube of 6×6×6 and its 24 greys.
fn to_indexed(colour: Color) -> Color {
    let Color::Rgb(red, green, blue) = colour else {
        return colour;
    };
    let wanted = (red, green, blue);
    let cube = (0..216_u8).map(|index| {
        let step = |i: u8| STEPS.get(usize::from(i)).copied().unwrap_or(255);
        let rgb = (step(index / 36), step(index / 6 % 6), step(index % 6));
        (distance(wanted, rgb), 16 + index)
    });
    let greys = (0..24_u8).map(|index| {
        let level = 8 + 10 * index;
        (distance(wanted, (level, level, level)), 232 + index)
    });
    cube.chain(greys)
        .min()
        .map_or(colour, |(_, index)| Color::Indexed(index))
}

fn distance(one: (u8, u8, u8), other: (u8, u8, u8)) -> u32 {
    let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
    square(one.0, other.0) + square(one.1, other.1) + square(one.2, other.2)
}

/// The nearest of 16, by hue first: by plain distance a pale red would become grey and a severity
/// would lose its colour.
fn to_sixteen(colour: Color) -> Color {
    let (red, green, blue) = match colour {
        Color::Rgb(red, green, blue) => (red, green, blue),
        Color::Indexed(index) => match from_indexed(index) {
            Ok(rgb) => rgb,
            Err(named) => return named,
        },
        named => return named,
    };
    let most = red.max(green).max(blue);
    let least = red.min(green).min(blue);
    let light = u8::midpoint(most, least);
    if most - least < 48 {
        return match light {
            0..48 => Color::Black,
            48..144 => Color::DarkGray,
            144..224 => Color::Gray,
            _ => Color::White,
        };
    }
    let (dark, bright) = match hue(red, green, blue) {
        30..75 => (Color::Yellow, Color::LightYellow),
        75..165 => (Color::Green, Color::LightGreen),
        165..200 => (Color::Cyan, Color::LightCyan),
        200..260 => (Color::Blue, Color::LightBlue),
        260..335 => (Color::Magenta, Color::LightMagenta),
        _ => (Color::Red, Color::LightRed),
    };
    if light < 144 { dark } else { bright }
}

/// Hue in degrees; the channels must differ.
fn hue(red: u8, green: u8, blue: u8) -> i32 {
    let [r, g, b] = [red, green, blue].map(i32::from);
    let most = r.max(g).max(b);
    let range = (most - r.min(g).min(b)).max(1);
    let degrees = if most == r {
        60 * (g - b) / range
    } else if most == g {
        120 + 60 * (b - r) / range
    } else {
        240 + 60 * (r - g) / range
    };
    degrees.rem_euclid(360)
}

/// What xterm shows for an index; the first sixteen are the terminal's own.
fn from_indexed(index: u8) -> Result<(u8, u8, u8), Color> {
    const OWN: [Color; 16] = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    if let Some(own) = OWN.get(usize::from(index)) {
        return Err(*own);
    }
    if index >= 232 {
        let level = 8 + 10 * (index - 232);
        return Ok((level, level, level));
    }
    let index = index - 16;
    let step = |i: u8| STEPS.get(usize::from(i)).copied().unwrap_or(255);
    Ok((step(index / 36), step(index / 6 % 6), step(index % 6)))
}

//! Colours and attributes, and the shortest way from one set to another (ECMA-48 SGR).

use std::io::Write;

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// What can be seen of a blank cell besides its background.
const SEEN_ON_BLANK: Modifier = Modifier::REVERSED
    .union(Modifier::UNDERLINED)
    .union(Modifier::CROSSED_OUT)
    .union(Modifier::SLOW_BLINK)
    .union(Modifier::RAPID_BLINK);

/// Attributes, the number that sets each, and the number that resets it.
const ATTRIBUTES: [(Modifier, u8, u8); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

/// How the next glyph is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pen {
    fg: Color,
    bg: Color,
    underline: Color,
    modifier: Modifier,
}

impl Pen {
    /// The terminal's own.
    pub(super) const RESET: Self = Self {
        fg: Color::Reset,
        bg: Color::Reset,
        underline: Color::Reset,
        modifier: Modifier::empty(),
    };

    /// As a cell asks for it, without what cannot be seen: cells that look the same are equal.
    pub(super) fn of(cell: &Cell, blank: bool) -> Self {
        if blank && !cell.modifier.intersects(SEEN_ON_BLANK) {
            return Self {
                bg: cell.bg,
                ..Self::RESET
            };
        }
        Self {
            fg: cell.fg,
            bg: cell.bg,
            underline: if cell.modifier.contains(Modifier::UNDERLINED) {
                cell.underline_color
            } else {
                Color::Reset
            },
            modifier: cell.modifier,
        }
    }

    /// The pen nearest to this one that draws a blank as `wanted` does.
    pub(super) fn for_blank(self, wanted: Self) -> Self {
        if wanted.modifier.intersects(SEEN_ON_BLANK) {
            return wanted;
        }
        Self {
            bg: wanted.bg,
            modifier: self.modifier.difference(SEEN_ON_BLANK),
            ..self
        }
    }

    /// Writes what turns this pen into `wanted`: the changes, or a reset and everything, whichever is
    /// shorter.
    pub(super) fn change(self, wanted: Self, bytes: &mut Vec<u8>) {
        if self == wanted {
            return;
        }
        let start = bytes.len();
        self.write_changes(wanted, bytes);
        let middle = bytes.len();
        Self::write_whole(wanted, bytes);
        if bytes.len() - middle < middle - start {
            bytes.drain(start..middle);
        } else {
            bytes.truncate(middle);
        }
    }

    /// Writes what turns an unknown pen into `wanted`.
    pub(super) fn write_whole(wanted: Self, bytes: &mut Vec<u8>) {
        if wanted == Self::RESET {
            bytes.extend_from_slice(b"\x1b[m");
            return;
        }
        let mut codes = Codes::begin(bytes);
        codes.push(0);
        codes.push_changes(Self::RESET, wanted);
        codes.end();
    }

    fn write_changes(self, wanted: Self, bytes: &mut Vec<u8>) {
        let mut codes = Codes::begin(bytes);
        codes.push_changes(self, wanted);
        codes.end();
    }
}

/// A sequence being written.
struct Codes<'a> {
    bytes: &'a mut Vec<u8>,
    first: bool,
}

impl<'a> Codes<'a> {
    fn begin(bytes: &'a mut Vec<u8>) -> Self {
        bytes.extend_from_slice(b"\x1b[");
        Self { bytes, first: true }
    }

    fn end(self) {
        self.bytes.push(b'm');
    }

    fn push(&mut self, code: u8) {
        if !std::mem::take(&mut self.first) {
            self.bytes.push(b';');
        }
        // Writing to a `Vec` cannot fail.
        let _infallible = write!(self.bytes, "{code}");
    }

    fn push_changes(&mut self, from: Pen, to: Pen) {
        let removed = from.modifier.difference(to.modifier);
        let mut added = to.modifier.difference(from.modifier);
        let mut last = 0;
        for (attribute, _, reset) in ATTRIBUTES {
            if removed.contains(attribute) && reset != last {
                self.push(reset);
                last = reset;
            }
            // Bold and dim share their reset, so do the two blinks: what stays is set again.
            if ATTRIBUTES
                .iter()
                .any(|(other, _, same)| *same == reset && removed.contains(*other))
            {
                added |= to.modifier & attribute;
            }
        }
        for (attribute, set, _) in ATTRIBUTES {
            if added.contains(attribute) {
                self.push(set);
            }
        }
        if from.fg != to.fg {
            self.push_colour(to.fg, 30);
        }
        if from.bg != to.bg {
            self.push_colour(to.bg, 40);
        }
        if from.underline != to.underline {
            self.push_colour(to.underline, 50);
        }
    }

    /// A colour; `base` is 30 for the foreground, 40 for the background, 50 for underlines.
    fn push_colour(&mut self, colour: Color, base: u8) {
        // 0 to 7 and the bright ones have numbers of their own, except for underlines.
        let mut named = |index: u8| {
            if base == 50 {
                self.push_all(&[58, 5, index]);
            } else if index < 8 {
                self.push(base + index);
            } else {
                self.push(base + 60 + index - 8);
            }
        };
        match colour {
            Color::Reset => self.push(base + 9),
            Color::Black => named(0),
            Color::Red => named(1),
            Color::Green => named(2),
            Color::Yellow => named(3),
            Color::Blue => named(4),
            Color::Magenta => named(5),
            Color::Cyan => named(6),
            Color::Gray => named(7),
            Color::DarkGray => named(8),
            Color::LightRed => named(9),
            Color::LightGreen => named(10),
            Color::LightYellow => named(11),
            Color::LightBlue => named(12),
            Color::LightMagenta => named(13),
            Color::LightCyan => named(14),
            Color::White => named(15),
            Color::Indexed(index) => self.push_all(&[base + 8, 5, index]),
            Color::Rgb(red, green, blue) => self.push_all(&[base + 8, 2, red, green, blue]),
        }
    }

    fn push_all(&mut self, codes: &[u8]) {
        for code in codes {
            self.push(*code);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pen(fg: Color, bg: Color, modifier: Modifier) -> Pen {
        Pen {
            fg,
            bg,
            underline: Color::Reset,
            modifier,
        }
    }

    fn change(from: Pen, to: Pen) -> String {
        let mut bytes = Vec::new();
        from.change(to, &mut bytes);
        bytes.escape_ascii().to_string()
    }

    #[test]
    fn the_shortest_way() {
        let none = Modifier::empty();
        let red = pen(Color::Red, Color::Reset, none);
        let bold_red = pen(Color::Red, Color::Reset, Modifier::BOLD);
        assert_eq!(change(red, red), "");
        assert_eq!(change(Pen::RESET, red), "\\x1b[31m");
        assert_eq!(change(red, bold_red), "\\x1b[1m");
        assert_eq!(change(bold_red, red), "\\x1b[22m");
        assert_eq!(change(bold_red, Pen::RESET), "\\x1b[m");
        assert_eq!(change(red, Pen::RESET), "\\x1b[m");
        let loud = pen(Color::Rgb(1, 2, 3), Color::Indexed(200), Modifier::all());
        assert_eq!(change(loud, bold_red), "\\x1b[0;1;31m");
        assert_eq!(
            change(red, pen(Color::LightBlue, Color::White, none)),
            "\\x1b[94;107m"
        );
    }

    #[test]
    fn attributes_that_share_a_reset() {
        let of = |modifier| pen(Color::Rgb(1, 2, 3), Color::Rgb(4, 5, 6), modifier);
        assert_eq!(
            change(of(Modifier::BOLD | Modifier::DIM), of(Modifier::DIM)),
            "\\x1b[22;2m"
        );
        assert_eq!(change(of(Modifier::DIM), of(Modifier::BOLD)), "\\x1b[22;1m");
        assert_eq!(
            change(of(Modifier::BOLD | Modifier::DIM), of(Modifier::empty())),
            "\\x1b[22m"
        );
    }

    #[test]
    fn what_is_invisible_makes_no_difference() {
        let mut one = Cell::EMPTY;
        let mut two = Cell::EMPTY;
        one.fg = Color::Red;
        two.modifier = Modifier::BOLD;
        two.underline_color = Color::Blue;
        assert_eq!(Pen::of(&one, true), Pen::of(&two, true));
        assert_ne!(Pen::of(&one, false), Pen::of(&two, false));
        one.modifier = Modifier::REVERSED;
        two.modifier = Modifier::REVERSED;
        assert_ne!(Pen::of(&one, true), Pen::of(&two, true));
    }
}

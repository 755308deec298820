//! From one row to another with few bytes.

use std::io::Write;

use super::Cursor;
use super::pen::Pen;
use super::row::Glyph;

/// Erasing to the end of the line pays when more columns than its own bytes change.
const ERASE_PAYS: usize = 6;

/// Writes one frame. Knows nothing at its beginning, so that what others wrote to the terminal since
/// (`wall`, a kernel message) does not shift what we write.
pub(super) struct Painter<'a> {
    bytes: &'a mut Vec<u8>,
    pen: Option<Pen>,
    at: Option<(u16, u16)>,
}

impl<'a> Painter<'a> {
    pub(super) fn new(bytes: &'a mut Vec<u8>) -> Self {
        Self {
            bytes,
            pen: None,
            at: None,
        }
    }

    /// Blanks everything.
    pub(super) fn clear(&mut self) {
        // Terminals erase with the current background.
        self.bytes.extend_from_slice(b"\x1b[m\x1b[H\x1b[2J");
        self.pen = Some(Pen::RESET);
        self.at = Some((0, 0));
    }

    /// Brings the row `y` from `old` to `new`, both of the same length.
    pub(super) fn row(&mut self, y: u16, old: &[Glyph<'_>], new: &[Glyph<'_>]) {
        let differs = |x: usize| old.get(x) != new.get(x);
        let text_end = new
            .iter()
            .rposition(|glyph| !glyph.is_erased())
            .map_or(0, |last| last + 1);
        let erases = (text_end..new.len()).filter(|x| differs(*x)).count() > ERASE_PAYS;
        let end = if erases { text_end } else { new.len() };

        let mut x = 0;
        while let Some(glyph) = new.get(x).filter(|_| x < end) {
            // A further column of a wide glyph changes only together with its first.
            if glyph.width > 0 && differs(x) {
                self.go(x, y, new);
                self.glyph(*glyph, x, y, new.len());
            }
            x += 1;
        }
        if let Some(x) = (text_end..new.len()).find(|x| erases && differs(*x)) {
            self.go(x, y, new);
            self.blank_pen(Pen::RESET);
            self.bytes.extend_from_slice(b"\x1b[K");
        }
    }

    /// Shows the cursor as wished. `shown`: how the last frame left it.
    pub(super) fn cursor(&mut self, shown: Cursor, wished: Cursor) {
        match wished {
            Cursor::At(position) => {
                // Drawing has moved it, if anything was drawn.
                if self.pen.is_some() || shown != wished {
                    self.place(position.x, position.y);
                }
                if !matches!(shown, Cursor::At(_)) {
                    self.bytes.extend_from_slice(b"\x1b[?25h");
                }
            }
            Cursor::Hidden | Cursor::Unknown => {
                if shown != wished {
                    self.bytes.extend_from_slice(b"\x1b[?25l");
                }
            }
        }
    }

    /// Writes a glyph at the cursor, which is at `x`, `y`.
    fn glyph(&mut self, glyph: Glyph<'_>, x: usize, y: u16, columns: usize) {
        if glyph.is_blank() {
            self.blank_pen(glyph.pen);
        } else {
            self.pen(glyph.pen);
        }
        let (Ok(column), Ok(after)) = (
            u16::try_from(x),
            u16::try_from(x + usize::from(glyph.width)),
        ) else {
            return;
        };
        // Terminals disagree on the width of these; whichever it is, nothing old shines through.
        if glyph.width > 1 && glyph.symbol.contains('\u{fe0f}') && !glyph.raw {
            for _ in 0..glyph.width {
                self.bytes.push(b' ');
            }
            self.place(column, y);
        }
        self.bytes.extend_from_slice(glyph.symbol.as_bytes());
        // At the right edge terminals disagree where the cursor is.
        self.at = (glyph.has_certain_width() && usize::from(after) < columns).then_some((after, y));
    }

    fn pen(&mut self, wanted: Pen) {
        match self.pen {
            Some(pen) => pen.change(wanted, self.bytes),
            None => Pen::write_whole(wanted, self.bytes),
        }
        self.pen = Some(wanted);
    }

    fn blank_pen(&mut self, wanted: Pen) {
        self.pen(self.pen.map_or(wanted, |pen| pen.for_blank(wanted)));
    }

    /// Moves to a column of the row `y` that is being brought to `new`.
    fn go(&mut self, x: usize, y: u16, new: &[Glyph<'_>]) {
        let Ok(column) = u16::try_from(x) else {
            return;
        };
        if let Some((from, row)) = self.at {
            if (from, row) == (column, y) {
                return;
            }
            if row == y && from < column && self.rewrite(from, column, new) {
                self.at = Some((column, y));
                return;
            }
        }
        self.jump(column, y);
    }

    /// Writes the unchanged columns between instead of jumping over them, when that is as short and
    /// needs no other pen.
    fn rewrite(&mut self, from: u16, to: u16, new: &[Glyph<'_>]) -> bool {
        let Some(between) = new.get(usize::from(from)..usize::from(to)) else {
            return false;
        };
        let fits = between.len() <= forward(to - from)
            && between.iter().all(|glyph| {
                glyph.symbol.len() == 1
                    && !glyph.raw
                    && self.pen.is_some_and(|pen| {
                        pen == glyph.pen || glyph.is_blank() && pen.for_blank(glyph.pen) == pen
                    })
            });
        if fits {
            for glyph in between {
                self.bytes.extend_from_slice(glyph.symbol.as_bytes());
            }
        }
        fits
    }

    /// Moves by row and column, as if the cursor could be anywhere.
    fn place(&mut self, x: u16, y: u16) {
        self.at = None;
        self.jump(x, y);
    }

    /// Moves the shortest way that writes over nothing. Rows are drawn left to right and downwards, so
    /// there is no way back within a row.
    fn jump(&mut self, x: u16, y: u16) {
        let start = self.bytes.len();
        // Writing to a `Vec` cannot fail.
        let _infallible = match self.at {
            Some((from, row)) if row == y && from < x => self.right(x - from),
            // Line feed moves straight down; after a carriage return in every mode of the tty.
            Some((_, row)) if row + 1 == y => {
                write!(self.bytes, "\r\n").and_then(|()| self.right(x))
            }
            _ => Ok(()),
        };
        let relative = self.bytes.len();
        let _infallible = match (x, y) {
            (0, 0) => write!(self.bytes, "\x1b[H"),
            (0, y) => write!(self.bytes, "\x1b[{}H", y + 1),
            (x, y) => write!(self.bytes, "\x1b[{};{}H", y + 1, x + 1),
        };
        if relative > start {
            if self.bytes.len() - relative < relative - start {
                self.bytes.drain(start..relative);
            } else {
                self.bytes.truncate(relative);
            }
        }
        self.at = Some((x, y));
    }

    fn right(&mut self, columns: u16) -> std::io::Result<()> {
        match columns {
            0 => Ok(()),
            1 => write!(self.bytes, "\x1b[C"),
            n => write!(self.bytes, "\x1b[{n}C"),
        }
    }
}

/// Bytes of a motion by so many columns to the right.
fn forward(columns: u16) -> usize {
    match columns {
        1 => 3,
        2..=9 => 4,
        10..=99 => 5,
        _ => 6,
    }
}

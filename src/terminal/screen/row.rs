//! A row of cells as the terminal will show it.
//!
//! Cells say more than can be seen: what lies behind a wide glyph, half a glyph at the edge, colours
//! of a blank. Two rows are compared by what they show.

use ratatui::buffer::{Cell, CellDiffOption, CellWidth};

use super::pen::Pen;

/// What one column shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glyph<'a> {
    /// What is written; empty in the further columns of a wide glyph.
    pub(super) symbol: &'a str,
    /// Columns it takes; 0 in the further columns of a wide glyph.
    pub(super) width: u16,
    /// How it is written.
    pub(super) pen: Pen,
    /// It carries escape sequences of our own making (a link).
    pub(super) raw: bool,
}

impl Glyph<'_> {
    /// Nothing but background.
    pub(super) fn is_blank(&self) -> bool {
        self.symbol == " "
    }

    /// What an erased column shows.
    pub(super) fn is_erased(&self) -> bool {
        self.is_blank() && self.pen == Pen::RESET
    }

    /// The terminal is known to move its cursor by exactly the glyph's width: single characters whose
    /// width nobody disputes. After others the cursor is placed anew.
    pub(super) fn has_certain_width(&self) -> bool {
        if self.raw || self.width != 1 {
            return false;
        }
        let mut characters = self.symbol.chars();
        let certain = characters.next().is_some_and(|character| {
            matches!(
                character,
                ' '..='~'
                    | '\u{a1}'..='\u{ac}'
                    | '\u{ae}'..='\u{2ff}'
                    | '\u{370}'..='\u{482}'
                    | '\u{48a}'..='\u{52f}'
                    | '\u{2010}'..='\u{2027}'
                    | '\u{2030}'..='\u{205e}'
                    | '\u{2190}'..='\u{2193}'
                    | '\u{2500}'..='\u{25fc}'
                    | '\u{2800}'..='\u{28ff}'
            )
        });
        certain && characters.next().is_none()
    }
}

/// The columns of a row.
pub(super) fn glyphs(cells: &[Cell]) -> Vec<Glyph<'_>> {
    let mut glyphs = Vec::with_capacity(cells.len());
    while let Some(cell) = cells.get(glyphs.len()) {
        let left = cells.len() - glyphs.len();
        let raw = matches!(cell.diff_option, CellDiffOption::ForcedWidth(_));
        let symbol = cell.symbol();
        let (symbol, width) = if raw || is_inert(symbol) {
            (symbol, cell.cell_width())
        } else {
            // Foreign text is cleaned long before; this is the last door.
            ("?", 1)
        };
        // Half a glyph at the edge, or nothing at all: a blank.
        let (symbol, width, raw) = if width == 0 || usize::from(width) > left {
            (" ", 1, false)
        } else {
            (symbol, width, raw)
        };
        let pen = Pen::of(cell, symbol == " ");
        glyphs.push(Glyph {
            symbol,
            width,
            pen,
            raw,
        });
        for _ in 1..width {
            glyphs.push(Glyph {
                symbol: "",
                width: 0,
                pen,
                raw,
            });
        }
    }
    glyphs
}

/// Whether a symbol has no control character (C0, DEL, C1), which would act on the terminal.
fn is_inert(symbol: &str) -> bool {
    match symbol.as_bytes() {
        [byte] => (0x20..0x7f).contains(byte),
        _ => !symbol.chars().any(char::is_control),
    }
}

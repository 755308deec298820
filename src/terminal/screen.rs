//! Frames to bytes: only what changed, in one write.
//!
//! Drawing goes through ratatui's [`Terminal`] for its [`Frame`], but what reaches the tty is our own
//! difference to the last frame (`row`, `paint`, `pen`): ratatui's backends write to the
//! terminal even when nothing changed, know no synchronized update, and miss cells that lay hidden
//! behind a wide glyph. An unchanged frame costs nothing here, not one byte.

mod paint;
mod pen;
mod row;

use std::convert::Infallible;

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect, Size};
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};

use super::output::{self, Broken};
use paint::Painter;

/// Marks between which the terminal shows nothing half done (mode 2026); others ignore them.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// Where the cursor is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cursor {
    /// Not known.
    Unknown,
    /// Nowhere.
    Hidden,
    /// There.
    At(Position),
}

/// The screen: what it shows, and how to make it show something else.
#[derive(Debug)]
pub struct Screen {
    terminal: Terminal<Wishes>,
    /// The cells of the last frame.
    shown: Buffer,
    /// Where the cursor is shown.
    cursor: Cursor,
    /// What the terminal shows is not known: clear it first.
    unknown: bool,
    /// Bytes of the frame, kept for its memory.
    bytes: Vec<u8>,
}

impl Screen {
    /// A screen of this size about which nothing is known.
    pub fn new(size: Size) -> Self {
        let area = Rect::from((Position::ORIGIN, size));
        let options = TerminalOptions {
            viewport: Viewport::Fixed(area),
        };
        let Ok(terminal) = Terminal::with_options(Wishes { size, cursor: None }, options);
        Self {
            terminal,
            shown: Buffer::empty(area),
            cursor: Cursor::Unknown,
            unknown: true,
            bytes: Vec::new(),
        }
    }

    /// Its size in cells.
    pub fn size(&self) -> Size {
        self.terminal.backend().size
    }

    /// The terminal has a new size; the next frame repaints everything.
    pub fn resize(&mut self, size: Size) {
        let area = Rect::from((Position::ORIGIN, size));
        self.terminal.backend_mut().size = size;
        let Ok(()) = self.terminal.resize(area);
        self.shown = Buffer::empty(area);
        self.clear_for_repaint();
    }

    /// Something else has written to the terminal; the next frame repaints everything.
    pub fn clear_for_repaint(&mut self) {
        self.shown.reset();
        self.cursor = Cursor::Unknown;
        self.unknown = true;
    }

    /// Draws a frame and writes what changed to standard output: one `write(2)`, or none.
    ///
    /// # Errors
    /// [`Broken::Gone`] when the terminal is. The next frame repaints everything.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> Result<(), Broken> {
        let written = output::write(self.render(draw));
        if written.is_err() {
            self.clear_for_repaint();
        }
        written
    }

    /// Draws a frame and yields the bytes that bring the terminal there; empty when it is there.
    pub fn render(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> &[u8] {
        self.bytes.clear();
        self.bytes.extend_from_slice(BEGIN);
        let Ok(frame) = self.terminal.draw(draw);
        let mut painter = Painter::new(&mut self.bytes);
        if self.unknown {
            painter.clear();
            self.unknown = false;
        }
        let columns = usize::from(frame.area.width).max(1);
        let old_rows = self.shown.content.chunks_mut(columns);
        let new_rows = frame.buffer.content.chunks(columns);
        for (y, (old, new)) in (0..).zip(old_rows.zip(new_rows)) {
            if old != new {
                painter.row(y, &row::glyphs(old), &row::glyphs(new));
                old.clone_from_slice(new);
            }
        }
        let wished = self.terminal.backend().cursor;
        let wished = wished.map_or(Cursor::Hidden, Cursor::At);
        painter.cursor(self.cursor, wished);
        self.cursor = wished;
        if self.bytes.len() == BEGIN.len() {
            self.bytes.clear();
        } else {
            self.bytes.extend_from_slice(END);
        }
        &self.bytes
    }
}

/// The backend that ratatui draws to: takes note of the cursor and nothing else.
#[derive(Debug)]
struct Wishes {
    size: Size,
    cursor: Option<Position>,
}

impl Backend for Wishes {
    type Error = Infallible;

    fn draw<'a, I>(&mut self, _difference: I) -> Result<(), Infallible>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        // Lazy: what is not asked for is not computed.
        Ok(())
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        self.cursor = None;
        Ok(())
    }

    fn show_cursor(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        Ok(self.cursor.unwrap_or(Position::ORIGIN))
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        let position = position.into();
        self.cursor = Some(Position {
            x: position.x.min(self.size.width.saturating_sub(1)),
            y: position.y.min(self.size.height.saturating_sub(1)),
        });
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn clear_region(&mut self, _region: ClearType) -> Result<(), Infallible> {
        Ok(())
    }

    fn size(&self) -> Result<Size, Infallible> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        Ok(WindowSize {
            columns_rows: self.size,
            pixels: Size::ZERO,
        })
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;

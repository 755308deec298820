//! Lines of styled words that scroll: help, sources, the word about an empty table.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::ui::widget::{fit, prose, scroll_bar};

use super::Look;

/// Lines of styled words, each at most `width` cells.
#[derive(Debug, Default)]
pub(super) struct Page<'a> {
    width: u16,
    lines: Vec<Line<'a>>,
}

impl<'a> Page<'a> {
    /// A page without lines.
    pub(super) const fn new(width: u16) -> Self {
        Self {
            width,
            lines: Vec::new(),
        }
    }

    /// Cells of a line.
    pub(super) const fn width(&self) -> u16 {
        self.width
    }

    /// Number of lines.
    pub(super) const fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether nothing was written.
    pub(super) const fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Cells of the widest line.
    pub(super) fn widest(&self) -> u16 {
        let widths = self
            .lines
            .iter()
            .map(|l| l.spans.iter().map(span_width).sum());
        widths.max().unwrap_or(0)
    }

    /// A line made of parts.
    pub(super) fn line(&mut self, parts: Vec<Span<'a>>) {
        self.lines.push(Line::from(parts));
    }

    /// A line without anything.
    pub(super) fn blank(&mut self) {
        self.lines.push(Line::default());
    }

    /// Words, wrapped, `indent` cells from the left.
    pub(super) fn words(&mut self, indent: u16, words: &str, style: Style) {
        self.after(
            vec![Span::raw(" ".repeat(usize::from(indent)))],
            words,
            style,
        );
    }

    /// Words, wrapped, beside what stands before their first line; the rest stands under their start.
    pub(super) fn after(&mut self, before: Vec<Span<'a>>, words: &str, style: Style) {
        let indent: u16 = before.iter().map(span_width).sum();
        let room = self.width.saturating_sub(indent);
        let mut before = Some(before);
        for line in prose::wrap(words, room, &mut |_| prose::Kind::Plain) {
            let blanks = usize::from(line.indent);
            let mut parts = before
                .take()
                .unwrap_or_else(|| vec![Span::raw(" ".repeat(usize::from(indent)))]);
            let words = words.get(line.bytes).unwrap_or_default();
            parts.push(Span::styled(
                format!("{}{words}", " ".repeat(blanks)),
                style,
            ));
            self.lines.push(Line::from(parts));
        }
    }

    /// Draws lines from `scroll` on, at most so far that the last line is the last on the screen, with
    /// a bar when there are more. Returns the lines in all, and those on the screen.
    pub(super) fn draw(
        &self,
        look: &Look,
        area: Rect,
        scroll: usize,
        buf: &mut Buffer,
    ) -> (usize, usize) {
        let height = usize::from(area.height);
        let from = scroll.min(self.lines.len().saturating_sub(height));
        let seen = self.lines.get(from..).unwrap_or_default();
        for (y, line) in (area.top()..area.bottom()).zip(seen) {
            draw_line(
                line,
                look,
                Rect {
                    y,
                    height: 1,
                    ..area
                },
                buf,
            );
        }
        scroll_bar::draw(buf, area, self.lines.len(), from, look.set());
        (self.lines.len(), height)
    }

    /// Draws all lines in the middle of `area`, as a block.
    pub(super) fn draw_centered(&self, look: &Look, area: Rect, buf: &mut Buffer) {
        let height = u16::try_from(self.lines.len()).unwrap_or(u16::MAX);
        let size = (self.widest().min(area.width), height.min(area.height));
        let block = crate::ui::widget::panel::centered(area, size);
        for (y, line) in (block.top()..block.bottom()).zip(&self.lines) {
            draw_line(
                line,
                look,
                Rect {
                    y,
                    height: 1,
                    ..block
                },
                buf,
            );
        }
    }

    /// Its lines.
    pub(super) fn into_lines(self) -> Vec<Line<'a>> {
        self.lines
    }
}

fn span_width(span: &Span<'_>) -> u16 {
    fit::width(&span.content)
}

/// Draws a line's parts side by side; what does not fit is cut with an ellipsis.
pub(super) fn draw_line(line: &Line<'_>, look: &Look, area: Rect, buf: &mut Buffer) {
    let mut x = area.x;
    for span in &line.spans {
        if x >= area.right() {
            break;
        }
        let room = Rect {
            x,
            width: area.right() - x,
            ..area
        };
        let style = look.theme.text.patch(span.style);
        let drawn = fit::Field::line(room, look.glyphs.ellipsis).draw(buf, &span.content, style);
        x = drawn.end;
    }
}

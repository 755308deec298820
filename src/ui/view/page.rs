//! Lines of styled words that scroll: help, sources, the word about an empty table.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::domain::Failure;
use crate::domain::failure::FailureKind;
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

    /// The lines of a file that mistakes are in, each with a caret under what is wrong; cut so that it is seen.
    pub(super) fn mistakes(&mut self, indent: u16, failure: &Failure, look: &Look) {
        let FailureKind::Mistakes { list, .. } = &failure.kind else {
            return;
        };
        let blanks = " ".repeat(usize::from(indent));
        for mistake in list {
            let gutter = format!("{blanks}{:>4} ", mistake.line);
            let room = self.width.saturating_sub(fit::width(&gutter) + 2);
            let (line, caret) = around(&mistake.excerpt, mistake.caret, room, look.glyphs.ellipsis);
            let under = format!(
                "{}{}",
                " ".repeat(usize::from(caret.0)),
                "^".repeat(usize::from(caret.1))
            );
            let bar = Span::styled(
                format!("{} ", look.glyphs.borders.vertical),
                look.theme.border,
            );
            let empty = " ".repeat(usize::from(fit::width(&gutter)));
            self.line(vec![
                Span::styled(gutter, look.theme.dim),
                bar.clone(),
                Span::styled(line, look.theme.code),
            ]);
            self.line(vec![
                Span::raw(empty),
                bar,
                Span::styled(under, look.theme.warning),
            ]);
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

/// The part of a line around a caret that fits, and where the caret is in it.
fn around(
    line: &str,
    (first, cells): (u16, u16),
    room: u16,
    ellipsis: &str,
) -> (String, (u16, u16)) {
    let all = fit::width(line);
    if all <= room {
        return (line.to_owned(), (first, cells));
    }
    let cells = cells.min(room / 2).max(1);
    // The caret in the middle, unless the line begins or ends before that.
    let start = (first + cells / 2)
        .saturating_sub(room / 2)
        .min(all.saturating_sub(room));
    let mark = if start > 0 { fit::width(ellipsis) } else { 0 };
    let (mut at, mut shown, mut from) = (0, String::new(), None);
    for c in line.chars() {
        let wide = fit::width(c.encode_utf8(&mut [0; 4]));
        if at >= start + mark && at + wide <= start + room {
            from.get_or_insert(at);
            shown.push(c);
        }
        at += wide;
    }
    let from = from.unwrap_or(start);
    if start > 0 {
        shown.insert_str(0, ellipsis);
    }
    (shown, ((first + mark).saturating_sub(from), cells))
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

#[cfg(test)]
mod tests {
    use super::around;

    #[test]
    fn a_long_line_is_cut_around_its_caret() {
        assert_eq!(around("abc", (1, 1), 10, "…"), ("abc".to_owned(), (1, 1)));
        let line = "0123456789abcdefghij";
        for (caret, shown, at) in [
            ((0, 2), "0123456789", (0, 2)),
            ((12, 2), "…9abcdefgh", (4, 2)),
            ((18, 2), "…bcdefghij", (8, 2)),
        ] {
            assert_eq!(
                around(line, caret, 10, "…"),
                (shown.to_owned(), at),
                "{caret:?}"
            );
        }
    }
}

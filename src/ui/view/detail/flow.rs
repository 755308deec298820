//! Styled words that flow over lines of a width.

use std::ops::Range;
use std::rc::Rc;

use ratatui::style::Style;
use ratatui::text::Span;

use crate::ui::widget::prose;

/// Text in pieces of one style each.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Styled {
    text: String,
    pieces: Vec<Piece>,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq)]
struct Piece {
    /// Where it ends.
    end: usize,
    style: Style,
    /// Where it leads.
    link: Option<Rc<str>>,
}

impl Styled {
    /// Adds a piece.
    pub fn push(&mut self, text: &str, style: Style) {
        self.add(text, style, None);
    }

    /// Adds a piece that leads somewhere.
    pub fn push_link(&mut self, text: &str, style: Style, to: &str) {
        self.add(text, style, Some(Rc::from(to)));
    }

    fn add(&mut self, text: &str, style: Style, link: Option<Rc<str>>) {
        if text.is_empty() {
            return;
        }
        self.text.push_str(text);
        let end = self.text.len();
        match self.pieces.last_mut() {
            Some(last) if last.style == style && last.link == link => last.end = end,
            _ => self.pieces.push(Piece { end, style, link }),
        }
    }

    /// Adds what another one holds.
    pub fn append(&mut self, other: &Self) {
        for (text, style, link) in other.cut_linked(0..other.text.len()) {
            self.add(text, style, link.cloned());
        }
    }

    /// The text without its styles.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The pieces of a part of it.
    #[cfg(test)]
    pub fn cut(&self, part: Range<usize>) -> impl Iterator<Item = (&str, Style)> {
        let pieces = self.cut_linked(part);
        pieces.map(|(text, style, _)| (text, style))
    }

    /// The pieces of a part of it, with where they lead.
    pub fn cut_linked(
        &self,
        part: Range<usize>,
    ) -> impl Iterator<Item = (&str, Style, Option<&Rc<str>>)> {
        let first = self.pieces.partition_point(|piece| piece.end <= part.start);
        let mut from = part.start;
        self.pieces
            .get(first..)
            .unwrap_or_default()
            .iter()
            .map_while(move |piece| {
                let to = piece.end.min(part.end);
                let text = self.text.get(from..to).filter(|text| !text.is_empty())?;
                from = to;
                Some((text, piece.style, piece.link.as_ref()))
            })
    }
}

impl<'a> FromIterator<&'a Span<'a>> for Styled {
    fn from_iter<T: IntoIterator<Item = &'a Span<'a>>>(spans: T) -> Self {
        let mut styled = Self::default();
        for span in spans {
            styled.push(&span.content, span.style);
        }
        styled
    }
}

/// Where lines may be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// Between words, and within those that are longer than a line.
    Words,
    /// Where the width ends.
    Cells,
}

/// Calls `each` with the bytes of every line that `text` takes, at least one. Costs as much as the text is
/// long; plain ASCII is not measured letter by letter.
pub fn lines(text: &str, width: u16, at: Break, mut each: impl FnMut(Range<usize>)) {
    let width = width.max(1);
    if text.is_ascii() {
        ascii(text.as_bytes(), usize::from(width), at, each);
        return;
    }
    let kind = match at {
        Break::Words => prose::Kind::Plain,
        Break::Cells => prose::Kind::Code,
    };
    for line in prose::wrap(text, width, &mut |_| kind) {
        each(line.bytes);
    }
}

fn ascii(bytes: &[u8], width: usize, at: Break, mut each: impl FnMut(Range<usize>)) {
    let mut from = 0;
    while bytes.len() - from > width {
        // One more than fits: a blank there ends a line that is just full.
        let window = bytes.get(from..=from + width).unwrap_or_default();
        let blank = match at {
            Break::Words => window.iter().rposition(|b| *b == b' '),
            Break::Cells => None,
        };
        let said = |to: &usize| window.iter().take(*to).any(|b| *b != b' ');
        let Some(blank) = blank.filter(said) else {
            each(from..from + width);
            from += width;
            continue;
        };
        let end = window
            .iter()
            .take(blank)
            .rposition(|b| *b != b' ')
            .map_or(blank, |last| last + 1);
        each(from..from + end);
        from += blank;
        while bytes.get(from) == Some(&b' ') {
            from += 1;
        }
    }
    if from < bytes.len() || from == 0 {
        each(from..bytes.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Modifier;

    fn wrapped(text: &str, width: u16, at: Break) -> Vec<&str> {
        let mut out = Vec::new();
        lines(text, width, at, |part| {
            out.push(text.get(part).unwrap_or_default());
        });
        out
    }

    #[test]
    fn words_flow() {
        assert_eq!(wrapped("", 8, Break::Words), [""]);
        assert_eq!(wrapped("just ten.", 9, Break::Words), ["just ten."]);
        assert_eq!(
            wrapped("one two three", 7, Break::Words),
            ["one two", "three"]
        );
        assert_eq!(
            wrapped("a  averylongword b", 5, Break::Words),
            ["a", "avery", "longw", "ord b"]
        );
        assert_eq!(
            wrapped("    indented", 6, Break::Words),
            ["    in", "dented"]
        );
        assert_eq!(
            wrapped("größer als 4", 7, Break::Words),
            ["größer", "als 4"]
        );
        assert_eq!(wrapped("one two", 4, Break::Cells), ["one ", "two"]);
        assert_eq!(wrapped("日本語", 1, Break::Words).concat(), "日本語");
    }

    #[test]
    fn blanks_at_the_end_make_no_line() {
        assert_eq!(wrapped("four    ", 4, Break::Words), ["four"]);
    }

    #[test]
    fn pieces_are_cut_where_lines_are() {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let mut styled = Styled::default();
        styled.push("one ", Style::new());
        styled.push("two", bold);
        styled.push(" three", Style::new());
        let parts: Vec<_> = styled.cut(2..6).collect();
        assert_eq!(parts, [("e ", Style::new()), ("tw", bold)]);
        assert_eq!(styled.cut(7..13).count(), 1);
        assert_eq!(styled.cut(13..13).count(), 0);
    }
}

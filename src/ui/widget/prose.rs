//! Text of many lines, wrapped to a width and seen through a window.
//!
//! Wrapping happens once per text and width, and the caller keeps the result; drawing costs what is
//! seen. How a line looks (heading, quote, code) is told by the caller, who knows the markup.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;

use crate::ui::theme::Theme;

use super::fit::grapheme_width;

/// What a line of the source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Kind {
    /// Plain words.
    #[default]
    Plain,
    /// A heading.
    Heading,
    /// Somebody else's words.
    Quote,
    /// Preformatted: broken where the width ends, not between words.
    Code,
}

impl Kind {
    /// How it looks.
    pub const fn style(self, theme: &Theme) -> Style {
        match self {
            Self::Plain => theme.text,
            Self::Heading => theme.heading,
            Self::Quote => theme.quote,
            Self::Code => theme.code,
        }
    }
}

/// A line of the screen: a part of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its bytes in the text.
    pub bytes: Range<usize>,
    /// Blank cells before it: continued lines stand under their first word.
    pub indent: u16,
    /// What it is.
    pub kind: Kind,
}

/// Wraps `text` to `width` cells. `kind` is asked once for each line of the source, in order, so it may
/// remember that a block began. Words longer than a line are broken where it ends.
pub fn wrap(text: &str, width: u16, kind: &mut dyn FnMut(&str) -> Kind) -> Vec<Line> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut start = 0;
    for source in text.split('\n') {
        let kind = kind(source);
        wrap_line(source, start, width, kind, &mut lines);
        start += source.len() + 1;
    }
    lines
}

/// Wraps one line of the source, which begins at byte `base` of the text.
fn wrap_line(source: &str, base: usize, width: u16, kind: Kind, lines: &mut Vec<Line>) {
    // A wide character must still fit beside the indent.
    let most = if width < 4 { 0 } else { width / 2 };
    let hang = hanging(source, kind).min(most);
    let mut push = |from: usize, to: usize, first: bool| {
        let end = source
            .get(from..to)
            .map_or(from, |part| from + part.trim_end().len());
        lines.push(Line {
            bytes: base + from..base + end,
            indent: if first { 0 } else { hang },
            kind,
        });
    };
    let (mut from, mut used, mut first) = (0, 0_u16, true);
    // Where the line may be broken: the next one begins there, and `used` until there.
    let mut chance: Option<(usize, u16)> = None;
    let mut after_blank = false;
    for (at, grapheme) in source.grapheme_indices(true) {
        let blank = grapheme == " ";
        let wide = grapheme_width(grapheme);
        if at > from && !blank && kind != Kind::Code && (after_blank || wide > 1) {
            chance = Some((at, used));
        }
        after_blank = blank;
        // Blanks may hang over the edge: they are cut off there. What is carried over may be too long
        // for a line that begins with an indent, so it may need a second break.
        while at > from
            && used.saturating_add(wide) > width - if first { 0 } else { hang }
            && (!blank || kind == Kind::Code)
        {
            let (next, before) = chance.take().unwrap_or((at, used));
            push(from, next, first);
            from = next;
            used = used.saturating_sub(before);
            first = false;
        }
        used = used.saturating_add(wide);
    }
    push(from, source.len(), first);
}

/// Cells before the first word, with a list's sign: what follows stands under that word.
fn hanging(source: &str, kind: Kind) -> u16 {
    if kind == Kind::Code {
        return 0;
    }
    let blanks = source.bytes().take_while(|byte| *byte == b' ').count();
    let rest = source.trim_start_matches(' ');
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let after = rest.get(digits..).unwrap_or_default();
    let sign = if (1..=3).contains(&digits) && (after.starts_with(". ") || after.starts_with(") "))
    {
        digits + 2
    } else {
        let stars = rest
            .bytes()
            .take_while(|byte| b"*-#>+".contains(byte))
            .count();
        let is_sign = (1..=3).contains(&stars) && rest.as_bytes().get(stars) == Some(&b' ');
        if is_sign { stars + 1 } else { 0 }
    };
    u16::try_from(blanks + sign).unwrap_or(u16::MAX)
}

/// Draws lines from number `from` on, as many as `area` has. Returns the number of lines drawn.
pub fn draw(
    buf: &mut Buffer,
    area: Rect,
    text: &str,
    lines: &[Line],
    from: usize,
    theme: &Theme,
) -> u16 {
    let area = area.intersection(buf.area);
    let seen = lines.get(from.min(lines.len())..).unwrap_or_default();
    let mut drawn = 0;
    for (y, line) in (area.top()..area.bottom()).zip(seen) {
        let words = text.get(line.bytes.clone()).unwrap_or_default();
        let indent = line.indent.min(area.width);
        let room = usize::from(area.width - indent);
        if room > 0 {
            let style = line.kind.style(theme);
            buf.set_stringn(area.x + indent, y, words, room, style);
        }
        drawn += 1;
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(_: &str) -> Kind {
        Kind::Plain
    }

    fn shown(text: &str, width: u16) -> Vec<String> {
        wrap(text, width, &mut plain)
            .iter()
            .map(|line| {
                let indent = " ".repeat(usize::from(line.indent));
                format!(
                    "{indent}{}",
                    text.get(line.bytes.clone()).unwrap_or("OUT OF TEXT")
                )
            })
            .collect()
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(
            shown("the wiki is down since noon", 12),
            ["the wiki is", "down since", "noon"]
        );
        assert_eq!(shown("exactly here", 12), ["exactly here"]);
        assert_eq!(shown("exactly here it", 12), ["exactly here", "it"]);
        assert_eq!(shown("a\n\nb\n", 12), ["a", "", "b", ""]);
        assert_eq!(shown("", 12), [""]);
    }

    #[test]
    fn long_words_are_broken_where_the_line_ends() {
        assert_eq!(
            shown("see https://wiki.example.org/x now", 10),
            ["see", "https://wi", "ki.example", ".org/x now"]
        );
        assert_eq!(shown("abc", 1), ["a", "b", "c"]);
        assert_eq!(shown("abc", 0), ["a", "b", "c"]);
    }

    #[test]
    fn wide_characters_break_anywhere_but_never_in_half() {
        assert_eq!(shown("日本語日本語", 5), ["日本", "語日", "本語"]);
        assert_eq!(shown("日", 1), ["日"]);
        assert_eq!(
            shown("e\u{301}e\u{301}e\u{301}", 2),
            ["e\u{301}e\u{301}", "e\u{301}"]
        );
    }

    #[test]
    fn continued_lines_stand_under_their_first_word() {
        assert_eq!(
            shown("* replace the disk sdb", 13),
            ["* replace the", "  disk sdb"]
        );
        assert_eq!(
            shown("  12. call Anne about it", 16),
            ["  12. call Anne", "      about it"]
        );
        assert_eq!(shown("-5 degrees outside", 10), ["-5 degrees", "outside"]);
        assert_eq!(
            shown("            deep words", 8),
            ["", "    deep", "    word", "    s"],
            "an indent never takes more than half"
        );
    }

    #[test]
    fn code_breaks_at_the_width_and_keeps_its_blanks() {
        let text = "plain words here\n  let x = y  ;\nplain";
        let mut kind = |line: &str| {
            if line.contains("let") {
                Kind::Code
            } else {
                Kind::Plain
            }
        };
        let lines = wrap(text, 8, &mut kind);
        let seen: Vec<_> = lines
            .iter()
            .map(|line| (text.get(line.bytes.clone()).unwrap_or_default(), line.kind))
            .collect();
        assert_eq!(
            seen,
            [
                ("plain", Kind::Plain),
                ("words", Kind::Plain),
                ("here", Kind::Plain),
                ("  let x", Kind::Code),
                ("= y  ;", Kind::Code),
                ("plain", Kind::Plain),
            ]
        );
    }

    #[test]
    fn every_word_is_kept_at_every_width() {
        let text = "* one two three\n  fourfive 日本語 six\n\n> seven e\u{301}ight https://example.org/nine";
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        for width in 1..60 {
            let lines = wrap(text, width, &mut plain);
            let joined: String = lines
                .iter()
                .filter_map(|line| text.get(line.bytes.clone()))
                .collect();
            assert_eq!(bare(&joined), bare(text), "width {width}");
            for line in &lines {
                let words = text.get(line.bytes.clone()).unwrap_or_default();
                let wide = super::super::fit::width(words) + line.indent;
                assert!(wide <= width.max(2), "{words:?} in {width}");
            }
        }
    }

    #[test]
    fn only_the_window_is_drawn() {
        let text = "# Wiki down\n\nSince 21:35 the container is stopped; the proxy answers 502.\n\n> Anne: I am on it, do not touch the container please\n\n* restore the container\n* tell everyone on the list that it was planned\n\npct start 105";
        let mut kind = |line: &str| match line.get(..1) {
            Some("#") => Kind::Heading,
            Some(">") => Kind::Quote,
            Some("p") => Kind::Code,
            _ => Kind::Plain,
        };
        let theme = Theme::default();
        let lines = wrap(text, 30, &mut kind);
        let mut buf = Buffer::empty(Rect::new(0, 0, 30, u16::try_from(lines.len()).unwrap_or(0)));
        let area = buf.area;
        let drawn = draw(&mut buf, area, text, &lines, 0, &theme);
        assert_eq!(usize::from(drawn), lines.len());
        assert_eq!(buf[(0, 0)].modifier, theme.heading.add_modifier);
        insta::assert_debug_snapshot!(buf);

        let mut part = Buffer::empty(Rect::new(0, 0, 30, 2));
        let area = part.area;
        assert_eq!(
            draw(&mut part, area, text, &lines, lines.len() - 1, &theme),
            1
        );
        assert_eq!(part[(0, 0)].symbol(), "p");
        assert_eq!(draw(&mut part, area, text, &lines, usize::MAX, &theme), 0);
    }
}

//! Makes foreign text inert and visible: no byte of it acts on the terminal, honest writing in any
//! script stays readable.
//!
//! | what | becomes |
//! | --- | --- |
//! | C0 controls, DEL | their picture, `␛` `␇` `␡` |
//! | C1 controls (U+0080–U+009F) | `�` |
//! | tab | one space |
//! | line ends in one line | `⏎`; in prose `\n` |
//! | bidi overrides, isolates, marks; zero-width and tag characters; BOM, soft hyphen; private use; noncharacters | `·` once per run, or nothing for joiners within a word |
//! | more than four combining marks on one letter | the first four |

use std::borrow::Cow;

/// Most combining marks kept on one letter: honest writing needs three.
const MARKS: usize = 4;

/// One line, at most `longest` characters; longer is cut and ends with `…`.
pub fn line(foreign: &str, longest: usize) -> Cow<'_, str> {
    if is_plain(foreign) && foreign.len() <= longest {
        return Cow::Borrowed(foreign);
    }
    let mut cleaner = Cleaner::new(foreign.len().min(longest * 4), false);
    let mut taken = 0;
    for c in foreign.chars() {
        if taken == longest {
            cleaner.out.pop();
            cleaner.out.push('…');
            break;
        }
        taken += usize::from(cleaner.push(c));
    }
    Cow::Owned(cleaner.out)
}

/// Several lines separated by `\n`, at most `longest` bytes; longer is cut and says so.
pub fn lines(foreign: &str, longest: usize) -> Cow<'_, str> {
    let mut cleaner = Cleaner::new(foreign.len().min(longest), true);
    for c in foreign.chars() {
        if cleaner.out.len() >= longest {
            cleaner.out.push_str("\n… cut here, the rest is not shown");
            break;
        }
        cleaner.push(c);
    }
    Cow::Owned(cleaner.out)
}

/// Printable ASCII only: by far the most of what comes in, and needs no copy.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| (0x20..0x7f).contains(&b))
}

struct Cleaner {
    out: String,
    keep_lines: bool,
    marks: usize,
    after_return: bool,
    after_hidden: bool,
}

impl Cleaner {
    fn new(capacity: usize, keep_lines: bool) -> Self {
        Self {
            out: String::with_capacity(capacity),
            keep_lines,
            marks: 0,
            after_return: false,
            after_hidden: false,
        }
    }

    /// Adds what becomes of `c`; whether a character was added.
    fn push(&mut self, c: char) -> bool {
        let after_return = std::mem::replace(&mut self.after_return, c == '\r');
        let after_hidden = std::mem::take(&mut self.after_hidden);
        let shown = match c {
            '\n' if after_return => return false,
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => {
                Some(if self.keep_lines { '\n' } else { '⏎' })
            }
            '\t' => Some(' '),
            '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)),
            '\u{7f}' => Some('␡'),
            '\u{80}'..='\u{9f}' | '\u{fffd}' => Some('\u{fffd}'),
            // Joiners and the emoji selector make honest writing; alone they are invisible.
            '\u{200c}' | '\u{200d}' | '\u{fe0f}' | '\u{fe0e}' if self.joins() => Some(c),
            _ if is_hidden(c) => {
                self.after_hidden = true;
                if after_hidden {
                    return false;
                }
                Some('·')
            }
            _ if is_mark(c) => {
                self.marks += 1;
                if self.marks > MARKS {
                    return false;
                }
                if self.out.is_empty() || self.out.ends_with(['\n', ' ']) {
                    // A mark without its letter would sit on the neighbouring column.
                    self.out.push('◌');
                }
                self.out.push(c);
                return true;
            }
            _ => Some(c),
        };
        self.marks = 0;
        if let Some(shown) = shown {
            self.out.push(shown);
            return true;
        }
        false
    }

    /// Whether a joiner here joins something: after a letter or symbol, not at the start or after a blank.
    fn joins(&self) -> bool {
        self.out.chars().next_back().is_some_and(|last| {
            !last.is_ascii()
                && !last.is_whitespace()
                && !matches!(
                    last,
                    '·' | '⏎' | '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}'
                )
        })
    }
}

/// Characters that are invisible or change how their neighbours are drawn.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' | '\u{f0000}'..='\u{10ffff}')
        || (u32::from(c) & 0xfffe) == 0xfffe
}

/// Combining marks, by their width: zero cells, but visible on their letter.
fn is_mark(c: char) -> bool {
    u32::from(c) >= 0x300 && unicode_width::UnicodeWidthChar::width(c) == Some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_not_copied() {
        assert!(matches!(line("golem/105 wiki", 100), Cow::Borrowed(_)));
    }

    #[test]
    fn nothing_acts_on_the_terminal() {
        let hostile =
            "a\x1b[31mb\x07\x08\x7f\u{9b}2J\u{202e}evil\u{2066}\u{200b}\0z\u{e0041}\u{85}";
        let shown = line(hostile, 100);
        assert_eq!(shown, "a␛[31mb␇␈␡\u{fffd}2J·evil·␀z·\u{fffd}");
        assert!(!shown.chars().any(|c| c.is_control() || is_hidden(c)));
    }

    #[test]
    fn every_code_point_is_inert() {
        for c in (0..=0x0010_ffff).filter_map(char::from_u32) {
            let raw = format!("x{c}y");
            for cleaned in [line(&raw, 10), lines(&raw, 100)] {
                assert!(
                    cleaned
                        .chars()
                        .all(|c| c == '\n' || (!c.is_control() && !is_hidden(c))),
                    "U+{:04X} gives {cleaned:?}",
                    u32::from(c)
                );
            }
        }
    }

    #[test]
    fn line_ends_in_a_subject_are_shown_once() {
        assert_eq!(
            line("one\r\ntwo\nthree\rfour\tfive", 100),
            "one⏎two⏎three⏎four five"
        );
        assert_eq!(
            lines("one\r\ntwo\nthree\rfour", 100),
            "one\ntwo\nthree\nfour"
        );
    }

    #[test]
    fn honest_writing_stays() {
        for text in [
            "Ärger mit 日本語",
            "مرحبا بالعالم",
            "e\u{301}a\u{308}",
            "नमस्ते",
            "👩\u{200d}💻 ❤\u{fe0f}",
            "می\u{200c}خواهم",
        ] {
            assert_eq!(line(text, 100), text);
        }
    }

    #[test]
    fn zalgo_is_cut_to_four_marks() {
        let zalgo: String = std::iter::once('a')
            .chain(std::iter::repeat_n('\u{301}', 50))
            .collect();
        assert_eq!(line(&zalgo, 100).chars().count(), 5);
    }

    #[test]
    fn long_text_ends_with_an_ellipsis() {
        let long = "x".repeat(5000);
        let cut = line(&long, 20);
        assert_eq!(cut.chars().count(), 20);
        assert!(cut.ends_with('…'));
        assert!(lines(&"y".repeat(5000), 100).ends_with("not shown"));
    }
}

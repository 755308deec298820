//! One line of text under the user's hands.

use unicode_segmentation::UnicodeSegmentation as _;

use crate::domain::keypress::{KeyCode, KeyPress};

/// Longest text taken, in bytes: a paste of a whole file is a mistake.
const LONGEST: usize = 512;

/// One line of text with a cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineEditor {
    text: String,
    cursor: usize,
}

impl LineEditor {
    /// An editor holding a text, the cursor at its end.
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            cursor: text.len(),
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Byte position of the cursor, always at a grapheme border.
    pub const fn cursor(&self) -> usize {
        self.cursor
    }

    /// Adds text at the cursor. Control characters are left out: a paste must not act.
    pub fn insert(&mut self, text: &str) {
        let plain: String = text
            .chars()
            .map(|c| if c == '\n' || c == '\t' { ' ' } else { c })
            .filter(|c| !c.is_control())
            .collect();
        if self.text.len() + plain.len() <= LONGEST {
            self.text.insert_str(self.cursor, &plain);
            self.cursor += plain.len();
        }
    }

    /// Handles an editing key; whether it was one.
    pub fn press(&mut self, key: KeyPress) -> bool {
        if key.alt {
            return false;
        }
        match (key.code, key.ctrl) {
            (KeyCode::Char(c), false) => self.insert(c.encode_utf8(&mut [0; 4])),
            (KeyCode::Backspace, _) => {
                let start = self.before();
                self.text.replace_range(start..self.cursor, "");
                self.cursor = start;
            }
            (KeyCode::Delete, _) => self.text.replace_range(self.cursor..self.after(), ""),
            (KeyCode::Left, _) => self.cursor = self.before(),
            (KeyCode::Right, _) => self.cursor = self.after(),
            (KeyCode::Home, _) | (KeyCode::Char('a'), true) => self.cursor = 0,
            (KeyCode::End, _) | (KeyCode::Char('e'), true) => self.cursor = self.text.len(),
            (KeyCode::Char('u'), true) => {
                self.text.replace_range(..self.cursor, "");
                self.cursor = 0;
            }
            (KeyCode::Char('w'), true) => {
                let head = self.text.get(..self.cursor).unwrap_or("");
                let start = head
                    .trim_end()
                    .rfind(char::is_whitespace)
                    .map_or(0, |at| at + 1);
                self.text.replace_range(start..self.cursor, "");
                self.cursor = start;
            }
            _ => return false,
        }
        true
    }

    fn before(&self) -> usize {
        let head = self.text.get(..self.cursor).unwrap_or("");
        head.grapheme_indices(true)
            .next_back()
            .map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        let tail = self.text.get(self.cursor..).unwrap_or("");
        self.cursor + tail.graphemes(true).next().map_or(0, str::len)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn press(editor: &mut LineEditor, keys: &str) {
        for key in keys.split(' ') {
            editor.press(key.parse().unwrap());
        }
    }

    #[test]
    fn graphemes_are_deleted_whole() {
        let mut editor = LineEditor::new("ae\u{301}日");
        press(&mut editor, "backspace backspace");
        assert_eq!(editor.text(), "a");
    }

    #[test]
    fn words_and_lines_are_deleted() {
        let mut editor = LineEditor::new("state:stopped wiki");
        press(&mut editor, "ctrl-w");
        assert_eq!(editor.text(), "state:stopped ");
        press(&mut editor, "home delete");
        assert_eq!(editor.text(), "tate:stopped ");
        press(&mut editor, "end ctrl-u");
        assert_eq!((editor.text(), editor.cursor()), ("", 0));
    }

    #[test]
    fn a_paste_does_not_act_and_has_an_end() {
        let mut editor = LineEditor::default();
        editor.insert("a\x1b[31mb\nc");
        assert_eq!(editor.text(), "a[31mb c");
        editor.insert(&"x".repeat(10_000));
        assert_eq!(editor.text(), "a[31mb c");
    }
}

//! A key as the user presses it, whatever the terminal library calls it.

use std::fmt;
use std::str::FromStr;

/// A pressed key with its modifiers, normalised: `Shift` is kept only where it does not change the
/// character (`shift-tab`), a letter with `ctrl` is lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyPress {
    /// The key.
    pub code: KeyCode,
    /// Control was held.
    pub ctrl: bool,
    /// Alt (Meta) was held.
    pub alt: bool,
    /// Shift was held, for keys that are no characters.
    pub shift: bool,
}

/// A key without its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyCode {
    /// A character.
    Char(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Insert.
    Insert,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Function key, 1 to 24.
    F(u8),
}

const NAMES: [(KeyCode, &str); 15] = [
    (KeyCode::Enter, "enter"),
    (KeyCode::Esc, "esc"),
    (KeyCode::Tab, "tab"),
    (KeyCode::Backspace, "backspace"),
    (KeyCode::Delete, "delete"),
    (KeyCode::Insert, "insert"),
    (KeyCode::Left, "left"),
    (KeyCode::Right, "right"),
    (KeyCode::Up, "up"),
    (KeyCode::Down, "down"),
    (KeyCode::Home, "home"),
    (KeyCode::End, "end"),
    (KeyCode::PageUp, "pgup"),
    (KeyCode::PageDown, "pgdn"),
    (KeyCode::Char(' '), "space"),
];

impl KeyPress {
    /// A key without modifiers.
    pub const fn plain(code: KeyCode) -> Self {
        Self {
            code,
            ctrl: false,
            alt: false,
            shift: false,
        }
    }

    /// A character without modifiers.
    pub const fn char(c: char) -> Self {
        Self::plain(KeyCode::Char(c))
    }
}

impl fmt::Display for KeyPress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [
            (self.ctrl, "ctrl-"),
            (self.alt, "alt-"),
            (self.shift, "shift-"),
        ] {
            if held {
                f.write_str(name)?;
            }
        }
        if let Some((_, name)) = NAMES.iter().find(|(code, _)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::F(n) => write!(f, "f{n}"),
            _ => Ok(()),
        }
    }
}

/// A key that cannot be understood, with what was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownKey(pub String);

impl fmt::Display for UnknownKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is no key; write a character, or one of ", self.0)?;
        for (_, name) in NAMES {
            write!(f, "{name}, ")?;
        }
        f.write_str("f1 to f24, with ctrl-, alt- or shift- before it")
    }
}

impl FromStr for KeyPress {
    type Err = UnknownKey;

    fn from_str(text: &str) -> Result<Self, UnknownKey> {
        let unknown = || UnknownKey(text.to_owned());
        let mut key = Self::plain(KeyCode::Esc);
        let mut rest = text;
        loop {
            if let Some(after) = rest.strip_prefix("ctrl-").filter(|r| !r.is_empty()) {
                key.ctrl = true;
                rest = after;
            } else if let Some(after) = rest.strip_prefix("alt-").filter(|r| !r.is_empty()) {
                key.alt = true;
                rest = after;
            } else if let Some(after) = rest.strip_prefix("shift-").filter(|r| !r.is_empty()) {
                key.shift = true;
                rest = after;
            } else {
                break;
            }
        }
        let mut chars = rest.chars();
        key.code = match (chars.next(), chars.next()) {
            (Some(c), None) if c != ' ' => KeyCode::Char(c),
            _ => {
                if let Some((code, _)) = NAMES.iter().find(|(_, name)| *name == rest) {
                    *code
                } else {
                    let number = rest.strip_prefix('f').and_then(|n| n.parse::<u8>().ok());
                    KeyCode::F(
                        number
                            .filter(|n| (1..=24).contains(n))
                            .ok_or_else(unknown)?,
                    )
                }
            }
        };
        Ok(key.normalised())
    }
}

impl KeyPress {
    /// The one way to write a key: letters carry their own shift, `ctrl` letters are lower case.
    pub fn normalised(mut self) -> Self {
        if let KeyCode::Char(c) = self.code {
            if self.ctrl {
                self.code = KeyCode::Char(c.to_ascii_lowercase());
            } else if self.shift {
                self.code = KeyCode::Char(c.to_uppercase().next().unwrap_or(c));
            }
            self.shift = false;
        }
        self
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn keys_print_as_they_parse() {
        for text in [
            "a",
            "G",
            "ctrl-k",
            "shift-tab",
            "pgdn",
            "space",
            "f5",
            "<",
            "alt-x",
            "ctrl-alt-delete",
            "-",
            "?",
        ] {
            assert_eq!(text.parse::<KeyPress>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn shift_and_control_are_normalised() {
        assert_eq!("shift-g".parse::<KeyPress>().unwrap(), KeyPress::char('G'));
        assert_eq!("ctrl-K".parse::<KeyPress>().unwrap().to_string(), "ctrl-k");
    }

    #[test]
    fn nonsense_is_refused_with_a_way_out() {
        let error = "pagedown".parse::<KeyPress>().unwrap_err().to_string();
        assert!(error.contains("pgdn"), "{error}");
        assert!("".parse::<KeyPress>().is_err());
        assert!("f99".parse::<KeyPress>().is_err());
    }
}

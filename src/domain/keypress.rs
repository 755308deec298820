//! A press of a key, as the terminal reports it and as the configuration writes it.
//!
//! One spelling for both: what [`KeyPress`] prints is what it parses, so that a hint on the screen
//! can be copied into the configuration. Words are joined by `-`: `ctrl-k`, `shift-tab`, `alt-left`,
//! `pgdn`, `f5`, `G`, `<`.

use std::fmt;
use std::str::FromStr;

/// A key without modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyCode {
    /// A key that types this character.
    Char(char),
    /// Enter or Return.
    Enter,
    /// Escape.
    Esc,
    /// Tabulator; with `shift` what terminals call back-tab.
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
    /// A function key, 1 to 20.
    F(u8),
}

/// Names of the keys that type no visible character. The first of a key is the one that is printed.
const NAMED: [(&str, KeyCode); 24] = [
    ("enter", KeyCode::Enter),
    ("return", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("escape", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("space", KeyCode::Char(' ')),
    ("backspace", KeyCode::Backspace),
    ("bs", KeyCode::Backspace),
    ("del", KeyCode::Delete),
    ("delete", KeyCode::Delete),
    ("ins", KeyCode::Insert),
    ("insert", KeyCode::Insert),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pageup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("pagedown", KeyCode::PageDown),
    ("pgdown", KeyCode::PageDown),
    ("minus", KeyCode::Char('-')),
];

/// Highest function key that terminals tell apart.
const LAST_FUNCTION_KEY: u8 = 20;

/// A press of a key, in the one form that bindings compare.
///
/// [`KeyPress::new`] and parsing make this form; a terminal cannot tell more apart:
/// - a character carries its own shift (`G`, `?`), `shift` is set only for the other keys;
/// - with `ctrl`, letters are lower-case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyPress {
    /// Which key.
    pub code: KeyCode,
    /// Control is held.
    pub ctrl: bool,
    /// Alt, or Escape sent before.
    pub alt: bool,
    /// Shift is held and the character does not say so itself.
    pub shift: bool,
}

impl KeyPress {
    /// A press in the form that bindings compare, from what was held.
    pub fn new(code: KeyCode, ctrl: bool, alt: bool, shift: bool) -> Self {
        let code = match code {
            KeyCode::Char(letter) if ctrl => KeyCode::Char(letter.to_ascii_lowercase()),
            KeyCode::Char(letter) if shift => KeyCode::Char(upper(letter)),
            other => other,
        };
        Self {
            code,
            ctrl,
            alt,
            shift: shift && !matches!(code, KeyCode::Char(_)),
        }
    }

    /// A key alone.
    pub fn plain(code: KeyCode) -> Self {
        Self::new(code, false, false, false)
    }

    /// A key that types this character, alone.
    pub fn char(character: char) -> Self {
        Self::plain(KeyCode::Char(character))
    }

    /// A character with Control.
    pub fn ctrl(character: char) -> Self {
        Self::new(KeyCode::Char(character), true, false, false)
    }

    /// The character it types in a text field, if any.
    pub const fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(character) if !self.ctrl && !self.alt => Some(character),
            _ => None,
        }
    }

    /// Names a key can be written with, modifiers and characters apart: for "did you mean".
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMED.iter().map(|(name, _)| *name)
    }
}

/// One upper-case character, or the same where upper case has several.
fn upper(letter: char) -> char {
    let mut upper = letter.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        _ => letter,
    }
}

/// Why a text is no key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvalidKey {
    /// Nothing is written.
    Empty,
    /// This word before a `-` is neither `ctrl` nor `alt` nor `shift`.
    Modifier(String),
    /// This is no name of a key; see [`KeyPress::names`].
    Name(String),
}

impl FromStr for KeyPress {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let text = text.trim();
        let (mut ctrl, mut alt, mut shift) = (false, false, false);
        let mut rest = text;
        // A `-` at the end is the key itself: `-`, `alt--`.
        while let Some((word, after)) = rest.split_once('-') {
            if word.is_empty() || after.is_empty() {
                break;
            }
            let held = match word.to_ascii_lowercase().as_str() {
                "ctrl" | "control" | "c" => &mut ctrl,
                "alt" | "meta" | "m" => &mut alt,
                "shift" | "s" => &mut shift,
                _ => return Err(InvalidKey::Modifier(word.to_owned())),
            };
            *held = true;
            rest = after;
        }
        let code = code_of(rest, &mut shift)?;
        Ok(Self::new(code, ctrl, alt, shift))
    }
}

/// The key a word names.
fn code_of(word: &str, shift: &mut bool) -> Result<KeyCode, InvalidKey> {
    let mut characters = word.chars();
    match (characters.next(), characters.next()) {
        (None, _) => return Err(InvalidKey::Empty),
        (Some(one), None) if !one.is_control() => return Ok(KeyCode::Char(one)),
        _ => {}
    }
    let name = word.to_ascii_lowercase();
    if name == "backtab" {
        *shift = true;
        return Ok(KeyCode::Tab);
    }
    let function = name.strip_prefix('f').and_then(|number| {
        let number = number.parse().ok()?;
        (1..=LAST_FUNCTION_KEY)
            .contains(&number)
            .then_some(KeyCode::F(number))
    });
    function
        .or_else(|| {
            NAMED
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, code)| *code)
        })
        .ok_or_else(|| InvalidKey::Name(word.to_owned()))
}

impl fmt::Display for KeyPress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, word) in [
            (self.ctrl, "ctrl-"),
            (self.alt, "alt-"),
            (self.shift, "shift-"),
        ] {
            if held {
                f.write_str(word)?;
            }
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("space"),
            KeyCode::Char(character) => write!(f, "{character}"),
            KeyCode::F(number) => write!(f, "f{number}"),
            code => NAMED
                .iter()
                .find(|(_, known)| *known == code)
                .map_or(Ok(()), |(name, _)| f.write_str(name)),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn every_code() -> Vec<KeyCode> {
        let mut codes: Vec<KeyCode> = NAMED.iter().map(|(_, code)| *code).collect();
        codes.extend((1..=LAST_FUNCTION_KEY).map(KeyCode::F));
        codes.extend("abzABZ019<>[]-+.:/?!éßÉ漢".chars().map(KeyCode::Char));
        codes
    }

    #[test]
    fn what_is_printed_is_what_is_parsed() {
        for code in every_code() {
            for held in 0..8 {
                let press = KeyPress::new(code, held & 1 != 0, held & 2 != 0, held & 4 != 0);
                let text = press.to_string();
                assert_eq!(text.parse(), Ok(press), "{text}");
            }
        }
    }

    #[test]
    fn known_spellings() {
        let known = [
            ("ctrl-k", KeyPress::ctrl('k')),
            ("Ctrl-K", KeyPress::ctrl('k')),
            ("G", KeyPress::char('G')),
            ("shift-g", KeyPress::char('G')),
            ("enter", KeyPress::plain(KeyCode::Enter)),
            ("Return", KeyPress::plain(KeyCode::Enter)),
            ("shift-tab", KeyPress::new(KeyCode::Tab, false, false, true)),
            ("backtab", KeyPress::new(KeyCode::Tab, false, false, true)),
            ("pgdn", KeyPress::plain(KeyCode::PageDown)),
            ("space", KeyPress::char(' ')),
            ("f5", KeyPress::plain(KeyCode::F(5))),
            ("F5", KeyPress::plain(KeyCode::F(5))),
            ("f", KeyPress::char('f')),
            ("esc", KeyPress::plain(KeyCode::Esc)),
            ("left", KeyPress::plain(KeyCode::Left)),
            ("<", KeyPress::char('<')),
            ("-", KeyPress::char('-')),
            ("minus", KeyPress::char('-')),
            (
                "alt--",
                KeyPress::new(KeyCode::Char('-'), false, true, false),
            ),
        ];
        for (text, press) in known {
            assert_eq!(text.parse(), Ok(press), "{text}");
        }
    }

    #[test]
    fn printed_in_the_short_spelling() {
        let printed = |text: &str| text.parse::<KeyPress>().unwrap().to_string();
        assert_eq!(printed("PageDown"), "pgdn");
        assert_eq!(printed("shift-alt-control-delete"), "ctrl-alt-shift-del");
        assert_eq!(printed("control-X"), "ctrl-x");
    }

    #[test]
    fn what_is_no_key_says_which_word() {
        assert_eq!("".parse::<KeyPress>(), Err(InvalidKey::Empty));
        assert_eq!("  ".parse::<KeyPress>(), Err(InvalidKey::Empty));
        assert_eq!(
            "hyper-x".parse::<KeyPress>(),
            Err(InvalidKey::Modifier("hyper".to_owned()))
        );
        assert_eq!(
            "ctrl-entr".parse::<KeyPress>(),
            Err(InvalidKey::Name("entr".to_owned()))
        );
        for impossible in ["f0", "f21", "f999", "gg", "-x", "\u{1b}\u{1b}"] {
            assert!(impossible.parse::<KeyPress>().is_err(), "{impossible}");
        }
    }

    #[test]
    fn only_plain_characters_are_typed() {
        assert_eq!(KeyPress::char('é').typed(), Some('é'));
        assert_eq!(KeyPress::ctrl('k').typed(), None);
        assert_eq!(KeyPress::plain(KeyCode::Enter).typed(), None);
    }
}

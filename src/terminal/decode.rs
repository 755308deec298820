//! Bytes of the terminal to keys, clicks and pastes.
//!
//! Understands what xterm, VTE, kitty, foot, tmux, screen, rxvt, PuTTY and the Linux console send in
//! their ordinary modes. Whole sequences that are not understood are dropped: their tails must never
//! arrive as keys, because a letter may be an action.

use crate::domain::{KeyCode, KeyPress};

use super::input::Input;

/// Most bytes kept of a paste; what is beyond is dropped.
const PASTE_CAP: usize = 1 << 20;

/// Longest control sequence, in bytes. What is longer is rubbish and dropped.
const SEQUENCE_CAP: usize = 256;

/// What ends a bracketed paste.
const PASTE_END: &[u8] = b"\x1b[201~";

/// Turns bytes, in whatever pieces they come, into input.
#[derive(Debug, Default)]
pub struct Decoder {
    /// Bytes not understood yet: the beginning of a sequence.
    pending: Vec<u8>,
    /// What was pasted so far, while a paste is running.
    paste: Option<Vec<u8>>,
    /// Cell in which the left button went down.
    pressed: Option<(u16, u16)>,
}

/// What the first bytes of the buffer are.
enum Step {
    /// The beginning of something longer.
    Incomplete,
    /// This many bytes mean nothing to us.
    Nothing(usize),
    /// This many bytes are this key.
    Key(usize, KeyPress),
    /// This many bytes are a mouse report: button code, column, row (from 0), released.
    Mouse(usize, u16, u16, u16, bool),
    /// This many bytes begin a paste.
    Paste(usize),
}

impl Decoder {
    /// Takes bytes as they came and adds what they mean to `inputs`.
    pub fn feed(&mut self, bytes: &[u8], inputs: &mut Vec<Input>) {
        self.pending.extend_from_slice(bytes);
        self.decode(false, inputs);
    }

    /// Whether what came so far is a key by itself (Escape), unless more comes at once.
    pub fn is_undecided(&self) -> bool {
        self.paste.is_none()
            && matches!(
                self.pending.as_slice(),
                [0x1b] | [0x1b, 0x1b | b'[' | b'O' | b']' | b'P'] | [0x1b, 0x1b, b'[' | b'O']
            )
    }

    /// Nothing more came: what is undecided is keys.
    pub fn settle(&mut self, inputs: &mut Vec<Input>) {
        if self.is_undecided() {
            self.decode(true, inputs);
        }
    }

    /// Takes from the pending bytes what is complete; everything when it is the `last`.
    fn decode(&mut self, last: bool, inputs: &mut Vec<Input>) {
        let pending = std::mem::take(&mut self.pending);
        let mut rest = pending.as_slice();
        loop {
            if self.paste.is_some() {
                match self.continue_paste(rest, inputs) {
                    Some(after) => rest = after,
                    None => return,
                }
            }
            if rest.is_empty() {
                break;
            }
            let length = match step(rest, last) {
                Step::Incomplete => break,
                Step::Nothing(length) => length,
                Step::Key(length, key) => {
                    inputs.push(Input::Key(key));
                    length
                }
                Step::Mouse(length, button, column, row, released) => {
                    inputs.extend(self.mouse(button, column, row, released));
                    length
                }
                Step::Paste(length) => {
                    self.paste = Some(Vec::new());
                    length
                }
            };
            rest = rest.get(length..).unwrap_or_default();
        }
        self.pending = rest.to_vec();
    }

    /// Adds to the running paste; yields what follows its end, or keeps everything and yields nothing.
    fn continue_paste<'a>(&mut self, rest: &'a [u8], inputs: &mut Vec<Input>) -> Option<&'a [u8]> {
        let end = rest
            .windows(PASTE_END.len())
            .position(|window| window == PASTE_END);
        // The end may have come in part: as many bytes stay pending as could belong to it.
        let text = end.unwrap_or_else(|| {
            (1..PASTE_END.len())
                .rev()
                .find(|length| {
                    PASTE_END.starts_with(
                        rest.get(rest.len().saturating_sub(*length)..)
                            .unwrap_or(b"-"),
                    )
                })
                .map_or(rest.len(), |length| rest.len().saturating_sub(length))
        });
        let (text, after) = rest.split_at_checked(text)?;
        let paste = self.paste.get_or_insert_default();
        let room = PASTE_CAP.saturating_sub(paste.len());
        paste.extend_from_slice(text.get(..room).unwrap_or(text));
        if end.is_none() {
            self.pending = after.to_vec();
            return None;
        }
        let whole = self.paste.take().unwrap_or_default();
        inputs.push(Input::Paste(inert(&String::from_utf8_lossy(&whole))));
        after.get(PASTE_END.len()..)
    }

    /// What a mouse report means: clicks of the left button that end where they began, and the wheel.
    fn mouse(&mut self, button: u16, column: u16, row: u16, released: bool) -> Option<Input> {
        /// Bits of Shift, Alt and Control, which terminals use for their own selection.
        const HELD: u16 = 4 | 8 | 16;
        const WHEEL_UP: u16 = 64;
        const WHEEL_DOWN: u16 = 65;
        match button & !HELD {
            0 if !released => {
                self.pressed = Some((column, row));
                None
            }
            0 => {
                (self.pressed.take() == Some((column, row))).then_some(Input::Click { column, row })
            }
            wheel @ (WHEEL_UP | WHEEL_DOWN) if !released => Some(Input::Wheel {
                column,
                row,
                up: wheel == WHEEL_UP,
            }),
            _ => None,
        }
    }
}

/// Pasted text with line ends as `\n` and without the characters that act on a terminal.
fn inert(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .chars()
        .filter(|character| !character.is_control() || matches!(character, '\n' | '\t'))
        .collect()
}

/// What the buffer begins with. `last`: nothing follows for the moment.
fn step(buffer: &[u8], last: bool) -> Step {
    match *buffer {
        [0x1b] if last => plain(1, KeyCode::Esc),
        [] | [0x1b] => Step::Incomplete,
        [0x1b, second, ..] => escape(buffer, second, last),
        _ => character(buffer, 0),
    }
}

fn plain(length: usize, code: KeyCode) -> Step {
    Step::Key(length, KeyPress::plain(code))
}

/// What begins with Escape and has a second byte.
fn escape(buffer: &[u8], second: u8, last: bool) -> Step {
    let third = buffer.get(2).copied();
    match (second, third) {
        // Escape typed before something, or Alt with a key that sends a sequence itself (rxvt).
        (0x1b, Some(b'[' | b'O')) if !last => {
            match buffer
                .get(1..)
                .map_or(Step::Incomplete, |rest| step(rest, last))
            {
                Step::Key(length, key) => Step::Key(
                    length + 1,
                    KeyPress::new(key.code, key.ctrl, true, key.shift),
                ),
                Step::Incomplete => Step::Incomplete,
                _ => plain(1, KeyCode::Esc),
            }
        }
        (0x1b | b'[' | b'O' | b']' | b'P', None) if !last => Step::Incomplete,
        (0x1b, _) => plain(1, KeyCode::Esc),
        (b'[', Some(third)) => control_sequence(buffer, third),
        (b'O', Some(third)) => match single_shift(third) {
            Some(key) => Step::Key(3, key),
            None => character(buffer, 1),
        },
        // Answers to questions of another program: operating system command, device control string.
        (b']', Some(b'0'..=b'9')) | (b'P', Some(b'0'..=b'9' | b'!' | b'$' | b'+' | b'>')) => {
            string_sequence(buffer)
        }
        _ => character(buffer, 1),
    }
}

/// One character at `at`, with Alt when something (Escape) stands before it.
fn character(buffer: &[u8], at: usize) -> Step {
    let alt = at > 0;
    let rest = buffer.get(at..).unwrap_or_default();
    let Some(&first) = rest.first() else {
        return Step::Incomplete;
    };
    let control = |character: u8| (KeyCode::Char(char::from(character)), true);
    let (code, ctrl) = match first {
        0x00 => control(b' '),
        // What terminals set to ^H send for Backspace.
        0x08 | 0x7f => (KeyCode::Backspace, false),
        b'\t' => (KeyCode::Tab, false),
        b'\r' => (KeyCode::Enter, false),
        0x01..=0x1a => control(first - 1 + b'a'),
        0x1b => (KeyCode::Esc, false),
        0x1c..=0x1f => control(first - 0x1c + b'\\'),
        0x20..=0x7e => (KeyCode::Char(char::from(first)), false),
        0x80.. => {
            return match utf8(rest) {
                Utf8::Whole(character) if character.is_control() => {
                    Step::Nothing(at + character.len_utf8())
                }
                Utf8::Whole(character) => Step::Key(
                    at + character.len_utf8(),
                    KeyPress::new(KeyCode::Char(character), false, alt, false),
                ),
                Utf8::Begun => Step::Incomplete,
                Utf8::Wrong => Step::Nothing(at + 1),
            };
        }
    };
    Step::Key(at + 1, KeyPress::new(code, ctrl, alt, false))
}

/// What bytes are as UTF-8.
enum Utf8 {
    Whole(char),
    Begun,
    Wrong,
}

fn utf8(bytes: &[u8]) -> Utf8 {
    let head = bytes.get(..4).unwrap_or(bytes);
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => {
            let valid = head.get(..error.valid_up_to()).unwrap_or_default();
            if valid.is_empty() {
                return if error.error_len().is_none() {
                    Utf8::Begun
                } else {
                    Utf8::Wrong
                };
            }
            std::str::from_utf8(valid).unwrap_or_default()
        }
    };
    valid.chars().next().map_or(Utf8::Wrong, Utf8::Whole)
}

/// `ESC O x`: arrows and function keys in application mode, Control with an arrow on rxvt.
fn single_shift(last: u8) -> Option<KeyPress> {
    if let b'a'..=b'd' = last {
        return lettered(last.to_ascii_uppercase())
            .map(|code| KeyPress::new(code, true, false, false));
    }
    if last == b'M' {
        return Some(KeyPress::plain(KeyCode::Enter));
    }
    lettered(last).map(KeyPress::plain)
}

/// Keys that are told by a letter.
fn lettered(letter: u8) -> Option<KeyCode> {
    Some(match letter {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P'..=b'S' => KeyCode::F(letter - b'P' + 1),
        _ => return None,
    })
}

/// Keys that are told by a number before `~`.
fn numbered(number: u32) -> Option<KeyCode> {
    let function = |first: u32, base: u32| u8::try_from(number - base + first).ok().map(KeyCode::F);
    match number {
        1 | 7 => Some(KeyCode::Home),
        2 => Some(KeyCode::Insert),
        3 => Some(KeyCode::Delete),
        4 | 8 => Some(KeyCode::End),
        5 => Some(KeyCode::PageUp),
        6 => Some(KeyCode::PageDown),
        11..=15 => function(1, 11),
        17..=21 => function(6, 17),
        23..=26 => function(11, 23),
        28..=29 => function(15, 28),
        31..=34 => function(17, 31),
        _ => None,
    }
}

/// `ESC [ …`.
fn control_sequence(buffer: &[u8], third: u8) -> Step {
    // The Linux console's F1 to F5.
    if third == b'[' {
        return match buffer.get(3) {
            Some(&letter @ b'A'..=b'E') => plain(4, KeyCode::F(letter - b'A' + 1)),
            Some(_) => Step::Nothing(4),
            None => Step::Incomplete,
        };
    }
    // The mouse as terminals without mode 1006 report it: three bytes, 32 above their value.
    if third == b'M' {
        return match *buffer {
            [_, _, _, button, column, row, ..] => {
                let value = |byte: u8, base: u8| u16::from(byte.saturating_sub(base));
                let button = value(button, 32);
                let released = button & 3 == 3 && button & 64 == 0;
                let button = if released { button & !3 } else { button };
                Step::Mouse(6, button, value(column, 33), value(row, 33), released)
            }
            _ => Step::Incomplete,
        };
    }
    let body = buffer.get(2..).unwrap_or_default();
    let private = body.first().is_some_and(|byte| matches!(byte, b'<'..=b'?'));
    for (at, byte) in body.iter().enumerate().take(SEQUENCE_CAP) {
        match byte {
            // rxvt ends a key with Shift by `$`, which elsewhere is never the end.
            b'$' if !private && at > 0 => {}
            0x20..=0x3f => continue,
            0x40..=0x7e => {}
            // No control sequence goes on like this.
            _ => return Step::Nothing(at + 2),
        }
        let parameters = body.get(..at).unwrap_or_default();
        return sequence(at + 3, parameters, *byte);
    }
    if body.len() >= SEQUENCE_CAP {
        Step::Nothing(buffer.len())
    } else {
        Step::Incomplete
    }
}

/// A whole control sequence of `length` bytes.
fn sequence(length: usize, parameters: &[u8], last: u8) -> Step {
    let (marker, digits) = match parameters {
        [marker @ b'<'..=b'?', digits @ ..] => (Some(*marker), digits),
        digits => (None, digits),
    };
    // Sub-parameters (`:`) tell of repeats and releases; the second of the modifiers is the kind.
    let mut fields = digits.split(|byte| *byte == b';').map(|field| {
        let mut parts = field.split(|byte| *byte == b':').map(number);
        (parts.next().flatten(), parts.next().flatten())
    });
    let first = fields.next().and_then(|field| field.0);
    let (second, kind) = fields.next().unwrap_or((None, None));
    let third = fields.next().and_then(|field| field.0);

    if marker == Some(b'<') && matches!(last, b'M' | b'm') {
        let cell = |told: Option<u32>| {
            told.and_then(|told| told.checked_sub(1))
                .and_then(|cell| u16::try_from(cell).ok())
        };
        return match (
            first.and_then(|code| u16::try_from(code).ok()),
            cell(second),
            cell(third),
        ) {
            (Some(button), Some(column), Some(row)) => {
                Step::Mouse(length, button, column, row, last == b'm')
            }
            _ => Step::Nothing(length),
        };
    }
    // Released keys do nothing (only kitty's protocol tells of them).
    if marker.is_some() || kind == Some(3) {
        return Step::Nothing(length);
    }
    let held =
        |code: Option<KeyCode>, modifiers: Option<u32>, extra_shift: bool, extra_ctrl: bool| {
            let bits = modifiers.unwrap_or(1).saturating_sub(1);
            match code {
                Some(code) => Step::Key(
                    length,
                    KeyPress::new(
                        code,
                        bits & 4 != 0 || extra_ctrl,
                        bits & 2 != 0,
                        bits & 1 != 0 || extra_shift,
                    ),
                ),
                None => Step::Nothing(length),
            }
        };
    match last {
        b'~' if first == Some(200) => Step::Paste(length),
        // xterm's modifyOtherKeys.
        b'~' if first == Some(27) => held(third.and_then(by_code_point), second, false, false),
        b'~' => held(first.and_then(numbered), second, false, false),
        b'$' => held(first.and_then(numbered), None, true, false),
        b'^' => held(first.and_then(numbered), None, false, true),
        b'@' => held(first.and_then(numbered), None, true, true),
        b'u' => held(first.and_then(by_code_point), second, false, false),
        b'Z' => held(Some(KeyCode::Tab), second, true, false),
        b'a'..=b'd' => held(lettered(last.to_ascii_uppercase()), None, true, false),
        // With another first number it is the answer where the cursor is, not F3.
        b'P'..=b'S' if first.is_some_and(|first| first != 1) => Step::Nothing(length),
        letter => held(lettered(letter), second, false, false),
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// A key told by its code point.
fn by_code_point(code: u32) -> Option<KeyCode> {
    match code {
        9 => Some(KeyCode::Tab),
        13 => Some(KeyCode::Enter),
        27 => Some(KeyCode::Esc),
        8 | 127 => Some(KeyCode::Backspace),
        // The private area, where kitty puts keys that have no character.
        0xe000..=0xf8ff => None,
        _ => char::from_u32(code)
            .filter(|character| !character.is_control())
            .map(KeyCode::Char),
    }
}

/// `ESC ] …` and `ESC P …` to their end.
fn string_sequence(buffer: &[u8]) -> Step {
    for (at, byte) in buffer.iter().enumerate().skip(2) {
        if *byte == 0x07 {
            return Step::Nothing(at + 1);
        }
        if *byte == 0x1b {
            return match buffer.get(at + 1) {
                Some(b'\\') => Step::Nothing(at + 2),
                Some(_) => Step::Nothing(at),
                None => Step::Incomplete,
            };
        }
    }
    if buffer.len() > SEQUENCE_CAP {
        Step::Nothing(buffer.len())
    } else {
        Step::Incomplete
    }
}

#[cfg(test)]
mod tests;

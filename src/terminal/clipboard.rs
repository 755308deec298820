//! The terminal's clipboard (OSC 52): reaches the user's machine through ssh, needs no display.
//!
//! Whether the terminal took it cannot be known: say "sent to the terminal's clipboard", never "copied".

use super::capability::Multiplexer;

/// Longest base64 text sent, in bytes: xterm and others drop longer ones without a word.
pub const CAP: usize = 74_994;

/// Largest piece GNU screen takes in one device control string; its own limit is 768 with the ends.
const SCREEN_PIECE: usize = 750;

/// The text is longer than terminals take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong {
    /// Bytes of the text.
    pub bytes: usize,
    /// Most bytes of a text that can be sent.
    pub cap: usize,
}

/// The bytes to write to the terminal so that it puts `text` on its clipboard.
///
/// Inside a multiplexer it is sent twice: to the multiplexer itself (tmux with `set-clipboard on`)
/// and wrapped, to the terminal around it (tmux with `allow-passthrough on`, screen). Whichever is
/// not allowed is ignored there.
///
/// # Errors
/// [`TooLong`] above [`CAP`]: nothing is cut, half a text on the clipboard is worse than none.
pub fn sequence(text: &str, multiplexer: Multiplexer) -> Result<Vec<u8>, TooLong> {
    let encoded = base64(text.as_bytes());
    if encoded.len() > CAP {
        return Err(TooLong {
            bytes: text.len(),
            cap: CAP / 4 * 3,
        });
    }
    // Ended by BEL: screen ends a device control string at the other terminator.
    let plain = format!("\x1b]52;c;{encoded}\x07").into_bytes();
    let mut bytes = plain.clone();
    match multiplexer {
        Multiplexer::None => {}
        Multiplexer::Tmux => {
            bytes.extend_from_slice(b"\x1bPtmux;");
            for byte in plain {
                if byte == 0x1b {
                    bytes.push(0x1b);
                }
                bytes.push(byte);
            }
            bytes.extend_from_slice(b"\x1b\\");
        }
        Multiplexer::Screen => {
            for piece in plain.chunks(SCREEN_PIECE) {
                bytes.extend_from_slice(b"\x1bP");
                bytes.extend_from_slice(piece);
                bytes.extend_from_slice(b"\x1b\\");
            }
        }
    }
    Ok(bytes)
}

/// Base64 with the ordinary alphabet and padding (RFC 4648 §4).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for triple in bytes.chunks(3) {
        let byte = |n: usize| u32::from(triple.get(n).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            if digit <= triple.len() {
                let index = (bits >> (18 - 6 * digit)) & 63;
                encoded.push(char::from(ALPHABET[index as usize]));
            } else {
                encoded.push('=');
            }
        }
    }
    encoded
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn base64_of_the_rfc() {
        let known = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, encoded) in known {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
        assert_eq!(base64(&[0xff, 0xfe, 0xfd]), "//79");
    }

    #[test]
    fn plain() {
        assert_eq!(
            sequence("foo", Multiplexer::None).unwrap(),
            b"\x1b]52;c;Zm9v\x07"
        );
    }

    #[test]
    fn an_escape_in_the_text_does_not_reach_the_terminal() {
        let bytes = sequence("\x1b[2J\x07", Multiplexer::None).unwrap();
        let inside = &bytes[1..bytes.len() - 1];
        assert!(inside.iter().all(|byte| (0x20..0x7f).contains(byte)));
    }

    #[test]
    fn tmux_gets_it_for_itself_and_to_pass_on() {
        assert_eq!(
            sequence("foo", Multiplexer::Tmux).unwrap(),
            b"\x1b]52;c;Zm9v\x07\x1bPtmux;\x1b\x1b]52;c;Zm9v\x07\x1b\\"
        );
    }

    #[test]
    fn screen_gets_pieces_it_can_hold() {
        let text = "x".repeat(3000);
        let bytes = sequence(&text, Multiplexer::Screen).unwrap();
        let all = String::from_utf8(bytes).unwrap();
        let (plain, wrapped) = all.split_once('\x07').unwrap();
        let mut joined = String::new();
        for piece in wrapped.split_terminator("\x1b\\") {
            let inner = piece.strip_prefix("\x1bP").unwrap();
            assert!(inner.len() <= SCREEN_PIECE);
            joined.push_str(inner);
        }
        assert_eq!(joined, format!("{plain}\x07"));
    }

    #[test]
    fn too_long_is_refused_and_says_how_long() {
        let most = CAP / 4 * 3;
        assert!(sequence(&"x".repeat(most), Multiplexer::None).is_ok());
        assert_eq!(
            sequence(&"x".repeat(most + 1), Multiplexer::None),
            Err(TooLong {
                bytes: most + 1,
                cap: most
            })
        );
    }
}

//! Telling the terminal of something new: the bell, and notifications (OSC 9, OSC 777).
//!
//! The bell is known everywhere; tmux and screen mark the window it rang in. The others are for terminals that
//! have them, if the user says so. tmux hands them on to the terminal around it only when wrapped, and with
//! `allow-passthrough on` (tmux(1)); otherwise it drops them. Inside screen and on the Linux console there is the
//! bell alone.

use crate::config::shape::{Notices, Telling};

use super::capability::{Capability, Multiplexer};

/// Longest text handed to a terminal: longer ones are cut by some and dropped by others.
const LONGEST: usize = 200;

/// The bytes that tell the terminal, as far as it is wanted and safe.
pub fn sequence(notices: &Notices, title: &str, body: &str, capability: &Capability) -> Vec<u8> {
    let mut bytes = Vec::new();
    if notices.bell {
        bytes.push(0x07);
    }
    if capability.console || capability.multiplexer == Multiplexer::Screen {
        return bytes;
    }
    let (title, body) = (inert(title), inert(body));
    // Ended by the string terminator: a terminal that ends it elsewhere rings no bell on account of it.
    let osc = match notices.terminal {
        Telling::Off => return bytes,
        Telling::Osc9 => format!("\x1b]9;{title}: {body}\x1b\\"),
        Telling::Osc777 => {
            // A semicolon would begin another field.
            let field = |text: &str| text.replace(';', ",");
            format!("\x1b]777;notify;{};{}\x1b\\", field(&title), field(&body))
        }
    };
    match capability.multiplexer {
        Multiplexer::Tmux => {
            bytes.extend_from_slice(b"\x1bPtmux;");
            bytes.extend_from_slice(osc.replace('\x1b', "\x1b\x1b").as_bytes());
            bytes.extend_from_slice(b"\x1b\\");
        }
        _ => bytes.extend_from_slice(osc.as_bytes()),
    }
    bytes
}

/// The bytes that set the title.
pub fn title(words: &str) -> Vec<u8> {
    format!("\x1b]2;{}\x1b\\", inert(words)).into_bytes()
}

/// Without anything that acts on a terminal, and not too long.
fn inert(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(LONGEST)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capability(variables: &'static [(&'static str, &'static str)]) -> Capability {
        Capability::detect(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn told(bell: bool, terminal: Telling, capability: &Capability) -> String {
        let notices = Notices {
            bell,
            terminal,
            ..Notices::default()
        };
        let bytes = sequence(
            &notices,
            "vigie",
            "critical: wiki; \x1b]0;x\x07down",
            capability,
        );
        String::from_utf8_lossy(&bytes).into_owned()
    }

    #[test]
    fn plain_bells_and_notifications() {
        let xterm = capability(&[("TERM", "xterm-256color"), ("LANG", "C.UTF-8")]);
        assert_eq!(told(true, Telling::Off, &xterm), "\x07");
        assert_eq!(told(false, Telling::Off, &xterm), "");
        assert_eq!(
            told(false, Telling::Osc9, &xterm),
            "\x1b]9;vigie: critical: wiki; ]0;xdown\x1b\\"
        );
        assert_eq!(
            told(true, Telling::Osc777, &xterm),
            "\x07\x1b]777;notify;vigie;critical: wiki, ]0,xdown\x1b\\"
        );
    }

    #[test]
    fn tmux_gets_it_wrapped_and_others_only_the_bell() {
        let tmux = capability(&[
            ("TERM", "tmux-256color"),
            ("TMUX", "/tmp/tmux-0/default,1,0"),
        ]);
        assert_eq!(
            told(true, Telling::Osc9, &tmux),
            "\x07\x1bPtmux;\x1b\x1b]9;vigie: critical: wiki; ]0;xdown\x1b\x1b\\\x1b\\"
        );
        let screen = capability(&[("TERM", "screen"), ("STY", "1.pts")]);
        assert_eq!(told(true, Telling::Osc9, &screen), "\x07");
        let console = capability(&[("TERM", "linux")]);
        assert_eq!(told(true, Telling::Osc777, &console), "\x07");
    }

    #[test]
    fn a_title_is_inert() {
        assert_eq!(
            title("vigie\x1b\\ ■3"),
            b"\x1b]2;vigie\\ \xe2\x96\xa03\x1b\\"
        );
    }
}

//! What a dashboard could do in this terminal.

use std::io::IsTerminal as _;

use crate::config::shape::Depth;
use crate::terminal::capability::{Capability, Multiplexer, Refusal};
use crate::terminal::output;

use super::report::Section;
use super::step::{Step, Verdict};

/// Least size at which all that matters is on the screen.
const LEAST: (u16, u16) = (80, 24);

/// Looks at the terminal. Writes nothing to it.
pub fn examine() -> Section {
    let capability = Capability::of_process();
    let mut steps = Vec::new();
    let input = std::io::stdin().is_terminal();
    let shown = std::io::stdout().is_terminal();
    let term = std::env::var("TERM").unwrap_or_default();
    let term = crate::domain::Text::clean(&term);
    steps.push(match (&capability.refused, input && shown) {
        (Some(Refusal::TermUnset), _) => {
            Step::new("terminal", Verdict::Note, "TERM is not set: none")
                .next("for the dashboard through ssh: ssh -t HOST vigie")
        }
        (Some(_), _) => Step::new(
            "terminal",
            Verdict::Note,
            &format!("TERM is {term}: its cursor cannot be moved"),
        ),
        (None, false) => Step::new(
            "terminal",
            Verdict::Note,
            "input or output is none, so this is about the one behind",
        ),
        (None, true) => Step::new("terminal", Verdict::Ok, &format!("TERM is {term}")),
    });
    let colours = match capability.depth {
        Depth::None => "none",
        Depth::Sixteen => "16",
        Depth::Indexed => "256",
        Depth::True => "24 bits",
    };
    steps.push(Step::new("colours", Verdict::Ok, colours));
    steps.push(if capability.unicode {
        let what = if capability.rich_glyphs {
            "UTF-8"
        } else {
            "UTF-8, with the few glyphs of a console"
        };
        Step::new("characters", Verdict::Ok, what)
    } else {
        Step::new(
            "characters",
            Verdict::Note,
            "ASCII: the locale is not UTF-8",
        )
        .next("if the terminal can do more: export LANG=C.UTF-8")
    });
    if shown {
        let size = output::size();
        let what = format!("{} columns, {} lines", size.width, size.height);
        steps.push(if size.width < LEAST.0 || size.height < LEAST.1 {
            Step::new("size", Verdict::Note, &what)
                .next("from 80 columns and 24 lines on nothing that matters is left out")
        } else {
            Step::new("size", Verdict::Ok, &what)
        });
    }
    let (between, clipboard, next) = match capability.multiplexer {
        Multiplexer::None => (
            None,
            "through the terminal (OSC 52), where it allows that",
            None,
        ),
        Multiplexer::Tmux => (
            Some("tmux"),
            "through tmux",
            Some("if nothing arrives, in ~/.tmux.conf: set -g set-clipboard on"),
        ),
        Multiplexer::Screen => (
            Some("GNU screen: 256 colours at most"),
            "through screen, wrapped for the terminal around it",
            None,
        ),
    };
    steps.extend(between.map(|what| Step::new("multiplexer", Verdict::Ok, what)));
    steps.push(Step {
        next: next.map(str::to_owned),
        ..Step::new("clipboard", Verdict::Ok, clipboard)
    });
    Section::of("terminal", steps)
}

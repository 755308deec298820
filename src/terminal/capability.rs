//! What the terminal can do, told by the environment alone: terminals are never asked.
//!
//! The environment lies now and then (`COLORTERM` is lost over ssh and sudo, `TERM` is copied into
//! multiplexers), so unknown means the careful answer, and the configuration overrides.

use crate::config::shape::{Choice, Colours};

pub use crate::config::shape::Depth;

/// A terminal between us and the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Multiplexer {
    /// None known.
    None,
    /// tmux.
    Tmux,
    /// GNU screen.
    Screen,
}

/// Why the dashboard cannot be shown here. Nothing has been written then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Standard input is no terminal.
    NoInput,
    /// Standard output is no terminal.
    NoOutput,
    /// `TERM` is not set.
    TermUnset,
    /// `TERM` is `dumb`, or another that cannot move its cursor.
    TermDumb(String),
    /// The terminal refused to be set up, with the system's word on it.
    Setup(String),
}

/// What the terminal can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capability {
    /// Colours.
    pub depth: Depth,
    /// Glyphs beyond ASCII: the locale is UTF-8, or the configuration says so.
    pub unicode: bool,
    /// Braille and other glyphs that the 512 of a console font do not have. Only with `unicode`.
    pub rich_glyphs: bool,
    /// Links (OSC 8) are shown as links and not as rubbish.
    pub links: bool,
    /// It is the Linux console or one of its relatives.
    pub console: bool,
    /// What is in between.
    pub multiplexer: Multiplexer,
    /// `TERM` alone forbids a dashboard.
    pub refused: Option<Refusal>,
}

impl Capability {
    /// Reads the environment through `variable`, which yields a variable's value.
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let environment = Environment(&variable);
        let term = environment.get("TERM").unwrap_or_default();
        let multiplexer = multiplexer(&environment, &term);
        let unicode = utf8_locale(&environment);
        Self {
            depth: depth(&environment, &term, multiplexer),
            unicode,
            rich_glyphs: unicode && !is_console(&term),
            console: is_console(&term),
            links: links(&environment, &term, multiplexer),
            multiplexer,
            refused: refusal(&term),
        }
    }

    /// From the process's own environment. What is not UTF-8 counts as not set.
    pub fn of_process() -> Self {
        Self::detect(|name| std::env::var(name).ok())
    }

    /// What the user configured goes before what the environment says, `NO_COLOR` included: it is
    /// meant as a default that a program's own configuration may override.
    pub fn configured(mut self, colours: Colours, ascii: Choice) -> Self {
        self.depth = match colours {
            Colours::Auto => self.depth,
            Colours::True => Depth::True,
            Colours::Indexed => Depth::Indexed,
            Colours::Sixteen => Depth::Sixteen,
            Colours::None => Depth::None,
        };
        self.unicode = match ascii {
            Choice::Auto => self.unicode,
            Choice::Yes => false,
            Choice::No => true,
        };
        self.rich_glyphs &= self.unicode;
        self
    }
}

/// Looks variables up; an empty one counts as not set.
struct Environment<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Environment<'_> {
    fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    fn is_one_of(&self, name: &str, values: &[&str]) -> bool {
        self.get(name)
            .is_some_and(|value| values.contains(&value.as_str()))
    }
}

/// `TERM` values without cursor addressing.
fn refusal(term: &str) -> Option<Refusal> {
    match term {
        "" => Some(Refusal::TermUnset),
        "dumb" | "unknown" | "network" | "dialup" | "emacs" => {
            Some(Refusal::TermDumb(term.to_owned()))
        }
        _ => None,
    }
}

/// The Linux console and its relatives: 16 colours, a font of 512 glyphs.
fn is_console(term: &str) -> bool {
    term == "linux" || term.starts_with("linux-") || term == "cons25" || term == "wsvt25"
}

fn multiplexer(environment: &Environment<'_>, term: &str) -> Multiplexer {
    if environment.has("TMUX")
        || environment.is_one_of("TERM_PROGRAM", &["tmux"])
        || term.starts_with("tmux")
    {
        Multiplexer::Tmux
    } else if environment.has("STY") || term.starts_with("screen") {
        Multiplexer::Screen
    } else {
        Multiplexer::None
    }
}

/// `TERM` values of terminals that all draw 24 bits.
const TRUE_TERMS: [&str; 6] = [
    "xterm-kitty",
    "xterm-ghostty",
    "alacritty",
    "foot",
    "wezterm",
    "contour",
];

fn depth(environment: &Environment<'_>, term: &str, multiplexer: Multiplexer) -> Depth {
    if environment.has("NO_COLOR") {
        return Depth::None;
    }
    if is_console(term) {
        return Depth::Sixteen;
    }
    if term.starts_with("vt") || term.ends_with("-m") || term.ends_with("-mono") {
        return Depth::None;
    }
    let told_true = environment.is_one_of("COLORTERM", &["truecolor", "24bit"])
        || environment.is_one_of(
            "TERM_PROGRAM",
            &["iTerm.app", "WezTerm", "ghostty", "vscode"],
        )
        || term.ends_with("-direct")
        || TRUE_TERMS.iter().any(|known| {
            term.strip_prefix(known)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        });
    // screen hands `COLORTERM` through without understanding 24-bit colours itself.
    if told_true && multiplexer != Multiplexer::Screen {
        Depth::True
    } else if told_true || term.contains("256color") {
        Depth::Indexed
    } else {
        Depth::Sixteen
    }
}

/// Whether the locale's character set is UTF-8, in the order that `setlocale` reads.
fn utf8_locale(environment: &Environment<'_>) -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| environment.get(name))
        .and_then(|locale| {
            // language_COUNTRY.charset@modifier
            let (_, charset) = locale.split_once('.')?;
            let charset = charset.split('@').next()?.to_ascii_lowercase();
            Some(charset == "utf-8" || charset == "utf8")
        })
        .unwrap_or(false)
}

/// Terminals known to show OSC 8 as a link. Others may print it, so they get none.
fn links(environment: &Environment<'_>, term: &str, multiplexer: Multiplexer) -> bool {
    match multiplexer {
        Multiplexer::Screen => return false,
        // Since 3.4; it leaves the links out when its own terminal knows none.
        Multiplexer::Tmux => {
            return environment
                .get("TERM_PROGRAM_VERSION")
                .filter(|_| environment.is_one_of("TERM_PROGRAM", &["tmux"]))
                .is_some_and(|version| version_at_least(&version, 3, 4));
        }
        Multiplexer::None => {}
    }
    let vte = environment
        .get("VTE_VERSION")
        .and_then(|version| version.parse::<u32>().ok())
        .is_some_and(|version| version >= 5000);
    vte || environment.is_one_of(
        "TERM_PROGRAM",
        &["iTerm.app", "WezTerm", "ghostty", "vscode"],
    ) || environment.has("KONSOLE_VERSION")
        || environment.has("WT_SESSION")
        || [
            "xterm-kitty",
            "xterm-ghostty",
            "alacritty",
            "foot",
            "foot-extra",
            "wezterm",
        ]
        .contains(&term)
}

/// Whether `3.4`, `3.5a` or `next-3.6` is at least the given version.
fn version_at_least(version: &str, major: u32, minor: u32) -> bool {
    let mut numbers = version
        .trim_start_matches(|letter: char| !letter.is_ascii_digit())
        .split('.')
        .map(|part| {
            let digits = part
                .find(|letter: char| !letter.is_ascii_digit())
                .map_or(part, |end| part.split_at(end).0);
            digits.parse::<u32>().unwrap_or(0)
        });
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    found >= (major, minor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(variables: &[(&str, &str)]) -> Capability {
        Capability::detect(|name| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn colour_depth() {
        let depth = |variables: &[(&str, &str)]| detect(variables).depth;
        assert_eq!(depth(&[("TERM", "xterm")]), Depth::Sixteen);
        assert_eq!(depth(&[("TERM", "xterm-256color")]), Depth::Indexed);
        assert_eq!(
            depth(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]),
            Depth::True
        );
        assert_eq!(
            depth(&[("TERM", "tmux-256color"), ("COLORTERM", "truecolor")]),
            Depth::True
        );
        assert_eq!(depth(&[("TERM", "xterm-kitty")]), Depth::True);
        assert_eq!(depth(&[("TERM", "foot-extra")]), Depth::True);
        assert_eq!(depth(&[("TERM", "footloose")]), Depth::Sixteen);
        assert_eq!(
            depth(&[("TERM", "linux"), ("COLORTERM", "truecolor")]),
            Depth::Sixteen
        );
        assert_eq!(depth(&[("TERM", "vt220")]), Depth::None);
        assert_eq!(
            depth(&[
                ("TERM", "screen"),
                ("STY", "1.a"),
                ("COLORTERM", "truecolor")
            ]),
            Depth::Indexed
        );
    }

    #[test]
    fn no_color_counts_only_when_not_empty() {
        let with = |value| detect(&[("TERM", "xterm-256color"), ("NO_COLOR", value)]).depth;
        assert_eq!(with("1"), Depth::None);
        assert_eq!(with(""), Depth::Indexed);
    }

    #[test]
    fn terminals_that_cannot_show_it_are_refused() {
        assert_eq!(detect(&[]).refused, Some(Refusal::TermUnset));
        assert_eq!(detect(&[("TERM", "")]).refused, Some(Refusal::TermUnset));
        assert_eq!(
            detect(&[("TERM", "dumb")]).refused,
            Some(Refusal::TermDumb("dumb".to_owned()))
        );
        assert_eq!(detect(&[("TERM", "linux")]).refused, None);
    }

    #[test]
    fn the_first_locale_variable_that_is_set_decides() {
        let unicode = |variables: &[(&str, &str)]| detect(variables).unicode;
        assert!(unicode(&[("LANG", "de_DE.UTF-8")]));
        assert!(unicode(&[("LANG", "C.utf8")]));
        assert!(unicode(&[("LC_CTYPE", "ca_ES.UTF-8@valencia")]));
        assert!(!unicode(&[]));
        assert!(!unicode(&[("LANG", "C")]));
        assert!(!unicode(&[("LANG", "de_DE.ISO-8859-1")]));
        assert!(!unicode(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]));
        assert!(unicode(&[("LC_ALL", ""), ("LANG", "de_DE.UTF-8")]));
    }

    #[test]
    fn the_console_has_no_braille() {
        let console = detect(&[("TERM", "linux"), ("LANG", "C.UTF-8")]);
        assert!(console.unicode);
        assert!(!console.rich_glyphs);
        assert!(detect(&[("TERM", "xterm"), ("LANG", "C.UTF-8")]).rich_glyphs);
    }

    #[test]
    fn multiplexers() {
        let found = |variables: &[(&str, &str)]| detect(variables).multiplexer;
        assert_eq!(found(&[("TERM", "xterm")]), Multiplexer::None);
        assert_eq!(
            found(&[
                ("TERM", "screen-256color"),
                ("TMUX", "/tmp/tmux-0/default,1,0")
            ]),
            Multiplexer::Tmux
        );
        assert_eq!(found(&[("TERM", "screen-256color")]), Multiplexer::Screen);
        assert_eq!(found(&[("TERM", "tmux-256color")]), Multiplexer::Tmux);
    }

    #[test]
    fn links_only_where_known() {
        assert!(!detect(&[("TERM", "xterm-256color")]).links);
        assert!(detect(&[("TERM", "xterm-256color"), ("VTE_VERSION", "7600")]).links);
        assert!(!detect(&[("TERM", "xterm-256color"), ("VTE_VERSION", "4600")]).links);
        assert!(detect(&[("TERM", "xterm-kitty")]).links);
        let tmux = |version| {
            detect(&[
                ("TERM", "tmux-256color"),
                ("TERM_PROGRAM", "tmux"),
                ("TERM_PROGRAM_VERSION", version),
                ("VTE_VERSION", "7600"),
            ])
            .links
        };
        assert!(tmux("3.4"));
        assert!(tmux("3.5a"));
        assert!(tmux("next-3.6"));
        assert!(!tmux("3.3a"));
        assert!(!detect(&[("TERM", "screen"), ("VTE_VERSION", "7600")]).links);
    }

    #[test]
    fn the_configuration_goes_first() {
        let detected = detect(&[("TERM", "xterm"), ("NO_COLOR", "1"), ("LANG", "C.UTF-8")]);
        let configured = detected.clone().configured(Colours::True, Choice::Yes);
        assert_eq!(configured.depth, Depth::True);
        assert!(!configured.unicode);
        assert!(!configured.rich_glyphs);
        assert_eq!(
            detected.clone().configured(Colours::Auto, Choice::Auto),
            detected
        );
    }
}

//! `vigie`: the dashboard.

use std::time::Duration;

use super::{CONFIGURATION, FAILED, Look, OK, SIGNAL, TERMINAL, complain, places, variable};
use crate::app::Keymap;
use crate::config::{self, Config, Places};
use crate::history::Sample;
use crate::runtime::{self, Ending, Fatal, Session};
use crate::terminal::capability::{Capability, Refusal};
use crate::terminal::panics;
use crate::terminal::signals::Signal;
use crate::ui::theme::{Glyphs, Theme};
use crate::ui::view;

/// Runs the dashboard on the user's configuration.
pub fn run(look: Look) -> u8 {
    let Some(places) = places(&look) else {
        return FAILED;
    };
    let config = match config::load(&variable, &look.overrides(), &places) {
        Ok(config) => config,
        Err(errors) => {
            complain(&format!("the configuration is wrong\n{errors}"));
            return CONFIGURATION;
        }
    };
    if config.is_empty() {
        complain(&format!(
            "nothing is configured yet. 'vigie init' asks for your servers and writes {}; \
             'vigie demo' shows the dashboard on sample data.",
            places.user_file().display()
        ));
        return CONFIGURATION;
    }
    match runtime() {
        Ok(runtime) => show(runtime, config, &places, None),
        Err(error) => {
            complain(&format!("the system gives no threads: {error}"));
            FAILED
        }
    }
}

/// One thread for the sources, which mostly wait; the loop has the main thread for itself. A second one would
/// keep as much memory again between two large answers.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
}

/// Shows the dashboard until it ends. `sample` is where sample data is remembered, and what was before it.
pub fn show(
    runtime: tokio::runtime::Runtime,
    config: Config,
    places: &Places,
    sample: Option<(Places, Vec<Sample>)>,
) -> u8 {
    let keymap = match Keymap::new(&config.keys) {
        Ok(keymap) => keymap,
        Err(conflicts) => {
            for conflict in conflicts {
                complain(&conflict.to_string());
            }
            return CONFIGURATION;
        }
    };
    let capability = Capability::of_process().configured(config.ui.colours, config.ui.ascii);
    let Some(theme) = theme(&config.ui.theme, places) else {
        return CONFIGURATION;
    };
    let zone = match &config.ui.zone {
        // Checked by the configuration; the machine's own if the data base has changed since.
        Some(zone) => {
            jiff::tz::TimeZone::get(zone).unwrap_or_else(|_| jiff::tz::TimeZone::system())
        }
        None => jiff::tz::TimeZone::system(),
    };
    let is_sample = sample.is_some();
    let (memory, past) = sample.unwrap_or_else(|| (places.clone(), Vec::new()));
    let session = Session {
        look: view::Look {
            theme: theme.with_depth(capability.depth),
            glyphs: Glyphs::fitting(capability.unicode, capability.rich_glyphs),
        },
        config,
        keymap,
        capability,
        zone,
        sample: is_sample,
        memory: Some(memory),
        past,
    };
    let ended = runtime.block_on(runtime::run(session));
    // Requests that hang are not waited for; what they held is the system's to close.
    runtime.shutdown_timeout(Duration::from_millis(5));
    for report in panics::take_background_panics() {
        complain(&format!("a bug: {}", crate::domain::Text::clean(&report)));
    }
    match ended {
        Ok(Ending::Quit) => OK,
        Ok(Ending::Gone | Ending::Signal(Signal::Hangup)) => SIGNAL + 1,
        Ok(Ending::Signal(Signal::Interrupt)) => SIGNAL + 2,
        Ok(Ending::Signal(_)) => SIGNAL + 15,
        Err(Fatal::Refused(refusal)) => {
            complain(&refused(&refusal));
            TERMINAL
        }
        Err(Fatal::Terminal(broken)) => {
            complain(&broken.to_string());
            TERMINAL
        }
        Err(Fatal::System(error)) => {
            complain(&format!("the system refuses: {error}"));
            FAILED
        }
        Err(Fatal::Bug(words)) => {
            complain(&format!(
                "a bug: joining the sources broke down, so nothing could be shown any more. {words}"
            ));
            FAILED
        }
    }
}

/// Why the terminal does not fit, and what to do.
fn refused(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NoInput => "standard input is no terminal, so no key could be read; start it in a terminal".to_owned(),
        Refusal::NoOutput => "standard output is no terminal; start it in one, without a pipe".to_owned(),
        Refusal::TermUnset => "TERM is not set, so this is no terminal a dashboard can be drawn on; with ssh, use 'ssh -t'".to_owned(),
        Refusal::TermDumb(term) => format!("TERM is '{term}', a terminal without a cursor that can be moved"),
        Refusal::Setup(why) => format!("the terminal cannot be set up: {why}"),
    }
}

/// The theme of that name: the user's own file first, then the built-in one.
fn theme(name: &str, places: &Places) -> Option<Theme> {
    let own = |name: &str| {
        let is_plain = name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        is_plain
            .then(|| std::fs::read_to_string(places.themes_dir().join(format!("{name}.toml"))).ok())
            .flatten()
    };
    if let Some(text) = own(name) {
        let (theme, warnings) = Theme::parse(name, &text, &own);
        for warning in warnings {
            complain(&format!(
                "theme {}, line {}: {}",
                warning.theme, warning.line, warning.message
            ));
        }
        return Some(theme);
    }
    let theme = Theme::builtin(name);
    if theme.is_none() {
        complain(&format!(
            "there is no theme '{name}': built in are default, light, contrast, colourblind and mono, \
             your own are read from {}",
            places.themes_dir().display()
        ));
    }
    theme
}

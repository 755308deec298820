//! `vigie`: the dashboard.

use std::time::Duration;

use super::{CONFIGURATION, FAILED, Look, OK, SIGNAL, TERMINAL, complain, places, variable};
use crate::app::Keymap;
use crate::config::{self, Config, Errors, Origin, Places};
use crate::history::Sample;
use crate::runtime::{self, Again, Ending, Fatal, Fresh, Session};
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
    let overrides = look.overrides();
    let config = match config::load(&variable, &overrides, &places) {
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
    let own = places.clone();
    let again = move || {
        let config = config::load(&variable, &overrides, &own).map_err(|e| in_one_line(&e))?;
        if config.is_empty() {
            return Err("no source is configured any more".to_owned());
        }
        Ok(config)
    };
    match runtime() {
        Ok(runtime) => show(runtime, config, &places, Shown::Own(Box::new(again))),
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

/// Reads the configuration once more; what is wrong with it, in one line.
pub type Reread = Box<dyn Fn() -> Result<Config, String>>;

/// What a dashboard shows.
pub enum Shown {
    /// The user's own sources, and how their configuration is read once more.
    Own(Reread),
    /// Sample data: where that is remembered, and what was before it.
    Sample(Places, Vec<Sample>),
}

/// Shows the dashboard until it ends.
pub fn show(runtime: tokio::runtime::Runtime, config: Config, places: &Places, shown: Shown) -> u8 {
    let (fresh, warnings) = match fitted(config, places) {
        Ok(fitted) => fitted,
        Err(words) => {
            complain(&words);
            return CONFIGURATION;
        }
    };
    for warning in warnings {
        complain(&warning);
    }
    let capability = capability(&fresh.config);
    let own = places.clone();
    let (again, memory, past) = match shown {
        Shown::Own(read) => (Some(read), places.clone(), Vec::new()),
        Shown::Sample(memory, past) => (None, memory, past),
    };
    let sample = again.is_none();
    let again = again.map(|read| {
        Again(Box::new(move || {
            let fitted = fitted(read()?, &own);
            let (fresh, warnings) = fitted.map_err(|words| words.replace('\n', "; "))?;
            for warning in warnings {
                // The screen is the dashboard's.
                tracing::warn!(warning, "odd");
            }
            Ok(fresh)
        }))
    });
    let session = Session {
        look: fresh.look,
        config: fresh.config,
        keymap: fresh.keymap,
        capability,
        zone: fresh.zone,
        sample,
        memory: Some(memory),
        past,
        again,
    };
    for source in &session.config.sources {
        tracing::info!(
            source = source.id.0,
            name = source.name,
            kind = source.kind().name(),
            "reads"
        );
    }
    let ended = runtime.block_on(runtime::run(session));
    tracing::info!(how = ?ended, "ended");
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

fn capability(config: &Config) -> Capability {
    Capability::of_process().configured(config.ui.colours, config.ui.ascii)
}

/// A configuration with the keys, the looks and the zone that it names, or what is wrong with those.
fn fitted(config: Config, places: &Places) -> Result<(Fresh, Vec<String>), String> {
    let keymap = Keymap::new(&config.keys).map_err(|conflicts| {
        let words: Vec<String> = conflicts.iter().map(ToString::to_string).collect();
        words.join("\n")
    })?;
    let capability = capability(&config);
    let (theme, warnings) = theme(&config.ui.theme, places)?;
    let zone = match &config.ui.zone {
        // Checked by the configuration; the machine's own if the data base has changed since.
        Some(zone) => {
            jiff::tz::TimeZone::get(zone).unwrap_or_else(|_| jiff::tz::TimeZone::system())
        }
        None => jiff::tz::TimeZone::system(),
    };
    let fresh = Fresh {
        look: view::Look {
            theme: theme.with_depth(capability.depth),
            glyphs: Glyphs::fitting(capability.unicode, capability.rich_glyphs),
        },
        config,
        keymap,
        zone,
    };
    Ok((fresh, warnings))
}

/// What is wrong with a configuration that was read again, in one line.
fn in_one_line(errors: &Errors) -> String {
    let mut all = errors.iter();
    let Some(first) = all.next() else {
        return String::new();
    };
    let place = first
        .excerpt
        .as_ref()
        .map_or_else(String::new, |e| format!(":{}:{}", e.line, e.column));
    let more = match all.count() {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    // The line is short, and the directory is known.
    let origin = match &first.origin {
        Origin::File(path) => path.file_name().map_or_else(
            || first.origin.to_string(),
            |name| crate::domain::Text::clean(&name.to_string_lossy()).to_string(),
        ),
        other => other.to_string(),
    };
    format!("{origin}{place}: {}{more}", first.message)
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

/// The theme of that name, the user's own file first, then the built-in one; and what is odd in it.
fn theme(name: &str, places: &Places) -> Result<(Theme, Vec<String>), String> {
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
        let warnings = warnings
            .iter()
            .map(|w| format!("theme {}, line {}: {}", w.theme, w.line, w.message))
            .collect();
        return Ok((theme, warnings));
    }
    let builtin = Theme::builtin(name).map(|theme| (theme, Vec::new()));
    builtin.ok_or_else(|| {
        format!(
            "there is no theme '{name}': built in are default, light, contrast, colourblind and mono, \
             your own are read from {}",
            places.themes_dir().display()
        )
    })
}

//! `vigie completions SHELL`, and what the scripts ask vigie for while somebody types.
//!
//! The scripts know nothing themselves: they call vigie with `VIGIE_COMPLETE` set, so that names of sources
//! are those of the configuration as it is now. No server is asked.

use std::ffi::OsStr;

use clap::{CommandFactory as _, ValueEnum};
use clap_complete::engine::CompletionCandidate;
use clap_complete::env::{Bash, CompleteEnv, EnvCompleter, Fish, Zsh};

use super::{FAILED, OK, complain, deliver, variable};
use crate::config::{self, Overrides, Places};

/// The variable that makes vigie a completer.
const VARIABLE: &str = "VIGIE_COMPLETE";

/// A shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// eval "$(vigie completions bash)" in ~/.bashrc
    Bash,
    /// eval "$(vigie completions zsh)" in ~/.zshrc
    Zsh,
    /// vigie completions fish > ~/.config/fish/completions/vigie.fish
    Fish,
}

/// For which shell.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script.
pub fn run(arguments: &Arguments) -> u8 {
    let shell: &dyn EnvCompleter = match arguments.shell {
        Shell::Bash => &Bash,
        Shell::Zsh => &Zsh,
        Shell::Fish => &Fish,
    };
    let mut script = Vec::new();
    match shell.write_registration(VARIABLE, "vigie", "vigie", "vigie", &mut script) {
        Ok(()) => deliver(&String::from_utf8_lossy(&script), OK),
        Err(error) => {
            complain(&format!("the script cannot be made: {error}"));
            FAILED
        }
    }
}

/// Answers a shell that asks; whether one did. Must come before anything else of the program.
pub fn answer() -> Option<u8> {
    let asked = std::env::var_os(VARIABLE).is_some_and(|value| !value.is_empty());
    if !asked {
        return None;
    }
    let here = std::env::current_dir().ok();
    let done = CompleteEnv::with_factory(super::Arguments::command)
        .var(VARIABLE)
        .bin("vigie")
        .try_complete(std::env::args_os(), here.as_deref());
    match done {
        Ok(true) => Some(OK),
        Ok(false) => None,
        // A shell in the middle of a line has no use for words.
        Err(_) => Some(FAILED),
    }
}

/// Names of the configured sources that begin like that.
pub fn sources(begun: &OsStr) -> Vec<CompletionCandidate> {
    let Some(places) = Places::of_user() else {
        return Vec::new();
    };
    let Ok(config) = config::load(&variable, &Overrides::default(), &places) else {
        return Vec::new();
    };
    let begun = begun.to_string_lossy();
    config
        .sources
        .iter()
        .filter(|source| source.name.starts_with(&*begun))
        .map(|source| {
            let kind = crate::ui::words::source_kind(source.kind());
            CompletionCandidate::new(&source.name).help(Some(kind.into()))
        })
        .collect()
}

/// Names of the user's profiles that begin like that.
pub fn profiles(begun: &OsStr) -> Vec<CompletionCandidate> {
    let begun = begun.to_string_lossy();
    let directory = Places::of_user().map(|places| places.profiles_dir());
    let files = directory.and_then(|directory| std::fs::read_dir(directory).ok());
    files
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            let name = name.strip_suffix(".toml")?;
            name.starts_with(&*begun)
                .then(|| CompletionCandidate::new(name))
        })
        .collect()
}

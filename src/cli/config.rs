//! `vigie config print|check`.

mod effective;

use super::{CONFIGURATION, FAILED, Look, OK, complain, places, print, variable};
use crate::app::Keymap;
use crate::config;

/// What to do with the configuration.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Print the built-in configuration, commented, with examples: a start for one of your own
    Print {
        /// Print what is in force instead, and where each value comes from; secrets are named, never shown
        #[arg(long)]
        effective: bool,
    },
    /// Read the configuration and say what is wrong with it; asks no server
    Check,
}

/// Runs the command.
pub fn run(command: &Command, look: Look) -> u8 {
    match command {
        Command::Print { effective: false } => {
            print(config::default_toml());
            OK
        }
        Command::Print { effective: true } => print_effective(look),
        Command::Check => check(look),
    }
}

fn print_effective(look: Look) -> u8 {
    let Some(places) = places(&look) else {
        return FAILED;
    };
    match config::load_with_origins(&variable, &look.overrides(), &places) {
        Ok((config, origins)) => super::deliver(&effective::text(&config, &origins), OK),
        Err(errors) => {
            complain(&format!("the configuration is wrong\n{errors}"));
            CONFIGURATION
        }
    }
}

fn check(look: Look) -> u8 {
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
    if let Err(conflicts) = Keymap::new(&config.keys) {
        for conflict in conflicts {
            complain(&conflict.to_string());
        }
        return CONFIGURATION;
    }
    let mut said = String::new();
    for file in &config.files {
        said.push_str(&format!("read {}\n", file.display()));
    }
    for source in &config.sources {
        said.push_str(&format!("{:10} {}\n", source.kind().name(), source.name));
    }
    match config.sources.len() {
        0 => said.push_str(
            "no sources: 'vigie init' adds some, 'vigie config print' shows how they are written\n",
        ),
        1 => said.push_str("1 source, no errors\n"),
        n => said.push_str(&format!("{n} sources, no errors\n")),
    }
    print(&said);
    OK
}

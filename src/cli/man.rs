//! `vigie man`: the pages for man(1), made from the command line itself.

use std::path::PathBuf;

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::{FAILED, OK, complain, deliver};

/// Which page.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The command whose page is printed; without, that of vigie itself
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
    /// Write the pages of all commands into this directory
    #[arg(long, value_name = "DIRECTORY", conflicts_with = "command")]
    into: Option<PathBuf>,
}

/// Prints a page, or writes all of them.
pub fn run(arguments: &Arguments) -> u8 {
    let mut program = super::Arguments::command();
    program.build();
    if let Some(directory) = &arguments.into {
        return match clap_mangen::generate_to(super::Arguments::command(), directory) {
            Ok(()) => OK,
            Err(error) => {
                complain(&format!("{}: {error}", directory.display()));
                FAILED
            }
        };
    }
    let command = match &arguments.command {
        None => Some(program),
        Some(name) => program
            .get_subcommands()
            .find(|command| command.get_name() == name)
            .cloned(),
    };
    let Some(command) = command else {
        complain("there is no such command; 'vigie help' lists them");
        return super::USAGE;
    };
    let mut page = Vec::new();
    match Man::new(command).render(&mut page) {
        Ok(()) => deliver(&String::from_utf8_lossy(&page), OK),
        Err(error) => {
            complain(&format!("the page cannot be made: {error}"));
            FAILED
        }
    }
}

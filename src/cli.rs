//! The command line: a file per command, exit codes, the words on standard error.

mod complete;
mod config;
mod dashboard;
mod demo;
mod doctor;
mod init;
mod log;
mod man;
mod motd;
mod status;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;

use clap::{Parser, Subcommand};

use crate::config::shape::{Choice, Colours};
use crate::config::{Overrides, Places};

/// Everything went well.
pub const OK: u8 = 0;
/// Something nobody foresaw.
pub const FAILED: u8 = 1;
/// The command line makes no sense (clap's own code).
pub const USAGE: u8 = 2;
/// The configuration is missing or wrong.
pub const CONFIGURATION: u8 = 3;
/// This terminal cannot show a dashboard, or it is gone.
pub const TERMINAL: u8 = 4;
/// Ended by signal n: 128 + n, as shells have it.
pub const SIGNAL: u8 = 128;

/// `--version`: what was built, from what, for what.
fn build_facts() -> &'static str {
    static FACTS: OnceLock<String> = OnceLock::new();
    FACTS.get_or_init(|| {
        let kind = if cfg!(debug_assertions) {
            "with debug assertions"
        } else {
            "optimised"
        };
        let libc = if cfg!(target_env = "musl") {
            "static, musl"
        } else {
            "glibc or the system's own"
        };
        format!(
            "{}{}\nbuilt for {} {}, {kind}; C library: {libc}\n\
             speaks HTTP/1.1 with TLS 1.2 and 1.3 (rustls, ring)\n\
             reads Proxmox VE 3.4 to 9, Checkmk 2.0 to 2.5, Redmine 3.4 to 7\nlicence {}",
            env!("CARGO_PKG_VERSION"),
            option_env!("VIGIE_COMMIT").map_or_else(String::new, |c| format!(" ({c})")),
            std::env::consts::ARCH,
            std::env::consts::OS,
            env!("CARGO_PKG_LICENSE"),
        )
    })
}

/// vigie, the look-out: hosts, containers, web services, mail queues, team and tickets in one terminal.
///
/// Without a command: the dashboard.
#[derive(Debug, Parser)]
#[command(version, long_version = build_facts(), about, long_about = None, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    look: Look,
}

/// What every command that reads the configuration takes.
#[derive(Debug, clap::Args)]
struct Look {
    /// Configuration file, in place of ~/.config/vigie/config.toml
    #[arg(short, long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Profile: ~/.config/vigie/profiles/NAME.toml, with a memory of its own
    #[arg(short, long, value_name = "NAME", global = true, conflicts_with = "config",
          add = clap_complete::engine::ArgValueCompleter::new(complete::profiles))]
    profile: Option<String>,
    /// Write what happens to this file, a line of JSON each; never any secret
    #[arg(long, value_name = "FILE", global = true)]
    log_file: Option<PathBuf>,
    /// Write each request and each reading, too; without --log-file, to vigie.log in the state directory
    #[arg(long, global = true)]
    debug: bool,
    /// Theme: default, light, contrast, colourblind, mono, or one of yours
    #[arg(long, value_name = "NAME", global = true)]
    theme: Option<String>,
    /// Colours: auto, true, 256, 16, none
    #[arg(long, value_name = "DEPTH", global = true, value_parser = colours)]
    colours: Option<Colours>,
    /// Only ASCII glyphs
    #[arg(long, global = true)]
    ascii: bool,
    /// Leave the mouse to the terminal
    #[arg(long, global = true)]
    no_mouse: bool,
    /// Mask private things on the screen
    #[arg(long, global = true)]
    privacy: bool,
    /// Tab to open first, 0 (Triage) to 6 (Tickets)
    #[arg(long, value_name = "N", global = true, value_parser = clap::value_parser!(u8).range(0..=6))]
    start_tab: Option<u8>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The dashboard on embedded sample data, read over HTTP from servers inside the program
    Demo(demo::Arguments),
    /// Ask every source once and print what is wrong; the exit code is the verdict
    #[command(after_help = status::EXIT_CODES)]
    Status(Box<status::Arguments>),
    /// Add sources, one after another: asked for, tried live, and written down when you say so
    #[command(after_help = init::given::AFTER_HELP)]
    Init(Box<init::given::Given>),
    /// Go through every step to each source and say what is wrong and how to mend it
    #[command(after_help = doctor::EXIT_CODES)]
    Doctor(doctor::Arguments),
    /// Look at the configuration
    #[command(subcommand)]
    Config(config::Command),
    /// Print a script that completes vigie's commands in a shell
    Completions(complete::Arguments),
    /// Print what is wrong in a few lines, from the last known state: for logins
    Motd(motd::Arguments),
    /// Print the manual page of vigie or of a command
    Man(man::Arguments),
}

fn colours(text: &str) -> Result<Colours, String> {
    text.parse()
        .map_err(|wrong: crate::config::Wrong| format!("{}; {}", wrong.message, wrong.help))
}

impl Look {
    fn overrides(self) -> Overrides {
        Overrides {
            config: self.config,
            theme: self.theme,
            colours: self.colours,
            ascii: self.ascii.then_some(Choice::Yes),
            mouse: self.no_mouse.then_some(false),
            start_tab: self.start_tab,
            privacy: self.privacy.then_some(true),
            zone: None,
        }
    }
}

/// Runs the command line. What is said about a failure is said here.
pub fn run() -> ExitCode {
    if let Some(code) = complete::answer() {
        return ExitCode::from(code);
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return ExitCode::from(misused(&error)),
    };
    if let Err(code) = begin_log(&arguments.look) {
        return ExitCode::from(code);
    }
    let code = match arguments.command {
        None => dashboard::run(arguments.look),
        Some(Command::Demo(demo)) => demo::run(&demo, arguments.look),
        Some(Command::Status(status)) => status::run(&status, arguments.look),
        Some(Command::Init(given)) => init::run(*given, arguments.look),
        Some(Command::Doctor(doctor)) => doctor::run(&doctor, arguments.look),
        Some(Command::Config(command)) => config::run(&command, arguments.look),
        Some(Command::Completions(shell)) => complete::run(&shell),
        Some(Command::Motd(motd)) => motd::run(&motd, arguments.look),
        Some(Command::Man(page)) => man::run(&page),
    };
    ExitCode::from(code)
}

/// Begins the log, if one is wanted. One that cannot be written is no reason to do without in silence.
fn begin_log(look: &Look) -> Result<(), u8> {
    if look.log_file.is_none() && !look.debug {
        return Ok(());
    }
    let path = match &look.log_file {
        Some(path) => path.clone(),
        None => places(look).ok_or(FAILED)?.state_dir.join("vigie.log"),
    };
    log::begin(&path, look.debug).map_err(|error| {
        complain(&format!(
            "the log {} cannot be written: {error}; name another file with --log-file",
            path.display()
        ));
        CONFIGURATION
    })
}

/// Prints what clap has to say (help and versions, too) and finds the exit code. A monitor must not take a
/// mistyped argument of `status` or `doctor` for "critical", which has clap's own code.
fn misused(error: &clap::Error) -> u8 {
    // Nobody is left to tell when this fails.
    let _ = error.print();
    if error.exit_code() == 0 {
        return OK;
    }
    let judges = |argument: std::ffi::OsString| argument == "status" || argument == "doctor";
    if std::env::args_os().skip(1).any(judges) {
        status::USAGE
    } else {
        USAGE
    }
}

/// The user's places, or `None` with a word on why there are none.
fn places(look: &Look) -> Option<Places> {
    let Some(places) = Places::of_user() else {
        complain("there is no home directory; set HOME, or XDG_CONFIG_HOME and XDG_STATE_HOME");
        return None;
    };
    let profile = look.profile.clone();
    let named = profile.or_else(|| variable("VIGIE_PROFILE").filter(|name| !name.is_empty()));
    let Some(name) = named.filter(|_| look.config.is_none()) else {
        return Some(places);
    };
    let with = places.with_profile(&name);
    if with.is_none() {
        complain(&format!(
            "'{}' cannot be a profile's name: at most 40 of letters, digits, - and _",
            crate::domain::Text::clean(&name)
        ));
    }
    with
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Prints a text to standard output. A closed pipe is the reader's choice, not an error.
fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Writes to standard output.
fn write_out(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Prints what a command is for; its exit code, or another when that could not be written. A closed pipe
/// is the reader's choice.
fn deliver(text: &str, code: u8) -> u8 {
    match write_out(text) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            complain(&format!("the output cannot be written: {error}"));
            status::UNWRITTEN
        }
        _ => code,
    }
}

/// Says what is wrong on standard error, in vigie's name.
fn complain(text: &str) {
    let mut out = std::io::stderr().lock();
    let _ = writeln!(out, "vigie: {text}");
}

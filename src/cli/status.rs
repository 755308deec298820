//! `vigie status`: every source asked once (or the last known state), the answer on standard output, the verdict as exit code.
//!
//! | code | |
//! | --- | --- |
//! | 0, 1, 2, 3 | ok, warning, critical, unknown, as monitoring plug-ins have it |
//! | 64 | the command line makes no sense |
//! | 69 | no server could be reached |
//! | 74 | the output could not be written |
//! | 77 | every server refused the credential, or the secrets could not be had |
//! | 78 | the configuration is missing or wrong |
//!
//! From 64 on they are those of `sysexits.h`, so that none is taken for a verdict.

mod cell;
mod document;
pub mod incidents;
pub mod once;
mod origin;
pub mod table;
mod text;
pub mod verdict;
mod watch;

use std::time::Duration;

use clap::ValueEnum;
use clap_complete::engine::ArgValueCompleter;
use tokio::time::Instant;

use super::{Look, complain, complete, dashboard, deliver, places, variable};
use crate::app::filter::Filter;
use crate::app::{Context, Tab, columns};
use crate::config::shape::Config;
use crate::config::{self, Places};
use crate::domain::SourceId;

pub use once::Asked;

/// The command line makes no sense (`EX_USAGE`).
pub const USAGE: u8 = 64;
/// No server could be reached (`EX_UNAVAILABLE`).
pub const UNAVAILABLE: u8 = 69;
/// Something nobody foresaw (`EX_SOFTWARE`).
pub const SOFTWARE: u8 = 70;
/// The output could not be written (`EX_IOERR`).
pub const UNWRITTEN: u8 = 74;
/// Every server refused the credential (`EX_NOPERM`).
pub const REFUSED: u8 = 77;
/// The configuration is missing or wrong (`EX_CONFIG`).
pub const CONFIGURATION: u8 = 78;

/// For the help and the manual page.
pub const EXIT_CODES: &str = "Exit codes: 0 ok, 1 warning, 2 critical, 3 unknown; 64 the command line makes no \
    sense, 69 no server could be reached, 74 the output could not be written, 77 every server refused the \
    credential, 78 the configuration is missing or wrong.";

/// The schema of what `-o json` prints.
pub const SCHEMA: &str = include_str!("status/schema.json");

/// What is asked and how it is printed.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// How it is printed; csv and md want a --tab
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t = Output::Text)]
    output: Output,
    /// Print the table of this tab; may be given several times
    #[arg(short, long = "tab", value_enum, value_name = "TAB")]
    tabs: Vec<TabName>,
    /// Only rows that pass this filter, written as after `/` in the dashboard
    #[arg(short, long, value_name = "FILTER", requires = "tabs")]
    filter: Option<String>,
    /// Only rows that are a problem
    #[arg(long, requires = "tabs")]
    problems: bool,
    /// Ask only this source; may be given several times
    #[arg(short, long = "source", value_name = "NAME", add = ArgValueCompleter::new(complete::sources))]
    sources: Vec<String>,
    /// How long all of it may take; what has not answered by then is marked
    #[arg(short, long, value_name = "TIME", default_value = "20s", value_parser = deadline)]
    deadline: Duration,
    /// Ask nobody: the last known state, as the dashboard left it
    #[arg(long, conflicts_with_all = ["watch", "deadline"])]
    from_cache: bool,
    /// With --from-cache: what is older makes the verdict unknown
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = deadline, requires = "from_cache")]
    max_age: Duration,
    /// Go on, and print a line of JSON for everything that changes
    #[arg(short, long, conflicts_with_all = ["output", "tabs"])]
    watch: bool,
    /// Print the JSON Schema of what -o json prints, and ask nobody
    #[arg(long, exclusive = true)]
    schema: bool,
}

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// For people
    Text,
    /// For programs: see --schema
    Json,
    /// A table with raw values
    Csv,
    /// A table in Markdown
    Md,
}

/// A tab by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TabName {
    /// What is wrong
    Triage,
    /// Nodes and monitored hosts
    Hosts,
    /// Containers and virtual machines
    Containers,
    /// Web services
    Web,
    /// Mail queues
    Mail,
    /// People
    Team,
    /// Tickets
    Tickets,
}

impl TabName {
    const fn tab(self) -> Tab {
        match self {
            Self::Triage => Tab::Triage,
            Self::Hosts => Tab::Hosts,
            Self::Containers => Tab::Containers,
            Self::Web => Tab::Web,
            Self::Mail => Tab::Mail,
            Self::Team => Tab::Team,
            Self::Tickets => Tab::Tickets,
        }
    }
}

/// How long a command may take, as it is written.
pub fn deadline(written: &str) -> Result<Duration, String> {
    let length = config::duration::parse(written)?;
    if length.is_zero() || length > Duration::from_hours(1) {
        return Err("between 1ms and 1h".to_owned());
    }
    Ok(length)
}

/// Runs the command.
pub fn run(arguments: &Arguments, look: Look) -> u8 {
    // Reading the configuration counts, too.
    let end = Instant::now() + arguments.deadline;
    if arguments.schema {
        return deliver(SCHEMA, 0);
    }
    if matches!(arguments.output, Output::Csv | Output::Md) && arguments.tabs.is_empty() {
        complain("csv and md are tables: say which, with --tab");
        return USAGE;
    }
    if arguments.output == Output::Csv && arguments.tabs.len() > 1 {
        complain("one csv holds one table: give one --tab");
        return USAGE;
    }
    if let Some(filter) = &arguments.filter
        && let Some(name) = arguments
            .tabs
            .iter()
            .find(|name| Filter::parse(filter, columns::of(name.tab())).unknown_fields())
    {
        let table = columns::of(name.tab());
        let known: Vec<&str> = table.columns.iter().map(|c| c.id).collect();
        complain(&format!(
            "the filter names a column that {} does not have; it has {}",
            name.tab().title(),
            known.join(", ")
        ));
        return USAGE;
    }
    let Some(places) = places(&look) else {
        return CONFIGURATION;
    };
    let config = match configured(look, &places) {
        Ok(config) => config,
        Err(code) => return code,
    };
    let config = match only(config, &arguments.sources) {
        Ok(config) => config,
        Err(words) => {
            complain(&words);
            return USAGE;
        }
    };
    let runtime = match dashboard::runtime() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("the system gives no threads: {error}"));
            return SOFTWARE;
        }
    };
    let zone = zone(&config);
    let code = if arguments.watch {
        runtime.block_on(watch::run(&config, end))
    } else {
        let asked = if arguments.from_cache {
            let (asked, said) = once::recall(&config, &places);
            if let Some(said) = said {
                complain(&crate::ui::words::failure(&said).what);
            }
            asked
        } else {
            runtime.block_on(once::ask(&config, end))
        };
        let context = Context {
            now: asked.now,
            privacy: config.ui.privacy,
            zone: &zone,
            seen: None,
        };
        let wanted = table::Wanted {
            tabs: arguments.tabs.iter().map(|name| name.tab()).collect(),
            filter: arguments.filter.clone().unwrap_or_default(),
            problems: arguments.problems,
        };
        let verdict =
            verdict::Verdict::of(&asked, arguments.from_cache.then_some(arguments.max_age));
        let printed = match arguments.output {
            Output::Json => document::json(&document::document(
                &asked,
                &verdict,
                &wanted,
                &context,
                arguments.from_cache,
            )),
            Output::Csv => table::csv(&asked, &wanted, &context),
            Output::Md => table::markdown(&asked, &verdict, &wanted, &context),
            Output::Text => text::all(&asked, &verdict, &wanted, &context),
        };
        deliver(&printed, verdict.code())
    };
    // Requests that hang are not waited for.
    runtime.shutdown_timeout(Duration::from_millis(5));
    code
}

/// The user's configuration, or the exit code after a word on what is wrong with it.
pub fn configured(look: Look, places: &Places) -> Result<Config, u8> {
    let config = config::load(&variable, &look.overrides(), places).map_err(|errors| {
        complain(&format!("the configuration is wrong\n{errors}"));
        CONFIGURATION
    })?;
    if config.is_empty() {
        complain(&format!(
            "nothing is configured yet: 'vigie init' asks for your servers and writes {}",
            places.user_file().display()
        ));
        return Err(CONFIGURATION);
    }
    Ok(config)
}

/// The configuration with these sources only; all when none is named.
pub fn only(mut config: Config, names: &[String]) -> Result<Config, String> {
    if names.is_empty() {
        return Ok(config);
    }
    for name in names {
        if !config.sources.iter().any(|source| source.name == *name) {
            let known: Vec<&str> = config.sources.iter().map(|s| s.name.as_str()).collect();
            return Err(format!(
                "there is no source '{}'; configured are {}",
                crate::domain::Text::clean(name),
                known.join(", ")
            ));
        }
    }
    config.sources.retain(|source| names.contains(&source.name));
    for (index, source) in config.sources.iter_mut().enumerate() {
        source.id = SourceId(u16::try_from(index).unwrap_or(u16::MAX));
    }
    Ok(config)
}

/// The zone that times are shown in.
fn zone(config: &Config) -> jiff::tz::TimeZone {
    config
        .ui
        .zone
        .as_ref()
        .and_then(|zone| jiff::tz::TimeZone::get(zone).ok())
        .unwrap_or_else(jiff::tz::TimeZone::system)
}

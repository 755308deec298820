//! `vigie doctor`: what stands between vigie and each source, step by step, and what to do about it.
//!
//! Asks like the dashboard does, with the same clients, and only reads. A credential that was refused is not
//! tried a second time: accounts get locked. Prints no secret; `--redact` masks addresses and names as well,
//! for a ticket. The exit code says the worst: 0 all is well, 1 something should be better, 2 something
//! does not work, 78 the configuration is wrong.

pub mod checkmk;
pub mod proxmox;
pub mod reach;
mod redact;
pub mod redmine;
mod report;
mod secret;
pub mod simple;
mod state;
pub mod step;
mod terminal;

use std::time::Duration;

use clap::ValueEnum;
use clap_complete::engine::ArgValueCompleter;
use futures_util::future::join_all;
use tokio::time::Instant;

use super::{Look, complain, complete, dashboard, deliver, places, status, variable};
use crate::config::shape::{Config, Source, System};
use crate::config::{self, Origins};
use redact::Mask;
use report::{Report, Section};
use step::{Step, Steps, Verdict};

/// For the help and the manual page.
pub const EXIT_CODES: &str = "Exit codes: 0 all is well, 1 something should be better, 2 something does not work; \
    64 the command line makes no sense, 74 the output could not be written, 78 the configuration is missing or wrong.";

/// What is looked at and how it is printed.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only these sources; without, all of them, the terminal and the files
    #[arg(value_name = "SOURCE", add = ArgValueCompleter::new(complete::sources))]
    sources: Vec<String>,
    /// How it is printed
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t = Output::Text)]
    output: Output,
    /// Mask addresses, host names and accounts, for a ticket or a forum
    #[arg(long)]
    redact: bool,
    /// How long the sources may take; what is not done by then is marked
    #[arg(short, long, value_name = "TIME", default_value = "60s", value_parser = status::deadline)]
    deadline: Duration,
}

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Runs the command.
pub fn run(arguments: &Arguments, look: Look) -> u8 {
    let end = Instant::now() + arguments.deadline;
    let Some(places) = places(&look) else {
        return status::CONFIGURATION;
    };
    let mut report = Report::default();
    let mut mask = Mask::default();
    let mut misconfigured = false;
    match config::load_with_origins(&variable, &look.overrides(), &places) {
        Err(errors) => {
            misconfigured = true;
            let step = Step::new("configuration", Verdict::Fails, "it is wrong")
                .next(errors.to_string().trim_end());
            report
                .sections
                .push(Section::of("configuration", vec![step]));
        }
        Ok((config, origins)) => {
            mask = Mask::of(&config);
            if config.is_empty() {
                misconfigured = true;
                let step = Step::new("configuration", Verdict::Fails, "no source is configured")
                    .next("'vigie init' asks for your servers and writes it");
                report
                    .sections
                    .push(Section::of("configuration", vec![step]));
            }
            let config = match status::only(config, &arguments.sources) {
                Ok(config) => config,
                Err(words) => {
                    complain(&words);
                    return status::USAGE;
                }
            };
            let runtime = match dashboard::runtime() {
                Ok(runtime) => runtime,
                Err(error) => {
                    complain(&format!("the system gives no threads: {error}"));
                    return status::SOFTWARE;
                }
            };
            let sections = runtime.block_on(sources(&config, &origins, end));
            runtime.shutdown_timeout(Duration::from_millis(5));
            report.sections.extend(sections);
        }
    }
    if arguments.sources.is_empty() {
        report.sections.push(terminal::examine());
        report.sections.push(state::examine(&places));
    }
    if arguments.redact {
        report.redact(&mask);
    }
    let printed = match arguments.output {
        Output::Text => report.text(),
        Output::Json => report.json(),
    };
    let code = match report.worst() {
        _ if misconfigured => status::CONFIGURATION,
        Verdict::Fails => 2,
        Verdict::Warning => 1,
        Verdict::Ok | Verdict::Note | Verdict::Skipped => 0,
    };
    deliver(&printed, code)
}

/// All sources at the same time, each until `end`.
async fn sources(config: &Config, origins: &Origins, end: Instant) -> Vec<Section> {
    let examined = config.sources.iter().map(|source| async move {
        let steps = Steps::default();
        let key = format!("{}.{}", source.kind().name(), source.name);
        let begun = Instant::now();
        steps.push(Step::new(
            "configuration",
            Verdict::Ok,
            &format!("from {}", origins.of(&key)),
        ));
        if tokio::time::timeout_at(end, examine(source, &steps))
            .await
            .is_err()
        {
            let after = crate::ui::words::duration(begun.elapsed());
            steps.push(
                Step::new("deadline", Verdict::Fails, &format!("not done after {after}"))
                    .next("what the last step waits for is what hangs; a longer --deadline shows whether it ends"),
            );
        }
        Section {
            name: source.name.clone(),
            kind: Some(source.kind()),
            steps: steps.take(),
        }
    });
    join_all(examined).await
}

/// Goes through all steps to a source.
pub async fn examine(source: &Source, steps: &Steps) {
    match &source.system {
        System::Proxmox(settings) => proxmox::examine(source, settings, steps).await,
        System::Checkmk(settings) => checkmk::examine(source, settings, steps).await,
        System::Redmine(settings) => redmine::examine(source, settings, steps).await,
        System::Web(settings) => simple::web(source, settings, steps).await,
        System::Mail(settings) => simple::mail(source, settings, steps).await,
        System::Roster(settings) => simple::roster(source, settings, steps).await,
    }
}

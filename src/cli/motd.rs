//! `vigie motd`: at login, a few lines from the last known state, with its age. Asks no server and never fails a
//! login: the exit code is 0 whatever is known.

use std::fmt::Write as _;
use std::time::Duration;

use super::status::incidents;
use super::status::once::{self, Asked};
use super::status::table;
use super::status::verdict::Verdict;
use super::{Look, OK, complain, deliver, places, variable};
use crate::config;
use crate::domain::Moment;
use crate::ui::words;

/// Older than this is called old.
const OLD: Duration = Duration::from_mins(15);

/// How much is said.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Say nothing when nothing is wrong
    #[arg(short, long)]
    quiet: bool,
    /// Most problems that are shown
    #[arg(short = 'n', long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(0..=50))]
    lines: u8,
}

/// Prints it.
pub fn run(arguments: &Arguments, look: Look) -> u8 {
    let Some(places) = places(&look) else {
        return OK;
    };
    let Ok(config) = config::load(&variable, &look.overrides(), &places) else {
        complain("the configuration is wrong; 'vigie config check' says where");
        return OK;
    };
    if config.is_empty() {
        return OK;
    }
    let (asked, _) = once::recall(&config, &places);
    deliver(&said(&asked, arguments), OK)
}

fn said(asked: &Asked, arguments: &Arguments) -> String {
    let feeds = || asked.estate.sources.iter().flat_map(|s| &s.feeds);
    let read = || feeds().filter_map(|f| f.good.as_ref()).map(|g| g.at);
    let Some(newest) = read().max() else {
        return if arguments.quiet {
            String::new()
        } else {
            "vigie: nothing is known yet; the dashboard keeps what it sees\n".to_owned()
        };
    };
    let verdict = Verdict::of(asked, None);
    let problems: Vec<_> = incidents::open(&asked.estate).collect();
    if problems.is_empty() && arguments.quiet {
        return String::new();
    }
    let mut out = format!("vigie: {}{}\n", verdict.words(), as_of(newest, asked.now));
    for (incident, problem) in problems.iter().take(usize::from(arguments.lines)) {
        let below = match incident.below.len() {
            0 => String::new(),
            n => format!(" (+{n} below)"),
        };
        // Writing into a String does not fail.
        let _ = writeln!(
            out,
            "  {:<8} {}: {}{below}",
            words::severity(incident.severity),
            table::cut(&problem.subject),
            table::cut(&words::what(&problem.what)),
        );
    }
    let more = problems.len().saturating_sub(usize::from(arguments.lines));
    if more > 0 && arguments.lines > 0 {
        let _ = writeln!(out, "  and {more} more: vigie status --from-cache");
    }
    out
}

fn as_of(newest: Moment, now: Moment) -> String {
    let age = words::age(Some(newest), now);
    match newest.age(now) {
        Some(young) if young <= OLD => format!(" ({age})"),
        _ => format!(" ({age}: what came since is not known)"),
    }
}

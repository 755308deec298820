//! `vigie demo`: the dashboard on the embedded lab.

use std::path::Path;

use super::dashboard::Shown;
use super::{FAILED, Look, complain, dashboard, places};
use crate::config::{self, Places};
use crate::demo::{Lab, Options, Scenario};
use crate::domain::graph::Measure;
use crate::history::{Kind, Sample, Series};

/// What the lab plays.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What happens: calm, or outage (a container dies and recovers)
    #[arg(long, value_name = "NAME", default_value = "calm")]
    scenario: Scenario,
    /// Only serve: print where the sample servers listen and what they take, until Ctrl-C
    #[arg(long, hide = true)]
    serve: bool,
    /// Serve this many guests and ten times as many services, for measuring
    #[arg(long, value_name = "N", hide = true)]
    size: Option<usize>,
}

/// Runs the dashboard on the lab. Reads no configuration file but a given one's looks.
pub fn run(arguments: &Arguments, look: Look) -> u8 {
    let Some(places) = places(&look) else {
        return FAILED;
    };
    let runtime = match dashboard::runtime() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("the system gives no threads: {error}"));
            return FAILED;
        }
    };
    let options = Options {
        scenario: arguments.scenario,
        size: arguments.size,
    };
    let lab = match runtime.block_on(Lab::start(options)) {
        Ok(lab) => lab,
        Err(error) => {
            complain(&format!(
                "the sample servers cannot be started on this machine: {error}"
            ));
            return FAILED;
        }
    };
    if arguments.serve {
        return serve(&runtime, &lab);
    }
    let parsed = config::parse(&lab.config_toml(), Path::new("the lab's own configuration"));
    let mut config = match parsed {
        Ok(config) => config,
        Err(errors) => {
            complain(&format!(
                "a bug: the lab's configuration is wrong\n{errors}"
            ));
            return FAILED;
        }
    };
    // How it looks is the user's, what is read is the lab's.
    match config::load(&super::variable, &look.overrides(), &places) {
        Ok(own) => {
            config.ui = own.ui;
            config.keys = own.keys;
        }
        Err(errors) => complain(&format!(
            "your configuration is wrong and left out\n{errors}"
        )),
    }
    let memory = Places::within(&lab.directory().join("memory"));
    let code = dashboard::show(runtime, config, &places, Shown::Sample(memory, past(&lab)));
    drop(lab);
    code
}

/// What the lab's things were before, as the history wants it.
fn past(lab: &Lab) -> Vec<Sample> {
    let kind = |measure| match measure {
        Measure::Mails => Some(Kind::QueueDepth),
        Measure::Met => Some(Kind::WebMet),
        Measure::FirstByte => Some(Kind::WebMillis),
        _ => None,
    };
    let mut samples = Vec::new();
    for past in lab.past() {
        let Some(kind) = kind(past.measure) else {
            continue;
        };
        let series = Series {
            kind,
            source: past.source.to_owned(),
            name: past.name,
        };
        samples.extend(past.points.into_iter().map(|(at, value)| Sample {
            series: series.clone(),
            at,
            value,
        }));
    }
    samples
}

/// Prints a configuration for the lab's servers and lets them run, for trying `vigie init` on them.
fn serve(runtime: &tokio::runtime::Runtime, lab: &Lab) -> u8 {
    let code = super::deliver(&lab.config_toml(), super::OK);
    // Without the signal's handler there is nothing to wait for but the ordinary end.
    let _ = runtime.block_on(tokio::signal::ctrl_c());
    code
}

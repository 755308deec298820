//! Scenarios: what sources say over time, and which incidents must come of it.
//!
//! Each file in `tests/scenarios` is one; `tests/scenarios/README.md` describes the language. They go
//! through [`Keeper::apply`] and [`Keeper::publish`] as answers of real servers do.

mod script;
mod world;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use script::{Expected, Script};
use vigie::config::shape::{ManualJoin, Triage};
use vigie::domain::{Key, Moment};
use vigie::estate::{Estate, Handled, Incident, Keeper, Settings, SiteHint, Why, keeper};
use vigie::ui::words;
use world::World;

/// Minute 0 of every scenario.
const START: Moment = Moment::from_millis(1_790_000_000_000);

fn minute(n: f64) -> Moment {
    let by = Duration::from_secs_f64(n.abs() * 60.0);
    if n < 0.0 {
        START.minus(by)
    } else {
        START.plus(by)
    }
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios"));
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    files
}

#[test]
fn every_scenario_gives_the_incidents_it_expects() {
    let files = files();
    assert!(files.len() >= 15, "{}", files.len());
    let mut wrong = String::new();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).unwrap();
        match toml::from_str::<Script>(&text) {
            Err(error) => writeln!(wrong, "{name}: {error}").unwrap(),
            Ok(script) => {
                for complaint in play(&script) {
                    writeln!(wrong, "{name}: {complaint}").unwrap();
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// A runner that cannot fail proves nothing.
#[test]
fn a_wrong_expectation_is_noticed() {
    let text = r#"
        about = "One guest stops, and the file claims otherwise."
        [sources]
        golem = "proxmox"
        [start]
        nodes = { golem = "online" }
        guests = { "golem/105 wiki" = "running" }
        [[at]]
        minute = 1
        guests = { "golem/105 wiki" = "stopped" }
        [[expect]]
        minute = 2
        incidents = [{ cause = "golem/105 wiki", severity = "warning", below = 3 }]
        [[expect]]
        minute = 3
        incidents = []
    "#;
    let said = play(&toml::from_str(text).unwrap());
    assert_eq!(said.len(), 3, "{said:#?}");
    assert!(
        said[0].contains("severity") && said[1].contains("below"),
        "{said:#?}"
    );
    assert!(
        said[2].contains("expected 0 incidents, found 1"),
        "{said:#?}"
    );
}

/// Plays a scenario; what came otherwise than expected.
fn play(script: &Script) -> Vec<String> {
    let mut world = World::new(script);
    let sources = keeper::sources(world.configured().into_iter(), |_, _, refresh| refresh);
    let mut keeper = Keeper::new(sources, START).with(settings(script));
    let mut wrong = Vec::new();
    let last = script.expect.iter().map(|e| e.minute).fold(0.0, f64::max);
    // Every answer comes once a minute, all in one breath; what changes within is seen then.
    let mut now = 0.0;
    while now <= last {
        world.turn_to(now);
        for observation in world.observations() {
            keeper.apply(observation);
        }
        for expected in script.expect.iter().filter(|e| minutes_meet(e.minute, now)) {
            keeper.keep_apart(apart(expected));
            let estate = keeper.publish();
            check(&estate, expected, &mut wrong);
            after_a_restart(&mut keeper, &estate, expected, script, &mut wrong);
        }
        keeper.keep_apart(HashSet::new());
        hold_together(&keeper.publish(), now, &mut wrong);
        now += 1.0;
    }
    wrong
}

/// A program that is started again at this moment, with nobody answering, shows the same incidents.
fn after_a_restart(
    keeper: &mut Keeper,
    estate: &Estate,
    expected: &Expected,
    script: &Script,
    wrong: &mut Vec<String>,
) {
    let mut again = Keeper::resume(keeper.known(), minute(expected.minute)).with(settings(script));
    again.keep_apart(apart(expected));
    let found = again.publish();
    if told(&found) != told(estate) {
        wrong.push(format!(
            "minute {}: before a restart\n{}and after it\n{}",
            expected.minute,
            told(estate),
            told(&found)
        ));
    }
}

fn apart(expected: &Expected) -> HashSet<Key> {
    expected
        .apart
        .iter()
        .map(|key| Key::Problem(key.as_str().into()))
        .collect()
}

/// An expectation is looked at with the first answers at or after its minute.
fn minutes_meet(expected: f64, now: f64) -> bool {
    expected <= now && expected > now - 1.0
}

fn settings(script: &Script) -> Settings {
    Settings {
        joins: script
            .settings
            .joins
            .iter()
            .map(|(thing, host)| ManualJoin {
                thing: thing.clone(),
                host: Some(host.clone()),
                place: String::new(),
            })
            .collect(),
        triage: Triage {
            hold: Duration::from_secs(script.settings.hold_seconds.unwrap_or(90)),
        },
        sites: script
            .site
            .iter()
            .map(|site| SiteHint {
                site: site.name().to_owned(),
                proxy: site.proxy.clone(),
                needs: site.needs.clone(),
            })
            .collect(),
        ..Settings::default()
    }
}

/// Holds for every estate: each problem is in exactly one incident or held back, and each is under one
/// that is in the same incident.
fn hold_together(estate: &Estate, now: f64, wrong: &mut Vec<String>) {
    let mut times = vec![0; estate.problems.len()];
    for incident in &estate.incidents {
        let inside: HashSet<u32> = std::iter::once(incident.cause)
            .chain(incident.below.iter().map(|b| b.problem))
            .collect();
        for problem in &inside {
            times[*problem as usize] += 1;
        }
        if !incident.below.iter().all(|b| inside.contains(&b.under)) {
            wrong.push(format!("minute {now}: a member hangs on what is elsewhere"));
        }
    }
    let missing = times.iter().filter(|n| **n == 0).count();
    if times.iter().any(|n| *n > 1) || missing != estate.held_back as usize {
        wrong.push(format!(
            "minute {now}: {} problems, {missing} in no incident, {} held back",
            estate.problems.len(),
            estate.held_back
        ));
    }
}

fn check(estate: &Estate, expected: &Expected, wrong: &mut Vec<String>) {
    let at = expected.minute;
    if expected.incidents.len() != estate.incidents.len() {
        wrong.push(format!(
            "minute {at}: expected {} incidents, found {}:\n{}",
            expected.incidents.len(),
            estate.incidents.len(),
            told(estate)
        ));
        return;
    }
    if expected.held_back.unwrap_or(0) != estate.held_back {
        wrong.push(format!(
            "minute {at}: {} held back:\n{}",
            estate.held_back,
            told(estate)
        ));
    }
    for (wanted, incident) in expected.incidents.iter().zip(&estate.incidents) {
        let cause = incident.cause(estate).unwrap();
        let mut differs = |what: &str, wanted: &str, found: &str| {
            if wanted != found {
                wrong.push(format!(
                    "minute {at}: {what} of {} is {found}, expected {wanted}:\n{}",
                    cause.subject,
                    told(estate)
                ));
            }
        };
        differs("cause", &wanted.cause, &cause.subject);
        if let Some(severity) = &wanted.severity {
            differs(
                "severity",
                severity,
                &format!("{:?}", incident.severity).to_lowercase(),
            );
        }
        for (what, wanted, found) in [
            ("below", wanted.below, incident.below.len()),
            ("sites", wanted.sites, incident.reach.sites as usize),
            ("queues", wanted.queues, incident.reach.queues as usize),
            ("guests", wanted.guests, incident.reach.guests as usize),
            ("alive", wanted.alive, incident.reach.alive as usize),
            ("people", wanted.people, incident.reach.people.len()),
        ] {
            if let Some(wanted) = wanted {
                differs(what, &wanted.to_string(), &found.to_string());
            }
        }
        let handled = match incident.handled {
            None => "no",
            Some(Handled::Acknowledged) => "acknowledged",
            Some(Handled::Downtime) => "downtime",
            Some(Handled::Expected) => "expected",
        };
        differs(
            "handled",
            wanted.handled.as_deref().unwrap_or("no"),
            handled,
        );
        if let Some(since) = wanted.since {
            let found = incident.since.map_or(f64::NAN, |at| {
                (at.as_millis() - START.as_millis()) as f64 / 60_000.0
            });
            differs("since", &since.to_string(), &found.to_string());
        }
        let said = said(estate, incident);
        if let Some(words) = wanted.words.as_ref().filter(|w| !said.contains(&***w)) {
            differs("words", words, &said);
        }
    }
}

/// An incident in words: what is wrong, why, and why each below is below.
fn said(estate: &Estate, incident: &Incident) -> String {
    let cause = incident.cause(estate).unwrap();
    let mut said = words::what(&cause.what);
    match &incident.why {
        Some(Why::Task { task, expected }) => {
            let expected = if *expected { ", expected" } else { "" };
            write!(
                said,
                "; {} by {}, {:?}{expected}",
                task.kind, task.user, task.end
            )
            .unwrap();
        }
        Some(Why::Locked(lock)) => write!(said, "; locked: {lock}").unwrap(),
        None => {}
    }
    for below in &incident.below {
        write!(said, "; because {}", below.because).unwrap();
    }
    said
}

/// All incidents, for whoever reads a failed test.
fn told(estate: &Estate) -> String {
    let mut told = String::new();
    for incident in &estate.incidents {
        let cause = incident.cause(estate).unwrap();
        writeln!(
            told,
            "    {:?} {} ({:?}) handled {:?} {:?} {:?}",
            incident.severity,
            cause.subject,
            words::what(&cause.what),
            incident.handled,
            incident.reach,
            cause.key,
        )
        .unwrap();
        for below in &incident.below {
            let problem = &estate.problems[below.problem as usize];
            let under = &estate.problems[below.under as usize];
            writeln!(
                told,
                "        {} ({}) under {} because {}",
                problem.subject,
                words::what(&problem.what),
                under.subject,
                below.because
            )
            .unwrap();
        }
    }
    told
}

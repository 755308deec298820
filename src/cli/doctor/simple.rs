//! Sources without a login: web sites, mail queues, the roster.

use std::time::Instant;

use crate::config::shape::{Mail, Roster, Source, Web};
use crate::domain::failure::FailureKind;
use crate::domain::web::ProbeOutcome;
use crate::domain::{Batch, Reading};
use crate::refresh::pace;
use crate::source::{Client as _, mail as mail_source, roster as roster_source, web as web_source};
use crate::ui::words;

use super::step::{Step, Steps, Verdict};

/// Web sites: each probed once.
pub async fn web(source: &Source, settings: &Web, steps: &Steps) {
    let begun = Instant::now();
    let client = web_source::Client::new(&source.name, settings);
    let answered = client.read(Reading::Probes).await;
    let requests = answered.traffic.requests;
    match answered.outcome {
        Ok(Batch::Probes(probes)) => {
            let fine = |outcome: &ProbeOutcome| {
                matches!(outcome, ProbeOutcome::Answered { expected: true, .. })
            };
            let good = probes.iter().filter(|p| fine(&p.outcome)).count();
            let what = format!(
                "{good} of {} as expected",
                words::count(probes.len() as u64, "site")
            );
            steps.push(Step::new("sites", Verdict::Ok, &what).took(begun.elapsed()));
            for probe in probes.iter().filter(|p| !fine(&p.outcome)) {
                let what = format!("{}: {}", probe.name, words::probe(&probe.outcome));
                let mut step = Step::new("site", Verdict::Warning, &what);
                if let ProbeOutcome::Failed(failure) = &probe.outcome {
                    step.next = words::failure(failure).next;
                }
                steps.push(step);
            }
        }
        Ok(_) => {}
        Err(failure) => return steps.push(Step::failed("sites", &failure)),
    }
    steps.push(budget(source, requests));
}

/// A mail queue at its own place.
pub async fn mail(source: &Source, settings: &Mail, steps: &Steps) {
    let begun = Instant::now();
    let client = mail_source::Client::new(&source.name, settings);
    let answered = client.read(Reading::Queues).await;
    match answered.outcome {
        Ok(Batch::Queues(queues)) => {
            let what = format!(
                "{}{}",
                words::count(queues.queues.len() as u64, "queue"),
                skipped(queues.skipped)
            );
            let verdict = if queues.skipped > 0 {
                Verdict::Warning
            } else {
                Verdict::Ok
            };
            steps.push(Step::new("queues", verdict, &what).took(begun.elapsed()));
        }
        Ok(_) => {}
        Err(failure) => {
            let step = Step::failed("queues", &failure).took(begun.elapsed());
            steps.push(if matches!(failure.kind, FailureKind::Command { .. }) {
                step.also(
                    "any user may list Postfix's queue unless authorized_mailq_users says otherwise; on the mail server:\n\
                     postconf authorized_mailq_users",
                )
            } else {
                step
            });
        }
    }
}

/// The roster file.
pub async fn roster(source: &Source, settings: &Roster, steps: &Steps) {
    let client = roster_source::Client::new(&source.name, settings);
    match client.read(Reading::Roster).await.outcome {
        Ok(Batch::Roster(roster)) => {
            let what = format!(
                "{}, {}, {}",
                words::count(roster.people.len() as u64, "member"),
                words::count(roster.groups.len() as u64, "group"),
                words::count(roster.shifts.len() as u64, "shift"),
            );
            let verdict = if roster.people.is_empty() {
                Verdict::Warning
            } else {
                Verdict::Ok
            };
            steps.push(Step::new("roster", verdict, &what));
        }
        Ok(_) => {}
        Err(failure) => steps.push(Step::failed("roster", &failure)),
    }
}

/// `, 2 rows make no sense`, or nothing.
pub fn skipped(rows: u32) -> String {
    match rows {
        0 => String::new(),
        1 => ", 1 row makes no sense".to_owned(),
        rows => format!(", {rows} rows make no sense"),
    }
}

/// What a dashboard asks of the server, at most: requests an hour, by what the first reading took.
pub fn budget(source: &Source, requests: u32) -> Step {
    let kind = source.kind();
    let readings = kind.readings();
    // What each reading cost is not told apart; they cost about the same.
    let each = f64::from(requests.max(1)) / readings.len() as f64;
    let an_hour: f64 = readings
        .iter()
        .map(|r| each.max(1.0) * 3600.0 / pace::interval(kind, *r, source.refresh).as_secs_f64())
        .sum();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few requests each second at most"
    )]
    let rounded = (an_hour / 10.0).round() as u64 * 10;
    let what = format!(
        "up to about {} an hour for each dashboard that runs (refresh {})",
        words::count(rounded, "request"),
        words::duration(source.refresh)
    );
    Step::new("budget", Verdict::Ok, &what)
}

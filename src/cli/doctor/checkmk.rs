//! Checkmk: the login, the version, whether the user sees hosts, whether he may do what only administrators may.

use std::time::Instant;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};

use crate::config::Secret;
use crate::config::shape::{Checkmk, Source};
use crate::domain::failure::FailureKind;
use crate::domain::{Batch, Reading, Text};
use crate::source::http::{Http, Request};
use crate::source::secret::header_value;
use crate::source::{Client as _, checkmk};
use crate::ui::words;

use super::step::{Step, Steps, Verdict};
use super::{reach, secret, simple};

/// The lines that make the account.
pub const ACCOUNT: &str = "the account is made in the site, Setup, Users: \
     a user with an automation secret, the role \"Normal monitoring user\" and a contact group that sees every host";

/// Looks at a Checkmk site.
pub async fn examine(source: &Source, settings: &Checkmk, steps: &Steps) {
    let what = format!("secret of {} at {}", settings.user, source.name);
    let Some(secret) = secret::examine(&what, &settings.secret, steps).await else {
        return;
    };
    if !reach::examine(&source.name, &settings.reach, steps).await {
        return steps.skip("login, version, rights, rows");
    }
    let client = checkmk::Client::new(&source.name, settings);
    let begun = Instant::now();
    let answered = client.read(Reading::MonitoredHosts).await;
    let mut requests = answered.traffic.requests;
    let hosts = match answered.outcome {
        Ok(Batch::MonitoredHosts(hosts)) => hosts,
        Ok(_) => return,
        Err(failure) => {
            let step = Step::failed("login", &failure).took(begun.elapsed());
            let refused = matches!(failure.kind, FailureKind::Unauthorized { .. });
            steps.push(if refused { step.also(ACCOUNT) } else { step });
            return steps.skip("version, rights, rows");
        }
    };
    let what = format!("user {} is let in", settings.user);
    steps.push(Step::new("login", Verdict::Ok, &what).took(begun.elapsed()));
    steps.push(match &hosts.version {
        Some(version) => Step::new("version", Verdict::Ok, &format!("Checkmk {version}")),
        None => Step::new(
            "version",
            Verdict::Note,
            "the site does not tell its version",
        ),
    });
    if hosts.hosts.is_empty() {
        steps.push(
            Step::new("rights", Verdict::Fails, "the user sees no host at all")
                .next("without the right general.see_all a user sees the hosts of its contact groups only")
                .also(ACCOUNT),
        );
    } else {
        steps.push(too_much(source, settings, &secret).await);
    }
    let begun = Instant::now();
    let (problems, checks) =
        tokio::join!(client.read(Reading::Problems), client.read(Reading::Checks));
    // One count for both: they share the client.
    requests += problems.traffic.requests + checks.traffic.requests;
    let mut parts = vec![format!(
        "{}{}",
        words::count(hosts.hosts.len() as u64, "host"),
        simple::skipped(hosts.skipped)
    )];
    for (answered, thing) in [(problems, "service problem"), (checks, "mail or web check")] {
        match answered.outcome {
            Ok(Batch::Problems(rows) | Batch::Checks(rows)) => parts.push(format!(
                "{}{}",
                words::count(rows.services.len() as u64, thing),
                simple::skipped(rows.skipped)
            )),
            Ok(_) => {}
            Err(failure) => return steps.push(Step::failed("rows", &failure)),
        }
    }
    steps.push(Step::new("rows", Verdict::Ok, &parts.join(", ")).took(begun.elapsed()));
    steps.push(simple::budget(source, requests));
}

/// Whether the list of users is open to it, which only administrators may read.
async fn too_much(source: &Source, settings: &Checkmk, secret: &Secret) -> Step {
    let path = "/check_mk/api/1.0/domain-types/user_config/collections/all";
    let header = header_value(&format!("Bearer {} {}", settings.user, secret.expose()));
    let Ok(authorization) = header else {
        return Step::new("rights", Verdict::Skipped, "not tried");
    };
    let mut request = Request::get(path);
    request.headers = vec![
        (AUTHORIZATION, authorization),
        (ACCEPT, HeaderValue::from_static("application/json")),
    ];
    match Http::new(&source.name, &settings.reach).send(request).await {
        Ok(answer) if answer.status == 200 => {
            let what = format!(
                "user {} may read all users, so it has an administrator's role; vigie only reads states",
                Text::clean(&settings.user)
            );
            Step::new("too much", Verdict::Warning, &what).next(ACCOUNT)
        }
        Ok(answer) if matches!(answer.status, 401 | 403) => {
            Step::new("rights", Verdict::Ok, "sees hosts, and is no administrator")
        }
        _ => Step::new("rights", Verdict::Ok, "sees hosts"),
    }
}

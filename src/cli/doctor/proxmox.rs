//! Proxmox VE: the login, the version, what the credential may see and what it may change, the rows.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use serde_json::Value as Json;

use crate::config::shape::{Proxmox, ProxmoxCredential, Reach, Source};
use crate::domain::failure::FailureKind;
use crate::domain::{Batch, Failure, Reading, Text};
use crate::source::http::{Http, Request};
use crate::source::proxmox::read::cluster::{NEEDED, Version, parse_version};
use crate::source::proxmox::session::{Session, token::Token};
use crate::source::{Client as _, proxmox};
use crate::ui::words;

use super::step::{Step, Steps, Verdict};
use super::{reach, secret, simple};

/// The path that people write or leave out.
const API: &str = "/api2/json";

/// The last version that vigie was tried with.
const NEWEST: u32 = 9;

/// Looks at a Proxmox VE.
pub async fn examine(source: &Source, settings: &Proxmox, steps: &Steps) {
    let Some(account) = credential(source, settings, steps).await else {
        return;
    };
    if !reach::examine(&source.name, &settings.reach, steps).await {
        return steps.skip("login, version, rights, rows");
    }
    let http = Http::new(&source.name, &without_api(&settings.reach));
    let session = Session::new(&source.name, &settings.credential);
    let begun = Instant::now();
    let get = |path: &str| session.send(&http, Request::get(format!("{API}{path}")));
    let version = match get("/version").await {
        Ok(answer) => match parse_version(&answer.body) {
            Ok((shown, version)) => {
                let what = format!("{account} is let in");
                steps.push(Step::new("login", Verdict::Ok, &what).took(begun.elapsed()));
                steps.push(release(shown.as_ref(), version));
                version
            }
            Err(failure) => {
                steps.push(Step::failed("login", &failure));
                return steps.skip("rights, rows");
            }
        },
        Err(failure) => {
            let step = Step::failed("login", &failure).took(begun.elapsed());
            steps.push(match failure.kind {
                FailureKind::Unauthorized { .. } => step.also(&account_lines(settings)),
                FailureKind::Status {
                    code: 400..=499, ..
                } => Step {
                    what: format!("no Proxmox VE answers there: {}", step.what),
                    next: Some("its address is https://HOST:8006".to_owned()),
                    ..step
                },
                FailureKind::Status { .. } | FailureKind::Malformed { .. } => {
                    step.also("if this is no Proxmox VE: its address is https://HOST:8006")
                }
                _ => step,
            });
            return steps.skip("rights, rows");
        }
    };
    if version.is_some_and(|version| version < Version::TOKENS) {
        let what = "this version does not tell what a credential may see";
        steps.push(Step::new("rights", Verdict::Skipped, what));
    } else {
        match get("/access/permissions").await {
            Ok(answer) => rights(&answer.body, settings, steps),
            Err(failure) => steps.push(Step::failed("rights", &failure)),
        }
    }
    rows(source, settings, steps).await;
}

/// The secret, and that it is one. What it is called from then on.
async fn credential(source: &Source, settings: &Proxmox, steps: &Steps) -> Option<String> {
    match &settings.credential {
        ProxmoxCredential::Token { id, secret } => {
            let what = format!("token of {}", source.name);
            let pasted = secret::examine(&what, secret, steps).await?;
            match Token::read(&what, id.as_deref(), &pasted) {
                Ok(token) => Some(format!("token {}", token.id)),
                Err(failure) => {
                    steps.push(Step::failed("token", &failure));
                    None
                }
            }
        }
        ProxmoxCredential::Password { user, password } => {
            let what = format!("password of {user} at {}", source.name);
            secret::examine(&what, password, steps).await?;
            Some(format!("user {user}"))
        }
    }
}

fn without_api(reach: &Reach) -> Reach {
    let mut reach = reach.clone();
    for url in &mut reach.urls {
        if let Some(base) = url.path().trim_end_matches('/').strip_suffix(API) {
            let base = base.to_owned();
            url.set_path(&base);
        }
    }
    reach
}

fn release(shown: Option<&Text>, version: Option<Version>) -> Step {
    let what = format!("Proxmox VE {}", shown.map_or("?", Text::as_str));
    match version {
        Some(Version { major, .. }) if major > NEWEST => Step::new("version", Verdict::Note, &what)
            .next("newer than any vigie was tried with; it should work all the same"),
        Some(version) if version < Version::TOKENS => Step::new("version", Verdict::Note, &what)
            .next("its makers no longer mend faults in it"),
        _ => Step::new("version", Verdict::Ok, &what),
    }
}

/// The lines that make an account which may only look, with a token.
pub const ACCOUNT_WITH_TOKEN: &str = "pveum user add vigie@pve\n\
     pveum acl modify / --users vigie@pve --roles PVEAuditor\n\
     pveum user token add vigie@pve tui --privsep 0";

/// The lines that make the account.
fn account_lines(settings: &Proxmox) -> String {
    match &settings.credential {
        ProxmoxCredential::Token { .. } => {
            return format!("the account is made on the server with:\n{ACCOUNT_WITH_TOKEN}");
        }
        ProxmoxCredential::Password { .. } => {
            "the account is made on the server with (3.4 writes useradd, aclmod / -user and -role):\n\
             pveum user add vigie@pve && pveum passwd vigie@pve\n\
             pveum acl modify / --users vigie@pve --roles PVEAuditor"
        }
    }
    .to_owned()
}

/// What is held where, by `/access/permissions`; a privilege with the number 0 is held, too.
fn rights(body: &[u8], settings: &Proxmox, steps: &Steps) {
    let parsed: Option<BTreeMap<String, BTreeMap<String, Json>>> =
        serde_json::from_slice::<Json>(body)
            .ok()
            .and_then(|whole| serde_json::from_value(whole.get("data")?.clone()).ok());
    let Some(paths) = parsed else {
        let failure = Failure::new(FailureKind::Malformed {
            detail: Text::clean("the list of permissions"),
        });
        return steps.push(Step::failed("rights", &failure));
    };
    for step in judged(&paths, settings) {
        steps.push(step);
    }
}

fn judged(paths: &BTreeMap<String, BTreeMap<String, Json>>, settings: &Proxmox) -> Vec<Step> {
    let id = match &settings.credential {
        ProxmoxCredential::Token { id: Some(id), .. } => id.as_str(),
        _ => "vigie@pve!tui",
    };
    let is_token = matches!(settings.credential, ProxmoxCredential::Token { .. });
    let held: BTreeSet<&str> = paths
        .values()
        .flat_map(|held| held.keys().map(String::as_str))
        .collect();
    if held.is_empty() && is_token {
        return vec![
            Step::new(
                "rights",
                Verdict::Fails,
                "the token has no right at all: every list comes empty",
            )
            .next(&format!(
                "a token with privilege separation needs rights of its own; give them, or make it anew without:\n\
                 pveum acl modify / --tokens '{}' --roles PVEAuditor",
                Text::clean(id)
            )),
        ];
    }
    let mut steps = Vec::new();
    let missing: Vec<&str> = NEEDED
        .into_iter()
        .filter(|needed| !held.contains(needed))
        .collect();
    // Held for some guests or storages only: the others are not in the lists.
    let everywhere = |privilege: &str| {
        paths
            .get("/")
            .is_some_and(|held| held.contains_key(privilege))
    };
    let partly: Vec<&str> = NEEDED
        .into_iter()
        .filter(|needed| held.contains(needed) && !everywhere(needed))
        .collect();
    let cure = "pveum acl modify / --users vigie@pve --roles PVEAuditor";
    if missing.is_empty() && partly.is_empty() {
        let what = format!("{} on /: all it needs", NEEDED.join(", "));
        steps.push(Step::new("rights", Verdict::Ok, &what));
    }
    if !missing.is_empty() {
        let what = format!(
            "lacks {}: lists are shorter than the truth",
            missing.join(", ")
        );
        steps.push(Step::new("rights", Verdict::Fails, &what).next(cure));
    }
    if !partly.is_empty() {
        let what = format!(
            "{} not on / but below only: what lies elsewhere is not shown",
            partly.join(", ")
        );
        let step = Step::new("rights", Verdict::Note, &what);
        steps.push(step.next(&format!("if all of it should be seen: {cure}")));
    }
    let beyond: Vec<String> = held
        .iter()
        .filter(|privilege| !privilege.ends_with(".Audit"))
        .map(|privilege| Text::clean(privilege).to_string())
        .collect();
    if !beyond.is_empty() {
        let shown = beyond
            .get(..beyond.len().min(6))
            .unwrap_or_default()
            .join(", ");
        let more = beyond.len().saturating_sub(6);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        steps.push(
            Step::new(
                "too much",
                Verdict::Warning,
                &format!("it may also {shown}{more}; vigie only reads"),
            )
            .next(&format!(
                "an account that may only look is enough:\n\
                 pveum user add vigie@pve\n{cure}\npveum user token add vigie@pve tui --privsep 0"
            )),
        );
    }
    steps
}

/// What the dashboard would see.
async fn rows(source: &Source, settings: &Proxmox, steps: &Steps) {
    let client = proxmox::Client::new(&source.name, settings);
    let begun = Instant::now();
    let answered = client.read(Reading::Resources).await;
    let requests = answered.traffic.requests;
    match answered.outcome {
        Ok(Batch::Resources(resources)) => {
            let what = format!(
                "{}, {}, {}{}",
                words::count(resources.nodes.len() as u64, "node"),
                words::count(resources.guests.len() as u64, "guest"),
                words::count(resources.storages.len() as u64, "storage"),
                simple::skipped(resources.skipped),
            );
            let step = if resources.guests.is_empty() {
                Step::new("rows", Verdict::Warning, &what)
                    .next("no guest at all: if there are some, the credential may not see them (VM.Audit)")
            } else if resources.skipped > 0 {
                Step::new("rows", Verdict::Warning, &what)
            } else {
                Step::new("rows", Verdict::Ok, &what)
            };
            steps.push(step.took(begun.elapsed()));
        }
        Ok(_) => {}
        Err(failure) => {
            steps.push(Step::failed("rows", &failure));
            return;
        }
    }
    steps.push(simple::budget(source, requests));
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::config::shape::System;

    fn settings() -> Proxmox {
        let toml =
            "[proxmox.golem]\nurl = \"https://golem:8006\"\ntoken = \"anne@pve!tui=c0ffee\"\n";
        let config = crate::config::parse(toml, std::path::Path::new("test.toml")).unwrap();
        match config.sources.into_iter().next().unwrap().system {
            System::Proxmox(settings) => settings,
            other => unreachable!("{other:?}"),
        }
    }

    fn judge(json: &str) -> Vec<(Verdict, String)> {
        let paths = serde_json::from_str(json).unwrap();
        let steps = judged(&paths, &settings());
        steps.into_iter().map(|s| (s.verdict, s.what)).collect()
    }

    #[test]
    fn a_role_that_only_looks_is_right() {
        let steps = judge(
            r#"{"/": {"VM.Audit": 1, "Sys.Audit": 0, "Datastore.Audit": 1, "Pool.Audit": 1}}"#,
        );
        assert_eq!(
            steps,
            [(
                Verdict::Ok,
                "VM.Audit, Sys.Audit, Datastore.Audit on /: all it needs".to_owned()
            )]
        );
    }

    #[test]
    fn a_separated_token_without_rights_fails() {
        let steps = judge("{}");
        assert_eq!(steps.first().unwrap().0, Verdict::Fails);
        assert!(steps.first().unwrap().1.contains("no right at all"));
    }

    #[test]
    fn too_little_and_too_much_are_both_said() {
        let steps =
            judge(r#"{"/vms/105": {"VM.Audit": 1, "VM.PowerMgmt": 1}, "/": {"Sys.Audit": 1}}"#);
        let verdicts: Vec<Verdict> = steps.iter().map(|(verdict, _)| *verdict).collect();
        assert_eq!(verdicts, [Verdict::Fails, Verdict::Note, Verdict::Warning]);
        assert!(steps.first().unwrap().1.contains("Datastore.Audit"));
        assert!(steps.last().unwrap().1.contains("VM.PowerMgmt"));
    }
}

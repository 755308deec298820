//! Redmine: whose key it is, whether that is an administrator, what its roles may, the rows.

use std::collections::BTreeSet;
use std::time::Instant;

use reqwest::header::HeaderName;
use serde_json::Value as Json;

use crate::config::shape::{Redmine, Source};
use crate::domain::failure::FailureKind;
use crate::domain::{Batch, Reading, Text};
use crate::source::http::{Answer, Http, Request};
use crate::source::secret::header_value;
use crate::source::{Client as _, redmine};
use crate::ui::words;

use super::step::{Step, Steps, Verdict};
use super::{reach, secret, simple};

const KEY: HeaderName = HeaderName::from_static("x-redmine-api-key");

/// Most roles that are asked for.
const ROLES: usize = 10;

/// The lines that make the account.
pub const ACCOUNT: &str = "Administration, Settings, API: enable the REST web service; then a user of its own, \
     a member of the projects with a role that has \"View issues\" only; its key is under My account";

/// Looks at a Redmine.
pub async fn examine(source: &Source, settings: &Redmine, steps: &Steps) {
    let what = format!("API key of {}", source.name);
    let Some(key) = secret::examine(&what, &settings.key, steps).await else {
        return;
    };
    if !reach::examine(&source.name, &settings.reach, steps).await {
        return steps.skip("login, rights, rows");
    }
    // The client knows best what an answer means, and asks whose key it is before anything else.
    let client = redmine::Client::new(&source.name, settings);
    let begun = Instant::now();
    let answered = client.read(Reading::Projects).await;
    let mut requests = answered.traffic.requests;
    let projects = match answered.outcome {
        Ok(Batch::Projects(projects)) => projects,
        Ok(_) => return,
        Err(failure) => {
            let step = Step::failed("login", &failure).took(begun.elapsed());
            let refused = matches!(
                failure.kind,
                FailureKind::Unauthorized { .. } | FailureKind::Forbidden { .. }
            );
            steps.push(if refused { step.also(ACCOUNT) } else { step });
            return steps.skip("rights, rows");
        }
    };
    let me = projects.me.as_ref().map_or("?", |me| me.name.as_str());
    steps
        .push(Step::new("login", Verdict::Ok, &format!("the key is {me}'s")).took(begun.elapsed()));
    steps.push(Step::new(
        "version",
        Verdict::Skipped,
        "Redmine does not tell its version",
    ));
    let http = Http::new(&source.name, &settings.reach);
    if let Ok(header) = header_value(key.expose().trim()) {
        let get = async |path: String| -> Option<Json> {
            let mut request = Request::get(path);
            request.headers.push((KEY, header.clone()));
            let answer: Answer = http.send(request).await.ok()?;
            (answer.status == 200).then_some(())?;
            serde_json::from_slice(&answer.body).ok()
        };
        if let Some(whole) = get("/users/current.json?include=memberships".to_owned()).await {
            let user = whole.get("user").unwrap_or(&Json::Null);
            let mut roles = Vec::new();
            for id in role_ids(user) {
                roles.extend(get(format!("/roles/{id}.json")).await);
            }
            steps.push(rights(user, &roles));
        }
    }
    let begun = Instant::now();
    let answered = client.read(Reading::Tickets).await;
    requests += answered.traffic.requests;
    match answered.outcome {
        Ok(Batch::Tickets(tickets)) => {
            let what = format!(
                "{}{}, {}{}",
                words::count(tickets.tickets.len() as u64, "ticket"),
                if tickets.more { " and more" } else { "" },
                words::count(projects.projects.len() as u64, "project"),
                simple::skipped(tickets.skipped),
            );
            let step = if tickets.tickets.is_empty() {
                Step::new("rows", Verdict::Warning, &what)
                    .next("no ticket at all: if there are some, the key's user is in no project that has them")
                    .also(ACCOUNT)
            } else {
                Step::new("rows", Verdict::Ok, &what)
            };
            steps.push(step.took(begun.elapsed()));
        }
        Ok(_) => {}
        Err(failure) => return steps.push(Step::failed("rows", &failure)),
    }
    steps.push(simple::budget(source, requests));
}

fn role_ids(user: &Json) -> BTreeSet<u64> {
    let memberships = user.get("memberships").and_then(Json::as_array);
    let ids = memberships
        .into_iter()
        .flatten()
        .filter_map(|m| m.get("roles")?.as_array())
        .flatten()
        .filter_map(|role| role.get("id")?.as_u64());
    ids.take(ROLES).collect()
}

/// Administrators may do everything; roles that change things are more than reading needs.
fn rights(user: &Json, roles: &[Json]) -> Step {
    if user.get("admin").and_then(Json::as_bool) == Some(true) {
        return Step::new(
            "too much",
            Verdict::Warning,
            "the key is an administrator's: whoever reads it may do everything",
        )
        .next(ACCOUNT);
    }
    let permissions: BTreeSet<&str> = roles
        .iter()
        .filter_map(|role| role.get("role")?.get("permissions")?.as_array())
        .flatten()
        .filter_map(Json::as_str)
        .collect();
    let changing: Vec<String> = permissions
        .iter()
        .filter(|p| {
            ["add_", "edit_", "delete_", "manage_", "set_"]
                .iter()
                .any(|verb| p.starts_with(verb))
        })
        .take(6)
        .map(|p| Text::clean(p).to_string())
        .collect();
    if changing.is_empty() {
        Step::new("rights", Verdict::Ok, "no administrator")
    } else {
        let what = format!(
            "its roles may also {}; vigie only reads",
            changing.join(", ")
        );
        Step::new("too much", Verdict::Note, &what).next(ACCOUNT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_administrators_key_is_too_much() {
        assert_eq!(
            rights(&json!({"admin": true}), &[]).verdict,
            Verdict::Warning
        );
        assert_eq!(rights(&json!({"admin": false}), &[]).verdict, Verdict::Ok);
        let role = json!({"role": {"permissions": ["view_issues", "edit_issues"]}});
        let step = rights(&json!({}), &[role]);
        assert_eq!(step.verdict, Verdict::Note);
        assert!(step.what.contains("edit_issues") && !step.what.contains("view_issues"));
    }

    #[test]
    fn each_role_is_asked_for_once() {
        let user = json!({"memberships": [
            {"roles": [{"id": 3}, {"id": 4}]}, {"roles": [{"id": 3}, {"name": "?"}]}, {}
        ]});
        assert_eq!(role_ids(&user), BTreeSet::from([3, 4]));
        assert!(role_ids(&json!(7)).is_empty());
    }
}

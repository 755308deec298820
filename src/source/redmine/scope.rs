//! Which projects are wanted, and the paths that ask for no others.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::sync::Mutex as AsyncMutex;

use crate::domain::failure::FailureKind;
use crate::domain::ticket::Project;
use crate::domain::{Failure, Moment, Text};

use super::access::Access;
use super::feed::PAGE;
use super::names::Names;
use super::{read, wire};

/// How long the numbers of the configured projects are believed.
const OLDEST: Duration = Duration::from_mins(10);

/// The configured projects, resolved when first needed.
#[derive(Debug)]
pub(super) struct Scope {
    identifiers: Vec<String>,
    resolved: AsyncMutex<Option<(Arc<Vec<Project>>, Moment)>>,
}

impl Scope {
    pub(super) fn new(identifiers: &[String]) -> Self {
        Self {
            identifiers: identifiers.to_vec(),
            resolved: AsyncMutex::new(None),
        }
    }

    /// Whether all projects are wanted.
    pub(super) fn is_everything(&self) -> bool {
        self.identifiers.is_empty()
    }

    /// The configured projects with their numbers; nothing when all are wanted.
    pub(super) async fn projects(
        &self,
        access: &Access,
        names: &Mutex<Names>,
    ) -> Result<Option<Arc<Vec<Project>>>, Failure> {
        if self.is_everything() {
            return Ok(None);
        }
        let mut resolved = self.resolved.lock().await;
        if let Some((projects, at)) = &*resolved
            && at.age(Moment::now()).is_some_and(|age| age < OLDEST)
        {
            return Ok(Some(Arc::clone(projects)));
        }
        let mut projects = Vec::with_capacity(self.identifiers.len());
        for identifier in &self.identifiers {
            projects.push(project(access, names, identifier).await?);
        }
        let projects = Arc::new(projects);
        *resolved = Some((Arc::clone(&projects), Moment::now()));
        Ok(Some(projects))
    }
}

async fn project(
    access: &Access,
    names: &Mutex<Names>,
    identifier: &str,
) -> Result<Project, Failure> {
    let path = format!("/projects/{}.json", encoded(identifier));
    let answer = access
        .get(path, &format!("view the project {identifier}"))
        .await
        .map_err(|failure| match failure.kind {
            FailureKind::Status { code: 404, .. } => unknown(identifier),
            _ => failure,
        })?;
    let one: wire::OneProject<'_> = answer.json()?;
    let mut names = names.lock().unwrap_or_else(PoisonError::into_inner);
    let project = read::project(&one.project, &mut names);
    if *project.identifier == *identifier || project.id.to_string() == identifier {
        Ok(project)
    } else {
        Err(unknown(identifier))
    }
}

fn unknown(identifier: &str) -> Failure {
    Failure::new(FailureKind::WrongPlace {
        detail: Text::clean(&format!(
            "this Redmine has no project {identifier:?} that the key may see; \
             `projects` wants identifiers as in the addresses of projects"
        )),
    })
}

/// A condition of a list: field, operator, values.
pub(super) type Condition = (&'static str, &'static str, Vec<String>);

/// The path of a page of issues, newest change first, closed ones included.
pub(super) fn issues(projects: Option<&[Project]>, since: Option<Moment>, offset: u64) -> String {
    let since = since.map(Moment::rfc3339);
    let Some(projects) = projects else {
        let mut path =
            format!("/issues.json?sort=updated_on:desc&limit={PAGE}&offset={offset}&status_id=*");
        if let Some(since) = since {
            path.push_str("&updated_on=");
            path.push_str(&encoded(&format!(">={since}")));
        }
        return path;
    };
    let ids: Vec<String> = projects.iter().map(|p| p.id.to_string()).collect();
    let mut conditions = vec![("status_id", "*", Vec::new()), ("project_id", "=", ids)];
    if let Some(since) = since {
        conditions.push(("updated_on", ">=", vec![since]));
    }
    list(&conditions, PAGE, offset)
}

/// The path of a page of issues that fulfil these conditions, newest change first.
///
/// Several projects can only be given in the long form (`f[]`, `op[]`, `v[][]`), and in that form the short
/// filters are ignored without a word.
pub(super) fn list(conditions: &[Condition], limit: u64, offset: u64) -> String {
    let mut path = format!("/issues.json?sort=updated_on:desc&limit={limit}&offset={offset}");
    for (field, operator, values) in conditions {
        let mut add = |key: &str, value: &str| {
            path.push('&');
            path.push_str(&encoded(key));
            path.push('=');
            path.push_str(&encoded(value));
        };
        add("f[]", field);
        add(&format!("op[{field}]"), operator);
        for value in values {
            add(&format!("v[{field}][]"), value);
        }
    }
    path
}

/// The path of a page of what a saved query finds; one of a project is only there in its project.
pub(super) fn query(id: u64, project: Option<&str>, offset: u64) -> String {
    let within = project.map_or_else(String::new, |name| format!("/projects/{}", encoded(name)));
    format!("{within}/issues.json?query_id={id}&sort=updated_on:desc&limit={PAGE}&offset={offset}")
}

/// Encoded for a path segment or a query value; puma refuses raw `>`, `|` and `[`.
fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

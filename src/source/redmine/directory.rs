//! Projects, members and their accounts, statuses, trackers and priorities: what changes rarely and is read rarely.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::value::RawValue;

use crate::domain::failure::FailureKind;
use crate::domain::ticket::{Account, Membership, Named, Project, Projects};
use crate::domain::{Failure, Moment};

use super::access::Access;
use super::feed::PAGE;
use super::names::Names;
use super::read;
use super::scope::Scope;
use super::wire::{self, row};

/// How long an answer is kept before it is read again.
const OLDEST: Duration = Duration::from_mins(10);
/// Most pages of projects, and of members of a project.
const PAGES: u64 = 10;
/// Most projects whose members are asked for in one reading; the next goes on.
const MEMBERS_AT_ONCE: usize = 25;

/// How long an account is believed, and how long one reading may ask for accounts: each costs a request, and a
/// slow server's members are worth more than their logins. The next reading goes on.
const OLDEST_ACCOUNT: Duration = Duration::from_mins(30);
const ACCOUNTS_TIME: Duration = Duration::from_secs(4);
/// Most accounts kept. A team has some dozen; a public tracker may have any number of members.
const MOST_ACCOUNTS: usize = 400;

/// What was read last.
#[derive(Debug, Default)]
pub(super) struct Directory {
    read: Option<Moment>,
    projects: Vec<Project>,
    statuses: Vec<(Named, bool)>,
    /// Members by project, with when they were read.
    members: HashMap<u64, (Option<Vec<Membership>>, Moment)>,
    /// Accounts of members by number, with when they were asked for; nothing where no account came.
    accounts: BTreeMap<u64, (Option<Account>, Moment)>,
    last: Option<Arc<Projects>>,
}

impl Directory {
    /// Reads what is due. The key is asked about each time, so that an answer from memory still proves that
    /// the server is there and takes the key.
    pub(super) async fn read(
        &mut self,
        access: &Access,
        scope: &Scope,
        names: &Mutex<Names>,
    ) -> Result<Arc<Projects>, Failure> {
        let me = access.me(Duration::ZERO).await?;
        if !is_recent(self.read) {
            let statuses = vocabulary(access, names).await?;
            self.projects = match scope.projects(access, names).await? {
                Some(projects) => projects.to_vec(),
                None => projects(access, names).await?,
            };
            self.statuses = statuses;
            self.read = Some(Moment::now());
        }
        let due: Vec<u64> = self
            .projects
            .iter()
            .map(|project| project.id)
            .filter(|id| !is_recent(self.members.get(id).map(|(_, at)| *at)))
            .take(MEMBERS_AT_ONCE)
            .collect();
        for id in due {
            let members = members(access, names, id).await?;
            self.members.insert(id, (members, Moment::now()));
        }
        self.read_accounts(access).await?;
        Ok(self.publish(me))
    }

    /// Asks for the accounts of members: lists of members tell names, and rosters go by logins.
    async fn read_accounts(&mut self, access: &Access) -> Result<(), Failure> {
        let here: HashSet<u64> = self.projects.iter().map(|project| project.id).collect();
        self.members.retain(|project, _| here.contains(project));
        let members: BTreeSet<u64> = self
            .members
            .values()
            .flat_map(|(members, _)| members.iter().flatten())
            .filter(|member| !member.group)
            .map(|member| member.who.id)
            .take(MOST_ACCOUNTS)
            .collect();
        self.accounts.retain(|id, _| members.contains(id));
        let due: Vec<u64> = members
            .into_iter()
            .filter(|id| !is_younger(self.accounts.get(id).map(|(_, at)| *at), OLDEST_ACCOUNT))
            .collect();
        let begun = Instant::now();
        for pair in due.chunks(2) {
            if begun.elapsed() > ACCOUNTS_TIME {
                break;
            }
            let asked = pair.iter().map(|id| account(access, *id));
            let answers = futures_util::future::join_all(asked).await;
            for (id, answer) in std::iter::zip(pair, answers) {
                self.accounts.insert(*id, (answer?, Moment::now()));
            }
        }
        Ok(())
    }

    /// The same value as before when nothing changed.
    fn publish(&mut self, me: Named) -> Arc<Projects> {
        let mut projects = self.projects.clone();
        for project in &mut projects {
            project.members = self
                .members
                .get(&project.id)
                .and_then(|(members, _)| members.clone());
        }
        let now = Projects {
            me: Some(me),
            projects,
            statuses: self.statuses.clone(),
            accounts: self
                .accounts
                .values()
                .filter_map(|(a, _)| a.clone())
                .collect(),
        };
        if let Some(last) = &self.last
            && **last == now
        {
            return Arc::clone(last);
        }
        let now = Arc::new(now);
        self.last = Some(Arc::clone(&now));
        now
    }
}

fn is_recent(at: Option<Moment>) -> bool {
    is_younger(at, OLDEST)
}

fn is_younger(at: Option<Moment>, oldest: Duration) -> bool {
    at.and_then(|at| at.age(Moment::now()))
        .is_some_and(|age| age < oldest)
}

/// `/users/N.json`. A member whom the server does not find is one who may not log in: locked, or not yet
/// activated. Only administrators are shown those; all others see every active member of the projects they see
/// (`Principal.visible`).
async fn account(access: &Access, id: u64) -> Result<Option<Account>, Failure> {
    let path = format!("/users/{id}.json?include=groups");
    match access.get(path, "view users").await {
        Ok(answer) => match answer.json::<wire::OneUser<'_>>() {
            Ok(one) if one.user.id == id => Ok(Some(read::account(&one.user))),
            Ok(_) => Ok(None),
            Err(failure) => absent(failure),
        },
        Err(Failure {
            kind: FailureKind::Status { code: 404, .. },
            ..
        }) => Ok(Some(Account {
            id,
            login: None,
            locked: Some(true),
            groups: Vec::new(),
        })),
        Err(failure) => absent(failure),
    }
}

/// `/projects.json`, all pages. Closed ones come only when asked for; the filter is unknown before 5.0 and
/// then ignored.
async fn projects(access: &Access, names: &Mutex<Names>) -> Result<Vec<Project>, Failure> {
    let mut projects: Vec<Project> = Vec::new();
    let mut offset = 0;
    for _ in 0..PAGES {
        let path = format!("/projects.json?status=1%7C5&limit={PAGE}&offset={offset}");
        let answer = access.get(path, "view projects").await?;
        let page: wire::Projects<'_> = answer.json()?;
        let mut names = names.lock().unwrap_or_else(PoisonError::into_inner);
        for raw in &page.projects {
            if let Some(project) = row(raw).map(|raw| read::project(&raw, &mut names))
                && projects.iter().all(|known| known.id != project.id)
            {
                projects.push(project);
            }
        }
        offset += page.projects.len() as u64;
        if page.projects.is_empty() || page.total_count.is_none_or(|total| offset >= total) {
            break;
        }
    }
    Ok(projects)
}

/// `/projects/N/memberships.json`, all pages; nothing when they may not be read. What is wrong with one
/// project's members does not take the others away.
async fn members(
    access: &Access,
    names: &Mutex<Names>,
    project: u64,
) -> Result<Option<Vec<Membership>>, Failure> {
    let mut members = Vec::new();
    let mut offset = 0;
    for _ in 0..PAGES {
        let path = format!("/projects/{project}/memberships.json?limit={PAGE}&offset={offset}");
        let answer = match access.get(path, "view members").await {
            Ok(answer) => answer,
            Err(failure) => return absent(failure),
        };
        let page: wire::Memberships<'_> = match answer.json() {
            Ok(page) => page,
            Err(failure) => return absent(failure),
        };
        let mut names = names.lock().unwrap_or_else(PoisonError::into_inner);
        members.extend(
            page.memberships
                .iter()
                .filter_map(|raw| row(raw))
                .filter_map(|raw| read::membership(&raw, &mut names)),
        );
        offset += page.memberships.len() as u64;
        if page.memberships.is_empty() || page.total_count.is_none_or(|total| offset >= total) {
            break;
        }
    }
    Ok(Some(members))
}

/// Nothing, when the server answered but not with what was wanted.
fn absent<T>(failure: Failure) -> Result<Option<T>, Failure> {
    match failure.kind {
        FailureKind::Forbidden { .. }
        | FailureKind::Status { .. }
        | FailureKind::Malformed { .. } => Ok(None),
        _ => Err(failure),
    }
}

/// Statuses in Redmine's order; on the way all names are learned that histories are told with.
pub(super) async fn vocabulary(
    access: &Access,
    names: &Mutex<Names>,
) -> Result<Vec<(Named, bool)>, Failure> {
    let statuses = statuses(access, names).await?;
    terms(access, names, "/trackers.json").await?;
    terms(access, names, "/enumerations/issue_priorities.json").await?;
    names.lock().unwrap_or_else(PoisonError::into_inner).listed = true;
    Ok(statuses)
}

/// `/issue_statuses.json`, in Redmine's order.
async fn statuses(access: &Access, names: &Mutex<Names>) -> Result<Vec<(Named, bool)>, Failure> {
    let answer = access
        .get("/issue_statuses.json".to_owned(), "view statuses")
        .await?;
    let sent: wire::Statuses<'_> = answer.json()?;
    let mut names = names.lock().unwrap_or_else(PoisonError::into_inner);
    let mut statuses = Vec::with_capacity(sent.issue_statuses.len());
    for status in rows(&sent.issue_statuses) {
        let closes = status.is_closed.unwrap_or(false);
        names.statuses.learn(status.id, status.name.as_ref());
        names.closing.insert(status.id, closes);
        statuses.push((read::named(&status), closes));
    }
    Ok(statuses)
}

/// Names of trackers or priorities: good to have for histories, never a reason to fail.
async fn terms(access: &Access, names: &Mutex<Names>, path: &'static str) -> Result<(), Failure> {
    let answer = match access.get(path.to_owned(), "view issues").await {
        Ok(answer) => answer,
        Err(failure) => return absent::<()>(failure).map(drop),
    };
    let Ok(sent) = answer.json::<wire::Terms<'_>>() else {
        return Ok(());
    };
    let mut names = names.lock().unwrap_or_else(PoisonError::into_inner);
    for term in rows(&sent.terms) {
        let kind = if path == "/trackers.json" {
            &mut names.trackers
        } else {
            &mut names.priorities
        };
        kind.learn(term.id, term.name.as_ref());
    }
    Ok(())
}

fn rows<'a>(sent: &[&'a RawValue]) -> impl Iterator<Item = wire::Ref<'a>> {
    sent.iter().filter_map(|raw| row(raw))
}

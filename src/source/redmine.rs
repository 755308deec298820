//! Redmine 3.4 to 7, through its REST API with a key.
//!
//! Tickets come newest change first and then by change only (`feed`); projects, members and statuses rarely
//! (`directory`); what happened to those that changed (`changes`); what only the server can tell of the configured
//! sections (`sections`); a ticket's whole history on demand. What the server does with filters it does not know is
//! to ignore them, so every row is checked again here.

mod access;
mod changes;
mod directory;
mod feed;
mod names;
mod read;
mod scope;
mod sections;
mod wire;

#[cfg(test)]
mod feed_tests;
#[cfg(test)]
mod loopback_tests;
#[cfg(test)]
mod read_tests;
#[cfg(test)]
mod recorded_tests;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, Notify};
use url::Url;

use crate::config::shape;
use crate::domain::failure::FailureKind;
use crate::domain::section::{Section, Sections};
use crate::domain::ticket::{Changes, Markup, Project, TicketDetail, Tickets};
use crate::domain::{Batch, Failure, Moment, Reading, Text};

use super::Answered;
use access::Access;
use changes::Logs;
use directory::Directory;
use feed::{Feed, Page};
use names::Names;
use scope::Scope;

/// How long a confirmed key is believed before it is asked about again: as long may public data be taken
/// for all data after a key was withdrawn.
const PROBE_EVERY: Duration = Duration::from_mins(2);
/// Most pages of changes in one reading; more and everything is walked anew.
const CHANGE_PAGES: u64 = 5;
/// Most pages by which one reading goes on with the first walk; twice what the tickets kept should need.
const FILL_PAGES: u64 = 10;

/// A client of one Redmine.
#[derive(Debug)]
pub struct Client {
    access: Access,
    scope: Scope,
    feed: AsyncMutex<Feed>,
    directory: AsyncMutex<Directory>,
    /// Held for moments only, never while waiting.
    names: Mutex<Names>,
    /// Held for moments only.
    logs: Mutex<Logs>,
    /// The tickets as last read.
    listed: Mutex<Option<Arc<Tickets>>>,
    /// Why the last listing failed.
    failed: Mutex<Option<Failure>>,
    /// Rings when logs are to be read.
    due: Arc<Notify>,
    sections: Vec<Section>,
    markup: Markup,
}

impl super::Client for Client {
    async fn read(&self, reading: Reading) -> Answered {
        let outcome = match reading {
            Reading::Tickets => {
                let outcome = self.tickets().await;
                self.note_listed(&outcome);
                outcome.map(Batch::Tickets)
            }
            Reading::Changes => self.happenings().await.map(Batch::Changes),
            Reading::Sections => self.sections().await.map(Batch::Sections),
            Reading::Projects => {
                let mut directory = self.directory.lock().await;
                directory
                    .read(&self.access, &self.scope, &self.names)
                    .await
                    .map(Batch::Projects)
            }
            other => Err(Failure::new(FailureKind::Bug {
                detail: Text::clean(&format!("Redmine was asked for {}", other.name())),
            })),
        };
        Answered {
            outcome,
            traffic: self.access.take_traffic(),
        }
    }

    fn bell(&self, reading: Reading) -> Arc<Notify> {
        if reading == Reading::Changes {
            Arc::clone(&self.due)
        } else {
            Arc::default()
        }
    }
}

impl Client {
    /// A client of the source called `name`. Does no I/O; the key is fetched by the first request.
    pub fn new(name: &str, redmine: &shape::Redmine) -> Self {
        Self {
            access: Access::new(name, &redmine.reach, &redmine.key),
            scope: Scope::new(&redmine.projects),
            feed: AsyncMutex::default(),
            directory: AsyncMutex::default(),
            names: Mutex::default(),
            logs: Mutex::default(),
            listed: Mutex::default(),
            failed: Mutex::default(),
            due: Arc::default(),
            sections: redmine.sections.clone(),
            markup: redmine.markup,
        }
    }

    /// A ticket with its description and history
    /// (`/issues/N.json?include=journals,attachments,relations,children`): the newest 200 journals, oldest first,
    /// numbers replaced by names where lists have told them.
    pub async fn detail(&self, id: u64) -> Result<TicketDetail, Failure> {
        self.access.me(PROBE_EVERY).await?;
        self.vocabulary().await?;
        let path = format!("/issues/{id}.json?include=journals,attachments,relations,children");
        let answer = self.access.get(path, &format!("view issue #{id}")).await?;
        let one: wire::OneIssue<'_> = answer.json()?;
        if one.issue.id != id {
            return Err(Failure::new(FailureKind::Malformed {
                detail: Text::clean(&format!("issue #{} came instead of #{id}", one.issue.id)),
            })
            .during(&answer.asked));
        }
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(TicketDetail {
            markup: self.markup,
            ..read::detail(&one.issue, &mut names)
        })
    }

    /// Learns the names that histories are told with, once.
    async fn vocabulary(&self) -> Result<(), Failure> {
        let known = |names: &Names| names.listed;
        if !known(&self.names.lock().unwrap_or_else(PoisonError::into_inner)) {
            directory::vocabulary(&self.access, &self.names).await?;
        }
        Ok(())
    }

    /// Takes note of what was listed, and rings for the logs that are to be read.
    fn note_listed(&self, outcome: &Result<Arc<Tickets>, Failure>) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        *failed = outcome.as_ref().err().cloned();
        let Ok(tickets) = outcome else { return };
        let logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        if !logs.due(tickets).is_empty() {
            self.due.notify_one();
        }
        *self.listed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(tickets));
    }

    /// Why the tickets cannot be listed: then nothing that rests on them can be vouched for.
    fn stands(&self) -> Result<(), Failure> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.clone().map_or(Ok(()), Err)
    }

    fn listed(&self) -> Option<Arc<Tickets>> {
        let listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        listed.clone()
    }

    /// The logs of the tickets that changed last. Only those that changed since are asked for, two at a time.
    async fn happenings(&self) -> Result<Arc<Changes>, Failure> {
        self.stands()?;
        let me = self.access.me(PROBE_EVERY).await?;
        let Some(tickets) = self.listed() else {
            return Ok(Arc::default());
        };
        self.vocabulary().await?;
        let newest = tickets.tickets.first().and_then(|ticket| ticket.updated);
        let due = {
            let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
            logs.belong_to(me.id);
            logs.due(&tickets)
        };
        for pair in due
            .get(..due.len().min(changes::AT_ONCE))
            .unwrap_or_default()
            .chunks(2)
        {
            match pair {
                [one, other] => {
                    let read = tokio::join!(self.log(*one, newest), self.log(*other, newest));
                    read.0.and(read.1)?;
                }
                _ => {
                    for id in pair {
                        self.log(*id, newest).await?;
                    }
                }
            }
        }
        if due.len() > changes::AT_ONCE {
            self.due.notify_one();
        }
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(logs.changes(&tickets, &names))
    }

    /// Reads the log of a ticket. One that is refused, gone, too large or makes no sense costs only itself.
    async fn log(&self, id: u64, newest: Option<Moment>) -> Result<(), Failure> {
        let path = format!("/issues/{id}.json?include=journals");
        let answer = match self.access.get(path, &format!("view issue #{id}")).await {
            Ok(answer) => Some(answer),
            Err(failure) => match failure.kind {
                // A history of megabytes takes its server longer than anybody waits.
                FailureKind::TimedOut { .. } => {
                    let at = self.updated(id);
                    let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
                    logs.missed(id, at);
                    return Ok(());
                }
                FailureKind::Forbidden { .. }
                | FailureKind::TooLarge { .. }
                | FailureKind::Malformed { .. }
                | FailureKind::Status { .. } => None,
                _ => return Err(failure),
            },
        };
        let issue = (answer.as_ref())
            .and_then(|answer| answer.json::<wire::OneIssue<'_>>().ok())
            .filter(|one| one.issue.id == id);
        let (at, entries) = match issue {
            Some(one) => {
                let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
                let ticket = read::ticket(&one.issue, &mut names);
                let entries = read::log::entries(&one.issue, &mut names);
                (ticket.updated, Some(entries))
            }
            None => (self.updated(id), None),
        };
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        logs.take(id, at, entries, newest);
        Ok(())
    }

    /// The last change of a ticket as last listed.
    fn updated(&self, id: u64) -> Option<Moment> {
        let tickets = self.listed();
        let known = tickets.iter().flat_map(|t| &t.tickets).find(|t| t.id == id);
        known.and_then(|ticket| ticket.updated)
    }

    /// What the server tells of the sections that cannot be made of the tickets kept.
    async fn sections(&self) -> Result<Arc<Sections>, Failure> {
        self.stands()?;
        let me = self.access.me(PROBE_EVERY).await?;
        let beyond = self.listed().is_none_or(|tickets| tickets.more);
        let asked: Vec<&Section> = (self.sections.iter())
            .filter(|section| sections::is_asked(section, beyond))
            .collect();
        if asked.is_empty() {
            return Ok(Arc::default());
        }
        // Names and identifiers first: what is not known to exist is not asked for.
        let known = {
            let mut directory = self.directory.lock().await;
            directory
                .read(&self.access, &self.scope, &self.names)
                .await?
        };
        let scope = self.scope.projects(&self.access, &self.names).await?;
        let asking = sections::Asking {
            access: &self.access,
            names: &self.names,
            scope: scope.as_ref().map(|projects| projects.as_slice()),
            projects: &known.projects,
            me: me.id,
            now: Moment::now(),
        };
        let mut answers = Vec::with_capacity(asked.len());
        for section in asked {
            answers.push(asking.about(section).await?);
        }
        Ok(Arc::new(Sections { answers }))
    }

    async fn tickets(&self) -> Result<Arc<Tickets>, Failure> {
        let mut feed = self.feed.lock().await;
        let projects = if self.scope.is_everything() {
            None
        } else {
            // Before the first page: nothing is asked for by number with a key that is not known to be good.
            self.access.me(PROBE_EVERY).await?;
            self.scope.projects(&self.access, &self.names).await?
        };
        let projects = projects.as_ref().map(|projects| projects.as_slice());

        let Some(since) = feed.since() else {
            let offset = feed.next_page(Moment::now()).unwrap_or(0);
            let (me, page) = tokio::join!(
                self.access.me(PROBE_EVERY),
                self.page(projects, None, offset)
            );
            feed.belong_to(me?.id);
            feed.take_page(page?, Moment::now());
            return Ok(feed.tickets());
        };
        if self.changes(&mut feed, projects, since).await? {
            // The newest ticket is gone: deleted, moved out of sight, or the key is no longer taken.
            self.access.me(Duration::ZERO).await?;
            feed.walk_now();
        }
        // The first walk ends in this reading; later ones take a page at a time.
        let pages = if feed.is_complete() { 1 } else { FILL_PAGES };
        for _ in 0..pages {
            let Some(offset) = feed.next_page(Moment::now()) else {
                break;
            };
            let page = self.page(projects, None, offset).await?;
            if !feed.take_page(page, Moment::now()) {
                break;
            }
        }
        Ok(feed.tickets())
    }

    /// Reads what changed since then; whether something is missing that must be there.
    async fn changes(
        &self,
        feed: &mut Feed,
        projects: Option<&[Project]>,
        since: Moment,
    ) -> Result<bool, Failure> {
        let (me, page) = tokio::join!(
            self.access.me(PROBE_EVERY),
            self.page(projects, Some(since), 0)
        );
        if feed.belong_to(me?.id) {
            return Ok(false);
        }
        let mut changed = page?;
        for _ in 1..CHANGE_PAGES {
            // A filter that was ignored gives older rows too: those are not changes.
            let older = changed
                .tickets
                .last()
                .is_some_and(|last| last.updated < Some(since));
            if older || !changed.has_next(0) {
                break;
            }
            let next = self.page(projects, Some(since), changed.rows).await?;
            changed.append(next);
        }
        let whole = !changed.has_next(0);
        if !whole {
            feed.walk_now();
        }
        Ok(feed.take_changes(changed, whole))
    }

    /// A page of issues, without those of projects that were not asked for.
    async fn page(
        &self,
        projects: Option<&[Project]>,
        since: Option<Moment>,
        offset: u64,
    ) -> Result<Page, Failure> {
        let path = scope::issues(projects, since, offset);
        let answer = self.access.get(path, "view issues").await?;
        let sent: wire::Issues<'_> = answer.json()?;
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(read::page(&sent, projects, &mut names))
    }
}

/// The address of a ticket for people: `https://redmine.example.org/issues/42`.
pub fn link(base: &Url, id: u64) -> Url {
    let mut link = base.clone();
    // An address without a host has no credentials to remove.
    let _ = link.set_username("");
    let _ = link.set_password(None);
    link.set_query(None);
    link.set_fragment(None);
    if let Ok(mut segments) = link.path_segments_mut() {
        segments.pop_if_empty().extend(["issues", &id.to_string()]);
    }
    link
}

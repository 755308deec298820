//! Redmine 3.4 to 7, through its REST API with a key.
//!
//! Tickets come newest change first and then by change only (`feed`); projects, members and statuses rarely
//! (`directory`); a ticket's history on demand. What the server does with filters it does not know is to
//! ignore them, so every row is checked again here.

mod access;
mod directory;
mod feed;
mod names;
mod read;
mod scope;
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

use tokio::sync::Mutex as AsyncMutex;
use url::Url;

use crate::config::shape;
use crate::domain::failure::FailureKind;
use crate::domain::ticket::{Project, TicketDetail, Tickets};
use crate::domain::{Batch, Failure, Moment, Reading, Text};

use super::Answered;
use access::Access;
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
}

impl super::Client for Client {
    async fn read(&self, reading: Reading) -> Answered {
        let outcome = match reading {
            Reading::Tickets => self.tickets().await.map(Batch::Tickets),
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
        }
    }

    /// A ticket with its description and history (`/issues/N.json?include=journals,attachments`): the newest
    /// 200 journals, oldest first, numbers replaced by names where lists have told them.
    pub async fn detail(&self, id: u64) -> Result<TicketDetail, Failure> {
        self.access.me(PROBE_EVERY).await?;
        let path = format!("/issues/{id}.json?include=journals,attachments");
        let answer = self.access.get(path, &format!("view issue #{id}")).await?;
        let one: wire::OneIssue<'_> = answer.json()?;
        if one.issue.id != id {
            return Err(Failure::new(FailureKind::Malformed {
                detail: Text::clean(&format!("issue #{} came instead of #{id}", one.issue.id)),
            })
            .during(&answer.asked));
        }
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(read::detail(&one.issue, &mut names))
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

//! What only the server can tell of the sections: saved queries, what is watched, whose groups are whose, and what
//! is older than the tickets kept here.
//!
//! Redmine ignores conditions that it does not know, or that the key may not use, and then answers with everything.
//! So each row is checked against the same [`Section`], and what was ignored is said.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::failure::FailureKind;
use crate::domain::person::Date;
use crate::domain::section::{Answer, Assignee, Doubt, Filter, Section, Statuses, View, since};
use crate::domain::ticket::{Project, Ticket};
use crate::domain::{Failure, Moment, Text};

use super::access::Access;
use super::feed::Page;
use super::names::{Names, Terms};
use super::scope::{self, Condition};
use super::{read, wire};

/// Most pages of a section.
const PAGES: u64 = 2;

/// What a section is asked and checked with.
pub(super) struct Asking<'a> {
    pub(super) access: &'a Access,
    pub(super) names: &'a Mutex<Names>,
    /// Projects that the source is limited to.
    pub(super) scope: Option<&'a [Project]>,
    /// All projects known, for identifiers.
    pub(super) projects: &'a [Project],
    pub(super) me: u64,
    pub(super) now: Moment,
}

/// Whether the server has to be asked at all. `beyond`: it has tickets that are not kept here.
pub(super) fn is_asked(section: &Section, beyond: bool) -> bool {
    beyond || section.is_told() || section.assignee == Some(Assignee::Me)
}

impl Asking<'_> {
    /// Asks about a section. What goes wrong with one does not take the others away, but for what
    /// would go wrong with all of them.
    pub(super) async fn about(&self, section: &Section) -> Result<Answer, Failure> {
        let mut answer = Answer {
            section: Text::clean(&section.name),
            tickets: Vec::new(),
            more: false,
            doubts: Vec::new(),
        };
        let conditions = match self.conditions(section) {
            Ok(conditions) => conditions,
            Err(doubt) => {
                answer.doubts.push(doubt);
                return Ok(answer);
            }
        };
        let page = match self.pages(section, &conditions).await {
            Ok(page) => page,
            Err(failure) => {
                answer.doubts.push(lost(section, failure)?);
                return Ok(answer);
            }
        };
        if section.watched && section.query.is_none() && page.total != Some(0) {
            match self.ignores_watched(&conditions, page.total).await {
                Ok(false) => {}
                Ok(true) => {
                    answer.doubts.push(Doubt::Unchecked(Filter::Watched));
                    return Ok(answer);
                }
                Err(failure) => {
                    answer.doubts.push(lost(section, failure)?);
                    return Ok(answer);
                }
            }
        }
        answer.more = page.has_next(0);
        let mut ignored: BTreeMap<Filter, u32> = BTreeMap::new();
        for ticket in page.tickets {
            match self.misfit(section, &ticket) {
                None => answer.tickets.push(Arc::new(ticket)),
                // The day of the key's user may be another than ours.
                Some(Filter::Overdue) if ticket.due.is_some_and(|due| due <= self.tomorrow()) => {}
                Some(filter) => *ignored.entry(filter).or_default() += 1,
            }
        }
        // A saved query says what it wants; what is asked beyond it is checked here and was never sent.
        if section.query.is_none() {
            let ignored = ignored.into_iter();
            (answer.doubts).extend(ignored.map(|(filter, rows)| Doubt::Ignored(filter, rows)));
        }
        Ok(answer)
    }

    fn misfit(&self, section: &Section, ticket: &Ticket) -> Option<Filter> {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        // "me" covers my groups, and nothing tells which those are: whoever is not known to be a person may be one.
        let group: Vec<u64> = (ticket.assignee.iter())
            .map(|who| who.id)
            .filter(|id| !names.persons.contains(id))
            .collect();
        let view = View {
            me: Some(self.me),
            groups: &group,
            projects: self.projects,
            today: self.today(),
            now: self.now,
        };
        section.misfit(ticket, ticket.closed == Some(true), &view)
    }

    fn today(&self) -> Date {
        let zone = jiff::tz::TimeZone::UTC;
        self.now.timestamp().to_zoned(zone).date()
    }

    fn tomorrow(&self) -> Date {
        self.today().tomorrow().unwrap_or(Date::MAX)
    }

    async fn pages(&self, section: &Section, conditions: &[Condition]) -> Result<Page, Failure> {
        let mut all = Page::default();
        for number in 0..PAGES {
            let path = match section.query {
                Some(id) => scope::query(id, section.projects.first().map(|p| &**p), all.rows),
                None => scope::list(conditions, super::feed::PAGE, all.rows),
            };
            let page = self.page(path).await?;
            if number == 0 {
                all = page;
            } else {
                all.append(page);
            }
            if !all.has_next(0) {
                break;
            }
        }
        Ok(all)
    }

    async fn page(&self, path: String) -> Result<Page, Failure> {
        let answer = self.access.get(path, "view issues").await?;
        let sent: wire::Issues<'_> = answer.json()?;
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(read::page(&sent, self.scope, &mut names))
    }

    /// Whether `watcher_id` was ignored: rows do not tell who watches them, but what is watched and what is not
    /// cannot both be everything.
    async fn ignores_watched(
        &self,
        conditions: &[Condition],
        watched: Option<u64>,
    ) -> Result<bool, Failure> {
        let is = |condition: &&Condition| condition.0 == "watcher_id";
        let others: Vec<Condition> = (conditions.iter())
            .map(|condition| match condition {
                ("watcher_id", _, values) => ("watcher_id", "!", values.clone()),
                other => other.clone(),
            })
            .collect();
        let all: Vec<Condition> = (conditions.iter())
            .filter(|condition| !is(condition))
            .cloned()
            .collect();
        let not_watched = self.page(scope::list(&others, 1, 0)).await?.total;
        if not_watched != watched {
            return Ok(false);
        }
        Ok(self.page(scope::list(&all, 1, 0)).await?.total == watched)
    }

    /// What the server is asked; a name that it does not have is a doubt, for it would ignore the condition.
    fn conditions(&self, section: &Section) -> Result<Vec<Condition>, Doubt> {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let numbers = |filter: Filter, wanted: &[String], terms: &Terms| {
            let number = |name: &String| {
                let found = terms.number(name).map(|number| number.to_string());
                found.ok_or_else(|| Doubt::NoSuch(filter, Text::clean(name)))
            };
            wanted.iter().map(number).collect::<Result<Vec<_>, _>>()
        };
        let mut conditions: Vec<Condition> = vec![match &section.status {
            Statuses::Open => ("status_id", "o", Vec::new()),
            Statuses::Closed => ("status_id", "c", Vec::new()),
            Statuses::Any => ("status_id", "*", Vec::new()),
            Statuses::Named(wanted) => {
                let wanted = numbers(Filter::Status, wanted, &names.statuses)?;
                ("status_id", "=", wanted)
            }
        }];
        if !section.projects.is_empty() {
            conditions.push(("project_id", "=", self.projects(&section.projects)?));
        } else if let Some(scope) = self.scope {
            let ids = scope.iter().map(|p| p.id.to_string()).collect();
            conditions.push(("project_id", "=", ids));
        }
        if !section.trackers.is_empty() {
            let wanted = numbers(Filter::Tracker, &section.trackers, &names.trackers)?;
            conditions.push(("tracker_id", "=", wanted));
        }
        if !section.priorities.is_empty() {
            let wanted = numbers(Filter::Priority, &section.priorities, &names.priorities)?;
            conditions.push(("priority_id", "=", wanted));
        }
        match &section.assignee {
            None => {}
            Some(Assignee::Me) => {
                conditions.push(("assigned_to_id", "=", vec!["me".to_owned()]));
            }
            Some(Assignee::Nobody) => conditions.push(("assigned_to_id", "!*", Vec::new())),
            Some(Assignee::Named(name)) => {
                let wanted = std::slice::from_ref(name);
                let wanted = numbers(Filter::Assignee, wanted, &names.people)?;
                conditions.push(("assigned_to_id", "=", wanted));
            }
        }
        if section.watched {
            conditions.push(("watcher_id", "=", vec!["me".to_owned()]));
        }
        if section.overdue {
            // At least one day ago, in the days of the key's user.
            conditions.push(("due_date", "<t-", vec!["1".to_owned()]));
        }
        if let Some(days) = section.untouched {
            let at = since(self.now, days).rfc3339();
            conditions.push(("updated_on", "<=", vec![at]));
        }
        Ok(conditions)
    }

    fn projects(&self, wanted: &[String]) -> Result<Vec<String>, Doubt> {
        let number = |name: &String| {
            let same = |known: &str| crate::domain::section::same(known, name);
            let found = (self.projects.iter())
                .find(|p| same(&p.identifier) || same(&p.name) || p.id.to_string() == *name);
            let found = found.map(|project| project.id.to_string());
            found.ok_or_else(|| Doubt::NoSuch(Filter::Project, Text::clean(name)))
        };
        wanted.iter().map(number).collect()
    }
}

/// What a failure says of one section, unless it says it of all.
fn lost(section: &Section, failure: Failure) -> Result<Doubt, Failure> {
    match (&failure.kind, section.query) {
        (FailureKind::Status { code: 404, .. } | FailureKind::Forbidden { .. }, Some(id)) => {
            Ok(Doubt::NoSuch(Filter::Query, Text::clean(&id.to_string())))
        }
        (
            FailureKind::Forbidden { .. }
            | FailureKind::Status { .. }
            | FailureKind::Malformed { .. }
            | FailureKind::TooLarge { .. },
            _,
        ) => Ok(Doubt::Failed(Box::new(failure))),
        _ => Err(failure),
    }
}

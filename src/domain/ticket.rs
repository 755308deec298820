//! Tickets: Redmine issues, projects and members.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Moment, Prose, Text};

/// A Redmine issue as lists show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    /// Number.
    pub id: u64,
    /// Project.
    pub project: Named,
    /// Tracker.
    pub tracker: Option<Named>,
    /// Status.
    pub status: Named,
    /// Whether the status closes it; `None` when the server did not tell (before 5.0).
    pub closed: Option<bool>,
    /// Priority.
    pub priority: Option<Named>,
    /// Author.
    pub author: Option<Named>,
    /// Who it is assigned to: a person or a group.
    pub assignee: Option<Named>,
    /// Subject.
    pub subject: Text,
    /// Due day.
    pub due: Option<super::person::Date>,
    /// Percent done, 0 to 100.
    pub done: Option<u8>,
    /// Not for everyone.
    pub private: bool,
    /// Created.
    pub created: Option<Moment>,
    /// Last change.
    pub updated: Option<Moment>,
    /// Custom fields with a value.
    pub fields: Vec<(Text, Text)>,
}

/// A thing of Redmine with its number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Named {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: Text,
}

/// Tickets in one answer, newest change first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tickets {
    /// Issues, newest change first.
    pub tickets: Vec<Arc<Ticket>>,
    /// Whether older ones exist that were not read.
    pub more: bool,
    /// Rows that made no sense and were left out.
    pub skipped: u32,
}

/// What Redmine tells beside issues.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Projects {
    /// Who the key belongs to.
    pub me: Option<Named>,
    /// Projects.
    pub projects: Vec<Project>,
    /// Statuses in Redmine's order, with whether they close.
    pub statuses: Vec<(Named, bool)>,
    /// Accounts of the people who are members somewhere, by number; those not asked for yet are missing.
    #[serde(default)]
    pub accounts: Vec<Account>,
}

/// The account of a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its number.
    pub id: u64,
    /// Login. A locked account tells its own to administrators only.
    pub login: Option<Text>,
    /// It may not log in (locked, or not yet activated); `None` when the server did not tell.
    pub locked: Option<bool>,
    /// Groups of Redmine; told to administrators only.
    pub groups: Vec<Text>,
}

/// A Redmine project with its members.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Project {
    /// Number.
    pub id: u64,
    /// Identifier in URLs.
    pub identifier: Text,
    /// Name.
    pub name: Text,
    /// Members: people and groups with their roles. `None` when they may not be read.
    pub members: Option<Vec<Membership>>,
}

/// A member of a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Membership {
    /// Person or group.
    pub who: Named,
    /// It is a group.
    pub group: bool,
    /// Roles.
    pub roles: Vec<Text>,
    /// All roles come from a group.
    #[serde(default)]
    pub inherited: bool,
}

/// A ticket with its description and history (`/issues/N.json?include=journals`).
#[derive(Debug, Clone, PartialEq)]
pub struct TicketDetail {
    /// The ticket as it was when the detail was read.
    pub ticket: Ticket,
    /// Description.
    pub description: Prose,
    /// Journals, oldest first.
    pub journals: Vec<Journal>,
    /// Attachments: name, bytes, link.
    pub attachments: Vec<(Text, super::Bytes)>,
    /// Journals beyond the cap that are not shown.
    pub left_out: u32,
}

/// An entry in a ticket's history.
#[derive(Debug, Clone, PartialEq)]
pub struct Journal {
    /// Number.
    pub id: u64,
    /// Who.
    pub author: Option<Named>,
    /// When.
    pub at: Option<Moment>,
    /// Note, if any.
    pub note: Option<Prose>,
    /// Only for those who may see private notes.
    pub private: bool,
    /// Changed fields: name, old, new, as words where known.
    pub changes: Vec<Change>,
}

/// A changed field.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Field.
    pub field: Text,
    /// Old value.
    pub old: Option<Text>,
    /// New value.
    pub new: Option<Text>,
}

//! Tickets: Redmine issues, projects and members.

use std::collections::BTreeSet;
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
    /// The ticket it is a part of.
    #[serde(default)]
    pub parent: Option<u64>,
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
    /// The project it is a part of.
    #[serde(default)]
    pub parent: Option<u64>,
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

/// What happened to tickets lately (`/issues/N.json?include=journals` of those that changed).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    /// A log for each of the tickets that changed last.
    pub logs: Vec<Arc<Log>>,
    /// Tickets whose log is still to be read.
    pub waiting: u32,
}

/// What happened to a ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Log {
    /// The ticket's number.
    pub ticket: u64,
    /// The ticket's last change when this was read.
    pub at: Option<Moment>,
    /// The newest entries, oldest first.
    pub entries: Vec<Entry>,
    /// The server did not let it be read, or it made no sense.
    pub unreadable: bool,
}

/// An entry of a log: a [`Journal`] in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The journal's number.
    pub id: u64,
    /// Who.
    pub author: Option<Named>,
    /// When.
    pub at: Option<Moment>,
    /// How the note begins, on one line, without marks of emphasis.
    pub note: Option<Text>,
    /// Only for those who may see private notes.
    pub private: bool,
    /// Changed fields.
    pub changes: Vec<Change>,
}

/// What somebody has read of what happened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// Everything up to here is read.
    pub until: Option<Moment>,
    /// What is read beyond it: ticket and journal, 0 for the opening.
    pub read: BTreeSet<(u64, u64)>,
}

impl Marks {
    /// What either has read.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.until = self.until.max(other.until);
        self.read.extend(other.read);
        self
    }
}

/// A ticket with its description and history (`/issues/N.json?include=journals`).
#[derive(Debug, Clone, PartialEq)]
pub struct TicketDetail {
    /// The ticket as it was when the detail was read.
    pub ticket: Ticket,
    /// Markup of description and notes.
    pub markup: Markup,
    /// Description.
    pub description: Prose,
    /// Journals, oldest first.
    pub journals: Vec<Journal>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// Tickets it has to do with.
    pub relations: Vec<Relation>,
    /// Its parts, each before its own parts.
    pub children: Vec<Child>,
    /// Category.
    pub category: Option<Text>,
    /// Version in which it is to be done.
    pub version: Option<Text>,
    /// First day of work.
    pub start: Option<super::person::Date>,
    /// Hours that it should take, its parts included.
    pub estimated: Option<f64>,
    /// Hours spent, its parts included; `None` when the key may not see them.
    pub spent: Option<f64>,
    /// Journals beyond the cap that are not shown.
    pub left_out: u32,
}

/// Markup of Redmine's texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Markup {
    /// Textile, the default up to 5.0.
    Textile,
    /// CommonMark, the default of new installations from 5.1.
    Markdown,
}

/// A file of a ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct Attachment {
    /// Number.
    pub id: u64,
    /// Name.
    pub name: Text,
    /// Size.
    pub size: super::Bytes,
    /// What was said of it.
    pub about: Option<Text>,
}

/// A ticket that another one has to do with.
#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    /// How the ticket stands to the other one.
    pub kind: RelationKind,
    /// The other one's number.
    pub other: u64,
}

/// How a ticket stands to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RelationKind {
    /// Has to do with it.
    Relates,
    /// Says the same.
    Duplicates,
    /// The other one says the same.
    DuplicatedBy,
    /// Must be done before the other can be closed.
    Blocks,
    /// Cannot be closed before the other.
    BlockedBy,
    /// Comes before.
    Precedes,
    /// Comes after.
    Follows,
    /// Was copied to the other.
    CopiedTo,
    /// Was copied from the other.
    CopiedFrom,
    /// Another kind, in the server's word.
    Other(Text),
}

/// A part of a ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct Child {
    /// Number.
    pub id: u64,
    /// Subject.
    pub subject: Text,
    /// How deep below the ticket: 0 for its own parts.
    pub depth: u16,
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Field.
    pub field: Text,
    /// Old value.
    pub old: Option<Text>,
    /// New value.
    pub new: Option<Text>,
}

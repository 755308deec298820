//! The team.

use serde::{Deserialize, Serialize};

use super::{Moment, Text};

/// A member of the team, from the roster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// Login, the same in Redmine and in the roster.
    pub login: Text,
    /// Full name.
    pub name: Text,
    /// Groups the person is in, with the role in each, in the order of the roster.
    pub roles: Vec<Role>,
    /// Contacts in the order in which they should be tried.
    pub contacts: Vec<Contact>,
    /// IANA time zone (`Europe/Paris`), checked.
    pub zone: Option<Text>,
    /// Languages spoken.
    pub languages: Vec<Text>,
    /// Periods of absence, first and last day inclusive, as `2026-11-01`.
    pub away: Vec<(Date, Date)>,
    /// Hosts, guests and services this person owns, by name.
    pub owns: Vec<Text>,
}

/// A calendar day.
pub type Date = jiff::civil::Date;

/// A person's place in a group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// Group.
    pub group: Text,
    /// `coordinator`, `leader`, `member`, …
    pub title: Text,
    /// Elected on.
    pub elected: Option<Date>,
    /// Term ends on.
    pub until: Option<Date>,
}

/// A way to reach somebody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// `phone`, `matrix`, `mail`, …
    pub kind: Text,
    /// Number or address.
    pub value: Text,
}

/// A group of the team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Short name used in the roster.
    pub id: Text,
    /// Name to show.
    pub name: Text,
    /// Fewest members by its own rule.
    pub at_least: Option<u32>,
    /// Most members by its own rule.
    pub at_most: Option<u32>,
}

/// Who is on call when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shift {
    /// Group that provides it.
    pub group: Text,
    /// Login of who is on call.
    pub login: Text,
    /// From.
    pub from: Moment,
    /// Until.
    pub until: Moment,
}

/// The roster file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Roster {
    /// Groups in the file's order.
    pub groups: Vec<Group>,
    /// People in the file's order.
    pub people: Vec<Person>,
    /// Current and following shifts, sorted by start.
    pub shifts: Vec<Shift>,
    /// Groups of which somebody is to be on call at any time, each once.
    #[serde(default)]
    pub on_call: Vec<Text>,
    /// The time over which `shifts` are complete: what no shift covers in it is a gap.
    #[serde(default)]
    pub told: Option<(Moment, Moment)>,
    /// What could be used only in part, in words: an event of a calendar that names nobody of the roster.
    #[serde(default)]
    pub remarks: Vec<Text>,
}

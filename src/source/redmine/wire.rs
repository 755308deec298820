//! What Redmine really sends, by endpoint. Same from 3.4 to 7.0 unless said; every field but the number
//! may be missing, null or of another type, and then costs only itself.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// `/issues.json`: a page. Rows are parsed one by one, so that a broken row costs only itself.
#[derive(Deserialize)]
pub(super) struct Issues<'a> {
    #[serde(borrow)]
    pub(super) issues: Vec<&'a RawValue>,
    #[serde(default, deserialize_with = "whole")]
    pub(super) total_count: Option<u64>,
}

/// `/issues/N.json`.
#[derive(Deserialize)]
pub(super) struct OneIssue<'a> {
    #[serde(borrow)]
    pub(super) issue: Issue<'a>,
}

/// `/projects.json`: a page.
#[derive(Deserialize)]
pub(super) struct Projects<'a> {
    #[serde(borrow)]
    pub(super) projects: Vec<&'a RawValue>,
    #[serde(default, deserialize_with = "whole")]
    pub(super) total_count: Option<u64>,
}

/// `/projects/IDENTIFIER.json`.
#[derive(Deserialize)]
pub(super) struct OneProject<'a> {
    #[serde(borrow)]
    pub(super) project: Project<'a>,
}

/// `/projects/N/memberships.json`: a page.
#[derive(Deserialize)]
pub(super) struct Memberships<'a> {
    #[serde(borrow)]
    pub(super) memberships: Vec<&'a RawValue>,
    #[serde(default, deserialize_with = "whole")]
    pub(super) total_count: Option<u64>,
}

/// `/issue_statuses.json`, not paged.
#[derive(Deserialize)]
pub(super) struct Statuses<'a> {
    #[serde(borrow)]
    pub(super) issue_statuses: Vec<&'a RawValue>,
}

/// `/trackers.json` and `/enumerations/issue_priorities.json`, not paged.
#[derive(Deserialize)]
pub(super) struct Terms<'a> {
    #[serde(borrow, alias = "trackers", alias = "issue_priorities")]
    pub(super) terms: Vec<&'a RawValue>,
}

/// `/users/current.json`. It also holds the key itself, which is left there.
#[derive(Deserialize)]
pub(super) struct Me<'a> {
    #[serde(borrow)]
    pub(super) user: User<'a>,
}

/// The user of the key.
#[derive(Deserialize)]
pub(super) struct User<'a> {
    #[serde(deserialize_with = "number")]
    pub(super) id: u64,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) login: Option<Words<'a>>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) firstname: Option<Words<'a>>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) lastname: Option<Words<'a>>,
}

/// An issue, in lists and alone.
#[derive(Deserialize)]
pub(super) struct Issue<'a> {
    #[serde(deserialize_with = "number")]
    pub(super) id: u64,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) project: Option<Ref<'a>>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) tracker: Option<Ref<'a>>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) status: Option<Ref<'a>>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) priority: Option<Ref<'a>>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) author: Option<Ref<'a>>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) assigned_to: Option<Ref<'a>>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) category: Option<Ref<'a>>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) fixed_version: Option<Ref<'a>>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) subject: Option<Words<'a>>,
    /// Read only in details: lists carry the whole text too, which is passed over.
    #[serde(default, borrow)]
    pub(super) description: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) due_date: Option<Words<'a>>,
    #[serde(default, deserialize_with = "whole")]
    pub(super) done_ratio: Option<u64>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) is_private: Option<bool>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) created_on: Option<Words<'a>>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) updated_on: Option<Words<'a>>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) custom_fields: Option<Vec<&'a RawValue>>,
    /// Only its number is told.
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) parent: Option<Ref<'a>>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) start_date: Option<Words<'a>>,
    #[serde(default, borrow)]
    pub(super) estimated_hours: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(super) total_estimated_hours: Option<&'a RawValue>,
    /// Not there without the right to see it, as the next.
    #[serde(default, borrow)]
    pub(super) spent_hours: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(super) total_spent_hours: Option<&'a RawValue>,
    /// With `include=relations`; absent when there are none.
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) relations: Option<Vec<&'a RawValue>>,
    /// With `include=children`; absent when there are none.
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) children: Option<Vec<&'a RawValue>>,
    /// Alone and with `include=journals`, in the order the key's user prefers.
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) journals: Option<Vec<&'a RawValue>>,
    /// With `include=attachments`.
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) attachments: Option<Vec<&'a RawValue>>,
}

/// A thing named by another: `{"id":1,"name":"Infrastructure"}`.
#[derive(Deserialize)]
pub(super) struct Ref<'a> {
    #[serde(deserialize_with = "number")]
    pub(super) id: u64,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) name: Option<Words<'a>>,
    /// Of statuses: in lists from 5.0 on, in `/issue_statuses.json` always.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) is_closed: Option<bool>,
}

/// A custom field of an issue.
#[derive(Deserialize)]
pub(super) struct Field<'a> {
    #[serde(deserialize_with = "number")]
    pub(super) id: u64,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) name: Option<Words<'a>>,
    /// A text, null, or an array of texts with `"multiple":true`.
    #[serde(default, borrow)]
    pub(super) value: Option<&'a RawValue>,
}

/// An entry of the history.
#[derive(Deserialize)]
pub(super) struct Journal<'a> {
    #[serde(deserialize_with = "number")]
    pub(super) id: u64,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) user: Option<Ref<'a>>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) notes: Option<Words<'a>>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) created_on: Option<Words<'a>>,
    /// From 3.4 on.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) private_notes: Option<bool>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) details: Option<Vec<&'a RawValue>>,
}

/// A changed field in the history.
#[derive(Deserialize)]
pub(super) struct Detail<'a> {
    /// `attr`, `cf`, `attachment` or `relation`.
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) property: Option<Words<'a>>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) name: Option<Words<'a>>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) old_value: Option<Words<'a>>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) new_value: Option<Words<'a>>,
}

/// A file of an issue.
#[derive(Deserialize)]
pub(super) struct Attachment<'a> {
    #[serde(default, deserialize_with = "whole")]
    pub(super) id: Option<u64>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) description: Option<Words<'a>>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) filename: Option<Words<'a>>,
    #[serde(default, deserialize_with = "whole")]
    pub(super) filesize: Option<u64>,
}

/// A relation, from the issue it was made at to another.
#[derive(Deserialize)]
pub(super) struct Relation<'a> {
    #[serde(default, deserialize_with = "whole")]
    pub(super) issue_id: Option<u64>,
    #[serde(default, deserialize_with = "whole")]
    pub(super) issue_to_id: Option<u64>,
    #[serde(
        default,
        borrow,
        rename = "relation_type",
        deserialize_with = "lenient"
    )]
    pub(super) kind: Option<Words<'a>>,
}

/// A part of an issue, with its own parts.
#[derive(Deserialize)]
pub(super) struct Child<'a> {
    #[serde(deserialize_with = "number")]
    pub(super) id: u64,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) subject: Option<Words<'a>>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) children: Option<Vec<&'a RawValue>>,
}

/// A project.
#[derive(Deserialize)]
pub(super) struct Project<'a> {
    #[serde(deserialize_with = "number")]
    pub(super) id: u64,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) identifier: Option<Words<'a>>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) parent: Option<Ref<'a>>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) name: Option<Words<'a>>,
}

/// A member: a person or a group, never both.
#[derive(Deserialize)]
pub(super) struct Membership<'a> {
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) user: Option<Ref<'a>>,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) group: Option<Ref<'a>>,
    /// Own and inherited ones, so the same role may come twice.
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) roles: Option<Vec<&'a RawValue>>,
}

/// `/users/N.json`. Its mail address is left where it is.
#[derive(Deserialize)]
pub(super) struct OneUser<'a> {
    #[serde(borrow)]
    pub(super) user: Account<'a>,
}

/// An account of somebody else.
#[derive(Deserialize)]
pub(super) struct Account<'a> {
    #[serde(deserialize_with = "number")]
    pub(super) id: u64,
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) login: Option<Words<'a>>,
    /// 1 active, 2 not yet activated, 3 locked; told to administrators only.
    #[serde(default, deserialize_with = "whole")]
    pub(super) status: Option<u64>,
    /// With `include=groups`, to administrators only.
    #[serde(default, borrow, deserialize_with = "lenient")]
    pub(super) groups: Option<Vec<&'a RawValue>>,
}

/// A role of a member.
#[derive(Deserialize)]
pub(super) struct RoleOf {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) inherited: Option<bool>,
}

/// A text, borrowed from the body unless it holds escapes.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Words<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

impl std::ops::Deref for Words<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

/// A row of a list, or nothing when it makes no sense.
pub(super) fn row<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}

/// A value of the wanted shape, or nothing when it is of another.
fn lenient<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let raw = <&'de RawValue>::deserialize(deserializer)?;
    Ok(serde_json::from_str(raw.get()).ok())
}

/// A whole number, also as a text; nothing when it is something else.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let raw = <&'de RawValue>::deserialize(deserializer)?;
    Ok(raw.get().trim_matches('"').trim().parse().ok())
}

/// The number of a thing: without one it is no row.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    whole(deserializer)?
        .filter(|&id| id > 0)
        .ok_or_else(|| serde::de::Error::custom("a thing without a number"))
}

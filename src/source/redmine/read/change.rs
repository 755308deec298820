//! A changed field in words.

use crate::domain::Text;
use crate::domain::ticket::Change;
use crate::source::redmine::names::{Names, Terms};
use crate::source::redmine::wire;

use super::numbered;

/// How a value is put into words; `None` where it is not.
type Say<'a> = dyn Fn(&str) -> Option<Text> + 'a;

/// Longest value that is kept of a change until it is worded: both texts of a description may come.
const LONGEST: usize = 2000;

/// A changed field as it was sent, for as long as not all names may be known.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::source::redmine) struct Raw {
    property: String,
    name: String,
    old: Option<String>,
    new: Option<String>,
}

impl Raw {
    /// As it was sent.
    pub(super) fn of(detail: &wire::Detail<'_>) -> Self {
        let short = |text: &str| -> String { text.chars().take(LONGEST).collect() };
        let filled = |value: &Option<wire::Words<'_>>| {
            let value = value.as_deref().filter(|value| !value.is_empty());
            value.map(short)
        };
        Self {
            property: short(detail.property.as_deref().unwrap_or_default()),
            name: short(detail.name.as_deref().unwrap_or("?")),
            old: filled(&detail.old_value),
            new: filled(&detail.new_value),
        }
    }

    /// With words in place of numbers where they are known. Of a description only that it changed: both full
    /// texts are no line.
    pub(in crate::source::redmine) fn change(&self, names: &Names) -> Change {
        let name = self.name.as_str();
        let value = |raw: &Option<String>, say: &Say<'_>| -> Option<Text> {
            let raw = raw.as_deref()?;
            say(raw).or_else(|| Text::clean_non_empty(raw))
        };
        let with = |field: Text, say: &Say<'_>| Change {
            field,
            old: value(&self.old, say),
            new: value(&self.new, say),
        };
        let as_is = |_: &str| None;
        let ticket = |id: &str| id.parse().ok().map(numbered);
        match self.property.as_str() {
            "cf" => with(
                names
                    .fields
                    .of(name)
                    .unwrap_or_else(|| Text::clean(&format!("field {name}"))),
                &as_is,
            ),
            // The name is its number, the value the file's name.
            "attachment" => with(Text::clean("file"), &as_is),
            // The name is the kind of relation (`blocks`), the value a ticket.
            "relation" => with(Text::clean(&name.replace('_', " ")), &ticket),
            _ => self.attribute(names, &with),
        }
    }

    fn attribute(&self, names: &Names, with: &dyn Fn(Text, &Say<'_>) -> Change) -> Change {
        let name = self.name.as_str();
        let field = Text::clean(&name.trim_end_matches("_id").replace('_', " "));
        // A name that nobody told yet is at least known to be a number.
        let terms = |terms: &Terms, id: &str| {
            let number = || id.trim().parse().ok().map(numbered);
            terms.of(id).or_else(number)
        };
        match name {
            "status_id" => with(field, &|id| terms(&names.statuses, id)),
            "tracker_id" => with(field, &|id| terms(&names.trackers, id)),
            "priority_id" => with(field, &|id| terms(&names.priorities, id)),
            "assigned_to_id" | "author_id" => with(field, &|id| terms(&names.people, id)),
            "project_id" => with(field, &|id| terms(&names.projects, id)),
            "category_id" => with(field, &|id| terms(&names.categories, id)),
            "fixed_version_id" => with(field, &|id| terms(&names.versions, id)),
            "parent_id" | "child_id" => with(field, &|id: &str| id.parse().ok().map(numbered)),
            "done_ratio" => with(field, &|percent| Some(Text::clean(&format!("{percent} %")))),
            "is_private" => with(field, &|flag| match flag {
                "0" => Some(Text::clean("no")),
                "1" => Some(Text::clean("yes")),
                _ => None,
            }),
            "description" => Change {
                field,
                old: None,
                new: None,
            },
            _ => with(field, &|_| None),
        }
    }
}

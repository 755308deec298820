//! `[[redmine.NAME.section]]`

use toml::de::DeValue;

use super::super::super::document::Checked;
use super::super::super::table::Table;
use super::super::super::value::Value;
use crate::domain::section::{Assignee, Section, Statuses};

/// Longest name: tabs are short.
const LONGEST: usize = 24;
/// Names that are there anyway.
const TAKEN: [&str; 2] = ["feed", "all"];

/// Reads the sections; the usual ones when none are given.
pub(super) fn read(table: &mut Table<'_>) -> Checked<Vec<Section>> {
    let Some(value) = table.value("section") else {
        return Ok(Section::usual());
    };
    let name = table.subject().trim_matches('"').to_owned();
    let help = format!("write [[redmine.{name}.section]] and under it name = \"Mine\"");
    let mut sections: Vec<Section> = Vec::new();
    let mut done = Ok(());
    for item in value.list("a list of sections", &help)? {
        let DeValue::Table(entries) = item.raw() else {
            done = Err(item.mistype("a table", &help));
            continue;
        };
        let mut inner = Table::new(
            item.document(),
            entries,
            item.span(),
            format!("[[redmine.{name}.section]]"),
            format!("a section of \"{name}\""),
        );
        let read = section(&mut inner);
        if let Ok(read) = &read
            && sections.iter().any(|other| other.name == read.name)
        {
            let message = format!("two sections of \"{name}\" have this name");
            done = Err(inner.complain_at("name", &message, "give each a name of its own"));
        }
        match (read, inner.finish()) {
            (Ok(read), Ok(())) => sections.push(read),
            (Err(filed), _) | (_, Err(filed)) => done = Err(filed),
        }
    }
    done.map(|()| sections)
}

fn section(table: &mut Table<'_>) -> Checked<Section> {
    let name = table.required("name", "write name = \"Mine\": what its tab is called");
    let name = name.and_then(|value| called(&value));
    let query = table.value("query").map(|value| number(&value)).transpose();
    let projects = table.value("project").map_or(Ok(Vec::new()), |v| names(&v));
    let trackers = table.value("tracker").map_or(Ok(Vec::new()), |v| names(&v));
    // A saved query says itself which statuses it is about.
    let usual = if table.has("query") {
        Statuses::Any
    } else {
        Statuses::Open
    };
    let status = table.value("status").map_or(Ok(usual), |v| statuses(&v));
    let priorities = table
        .value("priority")
        .map_or(Ok(Vec::new()), |v| names(&v));
    let assignee = table.value("assignee").map(|v| assignee(&v)).transpose();
    let mut flag = |key| table.value(key).map_or(Ok(false), |v| v.flag());
    let (watched, overdue) = (flag("watched"), flag("overdue"));
    let untouched = table.value("untouched_days").map(|v| days(&v)).transpose();
    Ok(Section {
        name: name?,
        query: query?,
        projects: projects?,
        trackers: trackers?,
        status: status?,
        priorities: priorities?,
        assignee: assignee?,
        watched: watched?,
        overdue: overdue?,
        untouched: untouched?,
    })
}

fn called(value: &Value<'_>) -> Checked<String> {
    const HELP: &str = "write a short name such as \"Mine\"";
    let name = value.tidy_text(HELP)?;
    if name.chars().count() > LONGEST {
        return Err(value.complain("is longer than 24 characters", HELP));
    }
    if TAKEN.contains(&name.to_lowercase().as_str()) {
        return Err(value.complain("is that of a section that is always there", HELP));
    }
    Ok(name.to_owned())
}

/// One name or a list of them.
fn names(value: &Value<'_>) -> Checked<Vec<String>> {
    const HELP: &str = "write a name as Redmine shows it, or a list of names";
    let mut out = Vec::new();
    let mut done = Ok(());
    for item in value.one_or_many() {
        match item.tidy_text(HELP) {
            Ok(name) => out.push(name.to_owned()),
            Err(filed) => done = Err(filed),
        }
    }
    done?;
    if out.is_empty() {
        return Err(value.complain("is an empty list", HELP));
    }
    Ok(out)
}

fn statuses(value: &Value<'_>) -> Checked<Statuses> {
    let names = names(value)?;
    Ok(match names.as_slice() {
        [one] if one == "open" => Statuses::Open,
        [one] if one == "closed" => Statuses::Closed,
        [one] if one == "any" => Statuses::Any,
        _ => Statuses::Named(names),
    })
}

fn assignee(value: &Value<'_>) -> Checked<Assignee> {
    const HELP: &str = "write \"me\", \"nobody\", or a name as Redmine shows it";
    Ok(match value.tidy_text(HELP)? {
        "me" => Assignee::Me,
        "nobody" => Assignee::Nobody,
        name => Assignee::Named(name.to_owned()),
    })
}

/// Number of a saved query, as in `…/issues?query_id=12`.
fn number(value: &Value<'_>) -> Checked<u64> {
    const HELP: &str = "write the number that stands in …/issues?query_id=12, without quotes";
    let number = value
        .integer()
        .ok_or_else(|| value.mistype("a number", HELP))?;
    u64::try_from(number)
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(|| value.complain("is no number of a query", HELP))
}

fn days(value: &Value<'_>) -> Checked<u32> {
    const HELP: &str = "write a number of days from 1 to 3650, without quotes";
    let number = value
        .integer()
        .ok_or_else(|| value.mistype("a number", HELP))?;
    u32::try_from(number)
        .ok()
        .filter(|days| (1..=3650).contains(days))
        .ok_or_else(|| value.complain("is not between 1 and 3650", HELP))
}

//! Who is who: a roster that is there, or a first one of Redmine's people.

use std::collections::BTreeMap;

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

use super::certificate::absolute;
use super::desk::{Desk, Then, plain_name};
use super::form::{Form, NewFile};
use super::given::Given;
use super::talk::Stop;
use crate::cli::doctor::step::Verdict;
use crate::config::Secret;
use crate::domain::ticket::Projects;
use crate::domain::{SourceKind, Text};

/// Most people that are proposed.
const MOST: usize = 200;

/// What a first roster begins with.
const HEADER: &str = "# Who is who. vigie reads this file again when it changes.\n\
    #\n\
    # A group may have at_least and at_most; a person also zone, contacts, away and owns:\n\
    #   zone = \"Europe/Berlin\"\n\
    #   contacts = [{ kind = \"phone\", value = \"+49 …\" }, { kind = \"matrix\", value = \"@anne:example.org\" }]\n\
    #   away = [{ from = 2027-07-01, to = 2027-07-14 }]\n\
    #   owns = [\"wiki\"]                      # guests, hosts, sites, queues\n\
    # A person is joined to Redmine's of the same name.\n";

/// The dialogue.
pub fn set_up(desk: &mut Desk<'_>, given: &mut Given) -> Result<Vec<Form>, Stop> {
    let mut flagged = given
        .file
        .take()
        .map(|file| file.to_string_lossy().into_owned());
    loop {
        let path = match flagged.take() {
            Some(path) => path,
            None => desk.talk.maybe(
                "Path of the roster (Enter to begin one, name by name)",
                "--file",
            )?,
        };
        let mut form = Form::new(SourceKind::Roster);
        if path.is_empty() {
            if !desk.talk.asks() {
                return Err(Stop::Missing {
                    flag: "--file",
                    what: "the path of the roster".to_owned(),
                });
            }
            let mut people = Vec::new();
            loop {
                let name = desk
                    .talk
                    .maybe("Name of a person (Enter when that is all)", "--file")?;
                if name.is_empty() {
                    break;
                }
                people.push((name, Vec::new()));
            }
            return Ok(begun(desk, &people)?.into_iter().collect());
        }
        form.comments.push("Who is who.".to_owned());
        form.set("file", &absolute(&path));
        let worst = desk.trial(&form, &[]);
        if worst == Verdict::Fails {
            match desk.then(given, &[Then::Again, Then::Keep, Then::Leave])? {
                Then::Again => continue,
                Then::Leave => return Ok(Vec::new()),
                _ => {}
            }
        }
        form.name = desk.name(SourceKind::Roster, given.name.take(), "team")?;
        return Ok(vec![form]);
    }
}

/// Proposes a first roster of Redmine's people, unless there is one.
pub fn of_people(desk: &Desk<'_>, given: &Given, known: &Projects) -> Result<Option<Form>, Stop> {
    let is_there = desk
        .names
        .iter()
        .any(|(kind, _)| *kind == SourceKind::Roster.name());
    let people = members(known);
    if is_there || people.is_empty() {
        return Ok(None);
    }
    desk.talk.say(
        "  It has these people. A roster of them shows who is responsible for a ticket, and later who is on call:",
    );
    let lines: Vec<String> = people
        .iter()
        .map(|(name, roles)| format!("{}  {}", Text::clean(name), roles.join(", ")))
        .collect();
    let wanted = desk.found(given, "Who of them", &lines, true)?;
    let people: Vec<_> = wanted
        .iter()
        .filter_map(|at| people.get(*at).cloned())
        .collect();
    begun(desk, &people)
}

/// People by name, with what they are in which project. Groups are none.
fn members(known: &Projects) -> Vec<(String, Vec<String>)> {
    let mut people: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for project in &known.projects {
        for member in project.members.iter().flatten().filter(|m| !m.group) {
            let roles: Vec<&str> = member.roles.iter().map(Text::as_str).collect();
            let what = format!("{} in {}", roles.join(", "), project.name);
            people
                .entry(member.who.name.to_string())
                .or_default()
                .push(what);
        }
    }
    people.into_iter().take(MOST).collect()
}

/// A first roster of these people, as a new file.
fn begun(desk: &Desk<'_>, people: &[(String, Vec<String>)]) -> Result<Option<Form>, Stop> {
    if people.is_empty() {
        return Ok(None);
    }
    let path = desk.free_file("roster", "toml");
    let mut form = Form::new(SourceKind::Roster);
    form.name = desk.free_name(SourceKind::Roster, "team");
    form.comments.push("Who is who: edit that file.".to_owned());
    form.set(
        "file",
        &path.file_name().unwrap_or_default().to_string_lossy(),
    );
    form.files.push(NewFile {
        path,
        content: Secret::new(roster(people)),
        what: format!(
            "a roster of {}",
            crate::ui::words::count(people.len() as u64, "member")
        ),
        open: true,
    });
    Ok(Some(form))
}

fn roster(people: &[(String, Vec<String>)]) -> String {
    let mut document = DocumentMut::new();
    let mut group = Table::new();
    group.insert("id", value("team"));
    group.insert("name", value("Team"));
    let mut groups = ArrayOfTables::new();
    groups.push(group);
    document.insert("group", Item::ArrayOfTables(groups));
    let mut tables = ArrayOfTables::new();
    let mut logins: Vec<String> = Vec::new();
    for (name, roles) in people {
        let first = name.split_whitespace().next().unwrap_or_default();
        let mut login = plain_name(first);
        if login.is_empty() || logins.contains(&login) {
            login = plain_name(name);
        }
        if login.is_empty() {
            "person".clone_into(&mut login);
        }
        let base = login.clone();
        let mut number = 2;
        while logins.contains(&login) {
            login = format!("{base}-{number}");
            number += 1;
        }
        logins.push(login.clone());
        let mut person = Table::new();
        person.insert("login", value(login));
        person.insert("name", value(name.as_str()));
        let role: InlineTable = [("group", Value::from("team"))].into_iter().collect();
        person.insert("roles", value([role].into_iter().collect::<Array>()));
        let mut above = String::from("\n");
        for role in roles {
            above.push_str(&format!("# {}\n", Text::clean(role)));
        }
        person.decor_mut().set_prefix(above);
        tables.push(person);
    }
    document.insert("person", Item::ArrayOfTables(tables));
    format!("{HEADER}\n{document}")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::config::shape::System;
    use crate::domain::{Batch, Reading};
    use crate::source::Client as _;

    #[tokio::test]
    async fn a_first_roster_is_one_that_is_read() {
        let people = [
            ("Anne Bonny".to_owned(), vec!["Admin in Web".to_owned()]),
            ("Anne \"the other\"".to_owned(), Vec::new()),
            ("鄭一嫂".to_owned(), Vec::new()),
            ("鄭一".to_owned(), Vec::new()),
        ];
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("roster.toml");
        std::fs::write(&path, roster(&people)).unwrap();
        let mut form = Form::new(SourceKind::Roster);
        form.set("file", path.to_str().unwrap());
        let config = form.config(&directory.path().join("config.toml")).unwrap();
        let System::Roster(settings) = &config.sources.first().unwrap().system else {
            unreachable!("a roster went in");
        };
        let client = crate::source::roster::Client::new("team", settings);
        let Ok(Batch::Roster(read)) = client.read(Reading::Roster).await.outcome else {
            unreachable!("{}", roster(&people));
        };
        let names: Vec<&str> = read.people.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(
            names,
            people
                .iter()
                .map(|(name, _)| name.as_str())
                .collect::<Vec<_>>()
        );
    }
}

//! Redmine: the key, the projects, and its people for the roster.

use super::credential::{self, Wanted, looks_like};
use super::desk::Desk;
use super::form::{Form, Kept};
use super::given::{Found, Given, Markup};
use super::roster;
use super::server::{self, Kind};
use super::talk::{Stop, choice};
use crate::cli::doctor::redmine::ACCOUNT;
use crate::cli::doctor::step::Verdict;
use crate::config::shape::System;
use crate::domain::ticket::Projects;
use crate::domain::{Batch, Reading, SourceKind};
use crate::source::{Client as _, redmine};

const KIND: Kind = Kind {
    of: SourceKind::Redmine,
    question: "Address of its start page",
    example: "https://redmine.example.org",
    name: "tickets",
    tunnel: Some("127.0.0.1:80"),
    credential,
};

/// The dialogue.
pub fn set_up(desk: &mut Desk<'_>, given: &mut Given) -> Result<Vec<Form>, Stop> {
    let mut form = Form::new(SourceKind::Redmine);
    let Some(worst) = server::set_up(desk, &mut form, given, &KIND)? else {
        return Ok(Vec::new());
    };
    let known = if worst < Verdict::Fails {
        projects(desk, &form)
    } else {
        None
    };
    let mut what = "Redmine".to_owned();
    if let Some(me) = known.as_ref().and_then(|known| known.me.as_ref()) {
        what = format!("Redmine, read as {}", me.name);
    }
    form.comments.push(what);
    chosen(desk, &mut form, given, known.as_ref())?;
    let markup = match given.markup.take() {
        Some(markup) => usize::from(markup == Markup::Markdown),
        None => desk.talk.pick(
            "What are its texts written in? (Administration, Settings, General, Text formatting; Redmine does not tell)",
            &[choice("textile", "Textile"), choice("markdown", "Markdown (CommonMark)")],
            Some(0),
            "--markup",
        )?,
    };
    form.set("markup", if markup == 0 { "textile" } else { "markdown" });
    let mut forms = vec![form];
    if let Some(known) = known {
        forms.extend(roster::of_people(desk, given, &known)?);
    }
    Ok(forms)
}

fn credential(desk: &Desk<'_>, form: &mut Form, given: &mut Given) -> Result<(), Stop> {
    if desk.talk.asks() && given.secret.is_none() {
        desk.talk
            .say(&format!("  If there is none yet: {ACCOUNT}."));
    }
    let wanted = Wanted {
        what: "API key",
        ending: "key",
        name: &form.name,
    };
    let kept = credential::ask(desk, given, wanted)?;
    if let Kept::NewFile(key, _) | Kept::Inline(key) = &kept
        && let Some(like) = looks_like(key.expose()).filter(|like| !like.contains("Redmine"))
    {
        desk.talk.wrong(
            &format!("that looks like {like}"),
            "it is tried all the same; a Redmine key has 40 of 0-9 and a-f, and stands under My account",
        );
    }
    form.secret = Some(("key", kept));
    Ok(())
}

fn projects(desk: &Desk<'_>, form: &Form) -> Option<std::sync::Arc<Projects>> {
    let config = form.config(desk.file).ok()?;
    let source = config.sources.into_iter().next()?;
    let System::Redmine(settings) = &source.system else {
        return None;
    };
    let client = redmine::Client::new(&source.name, settings);
    match desk
        .runtime
        .block_on(client.read(Reading::Projects))
        .outcome
    {
        Ok(Batch::Projects(projects)) => Some(projects),
        _ => None,
    }
}

/// Which projects are shown: all, unless some are chosen.
fn chosen(
    desk: &Desk<'_>,
    form: &mut Form,
    given: &mut Given,
    known: Option<&std::sync::Arc<Projects>>,
) -> Result<(), Stop> {
    let flagged = std::mem::take(&mut given.projects);
    if !flagged.is_empty() {
        if let Some(known) = known {
            let is_known = |id: &String| known.projects.iter().any(|p| p.identifier.as_str() == id);
            if let Some(unknown) = flagged.iter().find(|id| !is_known(id)) {
                let ids: Vec<&str> = known
                    .projects
                    .iter()
                    .map(|p| p.identifier.as_str())
                    .collect();
                return Err(Stop::Refused(format!(
                    "--projects: the key sees no project '{}'; it sees {}",
                    crate::domain::Text::clean(unknown),
                    ids.join(", ")
                )));
            }
        }
        list(form, &flagged);
        return Ok(());
    }
    let Some(known) = known.filter(|known| known.projects.len() > 1) else {
        return Ok(());
    };
    if !desk.talk.asks() || given.found == Some(Found::None) || given.found == Some(Found::All) {
        return Ok(());
    }
    let lines: Vec<String> = known
        .projects
        .iter()
        .map(|project| format!("{}  {}", project.identifier, project.name))
        .collect();
    desk.talk.say("  The key sees these projects:");
    let places = desk
        .talk
        .select("Whose tickets shall be shown", &lines, true)?;
    // All means: those that are still to come, too.
    if !places.is_empty() && places.len() < lines.len() {
        let ids: Vec<String> = places
            .iter()
            .filter_map(|at| known.projects.get(*at))
            .map(|project| project.identifier.to_string())
            .collect();
        list(form, &ids);
    }
    Ok(())
}

fn list(form: &mut Form, ids: &[String]) {
    let list: toml_edit::Array = ids.iter().collect();
    form.table.insert("projects", toml_edit::value(list));
}

//! `vigie init`: from nothing to a configuration that works, asked for and tried live.
//!
//! Plain lines on a terminal, and every answer as an option. Each source is tried as the doctor tries it, before
//! anything is written; nothing is written before the last yes; Ctrl-C at any question leaves every file as it was.
//!
//! ```text
//!  given (options) ─┐
//!                   ├─► proxmox, checkmk, redmine (server), web, mail, roster ─► form ─► write
//!  talk (terminal) ─┘         address, certificate, credential; the doctor's steps
//! ```

mod address;
mod certificate;
mod checkmk;
mod credential;
mod desk;
mod form;
pub mod given;
mod leaving;
mod mail;
mod proxmox;
mod redmine;
mod roster;
mod server;
mod talk;
mod web;
mod write;

use std::path::{Path, PathBuf};

use super::{
    CONFIGURATION, FAILED, Look, OK, SIGNAL, USAGE, complain, dashboard, places, variable,
};
use crate::config::{self, Config, Places};
use crate::domain::Text;
use desk::Desk;
use form::Form;
use given::{Given, Kind};
use talk::{Stop, Talk, choice};

/// Runs the command.
pub fn run(mut given: Given, look: Look) -> u8 {
    let talk = Talk::of_process();
    if !talk.asks() && given.kind.is_none() {
        complain(
            "this is no terminal to ask in; say what to add with options, such as\n\
             vigie init proxmox --url https://golem.example.org:8006 --ca golem-ca.pem --secret file:golem.token --yes\n\
             'vigie init --help' names all of them",
        );
        return USAGE;
    }
    let Some(places) = places(&look) else {
        return FAILED;
    };
    let named = look.config.clone();
    let by_variable = || variable("VIGIE_CONFIG").filter(|path| !path.is_empty());
    let file = named
        .or_else(|| {
            let variable = places.profile.is_none().then(by_variable);
            variable.flatten().map(PathBuf::from)
        })
        .unwrap_or_else(|| places.user_file());
    let file = PathBuf::from(certificate::absolute(&file.to_string_lossy()));
    if let Err(why) = write::is_writable(&file) {
        complain(&format!(
            "{} cannot be written: {why}\nname another file with --config FILE, or mend that",
            file.display()
        ));
        return CONFIGURATION;
    }
    let config = match existing(&file, look, &places) {
        Ok(config) => config,
        Err(words) => {
            complain(&words);
            return CONFIGURATION;
        }
    };
    let runtime = match dashboard::runtime() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("the system gives no threads: {error}"));
            return FAILED;
        }
    };
    // Signals are caught by the runtime's own threads, whatever is being asked here.
    let watched = runtime.block_on(async { leaving::watch() });
    if let Err(error) = watched {
        complain(&format!("the system refuses: {error}"));
        return FAILED;
    }
    let names = config
        .sources
        .iter()
        .map(|source| (source.kind().name(), source.name.clone()))
        .collect();
    let mut desk = Desk {
        talk,
        file: &file,
        runtime: &runtime,
        names,
        config,
    };
    let code = match converse(&mut desk, &mut given) {
        Ok(code) => code,
        Err(Stop::Left) => {
            leaving::complain_below("left; nothing was written");
            SIGNAL + 2
        }
        Err(Stop::Missing { flag, what }) => {
            complain(&format!(
                "there is no terminal to ask in, and {flag} is missing: {}",
                lower(&what)
            ));
            USAGE
        }
        Err(Stop::Refused(words)) => {
            complain(&words);
            CONFIGURATION
        }
    };
    runtime.shutdown_timeout(std::time::Duration::from_millis(5));
    code
}

/// What is configured already.
fn existing(file: &Path, look: Look, places: &Places) -> Result<Config, String> {
    if !file.exists() {
        return Ok(Config::default());
    }
    let mut overrides = look.overrides();
    overrides.config = Some(file.to_owned());
    config::load(&variable, &overrides, places)
        .map_err(|errors| format!("the configuration is wrong; mend it first\n{errors}"))
}

/// Everything from the greeting to the last yes.
fn converse(desk: &mut Desk<'_>, given: &mut Given) -> Result<u8, Stop> {
    let talk = desk.talk;
    if talk.asks() {
        let is_there = if desk.file.exists() {
            "adds to"
        } else {
            "makes"
        };
        talk.say(&format!(
            "vigie init {is_there} {}.\n\
             Each source is tried before it is written down. Nothing is written before the last question;\n\
             Ctrl-C leaves every file as it is. What stands in [brackets] is what Enter means.",
            desk.file.display()
        ));
        Talk::show("");
        for source in &desk.config.sources {
            talk.say(&format!(
                "  configured already: {} ({})",
                source.name,
                source.kind().name()
            ));
        }
    }
    let mut forms: Vec<Form> = Vec::new();
    let mut kind = given.kind;
    let once = kind.is_some();
    loop {
        let wanted = match kind.take() {
            Some(kind) => kind,
            None => match another(talk, !forms.is_empty() || !desk.names.is_empty())? {
                Some(kind) => kind,
                None => break,
            },
        };
        let added = match wanted {
            Kind::Proxmox => proxmox::set_up(desk, given)?,
            Kind::Checkmk => checkmk::set_up(desk, given)?,
            Kind::Redmine => redmine::set_up(desk, given)?,
            Kind::Web => web::set_up(desk, given)?,
            Kind::Mail => mail::set_up(desk, given)?,
            Kind::Roster => roster::set_up(desk, given)?,
        };
        for form in &added {
            desk.names.insert((form.kind.name(), form.name.clone()));
        }
        forms.extend(added);
        if once {
            break;
        }
        Talk::show("");
    }
    if forms.is_empty() {
        talk.say("Nothing to write.");
        return Ok(OK);
    }
    finish(desk, given, &forms)
}

/// What shall be added; nothing when that was all.
fn another(talk: Talk, may_end: bool) -> Result<Option<Kind>, Stop> {
    const KINDS: [(Kind, &str, &str); 6] = [
        (
            Kind::Proxmox,
            "proxmox",
            "hosts and containers of a Proxmox VE",
        ),
        (Kind::Checkmk, "checkmk", "what a Checkmk site monitors"),
        (Kind::Redmine, "redmine", "tickets of a Redmine"),
        (Kind::Web, "web", "web sites, asked from here"),
        (
            Kind::Mail,
            "mail",
            "a mail queue: Postfix, or a sender's table",
        ),
        (Kind::Roster, "roster", "who is who in the team"),
    ];
    let mut choices: Vec<_> = KINDS
        .iter()
        .map(|(_, word, means)| choice(word, means))
        .collect();
    choices.push(choice("done", "that is all"));
    let usual = may_end.then_some(choices.len() - 1);
    let at = talk.pick("What shall be added?", &choices, usual, "KIND")?;
    Ok(KINDS.get(at).map(|(kind, _, _)| *kind))
}

/// Shows what would be written, asks, and writes.
fn finish(desk: &Desk<'_>, given: &Given, forms: &[Form]) -> Result<u8, Stop> {
    let (before, text) = whole(desk.file, forms)?;
    let files: Vec<_> = forms.iter().flat_map(Form::files).collect();
    let mut shown = String::from("This will be written:\n\n");
    for file in &files {
        shown.push_str(&format!(
            "  {}  new, 0600: {}\n",
            file.path.display(),
            file.what
        ));
    }
    let state = if before.is_empty() {
        "new, 0600"
    } else {
        "changed"
    };
    shown.push_str(&format!("  {}  {state}:\n\n", desk.file.display()));
    let added = text.strip_prefix(before.as_str()).unwrap_or(&text);
    for line in added.trim_matches('\n').lines() {
        shown.push_str(&format!("    {}\n", preview(line, forms)));
    }
    for file in files.iter().filter(|file| file.open) {
        shown.push_str(&format!("\n  {}:\n\n", file.path.display()));
        for line in file.content.expose().lines().take(60) {
            shown.push_str(&format!("    {}\n", Text::clean(line)));
        }
    }
    Talk::show(&shown);
    if given.dry_run {
        desk.talk.say("Nothing was written (--dry-run).");
        return Ok(OK);
    }
    if !given.yes {
        if !desk.talk.asks() {
            return Err(Stop::Missing {
                flag: "--yes",
                what: "whether to write this".to_owned(),
            });
        }
        Talk::show("");
        if !desk.talk.yes("Write it?", false)? {
            desk.talk.say("Nothing was written.");
            return Ok(OK);
        }
    }
    let written = leaving::undisturbed("left; everything was written", || {
        // Somebody may have edited it while we talked.
        let (_, text) = whole(desk.file, forms).map_err(|_| {
            "the configuration was changed in the meantime, and is wrong now; nothing was written".to_owned()
        })?;
        write::all(&files, desk.file, &text)
    });
    if let Err(words) = written {
        return Err(Stop::Refused(format!("{words}; nothing was changed")));
    }
    desk.talk.say(
        "Written. 'vigie' starts the dashboard, 'vigie doctor' goes through all sources once more, \
         'vigie init' adds others.",
    );
    Ok(OK)
}

/// The configuration as it is, and as it will be, checked as a whole.
fn whole(file: &Path, forms: &[Form]) -> Result<(String, String), Stop> {
    let before = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => {
            return Err(Stop::Refused(format!(
                "{} cannot be read: {error}",
                file.display()
            )));
        }
    };
    let text = write::added(&before, forms).map_err(|error| {
        Stop::Refused(format!(
            "{} is no TOML: {}",
            file.display(),
            error.message()
        ))
    })?;
    config::parse(&text, file).map_err(|errors| {
        Stop::Refused(format!(
            "what would be written is wrong, so nothing was written\n{errors}"
        ))
    })?;
    Ok((before, text))
}

/// A line as it may be shown: a secret that is kept inline is masked.
fn preview(line: &str, forms: &[Form]) -> String {
    let mut line = line.to_owned();
    for form in forms {
        if let Some((_, form::Kept::Inline(secret))) = &form.secret {
            line = line.replace(secret.expose(), "•••");
        }
    }
    Text::clean(&line).to_string()
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}

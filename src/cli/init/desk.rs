//! What every part of the dialogue has at hand.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::runtime::Runtime;

use super::form::Form;
use super::given::{Found, Given};
use super::talk::{Stop, Talk, choice};
use crate::cli::doctor;
use crate::cli::doctor::step::{Step, Steps, Verdict};
use crate::config::{Config, Errors};
use crate::domain::{SourceKind, Text};

/// How long a trial may take.
const TRIAL: Duration = Duration::from_secs(90);

/// What is at hand.
pub struct Desk<'a> {
    /// Who is talked to.
    pub talk: Talk,
    /// The configuration that is written to.
    pub file: &'a Path,
    /// For what is tried live.
    pub runtime: &'a Runtime,
    /// Names that are taken, with their kinds.
    pub names: BTreeSet<(&'static str, String)>,
    /// Sources that are configured already, and those of this dialogue.
    pub config: Config,
}

/// What to do about a source that does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Try once more as it is.
    Again,
    /// Another address.
    Address,
    /// Another credential.
    Credential,
    /// Through ssh.
    Tunnel,
    /// Keep it as it is.
    Keep,
    /// Leave it out.
    Leave,
}

impl Desk<'_> {
    /// Asks what a source is called, with a proposal.
    pub fn name(
        &self,
        kind: SourceKind,
        given: Option<String>,
        proposed: &str,
    ) -> Result<String, Stop> {
        let proposed = self.free_name(kind, &plain_name(proposed));
        let mut flagged = given;
        loop {
            let flag = flagged.take();
            let was_given = flag.is_some();
            let name = match flag {
                Some(name) => name,
                None => self
                    .talk
                    .line("Name of it in vigie", Some(&proposed), "--name")?,
            };
            let wrong = if plain_name(&name) != name || name.is_empty() {
                Some("a name is at most 40 of a-z, 0-9, - and _")
            } else if self.names.contains(&(kind.name(), name.clone())) {
                Some("a source of this kind and name is configured already")
            } else {
                None
            };
            match wrong {
                None => return Ok(name),
                Some(wrong) if was_given && !self.talk.asks() => {
                    return Err(Stop::Refused(format!(
                        "--name {}: {wrong}",
                        Text::clean(&name)
                    )));
                }
                Some(wrong) => self.talk.wrong(wrong, "take another one"),
            }
        }
    }

    /// The name, or the name and the first number that makes it free.
    pub fn free_name(&self, kind: SourceKind, name: &str) -> String {
        let name = if name.is_empty() { kind.name() } else { name };
        let mut free = name.to_owned();
        let mut number = 2;
        while self.names.contains(&(kind.name(), free.clone())) {
            free = format!("{name}-{number}");
            number += 1;
        }
        free
    }

    /// A file beside the configuration that is not there yet.
    pub fn free_file(&self, name: &str, ending: &str) -> PathBuf {
        let file = super::write::real(self.file);
        let mut path = file.with_file_name(format!("{name}.{ending}"));
        for number in 2.. {
            if !path.exists() {
                break;
            }
            path = file.with_file_name(format!("{name}-{number}.{ending}"));
        }
        path
    }

    /// Says what the configuration's checks say about a form.
    pub fn complain(&self, errors: &Errors) {
        for error in errors {
            self.talk
                .wrong(&error.message, error.help.as_deref().unwrap_or_default());
        }
    }

    /// Goes through all the doctor's steps with a form, live, and says each that is not in `said`. The worst.
    pub fn trial(&self, form: &Form, said: &'static [&'static str]) -> Verdict {
        let config = match form.config(self.file) {
            Ok(config) => config,
            Err(errors) => {
                self.complain(&errors);
                return Verdict::Fails;
            }
        };
        let talk = self.talk;
        let steps = Steps::telling(move |step| {
            let known = said.contains(&step.name) && step.verdict <= Verdict::Note;
            if !known {
                talk.say(&step.text());
            }
        });
        let examined = async {
            for source in &config.sources {
                if tokio::time::timeout(TRIAL, doctor::examine(source, &steps))
                    .await
                    .is_err()
                {
                    let what = "it takes too long";
                    steps.push(Step::new("deadline", Verdict::Fails, what));
                }
            }
        };
        self.runtime.block_on(examined);
        let worst = steps.take().iter().map(|step| step.verdict).max();
        worst.unwrap_or(Verdict::Ok)
    }

    /// Asks what to do about a source that does not work.
    pub fn then(&self, given: &Given, offered: &[Then]) -> Result<Then, Stop> {
        if !self.talk.asks() {
            return if given.untried {
                Ok(Then::Keep)
            } else {
                Err(Stop::Refused(
                    "it does not work, so nothing was written; with --untried it is written all the same".to_owned(),
                ))
            };
        }
        let choices: Vec<_> = offered
            .iter()
            .map(|then| match then {
                Then::Again => choice("again", "try once more"),
                Then::Address => choice("address", "another address"),
                Then::Credential => choice("credential", "another credential"),
                Then::Tunnel => choice("tunnel", "reach it through ssh"),
                Then::Keep => choice(
                    "keep",
                    "add it as it is, and mend it later with 'vigie doctor'",
                ),
                Then::Leave => choice("leave", "leave it out"),
            })
            .collect();
        let at = self.talk.pick("What now?", &choices, None, "--untried")?;
        Ok(offered.get(at).copied().unwrap_or(Then::Leave))
    }

    /// Asks which of the things that were found are wanted; their places.
    pub fn found(
        &self,
        given: &Given,
        question: &str,
        found: &[String],
        usual: bool,
    ) -> Result<Vec<usize>, Stop> {
        match given.found {
            Some(Found::All) => Ok((0..found.len()).collect()),
            Some(Found::None) => Ok(Vec::new()),
            None if !self.talk.asks() => Ok(Vec::new()),
            None => self.talk.select(question, found, usual),
        }
    }
}

/// Only what a name may have: `Golem.example.org` is `golem-example-org`.
pub fn plain_name(text: &str) -> String {
    let plain: String = text
        .to_lowercase()
        .chars()
        .map(|c| {
            if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' {
                c
            } else {
                '-'
            }
        })
        .take(40)
        .collect();
    plain.trim_matches('-').to_owned()
}

/// A name for what is at this address: the first part of its host, unless that says nothing.
pub fn name_of(url: &str, otherwise: &str) -> String {
    let parsed = url::Url::parse(url).ok();
    let host = parsed.as_ref().and_then(url::Url::host);
    match host {
        Some(url::Host::Domain(name)) if name != "localhost" => {
            let first = name.split('.').next().unwrap_or_default();
            plain_name(first)
        }
        _ => otherwise.to_owned(),
    }
}

//! Fetches secrets: environment, private files, commands.

use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use reqwest::header::HeaderValue;

use crate::config::{Secret, SecretSource};
use crate::domain::failure::FailureKind;
use crate::domain::{Failure, Text};

use super::command;

/// Largest file or output a secret is taken from.
const CAP: usize = 64 * 1024;

/// How long a command may take: a key ring may ask for a touch or a PIN.
const DEADLINE: Duration = Duration::from_secs(20);

/// Fetches a secret. `what` names it in errors (`token of golem`). A file that others can read is refused.
pub async fn fetch(what: &str, source: &SecretSource) -> Result<Secret, Failure> {
    match source {
        SecretSource::Inline(secret) => checked(what, secret.expose()),
        SecretSource::Env(name) => match std::env::var(name) {
            Ok(value) if !value.trim().is_empty() => checked(what, &value),
            Ok(_) => Err(failure(
                what,
                &format!("the environment variable {name} is empty"),
            )),
            Err(std::env::VarError::NotPresent) => Err(failure(
                what,
                &format!("the environment variable {name} is not set"),
            )),
            Err(std::env::VarError::NotUnicode(_)) => Err(failure(
                what,
                &format!("the environment variable {name} is not UTF-8"),
            )),
        },
        SecretSource::File(path) => {
            let (owned_what, path) = (what.to_owned(), path.clone());
            let text = tokio::task::spawn_blocking(move || file(&owned_what, &path))
                .await
                .map_err(|error| failure(what, &error.to_string()))??;
            checked(what, &text)
        }
        SecretSource::Command(argv) => {
            let text = output(what, argv).await?;
            checked(what, &text)
        }
    }
}

/// A header value with a secret in it, marked so that it is never printed.
pub fn header_value(text: &str) -> Result<HeaderValue, Failure> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| failure("secret", "it has characters that no header may have"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn failure(what: &str, detail: &str) -> Failure {
    Failure::new(FailureKind::Secret {
        detail: Text::clean(&format!("{what}: {detail}")),
    })
}

/// The text of a private file.
fn file(what: &str, path: &Path) -> Result<String, Failure> {
    let shown = path.display();
    let unreadable = |error: &std::io::Error| {
        let detail = match error.kind() {
            std::io::ErrorKind::NotFound => "does not exist".to_owned(),
            std::io::ErrorKind::PermissionDenied => "may not be read by you".to_owned(),
            _ => error.to_string(),
        };
        failure(what, &format!("{shown} {detail}"))
    };
    let regular = |about: &std::fs::Metadata| {
        if about.is_file() {
            Ok(())
        } else {
            Err(failure(what, &format!("{shown} is not a regular file")))
        }
    };
    // Asked before opening, which would hang on a named pipe, and again of what was really opened.
    regular(&std::fs::metadata(path).map_err(|error| unreadable(&error))?)?;
    let file = std::fs::File::open(path).map_err(|error| unreadable(&error))?;
    let about = file.metadata().map_err(|error| unreadable(&error))?;
    regular(&about)?;
    let me = rustix::process::geteuid().as_raw();
    if about.uid() != me && about.uid() != 0 {
        return Err(failure(
            what,
            &format!(
                "{shown} belongs to another user (uid {}); it must be yours or root's",
                about.uid()
            ),
        ));
    }
    if about.mode() & 0o077 != 0 {
        return Err(failure(
            what,
            &format!(
                "{shown} can be read by others (mode {:04o}); do: chmod 600 {shown}",
                about.mode() & 0o7777
            ),
        ));
    }
    let mut bytes = Vec::new();
    file.take(CAP as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(&error))?;
    if bytes.len() > CAP {
        return Err(failure(what, &format!("{shown} is too large for a secret")));
    }
    String::from_utf8(bytes).map_err(|_| failure(what, &format!("{shown} is not UTF-8 text")))
}

/// The first line that a command prints.
async fn output(what: &str, argv: &[String]) -> Result<String, Failure> {
    let argv: Vec<&str> = argv.iter().map(String::as_str).collect();
    let ended = command::run(&argv, DEADLINE, CAP).await?;
    let name = argv.first().copied().unwrap_or_default();
    match ended.code {
        Some(0) => {}
        Some(code) => {
            return Err(command::failure(
                name,
                &format!("exit code {code} for the {what}"),
            ));
        }
        None => {
            return Err(command::failure(
                name,
                &format!("ended by a signal for the {what}"),
            ));
        }
    }
    let text = String::from_utf8(ended.stdout)
        .map_err(|_| command::failure(name, &format!("no UTF-8 text for the {what}")))?;
    match text.lines().next() {
        Some(line) if !line.trim().is_empty() => Ok(line.to_owned()),
        _ => Err(command::failure(
            name,
            &format!("printed nothing for the {what}"),
        )),
    }
}

/// Refuses what cannot be a secret, before it gets near the wire. The end's line break belongs to the file.
fn checked(what: &str, text: &str) -> Result<Secret, Failure> {
    let text = text.trim_end_matches(['\r', '\n']);
    if text.trim().is_empty() {
        return Err(failure(what, "it is empty"));
    }
    if text.contains('\n') {
        return Err(failure(
            what,
            "it has more than one line; only the secret itself belongs there",
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(failure(what, "it has control characters"));
    }
    if let Some(label) = label(text) {
        return Err(failure(
            what,
            &format!(
                "it begins with “{label}”; leave that out, only the secret itself belongs there"
            ),
        ));
    }
    Ok(Secret::new(text))
}

/// A label before the secret, as pasted from a web page: `token: …`, `Authorization: …`, `PVEAPIToken=…`.
fn label(text: &str) -> Option<&'static str> {
    const LABELS: [&str; 12] = [
        "token:",
        "token =",
        "token=",
        "secret:",
        "secret =",
        "secret=",
        "password:",
        "key:",
        "api key:",
        "authorization:",
        "pveapitoken=",
        "bearer ",
    ];
    let start: String = text.trim_start().chars().take(20).collect();
    let start = start.to_ascii_lowercase();
    LABELS.into_iter().find(|label| start.starts_with(label))
}

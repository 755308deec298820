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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    async fn refused(source: SecretSource) -> String {
        let failure = fetch("token of golem", &source).await.unwrap_err();
        assert!(!format!("{failure:?}").contains("hunter2"), "{failure:?}");
        match failure.kind {
            FailureKind::Secret { detail } | FailureKind::Command { detail, .. } => {
                detail.to_string()
            }
            other => unreachable!("{other:?}"),
        }
    }

    fn inline(text: &str) -> SecretSource {
        SecretSource::Inline(Secret::new(text))
    }

    fn shell(script: &str) -> SecretSource {
        SecretSource::Command(["/bin/sh", "-c", script].map(str::to_owned).to_vec())
    }

    fn written(dir: &Path, text: &[u8], mode: u32) -> SecretSource {
        let path = dir.join("token");
        let _ = std::fs::remove_file(&path);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        SecretSource::File(path)
    }

    #[tokio::test]
    async fn a_private_file_gives_its_line() {
        let dir = tempfile::tempdir().unwrap();
        for (text, mode) in [
            ("s3cr3t\n", 0o600),
            ("s3cr3t\r\n", 0o400),
            ("s3cr3t", 0o700),
        ] {
            let secret = fetch("t", &written(dir.path(), text.as_bytes(), mode))
                .await
                .unwrap();
            assert_eq!(secret.expose(), "s3cr3t");
        }
    }

    #[tokio::test]
    async fn a_file_that_others_can_read_is_refused_with_the_cure() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        for mode in [0o640, 0o604, 0o620, 0o601] {
            let detail = refused(written(dir.path(), b"hunter2\n", mode)).await;
            assert_eq!(
                detail,
                format!(
                    "token of golem: {0} can be read by others (mode {mode:04o}); do: chmod 600 {0}",
                    path.display()
                )
            );
        }
    }

    #[tokio::test]
    async fn what_is_no_secret_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let detail = refused(SecretSource::File(dir.path().to_owned())).await;
        assert!(detail.ends_with("is not a regular file"), "{detail}");
        let detail = refused(SecretSource::File("/dev/zero".into())).await;
        assert!(detail.ends_with("is not a regular file"), "{detail}");
        let detail = refused(SecretSource::File(dir.path().join("none"))).await;
        assert!(detail.ends_with("does not exist"), "{detail}");
        let detail = refused(written(dir.path(), &vec![b'x'; CAP + 1], 0o600)).await;
        assert!(detail.ends_with("is too large for a secret"), "{detail}");
        let detail = refused(written(dir.path(), b"\xff\xfe", 0o600)).await;
        assert!(detail.ends_with("is not UTF-8 text"), "{detail}");
        let detail = refused(written(dir.path(), b"\n", 0o600)).await;
        assert_eq!(detail, "token of golem: it is empty");
    }

    #[tokio::test]
    async fn a_variable_is_named_when_it_is_missing() {
        assert_eq!(
            refused(SecretSource::Env("VIGIE_NO_SUCH_TOKEN".to_owned())).await,
            "token of golem: the environment variable VIGIE_NO_SUCH_TOKEN is not set"
        );
        // Cargo sets this one.
        let secret = fetch("t", &SecretSource::Env("CARGO_PKG_NAME".to_owned()))
            .await
            .unwrap();
        assert_eq!(secret.expose(), "vigie");
    }

    #[tokio::test]
    async fn a_command_gives_its_first_line() {
        let secret = fetch("t", &shell("echo 'a b'; echo comment; echo noise >&2"))
            .await
            .unwrap();
        assert_eq!(secret.expose(), "a b");
        assert_eq!(
            refused(shell("echo hunter2; exit 3")).await,
            "exit code 3 for the token of golem"
        );
        assert_eq!(
            refused(shell("echo; echo hunter2")).await,
            "printed nothing for the token of golem"
        );
        assert_eq!(
            refused(shell("")).await,
            "printed nothing for the token of golem"
        );
    }

    #[tokio::test]
    async fn what_cannot_be_a_secret_never_reaches_the_wire() {
        for (text, end) in [
            (
                "hunter2\r\nX-Evil: 1",
                "it has more than one line; only the secret itself belongs there",
            ),
            ("hunter2\x1b[2J", "it has control characters"),
            ("hunter2\rx", "it has control characters"),
            ("hunter2\0", "it has control characters"),
            ("   ", "it is empty"),
            ("", "it is empty"),
            (
                "token: hunter2",
                "it begins with “token:”; leave that out, only the secret itself belongs there",
            ),
            (
                "PVEAPIToken=a@b!c=hunter2",
                "it begins with “pveapitoken=”; leave that out, only the secret itself belongs there",
            ),
        ] {
            assert_eq!(
                refused(inline(text)).await,
                format!("token of golem: {end}")
            );
        }
        for text in ["root@pam!vigie=0b1c", "pä$$ wörd", "tokenlike", "keystone"] {
            assert_eq!(fetch("t", &inline(text)).await.unwrap().expose(), text);
        }
    }

    #[test]
    fn header_values_are_marked() {
        let value = header_value("hunter2").unwrap();
        assert!(value.is_sensitive());
        assert!(!format!("{value:?}").contains("hunter2"));
        let failure = header_value("hunter2\nx: y").unwrap_err();
        assert!(!format!("{failure:?}").contains("hunter2"));
    }
}

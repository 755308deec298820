//! Secrets: where one is or is to be kept, and what was really pasted.

use std::io::Read as _;

use super::certificate::absolute;
use super::desk::Desk;
use super::form::Kept;
use super::given::{From, Given, Keep, words};
use super::talk::{Stop, choice};
use crate::config::Secret;

/// Largest secret that is taken from standard input.
const CAP: u64 = 64 * 1024;

/// What a password is called in questions.
pub const PASSWORD: &str = "password";

/// What a secret is called and kept as.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// `API token`.
    pub what: &'a str,
    /// The ending of its file: `token`.
    pub ending: &'static str,
    /// The source's name, which the file gets.
    pub name: &'a str,
}

/// Asks where a secret is, and for the secret itself when it is to be kept.
pub fn ask(desk: &Desk<'_>, given: &mut Given, wanted: Wanted<'_>) -> Result<Kept, Stop> {
    let Wanted { what, ending, name } = wanted;
    let file = desk.free_file(name, ending);
    if let Some(from) = given.secret.take() {
        return Ok(match from {
            From::File(path) => Kept::File(absolute(&path)),
            From::Env(name) => Kept::Env(name),
            From::Command(argv) => Kept::Command(argv),
            From::Stdin => {
                let secret = from_stdin(what)?;
                match given.keep {
                    Keep::File => Kept::NewFile(secret, file),
                    Keep::Config => Kept::Inline(secret),
                }
            }
        });
    }
    let kept = format!(
        "typed or pasted now, and kept in {}, a new file that only you can read",
        file.file_name().unwrap_or_default().to_string_lossy()
    );
    let command = format!("printed by a command, such as: pass show {name}");
    let choices = [
        choice("type", &kept),
        choice("file", "in a file that is there, which only you can read"),
        choice("command", &command),
        choice("variable", "in an environment variable"),
        choice(
            "inline",
            "typed now, and written into the configuration itself (not advised)",
        ),
    ];
    loop {
        let at = desk.talk.pick(
            &format!("Where is the {what}?"),
            &choices,
            desk.talk.asks().then_some(0),
            "--secret",
        )?;
        return Ok(match at {
            0 => Kept::NewFile(typed(desk, what)?, file),
            1 => Kept::File(absolute(&desk.talk.line(
                "Path of the file",
                None,
                "--secret",
            )?)),
            2 => {
                let line = desk
                    .talk
                    .line("The command, without a shell", None, "--secret")?;
                let Some(argv) = words(&line) else {
                    desk.talk
                        .wrong("a quotation mark is not closed", "type the command anew");
                    continue;
                };
                Kept::Command(argv)
            }
            3 => Kept::Env(desk.talk.line("Name of the variable", None, "--secret")?),
            _ => {
                let sure = "Whoever sees or copies the configuration then has it. Really?";
                if !desk.talk.yes(sure, false)? {
                    continue;
                }
                Kept::Inline(typed(desk, what)?)
            }
        });
    }
}

fn typed(desk: &Desk<'_>, what: &str) -> Result<Secret, Stop> {
    let pasted = desk.talk.secret(&capital(what), "--secret")?;
    if what == PASSWORD {
        // People choose what is in it: nothing there is a label.
        return Ok(pasted);
    }
    let (secret, label) = without_label(pasted.expose());
    if label {
        desk.talk
            .say("  The label before it is left out: only the secret itself is kept.");
    }
    Ok(Secret::new(secret))
}

fn from_stdin(what: &str) -> Result<Secret, Stop> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(CAP).read_to_end(&mut bytes);
    let text = String::from_utf8(bytes).unwrap_or_default();
    if read.is_err() || text.trim().is_empty() {
        return Err(Stop::Refused(format!("no {what} came from standard input")));
    }
    Ok(Secret::new(without_label(text.trim()).0))
}

/// What was pasted without a label such as `API key:` before it, and whether there was one. A Proxmox token
/// keeps its id.
pub fn without_label(text: &str) -> (String, bool) {
    const LABELS: [&str; 8] = [
        "authorization: bearer",
        "authorization: pveapitoken=",
        "pveapitoken=",
        "bearer",
        "x-redmine-api-key:",
        "api key:",
        "api access key:",
        "api_key=",
    ];
    const WORDS: [&str; 7] = [
        "token",
        "secret",
        "password",
        "key",
        "automation secret",
        "value",
        "api token",
    ];
    let lower = text.to_ascii_lowercase();
    let mut rest = LABELS.iter().find_map(|label| {
        let length = lower.strip_prefix(label).map(|_| label.len())?;
        text.get(length..)
            .filter(|rest| label.ends_with([':', '=']) || rest.starts_with(' '))
    });
    if rest.is_none()
        && let Some((label, after)) = text.split_once([':', '='])
        && WORDS.contains(&label.trim().to_ascii_lowercase().as_str())
    {
        rest = Some(after);
    }
    match rest.map(str::trim).filter(|rest| !rest.is_empty()) {
        Some(rest) => (rest.to_owned(), true),
        None => (text.to_owned(), false),
    }
}

/// What a text looks like, when it is not what was wanted.
pub fn looks_like(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let hex = |text: &str| text.chars().all(|c| c == '-' || c.is_ascii_hexdigit());
    if crate::config::pasted_token(text).is_some() {
        Some("an API token of Proxmox")
    } else if lengths == [8, 4, 4, 4, 12] && hex(text) {
        Some("the secret of a Proxmox token or of a Checkmk user")
    } else if text.len() == 40 && hex(text) {
        Some("an API key of Redmine")
    } else if text.starts_with("http://") || text.starts_with("https://") {
        Some("an address")
    } else {
        None
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_left_out() {
        for (pasted, secret) in [
            ("token: c0ffee", "c0ffee"),
            ("Secret = c0ffee", "c0ffee"),
            ("Automation secret: c0ffee", "c0ffee"),
            ("API key: c0ffee", "c0ffee"),
            ("X-Redmine-API-Key: c0ffee", "c0ffee"),
            ("Bearer c0ffee", "c0ffee"),
            ("PVEAPIToken=vigie@pve!tui=c0ffee", "vigie@pve!tui=c0ffee"),
        ] {
            assert_eq!(without_label(pasted), (secret.to_owned(), true), "{pasted}");
        }
        for whole in [
            "c0ffee",
            "vigie@pve!tui=c0ffee",
            "a:b",
            "bearerless",
            "key:",
        ] {
            assert_eq!(without_label(whole), (whole.to_owned(), false), "{whole}");
        }
    }

    #[test]
    fn secrets_of_other_servers_are_recognized() {
        let key = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(looks_like(key), Some("an API key of Redmine"));
        let uuid = "01234567-89ab-cdef-0123-456789abcdef";
        assert_eq!(
            looks_like(uuid),
            Some("the secret of a Proxmox token or of a Checkmk user")
        );
        let token = format!("vigie@pve!tui={uuid}");
        assert_eq!(looks_like(&token), Some("an API token of Proxmox"));
        assert_eq!(looks_like("hunter2"), None);
    }
}

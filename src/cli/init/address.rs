//! Addresses: what people type, and what the configuration's own checks say about it.

use std::path::Path;

use toml_edit::{InlineTable, value};

use super::desk::Desk;
use super::form::Form;
use super::talk::Stop;
use crate::domain::SourceKind;

/// What is wrong with an address, and what was most likely meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub next: String,
    /// The address that was most likely meant.
    pub meant: Option<String>,
}

/// Asks for an address until it can be one.
pub fn ask(
    desk: &Desk<'_>,
    form: &mut Form,
    given: &mut Vec<String>,
    question: &str,
    example: &str,
) -> Result<(), Stop> {
    let mut meant: Option<String> = None;
    loop {
        let texts = std::mem::take(given);
        let was_given = !texts.is_empty();
        let texts = if was_given {
            texts
        } else {
            let question = if meant.is_some() {
                question.to_owned()
            } else {
                format!("{question}, such as {example}")
            };
            let typed = desk.talk.line(&question, meant.as_deref(), "--url")?;
            typed.split_whitespace().map(str::to_owned).collect()
        };
        form.set_all("url", &texts);
        let Some(wrong) = check(form, desk.file) else {
            return Ok(());
        };
        if was_given && !desk.talk.asks() {
            return Err(Stop::Refused(format!("{}: {}", wrong.what, wrong.next)));
        }
        desk.talk.wrong(&wrong.what, &wrong.next);
        meant = wrong.meant;
    }
}

/// What is wrong with the addresses of a form, going by the configuration's own checks.
pub fn check(form: &Form, file: &Path) -> Option<Wrong> {
    let mut bare = Form::new(form.kind);
    for key in ["url", "tunnel"] {
        if let Some(item) = form.table.get(key) {
            bare.table.insert(key, item.clone());
        }
    }
    // Only the address is looked at: the rest is there, whatever it is.
    let mut anything = InlineTable::new();
    anything.insert("env", "ANY".into());
    match form.kind {
        SourceKind::Proxmox => {
            bare.table.insert("token", value(anything));
        }
        SourceKind::Checkmk => {
            bare.set("user", "any");
            bare.table.insert("secret", value(anything));
        }
        _ => {
            bare.table.insert("key", value(anything));
        }
    }
    let errors = bare.config(file).err()?;
    let error = errors.iter().next()?;
    let what = error.message.replace("the url of \"new\"", "that address");
    let next = error.help.clone().unwrap_or_default();
    let typed = form.texts("url").into_iter().next().unwrap_or_default();
    Some(Wrong {
        meant: meant(&typed, &next),
        next: next.replacen("write ", "", 1),
        what,
    })
}

/// The address that the help proposes, unless it is only an example.
fn meant(typed: &str, help: &str) -> Option<String> {
    if typed.starts_with("http://") && help.starts_with("write https://") {
        return Some(typed.replacen("http://", "https://", 1));
    }
    let proposed = help.strip_prefix("write \"")?.split('"').next()?;
    let host = |address: &str| {
        let (_, rest) = address.split_once("://").unwrap_or(("", address));
        let host = rest.split(['/', ':']).next().unwrap_or_default();
        host.to_owned()
    };
    let is_it = proposed.starts_with("http") && !proposed.ends_with("/SITE");
    (is_it && !host(typed).is_empty() && host(typed) == host(proposed)).then(|| proposed.to_owned())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn wrong(kind: SourceKind, url: &str) -> Option<Wrong> {
        let mut form = Form::new(kind);
        form.set("url", url);
        check(&form, Path::new("config.toml"))
    }

    #[test]
    fn what_was_meant_is_proposed() {
        for (kind, typed, what, meant) in [
            (
                SourceKind::Proxmox,
                "https://golem.example.org",
                "that address names no port",
                Some("https://golem.example.org:8006"),
            ),
            (
                SourceKind::Proxmox,
                "golem.example.org:8006",
                "that address has no https:// before it",
                Some("https://golem.example.org:8006"),
            ),
            (
                SourceKind::Proxmox,
                "http://golem.example.org:8006",
                "that address would send the credential in the clear",
                Some("https://golem.example.org:8006"),
            ),
            (
                SourceKind::Checkmk,
                "https://monitor.example.org",
                "that address names no site",
                None,
            ),
            (
                SourceKind::Redmine,
                "https://redmine.example.org/projects/web",
                "that address is a page within Redmine",
                Some("https://redmine.example.org"),
            ),
            (
                SourceKind::Redmine,
                "ftp://x",
                "that address begins with neither https:// nor http://",
                None,
            ),
        ] {
            let wrong = wrong(kind, typed).unwrap();
            assert_eq!(wrong.what, what);
            assert_eq!(wrong.meant.as_deref(), meant, "{typed}");
            assert!(!wrong.next.is_empty());
        }
        let site = wrong(SourceKind::Checkmk, "https://monitor.example.org").unwrap();
        assert!(
            site.next.contains("SITE stands before /check_mk"),
            "{}",
            site.next
        );
    }

    #[test]
    fn good_ones_are_taken() {
        for (kind, typed) in [
            (SourceKind::Proxmox, "https://golem.example.org:8006"),
            (SourceKind::Checkmk, "http://127.0.0.1:5000/look"),
            (SourceKind::Redmine, "https://redmine.example.org/redmine"),
        ] {
            assert_eq!(wrong(kind, typed), None, "{typed}");
        }
    }
}

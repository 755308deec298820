//! Why something could not be read, and what to do next.

use std::fmt;

use crate::domain::failure::{FailureKind, Mistake, Stage};
use crate::domain::{Failure, Text};

use super::{duration, milliseconds};

/// Widest line of [`failure_short`], in characters.
const SHORT: usize = 60;

/// A failure in words, in two parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What happened: a sentence, with what was asked.
    pub what: String,
    /// What to do next; may have several lines (a line to copy stands alone). `None` when there is
    /// nothing to do but wait.
    pub next: Option<String>,
    /// Lines of a file with a caret under what is wrong. They may hold what is private.
    pub excerpt: Option<String>,
}

impl fmt::Display for Said {
    /// All parts, each on lines of its own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if let Some(excerpt) = &self.excerpt {
            write!(f, "\n{excerpt}")?;
        }
        match &self.next {
            Some(next) => write!(f, "\n{next}"),
            None => Ok(()),
        }
    }
}

/// What happened and what to do next.
pub fn failure(failure: &Failure) -> Said {
    let what = what(&failure.kind);
    Said {
        what: match &failure.request {
            Some(request) => format!("{what} ({request})."),
            None => format!("{what}."),
        },
        next: next(&failure.kind),
        excerpt: excerpt(&failure.kind),
    }
}

/// The lines that mistakes are in, each with a caret below.
fn excerpt(kind: &FailureKind) -> Option<String> {
    let FailureKind::Mistakes { list, .. } = kind else {
        return None;
    };
    let lines: Vec<String> = list
        .iter()
        .map(|mistake| {
            let (first, cells) = mistake.caret;
            format!(
                "{:>5} | {}\n{:5} | {:indent$}{:^<carets$}",
                mistake.line,
                mistake.excerpt,
                "",
                "",
                "",
                indent = usize::from(first),
                carets = usize::from(cells.max(1)),
            )
        })
        .collect();
    Some(lines.join("\n"))
}

/// `12:4: there is no group "coder"; 15:1: what else; and 2 more`.
fn mistakes(list: &[Mistake], more: u32) -> String {
    let mut told: Vec<String> = list
        .iter()
        .map(|mistake| {
            format!(
                "{}:{}: {}",
                mistake.line,
                mistake.column,
                ended(&mistake.what)
            )
        })
        .collect();
    if more > 0 {
        told.push(format!("and {more} more"));
    }
    told.join("; ")
}

/// What happened, without what was asked and without its full stop.
fn what(kind: &FailureKind) -> String {
    match kind {
        FailureKind::NameNotFound { host } => format!("The name {host} is not known here"),
        FailureKind::Unreachable { detail } => format!("Nothing answers there: {}", ended(detail)),
        FailureKind::TimedOut { stage, after } => {
            let after = milliseconds(*after);
            match stage {
                Stage::Resolve => format!("The name was not resolved within {after}"),
                Stage::Connect => format!("No connection came about within {after}"),
                Stage::Tls => {
                    format!("The connection stands, but TLS was not agreed on within {after}")
                }
                Stage::FirstByte => {
                    format!("The connection stands, but no answer came within {after}")
                }
                Stage::Body => format!("The answer began, but was not complete within {after}"),
            }
        }
        FailureKind::Broken { detail } => format!("The connection broke off: {}", ended(detail)),
        FailureKind::Certificate {
            reason, expected, ..
        } => match expected.as_slice() {
            [] => format!(
                "The server's certificate is not trusted: {}. Nothing was sent",
                ended(reason)
            ),
            _ => "The server shows another certificate than the one pinned in the configuration. \
                  Nothing was sent"
                .to_owned(),
        },
        FailureKind::Tls { detail } => {
            format!(
                "No encrypted connection could be agreed on: {}",
                ended(detail)
            )
        }
        FailureKind::Unauthorized { credential, reason } => match reason {
            Some(reason) => format!("The server refused {credential}: {}", ended(reason)),
            None => format!("The server refused {credential}"),
        },
        FailureKind::SecondFactor { account } => {
            format!("The account {account} wants a second factor, which a dashboard cannot give")
        }
        FailureKind::Forbidden { right: Some(right) } => {
            format!(
                "The credential may not read this: it lacks {}",
                ended(right)
            )
        }
        FailureKind::Forbidden { right: None } => "The credential may not read this".to_owned(),
        FailureKind::NotGranted { what, .. } => {
            format!("The database does not let this account read {what}, or there is no such table")
        }
        FailureKind::LoginPage => "A login page came instead of data".to_owned(),
        FailureKind::RedirectElsewhere { to } => {
            format!("The server points to {to}, which is not followed with a credential")
        }
        FailureKind::Status { code, reason } => match reason {
            Some(reason) => format!("The server answered {code}: {}", ended(reason)),
            None => format!("The server answered {code}"),
        },
        FailureKind::Busy { code, .. } => {
            format!("The server asks to be left alone for a while ({code})")
        }
        FailureKind::TooLarge { cap } => format!(
            "The answer is larger than the {} that are taken",
            super::bytes(crate::domain::Bytes(*cap))
        ),
        FailureKind::Malformed { detail } => {
            format!("The answer makes no sense: {}", ended(detail))
        }
        FailureKind::WrongPlace { detail } => {
            format!(
                "Something answers there, but not what was configured: {}",
                ended(detail)
            )
        }
        FailureKind::Secret { detail } => format!("The secret could not be had: {}", ended(detail)),
        FailureKind::Command { command, detail } => {
            format!("The command {command} failed: {}", ended(detail))
        }
        FailureKind::File { path, detail } => format!("{path} cannot be used: {}", ended(detail)),
        FailureKind::Mistakes { path, list, more } => {
            format!("{path} cannot be used: {}", mistakes(list, *more))
        }
        FailureKind::Bug { detail } => {
            format!(
                "The part of vigie that reads this broke down: {}",
                ended(detail)
            )
        }
    }
}

fn next(kind: &FailureKind) -> Option<String> {
    let words = match kind {
        FailureKind::Certificate {
            offered, expected, ..
        } => return Some(next_for_certificate(offered.as_ref(), expected)),
        FailureKind::Busy { retry_after, .. } => {
            return Some(match retry_after {
                Some(wait) => format!("It is asked again in {}.", duration(*wait)),
                None => "It is asked again, less and less often.".to_owned(),
            });
        }
        FailureKind::NotGranted { grant, .. } => {
            return Some(format!(
                "Check the table's name; if it is right, the database's administrator runs:\n{grant}"
            ));
        }
        FailureKind::NameNotFound { .. } => {
            "Check how it is written in the configuration, and whether this machine's DNS works."
        }
        FailureKind::Unreachable { .. } => {
            "Check whether the machine is up and the service runs, then address and port. \
             A firewall or a tunnel that is down looks the same."
        }
        FailureKind::TimedOut { stage, .. } => match stage {
            Stage::Resolve => {
                "The name servers of this machine (/etc/resolv.conf) do not answer, or those of the \
                 name."
            }
            Stage::Tls => {
                "Something listens there but does not speak TLS in time: an overloaded server, or a \
                 port of another service."
            }
            Stage::Connect => {
                "The machine may be down, or a firewall on the way drops packets silently."
            }
            Stage::FirstByte => {
                "The server is overloaded or hangs. It is asked again by itself; look at its load \
                 if this goes on."
            }
            Stage::Body => {
                "The line is slow or the answer very large. It is asked again by itself."
            }
        },
        FailureKind::Broken { .. } => {
            "It is asked again by itself. If it goes on, look at the server's log and at any proxy \
             between."
        }
        FailureKind::Tls { .. } => {
            "A server that speaks only TLS 1.0 (Proxmox VE 3.4) is read through an SSH tunnel: add \
             a line such as\ntunnel = { ssh = \"root@HOST\", to = \"127.0.0.1:85\" }"
        }
        FailureKind::Unauthorized { .. } => {
            "It is not tried again by itself, because accounts get locked. Renew the secret or \
             correct the name in the configuration, then ask again with r."
        }
        FailureKind::SecondFactor { .. } => {
            "Make an API token for it, or an account of its own that only reads."
        }
        FailureKind::Forbidden { .. } => {
            "Give the credential this right on the server. Reading is all it needs."
        }
        FailureKind::LoginPage => {
            "The URL may be that of the web page instead of the API's, or a login portal stands \
             before it. Check the URL and the credential."
        }
        FailureKind::RedirectElsewhere { .. } => {
            "If that is the right place, write it as the URL in the configuration."
        }
        FailureKind::Status { code: 404, .. } => {
            "Check the path of the URL: the server is there, but not this."
        }
        FailureKind::Status { code: 500.., .. } => {
            "The fault is on the server's side: see its log. It is asked again by itself."
        }
        FailureKind::Status { .. } => {
            "Check the URL, and whether the server's version is supported."
        }
        FailureKind::TooLarge { .. } => {
            "Raise body_cap of this source, or let the credential see less."
        }
        FailureKind::Malformed { .. } => {
            "What was known before stays on the screen. If it goes on, see whether a proxy stands \
             between or the server was just upgraded."
        }
        // The detail says what to write instead.
        FailureKind::WrongPlace { .. } => return None,
        FailureKind::Secret { .. } => {
            "Correct where the secret comes from in the configuration, then ask again with r."
        }
        FailureKind::Command { .. } => {
            "Run it by hand as the same user: it must work without a terminal and without questions."
        }
        FailureKind::File { .. } | FailureKind::Mistakes { .. } => {
            "Correct the file; it is read again by itself."
        }
        FailureKind::Bug { .. } => {
            "This is a fault of vigie: please report it with these words. Everything else goes on."
        }
    };
    Some(words.to_owned())
}

/// The fingerprint, and the line that trusts it. Trusting blindly would be no trust, so it says where
/// to compare.
fn next_for_certificate(offered: Option<&Text>, expected: &[Text]) -> String {
    let Some(offered) = offered else {
        return "Check the certificate on the server: who signed it, for which name, and until when."
            .to_owned();
    };
    let was = match expected {
        [] => String::new(),
        [one] => format!("Pinned:  {one}\n"),
        [first, ..] => format!("Pinned:  {first} and {} more\n", expected.len() - 1),
    };
    let then = if expected.is_empty() {
        "If this is the server's own certificate (compare it there), add to its section:"
    } else {
        "If the certificate was renewed on purpose (compare it there), write instead:"
    };
    format!("{was}Offered: {offered}\n{then}\nfingerprint = \"{offered}\"")
}

/// What happened in one short line for tables: at most 60 characters, no full stop.
pub fn failure_short(failure: &Failure) -> String {
    let mut words = short(&failure.kind);
    if words.chars().count() > SHORT {
        words = words.chars().take(SHORT - 1).collect();
        words.truncate(words.trim_end().len());
        words.push('…');
    }
    words
}

fn short(kind: &FailureKind) -> String {
    match kind {
        FailureKind::NameNotFound { host } => format!("name not known: {host}"),
        FailureKind::Unreachable { detail } => format!("unreachable: {}", ended(detail)),
        FailureKind::TimedOut { stage, after } => {
            let after = milliseconds(*after);
            match stage {
                Stage::Resolve => format!("name not resolved within {after}"),
                Stage::Connect => format!("no connection within {after}"),
                Stage::Tls => format!("no TLS handshake within {after}"),
                Stage::FirstByte => format!("no answer within {after}"),
                Stage::Body => format!("answer not complete within {after}"),
            }
        }
        FailureKind::Broken { detail } => format!("connection broke off: {}", ended(detail)),
        FailureKind::Certificate {
            reason, expected, ..
        } if expected.is_empty() => format!("certificate not trusted: {}", ended(reason)),
        FailureKind::Certificate { .. } => "certificate is not the pinned one".to_owned(),
        FailureKind::Tls { detail } => format!("TLS not agreed on: {}", ended(detail)),
        FailureKind::Unauthorized { credential, .. } => format!("refused: {credential}"),
        FailureKind::SecondFactor { account } => format!("wants a second factor: {account}"),
        FailureKind::Forbidden { right: Some(right) } => format!("right missing: {right}"),
        FailureKind::Forbidden { right: None } => "right missing".to_owned(),
        FailureKind::NotGranted { what, .. } => format!("may not read {what}"),
        FailureKind::LoginPage => "a login page instead of data".to_owned(),
        FailureKind::RedirectElsewhere { to } => format!("points elsewhere: {to}"),
        FailureKind::Status { code, reason } => match reason {
            Some(reason) => format!("answered {code}: {}", ended(reason)),
            None => format!("answered {code}"),
        },
        FailureKind::Busy {
            retry_after: Some(wait),
            code,
        } => format!("busy ({code}), asks to wait {}", duration(*wait)),
        FailureKind::Busy { code, .. } => format!("busy ({code})"),
        FailureKind::TooLarge { cap } => format!(
            "answer larger than {}",
            super::bytes(crate::domain::Bytes(*cap))
        ),
        FailureKind::Malformed { detail } => format!("makes no sense: {}", ended(detail)),
        FailureKind::WrongPlace { detail } => format!("wrong place: {}", ended(detail)),
        FailureKind::Secret { detail } => format!("no secret: {}", ended(detail)),
        FailureKind::Command { command, detail } => format!("{command} failed: {}", ended(detail)),
        FailureKind::File { path, detail } => format!("{path}: {}", ended(detail)),
        FailureKind::Mistakes { path, list, more } => {
            // The file's own name is enough in a short line.
            let name = path.rsplit('/').next().unwrap_or(path);
            format!("{name}:{}", mistakes(list, *more))
        }
        FailureKind::Bug { detail } => format!("fault of vigie: {}", ended(detail)),
    }
}

/// Foreign words without the stop at their end: ours adds its own, and shouting does not help.
fn ended(words: &Text) -> &str {
    words.trim().trim_end_matches(['.', '!'])
}

#[cfg(test)]
mod tests;

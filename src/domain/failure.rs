//! Why something could not be read, as data: what happened, where, and what to do next.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Text;

/// Why a request or reading failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// What happened.
    pub kind: FailureKind,
    /// What was asked, safe to show: `GET /cluster/resources on golem.example.org:8006`. No query secrets.
    pub request: Option<Text>,
}

impl Failure {
    /// A failure without a request.
    pub const fn new(kind: FailureKind) -> Self {
        Self {
            kind,
            request: None,
        }
    }

    /// The same failure, naming what was asked.
    pub fn during(mut self, request: &str) -> Self {
        self.request = Some(Text::clean(request));
        self
    }

    /// Whether asking again later by itself makes sense. Wrong credentials lock accounts, so no.
    pub const fn is_worth_retrying(&self) -> bool {
        !matches!(
            self.kind,
            FailureKind::Unauthorized { .. }
                | FailureKind::SecondFactor { .. }
                | FailureKind::Secret { .. }
        )
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FailureKind {
    /// The host's name is not known.
    NameNotFound {
        /// The name.
        host: Text,
    },
    /// Nothing listens there, or it is not reachable.
    Unreachable {
        /// Address and the system's words.
        detail: Text,
    },
    /// No answer within a deadline.
    TimedOut {
        /// What was waited for.
        stage: Stage,
        /// How long.
        after: Duration,
    },
    /// The connection broke off.
    Broken {
        /// In words.
        detail: Text,
    },
    /// The certificate is not trusted; nothing was sent.
    Certificate {
        /// Why, in words.
        reason: Text,
        /// Fingerprint that was offered.
        offered: Option<Text>,
        /// Fingerprints that were expected.
        expected: Vec<Text>,
    },
    /// TLS could not be agreed on (an old server speaks only TLS 1.0).
    Tls {
        /// In words.
        detail: Text,
    },
    /// The credential was refused (401).
    Unauthorized {
        /// Which credential, by name, never its value.
        credential: Text,
        /// The server's words.
        reason: Option<Text>,
    },
    /// A second factor is wanted that a dashboard cannot give.
    SecondFactor {
        /// Which account.
        account: Text,
    },
    /// A right is missing (403).
    Forbidden {
        /// The right, as the server names it.
        right: Option<Text>,
    },
    /// A database does not let this account read what it should.
    NotGranted {
        /// What it should read: `admidio.adm_mail_queue (mid)`.
        what: Text,
        /// The statement that gives the right, for the database's administrator.
        grant: Text,
    },
    /// A login page came instead of data.
    LoginPage,
    /// It points to another place, which is not followed with a credential.
    RedirectElsewhere {
        /// Where.
        to: Text,
    },
    /// Another HTTP status than wanted.
    Status {
        /// The code.
        code: u16,
        /// The server's words.
        reason: Option<Text>,
    },
    /// The server asks to be left alone for a while (429, 503).
    Busy {
        /// For how long.
        retry_after: Option<Duration>,
        /// The code.
        code: u16,
    },
    /// The body is larger than the cap.
    TooLarge {
        /// The cap in bytes.
        cap: u64,
    },
    /// The body is not what it should be.
    Malformed {
        /// In one line, never a dump.
        detail: Text,
    },
    /// Works, but what answered is another system or path than configured.
    WrongPlace {
        /// In words, with what to write instead.
        detail: Text,
    },
    /// The secret could not be had.
    Secret {
        /// In words, never its value.
        detail: Text,
    },
    /// A command (tunnel, postqueue, ssh) failed.
    Command {
        /// The command's name.
        command: Text,
        /// What went wrong, in words.
        detail: Text,
    },
    /// A file could not be read or makes no sense.
    File {
        /// The file.
        path: Text,
        /// In words.
        detail: Text,
    },
    /// A file of the user's own has mistakes in it.
    Mistakes {
        /// The file.
        path: Text,
        /// The first of them, in the order of the file; never empty.
        list: Vec<Mistake>,
        /// How many more there are.
        more: u32,
    },
    /// The task that should have read it broke down: a bug of ours.
    Bug {
        /// What it said.
        detail: Text,
    },
}

/// A mistake in a file, with its line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mistake {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What is wrong, and what was meant.
    pub what: Text,
    /// The line itself, cut when long. It may hold what is private.
    pub excerpt: Text,
    /// Cells of the excerpt that are underlined: the first and how many, never none.
    pub caret: (u16, u16),
}

/// What was waited for when a deadline passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// The address of a name. Told apart by web probes only.
    Resolve,
    /// The connection; where they are not told apart, name and TLS handshake too.
    Connect,
    /// The TLS handshake. Told apart by web probes only.
    Tls,
    /// The first byte of the answer.
    FirstByte,
    /// The whole answer.
    Body,
}

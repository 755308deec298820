//! The one hardened HTTP client: every request of every API source goes through [`Http::send`].

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::config::shape::{Deadlines, Reach};
use crate::domain::observation::Traffic;
use crate::domain::{Failure, Text};

/// A client of one source: its connections, trust, deadlines and caps. Cheap to share by reference.
#[derive(Debug)]
pub struct Http {
    _private: (),
}

/// A request below the base URL of a source.
#[derive(Debug, Clone)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Path and query below the base, beginning with `/`, already percent-encoded.
    pub path: String,
    /// Further headers; values with credentials must be marked sensitive.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Body and its content type.
    pub body: Option<(&'static str, Bytes)>,
    /// Other deadlines than the source's.
    pub deadlines: Option<Deadlines>,
}

/// Method of a request. A `Get` may be sent twice (once more on a connection the server closed), others never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Idempotent read.
    Get,
    /// Login, and reads that want a body.
    Post,
}

/// An answer of any status, its body complete and within the cap. Errors of transport are [`Failure`]s.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// The reason phrase when it is not the canonical one (Proxmox puts its errors there).
    pub reason: Option<Text>,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, decompressed.
    pub body: Bytes,
    /// What was asked, safe to show, for [`Failure::during`].
    pub asked: Text,
}

impl Request {
    /// A GET.
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::Get,
            path: path.into(),
            headers: Vec::new(),
            body: None,
            deadlines: None,
        }
    }
}

impl Http {
    /// A client for one source. Does no I/O; CA files are read and tunnels are opened by the first request.
    pub fn new(_name: &str, _reach: &Reach) -> Self {
        Self { _private: () }
    }

    /// Sends one request to the preferred address and, when that cannot be reached, to the next.
    /// Answers of every status are `Ok`, except those that [`Answer`] cannot carry: see [`Failure`].
    pub async fn send(&self, _request: Request) -> Result<Answer, Failure> {
        std::future::pending().await
    }

    /// What the requests since the last call cost.
    pub fn take_traffic(&self) -> Traffic {
        Traffic::default()
    }
}

impl Answer {
    /// The body as JSON of a known shape. A login page, an empty body, HTML or JSON of another shape
    /// is a failure with one line that says what came instead.
    pub fn json<'a, T: serde::Deserialize<'a>>(&'a self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body).map_err(|error| {
            Failure::new(crate::domain::failure::FailureKind::Malformed {
                detail: Text::clean(&error.to_string()),
            })
        })
    }

    /// The failure that this status means, for statuses that no caller treats on its own:
    /// 401, 403, 429 and 503 with `Retry-After`, redirects, others. `credential` names what was refused.
    pub fn failure(&self, credential: &str) -> Failure {
        let _ = credential;
        Failure::new(crate::domain::failure::FailureKind::Status {
            code: self.status,
            reason: self.reason.clone(),
        })
    }
}

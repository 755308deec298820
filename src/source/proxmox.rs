//! Proxmox VE 3.4, 4.4 and 6 to 9: three readings, each one or a few requests whatever the number of
//! guests.
//!
//! | reading | calls |
//! | --- | --- |
//! | [`Reading::Resources`] | `/cluster/resources` |
//! | [`Reading::Cluster`] | `/version`, `/cluster/status`, `/access/permissions` (6.2), `/nodes/{n}/status` for each online node |
//! | [`Reading::Tasks`] | `/cluster/tasks` |
//!
//! Graphs ([`Client::graph`]) are read on demand.

pub mod read;
pub mod refusal;
pub mod session;
pub mod wire;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::DATE;

use crate::config::shape;
use crate::domain::failure::FailureKind;
use crate::domain::graph::{Graph, Span, Subject};
use crate::domain::node::{Cluster, NodeDetail, Resources, Rights};
use crate::domain::task::Task;
use crate::domain::{Batch, Failure, Moment, Reading, Text};

use super::Answered;
use super::http::{Answer, Http, Request};
use read::cluster::{self, Status, Version};
use session::Session;

pub use read::{Names, parse_resources};

/// Most nodes that are asked for their details.
const MOST_NODES: usize = 32;

/// How many of them at the same time: a pveproxy has three workers.
const AT_ONCE: usize = 4;

/// How long nodes are asked: after that the rest is left out, so that many hanging nodes do not hold
/// back what the others told.
const NODES_WITHIN: Duration = Duration::from_secs(40);

/// Larger bodies are read on a thread of their own.
const LARGE: usize = 256 * 1024;

/// Below which path the API is.
const API: &str = "/api2/json";

/// What stays as it is in a node's name within a path.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// A client of one Proxmox VE node or cluster.
#[derive(Debug)]
pub struct Client {
    http: Http,
    session: Session,
    names: Arc<Mutex<Names>>,
}

impl Client {
    /// A client for the source `name`. Does no I/O.
    pub fn new(name: &str, settings: &shape::Proxmox) -> Self {
        let mut reach = settings.reach.clone();
        for url in &mut reach.urls {
            // People write the address with and without the API's path.
            if let Some(base) = url.path().trim_end_matches('/').strip_suffix(API) {
                let base = base.to_owned();
                url.set_path(&base);
            }
        }
        Self {
            http: Http::new(name, &reach),
            session: Session::new(name, &settings.credential),
            names: Arc::default(),
        }
    }

    /// `/cluster/resources`: nodes, guests and storages.
    async fn resources(&self) -> Result<Resources, Failure> {
        let names = Arc::clone(&self.names);
        let answer = self.get("/cluster/resources").await?;
        parse(answer, move |body| {
            // A panic while it was locked cannot leave more than a name too few.
            let mut names = names.lock().unwrap_or_else(PoisonError::into_inner);
            parse_resources(body, &mut names)
        })
        .await
    }

    /// `/cluster/tasks`: newest first.
    async fn tasks(&self) -> Result<Vec<Task>, Failure> {
        let answer = self.get("/cluster/tasks").await?;
        parse(answer, read::tasks::parse_tasks).await
    }

    /// What the cluster says of itself. Needs `/version`; what else is refused is noted.
    async fn cluster(&self) -> Result<Cluster, Failure> {
        let answer = self.get("/version").await?;
        let clock_ahead_seconds = answer
            .headers
            .get(DATE)
            .and_then(|date| date.to_str().ok())
            .and_then(|date| cluster::clock_ahead(date, Moment::now()));
        let (shown, version) = parse(answer, cluster::parse_version).await?;
        let (status, rights) = tokio::join!(self.status(), self.rights(version));
        let ((status, lacking), mut rights) = (status?, rights?);
        if let Some(lacking) = lacking
            && !rights
                .missing
                .iter()
                .any(|right| lacking.starts_with(right.as_str()))
        {
            rights.missing.push(lacking);
        }
        Ok(Cluster {
            version: shown,
            nodes: self.nodes(&status).await?,
            name: status.name,
            quorate: status.quorate,
            members: status.members,
            rights,
            clock_ahead_seconds,
        })
    }

    /// `/cluster/status`, or nothing and the right that is lacking for it.
    async fn status(&self) -> Result<(Status, Option<Text>), Failure> {
        let answer = match self.get("/cluster/status").await {
            Ok(answer) => answer,
            Err(failure) => {
                return match failure.kind {
                    FailureKind::Forbidden { right } => Ok((Status::default(), right)),
                    _ if is_unknown_call(&failure) => Ok((Status::default(), None)),
                    _ => Err(failure),
                };
            }
        };
        Ok((parse(answer, cluster::parse_status).await?, None))
    }

    /// `/access/permissions`, where there is one.
    async fn rights(&self, version: Option<Version>) -> Result<Rights, Failure> {
        if version.is_some_and(|version| version < Version::TOKENS) {
            return Ok(Rights::default());
        }
        match self.get("/access/permissions").await {
            Ok(answer) => parse(answer, cluster::parse_rights).await,
            Err(failure)
                if is_unknown_call(&failure)
                    || matches!(failure.kind, FailureKind::Forbidden { .. }) =>
            {
                Ok(Rights::default())
            }
            Err(failure) => Err(failure),
        }
    }

    /// `/nodes/{node}/status` of each online node, a few at a time.
    async fn nodes(&self, status: &Status) -> Result<Vec<NodeDetail>, Failure> {
        let mut names: Vec<Text> = status
            .members
            .iter()
            .filter(|member| member.online != Some(false))
            .map(|member| member.name.clone())
            .collect();
        if status.members.is_empty() {
            names = self.online_nodes().await?;
        }
        let rest = names.split_off(names.len().min(MOST_NODES));
        let mut details = Vec::with_capacity(names.len() + rest.len());
        let until = Instant::now() + NODES_WITHIN;
        let mut answers =
            stream::iter(names.into_iter().map(|name| self.node(name, until))).buffered(AT_ONCE);
        while let Some(detail) = answers.next().await {
            details.push(detail?);
        }
        let why = Text::clean(&format!("not asked: more than {MOST_NODES} nodes"));
        details.extend(
            rest.into_iter()
                .map(|name| cluster::unread_node(name, why.clone())),
        );
        Ok(details)
    }

    /// Names of online nodes by `/nodes`, which every credential may ask.
    async fn online_nodes(&self) -> Result<Vec<Text>, Failure> {
        match self.get("/nodes").await {
            Ok(answer) => parse(answer, cluster::parse_online_nodes).await,
            Err(failure) if matches!(failure.kind, FailureKind::Forbidden { .. }) => Ok(Vec::new()),
            Err(failure) => Err(failure),
        }
    }

    /// One node. That it cannot be asked is news about this node, unless the server as a whole or our
    /// credential is the reason.
    async fn node(&self, name: Text, until: Instant) -> Result<NodeDetail, Failure> {
        if Instant::now() >= until {
            let why = Text::clean("not asked: other nodes took too long to answer");
            return Ok(cluster::unread_node(name, why));
        }
        let path = format!("/nodes/{}/status", utf8_percent_encode(&name, IN_PATH));
        let named = name.clone();
        let outcome = match self.get(&path).await {
            Ok(answer) => parse(answer, move |body| cluster::parse_node(named, body)).await,
            Err(failure) => Err(failure),
        };
        match outcome {
            Err(failure) if is_of_one_node(&failure) => {
                Ok(cluster::unread_node(name, refusal::in_short(&failure)))
            }
            outcome => outcome,
        }
    }

    /// What Proxmox wrote down of a node or guest (`rrddata`, since 3.4 the same). Answered by the contacted node
    /// for all others, so it works for those that are down.
    ///
    /// # Errors
    /// As any request; `500 RRD error: … No such file` for what was never measured is an empty graph.
    pub async fn graph(&self, subject: &Subject, span: Span) -> Result<Graph, Failure> {
        let (path, read): (String, ReadGraph) = match subject {
            Subject::Node { node, .. } => (
                format!("/nodes/{}", utf8_percent_encode(node, IN_PATH)),
                read::rrd::parse_node,
            ),
            Subject::Guest {
                node, kind, vmid, ..
            } => (
                format!(
                    "/nodes/{}/{}/{vmid}",
                    utf8_percent_encode(node, IN_PATH),
                    kind.name()
                ),
                read::rrd::parse_guest,
            ),
            other => {
                return Err(Failure::new(FailureKind::Bug {
                    detail: Text::clean(&format!("Proxmox has no graph of {other:?}")),
                }));
            }
        };
        let path = format!("{path}/rrddata?timeframe={}&cf=AVERAGE", span.name());
        match self.get(&path).await {
            Ok(answer) => parse(answer, read).await,
            Err(failure) if is_never_measured(&failure) => Ok(Graph::default()),
            Err(failure) => Err(failure),
        }
    }

    async fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.session
            .send(&self.http, Request::get(format!("{API}{path}")))
            .await
    }
}

impl super::Client for Client {
    async fn read(&self, reading: Reading) -> Answered {
        let outcome = match reading {
            Reading::Resources => self.resources().await.map(Arc::new).map(Batch::Resources),
            Reading::Cluster => self.cluster().await.map(Arc::new).map(Batch::Cluster),
            Reading::Tasks => self.tasks().await.map(Arc::new).map(Batch::Tasks),
            other => Err(Failure::new(FailureKind::Bug {
                detail: Text::clean(&format!("{} are not read from Proxmox", other.name())),
            })),
        };
        Answered {
            outcome,
            traffic: self.http.take_traffic(),
        }
    }
}

/// The server is older than the call.
const fn is_unknown_call(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Status { code: 501, .. })
}

/// How the body of a graph is read.
type ReadGraph = fn(&[u8]) -> Result<Graph, Failure>;

/// There is no file for it yet: `500 RRD error: opening '…': No such file or directory`.
fn is_never_measured(failure: &Failure) -> bool {
    matches!(
        &failure.kind,
        FailureKind::Status { code: 500, reason: Some(reason) }
            if reason.contains("RRD error") && reason.contains("No such file")
    )
}

/// Whether a failed question about one node says something about this node only.
const fn is_of_one_node(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        FailureKind::Status { .. }
            | FailureKind::Busy { .. }
            | FailureKind::Forbidden { .. }
            | FailureKind::TimedOut { .. }
            | FailureKind::Broken { .. }
            | FailureKind::Malformed { .. }
            | FailureKind::TooLarge { .. }
    )
}

/// Reads a body, a large one beside the other tasks, and names the request in what is wrong with it.
async fn parse<T: Send + 'static>(
    answer: Answer,
    read: impl FnOnce(&[u8]) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let asked = answer.asked.clone();
    let outcome = if answer.body.len() > LARGE {
        tokio::task::spawn_blocking(move || read(&answer.body))
            .await
            .unwrap_or_else(|error| {
                Err(Failure::new(FailureKind::Bug {
                    detail: Text::clean(&error.to_string()),
                }))
            })
    } else {
        read(&answer.body)
    };
    outcome.map_err(|failure| failure.during(&asked))
}

#[cfg(test)]
mod fake;
#[cfg(test)]
mod recorded_tests;
#[cfg(test)]
mod tests;

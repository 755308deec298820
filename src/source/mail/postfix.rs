//! Postfix, through `postqueue` (`api/mail-queues.md` B).
//!
//! Any local user may list the queue unless `authorized_mailq_users` says otherwise.

mod listing;
mod passage;
mod postqueue;
mod printed;
mod tally;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::domain::failure::FailureKind;
use crate::domain::observation::Traffic;
use crate::domain::queue::{Queue, Queues};
use crate::domain::{Failure, Text};

use passage::Passage;
use postqueue::{Format, Listed, Ssh};

/// All instances of one `[mail.NAME]`.
#[derive(Debug)]
pub(super) struct Client {
    name: String,
    ssh: Option<Ssh>,
    /// `postqueue`, where it is not in its usual place.
    program: Option<PathBuf>,
    instances: Vec<PathBuf>,
    /// Postfix before 3.1, and look-alikes, have only the table for people.
    old: AtomicBool,
    /// Which mails were seen, by queue.
    passages: Mutex<HashMap<Text, Passage>>,
}

impl Client {
    pub(super) fn new(
        name: &str,
        ssh: Option<String>,
        ssh_config: Option<PathBuf>,
        program: Option<PathBuf>,
        instances: Vec<PathBuf>,
    ) -> Self {
        Self {
            name: name.to_owned(),
            ssh: ssh.map(|destination| Ssh {
                destination,
                config: ssh_config,
            }),
            program,
            instances,
            old: AtomicBool::new(false),
            passages: Mutex::default(),
        }
    }

    pub(super) async fn queues(&self, traffic: &mut Traffic) -> Result<Queues, Failure> {
        let host = self.host().await;
        let all: Vec<Option<&Path>> = if self.instances.is_empty() {
            vec![None]
        } else {
            self.instances.iter().map(|dir| Some(&**dir)).collect()
        };
        let mut queues = Queues::default();
        let mut failed = Vec::new();
        for instance in all {
            let name = self.queue_name(instance);
            match self.one(instance, traffic).await {
                Ok(listed) => {
                    queues.skipped += listed.skipped;
                    queues.queues.push(Queue {
                        host: host.clone(),
                        enqueued: listed.mails.map(|mails| self.pass(&name, mails)),
                        name,
                        ..listed.queue
                    });
                }
                Err(failure) => failed.push((name, failure)),
            }
        }
        if queues.queues.is_empty() && !failed.is_empty() {
            return Err(failed.swap_remove(0).1);
        }
        // One instance that cannot be read must not hide the others, nor look empty.
        for (name, failure) in failed {
            let why = match failure.kind {
                FailureKind::Command { detail, .. } => detail,
                other => Text::clean(&format!("{other:?}")),
            };
            queues.queues.push(Queue {
                name,
                kind: Text::clean("postfix"),
                host: host.clone(),
                down: Some(Text::clean(&format!("cannot be read: {why}"))),
                ..Queue::default()
            });
        }
        Ok(queues)
    }

    /// Takes a listing in; how many mails came so far.
    fn pass(&self, queue: &Text, mails: Vec<u64>) -> u64 {
        let mut passages = self.passages.lock().unwrap_or_else(PoisonError::into_inner);
        passages.entry(queue.clone()).or_default().take(mails)
    }

    /// One instance, in the format that this Postfix knows.
    async fn one(&self, instance: Option<&Path>, traffic: &mut Traffic) -> Result<Listed, Failure> {
        let mut format = if self.old.load(Ordering::Relaxed) {
            Format::Table
        } else {
            Format::Json
        };
        loop {
            let asked = postqueue::Asked {
                ssh: self.ssh.as_ref(),
                program: self.program.as_deref(),
                instance,
                format,
            };
            let (output, counted, bytes) = postqueue::run(asked).await?;
            traffic.requests += 1;
            traffic.bytes += bytes;
            if format == Format::Json && postqueue::knows_no_json(&output) {
                format = Format::Table;
                continue;
            }
            self.old.store(format == Format::Table, Ordering::Relaxed);
            let destination = self.ssh.as_ref().map(|ssh| &*ssh.destination);
            return postqueue::understand(&output, counted, format, destination);
        }
    }

    /// The source's name for the default instance, else the instance's own: the last part of its directory.
    fn queue_name(&self, instance: Option<&Path>) -> Text {
        let own = instance
            .and_then(Path::file_name)
            .map(std::ffi::OsStr::to_string_lossy);
        Text::clean(own.as_deref().unwrap_or(&self.name))
    }

    /// The machine the queue is on.
    async fn host(&self) -> Option<Text> {
        if let Some(Ssh { destination, .. }) = &self.ssh {
            let host = destination
                .rsplit_once('@')
                .map_or(&**destination, |(_, host)| host);
            return Text::clean_non_empty(host);
        }
        let name = tokio::fs::read_to_string("/proc/sys/kernel/hostname").await;
        name.ok()
            .and_then(|name| Text::clean_non_empty(name.trim()))
    }
}

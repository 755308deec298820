//! Mail queues read at their own place: Postfix through `postqueue`, here or over `ssh`.
//!
//! What `postqueue` prints and how it fails is in `api/mail-queues.md` B. Any local user may list the queue
//! unless `authorized_mailq_users` says otherwise; nothing is changed and no mail is opened.

mod listing;
mod postqueue;
mod table;
mod tally;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::config::shape;
use crate::domain::failure::FailureKind;
use crate::domain::observation::Traffic;
use crate::domain::queue::{Queue, Queues};
use crate::domain::{Batch, Failure, Reading, Text};

use super::Answered;
use postqueue::{Format, Listed};

/// A client of one `[mail.NAME]`.
#[derive(Debug)]
pub struct Client {
    name: String,
    ssh: Option<String>,
    instances: Vec<PathBuf>,
    /// Postfix before 3.1, and look-alikes, have only the table for people.
    old: AtomicBool,
}

impl Client {
    /// A client; does nothing yet.
    pub fn new(name: &str, mail: &shape::Mail) -> Self {
        let shape::Mail::Postfix { ssh, instances } = mail;
        Self {
            name: name.to_owned(),
            ssh: ssh.clone(),
            instances: instances.clone(),
            old: AtomicBool::new(false),
        }
    }

    async fn queues(&self, traffic: &mut Traffic) -> Result<Queues, Failure> {
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
                        name,
                        host: host.clone(),
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
                host: host.clone(),
                down: Some(Text::clean(&format!("cannot be read: {why}"))),
                ..tally::unknown(name)
            });
        }
        Ok(queues)
    }

    /// One instance, in the format that this Postfix knows.
    async fn one(&self, instance: Option<&Path>, traffic: &mut Traffic) -> Result<Listed, Failure> {
        let mut format = if self.old.load(Ordering::Relaxed) {
            Format::Table
        } else {
            Format::Json
        };
        loop {
            let output = postqueue::run(self.ssh.as_deref(), instance, format).await?;
            traffic.requests += 1;
            traffic.bytes += output.stdout.len() as u64;
            if format == Format::Json && postqueue::knows_no_json(&output) {
                format = Format::Table;
                continue;
            }
            self.old.store(format == Format::Table, Ordering::Relaxed);
            return postqueue::understand(&output, format, self.ssh.as_deref());
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
        if let Some(ssh) = &self.ssh {
            let host = ssh.rsplit_once('@').map_or(ssh.as_str(), |(_, host)| host);
            return Text::clean_non_empty(host);
        }
        let name = tokio::fs::read_to_string("/proc/sys/kernel/hostname").await;
        name.ok()
            .and_then(|name| Text::clean_non_empty(name.trim()))
    }
}

impl super::Client for Client {
    async fn read(&self, reading: Reading) -> Answered {
        let mut traffic = Traffic::default();
        let outcome = if reading == Reading::Queues {
            let queues = self.queues(&mut traffic).await;
            queues.map(|queues| Batch::Queues(Arc::new(queues)))
        } else {
            Err(Failure::new(FailureKind::Bug {
                detail: Text::clean(&format!("a mail queue has no {}", reading.name())),
            }))
        };
        Answered { outcome, traffic }
    }
}

//! Has the estate built on a thread of its own, so that joining 100,000 rows is never felt by a key.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{mpsc, watch};

use crate::config::Config;
use crate::config::shape::{Database, Listens, MailStore, Reach, System};
use crate::domain::{Moment, Observation};
use crate::estate::{Estate, Keeper, SourceState, keeper};
use crate::refresh::pace;

/// The sources of a configuration before their first answer.
pub fn sources(config: &Config) -> Vec<SourceState> {
    let configured = config
        .sources
        .iter()
        .map(|s| (&*s.name, s.kind(), s.refresh, address(&s.system)));
    keeper::sources(configured, pace::interval)
}

/// Where a source is, without anything secret: the base of its links.
fn address(system: &System) -> String {
    let first = |reach: &Reach| {
        reach
            .urls
            .first()
            .map(ToString::to_string)
            .unwrap_or_default()
    };
    match system {
        System::Proxmox(s) => first(&s.reach),
        System::Checkmk(s) => first(&s.reach),
        System::Redmine(s) => first(&s.reach),
        System::Web(s) => format!("{} sites, asked from here", s.sites.len()),
        System::Mail(s) => mail_address(&s.store),
        System::Roster(s) => s.file.display().to_string(),
    }
}

fn mail_address(store: &MailStore) -> String {
    match store {
        MailStore::Postfix { ssh: None, .. } => "postqueue on this machine".to_owned(),
        MailStore::Postfix { ssh: Some(to), .. } => format!("postqueue on {to}"),
        MailStore::Table(table) => match &table.database {
            Database::File(path) => path.display().to_string(),
            Database::Server { listens, name, .. } => match listens {
                Listens::Socket(path) => format!("{name} at {}", path.display()),
                Listens::Tcp {
                    host,
                    port,
                    tunnel: None,
                    ..
                } => format!("{name} on {host}:{port}"),
                Listens::Tcp {
                    tunnel: Some(tunnel),
                    ..
                } => format!(
                    "{name} on {}:{} through {}",
                    tunnel.to_host, tunnel.to_port, tunnel.ssh
                ),
            },
        },
    }
}

/// A keeper that waits for its first observation.
pub struct Waiting {
    keeper: Keeper,
    publish: watch::Sender<Arc<Estate>>,
}

/// A keeper of these sources, where its estates come out, and the estate before the first answer.
pub fn keep(sources: Vec<SourceState>) -> (Waiting, watch::Receiver<Arc<Estate>>, Arc<Estate>) {
    let mut keeper = Keeper::new(sources, Moment::now());
    let first = keeper.publish();
    let (publish, estates) = watch::channel(Arc::clone(&first));
    (Waiting { keeper, publish }, estates, first)
}

impl Waiting {
    /// Takes observations in and publishes until there are no more. When it breaks down, the estates end,
    /// and the loop says so: nothing old is shown as new.
    pub fn start(self, mut observations: mpsc::Receiver<Observation>) -> std::io::Result<()> {
        let Self {
            mut keeper,
            publish,
        } = self;
        std::thread::Builder::new()
            .name("estate".to_owned())
            .spawn(move || {
                while let Some(observation) = observations.blocking_recv() {
                    let begun = Instant::now();
                    keeper.apply(observation);
                    while let Ok(more) = observations.try_recv() {
                        keeper.apply(more);
                    }
                    if publish.send(keeper.publish()).is_err() {
                        return;
                    }
                    // Half the time at most is spent joining, however many answers come.
                    std::thread::sleep(begun.elapsed());
                }
            })?;
        Ok(())
    }
}

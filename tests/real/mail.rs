//! Mail queues against real servers: MariaDB, PostgreSQL, Postfix, and sshd for the way to it.
//!
//! The scripts in `tests/servers` seed them. Queues are configured as users do it, in TOML.

mod mariadb;
mod postfix;
mod postgresql;

use std::path::Path;
use std::time::{Duration, Instant};

use vigie::config::Places;
use vigie::config::shape::System;
use vigie::domain::failure::FailureKind;
use vigie::domain::observation::Traffic;
use vigie::domain::queue::{Queue, Queues};
use vigie::domain::{Batch, Failure, Moment, Observation, Reading, SourceId, SourceKind};
use vigie::estate::{Keeper, QueueRow, SourceState, keeper};
use vigie::history::known;
use vigie::source::Client as _;
use vigie::source::mail::Client;

/// A client of `[mail.newsletter]` with these lines.
pub(crate) fn client(lines: &str) -> Client {
    let text = format!("[mail.newsletter]\n{lines}\n");
    let config = vigie::config::parse(&text, Path::new("test.toml"));
    let config = config.unwrap_or_else(|errors| panic!("{errors}"));
    match &config.sources.first().unwrap().system {
        System::Mail(mail) => Client::new("newsletter", mail),
        other => panic!("{other:?}"),
    }
}

async fn batch(client: &Client) -> Result<Batch, Failure> {
    client.read(Reading::Queues).await.outcome
}

/// The queues of one reading.
pub(crate) async fn queues(client: &Client) -> Queues {
    match batch(client).await {
        Ok(Batch::Queues(queues)) => (*queues).clone(),
        other => panic!("{other:?}"),
    }
}

/// The one queue of one reading.
pub(crate) async fn queue(client: &Client) -> Queue {
    let mut queues = queues(client).await.queues;
    assert_eq!(queues.len(), 1);
    queues.remove(0)
}

/// Why it could not be read.
pub(crate) async fn refused(lines: &str) -> FailureKind {
    let failure = match batch(&client(lines)).await {
        Err(failure) => failure,
        Ok(batch) => panic!("{batch:?}"),
    };
    let said = format!("{failure:?}");
    assert!(!said.contains("hunter2"), "{said}");
    assert!(failure.request.is_some(), "{said}");
    failure.kind
}

/// An estate with one mail source, whose time runs faster than ours: two seconds are a cycle of a minute.
pub(crate) struct Fast {
    keeper: Keeper,
    began: Instant,
    /// Where the last known state is kept over a restart.
    places: Places,
    _directory: tempfile::TempDir,
}

impl Fast {
    /// How many of its seconds one of ours has.
    pub(crate) const PACE: u32 = 30;
    const FIRST: Moment = Moment::from_millis(1_795_000_000_000);

    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self {
            keeper: Keeper::new(Self::sources(), Self::FIRST),
            began: Instant::now(),
            places: Places::within(directory.path()),
            _directory: directory,
        }
    }

    fn sources() -> Vec<SourceState> {
        let sources = [(
            "newsletter",
            SourceKind::Mail,
            Duration::from_secs(30),
            String::new(),
        )];
        keeper::sources(sources.into_iter(), |_, _, interval| interval)
    }

    /// Its present moment.
    pub(crate) fn now(&self) -> Moment {
        Self::FIRST.plus(self.began.elapsed() * Self::PACE)
    }

    /// Reads the queue now; the row and the moment it was read at.
    pub(crate) async fn read(&mut self, client: &Client) -> (QueueRow, Moment) {
        let outcome = batch(client).await;
        let at = self.now();
        self.keeper.apply(Observation {
            source: SourceId(0),
            reading: Reading::Queues,
            at,
            took: Duration::from_millis(10),
            traffic: Traffic::default(),
            outcome,
            next: None,
        });
        let estate = self.keeper.publish();
        (estate.queues.first().unwrap().clone(), at)
    }

    /// Ends vigie and starts it anew: what it knew goes through the file in its state directory. The row as the
    /// first frame shows it.
    pub(crate) async fn restart(&mut self) -> QueueRow {
        let saver = known::Saver::start(&self.places).unwrap();
        let within = Duration::from_secs(20);
        saver.finish(self.keeper.known(), within).await;
        let (read, said) = known::load(&self.places, Self::sources());
        assert_eq!(said, None);
        self.keeper = Keeper::resume(read, self.now());
        let estate = self.keeper.publish();
        estate.queues.first().unwrap().clone()
    }
}

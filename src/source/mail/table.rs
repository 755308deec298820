//! Queues in tables of MariaDB, MySQL, PostgreSQL or SQLite (`api/mail-queues.md` A).
//!
//! Only counts, least and greatest values are asked for, so that the right to read the number's column is enough.
//! Sessions are read-only, statements have a deadline on the server, and one connection is kept.

mod answer;
mod fault;
mod link;
mod relay;
mod statement;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;

use crate::config::shape::{Database, MailRows, MailTable};
use crate::domain::failure::{FailureKind, Stage};
use crate::domain::observation::Traffic;
use crate::domain::queue::Queue;
use crate::domain::{Failure, Text};

use fault::Scene;
use link::{Link, Opener};
use statement::Statements;

/// Longest time a statement may take on the server; shorter when the whole reading's deadline is.
const STATEMENT: Duration = Duration::from_secs(5);

/// A queue in a table.
#[derive(Debug)]
pub(super) struct Client {
    name: String,
    opener: Opener,
    rows: MailRows,
    scene: Scene,
    timeout: Duration,
    /// Kept from reading to reading; taken out while it is used, so that whatever goes wrong closes it.
    link: Mutex<Option<(Link, Statements)>>,
    /// Greatest number seen, where the database does not tell how many it gave out.
    greatest: AtomicU64,
}

impl Client {
    pub(super) fn new(name: &str, table: &MailTable) -> Self {
        // The server's own word comes first: it says more than silence.
        let limit = STATEMENT.min(table.timeout.mul_f64(0.75));
        Self {
            name: name.to_owned(),
            opener: Opener::new(name, &table.database, limit),
            rows: table.rows.clone(),
            scene: Scene::new(name, table, limit),
            timeout: table.timeout,
            link: Mutex::new(None),
            greatest: AtomicU64::new(0),
        }
    }

    /// Reads the queue.
    pub(super) async fn queue(&self, traffic: &mut Traffic) -> Result<Queue, Failure> {
        let kept = self.link.lock().await.take();
        let was_kept = kept.is_some();
        match self.within(kept, traffic).await {
            // Servers close connections that idle; that is no news.
            Err(failure) if was_kept && matches!(failure.kind, FailureKind::Broken { .. }) => {
                self.within(None, traffic).await
            }
            done => done,
        }
    }

    async fn within(
        &self,
        kept: Option<(Link, Statements)>,
        traffic: &mut Traffic,
    ) -> Result<Queue, Failure> {
        let connected = AtomicBool::new(kept.is_some());
        let reading = self.read(kept, &connected, traffic);
        tokio::time::timeout(self.timeout, reading)
            .await
            .unwrap_or_else(|_| {
                let stage = if connected.load(Ordering::Relaxed) {
                    Stage::FirstByte
                } else {
                    Stage::Connect
                };
                Err(self.scene.during(FailureKind::TimedOut {
                    stage,
                    after: self.timeout,
                }))
            })
    }

    async fn read(
        &self,
        kept: Option<(Link, Statements)>,
        connected: &AtomicBool,
        traffic: &mut Traffic,
    ) -> Result<Queue, Failure> {
        let (mut link, statements) = match kept {
            Some(kept) => kept,
            None => self.open(traffic).await?,
        };
        connected.store(true, Ordering::Relaxed);
        let read = self.ask(&mut link, &statements, traffic).await;
        match read {
            Ok(queue) => {
                *self.link.lock().await = Some((link, statements));
                Ok(queue)
            }
            Err(error) => Err(self.explain(error, Some(&mut link)).await),
        }
    }

    async fn open(&self, traffic: &mut Traffic) -> Result<(Link, Statements), Failure> {
        let mut link = match self.opener.open().await {
            Ok(link) => link,
            Err(link::Refused::Known(failure)) => return Err(self.scene.name(failure)),
            Err(link::Refused::Sql(error)) => return Err(self.explain(error, None).await),
        };
        traffic.requests += 1;
        let prepared = Statements::prepare(&mut link, &self.rows).await;
        match prepared {
            Ok(statements) => Ok((link, statements)),
            Err(error) => Err(self.explain(error, Some(&mut link)).await),
        }
    }

    async fn ask(
        &self,
        link: &mut Link,
        statements: &Statements,
        traffic: &mut Traffic,
    ) -> Result<Queue, sqlx::Error> {
        traffic.requests += 1;
        let rows = link.rows(&statements.counts).await?;
        let mut queue = answer::queue(&rows, &self.name)?;
        if statements.numbered {
            let seen = queue.enqueued.max(answer::greatest(&rows)).unwrap_or(0);
            let before = self.greatest.fetch_max(seen, Ordering::Relaxed);
            // Where the counter is known it may fall: the table was emptied and counts anew.
            queue.enqueued = queue.enqueued.or(Some(before.max(seen)));
        }
        if let Some(reasons) = &statements.reasons
            && queue.depth != Some(0)
        {
            traffic.requests += 1;
            queue.reasons = answer::reasons(&link.rows(reasons).await?);
        }
        Ok(queue)
    }

    /// What an error means; a refused right is told with the account that lacks it.
    async fn explain(&self, error: sqlx::Error, link: Option<&mut Link>) -> Failure {
        let account = match link {
            Some(link) if fault::is_about_rights(&error) => link.account().await,
            _ => None,
        };
        self.scene.explain(&error, account.as_deref())
    }
}

/// Whether a database is a file.
const fn is_file(database: &Database) -> bool {
    matches!(database, Database::File(_))
}

/// A word for what kind of queue it is.
fn kind() -> Text {
    Text::clean("table")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod sqlite_tests;

//! The tables of the newsletter's sender, as SQLite files whose rows come and go with the clock.
//!
//! The columns are those of the real ones (MariaDB, in two databases); vigie reads their numbers only.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions as _, SqliteConnection};
use tokio::task::JoinHandle;

use super::sample::Queue;
use super::world::World;

/// How often rows come and go.
const TICK: Duration = Duration::from_secs(2);

/// A table of the lab.
#[derive(Debug, Clone, Copy)]
struct Table {
    queue: Queue,
    file: &'static str,
    create: &'static str,
    name: &'static str,
}

const TABLES: [Table; 2] = [
    Table {
        queue: Queue::Newsletter,
        file: "admidio.sqlite",
        name: "adm_mail_queue",
        create: "CREATE TABLE adm_mail_queue (mid INTEGER PRIMARY KEY AUTOINCREMENT, mto TEXT NOT NULL DEFAULT '', \
                 msubject TEXT NOT NULL DEFAULT '', mbody TEXT NOT NULL DEFAULT '', mheaders TEXT, mparams TEXT)",
    },
    Table {
        queue: Queue::Site,
        file: "site.sqlite",
        name: "mail_queue",
        create: "CREATE TABLE mail_queue (mid INTEGER PRIMARY KEY AUTOINCREMENT, mto TEXT NOT NULL DEFAULT '', \
                 msubject TEXT NOT NULL DEFAULT '', mheaders TEXT NOT NULL DEFAULT '', mbody TEXT NOT NULL DEFAULT '')",
    },
];

/// The files, kept moving until this is dropped.
#[derive(Debug)]
pub(super) struct Tables {
    directory: PathBuf,
    sender: JoinHandle<()>,
}

impl Tables {
    /// Writes the files into a directory and lets their rows come and go from now on.
    pub(super) async fn open(directory: &Path, world: &Arc<World>) -> io::Result<Self> {
        let mut open = Vec::new();
        for table in TABLES {
            let mut file = create(directory, table).await.map_err(io::Error::other)?;
            follow(&mut file, table, world)
                .await
                .map_err(io::Error::other)?;
            open.push((table, file));
        }
        let world = Arc::clone(world);
        let sender = tokio::spawn(async move {
            let mut tick = tokio::time::interval(TICK);
            loop {
                tick.tick().await;
                for (table, file) in &mut open {
                    // The next round tries again; a lab that ends takes its directory with it.
                    let _ = follow(file, *table, &world).await;
                }
            }
        });
        Ok(Self {
            directory: directory.to_owned(),
            sender,
        })
    }

    /// The file of the newsletter.
    pub(super) fn newsletter(&self) -> PathBuf {
        self.file(Queue::Newsletter)
    }

    /// The file of the site.
    pub(super) fn site(&self) -> PathBuf {
        self.file(Queue::Site)
    }

    fn file(&self, queue: Queue) -> PathBuf {
        let table = TABLES.iter().find(|table| table.queue == queue);
        self.directory.join(table.map_or("", |table| table.file))
    }
}

impl Drop for Tables {
    fn drop(&mut self) {
        self.sender.abort();
    }
}

async fn create(directory: &Path, table: Table) -> sqlx::Result<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(directory.join(table.file))
        .create_if_missing(true)
        // Sample data need not survive a power cut.
        .journal_mode(SqliteJournalMode::Memory)
        .synchronous(SqliteSynchronous::Off)
        .disable_statement_logging();
    let mut file = options.connect().await?;
    run(&mut file, table.create).await?;
    Ok(file)
}

/// Lets as many rows wait as the world says; the first in line leave first.
async fn follow(file: &mut SqliteConnection, table: Table, world: &World) -> sqlx::Result<()> {
    let wanted = world.depth(table.queue, world.now()).max(0);
    let name = table.name;
    let count = format!("SELECT COUNT(*) FROM {name}");
    let waiting: i64 = sqlx::query_scalar(AssertSqlSafe(count))
        .fetch_one(&mut *file)
        .await?;
    if table.queue == Queue::Site && waiting > 0 {
        // Its sender always runs: the first leaves, though as many wait as before.
        run(file, &first(name, 1)).await?;
    }
    let waiting = if table.queue == Queue::Site {
        (waiting - 1).max(0)
    } else {
        waiting
    };
    let more = wanted - waiting;
    if more > 0 {
        let rows = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {more}) \
             INSERT INTO {name} (mto) SELECT 'YW5uZUBleGFtcGxlLm9yZw==' FROM n"
        );
        run(file, &rows).await?;
    } else if more < 0 {
        run(file, &first(name, -more)).await?;
    }
    Ok(())
}

/// The statement that sends the first so many.
fn first(name: &str, mails: i64) -> String {
    format!("DELETE FROM {name} WHERE mid IN (SELECT mid FROM {name} ORDER BY mid LIMIT {mails})")
}

async fn run(file: &mut SqliteConnection, sql: &str) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(file).await?;
    Ok(())
}

//! The file itself: made whole or not at all, recognised before it is touched, moved aside when damaged.
//!
//! | what is found | what is done |
//! | --- | --- |
//! | nothing, or an empty file | a new one is made under another name and moved into place |
//! | ours | opened; its pages are checked |
//! | ours, damaged | moved aside, never deleted; a new one is begun, and that is said |
//! | ours, of a newer version | left alone |
//! | anything else | left alone |

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use super::place::{failure, private_directory, private_file, refused};
use crate::domain::{Failure, Moment};

/// Name of the file in the state directory.
pub(super) const NAME: &str = "history.sqlite";
/// Held while the file is made, checked or moved, so that two programs do not do it at once.
const LOCK: &str = "history.lock";
/// How long another program may hold that.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a statement waits for another program's.
const BUSY: Duration = Duration::from_secs(5);
/// `vigi`, in the file's header: it is ours.
const APPLICATION: u32 = 0x7669_6769;
/// Version of the tables.
const VERSION: u32 = 1;

/// The tables. Times are milliseconds of the Unix epoch. `minutes` and `hours` are kept up with every sample,
/// so nothing needs to be summed up later, and a program that dies leaves nothing half done.
const TABLES: &str = "
CREATE TABLE opened (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL) STRICT;
CREATE TABLE series (
    id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, source TEXT NOT NULL, name TEXT NOT NULL,
    UNIQUE (kind, source, name)
) STRICT;
CREATE TABLE raw (
    series INTEGER NOT NULL, at INTEGER NOT NULL, value REAL NOT NULL, PRIMARY KEY (series, at)
) STRICT, WITHOUT ROWID;
CREATE TABLE minutes (
    series INTEGER NOT NULL, at INTEGER NOT NULL,
    low REAL NOT NULL, high REAL NOT NULL, total REAL NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (series, at)
) STRICT, WITHOUT ROWID;
CREATE TABLE hours (
    series INTEGER NOT NULL, at INTEGER NOT NULL,
    low REAL NOT NULL, high REAL NOT NULL, total REAL NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (series, at)
) STRICT, WITHOUT ROWID;
CREATE TABLE changes (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, subject TEXT NOT NULL, was TEXT, became TEXT NOT NULL, detail TEXT
) STRICT;
CREATE INDEX changes_by_subject ON changes (subject, at);
CREATE INDEX changes_by_time ON changes (at);
CREATE TABLE watches (id INTEGER PRIMARY KEY, began INTEGER NOT NULL, until INTEGER NOT NULL) STRICT;
";

/// What a file of before the timeline lacks.
const ADDED: &str = "
ALTER TABLE changes ADD COLUMN detail TEXT;
CREATE TABLE watches (id INTEGER PRIMARY KEY, began INTEGER NOT NULL, until INTEGER NOT NULL) STRICT;
";

/// An open file.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) connection: SqliteConnection,
    pub(super) path: PathBuf,
    /// Which file it is, to notice that another one has taken its name.
    pub(super) inode: u64,
    /// What was moved aside, in words.
    pub(super) moved: Option<Failure>,
}

/// Opens the file of this directory; makes both when they are missing. At most `pages` pages of 4 KiB.
pub(super) async fn open(directory: &Path, pages: u32) -> Result<Opened, Failure> {
    private_directory(directory)?;
    let _lock = lock(&directory.join(LOCK)).await?;
    let path = directory.join(NAME);
    let journal = if is_remote(directory) {
        // A write-ahead log needs memory shared by all who read it: not over a network.
        "DELETE"
    } else {
        "WAL"
    };
    if !is_ours(&path)? {
        make(&path, journal).await?;
    }
    match connect(&path, journal, pages).await {
        Ok(connection) => opened(connection, path, None),
        Err(error) if is_damage(&error) => {
            let aside = move_aside(&path)?;
            let said = failure(
                &path,
                &format!("it was damaged and is now called {aside}; a new one was begun"),
            );
            make(&path, journal).await?;
            match connect(&path, journal, pages).await {
                Ok(connection) => opened(connection, path, Some(said)),
                Err(error) => Err(in_words(&path, &error)),
            }
        }
        Err(error) => Err(in_words(&path, &error)),
    }
}

fn opened(
    connection: SqliteConnection,
    path: PathBuf,
    moved: Option<Failure>,
) -> Result<Opened, Failure> {
    let inode = inode(&path).ok_or_else(|| failure(&path, "it vanished while it was opened"))?;
    Ok(Opened {
        connection,
        path,
        inode,
        moved,
    })
}

/// Which file has this name now.
pub(super) fn inode(path: &Path) -> Option<u64> {
    std::fs::symlink_metadata(path).ok().map(|m| m.ino())
}

async fn lock(path: &Path) -> Result<File, Failure> {
    private_file(path)?;
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| refused(path, "it cannot be written", &error))?;
    let begun = tokio::time::Instant::now();
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if begun.elapsed() > PATIENCE => {
                return Err(failure(path, "another program keeps it locked"));
            }
            Err(TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_millis(20)).await,
            // A file system without locks: making the file is then not guarded, using it is as ever.
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(file),
        }
    }
}

/// Whether the file is there and ours; `false` when there is none, or nothing in it.
fn is_ours(path: &Path) -> Result<bool, Failure> {
    let Some(found) = private_file(path)? else {
        return Ok(false);
    };
    if found.len() == 0 {
        return Ok(false);
    }
    // The header of an SQLite file: magic, at 60 the user's version, at 68 the application.
    let mut header = [0; 100];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut header));
    let number = |at: usize| {
        header
            .get(at..at + 4)
            .and_then(|bytes| bytes.try_into().ok())
            .map(u32::from_be_bytes)
    };
    let is_ours = header.starts_with(b"SQLite format 3\0") && number(68) == Some(APPLICATION);
    match read {
        Ok(()) if is_ours && number(60).is_some_and(|version| version > VERSION) => Err(failure(
            path,
            "it was written by a newer vigie, so it is left alone",
        )),
        Ok(()) if is_ours => Ok(true),
        Ok(()) => Err(not_ours(path)),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Err(not_ours(path)),
        Err(error) => Err(refused(path, "it cannot be read", &error)),
    }
}

fn not_ours(path: &Path) -> Failure {
    failure(path, "it is no history of vigie, so it is left alone")
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY)
        // With a write-ahead log a crash of the machine may cost the last seconds, never the file.
        .synchronous(SqliteSynchronous::Normal)
        .pragma("trusted_schema", "OFF")
        .thread_name(|_| "history-file".to_owned())
        .disable_statement_logging()
}

/// Makes a whole new file and moves it into place.
async fn make(path: &Path, journal: &'static str) -> Result<(), Failure> {
    let new = with_suffix(path, ".new");
    // Left over by a program that died here; under the lock it is nobody else's.
    for left_over in [new.clone(), with_suffix(&new, "-journal")] {
        let _ = std::fs::remove_file(left_over);
    }
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&new)
        .map_err(|error| refused(path, "it cannot be made", &error))?;
    let made = fill(&new, journal).await;
    made.map_err(|error| in_words(path, &error))?;
    std::fs::rename(&new, path).map_err(|error| refused(path, "it cannot be made", &error))
}

async fn fill(path: &Path, journal: &'static str) -> sqlx::Result<()> {
    let mut connection = options(path).connect().await?;
    let filled = async {
        sqlx::raw_sql(AssertSqlSafe(format!(
            "BEGIN; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; {TABLES} COMMIT; \
             PRAGMA journal_mode = {journal};"
        )))
        .execute(&mut connection)
        .await
    }
    .await;
    connection.close().await?;
    filled.map(|_| ())
}

/// Opens the file, checks its pages, and tries whether it can be written.
async fn connect(path: &Path, journal: &str, pages: u32) -> sqlx::Result<SqliteConnection> {
    let mut connection = options(path).connect().await?;
    match prepare(&mut connection, journal, pages).await {
        Ok(()) => Ok(connection),
        Err(error) => {
            // What closing says matters less than what went wrong.
            let _ = connection.close().await;
            Err(error)
        }
    }
}

async fn prepare(connection: &mut SqliteConnection, journal: &str, pages: u32) -> sqlx::Result<()> {
    let now: String = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(&mut *connection)
        .await?;
    if !now.eq_ignore_ascii_case(journal) {
        // Fails while another program has it open; then it stays as it is.
        let _ = sqlx::raw_sql(AssertSqlSafe(format!("PRAGMA journal_mode = {journal}")))
            .execute(&mut *connection)
            .await;
    }
    let found: String = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_one(&mut *connection)
        .await?;
    if found != "ok" {
        return Err(damaged());
    }
    let has_watches: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'watches'",
    )
    .fetch_one(&mut *connection)
    .await?;
    if has_watches == 0 {
        sqlx::raw_sql(AssertSqlSafe(format!("BEGIN IMMEDIATE; {ADDED} COMMIT;")))
            .execute(&mut *connection)
            .await?;
    }
    sqlx::raw_sql(AssertSqlSafe(format!(
        "PRAGMA max_page_count = {pages}; PRAGMA journal_size_limit = 4194304;"
    )))
    .execute(&mut *connection)
    .await?;
    sqlx::query("INSERT INTO opened VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET at = excluded.at")
        .bind(Moment::now().as_millis())
        .execute(connection)
        .await?;
    Ok(())
}

/// Damage that SQLite's check put into words instead of an error.
fn damaged() -> sqlx::Error {
    sqlx::Error::Protocol("damaged".to_owned())
}

/// Moves the file and what belongs to it aside; the file's new name.
fn move_aside(path: &Path) -> Result<String, Failure> {
    let suffix = format!(".damaged-{}", Moment::now().as_unix());
    let aside = with_suffix(path, &suffix);
    std::fs::rename(path, &aside)
        .map_err(|error| refused(path, "it is damaged and cannot be moved", &error))?;
    for part in ["-wal", "-shm", "-journal"] {
        // Mostly there is none.
        let _ = std::fs::rename(with_suffix(path, part), with_suffix(&aside, part));
    }
    Ok(aside.file_name().map_or_else(
        || aside.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    ))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// SQLite's primary result code (<https://www.sqlite.org/rescode.html>).
pub(super) fn code(error: &sqlx::Error) -> Option<u32> {
    let code = error.as_database_error()?.code()?;
    code.parse::<u32>().ok().map(|code| code & 0xff)
}

/// Whether the file's content is broken.
pub(super) fn is_damage(error: &sqlx::Error) -> bool {
    matches!(code(error), Some(11 | 26)) || matches!(error, sqlx::Error::Protocol(_))
}

/// Whether another program had it locked for too long: worth trying again at once.
pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    matches!(code(error), Some(5 | 6))
}

/// What went wrong with this file, in words.
pub(super) fn in_words(path: &Path, error: &sqlx::Error) -> Failure {
    let detail = match code(error) {
        Some(5 | 6) => "another program keeps it locked".to_owned(),
        Some(8) => "it cannot be written: it is read-only".to_owned(),
        Some(10) => "reading or writing it fails; the disk may be full or broken".to_owned(),
        Some(11 | 26) => "it is damaged".to_owned(),
        Some(13) => {
            "it cannot be written: the disk is full, or the file has grown to its limit".to_owned()
        }
        Some(14) => "it cannot be opened".to_owned(),
        _ => match error.as_database_error() {
            Some(said) => said.message().to_owned(),
            None => error.to_string(),
        },
    };
    failure(path, &detail)
}

/// Whether the directory is on a file system of another machine.
#[cfg(target_os = "linux")]
fn is_remote(directory: &Path) -> bool {
    /// NFS, SMB, CIFS, 9P, FUSE (sshfs), AFS: linux/magic.h.
    const REMOTE: [i128; 6] = [
        0x6969,
        0xfe53_4d42,
        0xff53_4d42,
        0x0102_1997,
        0x6573_5546,
        0x5346_414f,
    ];
    rustix::fs::statfs(directory)
        .is_ok_and(|found| REMOTE.contains(&(i128::from(found.f_type) & 0xffff_ffff)))
}

/// Whether the directory is on a file system of another machine: not asked here.
#[cfg(not(target_os = "linux"))]
const fn is_remote(_: &Path) -> bool {
    false
}

//! What a database's errors mean.
//!
//! Numbers of MariaDB and MySQL as recorded (`api/mail-queues.md` A), SQLSTATEs of PostgreSQL's appendix A, result
//! codes of sqlite.org/rescode.html.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use sqlx::mysql::MySqlDatabaseError;
use sqlx::postgres::PgDatabaseError;

use crate::config::shape::{Database, DatabaseSystem, Listens, MailRows, MailTable};
use crate::domain::failure::{FailureKind, Stage};
use crate::domain::{Failure, Text};

use super::is_file;
use super::link::System;

/// What an error is told with: who asked what of whom.
#[derive(Debug)]
pub(super) struct Scene {
    /// `password of newsletter (user vigie)`
    credential: Text,
    /// `the queue in admidio on db.example.org`
    asked: String,
    /// Where it listens, for "refused".
    place: String,
    host: String,
    database: String,
    user: String,
    system: System,
    table: Option<String>,
    columns: Vec<String>,
    limit: Duration,
}

impl Scene {
    pub(super) fn new(name: &str, table: &MailTable, limit: Duration) -> Self {
        let (system, place, host, database, user) = match &table.database {
            Database::File(path) => {
                let path = path.display().to_string();
                (
                    System::Sqlite,
                    path.clone(),
                    String::new(),
                    path,
                    String::new(),
                )
            }
            Database::Server {
                system,
                listens,
                name,
                user,
                ..
            } => {
                let (place, host) = match listens {
                    Listens::Socket(path) => (path.display().to_string(), String::new()),
                    Listens::Tcp { host, port, .. } => (format!("{host}:{port}"), host.clone()),
                };
                let system = match system {
                    DatabaseSystem::MariaDb => System::MariaDb,
                    DatabaseSystem::PostgreSql => System::PostgreSql,
                };
                (system, place, host, name.clone(), user.clone())
            }
        };
        let (read, columns) = match &table.rows {
            MailRows::Query(_) => (None, Vec::new()),
            MailRows::Columns {
                table,
                id,
                time,
                tries,
                error,
                ..
            } => {
                let columns = [id, time, tries, error].into_iter().flatten();
                (Some(table.clone()), columns.cloned().collect())
            }
        };
        let asked = if is_file(&table.database) {
            format!("the queue in {place}")
        } else {
            format!("the queue in {database} at {place}")
        };
        Self {
            credential: Text::clean(&format!("password of {name} (user {user})")),
            asked,
            place,
            host,
            database,
            user,
            system,
            table: read,
            columns,
            limit,
        }
    }

    /// A failure of this source.
    pub(super) fn during(&self, kind: FailureKind) -> Failure {
        self.name(Failure::new(kind))
    }

    /// The same failure, naming what was asked.
    pub(super) fn name(&self, failure: Failure) -> Failure {
        failure.during(&self.asked)
    }

    /// What an error means. `account` is who lacks a right, as the database itself says.
    pub(super) fn explain(&self, error: &sqlx::Error, account: Option<&str>) -> Failure {
        self.during(self.kind(error, account))
    }

    fn kind(&self, error: &sqlx::Error, account: Option<&str>) -> FailureKind {
        match error {
            sqlx::Error::Database(said) => {
                let words = said.message();
                if let Some(mysql) = said.try_downcast_ref::<MySqlDatabaseError>() {
                    self.mysql(mysql.number(), words, account)
                } else if let Some(postgres) = said.try_downcast_ref::<PgDatabaseError>() {
                    self.postgres(postgres.code(), words, account)
                } else {
                    let code = said.code().and_then(|code| code.parse().ok());
                    self.sqlite(code.unwrap_or(1), words)
                }
            }
            sqlx::Error::Io(error) => in_system(error, &self.place, &self.host),
            sqlx::Error::Configuration(inner) if inner.to_string().contains("RSA") => {
                FailureKind::Tls {
                    detail: Text::clean(
                        "the database wants the password of this account within TLS: \
                         give the source a ca or a fingerprint",
                    ),
                }
            }
            sqlx::Error::Protocol(detail) => FailureKind::Malformed {
                detail: Text::clean(detail),
            },
            other => FailureKind::Malformed {
                detail: Text::clean(&innermost(other)),
            },
        }
    }

    fn mysql(&self, number: u16, words: &str, account: Option<&str>) -> FailureKind {
        match number {
            1045 | 1698 => self.refused(words),
            1044 | 1142 | 1143 => self.not_granted(account),
            1049 => self.no_database(),
            1146 => self.no_table(words),
            1054 => wrong_place(format!("{words}; check the names of the columns")),
            1064 => wrong_place(format!("the SQL of where or query is wrong: {words}")),
            // Statement and lock deadlines of MariaDB and MySQL, and a statement that somebody ended.
            1205 | 1317 | 1969 | 3024 => self.too_slow(),
            1040 | 1203 | 1226 => FailureKind::Busy {
                retry_after: None,
                code: number,
            },
            1129 | 1130 => FailureKind::Forbidden {
                right: Some(Text::clean(&format!(
                    "the right to connect from this machine ({words})"
                ))),
            },
            code => FailureKind::Status {
                code,
                reason: Text::clean_non_empty(words),
            },
        }
    }

    fn postgres(&self, code: &str, words: &str, account: Option<&str>) -> FailureKind {
        match code {
            "28000" if words.contains("pg_hba.conf") => FailureKind::Forbidden {
                right: Some(Text::clean(&format!(
                    "the right to connect from this machine ({words})"
                ))),
            },
            "28P01" | "28000" => self.refused(words),
            "42501" => self.not_granted(account),
            "3D000" => self.no_database(),
            "42P01" => self.no_table(words),
            "42703" => wrong_place(format!("{words}; check the names of the columns")),
            "42601" => wrong_place(format!("the SQL of where or query is wrong: {words}")),
            "57014" | "55P03" => self.too_slow(),
            "53300" => FailureKind::Busy {
                retry_after: None,
                code: 503,
            },
            "57P01" | "57P02" | "57P03" => FailureKind::Broken {
                detail: Text::clean(words),
            },
            _ => FailureKind::Malformed {
                detail: Text::clean(&format!("{code}: {words}")),
            },
        }
    }

    fn sqlite(&self, code: u32, words: &str) -> FailureKind {
        let file = |detail: &str| FailureKind::File {
            path: Text::clean(&self.place),
            detail: Text::clean(detail),
        };
        // The lower byte is the kind, what is above says more of it.
        match code & 0xff {
            5 | 6 | 9 => self.too_slow(),
            14 => file("it cannot be opened; does it exist, and may you read it?"),
            26 => file("it is no SQLite database"),
            11 => file("it is damaged"),
            1 if words.contains("no such table") => self.no_table(words),
            1 if words.contains("no such column") => {
                wrong_place(format!("{words}; check the names of the columns"))
            }
            _ => file(words),
        }
    }

    fn refused(&self, words: &str) -> FailureKind {
        FailureKind::Unauthorized {
            credential: self.credential.clone(),
            reason: Text::clean_non_empty(words),
        }
    }

    /// The statement that gives the least right that is enough.
    fn not_granted(&self, account: Option<&str>) -> FailureKind {
        let columns: Vec<String> = self.columns.iter().map(|c| self.system.quoted(c)).collect();
        let select = if columns.is_empty() {
            "SELECT".to_owned()
        } else {
            format!("SELECT ({})", columns.join(", "))
        };
        let table = self.table.as_deref().unwrap_or("…");
        let (place, who) = match self.system {
            System::MariaDb => {
                let (user, host) = account
                    .and_then(|account| account.rsplit_once('@'))
                    .unwrap_or((&self.user, "%"));
                let whole = if table.contains('.') {
                    self.system.quoted(table)
                } else {
                    self.system.quoted(&format!("{}.{table}", self.database))
                };
                (whole, format!("'{user}'@'{host}'"))
            }
            _ => (
                self.system.quoted(table),
                self.system.quoted(account.unwrap_or(&self.user)),
            ),
        };
        let what = match self.columns.as_slice() {
            [] => table.to_owned(),
            columns => format!("{table} ({})", columns.join(", ")),
        };
        FailureKind::NotGranted {
            what: Text::clean(&what),
            grant: Text::clean(&format!("GRANT {select} ON {place} TO {who};")),
        }
    }

    fn no_database(&self) -> FailureKind {
        wrong_place(format!(
            "there is no database {} at {}; check its name",
            self.database, self.place
        ))
    }

    fn no_table(&self, words: &str) -> FailureKind {
        wrong_place(match &self.table {
            Some(table) => format!("{} has no table {table}; check its name", self.database),
            None => format!("{words}; check the query"),
        })
    }

    const fn too_slow(&self) -> FailureKind {
        FailureKind::TimedOut {
            stage: Stage::FirstByte,
            after: self.limit,
        }
    }
}

fn wrong_place(detail: impl AsRef<str>) -> FailureKind {
    FailureKind::WrongPlace {
        detail: Text::clean(detail.as_ref()),
    }
}

/// Whether an account lacks a right.
pub(super) fn is_about_rights(error: &sqlx::Error) -> bool {
    let Some(said) = error.as_database_error() else {
        return false;
    };
    matches!(mysql_number(error), Some(1044 | 1142 | 1143))
        || said
            .try_downcast_ref::<PgDatabaseError>()
            .is_some_and(|error| error.code() == "42501")
}

/// The number of an error of MariaDB or MySQL.
pub(super) fn mysql_number(error: &sqlx::Error) -> Option<u16> {
    let said = error.as_database_error()?;
    said.try_downcast_ref::<MySqlDatabaseError>()
        .map(MySqlDatabaseError::number)
}

/// What the system says of a connection.
pub(super) fn in_system(error: &io::Error, place: &str, host: &str) -> FailureKind {
    let words = error.to_string();
    let plain = words
        .split_once(" (os error")
        .map_or(&*words, |(said, _)| said);
    match error.kind() {
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => FailureKind::Broken {
            detail: Text::clean(&format!("{place} closed the connection")),
        },
        io::ErrorKind::NotFound => FailureKind::Unreachable {
            detail: Text::clean(&format!("{place}: there is no such socket")),
        },
        _ if words.contains("emporary failure in name resolution") => FailureKind::Unreachable {
            detail: Text::clean(&format!("no name server tells the address of {host}")),
        },
        _ if words.contains("failed to lookup address") => FailureKind::NameNotFound {
            host: Text::clean(host),
        },
        io::ErrorKind::InvalidData => FailureKind::Malformed {
            detail: Text::clean(&format!("what answers at {place} is no such database")),
        },
        _ => FailureKind::Unreachable {
            detail: Text::clean(&format!("{place}: {}", plain.to_lowercase())),
        },
    }
}

/// The words of the innermost cause.
fn innermost(error: &sqlx::Error) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    // A loop of causes cannot be excluded by types.
    for _ in 0..16 {
        let Some(cause) = next else { break };
        words = cause.to_string();
        next = cause.source();
    }
    words
}

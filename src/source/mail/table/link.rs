//! A connection to a database: read-only, with a deadline for each statement, every value as text.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use rustls::ClientConfig;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlSslMode};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Row as _};

use crate::config::shape::{Database, DatabaseSystem, Listens, Trust};
use crate::config::{Secret, SecretSource};
use crate::domain::failure::FailureKind;
use crate::domain::{Failure, Text};
use crate::source::http::trust;
use crate::source::secret;
use crate::source::tunnel::Tunnel;

use super::relay::{Relay, Target};

/// Most rows of an answer that are read; ours have 20 at most.
const MOST_ROWS: usize = 64;

/// Instructions of SQLite's machine between two looks at the clock.
const SQLITE_LOOKS: i32 = 50_000;

/// Port in the name of PostgreSQL's socket when only its directory is given.
const POSTGRES_PORT: u16 = 5432;

/// Which SQL is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum System {
    /// MariaDB and MySQL.
    MariaDb,
    PostgreSql,
    Sqlite,
}

impl System {
    /// A name in quotes; each part of a name with dots for itself.
    pub(super) fn quoted(self, name: &str) -> String {
        let quote = match self {
            Self::MariaDb => '`',
            _ => '"',
        };
        let parts = name.split('.').map(|part| {
            let doubled = part.replace(quote, &format!("{quote}{quote}"));
            format!("{quote}{doubled}{quote}")
        });
        parts.collect::<Vec<_>>().join(".")
    }
}

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum Refused {
    /// On the way there.
    Known(Failure),
    /// By the database.
    Sql(sqlx::Error),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Known(failure)
    }
}

/// Opens connections.
#[derive(Debug)]
pub(super) struct Opener {
    what: String,
    database: Database,
    tunnel: Option<Tunnel>,
    limit: Duration,
    /// Made once: the CA file is read when it is first needed.
    tls: tokio::sync::Mutex<Option<Arc<ClientConfig>>>,
}

impl Opener {
    pub(super) fn new(name: &str, database: &Database, limit: Duration) -> Self {
        let tunnel = match database {
            Database::Server {
                listens:
                    Listens::Tcp {
                        tunnel: Some(tunnel),
                        ..
                    },
                ..
            } => Some(Tunnel::new(tunnel)),
            _ => None,
        };
        Self {
            what: format!("password of {name}"),
            database: database.clone(),
            tunnel,
            limit,
            tls: tokio::sync::Mutex::new(None),
        }
    }

    /// A fresh connection, set up for reading only.
    pub(super) async fn open(&self) -> Result<Link, Refused> {
        match &self.database {
            Database::File(path) => self.file(path).await,
            Database::Server {
                system,
                listens,
                name,
                user,
                password,
            } => {
                let password = self.password(password.as_ref()).await?;
                let way = self.way(*system, listens, password.as_ref()).await?;
                let server = Server {
                    name,
                    user,
                    password: password.as_ref(),
                    limit: self.limit,
                };
                let opened = match system {
                    DatabaseSystem::MariaDb => mariadb(&server, &way).await,
                    DatabaseSystem::PostgreSql => postgresql(&server, &way).await,
                };
                opened
                    .map_err(|error| match way.relay.as_ref().and_then(Relay::failure) {
                        Some(failure) => Refused::Known(failure),
                        None => Refused::Sql(error),
                    })
                    .map(|connection| Link {
                        connection,
                        _relay: way.relay,
                    })
            }
        }
    }

    async fn password(&self, source: Option<&SecretSource>) -> Result<Option<Secret>, Failure> {
        match source {
            Some(source) => secret::fetch(&self.what, source).await.map(Some),
            None => Ok(None),
        }
    }

    /// Where to connect to, behind tunnel and TLS.
    async fn way(
        &self,
        system: DatabaseSystem,
        listens: &Listens,
        password: Option<&Secret>,
    ) -> Result<Way, Failure> {
        let (host, port, trust) = match listens {
            Listens::Socket(path) => {
                return Ok(Way {
                    end: End::Socket(path.clone()),
                    relay: None,
                });
            }
            Listens::Tcp {
                host, port, trust, ..
            } => (host, *port, trust),
        };
        let (to, port) = match &self.tunnel {
            Some(tunnel) => ("127.0.0.1", tunnel.port().await?),
            None => (host.as_str(), port),
        };
        let Some(trust) = trust else {
            return Ok(Way {
                end: End::Tcp(to.to_owned(), port),
                relay: None,
            });
        };
        let target = Target {
            system,
            host: to.to_owned(),
            port,
            name: host.clone(),
            tls: self.tls(trust).await?,
            password: password.cloned(),
        };
        let relay = Relay::open(target).await?;
        Ok(Way {
            end: End::Socket(relay.socket()),
            relay: Some(relay),
        })
    }

    async fn tls(&self, trust: &Trust) -> Result<Arc<ClientConfig>, Failure> {
        let mut made = self.tls.lock().await;
        if let Some(made) = &*made {
            return Ok(Arc::clone(made));
        }
        let trust = trust.clone();
        let config = tokio::task::spawn_blocking(move || trust::client_config(&trust))
            .await
            .map_err(|error| {
                Failure::new(FailureKind::Bug {
                    detail: Text::clean(&error.to_string()),
                })
            })??;
        let config = Arc::new(config);
        *made = Some(Arc::clone(&config));
        Ok(config)
    }

    async fn file(&self, path: &Path) -> Result<Link, Refused> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .read_only(true)
            .create_if_missing(false)
            .busy_timeout(self.limit)
            .pragma("query_only", "ON")
            .statement_cache_capacity(0)
            .disable_statement_logging();
        let connection = options.connect().await.map_err(Refused::Sql)?;
        let deadline: Deadline = Arc::default();
        let link = Lite {
            connection,
            deadline,
            limit: self.limit,
        };
        Ok(Link {
            connection: Connection::Lite(link.watched().await.map_err(Refused::Sql)?),
            _relay: None,
        })
    }
}

/// Where a connection is made to, once tunnel and TLS are there.
#[derive(Debug)]
struct Way {
    end: End,
    relay: Option<Relay>,
}

#[derive(Debug)]
enum End {
    Tcp(String, u16),
    Socket(PathBuf),
}

/// Who connects to what.
struct Server<'a> {
    name: &'a str,
    user: &'a str,
    password: Option<&'a Secret>,
    limit: Duration,
}

async fn mariadb(server: &Server<'_>, way: &Way) -> Result<Connection, sqlx::Error> {
    let mut options = MySqlConnectOptions::new()
        .username(server.user)
        .database(server.name)
        .ssl_mode(MySqlSslMode::Disabled)
        .statement_cache_capacity(0)
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        // Times without zone stand in the server's own.
        .timezone(None)
        .disable_statement_logging();
    if let Some(password) = server.password {
        options = options.password(password.expose());
    }
    options = match &way.end {
        End::Tcp(host, port) => options.host(host).port(*port),
        End::Socket(path) => options.socket(path),
    };
    let mut connection = Connection::My(options.connect().await?);
    let seconds = server.limit.as_secs_f64();
    let millis = server.limit.as_millis();
    let whole = server.limit.as_secs().max(1);
    connection.rows("SET SESSION TRANSACTION READ ONLY").await?;
    // MariaDB's, MySQL's; and MySQL 8 keeps AUTO_INCREMENT for a day unless told not to.
    for setting in [
        format!("max_statement_time = {seconds}"),
        format!("max_execution_time = {millis}"),
        "information_schema_stats_expiry = 0".to_owned(),
        format!("lock_wait_timeout = {whole}"),
    ] {
        let set = format!("SET SESSION {setting}");
        connection.rows(&set).await.or_else(no_such_setting)?;
    }
    Ok(connection)
}

/// Older servers, and those of the other brand, lack some settings (1193); our own deadline holds anyway.
fn no_such_setting(error: sqlx::Error) -> Result<Vec<Row>, sqlx::Error> {
    match super::fault::mysql_number(&error) {
        Some(1193) => Ok(Vec::new()),
        _ => Err(error),
    }
}

async fn postgresql(server: &Server<'_>, way: &Way) -> Result<Connection, sqlx::Error> {
    let mut options = PgConnectOptions::new_without_pgpass()
        .username(server.user)
        .database(server.name)
        .ssl_mode(PgSslMode::Disable)
        .application_name("vigie")
        .statement_cache_capacity(0)
        .disable_statement_logging();
    if let Some(password) = server.password {
        options = options.password(password.expose());
    }
    options = match &way.end {
        End::Tcp(host, port) => options.host(host).port(*port),
        End::Socket(path) => {
            let (directory, port) = postgres_socket(path);
            options.socket(directory).port(port)
        }
    };
    let mut connection = Connection::Pg(Box::new(options.connect().await?));
    let millis = server.limit.as_millis();
    for set in [
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY".to_owned(),
        format!("SET statement_timeout = {millis}"),
        format!("SET lock_timeout = {millis}"),
    ] {
        connection.rows(&set).await?;
    }
    Ok(connection)
}

/// Directory and port of `/run/postgresql/.s.PGSQL.5432`, or of the directory alone.
fn postgres_socket(path: &Path) -> (PathBuf, u16) {
    let name = path.file_name().and_then(std::ffi::OsStr::to_str);
    let port = name
        .and_then(|name| name.strip_prefix(".s.PGSQL."))
        .and_then(|port| port.parse().ok());
    match (port, path.parent()) {
        (Some(port), Some(directory)) => (directory.to_owned(), port),
        _ => (path.to_owned(), POSTGRES_PORT),
    }
}

/// An open connection with what carries it.
pub(super) struct Link {
    connection: Connection,
    _relay: Option<Relay>,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Link").field(&self.system()).finish()
    }
}

enum Connection {
    My(MySqlConnection),
    Pg(Box<PgConnection>),
    Lite(Lite),
}

impl Link {
    pub(super) const fn system(&self) -> System {
        match self.connection {
            Connection::My(_) => System::MariaDb,
            Connection::Pg(_) => System::PostgreSql,
            Connection::Lite(_) => System::Sqlite,
        }
    }

    /// The rows of one statement.
    pub(super) async fn rows(&mut self, sql: &str) -> Result<Vec<Row>, sqlx::Error> {
        self.connection.rows(sql).await
    }

    /// The account as the database knows it, for the statement that gives it a right.
    pub(super) async fn account(&mut self) -> Option<String> {
        let ask = match self.system() {
            System::MariaDb => "SELECT CURRENT_USER()",
            System::PostgreSql => "SELECT current_user",
            System::Sqlite => return None,
        };
        let rows = self.rows(ask).await.ok()?;
        rows.first()?.first().map(str::to_owned)
    }
}

impl Connection {
    async fn rows(&mut self, sql: &str) -> Result<Vec<Row>, sqlx::Error> {
        // One round of plain text: no prepared statements that a pooler between could lose, and all values as the
        // server writes them.
        let query = sqlx::raw_sql(AssertSqlSafe(sql));
        let mut rows = Vec::new();
        match self {
            Self::My(connection) => {
                let mut found = query.fetch(connection);
                while let Some(row) = found.try_next().await? {
                    push(&mut rows, row.columns(), |index| {
                        row.try_get_unchecked::<Option<Vec<u8>>, _>(index)
                    })?;
                }
            }
            Self::Pg(connection) => {
                let mut found = query.fetch(&mut **connection);
                while let Some(row) = found.try_next().await? {
                    push(&mut rows, row.columns(), |index| {
                        row.try_get_unchecked::<Option<String>, _>(index)
                            .map(|text| text.map(String::into_bytes))
                    })?;
                }
            }
            Self::Lite(lite) => {
                lite.start();
                let mut found = query.fetch(&mut lite.connection);
                while let Some(row) = found.try_next().await? {
                    push(&mut rows, row.columns(), |index| {
                        row.try_get_unchecked::<Option<Vec<u8>>, _>(index)
                    })?;
                }
            }
        }
        Ok(rows)
    }
}

fn push<C: sqlx::Column>(
    rows: &mut Vec<Row>,
    columns: &[C],
    cell: impl Fn(usize) -> Result<Option<Vec<u8>>, sqlx::Error>,
) -> Result<(), sqlx::Error> {
    if rows.len() == MOST_ROWS {
        let detail = format!("more than {MOST_ROWS} rows");
        return Err(sqlx::Error::Protocol(detail));
    }
    let mut row = Row(Vec::with_capacity(columns.len()));
    for (index, column) in columns.iter().enumerate() {
        let text = cell(index)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        row.0.push((column.name().to_owned(), text));
    }
    rows.push(row);
    Ok(())
}

/// A row: names of columns and their values as text.
#[derive(Debug)]
pub(super) struct Row(Vec<(String, Option<String>)>);

impl Row {
    /// A column's value, by its name without case; nothing for NULL.
    pub(super) fn get(&self, column: &str) -> Option<&str> {
        let mut fitting = self
            .0
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case(column));
        fitting.next()?.1.as_deref()
    }

    /// The first column's value.
    pub(super) fn first(&self) -> Option<&str> {
        self.0.first()?.1.as_deref()
    }

    #[cfg(test)]
    pub(super) fn of(cells: &[(&str, Option<&str>)]) -> Self {
        let cells = cells.iter();
        Self(
            cells
                .map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned)))
                .collect(),
        )
    }
}

/// Until when the running statement may take.
type Deadline = Arc<Mutex<Option<Instant>>>;

/// SQLite has no deadline of its own for statements.
struct Lite {
    connection: SqliteConnection,
    deadline: Deadline,
    limit: Duration,
}

impl Lite {
    async fn watched(mut self) -> Result<Self, sqlx::Error> {
        let deadline = Arc::clone(&self.deadline);
        self.connection
            .lock_handle()
            .await?
            .set_progress_handler(SQLITE_LOOKS, move || {
                let until = *deadline.lock().unwrap_or_else(PoisonError::into_inner);
                until.is_none_or(|until| Instant::now() < until)
            });
        Ok(self)
    }

    fn start(&self) {
        let until = Instant::now() + self.limit;
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_of_postgresql() {
        let split = |path: &str| postgres_socket(Path::new(path));
        assert_eq!(
            split("/run/postgresql/.s.PGSQL.5433"),
            ("/run/postgresql".into(), 5433)
        );
        assert_eq!(split("/run/postgresql"), ("/run/postgresql".into(), 5432));
    }
}

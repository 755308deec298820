//! Queues in tables: the database, and what is asked of it.

use std::net::IpAddr;
use std::time::Duration;

use super::super::super::document::Checked;
use super::super::super::shape::{Database, DatabaseSystem, Listens, MailRows, MailTable};
use super::super::super::table::Table;
use super::super::super::value::Value;
use super::super::{credential, ssh, tls};
use super::Kind;

/// Longest identifier that any of the systems takes.
const LONGEST_NAME: usize = 64;

/// Deadline of a reading unless configured.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Keys of this kind of queue.
const KEYS: [&str; 20] = [
    "system",
    "host",
    "port",
    "socket",
    "tunnel",
    "ca",
    "fingerprint",
    "database",
    "file",
    "user",
    "password",
    "timeout",
    "table",
    "id",
    "time",
    "tries",
    "error",
    "where",
    "query",
    "in_order",
];

/// What `system` may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum System {
    Server(DatabaseSystem),
    Sqlite,
}

/// Takes the keys as known without looking at them.
pub(super) fn known(table: &mut Table<'_>) {
    for key in KEYS {
        let _ = table.value(key);
    }
}

/// Reads what only queues in tables have.
pub(super) fn read(table: &mut Table<'_>, kind: Kind) -> Checked<MailTable> {
    let system = system(table, kind);
    let database = match system {
        Ok(System::Sqlite) => file(table),
        Ok(System::Server(system)) => server(table, system),
        Err(filed) => {
            known(table);
            Err(filed)
        }
    };
    let rows = rows(table, kind);
    let timeout = table.value("timeout").map_or(Ok(TIMEOUT), |value| {
        let most = Duration::from_mins(10);
        value.duration(Duration::from_secs(1), most, "a database takes its time")
    });
    Ok(MailTable {
        database: database?,
        rows: rows?,
        timeout: timeout?,
    })
}

fn system(table: &mut Table<'_>, kind: Kind) -> Checked<System> {
    const HELP: &str = "write system = \"mariadb\", \"postgresql\" or \"sqlite\"";
    let value = match table.value("system") {
        Some(value) => value,
        None if kind != Kind::Table => return Ok(System::Server(DatabaseSystem::MariaDb)),
        None => return Err(table.miss(&["system"], "has no system", HELP)),
    };
    match value.text(HELP)? {
        "mariadb" | "mysql" => Ok(System::Server(DatabaseSystem::MariaDb)),
        "postgresql" | "postgres" => Ok(System::Server(DatabaseSystem::PostgreSql)),
        "sqlite" => Ok(System::Sqlite),
        _ => Err(value.complain("is not known", HELP)),
    }
}

fn file(table: &mut Table<'_>) -> Checked<Database> {
    let value = table.required("file", "write the path of the database: file = \"/…\"")?;
    let path = value.tidy_text("write the path of the database")?;
    Ok(Database::File(value.document().resolve(path)))
}

fn server(table: &mut Table<'_>, system: DatabaseSystem) -> Checked<Database> {
    let listens = listens(table, system);
    let name = table
        .required("database", "write database = \"admidio\"")
        .and_then(|value| identifier(&value, 1));
    let user = table
        .required("user", "write user = \"vigie\"")
        .and_then(|value| {
            let user = value.tidy_text("write the user's name")?;
            Ok(user.to_owned())
        });
    let password = table
        .value("password")
        .map(|value| credential::secret(&value))
        .transpose();
    Ok(Database::Server {
        system,
        listens: listens?,
        name: name?,
        user: user?,
        password: password?,
    })
}

fn listens(table: &mut Table<'_>, system: DatabaseSystem) -> Checked<Listens> {
    const HOST: &str = "write host = \"db.example.org\", or socket = \"/run/mysqld/mysqld.sock\"";
    let tunnel = ssh::tunnel(table);
    let encrypted = table.has("ca") || table.has("fingerprint");
    let trust = tls::trust(table);
    let port = table.value("port").map(|value| port(&value)).transpose();
    if let Some(socket) = table.value("socket") {
        for key in ["host", "port", "tunnel", "ca", "fingerprint"] {
            if table.value(key).is_some() {
                let message = format!("{} has both socket and {key}", table.subject());
                return Err(table.complain_at(key, &message, "keep one of them"));
            }
        }
        let path = socket.tidy_text("write the path of the socket")?;
        return Ok(Listens::Socket(socket.document().resolve(path)));
    }
    let host = match table.value("host") {
        Some(value) => Some(host(&value)?),
        None => None,
    };
    let (tunnel, trust) = (tunnel?, trust?);
    let usual = match system {
        DatabaseSystem::MariaDb => 3306,
        DatabaseSystem::PostgreSql => 5432,
    };
    let port = port?.unwrap_or(usual);
    let host = match (host, &tunnel) {
        (Some(host), _) => host,
        (None, Some(tunnel)) => tunnel.to_host.trim_matches(['[', ']']).to_owned(),
        (None, None) => return Err(table.miss(&["host", "socket"], "has no host", HOST)),
    };
    // Within this machine, or through ssh, TLS would add nothing, unless it is asked for.
    let sheltered = tunnel.is_some() || is_loopback(&host);
    Ok(Listens::Tcp {
        trust: (encrypted || !sheltered).then_some(trust),
        host,
        port,
        tunnel,
    })
}

/// A name or an address; an IPv6 address without brackets.
fn host(value: &Value<'_>) -> Checked<String> {
    const HELP: &str = "write a name or an address: \"db.example.org\"";
    let text = value.tidy_text(HELP)?;
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    if bare.parse::<IpAddr>().is_ok() {
        return Ok(bare.to_owned());
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if bare.starts_with(['-', '.']) || !bare.chars().all(fits) {
        return Err(value.complain("is neither a name nor an address", HELP));
    }
    Ok(bare.to_owned())
}

fn port(value: &Value<'_>) -> Checked<u16> {
    let number = value.integer().and_then(|n| u16::try_from(n).ok());
    number
        .filter(|port| *port > 0)
        .ok_or_else(|| value.complain("is no port", "write a number of 1 to 65535"))
}

/// Whether it never leaves this machine.
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn rows(table: &mut Table<'_>, kind: Kind) -> Checked<MailRows> {
    const TABLE: &str = "write table = \"queue\", and id = \"id\"";
    let ready_made = match kind {
        Kind::Admidio => Some("adm_mail_queue"),
        Kind::MailQueue => Some("mail_queue"),
        _ => None,
    };
    if let Some(query) = table.value("query") {
        for key in ["table", "id", "time", "tries", "error", "where"] {
            if table.value(key).is_some() {
                let message = format!("{} has both query and {key}", table.subject());
                return Err(table.complain_at(key, &message, "keep one of them"));
            }
        }
        return own(&query).map(MailRows::Query);
    }
    let name = match (table.value("table"), ready_made) {
        (Some(value), _) => identifier(&value, 2),
        (None, Some(name)) => Ok(name.to_owned()),
        (None, None) => Err(table.miss(&["table", "query"], "has no table", TABLE)),
    };
    let mut column = |key: &'static str| {
        let value = table.value(key);
        value.map(|value| identifier(&value, 1)).transpose()
    };
    let (id, time, tries, error) = (
        column("id"),
        column("time"),
        column("tries"),
        column("error"),
    );
    let filter = table
        .value("where")
        .map(|value| condition(&value))
        .transpose();
    Ok(MailRows::Columns {
        table: name?,
        id: id?.or_else(|| ready_made.map(|_| "mid".to_owned())),
        time: time?,
        tries: tries?,
        error: error?,
        filter: filter?,
    })
}

/// A name in a database, of so many parts at most with dots between. It is quoted where it is used; what no sane
/// name holds is refused here all the same.
fn identifier(value: &Value<'_>, parts: usize) -> Checked<String> {
    const HELP: &str = "write the name as the database has it, without quotes around it";
    let text = value.tidy_text(HELP)?;
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '-');
    let sane = |part: &str| {
        !part.is_empty() && part.chars().count() <= LONGEST_NAME && part.chars().all(fits)
    };
    let pieces: Vec<&str> = text.split('.').collect();
    if pieces.len() > parts || !pieces.iter().all(|part| sane(part)) {
        return Err(value.complain("is no name that a table or column has", HELP));
    }
    Ok(text.to_owned())
}

/// A condition of the user's own.
fn condition(value: &Value<'_>) -> Checked<String> {
    single(value, "write a condition such as \"state = 'queued'\"")
}

/// A statement of the user's own.
fn own(value: &Value<'_>) -> Checked<String> {
    const HELP: &str = "write \"SELECT COUNT(*) AS depth, MIN(id) AS head FROM queue\"";
    let text = single(value, HELP)?;
    let first = text.split_whitespace().next().unwrap_or_default();
    if ["select", "with"].contains(&first.to_ascii_lowercase().as_str()) {
        return Ok(text);
    }
    Err(value.complain("does not begin with SELECT", HELP))
}

/// SQL of one statement: a second one would have no place to tell of itself.
fn single(value: &Value<'_>, help: &str) -> Checked<String> {
    let text = value.text(help)?.trim();
    let text = text.strip_suffix(';').unwrap_or(text);
    if text.contains(';') {
        return Err(value.complain("holds a semicolon: one statement only", help));
    }
    if text.contains('\0') {
        return Err(value.complain("holds a NUL", help));
    }
    Ok(text.to_owned())
}

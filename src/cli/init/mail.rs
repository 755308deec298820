//! Mail queues at their own place: Postfix, or the table of a sender.

use super::certificate::absolute;
use super::credential::{self, PASSWORD, Wanted};
use super::desk::{self, Desk, Then};
use super::form::Form;
use super::given::{Database, Given, Store};
use super::talk::{Stop, choice};
use crate::cli::doctor::step::Verdict;
use crate::domain::SourceKind;

/// Steps of the doctor that are the same for all.
const SAID: &[&str] = &["budget", "secret"];

/// The dialogue.
pub fn set_up(desk: &mut Desk<'_>, given: &mut Given) -> Result<Vec<Form>, Stop> {
    let store = match given.store.take() {
        Some(store) => store,
        None => match desk.talk.pick(
            "Where do the mails wait?",
            &[
                choice(
                    "postfix",
                    "in Postfix' queue, here or on a machine that ssh reaches",
                ),
                choice("admidio", "in the table adm_mail_queue of a database"),
                choice("mail_queue", "in the table mail_queue of a database"),
            ],
            None,
            "--store",
        )? {
            0 => Store::Postfix,
            1 => Store::Admidio,
            _ => Store::MailQueue,
        },
    };
    loop {
        let mut form = Form::new(SourceKind::Mail);
        match store {
            Store::Postfix => postfix(desk, &mut form, given)?,
            Store::Admidio | Store::MailQueue => table(desk, &mut form, given, store)?,
        }
        match tried(desk, &form, given)? {
            Then::Again => {}
            Then::Leave => return Ok(Vec::new()),
            _ => return Ok(vec![form]),
        }
    }
}

/// Postfix' queue on a host that the monitor knows.
pub fn of_host(desk: &Desk<'_>, given: &Given, host: &str) -> Result<Option<Form>, Stop> {
    let mut form = Form::new(SourceKind::Mail);
    form.comments.push(format!(
        "Postfix' queue on {host}, which Checkmk counts, too."
    ));
    form.name = desk.free_name(SourceKind::Mail, &desk::plain_name(host));
    form.set("kind", "postfix");
    let destination = desk.talk.line(
        &format!("Destination for ssh to {host}"),
        Some(&format!("root@{host}")),
        "--ssh",
    )?;
    form.set("ssh", &destination);
    form.set("on", host);
    Ok(match tried(desk, &form, given)? {
        Then::Leave => None,
        _ => Some(form),
    })
}

/// Reads it once; what to do then. [`Then::Keep`] when it works.
fn tried(desk: &Desk<'_>, form: &Form, given: &Given) -> Result<Then, Stop> {
    let worst = desk.trial(form, SAID);
    if worst < Verdict::Fails {
        return Ok(Then::Keep);
    }
    desk.then(given, &[Then::Again, Then::Keep, Then::Leave])
}

fn postfix(desk: &Desk<'_>, form: &mut Form, given: &mut Given) -> Result<(), Stop> {
    form.set("kind", "postfix");
    let ssh = match given.ssh.take() {
        Some(ssh) => ssh,
        None => desk.talk.maybe(
            "Destination for ssh, such as root@mail.example.org (Enter for this machine)",
            "--ssh",
        )?,
    };
    let host = ssh.rsplit('@').next().unwrap_or_default();
    let proposed = match host.split('.').next() {
        Some("") | None => "postfix",
        Some(first) => first,
    };
    form.comments.push(if ssh.is_empty() {
        "Postfix' queue on this machine.".to_owned()
    } else {
        format!("Postfix' queue on {host}, through ssh.")
    });
    form.name = desk.name(SourceKind::Mail, given.name.take(), proposed)?;
    if !ssh.is_empty() {
        form.set("ssh", &ssh);
    }
    Ok(())
}

fn table(desk: &Desk<'_>, form: &mut Form, given: &mut Given, store: Store) -> Result<(), Stop> {
    let (kind, table) = match store {
        Store::Admidio => ("admidio", "adm_mail_queue"),
        _ => ("mail_queue", "mail_queue"),
    };
    form.set("kind", kind);
    form.comments
        .push(format!("The mails that wait in the table {table}."));
    let system = match given.system.take() {
        Some(system) => system,
        None => match desk.talk.pick(
            "Which database is it?",
            &[
                choice("mariadb", "MariaDB or MySQL"),
                choice("postgresql", "PostgreSQL"),
                choice("sqlite", "an SQLite file"),
            ],
            Some(0),
            "--system",
        )? {
            0 => Database::Mariadb,
            1 => Database::Postgresql,
            _ => Database::Sqlite,
        },
    };
    if system == Database::Sqlite {
        let file = match given.file.take() {
            Some(file) => file.to_string_lossy().into_owned(),
            None => desk.talk.line("Path of the file", None, "--file")?,
        };
        form.set("system", "sqlite");
        form.set("file", &absolute(&file));
        form.name = desk.name(SourceKind::Mail, given.name.take(), "newsletter")?;
        return Ok(());
    }
    form.set(
        "system",
        if system == Database::Mariadb {
            "mariadb"
        } else {
            "postgresql"
        },
    );
    listens(desk, form, given)?;
    let database = match given.database.take() {
        Some(database) => database,
        None => desk.talk.line("Name of the database", None, "--database")?,
    };
    form.set("database", &database);
    if desk.talk.asks() && given.secret.is_none() {
        let grant = if system == Database::Mariadb {
            format!(
                "CREATE USER 'vigie'@'%' IDENTIFIED BY '…';\n    GRANT SELECT (mid) ON {database}.{table} TO 'vigie'@'%';"
            )
        } else {
            format!(
                "CREATE ROLE vigie LOGIN PASSWORD '…';\n    GRANT SELECT (mid) ON {table} TO vigie;"
            )
        };
        desk.talk.say(&format!(
            "  Only numbers are read, so this is all the right it takes:\n    {grant}"
        ));
    }
    let user = match given.user.take() {
        Some(user) => user,
        None => desk.talk.line("User", Some("vigie"), "--user")?,
    };
    form.set("user", &user);
    form.name = desk.name(SourceKind::Mail, given.name.take(), "newsletter")?;
    let wanted = Wanted {
        what: PASSWORD,
        ending: "password",
        name: &form.name,
    };
    form.secret = Some(("password", credential::ask(desk, given, wanted)?));
    Ok(())
}

/// Where the server listens, and whose certificate counts when that is elsewhere.
fn listens(desk: &Desk<'_>, form: &mut Form, given: &mut Given) -> Result<(), Stop> {
    let place = match (given.host.take(), given.socket.take()) {
        (Some(host), _) => host,
        (None, Some(socket)) => socket.to_string_lossy().into_owned(),
        (None, None) => desk.talk.line(
            "Host, HOST:PORT, or the path of a socket",
            Some("127.0.0.1"),
            "--host",
        )?,
    };
    if place.starts_with('/') {
        form.set("socket", &place);
        return Ok(());
    }
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() && !host.contains(':') => {
            (host, Some(port))
        }
        _ => (place.as_str(), None),
    };
    form.set("host", host);
    if let Some(port) = port.and_then(|port| port.parse::<i64>().ok()) {
        form.table.insert("port", toml_edit::value(port));
    }
    let is_here = host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback());
    if let Some(ca) = given.ca.take() {
        form.set("ca", &absolute(&ca.to_string_lossy()));
    } else if let Some(pin) = given.pin.take() {
        form.set("fingerprint", &pin);
    } else if !is_here {
        let ca = desk.talk.maybe(
            "PEM file of the authority that signed its certificate (Enter for the system's own)",
            "--ca",
        );
        match ca {
            Ok(ca) if !ca.is_empty() => form.set("ca", &absolute(&ca)),
            Ok(_) => {}
            Err(stop) => return Err(stop),
        }
    }
    Ok(())
}

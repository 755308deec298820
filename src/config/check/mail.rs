//! `[mail.NAME]`

mod table;

use std::path::PathBuf;
use std::time::Duration;

use super::super::document::Checked;
use super::super::shape::{Mail, MailStore};
use super::super::table::Table;
use super::super::value::Value;
use super::ssh;
use crate::domain::queue::{Levels, Sending};

/// Keys that only Postfix has, and those that only tables have, to tell who uses one of the other's.
const KIND: &str =
    "write kind = \"postfix\", \"admidio\", \"mail_queue\" or \"table\" with a table and its id";

/// Postfix' own rhythm: it looks at the queue every five minutes (`queue_run_delay`).
const POSTFIX_CYCLE: Duration = Duration::from_mins(5);

/// A sender that cron starts.
const TABLE_CYCLE: Duration = Duration::from_mins(1);

/// A kind of queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Postfix,
    /// `adm_mail_queue` of the PHP sender (`api/mail-queues.md` A).
    Admidio,
    /// `mail_queue` of the same sender, in another database.
    MailQueue,
    /// Any table.
    Table,
}

/// Reads the table.
pub(super) fn read(table: &mut Table<'_>) -> Checked<Mail> {
    let kind = table
        .required("kind", KIND)
        .and_then(|value| match value.text(KIND)? {
            "postfix" => Ok(Kind::Postfix),
            "admidio" => Ok(Kind::Admidio),
            "mail_queue" => Ok(Kind::MailQueue),
            "table" => Ok(Kind::Table),
            _ => Err(value.complain("is not known", KIND)),
        });
    let queue = name(table, "queue", "write the queue's name");
    let on = name(
        table,
        "on",
        "write the name of the machine that the queue is on",
    );
    let cycle = table
        .value("cycle")
        .map(|value| {
            let day = Duration::from_hours(24);
            value.duration(Duration::from_secs(1), day, "it is a sender's rhythm")
        })
        .transpose();
    let batch = number(table, "batch");
    let levels = levels(table);
    // Without a kind it is not known which keys belong here; all are taken, so that only the kind is complained of.
    let store = match &kind {
        Ok(Kind::Postfix) => postfix(table),
        Ok(kind) => table::read(table, *kind).map(MailStore::Table),
        Err(_) => {
            let (_, ()) = (postfix(table), table::known(table));
            Err(super::super::document::Filed)
        }
    };
    let in_order = match kind {
        Ok(Kind::Admidio | Kind::MailQueue) => Ok(true),
        Ok(Kind::Table) => {
            let retries = table.has("tries");
            let value = table.value("in_order");
            value.map_or(Ok(!retries), |value| value.flag())
        }
        _ => Ok(false),
    };
    let kind = kind?;
    let usual = match kind {
        Kind::Postfix => POSTFIX_CYCLE,
        _ => TABLE_CYCLE,
    };
    let usual_batch = matches!(kind, Kind::Admidio | Kind::MailQueue).then_some(10);
    Ok(Mail {
        queue: queue?,
        host: on?,
        sending: Sending {
            cycle: Some(cycle?.unwrap_or(usual)),
            batch: batch?.or(usual_batch),
            in_order: in_order?,
            defers: kind == Kind::Postfix,
        },
        levels: levels?,
        store: store?,
    })
}

fn name(table: &mut Table<'_>, key: &'static str, help: &str) -> Checked<Option<String>> {
    let value = table.value(key);
    value
        .map(|value| value.tidy_text(help).map(str::to_owned))
        .transpose()
}

/// A number of mails, at least one.
fn number(table: &mut Table<'_>, key: &'static str) -> Checked<Option<u64>> {
    let Some(value) = table.value(key) else {
        return Ok(None);
    };
    let number = value.integer().and_then(|n| u64::try_from(n).ok());
    match number {
        Some(number) if number > 0 => Ok(Some(number)),
        _ => Err(value.complain("is no number of mails", "write a whole number, 1 or more")),
    }
}

fn levels(table: &mut Table<'_>) -> Checked<Levels> {
    let warn_depth = number(table, "warn_depth");
    let crit_depth = number(table, "crit_depth");
    let warn_age = age(table, "warn_age");
    let crit_age = age(table, "crit_age");
    let levels = Levels {
        warn_depth: warn_depth?,
        crit_depth: crit_depth?,
        warn_age: warn_age?,
        crit_age: crit_age?,
    };
    let crossed = [
        (
            "crit_depth",
            levels
                .warn_depth
                .zip(levels.crit_depth)
                .is_some_and(|(warn, crit)| crit < warn),
        ),
        (
            "crit_age",
            levels
                .warn_age
                .zip(levels.crit_age)
                .is_some_and(|(warn, crit)| crit < warn),
        ),
    ];
    for (key, crossed) in crossed {
        if crossed {
            let message = format!("the {key} of {} is below its warning", table.subject());
            return Err(table.complain_at(key, &message, "write the greater of both here"));
        }
    }
    Ok(levels)
}

fn age(table: &mut Table<'_>, key: &'static str) -> Checked<Option<Duration>> {
    table
        .value(key)
        .map(|value| {
            let month = Duration::from_hours(31 * 24);
            value.duration(Duration::from_secs(1), month, "every mail waits a moment")
        })
        .transpose()
}

fn postfix(table: &mut Table<'_>) -> Checked<MailStore> {
    let destination = table
        .value("ssh")
        .map(|value| ssh::destination(&value))
        .transpose();
    let ssh_config = table
        .value("ssh_config")
        .map(|value| {
            let path = value.tidy_text("write the path of a file like ~/.ssh/config")?;
            Ok(value.document().resolve(path))
        })
        .transpose();
    let program = table
        .value("postqueue")
        .map(|value| {
            const HELP: &str =
                "write the path of the program there: \"/opt/postfix/sbin/postqueue\"";
            absolute(&value, HELP)
        })
        .transpose();
    let instances = table
        .value("instances")
        .map_or(Ok(Vec::new()), |value| instances(&value));
    Ok(MailStore::Postfix {
        ssh: destination?,
        ssh_config: ssh_config?,
        program: program?,
        instances: instances?,
    })
}

/// Directories on the queue's own machine, so `~` and relative paths have no meaning here.
fn instances(value: &Value<'_>) -> Checked<Vec<PathBuf>> {
    const HELP: &str = "write [\"/etc/postfix-out\"], as `postmulti -l` lists them";
    let mut out = Vec::new();
    let mut done = Ok(());
    for item in value.list("a list", HELP)? {
        match absolute(&item, HELP) {
            Ok(path) => out.push(path),
            Err(filed) => done = Err(filed),
        }
    }
    done.map(|()| out)
}

/// A path on the queue's own machine.
fn absolute(value: &Value<'_>, help: &str) -> Checked<PathBuf> {
    let strange = |c: char| !(c.is_ascii_alphanumeric() || "/._-+@".contains(c));
    let text = value.text(help)?;
    if text.starts_with('/') && !text.contains(strange) {
        Ok(PathBuf::from(text))
    } else {
        Err(value.complain("is no absolute path", help))
    }
}

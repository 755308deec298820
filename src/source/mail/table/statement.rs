//! What is asked of a table.
//!
//! Names come from the configuration, checked there, and are quoted here; the condition and the query of the user's
//! own are the only other SQL that is not ours.

use std::fmt::Write as _;

use crate::config::shape::MailRows;

use super::link::{Link, System};

/// Reasons that are kept, and how long each may be.
const REASONS: usize = 20;
const REASON: usize = 200;

/// The statements for one queue.
#[derive(Debug)]
pub(super) struct Statements {
    /// Columns by name, as [`super::answer::queue`] reads them.
    pub(super) counts: String,
    /// Last errors with how many mails have them.
    pub(super) reasons: Option<String>,
    /// Numbers of mails tell how many came.
    pub(super) numbered: bool,
}

/// What is known of a table before it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Facts {
    /// The time column holds Unix seconds.
    unix: bool,
    /// SQLite keeps counters for tables with `AUTOINCREMENT` (sqlite.org/autoinc.html).
    counters: bool,
}

impl Statements {
    /// Looks at what the table's columns are, and writes the statements.
    pub(super) async fn prepare(link: &mut Link, rows: &MailRows) -> Result<Self, sqlx::Error> {
        let facts = match rows {
            MailRows::Columns { table, time, .. } => facts(link, table, time.as_deref()).await?,
            MailRows::Query(_) => Facts::default(),
        };
        Ok(Self::write(link.system(), rows, facts))
    }

    fn write(system: System, rows: &MailRows, facts: Facts) -> Self {
        let (table, id, time, tries, error, filter) = match rows {
            MailRows::Query(query) => {
                return Self {
                    counts: query.clone(),
                    reasons: None,
                    numbered: false,
                };
            }
            MailRows::Columns {
                table,
                id,
                time,
                tries,
                error,
                filter,
            } => (table, id, time, tries, error, filter),
        };
        let quoted = |name: &String| system.quoted(name);
        let mut counts = "SELECT ".to_owned();
        // Writing into a String cannot fail.
        match id.as_ref().map(quoted) {
            Some(id) => {
                let _ = write!(
                    counts,
                    "COUNT({id}) AS depth, MIN({id}) AS head, MAX({id}) AS greatest"
                );
            }
            None => counts.push_str("COUNT(*) AS depth"),
        }
        // Rows that a condition hides or shows are neither mails that come nor mails that leave.
        let numbered = id.is_some() && filter.is_none();
        if let Some(id) = id.as_ref().filter(|_| numbered)
            && let Some(counter) = counter(system, table, id, facts)
        {
            let _ = write!(counts, ", {counter} AS enqueued");
        }
        if let Some(time) = time.as_ref().map(quoted) {
            let _ = write!(counts, ", {} AS oldest", epoch(system, &time, facts));
        }
        if let Some(tries) = tries.as_ref().map(quoted) {
            let _ = write!(
                counts,
                ", MAX({tries}) AS tries, SUM(CASE WHEN {tries} > 0 THEN 1 ELSE 0 END) AS deferred"
            );
        }
        let table = system.quoted(table);
        let _ = write!(counts, " FROM {table}");
        if let Some(filter) = filter {
            let _ = write!(counts, " WHERE {filter}");
        }
        let reasons = error.as_ref().map(quoted).map(|error| {
            let start = match system {
                System::Sqlite => format!("SUBSTR({error}, 1, {REASON})"),
                _ => format!("LEFT({error}, {REASON})"),
            };
            let filter = filter
                .as_ref()
                .map_or_else(String::new, |filter| format!(" AND ({filter})"));
            let oldest = time.as_ref().map_or_else(String::new, |time| {
                format!(", {} AS oldest", epoch(system, &quoted(time), facts))
            });
            format!(
                "SELECT {start} AS reason, COUNT(*) AS mails{oldest} FROM {table} \
                 WHERE {error} IS NOT NULL AND {error} <> ''{filter} \
                 GROUP BY {start} ORDER BY COUNT(*) DESC LIMIT {REASONS}"
            )
        });
        Self {
            counts,
            reasons,
            numbered,
        }
    }
}

async fn facts(link: &mut Link, table: &str, time: Option<&str>) -> Result<Facts, sqlx::Error> {
    let mut facts = Facts::default();
    let system = link.system();
    if system == System::Sqlite {
        let counters = "SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'";
        facts.counters = !link.rows(counters).await?.is_empty();
        // SQLite's values carry their own types.
        return Ok(facts);
    }
    let Some(time) = time else {
        return Ok(facts);
    };
    let query = match system {
        System::MariaDb => {
            let (schema, table) = in_schema(table);
            format!(
                "SELECT DATA_TYPE FROM information_schema.COLUMNS \
                 WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME = {table} AND COLUMN_NAME = {}",
                literal(time)
            )
        }
        _ => format!(
            "SELECT format_type(atttypid, NULL) FROM pg_attribute \
             WHERE attrelid = to_regclass({}) AND attname = {}",
            literal(&system.quoted(table)),
            literal(time)
        ),
    };
    let found = link.rows(&query).await?;
    let kind = found.first().and_then(|row| row.first());
    facts.unix = kind.is_some_and(|kind| kind.to_lowercase().contains("int"));
    Ok(facts)
}

/// How many rows a table was ever given: the last number, where rows are numbered by the database.
fn counter(system: System, table: &str, id: &str, facts: Facts) -> Option<String> {
    match system {
        // The next number. InnoDB keeps it over restarts, and MariaDB tells it fresh.
        System::MariaDb => {
            let (schema, table) = in_schema(table);
            Some(format!(
                "(SELECT AUTO_INCREMENT - 1 FROM information_schema.TABLES \
                 WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME = {table})"
            ))
        }
        // Nothing where the account may not read the sequence.
        System::PostgreSql => Some(format!(
            "(SELECT last_value FROM pg_sequences \
             WHERE format('%I.%I', schemaname, sequencename) = pg_get_serial_sequence({}, {}))",
            literal(&system.quoted(table)),
            literal(id)
        )),
        System::Sqlite if facts.counters => Some(format!(
            "(SELECT seq FROM sqlite_sequence WHERE name = {})",
            literal(table)
        )),
        System::Sqlite => None,
    }
}

/// The least time of a column as Unix seconds.
fn epoch(system: System, time: &str, facts: Facts) -> String {
    if facts.unix {
        return format!("MIN({time})");
    }
    match system {
        // Dates with time stand in the session's zone, which stays the server's.
        System::MariaDb => format!("UNIX_TIMESTAMP(MIN({time}))"),
        System::PostgreSql => format!("EXTRACT(EPOCH FROM MIN({time})::timestamptz)"),
        System::Sqlite => format!(
            "CASE typeof(MIN({time})) WHEN 'text' THEN strftime('%s', MIN({time})) ELSE MIN({time}) END"
        ),
    }
}

/// Schema and table as `information_schema` has them.
fn in_schema(table: &str) -> (String, String) {
    match table.split_once('.') {
        Some((schema, table)) => (literal(schema), literal(table)),
        None => ("DATABASE()".to_owned(), literal(table)),
    }
}

/// A text in SQL. A backslash would escape in MySQL; no name has one.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(id: Option<&str>, filter: Option<&str>) -> MailRows {
        MailRows::Columns {
            table: "adm_mail_queue".to_owned(),
            id: id.map(str::to_owned),
            time: None,
            tries: None,
            error: None,
            filter: filter.map(str::to_owned),
        }
    }

    #[test]
    fn the_least_that_tells_the_state() {
        let asked = Statements::write(
            System::MariaDb,
            &columns(Some("mid"), None),
            Facts::default(),
        );
        assert_eq!(
            asked.counts,
            "SELECT COUNT(`mid`) AS depth, MIN(`mid`) AS head, MAX(`mid`) AS greatest, \
             (SELECT AUTO_INCREMENT - 1 FROM information_schema.TABLES \
             WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'adm_mail_queue') AS enqueued \
             FROM `adm_mail_queue`"
        );
        assert_eq!((asked.reasons, asked.numbered), (None, true));
        let asked = Statements::write(System::Sqlite, &columns(None, None), Facts::default());
        assert_eq!(
            asked.counts,
            "SELECT COUNT(*) AS depth FROM \"adm_mail_queue\""
        );
        let asked = Statements::write(
            System::PostgreSql,
            &columns(Some("mid"), Some("state = 'queued'")),
            Facts::default(),
        );
        assert_eq!(
            asked.counts,
            "SELECT COUNT(\"mid\") AS depth, MIN(\"mid\") AS head, MAX(\"mid\") AS greatest \
             FROM \"adm_mail_queue\" WHERE state = 'queued'"
        );
        assert!(!asked.numbered, "a condition hides what came");
    }

    #[test]
    fn everything_a_table_may_tell() {
        let rows = MailRows::Columns {
            table: "site.queue_v2".to_owned(),
            id: Some("id".to_owned()),
            time: Some("created_at".to_owned()),
            tries: Some("tries".to_owned()),
            error: Some("last_error".to_owned()),
            filter: Some("state <> 'sent'".to_owned()),
        };
        let asked = Statements::write(System::MariaDb, &rows, Facts::default());
        assert_eq!(
            asked.counts,
            "SELECT COUNT(`id`) AS depth, MIN(`id`) AS head, MAX(`id`) AS greatest, \
             UNIX_TIMESTAMP(MIN(`created_at`)) AS oldest, MAX(`tries`) AS tries, \
             SUM(CASE WHEN `tries` > 0 THEN 1 ELSE 0 END) AS deferred \
             FROM `site`.`queue_v2` WHERE state <> 'sent'"
        );
        assert_eq!(
            asked.reasons.unwrap_or_default(),
            "SELECT LEFT(`last_error`, 200) AS reason, COUNT(*) AS mails, UNIX_TIMESTAMP(MIN(`created_at`)) AS oldest \
             FROM `site`.`queue_v2` \
             WHERE `last_error` IS NOT NULL AND `last_error` <> '' AND (state <> 'sent') \
             GROUP BY LEFT(`last_error`, 200) ORDER BY COUNT(*) DESC LIMIT 20"
        );
    }

    #[test]
    fn names_and_texts_cannot_end_their_quotes() {
        assert_eq!(System::MariaDb.quoted("a`b.c"), "`a``b`.`c`");
        assert_eq!(System::PostgreSql.quoted("a\"b"), "\"a\"\"b\"");
        assert_eq!(literal("it's\\"), "'it''s'");
    }
}

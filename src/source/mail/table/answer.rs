//! What a table answered, as a queue.

use crate::domain::queue::{Group, Queue};
use crate::domain::{Moment, Text};

use super::kind;
use super::link::Row;

/// Seconds above which a time must be in milliseconds: year 5138.
const MILLISECONDS: f64 = 1e11;

/// The queue in the one row of counts. Its columns are told apart by their names.
pub(super) fn queue(rows: &[Row], name: &str) -> Result<Queue, sqlx::Error> {
    let [row] = rows else {
        return Err(wrong(format!(
            "{} rows of counts instead of one",
            rows.len()
        )));
    };
    let depth = number(row, "depth")?.ok_or_else(|| wrong("no column depth".to_owned()))?;
    Ok(Queue {
        name: Text::clean(name),
        kind: kind(),
        depth: Some(depth),
        deferred: number(row, "deferred")?,
        tries: number(row, "tries")?,
        head: number(row, "head")?,
        enqueued: number(row, "enqueued")?,
        oldest: row.get("oldest").and_then(moment),
        ..Queue::default()
    })
}

/// The greatest number in the table.
pub(super) fn greatest(rows: &[Row]) -> Option<u64> {
    number(rows.first()?, "greatest").ok().flatten()
}

/// Reasons with how many mails have them, most frequent first, without the addresses in them.
pub(super) fn reasons(rows: &[Row]) -> Vec<Group> {
    let mut reasons: Vec<Group> = Vec::new();
    for row in rows {
        let (Some(words), Ok(Some(mails))) = (row.get("reason"), number(row, "mails")) else {
            continue;
        };
        let words = Text::clean(&anonymous(words));
        let oldest = row.get("oldest").and_then(moment);
        match reasons.iter_mut().find(|known| known.what == words) {
            Some(known) => {
                known.mails += mails;
                known.oldest = match (known.oldest, oldest) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
            }
            None => reasons.push(Group {
                what: words,
                mails,
                oldest,
            }),
        }
    }
    reasons.sort_by(|a, b| b.mails.cmp(&a.mails).then_with(|| a.what.cmp(&b.what)));
    reasons
}

/// Words without addresses, so that the same reason for two recipients is one.
fn anonymous(words: &str) -> String {
    let masked = words.split_whitespace().map(|word| {
        let is_address = word
            .split_once('@')
            .is_some_and(|(before, after)| !before.is_empty() && after.contains('.'));
        if is_address { "…" } else { word }
    });
    masked.collect::<Vec<_>>().join(" ")
}

/// A whole number; nothing for NULL.
fn number(row: &Row, column: &str) -> Result<Option<u64>, sqlx::Error> {
    let Some(text) = row.get(column) else {
        return Ok(None);
    };
    // Sums are decimals in MySQL, and a moved zero point makes counters floats in SQLite.
    let whole = text.trim_end_matches('0').strip_suffix('.').unwrap_or(text);
    match whole.parse() {
        Ok(number) => Ok(Some(number)),
        Err(_) => Err(wrong(format!("the {column} is no whole number"))),
    }
}

/// Unix seconds, or milliseconds.
#[expect(
    clippy::cast_possible_truncation,
    reason = "checked to be far below the greatest number"
)]
fn moment(text: &str) -> Option<Moment> {
    let seconds: f64 = text.trim().parse().ok()?;
    if !seconds.is_finite() || seconds.abs() > MILLISECONDS * 1000.0 {
        return None;
    }
    let seconds = if seconds > MILLISECONDS {
        seconds / 1000.0
    } else {
        seconds
    };
    // Only times that can be; then with their fraction.
    Moment::from_unix(seconds as i64)?;
    Some(Moment::from_millis((seconds * 1000.0).round() as i64))
}

fn wrong(detail: String) -> sqlx::Error {
    sqlx::Error::Protocol(detail)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn row(cells: &[(&str, Option<&str>)]) -> Row {
        Row::of(cells)
    }

    #[test]
    fn counts_become_a_queue() {
        let rows = [row(&[
            ("depth", Some("31")),
            ("head", Some("1")),
            ("greatest", Some("31")),
            ("enqueued", Some("31")),
            ("oldest", Some("1795032713.236000")),
            ("tries", Some("4321")),
            ("deferred", Some("2")),
        ])];
        let queue = queue(&rows, "newsletter").unwrap();
        assert_eq!(
            (queue.depth, queue.head, queue.enqueued),
            (Some(31), Some(1), Some(31))
        );
        assert_eq!((queue.tries, queue.deferred), (Some(4321), Some(2)));
        assert_eq!(queue.oldest, Some(Moment::from_millis(1_795_032_713_236)));
        assert_eq!(greatest(&rows), Some(31));
    }

    #[test]
    fn an_empty_table_is_empty_and_no_table_is_an_error() {
        let rows = [row(&[
            ("depth", Some("0")),
            ("head", None),
            ("oldest", None),
            ("deferred", None),
        ])];
        let empty = queue(&rows, "newsletter").unwrap();
        assert_eq!(
            (empty.depth, empty.head, empty.oldest),
            (Some(0), None, None)
        );
        assert!(queue(&[], "newsletter").is_err());
        assert!(queue(&[row(&[("n", Some("3"))])], "newsletter").is_err());
        let words = row(&[("depth", Some("many"))]);
        assert!(
            queue(&[words], "newsletter")
                .unwrap_err()
                .to_string()
                .contains("no whole number")
        );
        // Names of columns may come in capitals.
        assert_eq!(
            queue(&[row(&[("DEPTH", Some("3"))])], "x").unwrap().depth,
            Some(3)
        );
    }

    #[test]
    fn numbers_and_times_as_databases_write_them() {
        assert_eq!(
            number(&row(&[("n", Some("4.0000"))]), "n").unwrap(),
            Some(4)
        );
        assert_eq!(number(&row(&[("n", Some("40"))]), "n").unwrap(), Some(40));
        assert_eq!(moment("1795032713"), Moment::from_unix(1_795_032_713));
        assert_eq!(
            moment("1795032713236"),
            Some(Moment::from_millis(1_795_032_713_236))
        );
        for never in ["0", "", "-5", "nan", "1e300", "2026-11-21"] {
            assert_eq!(moment(never), None, "{never}");
        }
    }

    #[test]
    fn reasons_are_one_without_their_addresses() {
        let reason = |words: &'static str, mails: &'static str| {
            row(&[
                ("reason", Some(words)),
                ("mails", Some(mails)),
                (
                    "oldest",
                    words.starts_with("452 <b").then_some("1795032713"),
                ),
            ])
        };
        let rows = [
            reason("no relay", "3"),
            reason("452 <anne@full.example>: mailbox\n full", "2"),
            reason("452 <bonny@full.example>: mailbox full", "2"),
        ];
        let group = |what: &str, mails, oldest| Group {
            what: what.into(),
            mails,
            oldest,
        };
        assert_eq!(
            reasons(&rows),
            [
                group("452 … mailbox full", 4, Moment::from_unix(1_795_032_713)),
                group("no relay", 3, None)
            ]
        );
    }
}

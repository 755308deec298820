//! What is written into the file and read from it.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{Connection as _, Row as _};

use super::chronicle::OVER;
use super::file::{self, Opened};
use super::series::{Change, Kind, Point, Range, Sample, Series};
use crate::domain::{Failure, Moment};
use crate::estate::strip;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How long samples are kept, at least: a little longer than the range they are shown for.
const RAW_FOR: i64 = HOUR + 5 * MINUTE;
const MINUTES_FOR: i64 = DAY + HOUR;
const HOURS_FOR: i64 = 31 * DAY + HOUR;
/// Samples further in the future come from a clock that was wrong.
const FUTURE: i64 = DAY;
/// Most series: a configuration that renames its sites every day must not fill the disk.
const SERIES: i64 = 2000;
/// Most changes kept, but for those that tell what still stands; and most with those.
const CHANGES: i64 = 20_000;
const CHANGES_AT_ALL: i64 = 40_000;
/// How far apart two programs may see the same.
const APART: i64 = 5_000;
/// Most changes read at once.
const TIMELINE: i64 = 10_000;
/// Most times of watching kept.
const WATCHES: i64 = 2_000;
/// Most pages of 4 KiB: 256 MiB.
const PAGES: u32 = 65_536;

/// A recent sample: source and name of its series, when, how much.
pub(super) type Depth = (String, String, Moment, f64);
/// What was met of a web service in a half hour: source, name, begin, best, worst.
pub(super) type MetRow = (String, String, Moment, f64, f64);

/// The open history file.
#[derive(Debug)]
pub(super) struct Book {
    file: Opened,
    /// The row that tells when this program watches.
    watch: Option<i64>,
}

impl Book {
    /// Opens the file of this directory.
    pub(super) async fn open(directory: &Path) -> Result<Self, Failure> {
        Self::open_within(directory, PAGES).await
    }

    /// Opens it with another limit to its size.
    pub(super) async fn open_within(directory: &Path, pages: u32) -> Result<Self, Failure> {
        let file = file::open(directory, pages).await?;
        let mut this = Self { file, watch: None };
        match this.thin(Moment::now()).await {
            Ok(()) => Ok(this),
            Err(error) => Err(this.in_words(&error)),
        }
    }

    /// What was moved aside when it was opened.
    pub(super) const fn moved(&self) -> Option<&Failure> {
        self.file.moved.as_ref()
    }

    /// What went wrong, in words.
    pub(super) fn in_words(&self, error: &sqlx::Error) -> Failure {
        file::in_words(&self.file.path, error)
    }

    /// Whether its name is still its own: false when somebody moved or deleted the file.
    pub(super) fn is_in_place(&self) -> bool {
        file::inode(&self.file.path) == Some(self.file.inode)
    }

    /// Closes the file.
    pub(super) async fn close(self) {
        // Everything was committed; what closing says changes nothing.
        let _ = self.file.connection.close().await;
    }

    /// Writes samples down, all or none. A sample that is there already counts once; one so old that this could
    /// not be told any more, or from the future, is left out.
    pub(super) async fn record(&mut self, samples: &[Sample], now: Moment) -> sqlx::Result<()> {
        let now = now.as_millis();
        let told = now - HOUR..now + FUTURE;
        let is_wanted = |s: &&Sample| s.value.is_finite() && told.contains(&s.at.as_millis());
        let mut transaction = (self.file.connection).begin_with("BEGIN IMMEDIATE").await?;
        for sample in samples.iter().filter(is_wanted) {
            if let Some(series) = number(&mut transaction, &sample.series).await? {
                write(&mut transaction, series, sample).await?;
            }
        }
        transaction.commit().await
    }

    /// Writes samples of any age down that were never written before. What is older than an hour is kept as it
    /// would be by now: in minutes and hours, what is older than a day in hours.
    pub(super) async fn seed(&mut self, samples: &[Sample], now: Moment) -> sqlx::Result<()> {
        let now = now.as_millis();
        let mut transaction = (self.file.connection).begin_with("BEGIN IMMEDIATE").await?;
        let mut last: Option<(&Series, i64)> = None;
        for sample in samples {
            let series = match last {
                Some((series, id)) if *series == sample.series => id,
                _ => match number(&mut transaction, &sample.series).await? {
                    Some(id) => id,
                    None => continue,
                },
            };
            last = Some((&sample.series, series));
            let age = now - sample.at.as_millis();
            if age < HOUR {
                write(&mut transaction, series, sample).await?;
                continue;
            }
            if age < DAY {
                rollup(&mut transaction, series, sample, MINUTES).await?;
            }
            rollup(&mut transaction, series, sample, HOURS).await?;
        }
        transaction.commit().await
    }

    /// Writes changes down. One that another program wrote down already is left out.
    pub(super) async fn record_changes(&mut self, changes: &[Change]) -> sqlx::Result<()> {
        let mut transaction = (self.file.connection).begin_with("BEGIN IMMEDIATE").await?;
        for change in changes {
            sqlx::query(
                "INSERT INTO changes (at, subject, was, became, detail) SELECT ?1, ?2, ?3, ?4, ?5 \
                 WHERE ?4 IS NOT (SELECT became FROM changes WHERE subject = ?2 AND at <= ?1 + ?6 ORDER BY at DESC, id DESC LIMIT 1)",
            )
            .bind(change.at.as_millis())
            .bind(&change.subject)
            .bind(&change.from)
            .bind(&change.to)
            .bind(&change.detail)
            .bind(APART)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await
    }

    /// Changes since then, newest first.
    pub(super) async fn changes(&mut self, since: Moment, most: u32) -> sqlx::Result<Vec<Change>> {
        let rows = sqlx::query(
            "SELECT at, subject, was, became, detail FROM changes WHERE at >= ? ORDER BY at DESC, id DESC LIMIT ?",
        )
        .bind(since.as_millis())
        .bind(most)
        .fetch_all(&mut self.file.connection)
        .await?;
        rows.iter().map(change).collect()
    }

    /// What is needed to tell what stood when over the last day, oldest first: the changes since `since`, and for
    /// each problem that stood then the last one before.
    pub(super) async fn timeline(&mut self, since: Moment) -> sqlx::Result<Vec<Change>> {
        let rows = sqlx::query(
            "SELECT at, subject, was, became, detail FROM changes AS c WHERE at >= ?1 OR (became != ?2 AND NOT EXISTS \
             (SELECT 1 FROM changes AS n WHERE n.subject = c.subject AND n.at < ?1 AND (n.at, n.id) > (c.at, c.id))) \
             ORDER BY at DESC, id DESC LIMIT ?3",
        )
        .bind(since.as_millis())
        .bind(OVER)
        .bind(TIMELINE)
        .fetch_all(&mut self.file.connection)
        .await?;
        rows.iter().rev().map(change).collect()
    }

    /// When somebody watched since then: from, until.
    pub(super) async fn watches(&mut self, since: Moment) -> sqlx::Result<Vec<(Moment, Moment)>> {
        let rows =
            sqlx::query("SELECT began, until FROM watches WHERE until >= ? ORDER BY began LIMIT ?")
                .bind(since.as_millis())
                .bind(WATCHES)
                .fetch_all(&mut self.file.connection)
                .await?;
        rows.iter()
            .map(|row| {
                Ok((
                    Moment::from_millis(row.try_get(0)?),
                    Moment::from_millis(row.try_get(1)?),
                ))
            })
            .collect()
    }

    /// Notes that this program watches, from `began` until now at least.
    pub(super) async fn watch(&mut self, began: Moment, now: Moment) -> sqlx::Result<()> {
        if let Some(id) = self.watch {
            let known = sqlx::query("UPDATE watches SET until = max(until, ?) WHERE id = ?")
                .bind(now.as_millis())
                .bind(id)
                .execute(&mut self.file.connection)
                .await?;
            // Otherwise another program has thinned it out meanwhile.
            if known.rows_affected() > 0 {
                return Ok(());
            }
        }
        let id =
            sqlx::query_scalar("INSERT INTO watches (began, until) VALUES (?, ?) RETURNING id")
                .bind(began.as_millis())
                .bind(now.as_millis())
                .fetch_one(&mut self.file.connection)
                .await?;
        self.watch = Some(id);
        Ok(())
    }

    /// A series over time, oldest first.
    pub(super) async fn series(
        &mut self,
        series: &Series,
        range: Range,
        now: Moment,
    ) -> sqlx::Result<Vec<Point>> {
        let query = match range {
            Range::Hour => {
                "SELECT r.at, r.value, r.value, r.value FROM raw r JOIN series s ON s.id = r.series \
                 WHERE s.kind = ? AND s.source = ? AND s.name = ? AND r.at >= ? ORDER BY r.at"
            }
            Range::Day => {
                "SELECT m.at, m.low, m.high, m.total / m.count FROM minutes m JOIN series s ON s.id = m.series \
                 WHERE s.kind = ? AND s.source = ? AND s.name = ? AND m.at >= ? ORDER BY m.at"
            }
            Range::Week | Range::Month => {
                "SELECT h.at, h.low, h.high, h.total / h.count FROM hours h JOIN series s ON s.id = h.series \
                 WHERE s.kind = ? AND s.source = ? AND s.name = ? AND h.at >= ? ORDER BY h.at"
            }
        };
        let rows = sqlx::query(query)
            .bind(series.kind.number())
            .bind(&series.source)
            .bind(&series.name)
            .bind(now.minus(range.length()).as_millis())
            .fetch_all(&mut self.file.connection)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Point {
                    at: Moment::from_millis(row.try_get(0)?),
                    low: row.try_get(1)?,
                    high: row.try_get(2)?,
                    mean: row.try_get(3)?,
                })
            })
            .collect()
    }

    /// Depths of all queues over the last hour, each queue's oldest first.
    pub(super) async fn depths(&mut self, now: Moment) -> sqlx::Result<Vec<Depth>> {
        let rows = sqlx::query(
            "SELECT s.source, s.name, r.at, r.value FROM series s JOIN raw r ON r.series = s.id \
             WHERE s.kind = ? AND r.at >= ? AND r.at <= ? ORDER BY s.id, r.at",
        )
        .bind(Kind::QueueDepth.number())
        .bind(now.minus(Duration::from_hours(1)).as_millis())
        .bind(now.as_millis())
        .fetch_all(&mut self.file.connection)
        .await?;
        rows.iter()
            .map(|row| {
                let at = Moment::from_millis(row.try_get(2)?);
                Ok((row.try_get(0)?, row.try_get(1)?, at, row.try_get(3)?))
            })
            .collect()
    }

    /// What was met of all web services over the last day, in half hours.
    pub(super) async fn met(&mut self, now: Moment) -> sqlx::Result<Vec<MetRow>> {
        let slot = i64::try_from(strip::SLOT.as_millis()).unwrap_or(i64::MAX);
        let rows = sqlx::query(
            "SELECT s.source, s.name, m.at / ?1 * ?1, min(m.low), max(m.high) \
             FROM series s JOIN minutes m ON m.series = s.id \
             WHERE s.kind = ?2 AND m.at >= ?3 AND m.at <= ?4 GROUP BY s.id, m.at / ?1 ORDER BY s.id, m.at / ?1",
        )
        .bind(slot)
        .bind(Kind::WebMet.number())
        .bind(now.minus(Duration::from_hours(24)).as_millis())
        .bind(now.as_millis())
        .fetch_all(&mut self.file.connection)
        .await?;
        rows.iter()
            .map(|row| {
                let at = Moment::from_millis(row.try_get(2)?);
                let (best, worst) = (row.try_get(3)?, row.try_get(4)?);
                Ok((row.try_get(0)?, row.try_get(1)?, at, best, worst))
            })
            .collect()
    }

    /// Forgets what is older than it is kept for.
    pub(super) async fn thin(&mut self, now: Moment) -> sqlx::Result<()> {
        let now = now.as_millis();
        let mut transaction = (self.file.connection).begin_with("BEGIN IMMEDIATE").await?;
        // By series, so that the index finds the old ones.
        for (query, kept) in [
            (
                "DELETE FROM raw WHERE series IN (SELECT id FROM series) AND (at < ? OR at > ?)",
                RAW_FOR,
            ),
            (
                "DELETE FROM minutes WHERE series IN (SELECT id FROM series) AND (at < ? OR at > ?)",
                MINUTES_FOR,
            ),
            (
                "DELETE FROM hours WHERE series IN (SELECT id FROM series) AND (at < ? OR at > ?)",
                HOURS_FOR,
            ),
            (
                "DELETE FROM changes WHERE (at < ?1 AND (became = 'over' OR EXISTS (SELECT 1 FROM changes AS n \
                 WHERE n.subject = changes.subject AND n.id > changes.id))) OR at > ?2",
                HOURS_FOR,
            ),
            (
                "DELETE FROM watches WHERE until < ? OR began > ?",
                HOURS_FOR,
            ),
        ] {
            sqlx::query(query)
                .bind(now - kept)
                .bind(now + FUTURE)
                .execute(&mut *transaction)
                .await?;
        }
        sqlx::query(
            "DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM hours WHERE hours.series = series.id)",
        )
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "DELETE FROM changes WHERE id <= (SELECT max(id) FROM changes) - ?1 AND (became = 'over' OR \
             id <= (SELECT max(id) FROM changes) - ?2 OR \
             EXISTS (SELECT 1 FROM changes AS n WHERE n.subject = changes.subject AND n.id > changes.id))",
        )
        .bind(CHANGES)
        .bind(CHANGES_AT_ALL)
        .execute(&mut *transaction)
        .await?;
        sqlx::query("DELETE FROM watches WHERE id <= (SELECT max(id) FROM watches) - ?")
            .bind(WATCHES)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }
}

fn change(row: &SqliteRow) -> sqlx::Result<Change> {
    Ok(Change {
        at: Moment::from_millis(row.try_get(0)?),
        subject: row.try_get(1)?,
        from: row.try_get(2)?,
        to: row.try_get(3)?,
        detail: row.try_get(4)?,
    })
}

/// The number of a series, given now if it has none; `None` when there are too many.
async fn number(connection: &mut SqliteConnection, series: &Series) -> sqlx::Result<Option<i64>> {
    // Not remembered: another program may have thinned it out meanwhile.
    let find = "SELECT id FROM series WHERE kind = ? AND source = ? AND name = ?";
    let kind = series.kind.number();
    let found = sqlx::query_scalar(find)
        .bind(kind)
        .bind(&series.source)
        .bind(&series.name)
        .fetch_optional(&mut *connection)
        .await?;
    if found.is_some() {
        return Ok(found);
    }
    sqlx::query_scalar(
        "INSERT INTO series (kind, source, name) SELECT ?, ?, ? WHERE (SELECT count(*) FROM series) < ? RETURNING id",
    )
    .bind(kind)
    .bind(&series.source)
    .bind(&series.name)
    .bind(SERIES)
    .fetch_optional(connection)
    .await
}

async fn write(
    connection: &mut SqliteConnection,
    series: i64,
    sample: &Sample,
) -> sqlx::Result<()> {
    let at = sample.at.as_millis();
    let fresh = sqlx::query("INSERT INTO raw VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
        .bind(series)
        .bind(at)
        .bind(sample.value)
        .execute(&mut *connection)
        .await?;
    if fresh.rows_affected() == 0 {
        return Ok(());
    }
    rollup(connection, series, sample, MINUTES).await?;
    rollup(connection, series, sample, HOURS).await
}

/// How a sample is added to the span it falls into, and how long that is.
type Rollup = (&'static str, i64);

const MINUTES: Rollup = (
    "INSERT INTO minutes VALUES (?1, ?2, ?3, ?3, ?3, 1) ON CONFLICT DO UPDATE SET \
     low = min(low, excluded.low), high = max(high, excluded.high), \
     total = total + excluded.total, count = count + 1",
    MINUTE,
);
const HOURS: Rollup = (
    "INSERT INTO hours VALUES (?1, ?2, ?3, ?3, ?3, 1) ON CONFLICT DO UPDATE SET \
     low = min(low, excluded.low), high = max(high, excluded.high), \
     total = total + excluded.total, count = count + 1",
    HOUR,
);

async fn rollup(
    connection: &mut SqliteConnection,
    series: i64,
    sample: &Sample,
    (query, span): Rollup,
) -> sqlx::Result<()> {
    sqlx::query(query)
        .bind(series)
        .bind(sample.at.as_millis().div_euclid(span) * span)
        .bind(sample.value)
        .execute(connection)
        .await?;
    Ok(())
}

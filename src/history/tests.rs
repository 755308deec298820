//! The history: arithmetic, several writers, changes, restarts, slow disks.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod found;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use super::book::Book;
use super::*;
use crate::domain::SourceKind;

const MINUTE: Duration = Duration::from_mins(1);

/// A full hour not long ago, so that nothing is thinned out.
fn hour() -> Moment {
    let now = Moment::now().minus(Duration::from_hours(2));
    Moment::from_millis(now.as_millis().div_euclid(3_600_000) * 3_600_000)
}

fn depth(name: &str) -> Series {
    Series {
        kind: Kind::QueueDepth,
        source: "letters".to_owned(),
        name: name.to_owned(),
    }
}

fn sample(series: &Series, at: Moment, value: f64) -> Sample {
    Sample {
        series: series.clone(),
        at,
        value,
    }
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[tokio::test]
async fn samples_become_minutes_and_hours() {
    let home = tempfile::tempdir().unwrap();
    let mut book = Book::open(home.path()).await.unwrap();
    let (list, start) = (depth("/list"), hour());
    let samples = [
        (0, 10.0),
        (20, 40.0),
        (40, 10.0),
        (60, 7.0),
        (3599, 3.0),
        (3600, 100.0),
    ];
    let samples: Vec<Sample> = samples
        .into_iter()
        .map(|(at, value)| sample(&list, start.plus(seconds(at)), value))
        .chain([sample(&list, start.plus(seconds(61)), f64::NAN)])
        .collect();
    book.record(&samples, start.plus(60 * MINUTE))
        .await
        .unwrap();

    let now = start.plus(seconds(3601));
    let raw = book.series(&list, Range::Hour, now).await.unwrap();
    let values: Vec<f64> = raw.iter().map(|p| p.mean).collect();
    assert_eq!(values, [40.0, 10.0, 7.0, 3.0, 100.0], "the last hour only");

    let minutes = book.series(&list, Range::Day, now).await.unwrap();
    let point = |at: u64, low, high, mean| Point {
        at: start.plus(seconds(at)),
        low,
        high,
        mean,
    };
    assert_eq!(
        minutes,
        [
            point(0, 10.0, 40.0, 20.0),
            point(60, 7.0, 7.0, 7.0),
            point(3540, 3.0, 3.0, 3.0),
            point(3600, 100.0, 100.0, 100.0),
        ]
    );
    let hours = book.series(&list, Range::Month, now).await.unwrap();
    assert_eq!(
        hours,
        [point(0, 3.0, 40.0, 14.0), point(3600, 100.0, 100.0, 100.0)]
    );
}

#[tokio::test]
async fn what_is_too_old_goes_and_nothing_else() {
    let home = tempfile::tempdir().unwrap();
    let mut book = Book::open(home.path()).await.unwrap();
    let (list, start) = (depth("/list"), hour());
    book.record(&[sample(&list, start, 5.0)], start)
        .await
        .unwrap();
    let count = async |book: &mut Book, now: Moment| {
        book.thin(now).await.unwrap();
        // Ranges are counted back from the sample, so that only thinning takes it away.
        let mut left = Vec::new();
        for range in [Range::Hour, Range::Day, Range::Month] {
            left.push(book.series(&list, range, start).await.unwrap().len());
        }
        left
    };
    let day = seconds(24 * 3600);
    assert_eq!(count(&mut book, start.plus(60 * MINUTE)).await, [1, 1, 1]);
    assert_eq!(count(&mut book, start.plus(66 * MINUTE)).await, [0, 1, 1]);
    assert_eq!(count(&mut book, start.plus(day)).await, [0, 1, 1]);
    assert_eq!(
        count(&mut book, start.plus(day + 66 * MINUTE)).await,
        [0, 0, 1]
    );
    assert_eq!(count(&mut book, start.plus(day * 31)).await, [0, 0, 1]);
    assert_eq!(count(&mut book, start.plus(day * 32)).await, [0, 0, 0]);
}

#[tokio::test]
async fn a_clock_that_ran_ahead_leaves_nothing_for_ever() {
    let home = tempfile::tempdir().unwrap();
    let mut book = Book::open(home.path()).await.unwrap();
    let (list, now) = (depth("/list"), Moment::now());
    let future = now.plus(seconds(400 * 24 * 3600));
    book.record(&[sample(&list, future, 5.0)], future)
        .await
        .unwrap();
    book.thin(now).await.unwrap();
    assert_eq!(book.series(&list, Range::Month, now).await.unwrap(), []);
}

#[tokio::test]
async fn two_writers_do_not_double() {
    let home = tempfile::tempdir().unwrap();
    let mut one = Book::open(home.path()).await.unwrap();
    let mut two = Book::open(home.path()).await.unwrap();
    let (list, start) = (depth("/list"), hour());
    // The very same answer, written by both, and one more each.
    let same = sample(&list, start, 10.0);
    one.record(
        &[same.clone(), sample(&list, start.plus(seconds(7)), 20.0)],
        start,
    )
    .await
    .unwrap();
    two.record(&[same, sample(&list, start.plus(seconds(9)), 60.0)], start)
        .await
        .unwrap();
    let point = Point {
        at: start,
        low: 10.0,
        high: 60.0,
        mean: 30.0,
    };
    for range in [Range::Day, Range::Week] {
        let now = start.plus(MINUTE);
        assert_eq!(one.series(&list, range, now).await.unwrap(), [point]);
        assert_eq!(two.series(&list, range, now).await.unwrap(), [point]);
    }
    assert_eq!(
        one.series(&list, Range::Hour, start.plus(MINUTE))
            .await
            .unwrap()
            .len(),
        3
    );
}

#[tokio::test]
async fn what_could_not_be_told_from_its_double_is_left_out() {
    let home = tempfile::tempdir().unwrap();
    let mut book = Book::open(home.path()).await.unwrap();
    let (list, start) = (depth("/list"), hour());
    let twice = [sample(&list, start, 10.0)];
    book.record(&twice, start).await.unwrap();
    book.record(&[sample(&list, start.plus(seconds(1)), 20.0)], start)
        .await
        .unwrap();
    for minutes in [59, 61, 70, 90] {
        let now = start.plus(MINUTE * minutes);
        book.thin(now).await.unwrap();
        book.record(&twice, now).await.unwrap();
    }
    let minutes = book.series(&list, Range::Day, start).await.unwrap();
    assert_eq!(minutes.len(), 1);
    assert!((minutes[0].mean - 15.0).abs() < 1e-9, "{minutes:?}");
}

#[tokio::test]
async fn all_of_it_is_private() {
    let home = tempfile::tempdir().unwrap();
    let state = home.path().join("deep/state");
    let mut book = Book::open(&state).await.unwrap();
    book.record(&[sample(&depth("/list"), hour(), 1.0)], hour())
        .await
        .unwrap();
    assert_eq!(mode(&state), 0o700);
    let mut names: Vec<String> = Vec::new();
    for entry in fs::read_dir(&state).unwrap() {
        let entry = entry.unwrap();
        names.push(entry.file_name().into_string().unwrap());
        assert_eq!(mode(&entry.path()), 0o600, "{names:?}");
    }
    names.sort();
    assert_eq!(
        names,
        [
            "history.lock",
            "history.sqlite",
            "history.sqlite-shm",
            "history.sqlite-wal"
        ]
    );
}

fn change(subject: &str, at: Moment, from: &str, to: &str) -> Change {
    Change {
        at,
        subject: subject.to_owned(),
        from: Some(from.to_owned()),
        to: to.to_owned(),
        detail: None,
    }
}

#[tokio::test]
async fn changes_seen_by_two_are_written_down_once() {
    let home = tempfile::tempdir().unwrap();
    let mut one = Book::open(home.path()).await.unwrap();
    let mut two = Book::open(home.path()).await.unwrap();
    let at = |second| hour().plus(seconds(second));
    let down = change("wiki", at(0), "ok", "critical");
    let up = change("wiki", at(60), "critical", "ok");
    let other = change("shop", at(30), "ok", "critical");
    one.record_changes(&[down.clone(), other.clone()])
        .await
        .unwrap();
    two.record_changes(&[change("wiki", at(4), "ok", "critical"), up.clone()])
        .await
        .unwrap();
    one.record_changes(&[change("wiki", at(62), "critical", "ok")])
        .await
        .unwrap();
    let all = one.changes(at(0), 100).await.unwrap();
    assert_eq!(all, [up.clone(), other, down]);
    assert_eq!(two.changes(at(0), 1).await.unwrap(), [up]);
    assert_eq!(two.changes(at(61), 9).await.unwrap(), []);
}

#[tokio::test]
async fn changes_are_bounded() {
    let home = tempfile::tempdir().unwrap();
    let mut book = Book::open(home.path()).await.unwrap();
    let start = hour();
    let flapping: Vec<Change> = (0..20_050_u32)
        .map(|n| Change {
            at: start.plus(Duration::from_millis(u64::from(n))),
            subject: "flapping".to_owned(),
            from: None,
            to: (n % 2).to_string(),
            detail: None,
        })
        .collect();
    book.record_changes(&flapping).await.unwrap();
    book.thin(Moment::now()).await.unwrap();
    let left = book.changes(start, 100_000).await.unwrap();
    assert_eq!(left.len(), 20_000);
    assert_eq!(left[0], flapping[20_049], "the newest stay");
}

fn sources() -> Vec<SourceState> {
    crate::estate::keeper::sources(
        [("sites", SourceKind::Web), ("letters", SourceKind::Mail)]
            .into_iter()
            .map(|(name, kind)| (name, kind, seconds(10), String::new())),
        |_, _, refresh| refresh,
    )
}

async fn settled(history: &History) -> State {
    let mut states = history.states();
    let state = states.wait_for(|s| *s != State::Opening).await.unwrap();
    state.clone()
}

#[tokio::test]
async fn the_recent_past_survives_a_restart() {
    let home = tempfile::tempdir().unwrap();
    let mut book = Book::open(home.path()).await.unwrap();
    let now = Moment::from_millis(Moment::now().as_millis() / 1000 * 1000);
    let (list, gone) = (
        depth("/list"),
        Series {
            source: "gone".to_owned(),
            ..depth("/list")
        },
    );
    let wiki = Series {
        kind: Kind::WebMet,
        source: "sites".to_owned(),
        name: "wiki".to_owned(),
    };
    let before = |second| now.minus(seconds(second));
    for (series, ago, value) in [
        (&list, 20, 12.0),
        (&list, 10, 9.0),
        (&list, 7200, 99.0),
        (&gone, 10, 5.0),
        (&wiki, 10 * 3600, 0.0),
        (&wiki, 10 * 3600 + 1, 2.0),
        (&wiki, 25 * 3600, 2.0),
    ] {
        book.record(&[sample(series, before(ago), value)], before(ago))
            .await
            .unwrap();
    }
    book.close().await;

    let history = History::open_in(home.path());
    assert_eq!(settled(&history).await, State::On);
    let recalled = history.load_recent(&sources()).await.unwrap();
    let key = Key::Queue(SourceId(1), "/list".into());
    assert_eq!(
        recalled.depths,
        [(key, vec![(before(20), 12), (before(10), 9)])]
    );
    let spans: Vec<&Span> = recalled.met.iter().flat_map(|(_, spans)| spans).collect();
    let worst = spans.iter().map(|span| span.worst).max();
    assert_eq!(worst, Some(Met::Hard));
    assert!(spans.len() <= 2, "{spans:?}");
    assert_eq!(recalled.met[0].0, Key::Web("wiki".into()));
    history.close(seconds(10)).await;
}

#[tokio::test]
async fn without_a_file_everything_goes_on() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("file"), "").unwrap();
    let history = History::open_in(&home.path().join("file/state"));
    let State::Off(why) = settled(&history).await else {
        unreachable!("{:?}", history.state());
    };
    assert_eq!(history.state().failure(), Some(&why));
    history.record(vec![sample(&depth("/list"), Moment::now(), 1.0)]);
    let read = history.series(depth("/list"), Range::Hour).await;
    assert_eq!(read, Err(why));
    history.close(seconds(10)).await;
}

#[tokio::test]
async fn a_slow_disk_never_holds_anybody_up() {
    let home = tempfile::tempdir().unwrap();
    // Somebody else holds the file's lock: it is not even opened.
    let lock = fs::File::create(home.path().join("history.lock")).unwrap();
    lock.lock().unwrap();
    let history = History::open_in(home.path());
    for second in 0..100 {
        history.record(vec![sample(
            &depth("/list"),
            Moment::now().minus(seconds(1800 - second)),
            1.0,
        )]);
    }
    assert_eq!(history.dropped(), 36, "64 wait");
    assert_eq!(history.state(), State::Opening);
    lock.unlock().unwrap();
    let read = history.series(depth("/list"), Range::Week).await.unwrap();
    assert_eq!(read.len(), 1);
    history.close(seconds(10)).await;
}

#[tokio::test]
async fn a_day_is_told_to_the_next_run() {
    use crate::estate::fixture::{self, NOW};
    let home = tempfile::tempdir().unwrap();
    let mut keeper = fixture::day();
    let estate = keeper.publish();
    let turns = keeper.take_turns();
    let rows: Vec<Change> = turns
        .iter()
        .filter_map(|turn| super::chronicle::row(turn, &estate.sources))
        .collect();
    assert_eq!(rows.len(), turns.len());
    let mut one = Book::open(home.path()).await.unwrap();
    one.record_changes(&rows).await.unwrap();
    one.watch(turns[0].at, NOW).await.unwrap();
    one.watch(turns[0].at, NOW.plus(seconds(30))).await.unwrap();
    // Another program that saw the same.
    let mut two = Book::open(home.path()).await.unwrap();
    two.record_changes(&rows).await.unwrap();

    let start = NOW.minus(Duration::from_hours(25));
    let changes = two.timeline(start).await.unwrap();
    let watches = two.watches(start).await.unwrap();
    assert_eq!(watches, [(turns[0].at, NOW.plus(seconds(30)))]);
    // The sources have other numbers now.
    let mut sources = estate.sources.clone();
    sources.reverse();
    for (at, source) in (0..).zip(&mut sources) {
        source.id = crate::domain::SourceId(at);
    }
    let told = super::chronicle::read(changes, watches, &sources);
    assert_eq!(told.turns.len(), turns.len(), "once each");
    for (told, was) in told.turns.iter().zip(&turns) {
        assert_eq!((told.at, &told.key), (was.at, &was.key));
        let (Some(told), Some(was)) = (&told.after, &was.after) else {
            assert!(told.after.is_none() && was.after.is_none());
            continue;
        };
        assert!(told.is_as(was), "{told:?} {was:?}");
        assert_eq!(
            (&told.subject, &told.what, told.since),
            (&was.subject, &was.what, was.since)
        );
        let name = |sources: &[SourceState], id: crate::domain::SourceId| {
            sources[usize::from(id.0)].name.clone()
        };
        assert_eq!(
            name(&sources, told.source),
            name(&estate.sources, was.source)
        );
        if let (Some(Key::Guest(there, vmid)), Some(Key::Guest(here, known))) =
            (&told.about, &was.about)
        {
            assert_eq!(
                (name(&sources, *there), vmid),
                (name(&estate.sources, *here), known)
            );
        }
    }
}

#[tokio::test]
async fn what_still_stands_is_told_however_old_it_is() {
    let home = tempfile::tempdir().unwrap();
    let mut book = Book::open(home.path()).await.unwrap();
    let now = Moment::now();
    let old = now.minus(Duration::from_hours(24 * 20));
    book.record_changes(&[
        change("disk", old, "ok", "warning"),
        change("disk", old.plus(seconds(9)), "warning", "critical"),
        change("site", old, "ok", "critical"),
        change("site", old.plus(seconds(9)), "critical", "over"),
        change("wiki", now, "ok", "critical"),
    ])
    .await
    .unwrap();
    let start = now.minus(Duration::from_hours(25));
    let told = book.timeline(start).await.unwrap();
    let told: Vec<(&str, &str)> = told.iter().map(|c| (&*c.subject, &*c.to)).collect();
    assert_eq!(told, [("disk", "critical"), ("wiki", "critical")]);
    // A month later it still is, and what was over is forgotten.
    let month = now.plus(Duration::from_hours(24 * 20));
    book.thin(month).await.unwrap();
    let left = book.changes(Moment::from_millis(0), 99).await.unwrap();
    let left: Vec<(&str, &str)> = left.iter().map(|c| (&*c.subject, &*c.to)).collect();
    assert_eq!(left, [("wiki", "critical"), ("disk", "critical")]);
}

#[tokio::test]
async fn a_file_of_before_the_timeline_is_made_to_fit() {
    use sqlx::{ConnectOptions as _, Connection as _};
    let home = tempfile::tempdir().unwrap();
    Book::open(home.path()).await.unwrap().close().await;
    let path = home.path().join("history.sqlite");
    let mut raw = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(&path)
        .connect()
        .await
        .unwrap();
    sqlx::raw_sql("DROP TABLE watches; ALTER TABLE changes DROP COLUMN detail;")
        .execute(&mut raw)
        .await
        .unwrap();
    raw.close().await.unwrap();
    let mut book = Book::open(home.path()).await.unwrap();
    assert!(book.moved().is_none());
    let wiki = change("wiki", hour(), "ok", "critical");
    book.record_changes(std::slice::from_ref(&wiki))
        .await
        .unwrap();
    assert_eq!(book.changes(hour(), 9).await.unwrap(), [wiki]);
}

//! The last known state: written and read again, torn everywhere, foreign, of other sources.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::domain::failure::FailureKind;
use crate::domain::{Batch, Freshness, Key, Reading, SourceId, Text};
use crate::estate::fixture::{self, CHECKMK, GOLEM, MINUTE, NOW, REDMINE};
use crate::estate::{Estate, Keeper};

/// The sources of the fixture before their first answer.
fn sources() -> Vec<SourceState> {
    fixture::keeper().known().sources
}

fn home() -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("state").join(NAME);
    (home, path)
}

fn detail(said: Option<Failure>) -> String {
    match said.map(|failure| failure.kind) {
        None => String::new(),
        Some(FailureKind::File { detail, .. }) => detail.as_str().to_owned(),
        Some(other) => format!("{other:?}"),
    }
}

fn is_bare(known: &Known) -> bool {
    let mut feeds = known.sources.iter().flat_map(|s| &s.feeds);
    feeds.all(|feed| feed.good.is_none() && feed.trouble.is_none())
}

/// Everything that is shown, but for what the history file remembers.
fn shown(estate: &Estate) -> String {
    let queues: Vec<_> = estate.queues.iter().map(|q| (q.key(), q.depth)).collect();
    format!(
        "{:#?}",
        (
            &estate.hosts,
            &estate.guests,
            &estate.web,
            queues,
            &estate.people,
            &estate.groups,
            &estate.tickets,
            &estate.problems,
        )
    )
}

#[test]
fn a_restart_shows_the_same_rows_with_their_age() {
    let (_home, path) = home();
    let mut before = fixture::kept();
    let first = before.publish();
    assert!(first.problems.len() > 5);
    assert_eq!(save(&path, &before.known(), NOW).unwrap(), None);

    let (known, said) = load_from(&path, sources());
    assert_eq!(said, None);
    let later = NOW.plus(Duration::from_secs(10 * MINUTE));
    let mut after = Keeper::resume(known, later);
    let second = after.publish();
    // Judged ten minutes later nothing new is wrong; the ages are the old moments.
    for (was, is) in [
        (first.guests.len(), second.guests.len()),
        (first.tickets.len(), second.tickets.len()),
        (first.web.len(), second.web.len()),
        (first.queues.len(), second.queues.len()),
        (first.people.len(), second.people.len()),
    ] {
        assert!(was > 0 && was == is, "{was} {is}");
    }
    let read = |estate: &Estate, source| estate.source(source).and_then(SourceState::oldest);
    assert_eq!(read(&second, GOLEM), read(&first, GOLEM));
    let freshness = |source| second.freshness(source, Reading::Resources, later);
    assert_eq!(freshness(GOLEM), Freshness::Stale);
    assert_eq!(
        second.freshness(REDMINE, Reading::Tickets, later),
        Freshness::Lost,
        "what failed then has not been seen to be well"
    );

    // At the same moment it is the same picture, to the letter.
    let mut same = Keeper::resume(load_from(&path, sources()).0, NOW);
    let same = same.publish();
    assert!(shown(&same) == shown(&first), "{}", shown(&same));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn every_kind_of_batch_comes_back_as_it_was() {
    let mut keeper = fixture::kept();
    // What is folded under what is found by publishing.
    keeper.publish();
    let known = keeper.known();
    let (body, left_out) = lines::body(&known, NOW, CAP);
    assert_eq!(left_out, None);
    let (again, said) = lines::known(&body, &sources()).unwrap();
    assert_eq!(said, None);
    let batches = |known: &Known| -> Vec<String> {
        (known.sources.iter().flat_map(|s| &s.feeds))
            .map(|feed| format!("{:?} {:?} {:?}", feed.good, feed.trouble, feed.took))
            .collect()
    };
    assert_eq!(batches(&again), batches(&known));
    let kinds: std::collections::HashSet<Reading> = (known.sources.iter())
        .flat_map(|s| &s.feeds)
        .filter_map(|f| f.batch().map(Batch::reading))
        .collect();
    assert_eq!(kinds.len(), 13, "{kinds:?}");
    let sorted = |known: &Known| {
        let mut ran = known.ran.clone();
        ran.sort();
        ran
    };
    assert_eq!(sorted(&again), sorted(&known));
    assert!(!known.ran.is_empty() && !known.since.is_empty());
    let fixed = |known: &Known| {
        let (mut onsets, mut folds) = (known.onsets.clone(), known.folds.clone());
        onsets.sort();
        folds.sort();
        (onsets, folds)
    };
    assert_eq!(fixed(&again), fixed(&known));
    assert!(!known.onsets.is_empty(), "onsets");
    assert!(!known.folds.is_empty(), "folds");
}

#[test]
fn what_is_torn_anywhere_is_left_out() {
    let (_home, path) = home();
    // Small, so that every length can be tried.
    let mut known = fixture::kept().known();
    known.sources.truncate(4);
    for feed in known.sources.iter_mut().flat_map(|s| &mut s.feeds) {
        if feed.batch().is_some_and(|batch| batch.len() > 3) {
            feed.good = None;
        }
    }
    save(&path, &known, NOW).unwrap();
    let bytes = fs::read(&path).unwrap();
    assert!((1000..100_000).contains(&bytes.len()), "{}", bytes.len());
    assert!(!is_bare(&load_from(&path, sources()).0));
    for length in 0..bytes.len() {
        fs::write(&path, &bytes[..length]).unwrap();
        let (known, said) = load_from(&path, sources());
        assert!(is_bare(&known), "{length}");
        let word = if length < MARK.len() {
            "it is no last known state of vigie, so it is left alone"
        } else {
            "it is torn and left out"
        };
        assert_eq!(detail(said), word, "{length}");
    }
    // One bit, anywhere.
    for at in (MARK.len()..bytes.len()).step_by(17) {
        let mut wrong = bytes.clone();
        wrong[at] ^= 1;
        fs::write(&path, &wrong).unwrap();
        let (known, said) = load_from(&path, sources());
        assert!(is_bare(&known) && said.is_some(), "{at}");
    }
    // A torn file of ours is written anew.
    fs::write(&path, &bytes[..30]).unwrap();
    assert_eq!(save(&path, &known, NOW).unwrap(), None);
    assert!(fs::read(&path).unwrap().starts_with(MARK.as_bytes()));
}

#[test]
fn another_version_is_left_out() {
    let (_home, path) = home();
    save(&path, &fixture::kept().known(), NOW).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("\"version\":1", "\"version\":2", 1)).unwrap();
    let (known, said) = load_from(&path, sources());
    assert!(is_bare(&known));
    assert_eq!(
        detail(said),
        "it was written by another version and is left out"
    );
}

#[test]
fn a_foreign_file_is_neither_read_nor_overwritten() {
    let (_home, path) = home();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let word = "it is no last known state of vigie, so it is left alone";
    for foreign in ["my notes", "{\"vigie\":\"plans\"}\n", "\0\0\0\0"] {
        fs::write(&path, foreign).unwrap();
        let (known, said) = load_from(&path, sources());
        assert!(is_bare(&known));
        assert_eq!(detail(said), word);
        let refused = save(&path, &fixture::kept().known(), NOW).unwrap_err();
        assert!(detail(Some(refused)).starts_with(word));
        assert_eq!(fs::read_to_string(&path).unwrap(), foreign);
    }
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_ne!(detail(load_from(&path, sources()).1), "");
    assert!(save(&path, &fixture::kept().known(), NOW).is_err());
}

#[test]
fn nothing_there_is_nothing_to_say() {
    let (_home, path) = home();
    let (known, said) = load_from(&path, sources());
    assert!(is_bare(&known));
    assert_eq!((known.sources.len(), said), (7, None));
}

#[test]
fn a_source_that_moved_comes_without_data() {
    let (_home, path) = home();
    let kept = fixture::kept().known();
    save(&path, &kept, NOW).unwrap();
    let mut now = sources();
    // golem is elsewhere, checkmk stands first, redmine is not configured any more.
    now[usize::from(GOLEM.0)].address = Text::clean("https://other.example.org:8006");
    now.retain(|source| source.id != REDMINE);
    let checkmk = now.iter().position(|s| s.id == CHECKMK).unwrap();
    now[..=checkmk].rotate_right(1);
    for (index, source) in now.iter_mut().enumerate() {
        source.id = SourceId(u16::try_from(index).unwrap());
    }
    let (known, said) = load_from(&path, now);
    assert_eq!(said, None);
    let held: Vec<(&str, bool)> = (known.sources.iter())
        .map(|s| (s.name.as_str(), s.feeds.iter().any(|f| f.good.is_some())))
        .collect();
    assert_eq!(
        held,
        [
            ("checkmk", true),
            ("golem", false),
            ("pikachu", true),
            ("web", true),
            ("mail", true),
            ("crew", true)
        ]
    );
    let pikachu = SourceId(2);
    assert!(known.ran.iter().all(|(source, _)| *source == pikachu));
    let then = kept.ran.iter().filter(|(s, _)| *s == fixture::PIKACHU);
    assert_eq!(known.ran.len(), then.count());
}

#[test]
fn keys_are_those_of_the_sources_now() {
    let (_home, path) = home();
    let mut kept = fixture::kept().known();
    kept.since = vec![
        (Key::Guest(fixture::PIKACHU, 7), NOW),
        (Key::Guest(GOLEM, 7), NOW),
        (Key::Problem("guest/7".into()), NOW),
    ];
    save(&path, &kept, NOW).unwrap();
    let mut now = sources();
    now.remove(0);
    for (index, source) in now.iter_mut().enumerate() {
        source.id = SourceId(u16::try_from(index).unwrap());
    }
    let (known, _) = load_from(&path, now);
    assert_eq!(
        known.since,
        [
            (Key::Guest(SourceId(0), 7), NOW),
            (Key::Problem("guest/7".into()), NOW)
        ]
    );
}

/// A file with these lines below a right header.
fn written_by_hand(path: &Path, body: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let header = Header {
        vigie: "last known".to_owned(),
        version: VERSION,
        bytes: body.len(),
        sha256: checksum(body.as_bytes()),
    };
    let header = serde_json::to_string(&header).unwrap();
    fs::write(path, format!("{header}\n{body}")).unwrap();
}

#[test]
fn a_part_that_makes_no_sense_costs_that_part() {
    let (_home, path) = home();
    let (body, _) = lines::body(&fixture::kept().known(), NOW, CAP);
    let body = String::from_utf8(body).unwrap();
    let body = body.replacen("\"reading\":\"Tickets\"", "\"reading\":\"Issues\"", 1);
    written_by_hand(&path, &body);
    let (known, said) = load_from(&path, sources());
    assert_eq!(
        detail(said),
        "another version wrote one reading otherwise: left out"
    );
    let held = (known.sources.iter().flat_map(|s| &s.feeds)).filter(|f| f.good.is_some());
    let all = (fixture::kept().known().sources.iter())
        .flat_map(|s| s.feeds.clone())
        .filter(|f| f.good.is_some())
        .count();
    assert_eq!(held.count(), all - 1);

    // A batch under another reading's name is no such reading.
    let swapped = body.replacen("\"reading\":\"Queues\"", "\"reading\":\"Probes\"", 1);
    written_by_hand(&path, &swapped);
    let (known, _) = load_from(&path, sources());
    let mail = &known.sources[usize::from(fixture::MAIL.0)];
    assert!(mail.feeds.iter().all(|feed| feed.good.is_none()));

    written_by_hand(&path, "[1,2,3]\n");
    let (known, said) = load_from(&path, sources());
    assert!(is_bare(&known));
    assert!(said.is_some());
}

#[test]
fn no_byte_of_it_acts_on_the_terminal() {
    let (_home, path) = home();
    let (body, _) = lines::body(&fixture::kept().known(), NOW, CAP);
    let body = String::from_utf8(body).unwrap();
    let hostile = body.replace(
        "\"name\":\"golem\",\"state\"",
        "\"name\":\"\\u001b[2Jg\\u202e\",\"state\"",
    );
    assert_ne!(hostile, body);
    written_by_hand(&path, &hostile);
    let (known, _) = load_from(&path, sources());
    let estate = Keeper::resume(known, NOW).publish();
    let names: Vec<&str> = (estate.resources(GOLEM).unwrap().nodes.iter())
        .map(|n| n.name.as_str())
        .collect();
    assert_eq!(names, ["␛[2Jg·"]);
}

#[test]
fn the_largest_feed_is_what_there_is_no_room_for() {
    let known = fixture::kept().known();
    let (whole, _) = lines::body(&known, NOW, CAP);
    let (body, left_out) = lines::body(&known, NOW, whole.len() - 1);
    let left_out = left_out.unwrap();
    assert!(!left_out.contains(','), "{left_out}");
    assert!(body.len() < whole.len());
    let (again, _) = lines::known(&body, &sources()).unwrap();
    let held = |known: &Known| {
        (known.sources.iter().flat_map(|s| &s.feeds))
            .filter(|f| f.good.is_some())
            .count()
    };
    assert_eq!(held(&again), held(&known) - 1);
}

#[tokio::test]
async fn the_saver_writes_the_last_state_at_the_end() {
    let home = tempfile::tempdir().unwrap();
    let places = Places::within(home.path());
    let mut saver = Saver::start(&places).unwrap();
    assert!(!saver.is_due(false) && !saver.is_due(true));
    saver.save(fixture::keeper().known());
    saver
        .finish(fixture::kept().known(), Duration::from_secs(20))
        .await;
    let (known, said) = load_from(&path(&places), sources());
    assert_eq!(said, None);
    assert!(!is_bare(&known));
}

#[tokio::test]
async fn a_place_that_cannot_be_written_is_said() {
    let home = tempfile::tempdir().unwrap();
    let places = Places::within(home.path());
    fs::write(&places.state_dir, "a file").unwrap();
    let mut saver = Saver::start(&places).unwrap();
    let mut said = saver.said();
    saver.save(fixture::kept().known());
    said.changed().await.unwrap();
    assert!(said.borrow().is_some());
}

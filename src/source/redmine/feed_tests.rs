//! The feed by itself: pages, changes, deletions, identity.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::sync::Arc;
use std::time::Duration;

use crate::domain::ticket::{Named, Ticket};
use crate::domain::{Moment, Text};

use super::feed::{Feed, MOST, Page};

const START: Moment = Moment::from_millis(1_790_000_000_000);

/// Ticket `id`, changed `age` minutes before the start.
fn ticket(id: u64, age: u64) -> Ticket {
    let named = |name: &str| Named {
        id: 1,
        name: Text::clean(name),
    };
    Ticket {
        id,
        project: named("ship"),
        tracker: None,
        status: named("New"),
        closed: Some(false),
        priority: None,
        author: None,
        assignee: None,
        subject: Text::clean(&format!("ticket {id}")),
        due: None,
        done: None,
        private: false,
        created: None,
        updated: Some(START.minus(Duration::from_secs(age * 60))),
        fields: Vec::new(),
        parent: None,
    }
}

fn page(ids: impl Iterator<Item = (u64, u64)>, total: u64) -> Page {
    let tickets: Vec<Ticket> = ids.map(|(id, age)| ticket(id, age)).collect();
    Page {
        rows: tickets.len() as u64,
        tickets,
        skipped: 0,
        total: Some(total),
    }
}

fn minutes(n: u64) -> Moment {
    START.plus(Duration::from_secs(n * 60))
}

fn ids(feed: &mut Feed) -> Vec<u64> {
    feed.tickets().tickets.iter().map(|t| t.id).collect()
}

/// Three tickets, read at the start.
fn three() -> Feed {
    let mut feed = Feed::default();
    assert_eq!(feed.next_page(START), Some(0));
    assert!(!feed.take_page(page([(3, 1), (2, 2), (1, 3)].into_iter(), 3), START));
    feed
}

#[test]
fn pages_follow_until_the_total_is_reached() {
    let mut feed = Feed::default();
    assert_eq!(feed.next_page(START), Some(0));
    assert!(feed.take_page(page((0..100).map(|n| (1000 - n, n)), 150), START));
    assert!(feed.tickets().more);
    assert_eq!(feed.next_page(START), Some(100));
    assert!(!feed.take_page(page((100..150).map(|n| (1000 - n, n)), 150), START));
    assert!(!feed.tickets().more);
    assert_eq!(feed.tickets().tickets.len(), 150);
    assert_eq!(feed.next_page(START), None);
}

#[test]
fn the_newest_five_hundred_are_kept() {
    let mut feed = Feed::default();
    let mut begin = 0;
    while let Some(offset) = feed.next_page(START) {
        assert_eq!(offset, begin);
        feed.take_page(
            page((begin..begin + 100).map(|n| (5000 - n, n)), 5000),
            START,
        );
        begin += 100;
    }
    assert_eq!(begin, 500);
    let tickets = feed.tickets();
    assert_eq!((tickets.tickets.len(), tickets.more), (MOST, true));
    // A new one pushes the oldest out.
    let mut new = ticket(6000, 0);
    new.updated = Some(minutes(1));
    let changed = Page {
        tickets: vec![new, ticket(5000, 0)],
        rows: 2,
        skipped: 0,
        total: Some(2),
    };
    assert!(!feed.take_changes(changed, true));
    let ids = ids(&mut feed);
    assert_eq!((ids.len(), ids[0], ids[499]), (MOST, 6000, 4502));
}

#[test]
fn what_did_not_change_is_the_same_value() {
    let mut feed = three();
    let before = feed.tickets();
    assert!(!feed.take_changes(page([(3, 1)].into_iter(), 1), true));
    assert!(Arc::ptr_eq(&before, &feed.tickets()));

    let mut changed = ticket(1, 3);
    changed.updated = Some(minutes(1));
    let changes = Page {
        tickets: vec![changed, ticket(3, 1)],
        rows: 2,
        skipped: 0,
        total: Some(2),
    };
    assert!(!feed.take_changes(changes, true));
    let after = feed.tickets();
    assert_eq!(
        after.tickets.iter().map(|t| t.id).collect::<Vec<_>>(),
        [1, 3, 2]
    );
    assert!(Arc::ptr_eq(&after.tickets[1], &before.tickets[0]));
    assert_eq!(feed.since(), Some(minutes(1)));
}

#[test]
fn the_newest_missing_from_the_changes_is_noticed() {
    let mut feed = three();
    assert!(feed.take_changes(page(std::iter::empty(), 0), true));
    let mut feed = three();
    assert!(
        !feed.take_changes(page((10..110).map(|n| (n, 0)), 400), false),
        "it may have been cut off"
    );
}

#[test]
fn a_walk_finds_what_was_deleted() {
    let mut feed = three();
    assert_eq!(feed.next_page(minutes(9)), None);
    assert_eq!(feed.next_page(minutes(10)), Some(0));
    assert!(!feed.take_page(page([(3, 1), (1, 3)].into_iter(), 2), minutes(10)));
    assert_eq!(ids(&mut feed), [3, 1]);
    assert_eq!(feed.next_page(minutes(19)), None);
}

#[test]
fn what_moves_to_the_front_during_a_walk_is_not_lost() {
    let mut feed = Feed::default();
    feed.next_page(START);
    feed.take_page(page((0..100).map(|n| (1000 - n, n)), 102), START);
    // The last of all changes; it is on the first page now, and its page ends before it.
    let mut changed = ticket(899, 101);
    changed.updated = Some(minutes(1));
    let changes = Page {
        tickets: vec![changed, ticket(1000, 0)],
        rows: 2,
        skipped: 0,
        total: Some(2),
    };
    assert!(!feed.take_changes(changes, true));
    assert!(!feed.take_page(page([(901, 99), (900, 100)].into_iter(), 102), minutes(1)));
    let ids = ids(&mut feed);
    assert_eq!((ids.len(), ids[0]), (102, 899));
}

#[test]
fn a_deletion_during_a_walk_begins_it_anew() {
    let mut feed = Feed::default();
    feed.next_page(START);
    assert!(feed.take_page(page((0..100).map(|n| (1000 - n, n)), 150), START));
    assert!(feed.take_page(page((101..150).map(|n| (1000 - n, n)), 149), START));
    assert_eq!(feed.next_page(START), Some(0));
    assert!(feed.tickets().more);
}

#[test]
fn another_owner_begins_with_nothing() {
    let mut feed = three();
    assert!(!feed.belong_to(7));
    assert_eq!(ids(&mut feed), [3, 2, 1]);
    assert!(feed.belong_to(8));
    assert!(ids(&mut feed).is_empty());
    assert_eq!(feed.since(), None);
}

#[test]
fn an_empty_tracker_is_asked_from_the_start_each_time() {
    let mut feed = Feed::default();
    feed.next_page(START);
    assert!(!feed.take_page(page(std::iter::empty(), 0), START));
    let tickets = feed.tickets();
    assert_eq!((tickets.tickets.len(), tickets.more), (0, false));
    assert_eq!(feed.next_page(minutes(1)), Some(0));
}

#[test]
fn broken_rows_are_counted_once() {
    let mut feed = Feed::default();
    feed.next_page(START);
    let mut first = page([(2, 1), (1, 2)].into_iter(), 4);
    first.rows = 4;
    first.skipped = 2;
    assert!(!feed.take_page(first, START));
    assert_eq!(feed.tickets().skipped, 2);
    let mut changes = page([(2, 1)].into_iter(), 2);
    changes.rows = 2;
    changes.skipped = 1;
    assert!(!feed.take_changes(changes, true));
    assert_eq!(feed.tickets().skipped, 2);
    feed.next_page(minutes(10)).unwrap();
    assert!(!feed.take_page(page([(2, 1), (1, 2)].into_iter(), 2), minutes(10)));
    assert_eq!(feed.tickets().skipped, 0);
}

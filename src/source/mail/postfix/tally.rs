//! Mails counted into a queue.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::domain::queue::{self as domain, Group, Queue};
use crate::domain::{Bytes, Moment, Text};

/// Reasons and domains that are kept.
const TOP: usize = 20;

/// Deferred mails that are kept one by one: what a person may look through.
pub(super) const LISTED: usize = 200;

/// Longest reason that is kept apart, in characters: Postfix cuts at some hundred too.
const REASON: usize = 200;

/// Where a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Incoming,
    Active,
    Deferred,
    Hold,
    /// `maildrop`, `corrupt`, or the table without a mark: not told.
    Other,
}

/// A mail as either format shows it.
#[derive(Debug)]
pub(super) struct Mail<'a> {
    pub id: &'a str,
    pub place: Place,
    pub size: Option<u64>,
    /// Unix seconds.
    pub arrived: Option<i64>,
    /// Who sent it.
    pub sender: Option<&'a str>,
    /// Recipients that still wait, with why.
    pub recipients: Vec<(&'a str, Option<&'a str>)>,
}

/// Counts of mails.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// A mail that moves between queues while they are read may show twice; within one listing an
    /// identifier is one mail.
    seen: HashSet<String>,
    /// Short identifiers are used again, so the arrival time belongs to a mail's identity.
    mails: Vec<u64>,
    active: u64,
    incoming: u64,
    deferred: u64,
    hold: u64,
    size: u64,
    oldest: Option<Moment>,
    reasons: HashMap<String, Count>,
    domains: HashMap<String, Count>,
    /// Deferred mails that may be among the oldest.
    waiting: Vec<domain::Mail>,
}

/// Mails that have something in common.
#[derive(Debug, Default)]
struct Count {
    mails: u64,
    oldest: Option<Moment>,
}

impl Count {
    fn add(&mut self, arrived: Option<Moment>) {
        self.mails += 1;
        self.oldest = earlier(self.oldest, arrived);
    }
}

fn earlier(one: Option<Moment>, other: Option<Moment>) -> Option<Moment> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

impl Tally {
    /// Counts a mail, unless it was counted before.
    pub(super) fn add(&mut self, mail: &Mail<'_>) {
        if !self.seen.insert(mail.id.to_owned()) {
            return;
        }
        let mut hasher = DefaultHasher::new();
        (mail.id, mail.arrived).hash(&mut hasher);
        self.mails.push(hasher.finish());
        self.size = self.size.saturating_add(mail.size.unwrap_or(0));
        let arrived = mail.arrived.and_then(Moment::from_unix);
        self.oldest = earlier(self.oldest, arrived);
        match mail.place {
            Place::Incoming => self.incoming += 1,
            Place::Active => self.active += 1,
            Place::Hold => self.hold += 1,
            Place::Other => {}
            Place::Deferred => {
                self.deferred += 1;
                self.why(mail, arrived);
                self.list(mail, arrived);
            }
        }
    }

    /// Counts mails, not recipients: sixty full mailboxes behind one mail are one mail that waits.
    fn why(&mut self, mail: &Mail<'_>, arrived: Option<Moment>) {
        let mut reasons = HashSet::new();
        let mut domains = HashSet::new();
        for (address, reason) in &mail.recipients {
            if let Some(reason) = reason {
                reasons.insert(without_addresses(reason));
            }
            if let Some((_, domain)) = address.rsplit_once('@') {
                domains.insert(domain.to_ascii_lowercase());
            }
        }
        for reason in reasons {
            self.reasons.entry(reason).or_default().add(arrived);
        }
        for domain in domains {
            self.domains.entry(domain).or_default().add(arrived);
        }
    }

    /// Keeps a mail as long as it may be among the oldest.
    fn list(&mut self, mail: &Mail<'_>, arrived: Option<Moment>) {
        let recipient = mail.recipients.first();
        let reason = mail.recipients.iter().find_map(|(_, reason)| *reason);
        let more = mail.recipients.len().saturating_sub(1);
        self.waiting.push(domain::Mail {
            id: Text::clean(mail.id),
            arrived,
            size: mail.size.map(Bytes),
            sender: mail.sender.and_then(Text::clean_non_empty),
            recipient: recipient.and_then(|(address, _)| Text::clean_non_empty(address)),
            more: u32::try_from(more).unwrap_or(u32::MAX),
            reason: reason.map(|reason| Text::clean(&cut(reason))),
        });
        if self.waiting.len() >= LISTED * 4 {
            self.keep_oldest();
        }
    }

    /// The oldest first; mails of an unknown age last.
    fn keep_oldest(&mut self) {
        self.waiting.sort_by(|a, b| {
            (a.arrived.is_none(), a.arrived, &a.id).cmp(&(b.arrived.is_none(), b.arrived, &b.id))
        });
        self.waiting.truncate(LISTED);
    }

    /// Which mails were counted, as numbers that stay the same from listing to listing.
    pub(super) fn mails(&self) -> Vec<u64> {
        self.mails.clone()
    }

    /// The queue. `whole` tells whether the format names the queue of every mail; the table does not tell
    /// incoming from deferred mails without a reason.
    pub(super) fn queue(mut self, whole: bool) -> Queue {
        self.keep_oldest();
        Queue {
            mails: Arc::new(self.waiting),
            depth: Some(self.seen.len() as u64),
            active: Some(self.active),
            incoming: whole.then_some(self.incoming),
            deferred: Some(self.deferred),
            hold: Some(self.hold),
            size: Some(Bytes(self.size)),
            oldest: self.oldest,
            reasons: top(self.reasons),
            domains: top(self.domains),
            kind: Text::clean("postfix"),
            ..Queue::default()
        }
    }
}

/// The most frequent, in a settled order.
fn top(counts: HashMap<String, Count>) -> Vec<Group> {
    let mut counts: Vec<(String, Count)> = counts.into_iter().collect();
    counts.sort_by(|(a, na), (b, nb)| nb.mails.cmp(&na.mails).then_with(|| a.cmp(b)));
    counts.truncate(TOP);
    let groups = counts.iter().map(|(text, count)| Group {
        what: Text::clean(text),
        mails: count.mails,
        oldest: count.oldest,
    });
    groups.collect()
}

/// The part of a reason that is kept.
fn cut(reason: &str) -> String {
    reason.chars().take(REASON).collect()
}

/// A reason without the addresses in it, so that "mailbox of <anne@…> is full" and "… <bonny@…> …" are one.
fn without_addresses(reason: &str) -> String {
    let mut left = String::new();
    let mut rest = reason;
    while let Some((before, after)) = rest.split_once('<') {
        left.push_str(before);
        match after.split_once('>') {
            Some((inside, after)) if inside.contains('@') => {
                left.push_str("<…>");
                rest = after;
            }
            _ => {
                left.push('<');
                rest = after;
            }
        }
    }
    left.push_str(rest);
    cut(&left)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn counts(groups: &[Group]) -> Vec<(&str, u64)> {
        groups.iter().map(|g| (&*g.what, g.mails)).collect()
    }

    fn mail<'a>(id: &'a str, place: Place, recipients: &[(&'a str, Option<&'a str>)]) -> Mail<'a> {
        Mail {
            id,
            place,
            size: Some(100),
            arrived: Some(1_795_293_458),
            sender: Some("lists@example.org"),
            recipients: recipients.to_vec(),
        }
    }

    #[test]
    fn mails_are_counted_once_and_by_place() {
        let mut tally = Tally::default();
        for (id, place) in [
            ("A", Place::Incoming),
            ("A", Place::Active),
            ("B", Place::Active),
            ("C", Place::Deferred),
            ("D", Place::Hold),
            ("E", Place::Other),
        ] {
            tally.add(&mail(id, place, &[]));
        }
        let mut late = mail("F", Place::Deferred, &[]);
        late.arrived = Some(1_795_293_000);
        late.size = None;
        tally.add(&late);
        let queue = tally.queue(true);
        assert_eq!(queue.depth, Some(6));
        assert_eq!(
            (queue.incoming, queue.active, queue.deferred, queue.hold),
            (Some(1), Some(1), Some(2), Some(1))
        );
        assert_eq!(queue.size, Some(Bytes(500)));
        assert_eq!(queue.oldest, Moment::from_unix(1_795_293_000));
    }

    #[test]
    fn reasons_and_domains_are_grouped_by_mail() {
        let mut tally = Tally::default();
        tally.add(&mail(
            "A",
            Place::Deferred,
            &[
                (
                    "anne@Full.example",
                    Some("452 <anne@full.example> mailbox full"),
                ),
                (
                    "bonny@full.example",
                    Some("452 <bonny@full.example> mailbox full"),
                ),
                (
                    "mary@slow.example",
                    Some("connect to slow.example: Connection timed out"),
                ),
            ],
        ));
        tally.add(&mail(
            "B",
            Place::Deferred,
            &[(
                "jack@full.example",
                Some("452 <jack@full.example> mailbox full"),
            )],
        ));
        tally.add(&mail(
            "C",
            Place::Active,
            &[("x@other.example", Some("not deferred"))],
        ));
        let queue = tally.queue(true);
        assert_eq!(
            counts(&queue.reasons),
            [
                ("452 <…> mailbox full", 2),
                ("connect to slow.example: Connection timed out", 1)
            ]
        );
        assert_eq!(
            counts(&queue.domains),
            [("full.example", 2), ("slow.example", 1)]
        );
    }

    #[test]
    fn only_the_top_is_kept() {
        let mut tally = Tally::default();
        let addresses: Vec<String> = (0..50).map(|n| format!("a@d{n:02}.example")).collect();
        for address in &addresses {
            tally.add(&mail(address, Place::Deferred, &[(address.as_str(), None)]));
        }
        let queue = tally.queue(true);
        assert_eq!(queue.domains.len(), TOP);
        assert_eq!(counts(&queue.domains)[0], ("d00.example", 1));
    }

    #[test]
    fn groups_and_mails_tell_their_age() {
        let mut tally = Tally::default();
        for (id, arrived, domain) in [
            ("A", Some(1_795_293_000), "full.example"),
            ("B", None, "full.example"),
            ("C", Some(1_795_290_000), "full.example"),
            ("D", Some(1_795_293_400), "slow.example"),
        ] {
            let first = format!("anne@{domain}");
            let mut waits = mail(id, Place::Deferred, &[]);
            waits.arrived = arrived;
            waits.recipients = vec![(&first, Some("452 full")), ("b@x.example", None)];
            tally.add(&waits);
        }
        let mut sent = mail("E", Place::Active, &[("x@other.example", None)]);
        sent.arrived = Some(1_795_000_000);
        tally.add(&sent);
        let queue = tally.queue(true);
        let oldest = |group: &Group| group.oldest.map(Moment::as_unix);
        assert_eq!(oldest(&queue.reasons[0]), Some(1_795_290_000));
        let domains: Vec<_> = queue
            .domains
            .iter()
            .map(|g| (&*g.what, oldest(g)))
            .collect();
        assert_eq!(
            domains,
            [
                ("x.example", Some(1_795_290_000)),
                ("full.example", Some(1_795_290_000)),
                ("slow.example", Some(1_795_293_400)),
            ]
        );
        let listed: Vec<&str> = queue.mails.iter().map(|m| &*m.id).collect();
        assert_eq!(listed, ["C", "A", "D", "B"], "oldest first, unknown last");
        let first = &queue.mails[0];
        assert_eq!(first.sender.as_deref(), Some("lists@example.org"));
        assert_eq!(first.recipient.as_deref(), Some("anne@full.example"));
        assert_eq!((first.more, first.size), (1, Some(Bytes(100))));
        assert_eq!(first.reason.as_deref(), Some("452 full"));
    }

    #[test]
    fn of_very_many_mails_the_oldest_are_listed_and_all_are_counted() {
        let mut tally = Tally::default();
        for n in 0..10_000_i64 {
            let id = format!("{n:06}");
            let mut waits = mail(
                &id,
                Place::Deferred,
                &[("a@full.example", Some("452 full"))],
            );
            // Neither in order nor all different.
            waits.arrived = Some(1_795_000_000 + n * 7919 % 5000);
            tally.add(&waits);
        }
        let queue = tally.queue(true);
        assert_eq!((queue.deferred, queue.mails.len()), (Some(10_000), LISTED));
        assert_eq!(counts(&queue.reasons), [("452 full", 10_000)]);
        assert!(queue.mails.is_sorted_by_key(|m| m.arrived));
        let last = queue.mails.last().unwrap().arrived;
        assert_eq!(last, Moment::from_unix(1_795_000_000 + 99), "two a second");
    }

    #[test]
    fn brackets_that_are_no_address_stay() {
        assert_eq!(
            without_addresses("a < b > c <d@e> f <g"),
            "a < b > c <…> f <g"
        );
    }
}

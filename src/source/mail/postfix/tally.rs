//! Mails counted into a queue.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::domain::queue::Queue;
use crate::domain::{Bytes, Moment, Text};

/// Reasons and domains that are kept.
const TOP: usize = 20;

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
    reasons: HashMap<String, u64>,
    domains: HashMap<String, u64>,
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
        self.oldest = match (self.oldest, arrived) {
            (Some(oldest), Some(arrived)) => Some(oldest.min(arrived)),
            (oldest, arrived) => oldest.or(arrived),
        };
        match mail.place {
            Place::Incoming => self.incoming += 1,
            Place::Active => self.active += 1,
            Place::Hold => self.hold += 1,
            Place::Other => {}
            Place::Deferred => {
                self.deferred += 1;
                self.why(mail);
            }
        }
    }

    /// Counts mails, not recipients: sixty full mailboxes behind one mail are one mail that waits.
    fn why(&mut self, mail: &Mail<'_>) {
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
            *self.reasons.entry(reason).or_default() += 1;
        }
        for domain in domains {
            *self.domains.entry(domain).or_default() += 1;
        }
    }

    /// Which mails were counted, as numbers that stay the same from listing to listing.
    pub(super) fn mails(&self) -> Vec<u64> {
        self.mails.clone()
    }

    /// The queue. `whole` tells whether the format names the queue of every mail; the table does not tell
    /// incoming from deferred mails without a reason.
    pub(super) fn queue(self, whole: bool) -> Queue {
        Queue {
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
fn top(counts: HashMap<String, u64>) -> Vec<(Text, u64)> {
    let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
    counts.sort_by(|(a, na), (b, nb)| nb.cmp(na).then_with(|| a.cmp(b)));
    counts.truncate(TOP);
    let cleaned = counts.iter().map(|(text, n)| (Text::clean(text), *n));
    cleaned.collect()
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
    left.chars().take(REASON).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail<'a>(id: &'a str, place: Place, recipients: &[(&'a str, Option<&'a str>)]) -> Mail<'a> {
        Mail {
            id,
            place,
            size: Some(100),
            arrived: Some(1_795_293_458),
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
            queue.reasons,
            [
                ("452 <…> mailbox full".into(), 2),
                ("connect to slow.example: Connection timed out".into(), 1)
            ]
        );
        assert_eq!(
            queue.domains,
            [("full.example".into(), 2), ("slow.example".into(), 1)]
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
        assert_eq!(queue.domains.first(), Some(&("d00.example".into(), 1)));
    }

    #[test]
    fn brackets_that_are_no_address_stay() {
        assert_eq!(
            without_addresses("a < b > c <d@e> f <g"),
            "a < b > c <…> f <g"
        );
    }
}

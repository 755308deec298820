//! Which mails come and go between two listings.

use std::collections::HashSet;

/// Mails of the last listings, as numbers made of queue identifier and arrival time (`tally::Tally::queue`).
#[derive(Debug, Default)]
pub(super) struct Passage {
    last: HashSet<u64>,
    /// Gone from the last listing. A mail that moves between queues while they are listed may be missed once.
    missed: HashSet<u64>,
    came: u64,
}

impl Passage {
    /// Takes a listing in; how many mails came so far, those of the first listing included.
    pub(super) fn take(&mut self, mails: Vec<u64>) -> u64 {
        let now: HashSet<u64> = mails.into_iter().collect();
        let new = now
            .iter()
            .filter(|mail| !self.last.contains(mail) && !self.missed.contains(mail));
        self.came += new.count() as u64;
        self.missed = self.last.difference(&now).copied().collect();
        self.last = now;
        self.came
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_are_counted_once() {
        let mut passage = Passage::default();
        assert_eq!(passage.take(vec![1, 2, 3]), 3);
        assert_eq!(passage.take(vec![2, 3, 4, 5]), 5);
        assert_eq!(passage.take(vec![]), 5, "all have left");
        assert_eq!(passage.take(vec![6]), 6);
    }

    #[test]
    fn a_mail_that_was_missed_once_is_not_new() {
        let mut passage = Passage::default();
        passage.take(vec![1, 2]);
        assert_eq!(passage.take(vec![2]), 2);
        assert_eq!(passage.take(vec![1, 2]), 2);
        passage.take(vec![2]);
        passage.take(vec![2]);
        assert_eq!(passage.take(vec![1, 2]), 3, "an identifier that is reused");
    }
}

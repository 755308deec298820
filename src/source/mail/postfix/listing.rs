//! `postqueue -j`: one JSON object a line (since Postfix 3.1; fields as measured with 3.7.11).
//!
//! Postfix 3.1 to 3.7.10 prints broken JSON for values with control characters, so each line stands for itself.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::tally::{Mail, Place, Tally};

/// A line. Members that later versions add are ignored.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    queue_name: Cow<'a, str>,
    #[serde(borrow)]
    queue_id: Cow<'a, str>,
    #[serde(default)]
    arrival_time: Maybe<i64>,
    #[serde(default)]
    message_size: Maybe<u64>,
    #[serde(default)]
    sender: Maybe<String>,
    #[serde(borrow, default)]
    recipients: Vec<Recipient<'a>>,
}

/// A recipient that still waits.
#[derive(Deserialize)]
struct Recipient<'a> {
    #[serde(borrow)]
    address: Cow<'a, str>,
    /// Absent while it is incoming or active.
    delay_reason: Option<String>,
}

/// A number, or something else that costs only this field.
#[derive(Deserialize)]
#[serde(untagged)]
enum Maybe<T> {
    Is(T),
    Other(IgnoredAny),
}

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self::Other(IgnoredAny)
    }
}

impl<T> Maybe<T> {
    fn known(self) -> Option<T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Other(_) => None,
        }
    }
}

/// Longest line that is taken: a mail to 100,000 recipients. Of a longer one the rest is passed over.
const LONGEST: usize = 16 << 20;

/// Counts lines as they come, so that a listing of any length costs no more than its longest line.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// What was counted so far.
    pub tally: Tally,
    /// Lines that made no sense.
    pub skipped: u32,
    /// The beginning of a line whose end has not come yet.
    begun: Vec<u8>,
    /// That line is too long.
    over: bool,
}

impl Reader {
    /// Takes the next bytes in, wherever they end.
    pub(super) fn take(&mut self, mut bytes: &[u8]) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = bytes.split_at(end);
            if self.begun.is_empty() && !self.over {
                self.line(line);
            } else {
                self.add(line);
                self.end_line();
            }
            bytes = rest.get(1..).unwrap_or_default();
        }
        self.add(bytes);
    }

    /// There is no more.
    pub(super) fn end(mut self) -> (Tally, u32) {
        self.end_line();
        (self.tally, self.skipped)
    }

    fn add(&mut self, bytes: &[u8]) {
        self.over |= self.begun.len() + bytes.len() > LONGEST;
        if !self.over {
            self.begun.extend_from_slice(bytes);
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.begun);
        if std::mem::take(&mut self.over) {
            self.skipped += 1;
        } else {
            self.line(&line);
        }
    }

    fn line(&mut self, bytes: &[u8]) {
        if bytes.trim_ascii().is_empty() {
            return;
        }
        match serde_json::from_slice::<Line<'_>>(bytes) {
            Ok(line) if !line.queue_id.is_empty() => count(line, &mut self.tally),
            _ => self.skipped += 1,
        }
    }
}

fn count(line: Line<'_>, tally: &mut Tally) {
    let recipients = line.recipients.iter();
    let sender = line.sender.known();
    tally.add(&Mail {
        id: &line.queue_id,
        place: match &*line.queue_name {
            "incoming" => Place::Incoming,
            "active" => Place::Active,
            "deferred" => Place::Deferred,
            "hold" => Place::Hold,
            _ => Place::Other,
        },
        size: line.message_size.known(),
        arrived: line.arrival_time.known(),
        sender: sender.as_deref(),
        recipients: recipients
            .map(|r| (&*r.address, r.delay_reason.as_deref()))
            .collect(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::queue::Group;
    use crate::domain::{Bytes, Moment};

    #[test]
    fn every_kind_of_line() {
        let output = br#"{"queue_name": "active", "queue_id": "35A69A0218B", "arrival_time": 1795293458, "message_size": 289, "forced_expire": false, "sender": "slow@lab.example.org", "recipients": [{"address": "s@slow.example"}]}
{"queue_name": "deferred", "queue_id": "4jX3N02KSKz1X5hp", "arrival_time": 1795293000, "message_size": 11, "sender": "MAILER-DAEMON", "recipients": [{"address": "a@full.example", "delay_reason": "mailbox full \u202e"}, {"address": "b@full.example"}], "later": {"x": 1}}
{"queue_name": "hold", "queue_id": "C0FFEE", "arrival_time": "soon", "message_size": -1, "sender": "x", "recipients": []}
{"queue_name": "deferred", "queue_id": "BAD", "recipients": [{"address": "a@b", "delay_reason": "bell \u07 broken"}]}
not json
{"queue_name": "deferred"}

{"queue_name": "maildrop", "queue_id": "A20D1A02164", "arrival_time": 1795292092, "message_size": 127, "recipients": []}
"#;
        let mut reader = Reader::default();
        reader.take(output);
        let (tally, skipped) = reader.end();
        assert_eq!(skipped, 3);
        let queue = tally.queue(true);
        assert_eq!(queue.depth, Some(4));
        assert_eq!(
            (queue.active, queue.deferred, queue.hold, queue.incoming),
            (Some(1), Some(1), Some(1), Some(0))
        );
        assert_eq!(queue.size, Some(Bytes(427)));
        assert_eq!(queue.oldest, Moment::from_unix(1_795_292_092));
        let oldest = Moment::from_unix(1_795_293_000);
        let group = |what: &str| Group {
            what: what.into(),
            mails: 1,
            oldest,
        };
        assert_eq!(queue.reasons, [group("mailbox full ·")]);
        assert_eq!(queue.domains, [group("full.example")]);
        // Wherever the pipe cuts it.
        for size in [1, 7, 64, 300] {
            let mut reader = Reader::default();
            output.chunks(size).for_each(|chunk| reader.take(chunk));
            let (tally, skipped) = reader.end();
            assert_eq!((tally.queue(true), skipped), (queue.clone(), 3), "{size}");
        }
    }

    #[test]
    fn a_line_without_an_end_costs_itself_only() {
        let mut reader = Reader::default();
        let fine = b"{\"queue_name\": \"hold\", \"queue_id\": \"C0FFEE\", \"recipients\": []}\n";
        reader.take(fine);
        for _ in 0..=LONGEST / (1 << 20) {
            reader.take(&vec![b'x'; 1 << 20]);
        }
        assert!(reader.begun.len() <= LONGEST);
        reader.take(b"\n");
        reader.take(b"{\"queue_name\": \"hold\", \"queue_id\": \"BEEF\", \"recipients\": []}");
        let (tally, skipped) = reader.end();
        assert_eq!((tally.queue(true).hold, skipped), (Some(2), 1));
    }

    #[test]
    fn nothing_at_all_is_an_empty_queue() {
        let (tally, skipped) = Reader::default().end();
        assert_eq!((tally.queue(true).depth, skipped), (Some(0), 0));
    }
}

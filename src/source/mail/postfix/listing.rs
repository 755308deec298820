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

/// Counts all lines; how many made no sense.
pub(super) fn read(output: &[u8], tally: &mut Tally) -> u32 {
    let mut skipped = 0;
    for bytes in output.split(|&byte| byte == b'\n') {
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        let Ok(line) = serde_json::from_slice::<Line<'_>>(bytes) else {
            skipped += 1;
            continue;
        };
        if line.queue_id.is_empty() {
            skipped += 1;
            continue;
        }
        let recipients = line.recipients.iter();
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
            recipients: recipients
                .map(|r| (&*r.address, r.delay_reason.as_deref()))
                .collect(),
        });
    }
    skipped
}

#[cfg(test)]
mod tests {
    use super::*;
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
        let mut tally = Tally::default();
        assert_eq!(read(output, &mut tally), 3);
        let queue = tally.queue(true);
        assert_eq!(queue.depth, Some(4));
        assert_eq!(
            (queue.active, queue.deferred, queue.hold, queue.incoming),
            (Some(1), Some(1), Some(1), Some(0))
        );
        assert_eq!(queue.size, Some(Bytes(427)));
        assert_eq!(queue.oldest, Moment::from_unix(1_795_292_092));
        assert_eq!(queue.reasons, [("mailbox full ·".into(), 1)]);
        assert_eq!(queue.domains, [("full.example".into(), 1)]);
    }

    #[test]
    fn nothing_at_all_is_an_empty_queue() {
        let mut tally = Tally::default();
        assert_eq!(read(b"", &mut tally), 0);
        assert_eq!(tally.queue(true).depth, Some(0));
    }
}

//! `postqueue -p`, the table for people, for Postfix before 3.1.
//!
//! Columns move with long identifiers, so it is split at blanks. Times have neither year nor zone and are not
//! read; a mail without mark and without reason may be incoming or deferred.

use super::tally::{Mail, Place, Tally};

/// Counts all mails; how many rows made no sense.
pub(super) fn read(output: &str, tally: &mut Tally) -> u32 {
    let mut skipped = 0;
    let mut current: Option<Mail<'_>> = None;
    let mut reason = None;
    for line in output.lines() {
        if line.starts_with("-Queue ID-")
            || line.starts_with("--")
            || line.starts_with("Mail queue is")
        {
            continue;
        }
        let text = line.trim();
        // A long reason has no room for its indentation.
        if text.is_empty() || !line.starts_with([' ', '\t', '(']) {
            if let Some(mail) = current.take() {
                tally.add(&mail);
            }
            reason = None;
            if !text.is_empty() {
                current = first_line(text);
                skipped += u32::from(current.is_none());
            }
        } else if let Some(mail) = &mut current {
            // A reason may itself hold brackets; an address never begins with one.
            if let Some(why) = text.strip_prefix('(') {
                reason = Some(why.strip_suffix(')').unwrap_or(why));
                if mail.place == Place::Other {
                    mail.place = Place::Deferred;
                }
            } else {
                mail.recipients.push((text, reason));
            }
        }
    }
    if let Some(mail) = current {
        tally.add(&mail);
    }
    skipped
}

/// `E01BDA0213C*     289 Sat Nov 21 20:37:38  sender`; the size may follow the mark without a blank.
fn first_line(text: &str) -> Option<Mail<'_>> {
    let mut fields = text.split_whitespace();
    let first = fields.next()?;
    let end = first.find(|c: char| !c.is_ascii_alphanumeric());
    let (id, rest) = first.split_at(end.unwrap_or(first.len()));
    let joined = rest.trim_start_matches(['*', '!', '#']);
    let marks = rest.strip_suffix(joined).unwrap_or(rest);
    let size = if joined.is_empty() {
        fields.next()?
    } else {
        joined
    };
    if id.is_empty() {
        return None;
    }
    Some(Mail {
        id,
        place: match marks {
            m if m.contains('*') => Place::Active,
            m if m.contains('!') => Place::Hold,
            _ => Place::Other,
        },
        size: Some(size.parse().ok()?),
        arrived: None,
        // After the size: weekday, month, day, time.
        sender: fields.nth(4),
        recipients: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Bytes;
    use crate::domain::queue::Group;

    #[test]
    fn every_kind_of_row() {
        let output = "\
-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------
35A69A0218B*     289 Sat Nov 21 20:37:38  slow3@lab.example.org
                                         s3@slow.example

40796A0218F     289 Sat Nov 21 20:37:38  slow7@lab.example.org
                                         s7@slow.example

2C851A02186     289 Sat Nov 21 20:37:35  list@lab.example.org
                      (host full.example[192.0.2.1] said: 452 (mailbox) full)
                                         a@full.example
                                         b@full.example
(connect to slow.example[192.0.2.2]:25: Connection timed out)
                                         c@slow.example

4jX3N02KSKz1X5hp!#264 Sat Nov 21 20:14:56 MAILER-DAEMON
                                               l1@full.example

nonsense

-- 208 Kbytes in 20 Requests.
";
        let mut tally = Tally::default();
        assert_eq!(read(output, &mut tally), 1);
        let queue = tally.queue(false);
        assert_eq!(queue.depth, Some(4));
        assert_eq!(
            (queue.active, queue.hold, queue.deferred, queue.incoming),
            (Some(1), Some(1), Some(1), None)
        );
        assert_eq!(queue.size, Some(Bytes(289 * 3 + 264)));
        let counts = |groups: &[Group]| -> Vec<(String, u64)> {
            groups
                .iter()
                .map(|g| (g.what.to_string(), g.mails))
                .collect()
        };
        assert_eq!(
            counts(&queue.reasons),
            [
                (
                    "connect to slow.example[192.0.2.2]:25: Connection timed out".to_owned(),
                    1
                ),
                (
                    "host full.example[192.0.2.1] said: 452 (mailbox) full".to_owned(),
                    1
                ),
            ]
        );
        assert_eq!(
            counts(&queue.domains),
            [
                ("full.example".to_owned(), 1),
                ("slow.example".to_owned(), 1)
            ]
        );
        let [listed] = &queue.mails[..] else {
            unreachable!("{:?}", queue.mails);
        };
        assert_eq!(
            (&*listed.id, listed.sender.as_deref(), listed.more),
            ("2C851A02186", Some("list@lab.example.org"), 2)
        );
    }

    #[test]
    fn empty() {
        let mut tally = Tally::default();
        assert_eq!(read("Mail queue is empty\n", &mut tally), 0);
        assert_eq!(tally.queue(false).depth, Some(0));
    }
}

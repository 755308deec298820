//! What is true in the lab at a moment: a function of the sample data, the start and the clock.

use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use crate::domain::Moment;

use super::redmine::Desk;
use super::sample::{Queue, Sample};
use super::{Options, Scenario, checkmk, noise};

/// How long the wiki stays down after the start of the demo, and in every later outage.
const OUTAGE: i64 = 90;

/// How long an outage and the calm after it take together.
const OUTAGE_CYCLE: i64 = 270;

/// How long the wiki was down already when the demo started.
const DOWN_BEFORE: i64 = 12 * 60;

/// VMID of the container that dies in [`Scenario::Outage`].
pub(super) const WIKI: u32 = 105;

/// The lab's truth.
#[derive(Debug)]
pub(super) struct World {
    /// Unix seconds of the start.
    start: AtomicI64,
    /// Generation of Proxmox tickets.
    tickets: AtomicU64,
    /// What was asked for.
    pub(super) options: Options,
    /// The sample data.
    pub(super) sample: Sample,
    /// Checkmk's services.
    pub(super) shelf: checkmk::Shelf,
    /// Redmine's issues as they are now.
    pub(super) desk: Mutex<Desk>,
    /// What the clients must show.
    pub(super) secrets: Secrets,
}

/// Credentials, new at every start.
pub(super) struct Secrets {
    /// Secret of golem's token.
    pub(super) token: String,
    /// Password of `vigie@pve` on both Proxmox installations.
    pub(super) password: String,
    /// Secret of Checkmk's automation user.
    pub(super) automation: String,
    /// Redmine's API key.
    pub(super) key: String,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secrets(..)")
    }
}

/// Whether the wiki's container runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wiki {
    /// It does not.
    pub(super) down: bool,
    /// Unix seconds of the last change; `None` when it never changed.
    pub(super) since: Option<i64>,
}

impl World {
    /// The world at its start.
    pub(super) fn new(options: Options) -> io::Result<Self> {
        let mut sample = Sample::read()?;
        let shelf = checkmk::expand(&mut sample.monitor, &sample.sites.site);
        let start = Moment::now().as_unix();
        let hex = |digits: usize| -> String {
            (0..digits)
                .map(|_| char::from_digit(fastrand::u32(..16), 16).unwrap_or('0'))
                .collect()
        };
        let secrets = Secrets {
            token: format!("{}-{}-4{}-a{}-{}", hex(8), hex(4), hex(3), hex(3), hex(12)),
            password: hex(20),
            automation: hex(24),
            key: hex(40),
        };
        let desk = Desk::new(&sample, start, options.scenario);
        Ok(Self {
            start: AtomicI64::new(start),
            tickets: AtomicU64::new(fastrand::u64(..)),
            options,
            sample,
            shelf,
            desk: Mutex::new(desk),
            secrets,
        })
    }

    /// Unix seconds now.
    #[expect(
        clippy::unused_self,
        reason = "the world owns the clock; nobody else asks it"
    )]
    pub(super) fn now(&self) -> i64 {
        Moment::now().as_unix()
    }

    /// Unix seconds of the start.
    pub(super) fn start(&self) -> i64 {
        self.start.load(Ordering::Relaxed)
    }

    /// Unix seconds of something that is so old at the start.
    pub(super) fn ago(&self, age: super::sample::Age) -> i64 {
        self.start() - age.0
    }

    /// Moves the start into the past.
    pub(super) fn skip(&self, by: Duration) {
        let seconds = i64::try_from(by.as_secs()).unwrap_or(0);
        self.start.fetch_sub(seconds, Ordering::Relaxed);
    }

    /// Generation of Proxmox tickets.
    pub(super) fn ticket_generation(&self) -> u64 {
        self.tickets.load(Ordering::Relaxed)
    }

    /// Makes the tickets of the present generation invalid.
    pub(super) fn expire_tickets(&self) {
        self.tickets.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether the wiki runs.
    pub(super) fn wiki(&self, now: i64) -> Wiki {
        if self.options.scenario == Scenario::Calm {
            return Wiki {
                down: false,
                since: None,
            };
        }
        let elapsed = (now - self.start()).max(0);
        let (cycle, within) = (elapsed / OUTAGE_CYCLE, elapsed % OUTAGE_CYCLE);
        let began = self.start() + cycle * OUTAGE_CYCLE;
        if within >= OUTAGE {
            return Wiki {
                down: false,
                since: Some(began + OUTAGE),
            };
        }
        let since = if cycle == 0 {
            self.start() - DOWN_BEFORE
        } else {
            began
        };
        Wiki {
            down: true,
            since: Some(since),
        }
    }

    /// Moments at which the wiki was shut down and started again, newest first, at most the last few.
    pub(super) fn wiki_history(&self, now: i64) -> Vec<(i64, bool)> {
        if self.options.scenario == Scenario::Calm {
            return Vec::new();
        }
        let elapsed = (now - self.start()).max(0);
        let last = elapsed / OUTAGE_CYCLE;
        let mut history = Vec::new();
        for cycle in (last.saturating_sub(2).max(0)..=last).rev() {
            let began = self.start() + cycle * OUTAGE_CYCLE;
            if now >= began + OUTAGE {
                history.push((began + OUTAGE, true));
            }
            let shut = if cycle == 0 {
                self.start() - DOWN_BEFORE
            } else {
                began
            };
            history.push((shut, false));
        }
        history
    }

    /// Whether a guest of this name is down by the scenario.
    pub(super) fn is_down(&self, guest: &str, now: i64) -> bool {
        guest == "wiki" && self.wiki(now).down
    }

    /// Mails that wait in a queue.
    pub(super) fn depth(&self, queue: Queue, now: i64) -> i64 {
        let elapsed = (now - self.start()).max(0);
        let ripple = |high: f64| whole(noise::between(noise::key("mail"), now, 0.0, high));
        match queue {
            // Rises and drains every four minutes.
            Queue::Postfix => {
                let within = elapsed % 240;
                3 + ripple(6.0)
                    + if within < 80 {
                        within / 4
                    } else {
                        (240 - within) / 8
                    }
            }
            Queue::Newsletter if self.options.scenario == Scenario::Outage => {
                let wiki = self.wiki(now);
                let since = wiki.since.unwrap_or(now);
                let first = now - self.start() < OUTAGE_CYCLE;
                match (wiki.down, first) {
                    (true, true) => 214 + elapsed / 10,
                    (true, false) => (now - since) * 3,
                    (false, true) => (214 + OUTAGE / 10 - (now - since) * 2).max(0),
                    (false, false) => (OUTAGE * 3 - (now - since) * 2).max(0),
                }
            }
            // A newsletter every five minutes, sent at one mail a second.
            Queue::Newsletter => (180 - elapsed % 300).max(0),
            Queue::Site => ripple(4.0),
        }
    }
}

/// A non-negative figure as a whole number.
#[expect(
    clippy::cast_possible_truncation,
    reason = "figures of the lab are small"
)]
pub(super) fn whole(figure: f64) -> i64 {
    figure.max(0.0).round() as i64
}

/// A part of a size.
pub(super) fn part(size: u64, part: f64) -> u64 {
    u64::try_from(whole(size as f64 * part)).unwrap_or(0)
}

//! What a cell of a table holds: typed, so that sorting, filtering and drawing agree on it.

use std::borrow::Cow;
use std::time::Duration;

use crate::domain::check::{Handling, HostState, ServiceCounts, ServiceState};
use crate::domain::guest::GuestState;
use crate::domain::node::NodeState;
use crate::domain::problem::What;
use crate::domain::web::{FlawKind, ProbeOutcome};
use crate::domain::{Bytes, Cores, Failure, Fraction, Moment, PerMinute, Severity};
use crate::estate::queues::Verdict;
use crate::estate::{Estate, Event, Happened, Lack};
use crate::estate::{NewsRow, Slot};

/// What a cell holds. The screen finds the words and the colours.
#[derive(Debug, Clone)]
pub enum Value<'a> {
    /// A name or other text.
    Text(Cow<'a, str>),
    /// Words with the sign of a severity before them, where one is due, and what they are sorted by.
    Said {
        /// The sign.
        sign: Option<Severity>,
        /// The words.
        words: Cow<'a, str>,
        /// The order among values of the column.
        order: f64,
    },
    /// A severity as its glyph.
    Severity(Severity),
    /// What is wrong, in words.
    What(&'a What),
    /// What was done about it.
    Handling(Handling),
    /// A number of things.
    Count(u64),
    /// So many of so many.
    OutOf(u64, u64),
    /// A part of a whole, as a meter.
    Meter(Fraction),
    /// An amount of bytes.
    Size(Bytes),
    /// Processor cores.
    Cores(Cores),
    /// Load average over the number of cores.
    Load(f64, Option<Cores>),
    /// A moment, shown as its age.
    Age(Moment),
    /// A moment before which something began: its age at least.
    Older(Moment),
    /// A moment, shown as the time of day.
    Clock(Moment),
    /// What happened.
    Event(&'a Estate, &'a Event),
    /// What something lacks.
    Lack(&'a Lack),
    /// A length of time.
    Span(Duration),
    /// Whole days left, negative when over, and how bad that is.
    Days(i64, Severity),
    /// The last day in half hours, oldest first.
    Strip(&'a [Slot]),
    /// A calendar day.
    Day(crate::domain::person::Date),
    /// Percent, 0 to 100.
    Percent(u8),
    /// State of a guest.
    Guest(GuestState),
    /// State of a node.
    Node(NodeState),
    /// The monitor's view of a host: its state, what was done about it, its services.
    Monitored(HostState, Handling, ServiceCounts),
    /// The monitor's view of a service.
    Checked(ServiceState, Handling),
    /// What a probe found.
    Probe(&'a ProbeOutcome),
    /// What to think of a queue.
    Verdict(&'a Verdict),
    /// Whether something was not read yet.
    Unread(bool),
    /// A change of a ticket in words; whether private things are masked.
    News(&'a NewsRow, bool),
    /// A pace.
    Pace(PerMinute),
    /// A small graph, oldest first.
    Trend(&'a [(Moment, u64)]),
    /// Local time of day somewhere: hour, minute, whether it is night there.
    LocalTime(u8, u8, bool),
    /// Why something could not be read.
    Failure(&'a Failure),
    /// It should be known and is not.
    Unknown,
    /// It does not apply here.
    Nothing,
}

impl<'a> Value<'a> {
    /// A text, or unknown.
    pub fn text(text: Option<&'a crate::domain::Text>) -> Self {
        text.map_or(Self::Unknown, |t| Self::Text(Cow::Borrowed(t.as_str())))
    }

    /// A text, or nothing when there need not be one.
    pub fn optional(text: Option<&'a crate::domain::Text>) -> Self {
        text.map_or(Self::Nothing, |t| Self::Text(Cow::Borrowed(t.as_str())))
    }

    /// A borrowed text.
    pub fn str(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    /// The result of `make`, or unknown.
    pub fn or_unknown<T>(value: Option<T>, make: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Unknown, make)
    }

    /// What it is sorted by. Unknown values sort above all numbers: what cannot be seen is not small.
    pub fn sort_key(&self) -> SortKey {
        match self {
            Self::Text(text) => SortKey::Text(text.to_lowercase()),
            Self::Said { order, .. } => SortKey::Number(*order),
            Self::Severity(severity) => SortKey::Number(f64::from(*severity as u8)),
            Self::What(_) | Self::Trend(_) | Self::Failure(_) | Self::Event(..) | Self::Lack(_) => {
                SortKey::Number(0.0)
            }
            Self::Handling(handling) => SortKey::Number(f64::from(u8::from(handling.is_handled()))),
            Self::Count(n) | Self::OutOf(n, _) => SortKey::Number(*n as f64),
            Self::Meter(fraction) => SortKey::Number(fraction.get()),
            Self::Size(bytes) => SortKey::Number(bytes.0 as f64),
            Self::Cores(cores) => SortKey::Number(cores.get()),
            Self::Load(load, _) => SortKey::Number(*load),
            // Younger is smaller, as it reads on the screen.
            Self::Age(at) | Self::Older(at) | Self::Clock(at) => {
                SortKey::Number(-(at.as_millis() as f64))
            }
            Self::Span(span) => SortKey::Number(span.as_secs_f64()),
            Self::Days(days, _) => SortKey::Number(*days as f64),
            // Those that were down longest sort last, as problems do.
            Self::Strip(slots) => SortKey::Number(missed(slots)),
            Self::Day(day) => SortKey::Text(day.to_string()),
            Self::Percent(percent) => SortKey::Number(f64::from(*percent)),
            Self::Guest(state) => SortKey::Number(f64::from(*state as u8)),
            Self::Node(state) => SortKey::Number(f64::from(*state as u8)),
            Self::Monitored(state, _, services) => {
                SortKey::Number(f64::from(*state as u8) * 10.0 + f64::from(services.worst() as u8))
            }
            Self::Checked(state, _) => SortKey::Number(f64::from(state.severity() as u8)),
            Self::Probe(outcome) => match outcome {
                ProbeOutcome::Answered { status, .. } => SortKey::Number(f64::from(*status)),
                ProbeOutcome::Failed(_) => SortKey::Number(1000.0),
            },
            Self::Verdict(verdict) => SortKey::Number(match verdict {
                Verdict::Empty => 0.0,
                Verdict::Draining(_) => 1.0,
                Verdict::Steady => 2.0,
                Verdict::Waiting => 3.0,
                Verdict::Watching => 4.0,
                Verdict::Growing(_) => 5.0,
                Verdict::Unknown(_) => 6.0,
                Verdict::NotDraining(_) => 7.0,
                Verdict::Down => 8.0,
            }),
            Self::Unread(unread) => SortKey::Number(f64::from(u8::from(!unread))),
            Self::News(row, _) => {
                let name = row.author().map_or("", |who| who.name.as_str());
                SortKey::Text(name.to_lowercase())
            }
            Self::Pace(pace) => SortKey::Number(pace.0),
            Self::LocalTime(hour, minute, _) => {
                SortKey::Number(f64::from(*hour) * 60.0 + f64::from(*minute))
            }
            Self::Unknown => SortKey::Last,
            Self::Nothing => SortKey::First,
        }
    }

    /// Adds the term under which a filter finds it, in lower case.
    pub fn write_term(&self, out: &mut String) {
        let word = match self {
            Self::Text(text) | Self::Said { words: text, .. } => {
                if text.is_ascii() {
                    out.extend(text.chars().map(|c| c.to_ascii_lowercase()));
                } else {
                    out.push_str(&text.to_lowercase());
                }
                return;
            }
            Self::Count(n) => return write_number(out, n),
            Self::Percent(n) => return write_number(out, n),
            Self::Days(n, _) => return write_number(out, n),
            Self::Day(day) => return write_number(out, day),
            Self::Probe(ProbeOutcome::Answered { status, .. }) => {
                return write_number(out, status);
            }
            Self::Unread(unread) => {
                if *unread {
                    "unread"
                } else {
                    "read"
                }
            }
            Self::News(row, privacy) => return write_news(out, row, *privacy),
            Self::Severity(severity) => match severity {
                Severity::Ok => "ok",
                Severity::Info => "info",
                Severity::Warning => "warning",
                Severity::Unknown => "unknown",
                Severity::Critical => "critical",
            },
            Self::Handling(handling) => {
                for (is, word) in [
                    (handling.acknowledged, "ack "),
                    (handling.downtime, "downtime "),
                    (handling.flapping, "flapping "),
                    (handling.soft, "soft "),
                    (handling.stale, "stale "),
                ] {
                    if is {
                        out.push_str(word);
                    }
                }
                if !handling.is_handled() {
                    out.push_str("new");
                }
                return;
            }
            Self::What(what) => return write_what(what, out),
            Self::Event(estate, event) => return write_event(estate, event, out),
            Self::Lack(lack) => match lack {
                Lack::GuestUnmonitored => "unmonitored",
                Lack::HostUnknown => "unknown",
                Lack::SiteUnowned | Lack::ServiceUnowned => "unowned",
                Lack::JoinLeadsNowhere(..) => "nowhere",
            },
            Self::Guest(state) => match state {
                GuestState::Running => "running",
                GuestState::Stopped => "stopped",
                GuestState::Template => "template",
                GuestState::Paused => "paused",
                GuestState::Mounted => "mounted",
                GuestState::IoError => "io-error",
                GuestState::Crashed => "crashed",
                GuestState::NodeGone => "node-gone",
                GuestState::Unknown => "unknown",
            },
            Self::Node(state) => match state {
                NodeState::Online => "online",
                NodeState::Silent => "silent",
                NodeState::Offline => "offline",
                NodeState::Unknown => "unknown",
            },
            Self::Monitored(state, ..) => match state {
                HostState::Up => "up",
                HostState::Down => "down",
                HostState::Unreachable => "unreachable",
                HostState::Pending => "pending",
                HostState::Unknown => "unknown",
            },
            Self::Checked(state, _) => match state {
                ServiceState::Ok => "ok",
                ServiceState::Warn => "warn",
                ServiceState::Unknown => "unknown",
                ServiceState::Crit => "crit",
                ServiceState::Pending => "pending",
            },
            Self::Verdict(verdict) => match verdict {
                Verdict::Empty => "empty",
                Verdict::Draining(_) => "draining",
                Verdict::Growing(_) => "growing",
                Verdict::Steady => "steady",
                Verdict::Waiting => "waiting",
                Verdict::Watching => "watching",
                Verdict::NotDraining(_) => "not-draining",
                Verdict::Down => "down",
                Verdict::Unknown(_) => "unknown",
            },
            Self::Unknown => "unknown",
            _ => return,
        };
        out.push_str(word);
    }

    /// Its number, for `cpu>80` in a filter: percent for parts, days for days, the count otherwise.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Count(n) | Self::OutOf(n, _) => Some(*n as f64),
            Self::Meter(fraction) => Some(fraction.get() * 100.0),
            Self::Size(bytes) => Some(bytes.0 as f64),
            Self::Cores(cores) => Some(cores.get()),
            Self::Load(load, _) => Some(*load),
            Self::Days(days, _) => Some(*days as f64),
            Self::Percent(percent) => Some(f64::from(*percent)),
            Self::Probe(ProbeOutcome::Answered { status, .. }) => Some(f64::from(*status)),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        }
    }
}

/// Half hours that were not as expected, those that were wholly so counting twice.
fn missed(slots: &[Slot]) -> f64 {
    slots
        .iter()
        .map(|slot| match slot {
            Slot::Down => 2.0,
            Slot::Partly => 1.0,
            Slot::Ok | Slot::Unknown => 0.0,
        })
        .sum()
}

/// Who, what was changed, and the note, unless they are masked.
fn write_news(out: &mut String, row: &NewsRow, privacy: bool) {
    let mut add = |text: &str| {
        out.push_str(&text.to_lowercase());
        out.push(' ');
    };
    add(row.author().map_or("", |who| who.name.as_str()));
    let Some(entry) = row.entry() else {
        add("opened");
        return;
    };
    if privacy && row.is_private() {
        return;
    }
    for change in &entry.changes {
        let values = [&change.old, &change.new].into_iter().flatten();
        std::iter::once(&change.field)
            .chain(values)
            .for_each(|text| add(text));
    }
    if let Some(note) = &entry.note {
        add(note);
    }
}

fn write_what(what: &What, out: &mut String) {
    match what {
        What::Service(Some(text))
        | What::HostDown(Some(text))
        | What::TaskFailed(text)
        | What::Probe(text) => out.push_str(&text.to_lowercase()),
        What::Web(outcome, eyes) => {
            if let ProbeOutcome::Answered { status, .. } = &**outcome {
                write_number(out, status);
                out.push(' ');
            }
            out.push_str(&eyes.name().to_lowercase());
        }
        What::WebFlaw(FlawKind::Family(protocol, _)) => {
            out.push_str(&protocol.name().to_lowercase());
        }
        What::WebFlaw(FlawKind::Upgrade(_)) => out.push_str("http"),
        _ => {}
    }
}

fn write_event(estate: &Estate, event: &Event, out: &mut String) {
    match &event.happened {
        Happened::Task(at) => {
            let tasks = event.source.map(|source| estate.tasks(source));
            if let Some(task) = tasks.and_then(|tasks| tasks.get(*at as usize)) {
                for text in [&task.kind, &task.user] {
                    out.push_str(&text.to_lowercase());
                    out.push(' ');
                }
            }
        }
        Happened::Wrong {
            first_of: Some(_), ..
        } => out.push_str("first "),
        _ => {}
    }
    let turn = event.happened.turn();
    let standing = turn.and_then(|turn| turn.after.as_ref().or(turn.before.as_ref()));
    if let Some(standing) = standing {
        write_what(&standing.what, out);
    }
}

fn write_number(out: &mut String, number: impl std::fmt::Display) {
    use std::fmt::Write as _;
    // Writing into a String cannot fail.
    let _ = write!(out, "{number}");
}

/// What rows are sorted by.
#[derive(Debug, Clone, PartialEq)]
pub enum SortKey {
    /// Nothing there: before all.
    First,
    /// A number.
    Number(f64),
    /// A text in lower case.
    Text(String),
    /// Unknown: after all.
    Last,
}

impl SortKey {
    fn rank(&self) -> u8 {
        match self {
            Self::First => 0,
            Self::Number(_) => 1,
            Self::Text(_) => 2,
            Self::Last => 3,
        }
    }

    /// Total order over keys of one column.
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

/// How a cell should strike the eye.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// As the rest.
    #[default]
    Plain,
    /// Less important than the rest.
    Dim,
    /// A problem that somebody knows of.
    Handled,
    /// By a severity.
    Severity(Severity),
    /// The name of the row.
    Strong,
}

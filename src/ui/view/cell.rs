//! Values → cells: the words, the sign before them, and how both strike the eye.
//!
//! A sign of severity ok keeps its colour only while the answer behind it is fresh: what is old is
//! never green.

use std::borrow::Cow;

use ratatui::style::{Modifier, Style};

use crate::app::column::Column;
use crate::app::value::{Tone, Value};
use crate::domain::check::{Handling, HostState, ServiceCounts};
use crate::domain::guest::GuestState;
use crate::domain::node::NodeState;
use crate::domain::web::ProbeOutcome;
use crate::domain::{Cores, Freshness, Moment, Severity};
use crate::ui::theme::Theme;
use crate::ui::widget::grid::Cell;
use crate::ui::widget::meter::Levels;
use crate::ui::widget::trend::Scale;
use crate::ui::words;

use super::{Look, strip};

/// Cells of the last day in a table: an hour and a half each.
const DAY: usize = 16;
/// A processor that works is no fault.
const PROCESSOR: Levels = Levels::NONE;
/// Memory that is nearly gone; its being full is no alarm, caches fill it.
const MEMORY: Levels = Levels {
    warning: 0.9,
    critical: f64::INFINITY,
};
/// Disks, as in the list of problems.
const DISK: Levels = Levels {
    warning: 0.9,
    critical: 0.97,
};

/// What all cells of a row share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting<'a> {
    /// The look.
    pub(super) look: &'a Look,
    /// Now.
    pub(super) now: Moment,
    /// The screen's time zone.
    pub(super) zone: &'a jiff::tz::TimeZone,
    /// How far the answer behind the cell can be believed.
    pub(super) freshness: Freshness,
    /// The course of the row's values, when the value is one.
    pub(super) trend: &'a [Option<f32>],
}

/// The cell for a value.
pub(super) fn of<'a>(here: Setting<'a>, column: &Column, value: Value<'a>, tone: Tone) -> Cell<'a> {
    let look = here.look;
    let theme = &look.theme;
    let plain = |words: Cow<'a, str>| Cell::text(words).style(style(theme, tone));
    match value {
        Value::Text(words)
        | Value::Said {
            sign: None, words, ..
        } => plain(words),
        Value::Said {
            sign: Some(severity),
            words,
            ..
        } => signed(here, severity, Tone::Severity(severity), words),
        Value::Severity(severity) => {
            let sign = look.glyphs.severity(severity);
            Cell::empty().sign(sign, sign_style(here, severity, tone))
        }
        Value::What(what) => plain(Cow::Owned(words::what(what))),
        Value::Handling(handling) => plain(words::handling(&handling)),
        Value::Count(number) => plain(Cow::Owned(number.to_string())),
        Value::OutOf(some, all) => plain(Cow::Owned(format!("{some}/{all}"))),
        Value::Meter(part) => Cell::meter(Some(part.get()), levels(column)),
        Value::Size(size) if is_meter(column) => {
            // Only how large the whole is, in the room of a percentage: `120G`.
            let words = words::bytes(size).replace(' ', "").replace("iB", "");
            Cell::text(words).style(theme.dim)
        }
        Value::Size(size) => plain(Cow::Owned(words::bytes(size))),
        Value::Cores(cores) => plain(Cow::Owned(figure(cores.get()))),
        Value::Load(load, cores) => of_load(here, load, cores),
        Value::Age(then) => plain(match then.age(here.now) {
            Some(age) => Cow::Owned(words::duration_short(age)),
            None => Cow::Borrowed("future"),
        }),
        Value::Older(then) => plain(Cow::Owned(words::older(then, here.now))),
        Value::Clock(at) => plain(Cow::Owned(words::clock_short(at, here.now, here.zone))),
        Value::Event(estate, event) => plain(Cow::Owned(words::event(estate, event))),
        Value::Lack(lack) => plain(Cow::Borrowed(words::lack(lack))),
        Value::Span(length) if column.id == "time" => {
            plain(Cow::Owned(words::milliseconds(length)))
        }
        Value::Span(length) => plain(Cow::Owned(words::duration_short(length))),
        Value::Days(days, severity) => of_days(here, days, severity, tone),
        Value::Strip(slots) => {
            let signs = strip::fitted(slots, DAY).into_iter();
            Cell::signs(
                signs
                    .map(|slot| strip::sign(slot, theme, &look.glyphs))
                    .collect(),
            )
        }
        Value::Day(day) => plain(Cow::Owned(day.to_string())),
        Value::Percent(percent) => plain(Cow::Owned(format!("{percent}%"))),
        Value::Guest(state) => of_guest(here, state, tone),
        Value::Node(state) => {
            let own = match state {
                NodeState::Online => Severity::Ok,
                NodeState::Offline => Severity::Critical,
                NodeState::Silent | NodeState::Unknown => Severity::Unknown,
            };
            signed(here, own, tone, words::node_state(state))
        }
        Value::Monitored(state, handling, services) => {
            of_monitored(here, state, handling, services, tone)
        }
        Value::Checked(state, handling) => {
            let word = with_handling(Cow::Borrowed(words::service_state(state)), handling);
            signed(here, state.severity(), tone, word)
        }
        Value::Probe(outcome) => {
            // Its time stands in a column of its own.
            if let ProbeOutcome::Answered {
                status,
                expected: true,
                redirect: None,
                ..
            } = outcome
            {
                return signed(here, Severity::Ok, tone, status.to_string());
            }
            let fine = matches!(outcome, ProbeOutcome::Answered { expected: true, .. });
            let own = if fine {
                Severity::Ok
            } else {
                Severity::Warning
            };
            signed(here, own, tone, words::probe(outcome))
        }
        Value::Verdict(verdict) => {
            let own = verdict.severity();
            signed(
                here,
                own,
                Tone::Severity(own),
                words::verdict(verdict, here.now),
            )
        }
        Value::Unread(true) => Cell::text(look.glyphs.unread).style(theme.key),
        Value::News(row, privacy) => {
            let words = words::news(row, privacy, look.glyphs.becomes);
            let words = if privacy {
                super::detail::mask::addresses(&words).into_owned()
            } else {
                words
            };
            plain(Cow::Owned(words))
        }
        Value::Pace(pace) => plain(Cow::Owned(format!("{}/min", figure(pace.0)))),
        Value::Trend(_) => Cell::trend(here.trend, Scale::Greatest),
        Value::LocalTime(hour, minute, night) => {
            let words = format!("{hour:02}:{minute:02}");
            Cell::text(words).style(if night { theme.dim } else { theme.text })
        }
        Value::Failure(failure) => plain(Cow::Owned(words::failure_short(failure))),
        Value::Unknown => Cell::text(words::UNKNOWN).style(theme.unknown),
        Value::Unread(false) | Value::Nothing => Cell::empty(),
    }
}

/// Laid over a whole row whose answer is not fresh.
pub(super) const fn aged(freshness: Freshness) -> Style {
    match freshness {
        Freshness::Fresh => Style::new(),
        Freshness::Late => Style::new().add_modifier(Modifier::DIM),
        Freshness::Stale | Freshness::Lost | Freshness::Never => {
            Style::new().add_modifier(Modifier::DIM.union(Modifier::ITALIC))
        }
    }
}

/// Whether a column holds parts of a whole.
pub(super) fn is_meter(column: &Column) -> bool {
    matches!(column.id, "cpu" | "memory" | "disk")
}

fn levels(column: &Column) -> Levels {
    match column.id {
        "memory" => MEMORY,
        "disk" => DISK,
        _ => PROCESSOR,
    }
}

/// The style of words.
fn style(theme: &Theme, tone: Tone) -> Style {
    match tone {
        Tone::Dim => theme.dim,
        Tone::Handled => theme.handled,
        Tone::Severity(severity) if severity.is_problem() => theme.severity(severity),
        Tone::Plain | Tone::Strong | Tone::Severity(_) => Style::new(),
    }
}

fn sign_style(here: Setting<'_>, severity: Severity, tone: Tone) -> Style {
    let theme = &here.look.theme;
    match tone {
        Tone::Dim => theme.dim,
        Tone::Handled => theme.handled,
        _ if severity == Severity::Ok && !here.freshness.is_trustworthy() => theme.dim,
        _ => theme.severity(severity),
    }
}

/// Words with the sign of a severity: that of the tone, or the value's own.
fn signed<'a>(
    here: Setting<'a>,
    own: Severity,
    tone: Tone,
    words: impl Into<Cow<'a, str>>,
) -> Cell<'a> {
    let severity = match tone {
        Tone::Severity(severity) => severity,
        _ => own,
    };
    let sign = here.look.glyphs.severity(severity);
    Cell::text(words)
        .style(style(&here.look.theme, tone))
        .sign(sign, sign_style(here, severity, tone))
}

fn of_guest(here: Setting<'_>, state: GuestState, tone: Tone) -> Cell<'_> {
    let own = match state {
        GuestState::Running => Severity::Ok,
        // Never to run: neither well nor ill.
        GuestState::Template | GuestState::Mounted => {
            let dim = here.look.theme.dim;
            return Cell::text(words::guest_state(state))
                .style(dim)
                .sign(here.look.glyphs.dot, dim);
        }
        GuestState::Stopped | GuestState::Paused => Severity::Info,
        GuestState::IoError | GuestState::Crashed => Severity::Critical,
        GuestState::NodeGone | GuestState::Unknown => Severity::Unknown,
    };
    signed(here, own, tone, words::guest_state(state))
}

/// The host's own state when that is the news, else the services that are not ok, the worst first.
fn of_monitored(
    here: Setting<'_>,
    state: HostState,
    handling: Handling,
    services: ServiceCounts,
    tone: Tone,
) -> Cell<'_> {
    let own = match state {
        HostState::Up => services.worst(),
        HostState::Pending => Severity::Info,
        HostState::Down => Severity::Critical,
        HostState::Unreachable | HostState::Unknown => Severity::Unknown,
    };
    let words = if state != HostState::Up || services.total() == 0 {
        Cow::Borrowed(words::host_state(state))
    } else {
        let ill = [
            (services.crit, "crit"),
            (services.unknown, "unkn"),
            (services.warn, "warn"),
        ];
        let ill: Vec<String> = ill
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, word)| format!("{number} {word}"))
            .collect();
        if ill.is_empty() {
            Cow::Owned(format!("{} ok", services.ok))
        } else {
            Cow::Owned(ill.join(" "))
        }
    };
    signed(here, own, tone, with_handling(words, handling))
}

/// `crit, ack`.
fn with_handling(mut words: Cow<'static, str>, handling: Handling) -> Cow<'static, str> {
    let done = words::handling(&handling);
    if !done.is_empty() {
        let words = words.to_mut();
        words.push_str(", ");
        words.push_str(&done);
    }
    words
}

/// A load beyond the number of cores stands out.
fn of_load(here: Setting<'_>, load: f64, cores: Option<Cores>) -> Cell<'_> {
    let words = if load < 99.95 {
        format!("{load:.1}")
    } else {
        format!("{load:.0}")
    };
    let cell = Cell::text(words);
    if cores.is_some_and(|cores| load > cores.get()) {
        let theme = &here.look.theme;
        let sign = here.look.glyphs.warning;
        return cell.style(theme.warning).sign(sign, theme.warning);
    }
    cell
}

fn of_days(here: Setting<'_>, days: i64, severity: Severity, tone: Tone) -> Cell<'_> {
    let cell = Cell::text(format!("{days}d"));
    if !severity.is_problem() {
        return cell.style(style(&here.look.theme, tone));
    }
    let loud = here.look.theme.severity(severity);
    cell.style(loud)
        .sign(here.look.glyphs.severity(severity), loud)
}

/// One decimal where it matters.
fn figure(number: f64) -> String {
    if number.fract() == 0.0 || number.abs() >= 9.95 {
        format!("{number:.0}")
    } else {
        format!("{number:.1}")
    }
}

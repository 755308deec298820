//! `[notices]`: when the terminal is told of something new.

use std::str::FromStr;

use super::super::document::Checked;
use super::super::error::Wrong;
use super::super::shape::{Notices, Quiet, Telling};
use super::super::value::Value;
use super::ui::Given;
use crate::domain::Severity;

/// What a file says of notices, as far as given.
#[derive(Debug, Default)]
pub(in super::super) struct NoticesLayer {
    bell: Option<Given<bool>>,
    terminal: Option<Given<Telling>>,
    from: Option<Given<Severity>>,
    quiet: Option<Given<Vec<Quiet>>>,
    title: Option<Given<bool>>,
}

const TELLING: &str = "write \"off\", \"osc9\" or \"osc777\"";
const FROM: &str = "write \"warning\", \"unknown\" or \"critical\"";
const QUIET: &str = "write a time from and until: \"22:00-07:00\"";

/// Reads the table.
pub(super) fn read(value: &Value<'_>) -> NoticesLayer {
    let Ok(mut table) = value.table("write [notices] on a line of its own") else {
        return NoticesLayer::default();
    };
    let layer = NoticesLayer {
        bell: given(table.value("bell"), Value::flag),
        terminal: given(table.value("terminal"), |value| {
            let word = value.text(TELLING)?;
            match word {
                "off" => Ok(Telling::Off),
                "osc9" => Ok(Telling::Osc9),
                "osc777" => Ok(Telling::Osc777),
                _ => Err(value.refuse(&Wrong::new(
                    format!("\"{word}\" is no way to tell a terminal"),
                    TELLING,
                ))),
            }
        }),
        from: given(table.value("from"), |value| {
            let word = value.text(FROM)?;
            match word {
                "warning" => Ok(Severity::Warning),
                "unknown" => Ok(Severity::Unknown),
                "critical" => Ok(Severity::Critical),
                _ => Err(value.refuse(&Wrong::new(
                    format!("\"{word}\" is no severity to begin with"),
                    FROM,
                ))),
            }
        }),
        quiet: given(table.value("quiet"), |value| {
            let spans = value.one_or_many();
            let spans = spans.iter().map(|span| {
                let word = span.text(QUIET)?;
                word.parse::<Quiet>().map_err(|wrong| span.refuse(&wrong))
            });
            // All of them are looked at, so that all errors come at once.
            let all: Vec<Checked<Quiet>> = spans.collect();
            all.into_iter().collect()
        }),
        title: given(table.value("title"), Value::flag),
    };
    // What is unknown has been filed; the layer is thrown away with the file then.
    let _ = table.finish();
    layer
}

fn given<'d, T>(
    found: Option<Value<'d>>,
    read: impl Fn(&Value<'d>) -> Checked<T>,
) -> Option<Given<T>> {
    let found = found?;
    let value = read(&found).ok()?;
    let place = found.document().place(&found.span());
    Some(Given { value, place })
}

impl NoticesLayer {
    /// Puts what is given here over `notices`; tells `note` each key with its place.
    pub(in super::super) fn put_over(
        self,
        notices: &mut Notices,
        note: &mut dyn FnMut(&'static str, String),
    ) {
        fn put<T>(
            key: &'static str,
            given: Option<Given<T>>,
            onto: &mut T,
            note: &mut dyn FnMut(&'static str, String),
        ) {
            if let Some(given) = given {
                *onto = given.value;
                note(key, given.place);
            }
        }
        put("notices.bell", self.bell, &mut notices.bell, note);
        let terminal = &mut notices.terminal;
        put("notices.terminal", self.terminal, terminal, note);
        put("notices.from", self.from, &mut notices.from, note);
        put("notices.quiet", self.quiet, &mut notices.quiet, note);
        put("notices.title", self.title, &mut notices.title, note);
    }
}

impl FromStr for Quiet {
    type Err = Wrong;

    fn from_str(word: &str) -> Result<Self, Wrong> {
        let wrong = || Wrong::new(format!("\"{word}\" is no time of the day"), QUIET);
        let (from, until) = word.split_once('-').ok_or_else(wrong)?;
        let minute = |text: &str| -> Option<u16> {
            let (hour, minute) = text.trim().split_once(':')?;
            let digits = |text: &str| text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit());
            if !digits(hour) || !digits(minute) {
                return None;
            }
            let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
            let is_time = (hour < 24 && minute < 60) || (hour, minute) == (24, 0);
            is_time.then_some(hour * 60 + minute)
        };
        let (from, until) = minute(from).zip(minute(until)).ok_or_else(wrong)?;
        if from == until {
            return Err(Wrong::new(
                format!("\"{word}\" ends when it begins"),
                "write \"00:00-24:00\" for the whole day, or bell = false",
            ));
        }
        Ok(Self { from, until })
    }
}

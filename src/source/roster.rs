//! The team's roster: a TOML file with groups, people and who is on call.
//!
//! The file is read again when it changes, and so are the calendars it names. Shifts are reckoned anew in each
//! reading, because they move with the clock even when the file does not.

mod calendar;
mod file;
mod mistakes;
mod rota;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::io::AsyncReadExt;
use tokio::sync::Mutex;

use crate::config::shape;
use crate::domain::failure::FailureKind;
use crate::domain::observation::Traffic;
use crate::domain::person::Roster;
use crate::domain::{Batch, Failure, Moment, Reading, Text};

use super::Answered;
use calendar::Events;
use file::Plan;

/// Largest file taken.
const LARGEST: u64 = 1 << 20;
/// Shifts that ended longer ago are not told.
const BEFORE: Duration = Duration::from_hours(24);
/// Nor those that begin later: ten weeks, so that everyone in a usual rotation has a next one.
const AHEAD: Duration = Duration::from_hours(24 * 70);

/// How much further than that what repeats is repeated when a calendar is read.
const HORIZON: Duration = Duration::from_hours(24 * 365);
/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;

/// A client of one roster file.
#[derive(Debug)]
pub struct Client {
    name: String,
    file: PathBuf,
    known: Mutex<Option<Known>>,
}

/// What was read last, and of which state of the files.
#[derive(Debug)]
struct Known {
    state: State,
    plan: Plan,
    /// The plan's calendars, in its order, and up to when they are told.
    calendars: Vec<(State, Events)>,
    horizon: Moment,
    last: Option<Arc<Roster>>,
}

/// By what a change of a file is seen: when it was changed, its size.
#[derive(Debug, Clone, Copy, PartialEq)]
struct State(Option<SystemTime>, u64);

impl State {
    /// Whether nothing was written since. Without a time of change nobody knows.
    fn holds(self, now: Self) -> bool {
        self == now && now.0.is_some()
    }
}

impl super::Client for Client {
    async fn read(&self, reading: Reading) -> Answered {
        let outcome = match reading {
            Reading::Roster => self.roster(Moment::now()).await.map(Batch::Roster),
            other => Err(Failure::new(FailureKind::Bug {
                detail: Text::clean(&format!(
                    "the roster {} was asked for {}",
                    self.name,
                    other.name()
                )),
            })),
        };
        Answered {
            outcome,
            traffic: Traffic::default(),
        }
    }
}

impl Client {
    /// A client of the source called `name`. Does no I/O.
    pub fn new(name: &str, roster: &shape::Roster) -> Self {
        Self {
            name: name.to_owned(),
            file: roster.file.clone(),
            known: Mutex::new(None),
        }
    }

    /// Groups, people and the shifts from a day ago to ten weeks ahead. The same value as before when nothing
    /// changed. Mistakes name their place in the file.
    async fn roster(&self, now: Moment) -> Result<Arc<Roster>, Failure> {
        let mut known = self.known.lock().await;
        let state = state(&self.file).await?;
        if known.as_ref().is_none_or(|known| !known.state.holds(state)) {
            let text = text(&self.file).await?;
            let plan = file::parse(&text).map_err(|told| {
                Failure::new(FailureKind::Mistakes {
                    path: shown(&self.file),
                    list: told.list,
                    more: told.more,
                })
            })?;
            let last = known.take().and_then(|known| known.last);
            *known = Some(Known {
                state,
                plan,
                calendars: Vec::new(),
                horizon: Moment::from_millis(0),
                last,
            });
        }
        let Some(known) = known.as_mut() else {
            return Err(failure(&self.file, "nothing was read"));
        };
        self.read_calendars(known, now).await?;
        let events: Vec<&Events> = known.calendars.iter().map(|(_, events)| events).collect();
        // Whole hours, so that nothing changes but what does.
        let now = Moment::from_millis(now.as_millis().div_euclid(HOUR) * HOUR);
        let roster = known
            .plan
            .roster(&events, now.minus(BEFORE), now.plus(AHEAD));
        if let Some(last) = &known.last
            && **last == roster
        {
            return Ok(Arc::clone(last));
        }
        let roster = Arc::new(roster);
        known.last = Some(Arc::clone(&roster));
        Ok(roster)
    }

    /// Reads the calendars that changed; all of them when the time they are told for comes to its end.
    async fn read_calendars(&self, known: &mut Known, now: Moment) -> Result<(), Failure> {
        if known.horizon < now.plus(AHEAD) {
            known.calendars.clear();
            known.horizon = now.plus(AHEAD).plus(HORIZON);
        }
        let horizon = known.horizon;
        let beside = self.file.parent().unwrap_or(Path::new(""));
        for (at, calendar) in known.plan.calendars().iter().enumerate() {
            let path = beside.join(&calendar.path);
            let state = state(&path).await?;
            if known
                .calendars
                .get(at)
                .is_some_and(|(was, _)| was.holds(state))
            {
                continue;
            }
            let text = text(&path).await?;
            let zone = calendar.zone.clone();
            // What repeats a lot takes a while, and nobody else is to wait for it. A panic in the library
            // ends that task only.
            let reading =
                tokio::task::spawn_blocking(move || Events::read(&text, zone.as_ref(), horizon))
                    .await;
            let events = reading
                .map_err(|_| failure(&path, "reading it broke down: it is no calendar"))?
                .map_err(|detail| failure(&path, &detail))?;
            match known.calendars.get_mut(at) {
                Some(slot) => *slot = (state, events),
                None => known.calendars.push((state, events)),
            }
        }
        Ok(())
    }
}

/// When a file was changed, and its size; a device or pipe would be waited for, so it is refused.
async fn state(path: &Path) -> Result<State, Failure> {
    let state = tokio::fs::metadata(path)
        .await
        .map_err(|error| unreadable(path, &error))?;
    if !state.is_file() {
        return Err(failure(path, "it is not a file"));
    }
    Ok(State(state.modified().ok(), state.len()))
}

async fn text(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let opened = tokio::fs::File::open(path).await;
    let read = match opened {
        Ok(file) => file.take(LARGEST + 1).read_to_string(&mut text).await,
        Err(error) => Err(error),
    };
    read.map_err(|error| unreadable(path, &error))?;
    if text.len() as u64 > LARGEST {
        return Err(failure(path, "it is larger than 1 MiB"));
    }
    Ok(text)
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let detail = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "it may not be read".to_owned(),
        io::ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
        _ => error.to_string(),
    };
    failure(path, &detail)
}

fn failure(path: &Path, detail: &str) -> Failure {
    Failure::new(FailureKind::File {
        path: shown(path),
        detail: Text::clean(detail),
    })
}

fn shown(path: &Path) -> Text {
    Text::clean(&path.to_string_lossy())
}

#[cfg(test)]
mod tests;

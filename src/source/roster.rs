//! The team's roster: a TOML file with groups, people and who is on call.
//!
//! The file is read again when it changes. Shifts are reckoned anew in each reading, because they move with
//! the clock even when the file does not.

mod file;
mod rota;

use std::io;
use std::path::PathBuf;
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
use file::Plan;

/// Largest file taken.
const LARGEST: u64 = 1 << 20;
/// Shifts that ended longer ago are not told.
const BEFORE: Duration = Duration::from_hours(24);
/// Nor those that begin later.
const AHEAD: Duration = Duration::from_hours(336);

/// A client of one roster file.
#[derive(Debug)]
pub struct Client {
    name: String,
    file: PathBuf,
    known: Mutex<Option<Known>>,
}

/// What was read last, and of which state of the file.
#[derive(Debug)]
struct Known {
    changed: Option<SystemTime>,
    size: u64,
    plan: Plan,
    last: Option<Arc<Roster>>,
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

    /// Groups, people and the shifts from a day ago to a fortnight ahead. The same value as before when nothing
    /// changed. Errors name the place in the file: `line:column: what`.
    async fn roster(&self, now: Moment) -> Result<Arc<Roster>, Failure> {
        let mut known = self.known.lock().await;
        let (changed, size) = self
            .state()
            .await
            .map_err(|error| self.unreadable(&error))?;
        if known
            .as_ref()
            .is_none_or(|known| (known.changed, known.size) != (changed, size) || changed.is_none())
        {
            let text = self.text().await.map_err(|error| self.unreadable(&error))?;
            let plan = file::parse(&text).map_err(|detail| self.failure(&detail))?;
            let last = known.take().and_then(|known| known.last);
            *known = Some(Known {
                changed,
                size,
                plan,
                last,
            });
        }
        let Some(known) = known.as_mut() else {
            return Err(self.failure("nothing was read"));
        };
        let roster = known.plan.roster(now.minus(BEFORE), now.plus(AHEAD));
        if let Some(last) = &known.last
            && **last == roster
        {
            return Ok(Arc::clone(last));
        }
        let roster = Arc::new(roster);
        known.last = Some(Arc::clone(&roster));
        Ok(roster)
    }

    /// When the file was changed, and its size; a device or pipe would be waited for, so it is refused.
    async fn state(&self) -> io::Result<(Option<SystemTime>, u64)> {
        let state = tokio::fs::metadata(&self.file).await?;
        if !state.is_file() {
            return Err(io::Error::other("it is not a file"));
        }
        Ok((state.modified().ok(), state.len()))
    }

    async fn text(&self) -> io::Result<String> {
        let mut text = String::new();
        tokio::fs::File::open(&self.file)
            .await?
            .take(LARGEST + 1)
            .read_to_string(&mut text)
            .await?;
        if text.len() as u64 > LARGEST {
            return Err(io::Error::other("it is larger than 1 MiB"));
        }
        Ok(text)
    }

    fn unreadable(&self, error: &io::Error) -> Failure {
        let detail = match error.kind() {
            io::ErrorKind::NotFound => "there is no such file".to_owned(),
            io::ErrorKind::PermissionDenied => "it may not be read".to_owned(),
            io::ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
            _ => error.to_string(),
        };
        self.failure(&detail)
    }

    fn failure(&self, detail: &str) -> Failure {
        Failure::new(FailureKind::File {
            path: Text::clean(&self.file.to_string_lossy()),
            detail: Text::clean(detail),
        })
    }
}

#[cfg(test)]
mod tests;

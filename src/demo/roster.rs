//! The roster as a file: a private copy of the sample with its dates moved to today, removed with the lab.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::domain::Moment;

use super::sample::{CALENDAR, TEAM};

/// The Monday on which the sample's dates are true.
const AS_OF: Date = jiff::civil::date(2026, 11, 16);

/// The file, in a directory of its own.
#[derive(Debug)]
pub(super) struct RosterFile {
    directory: PathBuf,
    file: PathBuf,
}

impl RosterFile {
    /// Writes it for a moment (Unix seconds).
    pub(super) fn write(now: i64) -> io::Result<Self> {
        let name = format!(
            "vigie-lab-{}-{:016x}",
            std::process::id(),
            fastrand::u64(..)
        );
        let directory = std::env::temp_dir().join(name);
        DirBuilder::new().mode(0o700).create(&directory)?;
        // From here on the directory is removed, whatever happens.
        let roster = Self {
            file: directory.join("team.toml"),
            directory,
        };
        write_private(&roster.file, &moved(TEAM, weeks_since(now)))?;
        // Whole weeks, since long ago and without an end: nothing to be moved.
        write_private(&roster.directory.join(CALENDAR.0), CALENDAR.1)?;
        Ok(roster)
    }

    /// The lab's own directory, which only we can enter.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.file
    }
}

/// A file that others cannot read.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())
}

impl Drop for RosterFile {
    fn drop(&mut self) {
        // Nothing hangs on it, and there is nobody to tell.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Whole weeks from [`AS_OF`] to a moment, so that Mondays stay Mondays.
fn weeks_since(now: i64) -> i64 {
    let stamp = Moment::from_millis(now * 1000).timestamp();
    let today = stamp.to_zoned(jiff::tz::TimeZone::UTC).date();
    let days = today.duration_since(AS_OF).as_hours() / 24;
    days.div_euclid(7)
}

/// The text with every date (`2026-11-16`) moved by so many weeks.
fn moved(text: &str, weeks: i64) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let date = rest.get(..10).filter(|word| looks_like_a_date(word));
        let later = date.and_then(|word| {
            let date: Date = word.parse().ok()?;
            date.checked_add(weeks.weeks()).ok()
        });
        let taken = if let Some(later) = later {
            out.push_str(&later.to_string());
            10
        } else {
            out.push(next);
            next.len_utf8()
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    out
}

fn looks_like_a_date(word: &str) -> bool {
    word.bytes().enumerate().all(|(place, byte)| match place {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn dates_move_by_whole_weeks() {
        assert_eq!(
            moved("since = 2026-01-05 # not 12-34", 2),
            "since = 2026-01-19 # not 12-34"
        );
        assert_eq!(AS_OF.weekday(), jiff::civil::Weekday::Monday);
        let thursday = Moment::from_rfc3339("2026-12-03T10:00:00Z").unwrap();
        assert_eq!(weeks_since(thursday.as_unix()), 2);
        let before = Moment::from_rfc3339("2026-11-14T10:00:00Z").unwrap();
        assert_eq!(weeks_since(before.as_unix()), -1);
    }

    #[test]
    fn the_file_is_private_and_goes_with_its_owner() {
        use std::os::unix::fs::PermissionsExt as _;
        let roster = RosterFile::write(1_790_000_000).unwrap();
        let path = roster.path().to_owned();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.parse::<toml::Table>().is_ok());
        drop(roster);
        assert!(!path.exists());
    }
}

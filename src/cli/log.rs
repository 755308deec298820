//! `--log-file` and `--debug`: what happens, a line of JSON each, into a file and never onto the screen.
//!
//! Only vigie's own events are written, and those name sources, paths, statuses and times: no secret, no query, no
//! body. The file is private (0600) and begun anew, with the old one kept beside it, when it has grown large.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// A file that is larger when vigie starts is put aside.
const LARGE: u64 = 16 << 20;

/// Begins to write events to a file; with `closely`, also each request and each reading that succeeds.
pub fn begin(path: &Path, closely: bool) -> io::Result<()> {
    let file = open(path)?;
    let level = if closely { Level::DEBUG } else { Level::INFO };
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_writer(Mutex::new(file))
        .with_ansi(false);
    tracing_subscriber::registry()
        .with(lines)
        .with(Targets::new().with_target("vigie", level))
        .try_init()
        // There is one already only when somebody else's code runs us.
        .map_err(io::Error::other)?;
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        process = std::process::id(),
        closely,
        "begun"
    );
    Ok(())
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(directory) = path.parent().filter(|d| !d.as_os_str().is_empty()) {
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700).create(directory)?;
    }
    if fs::metadata(path).is_ok_and(|about| about.is_file() && about.len() > LARGE) {
        let mut aside = path.as_os_str().to_owned();
        aside.push(".1");
        fs::rename(path, PathBuf::from(aside))?;
    }
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_large_file_is_put_aside_and_a_new_one_is_private() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state/vigie.log");
        drop(open(&path).unwrap());
        let about = fs::metadata(&path).unwrap();
        assert_eq!(about.permissions().mode() & 0o777, 0o600);
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(LARGE + 1)
            .unwrap();
        drop(open(&path).unwrap());
        assert_eq!(fs::metadata(&path).unwrap().len(), 0);
        let aside = directory.path().join("state/vigie.log.1");
        assert_eq!(fs::metadata(aside).unwrap().len(), LARGE + 1);
    }
}

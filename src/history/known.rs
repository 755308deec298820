//! The last known state: every feed with its moment, the first frame of the next start.
//!
//! A header line with the length and the checksum of the rest, then one line for each part (JSON, so that a part
//! that another version wrote otherwise costs that part only; 10,000 guests are read in about 10 ms). Written
//! whole under another name and moved into place. Nothing in a feed is secret: credentials never reach the domain.

mod lines;
mod saver;

#[cfg(test)]
mod tests;

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::place::{failure, private_directory, private_file, refused};
use crate::config::Places;
use crate::domain::{Failure, Moment};
use crate::estate::{Known, SourceState};

pub use saver::Saver;

/// Name of the file in the state directory.
const NAME: &str = "last-known.jsonl";
/// Version of the header and of what the lines are for.
const VERSION: u32 = 1;
/// What the header begins with: by this the file is known as ours.
const MARK: &str = r#"{"vigie":"last known""#;
/// Longest header line.
const HEADER: usize = 256;
/// Most bytes written and read.
const CAP: usize = 16 * 1024 * 1024;
/// How long the first frame may wait for it.
const PATIENCE: Duration = Duration::from_millis(200);

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    vigie: String,
    version: u32,
    bytes: usize,
    sha256: String,
}

/// Where the file of these places is.
pub fn path(places: &Places) -> PathBuf {
    places.state_dir.join(NAME)
}

/// The last known state of these sources, and what there is to say of it. Sources that are new or are elsewhere
/// now come without data. Waits a moment at most, however slow the disk is.
pub fn load(places: &Places, sources: Vec<SourceState>) -> (Known, Option<Failure>) {
    let path = path(places);
    let (sender, receiver) = mpsc::sync_channel(1);
    let (at, wanted) = (path.clone(), sources.clone());
    let reader = std::thread::Builder::new()
        .name("last-known".to_owned())
        .spawn(move || {
            // Nobody waits any more when it took too long.
            let _ = sender.send(load_from(&at, wanted));
        });
    let nothing = |why: Failure| {
        let known = Known {
            sources,
            ..Known::default()
        };
        (known, Some(why))
    };
    match reader {
        Err(error) => nothing(refused(&path, "the system gives no thread for it", &error)),
        Ok(_) => match receiver.recv_timeout(PATIENCE) {
            Ok(loaded) => loaded,
            Err(_) => nothing(failure(&path, "it could not be read in time")),
        },
    }
}

fn load_from(path: &Path, sources: Vec<SourceState>) -> (Known, Option<Failure>) {
    let read = read(path).and_then(|body| match body {
        None => Ok((None, None)),
        Some(body) => lines::known(&body, &sources)
            .map(|(known, left_out)| {
                let said = left_out.map(|what| {
                    failure(
                        path,
                        &format!("another version wrote {what} otherwise: left out"),
                    )
                });
                (Some(known), said)
            })
            .ok_or_else(|| failure(path, "it was written by another version and is left out")),
    });
    let (known, said) = match read {
        Ok(read) => read,
        Err(why) => (None, Some(why)),
    };
    let known = known.unwrap_or_else(|| Known {
        sources,
        ..Known::default()
    });
    (known, said)
}

/// What follows the header, checked; `None` when there is no file.
fn read(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    let Some(found) = private_file(path)? else {
        return Ok(None);
    };
    if found.len() > (HEADER + CAP) as u64 {
        return Err(failure(path, "it is too large to be the last known state"));
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take((HEADER + CAP) as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| refused(path, "it cannot be read", &error))?;
    if !bytes.starts_with(MARK.as_bytes()) {
        return Err(failure(
            path,
            "it is no last known state of vigie, so it is left alone",
        ));
    }
    let torn = || failure(path, "it is torn and left out");
    let end = bytes
        .iter()
        .take(HEADER)
        .position(|byte| *byte == b'\n')
        .ok_or_else(torn)?;
    let header: Header = bytes
        .get(..end)
        .and_then(|line| serde_json::from_slice(line).ok())
        .ok_or_else(torn)?;
    if header.version != VERSION {
        return Err(failure(
            path,
            "it was written by another version and is left out",
        ));
    }
    let body = bytes.split_off(end + 1);
    if body.len() != header.bytes || checksum(&body) != header.sha256 {
        return Err(torn());
    }
    Ok(Some(body))
}

/// Writes the last known state: whole, or not at all. What of it there was no room for, if anything.
fn save(path: &Path, known: &Known, now: Moment) -> Result<Option<Failure>, Failure> {
    let cannot = |error: &std::io::Error| refused(path, "it cannot be written", error);
    let directory = path.parent().unwrap_or(Path::new("."));
    private_directory(directory)?;
    if !may_overwrite(path)? {
        return Err(failure(
            path,
            "it is no last known state of vigie, so it is left alone and nothing is kept",
        ));
    }
    let (body, left_out) = lines::body(known, now, CAP);
    let header = Header {
        vigie: "last known".to_owned(),
        version: VERSION,
        bytes: body.len(),
        sha256: checksum(&body),
    };
    let mut bytes =
        serde_json::to_vec(&header).map_err(|error| failure(path, &error.to_string()))?;
    bytes.push(b'\n');
    bytes.extend_from_slice(&body);

    let new = directory.join(format!("{NAME}.new-{}", std::process::id()));
    // Left over by a program of the same number that died.
    let _ = std::fs::remove_file(&new);
    let written = write(&new, &bytes).and_then(|()| std::fs::rename(&new, path));
    if let Err(error) = written {
        let _ = std::fs::remove_file(&new);
        return Err(cannot(&error));
    }
    // So that the name is on the disk, too; a file system that cannot do that has done its best.
    let _ = File::open(directory).and_then(|directory| directory.sync_all());
    sweep(directory);
    Ok(left_out.map(|what| failure(path, &format!("there is no room for {what}"))))
}

fn write(new: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(new)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Whether what is there is ours, or nothing.
fn may_overwrite(path: &Path) -> Result<bool, Failure> {
    if private_file(path)?.is_none_or(|found| found.len() == 0) {
        return Ok(true);
    }
    let mut start = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MARK.len() as u64).read_to_end(&mut start))
        .map_err(|error| refused(path, "it cannot be read", &error))?;
    // A torn file of ours may be shorter than the mark.
    Ok(MARK.as_bytes().starts_with(&start))
}

/// Removes what programs that were killed while writing left over, an hour later.
fn sweep(directory: &Path) {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return;
    };
    for entry in entries.flatten() {
        let is_ours = (entry.file_name().to_str())
            .and_then(|name| name.strip_prefix(NAME)?.strip_prefix(".new-"))
            .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
        let is_old = (entry.metadata().and_then(|found| found.modified()))
            .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > Duration::from_hours(1)));
        if is_ours && is_old {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn checksum(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest
        .as_ref()
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            // A String takes everything.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

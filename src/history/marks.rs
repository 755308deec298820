//! What this user has read of each Redmine: one small file a source in the state directory, replaced whole.
//!
//! Several sessions may run at once: each adds what it knows to what is there.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::{oneshot, watch};

use super::place::{failure, private_directory, private_file, refused};
use crate::config::Places;
use crate::domain::ticket::Marks;
use crate::domain::{Failure, SourceId, SourceKind, Text};
use crate::estate::SourceState;

/// What the file says it is.
const WHAT: &str = "read marks";
const VERSION: u32 = 1;
/// Largest file that is read.
const LARGEST: u64 = 1 << 20;

/// The file.
#[derive(Debug, Serialize, Deserialize)]
struct Page {
    vigie: String,
    version: u32,
    /// Where the Redmine is: numbers of another one mean other things.
    address: String,
    #[serde(flatten)]
    marks: Marks,
}

/// The file of a source. Names of sources are of a-z, 0-9, - and _.
fn path(places: &Places, name: &str) -> PathBuf {
    places.state_dir.join(format!("read-{name}.json"))
}

/// What was read of these sources; and what is wrong with a file, if anything.
pub fn load(
    places: &Places,
    sources: &[SourceState],
) -> (HashMap<SourceId, Marks>, Option<Failure>) {
    let mut all = HashMap::new();
    let mut said = None;
    let redmines = sources.iter().filter(|s| s.kind == SourceKind::Redmine);
    for source in redmines {
        match read(&path(places, &source.name), &source.address) {
            Ok(Some(marks)) => {
                all.insert(source.id, marks);
            }
            Ok(None) => {}
            Err(why) => said = Some(why),
        }
    }
    (all, said)
}

/// What a file holds of the Redmine at this address; `None` when there is none, or it is another's.
fn read(path: &Path, address: &str) -> Result<Option<Marks>, Failure> {
    let Some(found) = private_file(path)? else {
        return Ok(None);
    };
    if found.len() > LARGEST {
        return Err(failure(path, "it is too large to hold read marks"));
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST).read_to_end(&mut bytes))
        .map_err(|error| refused(path, "it cannot be read", &error))?;
    let page: Page = serde_json::from_slice(&bytes)
        .map_err(|_| failure(path, "it holds no read marks, so it is left alone"))?;
    if page.vigie != WHAT || page.version != VERSION {
        return Err(failure(path, "it is no file of this version of vigie"));
    }
    Ok((page.address == address).then_some(page.marks))
}

/// Adds marks to a file: whole, or not at all.
fn save(path: &Path, address: &str, marks: Marks) -> Result<(), Failure> {
    let directory = path.parent().unwrap_or(Path::new("."));
    private_directory(directory)?;
    let marks = match read(path, address)? {
        Some(known) => known.and(marks),
        None => marks,
    };
    let page = Page {
        vigie: WHAT.to_owned(),
        version: VERSION,
        address: address.to_owned(),
        marks,
    };
    let bytes = serde_json::to_vec(&page).map_err(|error| failure(path, &error.to_string()))?;
    let new = path.with_extension(format!("new-{}", std::process::id()));
    let _ = std::fs::remove_file(&new);
    let written = write(&new, &bytes).and_then(|()| std::fs::rename(&new, path));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&new);
        refused(path, "it cannot be written", &error)
    })
}

fn write(new: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(new)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Writes marks down on a thread of its own, so that no key waits for a disk.
#[derive(Debug)]
pub struct Scribe {
    places: Places,
    orders: mpsc::Sender<(PathBuf, Text, Marks)>,
    said: watch::Receiver<Option<Failure>>,
    ended: oneshot::Receiver<()>,
}

impl Scribe {
    /// Starts the thread; `None` when the system gives none.
    pub fn start(places: &Places) -> Option<Self> {
        let (orders, received) = mpsc::channel::<(PathBuf, Text, Marks)>();
        let (tell, said) = watch::channel(None);
        let (end, ended) = oneshot::channel::<()>();
        std::thread::Builder::new()
            .name("read-marks".to_owned())
            .spawn(move || {
                let _end = end;
                while let Ok((path, address, marks)) = received.recv() {
                    let outcome = save(&path, &address, marks).err();
                    tell.send_if_modified(|told| {
                        let differs = *told != outcome;
                        *told = outcome;
                        differs
                    });
                }
            })
            .ok()?;
        Some(Self {
            places: places.clone(),
            orders,
            said,
            ended,
        })
    }

    /// Has marks of a source written down.
    pub fn save(&self, source: &SourceState, marks: Marks) {
        let path = path(&self.places, &source.name);
        // The thread ends only with this value.
        let _ = self.orders.send((path, source.address.clone(), marks));
    }

    /// Whether they can be written, as it changes.
    pub fn said(&self) -> watch::Receiver<Option<Failure>> {
        self.said.clone()
    }

    /// Waits until everything is written, for so long at most.
    pub async fn finish(self, patience: Duration) {
        drop(self.orders);
        let _ = tokio::time::timeout(patience, self.ended).await;
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::domain::Moment;

    fn marks(until: i64, read: &[(u64, u64)]) -> Marks {
        Marks {
            until: Moment::from_unix(until),
            read: read.iter().copied().collect(),
        }
    }

    #[test]
    fn sessions_add_up_and_nobody_else_may_read() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("state/read-tickets.json");
        let here = "https://redmine.example.org/";
        save(&path, here, marks(50, &[(1, 2)])).unwrap();
        save(&path, here, marks(40, &[(3, 4)])).unwrap();
        assert_eq!(
            read(&path, here).unwrap(),
            Some(marks(50, &[(1, 2), (3, 4)]))
        );
        assert_eq!(
            read(&path, "https://other.example.org/").unwrap(),
            None,
            "numbers of another Redmine mean other things"
        );
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let directory = path.parent().unwrap();
        let mode = std::fs::metadata(directory).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        assert_eq!(std::fs::read_dir(directory).unwrap().count(), 1);
    }

    #[test]
    fn what_is_no_file_of_ours_is_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("read-tickets.json");
        std::fs::write(&path, "a letter").unwrap();
        assert!(read(&path, "x").is_err());
        assert!(save(&path, "x", marks(1, &[])).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a letter");
    }
}

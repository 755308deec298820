//! Directories and files that are for this user alone.

use std::fs::{DirBuilder, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::Path;

use crate::domain::failure::FailureKind;
use crate::domain::{Failure, Text};

/// What others may do with what is ours: nothing.
const OTHERS: u32 = 0o077;

/// A failure about this file.
pub(super) fn failure(path: &Path, detail: &str) -> Failure {
    Failure::new(FailureKind::File {
        path: Text::clean(&path.to_string_lossy()),
        detail: Text::clean(detail),
    })
}

/// A failure about this file, in the system's words.
pub(super) fn refused(path: &Path, what: &str, error: &io::Error) -> Failure {
    let why = match error.kind() {
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        io::ErrorKind::QuotaExceeded => "the quota is used up".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    };
    failure(path, &format!("{what}: {why}"))
}

/// Makes the directory, or makes it private if it is there.
pub(super) fn private_directory(directory: &Path) -> Result<(), Failure> {
    let made = DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory);
    made.map_err(|error| refused(directory, "it cannot be made", &error))?;
    let found = std::fs::metadata(directory)
        .map_err(|error| refused(directory, "it cannot be read", &error))?;
    if found.uid() != rustix::process::geteuid().as_raw() {
        // With sudo, say: what is made here now could not be read by its owner later.
        return Err(failure(directory, "it belongs to another user"));
    }
    make_private(directory, &found)
}

/// The file's particulars if it is there and ours alone; `None` when it is not there.
pub(super) fn private_file(path: &Path) -> Result<Option<Metadata>, Failure> {
    let found = match std::fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refused(path, "it cannot be read", &error)),
    };
    if !found.is_file() {
        return Err(failure(path, "it is no regular file, so it is left alone"));
    }
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(failure(path, "it belongs to another user"));
    }
    make_private(path, &found)?;
    Ok(Some(found))
}

fn make_private(path: &Path, found: &Metadata) -> Result<(), Failure> {
    let mode = found.permissions().mode();
    if mode & OTHERS == 0 {
        return Ok(());
    }
    std::fs::set_permissions(path, Permissions::from_mode(mode & 0o7700))
        .map_err(|error| refused(path, "others may read it, which cannot be changed", &error))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn what_is_made_and_what_was_there_becomes_private() {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("a/state");
        private_directory(&state).unwrap();
        assert_eq!(mode(&state), 0o700);
        std::fs::set_permissions(&state, Permissions::from_mode(0o755)).unwrap();
        private_directory(&state).unwrap();
        assert_eq!(mode(&state), 0o700);

        let file = state.join("file");
        assert!(private_file(&file).unwrap().is_none());
        std::fs::write(&file, "x").unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
        assert_eq!(private_file(&file).unwrap().map(|m| m.len()), Some(1));
        assert_eq!(mode(&file), 0o600);
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let link = home.path().join("link");
        std::os::unix::fs::symlink("/dev/full", &link).unwrap();
        assert!(private_file(&link).is_err());
        assert!(private_file(home.path()).is_err());
        std::fs::write(home.path().join("file"), "x").unwrap();
        assert!(private_directory(&home.path().join("file/state")).is_err());
    }
}

//! Adds sources to a configuration: every line and comment that is there stays, and a reader sees the file
//! as it was or as it will be, never half of it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table, TomlError};

use crate::domain::Text;

use super::form::{Form, NewFile};

/// Behind every table that is there: positions of parsed tables count them.
const BEHIND: isize = 1 << 30;

/// What a new file begins with.
const HEADER: &str = "# Configuration of vigie. 'vigie config print' explains every key,\n# 'vigie config check' looks for mistakes, 'vigie doctor' looks at the sources.\n";

/// The configuration with these sources at its end.
pub fn added(text: &str, forms: &[Form]) -> Result<String, TomlError> {
    let text = if text.trim().is_empty() { HEADER } else { text };
    let mut document: DocumentMut = text.parse()?;
    for (at, form) in forms.iter().enumerate() {
        let behind = document.trailing().as_str().unwrap_or_default().to_owned();
        let mut above = behind;
        if !above.is_empty() && !above.ends_with('\n') {
            above.push('\n');
        }
        above.push('\n');
        for comment in &form.comments {
            above.push_str(&format!("# {}\n", Text::clean(comment)));
        }
        document.set_trailing("");
        let mut table = form.written();
        table.set_position(Some(BEHIND + isize::try_from(at).unwrap_or(0)));
        table.decor_mut().set_prefix(above);
        let parent = document.entry(form.kind.name()).or_insert_with(|| {
            let mut parent = Table::new();
            parent.set_implicit(true);
            Item::Table(parent)
        });
        if let Some(parent) = parent.as_table_like_mut() {
            parent.insert(&form.name, Item::Table(table));
        }
    }
    Ok(document.to_string())
}

/// Where a file really is: what a link points to is written, not the link.
pub fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Whether a file can be written there, or why not. Creates nothing.
pub fn is_writable(path: &Path) -> Result<(), String> {
    use rustix::fs::{Access, access};
    let path = real(path);
    let directory = path.parent().unwrap_or(Path::new("."));
    let existing = directory
        .ancestors()
        .find(|above| above.exists())
        .unwrap_or(Path::new("/"));
    if !existing.is_dir() {
        return Err(format!("{} is no directory", existing.display()));
    }
    if path.is_dir() {
        return Err(format!("{} is a directory", path.display()));
    }
    access(existing, Access::WRITE_OK | Access::EXEC_OK).map_err(|error| {
        let why = match error {
            rustix::io::Errno::ROFS => "is on a file system that is read-only",
            _ => "may not be written by you",
        };
        format!("{} {why}", existing.display())
    })?;
    let full = rustix::fs::statvfs(existing).is_ok_and(|system| system.f_bavail == 0);
    if full {
        return Err(format!("the disk of {} is full", existing.display()));
    }
    Ok(())
}

/// Writes new files and then the configuration. When that fails, the new files are gone again.
pub fn all(files: &[NewFile], config: &Path, text: &str) -> Result<(), String> {
    let config = real(config);
    let failed = |path: &Path, error: &io::Error| {
        format!("{} cannot be written: {}", path.display(), plain(error))
    };
    let mut made: Vec<&Path> = Vec::new();
    let mut write = || {
        for path in files.iter().map(|file| &*file.path).chain([&*config]) {
            if let Some(directory) = path.parent().filter(|d| !d.as_os_str().is_empty()) {
                let mut builder = DirBuilder::new();
                builder.recursive(true).mode(0o700);
                builder
                    .create(directory)
                    .map_err(|error| failed(directory, &error))?;
            }
        }
        for file in files {
            // Never over a file that has come in the meantime.
            let new = create(&file.path).map_err(|error| failed(&file.path, &error))?;
            made.push(&file.path);
            fill(new, file.content.expose()).map_err(|error| failed(&file.path, &error))?;
        }
        replace(&config, text).map_err(|error| failed(&config, &error))
    };
    let done = write();
    if done.is_err() {
        for path in made {
            // What cannot be removed was ours all the same; the reason is told already.
            let _ = fs::remove_file(path);
        }
    }
    done
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

fn fill(mut file: File, text: &str) -> io::Result<()> {
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Puts a text in a file's place at once, with the mode 0600.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let new = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let put = create(&new)
        .and_then(|file| fill(file, text))
        .and_then(|()| fs::rename(&new, path));
    if put.is_err() {
        let _ = fs::remove_file(&new);
        return put;
    }
    // The name itself is on the disk only with its directory. Not all file systems can do that.
    if let Some(directory) = path.parent()
        && let Ok(directory) = File::open(directory)
    {
        let _ = directory.sync_all();
    }
    Ok(())
}

/// The system's words without its number.
fn plain(error: &io::Error) -> String {
    let words = error.to_string();
    match words.split_once(" (os error") {
        Some((words, _)) => words.to_lowercase(),
        None => words,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::cli::init::form::Kept;
    use crate::config::Secret;
    use crate::domain::SourceKind;

    fn form(kind: SourceKind, name: &str, url: &str) -> Form {
        let mut form = Form::new(kind);
        form.name = name.to_owned();
        form.comments = vec!["What it is.".to_owned()];
        form.set("url", url);
        form
    }

    #[test]
    fn an_empty_configuration_begins_with_a_word() {
        let golem = form(SourceKind::Proxmox, "golem", "https://golem:8006");
        let text = added("", &[golem]).unwrap();
        assert_eq!(
            text,
            format!("{HEADER}\n# What it is.\n[proxmox.golem]\nurl = \"https://golem:8006\"\n")
        );
    }

    #[test]
    fn all_that_is_there_stays() {
        let before = "# mine\n[ui]\n  theme = \"light\"   # at night\n\n\
                      [proxmox.a] # first\nurl = 'https://a:8006'\ntoken={env=\"A\"}\n\n\
                      [redmine.t]\nurl = \"https://t\"\n# the end, without a line break";
        let golem = form(SourceKind::Proxmox, "b", "https://b:8006");
        let monitor = form(SourceKind::Checkmk, "m", "https://m/site");
        let after = added(before, &[golem, monitor]).unwrap();
        assert_eq!(
            after,
            format!(
                "{before}\n\n# What it is.\n[proxmox.b]\nurl = \"https://b:8006\"\n\n\
                 # What it is.\n[checkmk.m]\nurl = \"https://m/site\"\n"
            )
        );
    }

    #[test]
    fn the_printed_default_stays_as_it_is() {
        let before = crate::config::default_toml();
        let golem = form(SourceKind::Proxmox, "b", "https://b:8006");
        let after = added(before, &[golem]).unwrap();
        assert!(after.starts_with(before));
        assert!(after.ends_with("\n# What it is.\n[proxmox.b]\nurl = \"https://b:8006\"\n"));
    }

    #[test]
    fn a_typed_secret_is_in_its_file_only() {
        let directory = tempfile::tempdir().unwrap();
        let config = directory.path().join("a/b/config.toml");
        let mut golem = form(SourceKind::Proxmox, "golem", "https://golem:8006");
        let path = config.with_file_name("golem.token");
        golem.secret = Some(("token", Kept::NewFile(Secret::new("c0ffee"), path.clone())));
        let text = added("", std::slice::from_ref(&golem)).unwrap();
        assert!(
            text.contains("token = { file = \"golem.token\" }"),
            "{text}"
        );
        assert!(!text.contains("c0ffee"));
        all(&golem.files(), &config, &text).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "c0ffee\n");
        assert_eq!(fs::read_to_string(&config).unwrap(), text);
        for (path, mode) in [
            (&*path, 0o600),
            (&config, 0o600),
            (config.parent().unwrap(), 0o700),
        ] {
            let found = fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(found, mode, "{}", path.display());
        }
        // The secret's file is there now: nothing is written over it, and nothing else is changed.
        let refused = all(&golem.files(), &config, "other").unwrap_err();
        assert!(refused.contains("golem.token"), "{refused}");
        assert_eq!(fs::read_to_string(&config).unwrap(), text);
        assert_eq!(fs::read_to_string(&path).unwrap(), "c0ffee\n");
    }

    #[test]
    fn when_the_configuration_cannot_be_written_the_secret_is_gone_again() {
        let directory = tempfile::tempdir().unwrap();
        let config = directory.path().join("config.toml");
        // A directory in its place: even root cannot write that.
        fs::create_dir(&config).unwrap();
        let mut golem = form(SourceKind::Proxmox, "golem", "https://golem:8006");
        let path = config.with_file_name("golem.token");
        golem.secret = Some(("token", Kept::NewFile(Secret::new("c0ffee"), path.clone())));
        assert!(all(&golem.files(), &config, "x").is_err());
        assert!(!path.exists());
        let names = fs::read_dir(directory.path()).unwrap().count();
        assert_eq!(names, 1);
        assert!(
            is_writable(&config)
                .unwrap_err()
                .ends_with("is a directory")
        );
    }

    #[test]
    fn a_link_stays_a_link() {
        let directory = tempfile::tempdir().unwrap();
        let (link, target) = (directory.path().join("link"), directory.path().join("dots"));
        fs::write(&target, "old").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        all(&[], &link, "new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");
    }
}

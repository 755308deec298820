//! The directories that vigie keeps things in: rights and space.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::config::Places;
use crate::domain::Bytes;
use crate::ui::words;

use super::report::Section;
use super::step::{Step, Verdict};

/// Less than this is soon full.
const LITTLE: u64 = 64 * 1024 * 1024;

/// Looks at the user's directories. Creates nothing.
pub fn examine(places: &Places) -> Section {
    let steps = vec![
        directory("configuration", &places.config_dir),
        directory("state", &places.state_dir),
        space(&places.state_dir),
    ];
    Section::of("files", steps)
}

/// Whether a directory is there, ours, private and writable.
fn directory(step: &'static str, path: &Path) -> Step {
    let shown = path.display();
    let about = match std::fs::metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let above = existing(path);
            let what = format!("{shown} is not there yet");
            return if is_writable(above) {
                Step::new(
                    step,
                    Verdict::Ok,
                    &format!("{what}; it is made when it is needed"),
                )
            } else {
                Step::new(
                    step,
                    Verdict::Warning,
                    &format!("{what} and cannot be made"),
                )
                .next(&format!("{} may not be written by you", above.display()))
            };
        }
        Err(error) => {
            return Step::new(
                step,
                Verdict::Warning,
                &format!("{shown} cannot be looked at: {error}"),
            );
        }
    };
    if !about.is_dir() {
        return Step::new(step, Verdict::Fails, &format!("{shown} is no directory"))
            .next(&format!("move it away: mv {shown} {shown}.old"));
    }
    if !is_writable(path) {
        return Step::new(
            step,
            Verdict::Warning,
            &format!("{shown} may not be written by you"),
        )
        .next("the dashboard works, but keeps nothing from one day to the next");
    }
    if about.mode() & 0o022 != 0 {
        return Step::new(
            step,
            Verdict::Warning,
            &format!(
                "{shown} can be written by others (mode {:04o})",
                about.mode() & 0o7777
            ),
        )
        .next(&format!("chmod 700 {shown}"));
    }
    Step::new(
        step,
        Verdict::Ok,
        &format!("{shown}, mode {:04o}", about.mode() & 0o7777),
    )
}

/// Space where the state is kept.
fn space(path: &Path) -> Step {
    let there = existing(path);
    let Ok(system) = rustix::fs::statvfs(there) else {
        return Step::new("space", Verdict::Skipped, "the file system does not tell");
    };
    let free = system.f_bavail.saturating_mul(system.f_frsize);
    let what = format!("{} free at {}", words::bytes(Bytes(free)), there.display());
    let read_only = system
        .f_flag
        .contains(rustix::fs::StatVfsMountFlags::RDONLY);
    if read_only {
        Step::new("space", Verdict::Warning, &format!("{what}, but read-only"))
    } else if free < LITTLE {
        Step::new("space", Verdict::Warning, &what)
            .next("the disk is nearly full: nothing may be kept")
    } else {
        Step::new("space", Verdict::Ok, &what)
    }
}

/// The nearest directory above that is there.
fn existing(path: &Path) -> &Path {
    path.ancestors()
        .find(|above| above.exists())
        .unwrap_or(Path::new("/"))
}

fn is_writable(path: &Path) -> bool {
    rustix::fs::access(
        path,
        rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK,
    )
    .is_ok()
}

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
        others(&places.state_dir),
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
    } else if free == 0 {
        Step::new(
            "space",
            Verdict::Warning,
            &format!("the disk is full: {what}"),
        )
        .next("the dashboard works, but nothing is kept from one day to the next: make room")
    } else if free < LITTLE {
        Step::new("space", Verdict::Warning, &what)
            .next("the disk is nearly full: make room, or soon nothing is kept")
    } else {
        Step::new("space", Verdict::Ok, &what)
    }
}

/// Other programs of this user that use the same state: they share it, so that is only worth knowing.
fn others(directory: &Path) -> Step {
    let Ok(history) = std::fs::canonicalize(directory.join("history.sqlite")) else {
        return Step::new(
            "other vigies",
            Verdict::Ok,
            "none has kept anything here yet",
        );
    };
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return Step::new("other vigies", Verdict::Skipped, "the system does not tell");
    };
    let mut running: Vec<u32> = processes
        .filter_map(|process| process.ok()?.file_name().to_str()?.parse().ok())
        .filter(|process| *process != std::process::id() && has_open(*process, &history))
        .collect();
    running.sort_unstable();
    let numbers: Vec<String> = running.iter().map(u32::to_string).collect();
    match numbers.as_slice() {
        [] => Step::new("other vigies", Verdict::Ok, "none runs"),
        [one] => Step::new(
            "other vigies",
            Verdict::Ok,
            &format!("1 runs (process {one}) and shares history and last known state"),
        ),
        many => Step::new(
            "other vigies",
            Verdict::Note,
            &format!(
                "{} run (processes {}) and share history and last known state",
                many.len(),
                many.join(", ")
            ),
        )
        .next("each asks the servers by itself: end those that nobody looks at"),
    }
}

/// Whether a process has a file open. Those of other users do not tell.
fn has_open(process: u32, file: &Path) -> bool {
    let Ok(open) = std::fs::read_dir(format!("/proc/{process}/fd")) else {
        return false;
    };
    open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
        .any(|target| target == file)
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

//! Proxmox tasks.

use std::borrow::Cow;

use crate::domain::task::TaskEnd;

/// How a task ended: `running`, `ok`, `with warnings: 2`, `failed: …`, `ended without a word`.
pub fn task_end(end: &TaskEnd) -> Cow<'static, str> {
    match end {
        TaskEnd::Running => Cow::Borrowed("running"),
        TaskEnd::Ok => Cow::Borrowed("ok"),
        TaskEnd::Warnings(words) => {
            let number = words.trim_start_matches("WARNINGS:").trim();
            if number.is_empty() {
                Cow::Borrowed("with warnings")
            } else {
                Cow::Owned(format!("with warnings: {number}"))
            }
        }
        TaskEnd::Failed(words) => Cow::Owned(format!("failed: {words}")),
        TaskEnd::Unknown => Cow::Borrowed("ended without a word"),
    }
}

/// What a kind of task did, to be read after its subject: `shut down`, `backed up`. `None` for kinds
/// without a word of ours; they are shown as Proxmox writes them.
pub fn task_kind(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "vzstart" | "qmstart" | "hastart" => "started",
        "vzstop" | "qmstop" | "hastop" => "stopped",
        "vzshutdown" | "qmshutdown" => "shut down",
        "vzreboot" | "qmreboot" => "rebooted",
        "qmreset" => "reset",
        "vzsuspend" | "qmsuspend" => "suspended",
        "vzresume" | "qmresume" => "resumed",
        "qmpause" => "paused",
        "vzdump" => "backed up",
        "vzrestore" | "qmrestore" => "restored",
        "vzcreate" | "qmcreate" => "created",
        "vzdestroy" | "qmdestroy" => "destroyed",
        "vzmigrate" | "qmigrate" | "hamigrate" => "migrated",
        "vzclone" | "qmclone" => "cloned",
        "vztemplate" | "qmtemplate" => "made a template",
        "vzsnapshot" | "qmsnapshot" => "snapshot taken",
        "vzrollback" | "qmrollback" => "rolled back",
        "vzdelsnapshot" | "qmdelsnapshot" => "snapshot deleted",
        "startall" => "all guests started",
        "stopall" => "all guests stopped",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_in_words() {
        assert_eq!(task_end(&TaskEnd::Running), "running");
        assert_eq!(task_end(&TaskEnd::Ok), "ok");
        assert_eq!(
            task_end(&TaskEnd::Warnings("WARNINGS: 2".into())),
            "with warnings: 2"
        );
        assert_eq!(task_end(&TaskEnd::Warnings("3".into())), "with warnings: 3");
        assert_eq!(task_end(&TaskEnd::Warnings("".into())), "with warnings");
        assert_eq!(
            task_end(&TaskEnd::Failed("unable to create CT 105".into())),
            "failed: unable to create CT 105"
        );
        assert_eq!(task_end(&TaskEnd::Unknown), "ended without a word");
    }

    #[test]
    fn unknown_kinds_keep_their_own_name() {
        assert_eq!(task_kind("vzshutdown"), Some("shut down"));
        assert_eq!(task_kind("srvreload"), None);
    }
}

//! What is wrong, in one line.

use crate::domain::Text;
use crate::domain::problem::What;

use super::{failure_short, task_kind};

/// What is wrong with a problem's subject, to stand beside or after it: `stopped`, `502, wanted 200`.
pub fn what(what: &What) -> String {
    match what {
        What::NodeOffline => "not reachable for its cluster".to_owned(),
        What::NodeSilent => "silent: its status daemon reports nothing".to_owned(),
        What::NoQuorum => "the cluster has lost its quorum".to_owned(),
        What::GuestStopped { by, task } => stopped(by.as_ref(), task.as_ref()),
        What::GuestIoError => "halted by an error of its disk (storage full?)".to_owned(),
        What::GuestCrashed => "crashed".to_owned(),
        What::GuestUnseen => "cannot be seen: its node tells nothing".to_owned(),
        What::StorageFull(percent) => format!("storage {percent}% full"),
        What::StorageInactive => "storage not available".to_owned(),
        What::TaskFailed(words) => format!("task failed: {words}"),
        What::HostDown(None) => "down".to_owned(),
        What::HostDown(Some(words)) => format!("down: {words}"),
        What::Service(None) => "not ok, without a word from the check".to_owned(),
        What::Service(Some(words)) | What::Probe(words) => words.to_string(),
        What::Web(outcome, eyes) => super::web_trouble(outcome, eyes),
        What::WebFlaw(flaw) => super::flaw(flaw),
        What::Certificate(days) => certificate(*days),
        What::QueueDown(words) => format!("mail system down: {words}"),
        What::QueueStuck {
            cycles,
            cycle,
            depth,
        } => format!(
            "not draining: no mail has left for {}, {} waiting",
            super::cycles(*cycles, *cycle),
            super::count(*depth, "mail")
        ),
        What::QueueDeep(depth) => format!("{} waiting", super::count(*depth, "mail")),
        What::QueueOld(age, false) => {
            format!("the oldest mail waits for {}", super::duration(*age))
        }
        What::QueueOld(age, true) => {
            format!(
                "the oldest mail waits for at least {}",
                super::duration(*age)
            )
        }
        What::Blind(failure) => format!("cannot be read: {}", failure_short(failure)),
        What::Late => "late: no answer for longer than usual".to_owned(),
        What::RightsMissing(rights) => format!(
            "the credential lacks {}: lists are shorter than the truth",
            list(rights)
        ),
        What::SiteSilent(site) => format!("monitoring site {site} has fallen silent"),
        What::GroupSize(members, least, most) => group_size(*members, *least, *most),
    }
}

fn stopped(by: Option<&Text>, task: Option<&Text>) -> String {
    let did = task.and_then(|task| task_kind(task)).unwrap_or("stopped");
    match (by, task) {
        (Some(by), Some(task)) => format!("{did} by {by} ({task})"),
        (Some(by), None) => format!("{did} by {by}"),
        (None, Some(task)) => format!("{did} ({task})"),
        (None, None) => did.to_owned(),
    }
}

fn certificate(days: i64) -> String {
    match days {
        0 => "certificate ends today".to_owned(),
        1 => "certificate ends tomorrow".to_owned(),
        2.. => format!("certificate ends in {days} days"),
        -1 => "certificate ended yesterday".to_owned(),
        _ => format!("certificate ended {} days ago", days.unsigned_abs()),
    }
}

fn group_size(members: u32, least: Option<u32>, most: Option<u32>) -> String {
    let has = super::count(u64::from(members), "member");
    match (least, most) {
        (Some(least), Some(most)) => format!("{has}, its rule says {least} to {most}"),
        (Some(least), None) => format!("{has}, its rule says at least {least}"),
        (None, Some(most)) => format!("{has}, its rule says at most {most}"),
        (None, None) => has,
    }
}

/// `VM.Audit`, `VM.Audit and Sys.Audit`, `A, B and C`.
fn list(words: &[Text]) -> String {
    match words {
        [] => "rights".to_owned(),
        [one] => one.to_string(),
        [first @ .., last] => format!(
            "{} and {last}",
            first
                .iter()
                .map(Text::as_str)
                .collect::<Vec<_>>()
                .join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::time::Duration;

    use super::*;
    use crate::domain::Failure;
    use crate::domain::failure::FailureKind;

    #[test]
    fn every_problem_in_a_line() {
        let text = |words: &str| Text::clean(words);
        let stopped = |by: Option<&str>, task: Option<&str>| What::GuestStopped {
            by: by.map(Text::clean),
            task: task.map(Text::clean),
        };
        let all = [
            What::NodeOffline,
            What::NodeSilent,
            What::NoQuorum,
            stopped(None, None),
            stopped(Some("anne@pam"), None),
            stopped(None, Some("stopall")),
            stopped(Some("anne@pam"), Some("vzshutdown")),
            stopped(Some("anne@pam"), Some("somethingnew")),
            What::GuestIoError,
            What::GuestCrashed,
            What::GuestUnseen,
            What::StorageFull(93),
            What::StorageInactive,
            What::TaskFailed(text("vzdump of 105: no space left on device")),
            What::HostDown(None),
            What::HostDown(Some(text("CRITICAL - 192.0.2.7: rta nan, lost 100%"))),
            What::Service(None),
            What::Service(Some(text("CRIT - 3 mails in deferred queue"))),
            What::Probe(text("502, wanted 200")),
            What::QueueStuck {
                cycles: 12,
                cycle: Duration::from_mins(1),
                depth: 214,
            },
            What::QueueDeep(731),
            What::QueueOld(Duration::from_mins(125), false),
            What::QueueOld(Duration::from_mins(12), true),
            What::Certificate(12),
            What::Certificate(1),
            What::Certificate(0),
            What::Certificate(-1),
            What::Certificate(-30),
            What::QueueDown(text("postfix is not running")),
            What::Blind(Failure::new(FailureKind::LoginPage)),
            What::Late,
            What::RightsMissing(vec![text("VM.Audit")]),
            What::RightsMissing(vec![
                text("VM.Audit"),
                text("Sys.Audit"),
                text("Datastore.Audit"),
            ]),
            What::SiteSilent(text("berlin")),
            What::GroupSize(2, Some(3), Some(9)),
            What::GroupSize(1, Some(2), None),
            What::GroupSize(12, None, Some(9)),
        ];
        let mut lines = String::new();
        for problem in &all {
            writeln!(lines, "golem/105 wiki  {}", what(problem)).unwrap_or_default();
        }
        insta::assert_snapshot!(lines);
    }
}

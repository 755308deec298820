//! What the words for states mean: cluster resources, section 5 of the API sheet.

use crate::domain::guest::GuestState;
use crate::domain::node::NodeState;

/// The state of a node. Before 5.1 there is no word, and online means that an uptime is told.
pub fn of_node(word: Option<&str>, has_uptime: bool) -> NodeState {
    match word {
        Some("online") => NodeState::Online,
        Some("unknown") => NodeState::Silent,
        Some("offline") => NodeState::Offline,
        Some(_) => NodeState::Unknown,
        None if has_uptime => NodeState::Online,
        None => NodeState::Offline,
    }
}

/// The state of a guest by its run state (that of QMP for KVM), and the word where it says more
/// than the state does. No word at all means that the cluster has no figures.
pub fn of_guest(word: Option<&str>) -> (GuestState, Option<&str>) {
    let Some(word) = word else {
        return (GuestState::Unknown, None);
    };
    let state = match word {
        "running" => return (GuestState::Running, None),
        "stopped" => return (GuestState::Stopped, None),
        "paused" => return (GuestState::Paused, None),
        "mounted" => return (GuestState::Mounted, None),
        "io-error" => return (GuestState::IoError, None),
        "unknown" => return (GuestState::Unknown, None),
        "shutdown" => GuestState::Stopped,
        "suspended" | "prelaunch" | "inmigrate" | "postmigrate" | "finish-migrate" | "save-vm"
        | "restore-vm" | "debug" | "colo" => GuestState::Paused,
        "internal-error" | "guest-panicked" | "watchdog" => GuestState::Crashed,
        _ => GuestState::Unknown,
    };
    (state, Some(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_state_has_its_meaning() {
        for (word, state, kept) in [
            ("running", GuestState::Running, false),
            ("stopped", GuestState::Stopped, false),
            ("shutdown", GuestState::Stopped, true),
            ("mounted", GuestState::Mounted, false),
            ("paused", GuestState::Paused, false),
            ("suspended", GuestState::Paused, true),
            ("prelaunch", GuestState::Paused, true),
            ("inmigrate", GuestState::Paused, true),
            ("postmigrate", GuestState::Paused, true),
            ("finish-migrate", GuestState::Paused, true),
            ("save-vm", GuestState::Paused, true),
            ("restore-vm", GuestState::Paused, true),
            ("debug", GuestState::Paused, true),
            ("colo", GuestState::Paused, true),
            ("io-error", GuestState::IoError, false),
            ("internal-error", GuestState::Crashed, true),
            ("guest-panicked", GuestState::Crashed, true),
            ("watchdog", GuestState::Crashed, true),
            ("unknown", GuestState::Unknown, false),
            ("levitating", GuestState::Unknown, true),
        ] {
            assert_eq!(of_guest(Some(word)), (state, kept.then_some(word)));
        }
        assert_eq!(of_guest(None), (GuestState::Unknown, None));
    }

    #[test]
    fn a_node_without_a_word_is_online_when_it_has_an_uptime() {
        assert_eq!(of_node(None, true), NodeState::Online);
        assert_eq!(of_node(None, false), NodeState::Offline);
        assert_eq!(of_node(Some("online"), false), NodeState::Online);
        assert_eq!(of_node(Some("unknown"), true), NodeState::Silent);
        assert_eq!(of_node(Some("offline"), false), NodeState::Offline);
        assert_eq!(of_node(Some("dreaming"), true), NodeState::Unknown);
    }
}

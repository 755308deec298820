//! What a user can do, as data.

/// Something a user can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(
    missing_docs,
    reason = "the table below describes each for the user and the reader alike"
)]
pub enum Action {
    Up,
    Down,
    PageUp,
    PageDown,
    Top,
    Bottom,
    Open,
    Back,
    Jump,
    JumpBack,
    Timeline,
    Earlier,
    Later,
    Unmatched,
    Triage,
    Hosts,
    Containers,
    Web,
    Mail,
    Team,
    Tickets,
    NextTab,
    PreviousTab,
    NextSection,
    PreviousSection,
    Board,
    ShowClosed,
    MarkRead,
    MarkAllRead,
    Filter,
    ClearFilter,
    ProblemsOnly,
    SortPrevious,
    SortNext,
    SortReverse,
    Mark,
    ClearMarks,
    Apart,
    Reasons,
    Refresh,
    RefreshAll,
    Freeze,
    Sources,
    Review,
    Span,
    CopyValue,
    CopyLink,
    CopyContact,
    OpenLink,
    Palette,
    Help,
    Privacy,
    Mouse,
    Repaint,
    Reload,
    Suspend,
    Quit,
}

/// What is known of an action.
#[derive(Debug)]
pub struct About {
    /// The action.
    pub action: Action,
    /// Its name in `[keys]` and in the palette.
    pub name: &'static str,
    /// One or two words for the footer.
    pub label: &'static str,
    /// A sentence for help and palette.
    pub says: &'static str,
    /// Keys it has unless bound anew.
    pub keys: &'static [&'static str],
    /// Under which heading help lists it.
    pub group: Group,
}

/// Headings of the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// Moving about.
    Move,
    /// The tabs.
    Tabs,
    /// Choosing rows.
    Rows,
    /// Tickets only.
    Tickets,
    /// Data and sources.
    Data,
    /// The program.
    Program,
}

impl Group {
    /// All, in the order of the help.
    pub const ALL: [Self; 6] = [
        Self::Move,
        Self::Tabs,
        Self::Rows,
        Self::Tickets,
        Self::Data,
        Self::Program,
    ];

    /// The heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Move => "Move",
            Self::Tabs => "Tabs",
            Self::Rows => "Rows",
            Self::Tickets => "Tickets",
            Self::Data => "Data",
            Self::Program => "Program",
        }
    }
}

const fn about(
    action: Action,
    name: &'static str,
    label: &'static str,
    says: &'static str,
    keys: &'static [&'static str],
    group: Group,
) -> About {
    About {
        action,
        name,
        label,
        says,
        keys,
        group,
    }
}

/// Every action, in the order of the help. A row a line, so that it reads as the table it is.
#[rustfmt::skip]
pub static ACTIONS: [About; 57] = [
    about(Action::Up, "up", "up", "Row above", &["up", "k"], Group::Move),
    about(Action::Down, "down", "down", "Row below", &["down", "j"], Group::Move),
    about(Action::PageUp, "page-up", "page up", "A page up", &["pgup"], Group::Move),
    about(Action::PageDown, "page-down", "page down", "A page down", &["pgdn"], Group::Move),
    about(Action::Top, "top", "top", "First row", &["home", "g"], Group::Move),
    about(Action::Bottom, "bottom", "bottom", "Last row", &["end", "G"], Group::Move),
    about(Action::Open, "open", "details", "Details of this row; again: into the panel", &["enter"], Group::Move),
    about(Action::Back, "back", "back", "Out one level", &["esc"], Group::Move),
    about(Action::Jump, "jump", "go there", "To the row this one is about, in its tab", &["right", "l"], Group::Move),
    about(Action::JumpBack, "jump-back", "go back", "Back to where the last jump came from", &["backspace", "left", "h"], Group::Move),
    about(Action::Triage, "triage", "Triage", "What is wrong, worst first", &["0"], Group::Tabs),
    about(Action::Hosts, "hosts", "Hosts", "Nodes and monitored hosts", &["1"], Group::Tabs),
    about(Action::Containers, "containers", "Containers", "Containers and virtual machines", &["2"], Group::Tabs),
    about(Action::Web, "web", "Web", "Web services", &["3"], Group::Tabs),
    about(Action::Mail, "mail", "Mail", "Mail queues", &["4"], Group::Tabs),
    about(Action::Team, "team", "Team", "Who does what, who is on call", &["5"], Group::Tabs),
    about(Action::Tickets, "tickets", "Tickets", "Redmine, newest change first", &["6"], Group::Tabs),
    about(Action::NextTab, "next-tab", "next tab", "Next tab", &["tab", "]"], Group::Tabs),
    about(Action::PreviousTab, "previous-tab", "previous tab", "Previous tab", &["shift-tab", "["], Group::Tabs),
    about(Action::Timeline, "timeline", "timeline", "What went red and green over the last day", &["T"], Group::Tabs),
    about(Action::Earlier, "earlier", "earlier", "Triage as it was one change earlier", &["{"], Group::Tabs),
    about(Action::Later, "later", "later", "One change later, at last back to now", &["}"], Group::Tabs),
    about(Action::Unmatched, "unmatched", "unmatched", "What nobody monitors, what nobody owns", &["U"], Group::Tabs),
    about(Action::Filter, "filter", "filter", "Filter rows: words, field:value, field>number, -not", &["/"], Group::Rows),
    about(Action::ClearFilter, "clear-filter", "all rows", "Show all rows again", &["ctrl-u"], Group::Rows),
    about(Action::ProblemsOnly, "problems-only", "problems", "Only rows that are a problem", &["!"], Group::Rows),
    about(Action::SortPrevious, "sort-previous", "sort left", "Sort by the column to the left", &["<"], Group::Rows),
    about(Action::SortNext, "sort-next", "sort right", "Sort by the column to the right", &[">"], Group::Rows),
    about(Action::SortReverse, "sort-reverse", "reverse", "Reverse the order", &["-"], Group::Rows),
    about(Action::Mark, "mark", "mark", "Mark this row and go on", &["space"], Group::Rows),
    about(Action::ClearMarks, "clear-marks", "unmark", "Remove all marks", &["u"], Group::Rows),
    about(Action::Apart, "apart", "apart", "Take out from under its cause, or put back", &["x"], Group::Rows),
    about(Action::Reasons, "reasons", "why", "Tell in details why things belong together", &["w"], Group::Rows),
    about(Action::CopyValue, "copy", "copy", "Send the row's name to the terminal's clipboard", &["y"], Group::Rows),
    about(Action::CopyLink, "copy-link", "copy link", "Send the row's link to the terminal's clipboard", &["Y"], Group::Rows),
    about(Action::CopyContact, "copy-contact", "contacts", "Contacts of whom to call about this row, to copy one", &["C"], Group::Rows),
    about(Action::OpenLink, "open-link", "link", "Show the row's link, to click or copy", &["o"], Group::Rows),
    about(Action::NextSection, "next-section", "section", "Next section of the tickets", &[")", "shift-right"], Group::Tickets),
    about(Action::PreviousSection, "previous-section", "section", "Previous section of the tickets", &["(", "shift-left"], Group::Tickets),
    about(Action::Board, "board", "board", "The section as a board by status, or as a list", &["b"], Group::Tickets),
    about(Action::ShowClosed, "show-closed", "closed", "Unfold or fold what is closed on the board", &["X"], Group::Tickets),
    about(Action::MarkRead, "mark-read", "read", "Mark this change, or all of this ticket, read", &["m"], Group::Tickets),
    about(Action::MarkAllRead, "mark-all-read", "all read", "Mark the whole feed read", &["A"], Group::Tickets),
    about(Action::Refresh, "refresh", "refresh", "Ask the sources of this tab now", &["r", "f5"], Group::Data),
    about(Action::RefreshAll, "refresh-all", "refresh all", "Ask every source now", &["R"], Group::Data),
    about(Action::Freeze, "freeze", "freeze", "Hold the screen still, or let it go on", &["f"], Group::Data),
    about(Action::Sources, "sources", "sources", "What each source answers, how late, and why not", &["S"], Group::Data),
    about(Action::Review, "review", "to put right", "Who is on call, and what is to be put right in the team", &["W"], Group::Data),
    about(Action::Span, "span", "hour/day/week", "Graphs of the last hour, day or week", &["z"], Group::Data),
    about(Action::Palette, "palette", "command", "Find an action by name", &[":", "ctrl-p"], Group::Program),
    about(Action::Help, "help", "help", "This page", &["?", "f1"], Group::Program),
    about(Action::Privacy, "privacy", "privacy", "Mask private things on the screen", &["P"], Group::Program),
    about(Action::Mouse, "mouse", "mouse", "Let the mouse act here, or select text", &["f2"], Group::Program),
    about(Action::Repaint, "repaint", "repaint", "Draw the whole screen anew", &["ctrl-r"], Group::Program),
    about(Action::Reload, "reload", "reload", "Read the configuration again", &[], Group::Program),
    about(Action::Suspend, "suspend", "suspend", "Back to the shell; fg returns", &["ctrl-z"], Group::Program),
    about(Action::Quit, "quit", "quit", "Leave vigie", &["q", "ctrl-c"], Group::Program),
];

impl Action {
    /// What is known of it.
    pub fn about(self) -> &'static About {
        // The table is in the order of no promise; it is complete by test.
        ACTIONS
            .iter()
            .find(|a| a.action == self)
            .unwrap_or(&ACTIONS[0])
    }

    /// The action of that name.
    pub fn named(name: &str) -> Option<Self> {
        ACTIONS.iter().find(|a| a.name == name).map(|a| a.action)
    }

    /// The action that opens a tab.
    pub const fn of_tab(tab: crate::app::Tab) -> Self {
        use crate::app::Tab;
        match tab {
            Tab::Triage => Self::Triage,
            Tab::Hosts => Self::Hosts,
            Tab::Containers => Self::Containers,
            Tab::Web => Self::Web,
            Tab::Mail => Self::Mail,
            Tab::Team => Self::Team,
            Tab::Tickets => Self::Tickets,
            Tab::Timeline => Self::Timeline,
            Tab::Unmatched => Self::Unmatched,
        }
    }

    /// The tab that an action opens.
    pub fn tab(self) -> Option<crate::app::Tab> {
        crate::app::Tab::EVERY
            .into_iter()
            .find(|tab| Self::of_tab(*tab) == self)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_action_is_described_once_under_its_own_name() {
        let actions: HashSet<Action> = ACTIONS.iter().map(|a| a.action).collect();
        let names: HashSet<&str> = ACTIONS.iter().map(|a| a.name).collect();
        assert_eq!(actions.len(), ACTIONS.len());
        assert_eq!(names.len(), ACTIONS.len());
        // `Quit` is the last variant: as many entries as variants.
        assert_eq!(ACTIONS.len(), Action::Quit as usize + 1);
        for about in &ACTIONS {
            assert_eq!(about.action.about().name, about.name);
            assert_eq!(Action::named(about.name), Some(about.action));
        }
    }

    #[test]
    fn no_default_key_fights_the_terminal_or_tmux() {
        for key in ACTIONS.iter().flat_map(|a| a.keys) {
            let banned = [
                "ctrl-a", "ctrl-b", "ctrl-h", "ctrl-j", "ctrl-k", "ctrl-l", "ctrl-s", "ctrl-q",
                "ctrl-d",
            ];
            assert!(!banned.contains(key), "{key}");
            assert!(!key.starts_with("alt-"), "{key}");
        }
    }
}

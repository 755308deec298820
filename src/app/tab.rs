//! The tabs.

/// A tab, in the order of its digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tab {
    /// Problems, worst first.
    Triage,
    /// Nodes and monitored hosts.
    Hosts,
    /// Guests.
    Containers,
    /// Web services.
    Web,
    /// Mail queues.
    Mail,
    /// People.
    Team,
    /// Tickets.
    Tickets,
    /// What happened over the last day. Without a digit.
    Timeline,
    /// What belongs to nothing and should. Without a digit.
    Unmatched,
}

impl Tab {
    /// Number of all, with and without a digit.
    pub const COUNT: usize = 9;

    /// All, those without a digit last.
    pub const EVERY: [Self; Self::COUNT] = [
        Self::Triage,
        Self::Hosts,
        Self::Containers,
        Self::Web,
        Self::Mail,
        Self::Team,
        Self::Tickets,
        Self::Timeline,
        Self::Unmatched,
    ];

    /// The tabs of the header, in order.
    pub const ALL: [Self; 7] = [
        Self::Triage,
        Self::Hosts,
        Self::Containers,
        Self::Web,
        Self::Mail,
        Self::Team,
        Self::Tickets,
    ];

    /// Its place among all, which is also the digit that opens it.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// What it is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Triage => "Triage",
            Self::Hosts => "Hosts",
            Self::Containers => "Containers",
            Self::Web => "Web",
            Self::Mail => "Mail",
            Self::Team => "Team",
            Self::Tickets => "Tickets",
            Self::Timeline => "Timeline",
            Self::Unmatched => "Unmatched",
        }
    }

    /// The tab with this digit.
    pub fn at(index: usize) -> Option<Self> {
        Self::ALL.get(index).copied()
    }

    /// The tab after this one, around the end.
    pub fn next(self) -> Self {
        Self::at(self.index() + 1).unwrap_or(Self::Triage)
    }

    /// The tab before this one, around the start.
    pub fn previous(self) -> Self {
        let before = self.index().checked_sub(1);
        before.and_then(Self::at).unwrap_or(Self::Tickets)
    }
}

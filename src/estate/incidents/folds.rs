//! For each problem, where it is among the incidents: for tables that show problems by incident.

use super::{Incident, small};

/// Where a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// It is the cause of the incident at this position.
    Cause(u32),
    /// It is explained by another, in the incident at this position.
    Below(u32),
    /// It may be a short-lived flap and is in no incident yet.
    Held,
}

impl Fold {
    /// The incident's position.
    pub const fn incident(self) -> Option<u32> {
        match self {
            Self::Cause(at) | Self::Below(at) => Some(at),
            Self::Held => None,
        }
    }
}

/// The places of this many problems.
pub fn of(problems: usize, incidents: &[Incident]) -> Vec<Fold> {
    let mut folds = vec![Fold::Held; problems];
    for (at, incident) in incidents.iter().enumerate() {
        let mut set = |problem: u32, fold| {
            if let Some(place) = folds.get_mut(problem as usize) {
                *place = fold;
            }
        };
        for below in &incident.below {
            set(below.problem, Fold::Below(small(at)));
        }
        set(incident.cause, Fold::Cause(small(at)));
    }
    folds
}

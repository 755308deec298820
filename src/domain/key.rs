//! What a row is, whatever its position: the cursor, marks and jumps hold on to it.

use serde::{Deserialize, Serialize};

use super::{SourceId, Text};

/// The identity of a row, stable over refreshes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Key {
    /// A host by its name within its source.
    Host(SourceId, Text),
    /// A guest by its VMID, unique within a Proxmox cluster.
    Guest(SourceId, u32),
    /// A web service by its URL or, without one, by its Checkmk host and service.
    Web(Text),
    /// A mail queue by its name within its source.
    Queue(SourceId, Text),
    /// A person by login.
    Person(Text),
    /// A Redmine issue.
    Ticket(SourceId, u64),
    /// A change of a Redmine issue: the issue and its journal, 0 for its opening.
    Change(SourceId, u64, u64),
    /// A problem by what is wrong (not by how bad it is).
    Problem(Text),
    /// Something that happened, by when and to what.
    Event(super::Moment, Text),
}

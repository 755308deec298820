//! Sections of the tickets, and the columns of their board.

use std::collections::HashSet;

use crate::domain::person::Date;
use crate::domain::section::{Answer, Assignee, Doubt, Filter, Section, View};
use crate::domain::ticket::Project;
use crate::domain::{Batch, Moment, Reading, SourceId};

use super::{Estate, SourceState, TicketRow};

/// What the section with every ticket is called.
pub const ALL: &str = "All";

/// A section.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SectionRow {
    /// What it is called.
    pub name: String,
    /// Its tickets, as positions among the estate's.
    pub rows: Vec<u32>,
    /// There are more that were not read.
    pub more: bool,
    /// What only the server can tell was not told yet.
    pub untold: bool,
    /// Why it may not show what it should.
    pub doubts: Vec<(SourceId, Doubt)>,
}

/// A status, as a column of the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// What it is called.
    pub name: String,
    /// It closes.
    pub closes: bool,
}

fn batch(source: &SourceState, reading: Reading) -> Option<&Batch> {
    source.feed(reading).and_then(super::Feed::batch)
}

/// Answers of a source about its sections.
pub(super) fn answers(source: &SourceState) -> &[Answer] {
    match batch(source, Reading::Sections) {
        Some(Batch::Sections(sections)) => &sections.answers,
        _ => &[],
    }
}

/// The sections of all sources in their order, those of one name together, and one of everything.
pub fn rows(
    estate: &Estate,
    configured: &[(SourceId, Vec<Section>)],
    today: Date,
    now: Moment,
) -> Vec<SectionRow> {
    let mut rows: Vec<SectionRow> = Vec::new();
    for (id, sections) in configured {
        let Some(source) = estate.source(*id) else {
            continue;
        };
        let (me, projects): (Option<u64>, &[Project]) = match batch(source, Reading::Projects) {
            Some(Batch::Projects(read)) => (read.me.as_ref().map(|me| me.id), &read.projects),
            _ => (None, &[]),
        };
        let beyond = matches!(batch(source, Reading::Tickets), Some(Batch::Tickets(t)) if t.more);
        let view = View {
            me,
            groups: &[],
            projects,
            today,
            now,
        };
        for section in sections {
            let at = rows.iter().position(|row| row.name == section.name);
            let at = at.unwrap_or_else(|| {
                rows.push(SectionRow {
                    name: section.name.clone(),
                    ..SectionRow::default()
                });
                rows.len() - 1
            });
            let Some(row) = rows.get_mut(at) else {
                continue;
            };
            let answer = answers(source).iter().find(|a| *a.section == *section.name);
            fill(row, estate, *id, section, answer, &view);
            row.more |= answer.map_or(beyond && section.is_told(), |answer| answer.more);
        }
    }
    if !configured.is_empty() {
        let more = estate.sources.iter().any(
            |source| matches!(batch(source, Reading::Tickets), Some(Batch::Tickets(t)) if t.more),
        );
        rows.push(SectionRow {
            name: ALL.to_owned(),
            rows: (0..u32::try_from(estate.tickets.len()).unwrap_or(u32::MAX)).collect(),
            more,
            ..SectionRow::default()
        });
    }
    for row in &mut rows {
        row.rows.sort_unstable();
        row.rows.dedup();
    }
    rows
}

/// Adds the tickets of a source that belong to a section.
fn fill(
    row: &mut SectionRow,
    estate: &Estate,
    source: SourceId,
    section: &Section,
    answer: Option<&Answer>,
    view: &View<'_>,
) {
    let told: Option<HashSet<u64>> =
        answer.map(|answer| answer.tickets.iter().map(|ticket| ticket.id).collect());
    row.untold |= told.is_none() && (section.is_told() || section.assignee == Some(Assignee::Me));
    (row.doubts).extend(
        answer
            .iter()
            .flat_map(|a| &a.doubts)
            .map(|d| (source, d.clone())),
    );
    let is_told = |ticket: &TicketRow| {
        let told = told.as_ref();
        told.is_some_and(|told| told.contains(&ticket.ticket.id))
    };
    for (index, ticket) in estate.tickets.iter().enumerate() {
        if ticket.source != source || (section.is_told() && !is_told(ticket)) {
            continue;
        }
        let fits = match section.misfit(&ticket.ticket, ticket.closed, view) {
            None => true,
            // Assigned to one of my groups: only the server knows which these are.
            Some(Filter::Assignee) => {
                section.assignee == Some(Assignee::Me)
                    && ticket.ticket.assignee.is_some()
                    && is_told(ticket)
            }
            Some(_) => false,
        };
        if fits {
            row.rows.extend(u32::try_from(index));
        }
    }
}

/// Statuses of all sources in the order of their server; then those that only tickets know of.
pub fn statuses(estate: &Estate) -> Vec<Status> {
    let mut statuses: Vec<Status> = Vec::new();
    let mut add = |name: &str, closes: bool| {
        if statuses.iter().all(|known| known.name != name) {
            statuses.push(Status {
                name: name.to_owned(),
                closes,
            });
        }
    };
    for source in &estate.sources {
        if let Some(Batch::Projects(projects)) = batch(source, Reading::Projects) {
            for (status, closes) in &projects.statuses {
                add(&status.name, *closes);
            }
        }
    }
    for row in &estate.tickets {
        add(&row.ticket.status.name, row.closed);
    }
    statuses
}

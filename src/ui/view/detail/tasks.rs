//! What was done on a node or to a guest, newest first.

use crate::app::App;
use crate::domain::task::{Task, TaskEnd};
use crate::domain::{Reading, Severity, SourceId};
use crate::ui::words;

use super::provenance;
use super::sheet::Sheet;

/// Most tasks named.
const MOST: usize = 8;

/// Writes the last tasks of a Proxmox source that `fits` lets through. `named`: their subjects are told.
pub fn write(
    sheet: &mut Sheet<'_>,
    app: &App,
    source: SourceId,
    named: bool,
    fits: impl Fn(&Task) -> bool,
) {
    let tasks = app.estate.tasks(source);
    let mut found = tasks.iter().filter(|task| fits(task)).take(MOST).peekable();
    if found.peek().is_none() {
        return;
    }
    sheet.heading("Tasks");
    sheet.rests_on(provenance::freshness(app, (source, Reading::Tasks)));
    for task in found {
        let at = task.ended.or(task.started);
        let age = match at.and_then(|at| at.age(app.now)) {
            Some(age) => words::duration_short(age),
            None => words::UNKNOWN.to_owned(),
        };
        let mut spans = Vec::new();
        if named && let Some(subject) = &task.subject {
            let name = task.vmid().and_then(|vmid| name_of(app, source, vmid));
            spans.push(match name {
                Some(name) => sheet.text(format!("{subject} {name} ")),
                None => sheet.text(format!("{subject} ")),
            });
        }
        spans.push(sheet.text(done(task)));
        spans.push(sheet.dim(format!(" by {}, ", task.user)));
        let end = words::task_end(&task.end);
        spans.push(match &task.end {
            TaskEnd::Ok => sheet.dim(end),
            TaskEnd::Running => sheet.severe(Severity::Info, end),
            TaskEnd::Warnings(_) | TaskEnd::Unknown | TaskEnd::Failed(_) => {
                sheet.severe(Severity::Warning, end)
            }
        });
        sheet.item(4, &sheet.dim(format!("{age:>4}")), &spans);
    }
}

/// `shut down`, or the kind as Proxmox writes it.
pub fn done(task: &Task) -> &str {
    words::task_kind(&task.kind).unwrap_or(&task.kind)
}

/// The name of a guest.
fn name_of(app: &App, source: SourceId, vmid: u32) -> Option<&str> {
    let row = app
        .estate
        .guest_row(&crate::domain::Key::Guest(source, vmid))?;
    app.estate.guest(row.place)?.name.as_deref()
}

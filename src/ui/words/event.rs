//! What happened, in one line.

use crate::domain::Severity;
use crate::domain::task::{Task, TaskEnd};
use crate::estate::timeline::events::Course;
use crate::estate::timeline::{Role, Standing, Turn};
use crate::estate::{Estate, Event, Handled, Happened};

/// What happened, to stand beside its subject: `stopped`, `over after 12m: stopped`.
pub fn event(estate: &Estate, event: &Event) -> String {
    match &event.happened {
        Happened::Wrong {
            turn,
            first_of,
            found,
        } => {
            let said = after(turn).map_or_else(String::new, |s| super::what(&s.what));
            let first = first_of.map_or_else(String::new, |n| format!("red first, of {n}: "));
            // What tells itself since when needs no more words.
            let found = if *found && event.at == turn.at {
                " (so when vigie began)"
            } else {
                ""
            };
            format!("{first}{said}{found}")
        }
        Happened::Changed(turn, course) => changed(turn, *course),
        Happened::Over {
            turn,
            lasted,
            unwatched,
        } => {
            let was = turn.before.as_deref();
            let was = was.map_or_else(String::new, |s| super::what(&s.what));
            match (unwatched, lasted) {
                (true, _) => format!("over, nobody saw when; was {was}"),
                (false, Some(lasted)) => {
                    format!("over after {}; was {was}", super::duration(*lasted))
                }
                (false, None) => format!("over; was {was}"),
            }
        }
        Happened::Task(at) => event
            .source
            .and_then(|source| estate.tasks(source).get(*at as usize))
            .map_or_else(|| "a task".to_owned(), task),
        Happened::Created(at) => ticket(estate, *at, |ticket| match &ticket.author {
            Some(author) => format!("written by {}", author.name),
            None => "written".to_owned(),
        }),
        Happened::Updated(at) => ticket(estate, *at, |ticket| {
            let assignee = ticket.assignee.as_ref();
            let assignee = assignee.map_or("nobody", |who| who.name.as_str());
            format!("changed, now {}, {assignee}", ticket.status.name)
        }),
        Happened::Began => "began to watch".to_owned(),
        Happened::Ended => "stopped watching; what came after was not seen".to_owned(),
    }
}

fn after(turn: &Turn) -> Option<&Standing> {
    turn.after.as_deref()
}

fn changed(turn: &Turn, course: Course) -> String {
    let Some(now) = after(turn) else {
        return String::new();
    };
    let said = super::what(&now.what);
    let severity = match now.severity {
        Severity::Ok => "fine",
        other => super::severity(other),
    };
    match course {
        Course::Worse => format!("worse, now {severity}: {said}"),
        Course::Better => format!("better, now {severity}: {said}"),
        Course::Handled => format!("{}: {said}", handled(now)),
        Course::Unhandled => format!("nobody is on it any more: {said}"),
        Course::Otherwise => format!("now: {said}"),
    }
}

fn handled(now: &Standing) -> &'static str {
    let lead = match &now.role {
        Role::Cause(lead) => lead.handled,
        Role::Below { .. } => None,
    };
    match lead {
        Some(Handled::Expected) => "expected",
        Some(Handled::Downtime) => "in downtime",
        None if now.handling.downtime => "in downtime",
        Some(Handled::Acknowledged) | None => "acknowledged",
    }
}

/// `shut down by anne@pam (vzshutdown, ok after 3s)`.
fn task(task: &Task) -> String {
    let did = super::task_kind(&task.kind).unwrap_or(&task.kind);
    let end = super::task_end(&task.end);
    let lasted = task.started.zip(task.ended).map(|(from, to)| {
        let lasted = to.until(from);
        format!(" after {}", super::duration_short(lasted))
    });
    let lasted = lasted.filter(|_| task.end != TaskEnd::Running);
    format!(
        "{did} by {} ({}, {end}{})",
        task.user,
        task.kind,
        lasted.unwrap_or_default()
    )
}

fn ticket(
    estate: &Estate,
    at: u32,
    say: impl Fn(&crate::domain::ticket::Ticket) -> String,
) -> String {
    let row = estate.tickets.get(at as usize);
    row.map_or_else(String::new, |row| say(&row.ticket))
}

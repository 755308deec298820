//! Problems: what is wrong in full, what it is about, whom to call, what else is wrong there.

use crate::app::App;
use crate::app::columns::team::day_and_time;
use crate::domain::problem::{Problem, What};
use crate::domain::{Freshness, Key, SourceKind};
use crate::estate::{Estate, HostRow, Incident, Why};
use crate::ui::words;

use super::provenance::{self, Root};
use super::sheet::Sheet;
use super::ties::{self, Ties};
use super::{guest, host, monitored, queue, web, who};

/// Most other problems named.
const MOST: usize = 8;

/// What it is about.
pub fn title(estate: &Estate, index: usize) -> Option<String> {
    estate.problems.get(index).map(|p| p.subject.to_string())
}

/// The answers it rests on.
pub fn roots(estate: &Estate, index: usize) -> Vec<Root> {
    let own = (crate::app::columns::triage::TABLE.own)(estate, index);
    own.into_iter().collect()
}

/// Writes all of it.
pub fn write(sheet: &mut Sheet<'_>, app: &App, index: usize) {
    let estate = &app.estate;
    let Some(problem) = estate.problems.get(index) else {
        return;
    };
    write_problem(sheet, app, problem, index);
    write_incident(sheet, app, index);
    if let Some(key) = &problem.about {
        write_row(sheet, app, problem, key);
        Ties::of(estate, key).write(sheet, app);
        write_others(sheet, app, problem, key, index);
    } else {
        sheet.gap();
        who::write(sheet, app, None);
    }
}

/// `■ critical for 11m, since Sat 21:36`, and the words for it.
fn write_problem(sheet: &mut Sheet<'_>, app: &App, problem: &Problem, index: usize) {
    let roots = roots(&app.estate, index);
    // That a source cannot be read is known now, whatever the source says.
    let freshness = roots
        .first()
        .map_or(Freshness::Fresh, |root| provenance::freshness(app, *root));
    sheet.rests_on(freshness);
    let mut spans = sheet.state(problem.severity, words::severity(problem.severity));
    // The row is as bad as the worst that hangs on it; both are said.
    let whole = app
        .estate
        .incident_of(index)
        .filter(|incident| incident.cause as usize == index)
        .map(|incident| incident.severity)
        .filter(|severity| *severity > problem.severity);
    if let Some(whole) = whole {
        let mut both = sheet.state(whole, words::severity(whole));
        both.push(sheet.dim(" with what hangs on it; itself "));
        both.append(&mut spans);
        spans = both;
    }
    if let Some(since) = problem.since {
        spans.extend(monitored::since(sheet, Some(since), app.now));
        let clock = day_and_time(since, &app.context());
        spans.push(sheet.dim(format!(", since {clock}")));
    }
    sheet.words(&spans);
    if roots.is_empty() {
        let name = app.estate.source_name(problem.source);
        sheet.words(&[sheet.dim(format!("seen by vigie itself, reading {name}"))]);
    } else {
        provenance::write(sheet, app, &roots);
    }
    sheet.gap();
    match &problem.what {
        What::Blind(failure) if problem.about.is_none() => {
            let said = words::failure(failure);
            sheet.words(&[sheet.text(said.what)]);
            for line in said.next.iter().flat_map(|next| next.lines()) {
                sheet.words(&[sheet.dim(line)]);
            }
            write_blind(sheet, app, problem);
        }
        _ if is_told_by_row(problem) => {}
        what => sheet.words(&[sheet.text(words::what(what))]),
    }
    if matches!(problem.what, What::StorageFull(_) | What::StorageInactive) {
        host::write_storage_of(sheet, app, problem.source, &problem.subject);
    }
    if let Some(handling) = monitored::handling(problem.handling) {
        sheet.gap();
        sheet.words(&[sheet.dim(handling)]);
    }
}

/// Whether the row itself tells in full what is wrong with it.
fn is_told_by_row(problem: &Problem) -> bool {
    problem.about.is_some()
        && matches!(
            problem.what,
            What::NodeOffline
                | What::NodeSilent
                | What::GuestStopped { .. }
                | What::GuestIoError
                | What::GuestCrashed
                | What::GuestUnseen
                | What::Probe(_)
                | What::Web(..)
                | What::QueueDown(_)
                | What::Blind(_)
        )
}

/// What a source that cannot be read leaves in the dark.
fn write_blind(sheet: &mut Sheet<'_>, app: &App, problem: &Problem) {
    let Some(source) = app.estate.source(problem.source) else {
        return;
    };
    sheet.heading("What it leaves unknown");
    for feed in &source.feeds {
        let freshness = feed.freshness(app.now);
        let style = sheet.theme().freshness(freshness);
        let sign = ratatui::text::Span::styled(sheet.glyphs().freshness(freshness), style);
        let said = match &feed.good {
            Some(good) => {
                let what = match source.kind {
                    SourceKind::Roster => "entries",
                    _ => "rows",
                };
                format!(
                    "{}: {} {what} of {}",
                    feed.reading.name(),
                    good.batch.len(),
                    words::age(Some(good.at), app.now)
                )
            }
            None => format!("{}: never read", feed.reading.name()),
        };
        sheet.item(1, &sign, &[sheet.text(said)]);
    }
    let next = source.feeds.iter().filter_map(|f| f.next).min();
    sheet.gap();
    sheet.words(&[sheet.dim(match next {
        Some(next) => format!("Asked again {}.", words::until(next, app.now)),
        None => "Not asked again by itself: r asks now.".to_owned(),
    })]);
}

/// The row a problem is about, in short; under its name, unless the problem is all about it.
fn write_row(sheet: &mut Sheet<'_>, app: &App, problem: &Problem, key: &Key) {
    let estate = &app.estate;
    let heading = |sheet: &mut Sheet<'_>, title: &str| {
        if is_told_by_row(problem) || *problem.subject == *title {
            sheet.gap();
        } else {
            sheet.heading(title);
        }
    };
    match key {
        Key::Guest(source, vmid) => {
            let at = estate
                .guests
                .binary_search_by_key(&(*source, *vmid), |g| (g.place.source, g.vmid));
            if let Ok(index) = at
                && let Some(title) = guest::title(estate, index)
            {
                heading(sheet, &title);
                guest::write_short(sheet, app, index);
            }
        }
        Key::Host(source, name) => {
            let is = |h: &HostRow| h.source == *source && h.name == *name;
            let at = estate.hosts.iter().position(is);
            if let Some(index) = at
                && let Some(title) = host::title(estate, index)
            {
                heading(sheet, &title);
                host::write_short(sheet, app, index);
            }
        }
        Key::Web(name) => {
            if let Some(index) = estate.web.iter().position(|w| w.name == *name) {
                heading(sheet, name);
                web::write_short(sheet, app, index);
            }
        }
        Key::Queue(..) => {
            let at = estate.queues.iter().position(|q| q.key() == *key);
            if let Some(index) = at
                && let Some(title) = queue::title(estate, index)
            {
                heading(sheet, &title);
                queue::write_short(sheet, app, index);
            }
        }
        Key::Person(_) | Key::Ticket(..) | Key::Change(..) | Key::Problem(_) | Key::Event(..) => {}
    }
}

/// What else is wrong with the same row, with what it runs on, and with what runs on it.
fn write_others(sheet: &mut Sheet<'_>, app: &App, problem: &Problem, key: &Key, index: usize) {
    let estate = &app.estate;
    let mut related = vec![key.clone()];
    if let Key::Web(name) = key {
        let site = estate.web.iter().find(|w| w.name == *name);
        related.extend(site.and_then(|w| w.guest.clone()));
    }
    if let Some(guest @ Key::Guest(..)) = related.last().cloned() {
        related.extend(ties::sites_on(estate, &guest).map(crate::estate::WebRow::key));
    }
    let others: Vec<(usize, &Problem)> = estate
        .problems
        .iter()
        .enumerate()
        .filter(|(_, other)| {
            other
                .about
                .as_ref()
                .is_some_and(|about| related.contains(about))
        })
        .filter(|(_, other)| other.key != problem.key)
        // What belongs to the same incident was told above.
        .filter(|(at, _)| !same_incident(estate, index, *at))
        .collect();
    if others.is_empty() {
        return;
    }
    sheet.heading("Also wrong there");
    for (index, other) in others.iter().take(MOST) {
        write_other(sheet, app, *index, other, None);
    }
    sheet.more(others.len(), MOST);
}

fn same_incident(estate: &Estate, one: usize, other: usize) -> bool {
    let of = |index: usize| estate.folds.get(index).and_then(|fold| fold.incident());
    of(one).is_some_and(|incident| of(other) == Some(incident))
}

/// Another problem in a line, and why it is there.
fn write_other(
    sheet: &mut Sheet<'_>,
    app: &App,
    index: usize,
    other: &Problem,
    because: Option<&str>,
) {
    let freshness = (roots(&app.estate, index).first())
        .map_or(Freshness::Fresh, |root| provenance::freshness(app, *root));
    sheet.rests_on(freshness);
    let handled = other.handling.is_handled();
    let sign = if handled {
        sheet.dim(sheet.glyphs().severity(other.severity))
    } else {
        sheet.sign(other.severity)
    };
    let mut spans = vec![
        if handled {
            sheet.dim(other.subject.as_str())
        } else {
            sheet.text(other.subject.as_str())
        },
        sheet.dim(format!("  {}", words::what(&other.what))),
    ];
    if let Some(age) = other.since.and_then(|at| at.age(app.now)) {
        spans.push(sheet.dim(format!("  {}", words::duration_short(age))));
    }
    if let Some(because) = because {
        spans.push(sheet.dim(format!("  ({because})")));
    }
    sheet.item(1, &sign, &spans);
}

/// What a problem hangs on: its direct cause with the reason, and the cause of all.
fn write_above(sheet: &mut Sheet<'_>, app: &App, incident: &Incident, index: usize) {
    let problems = &app.estate.problems;
    let below = incident.below.iter().find(|b| b.problem as usize == index);
    sheet.heading("Hangs on");
    if let Some(below) = below
        && let Some(direct) = problems.get(below.under as usize)
    {
        let because = Some(below.because);
        write_other(sheet, app, below.under as usize, direct, because);
        if below.under == incident.cause {
            return;
        }
    }
    if let Some(cause) = incident.cause(&app.estate) {
        write_other(sheet, app, incident.cause as usize, cause, None);
    }
}

/// What the incident is made of: why it is there, what hangs on the cause, or what this one hangs on.
fn write_incident(sheet: &mut Sheet<'_>, app: &App, index: usize) {
    let estate = &app.estate;
    let Some(incident) = estate.incident_of(index) else {
        return;
    };
    if incident.cause as usize != index {
        write_above(sheet, app, incident, index);
        return;
    }
    let apart = estate
        .problems
        .get(index)
        .and_then(|p| app.apart.get(&p.key));
    if let Some(apart) = apart {
        sheet.heading("Taken out");
        sheet.words(&[
            sheet.text(format!("It was folded under {} because ", apart.cause)),
            sheet.text(apart.because),
            sheet.text("; you have taken it out for this session."),
        ]);
    }
    // Who stopped a guest is told with the guest.
    let told = (estate.problems.get(index))
        .is_some_and(|p| matches!(p.what, What::GuestStopped { task: Some(_), .. }));
    match incident.why.as_ref().filter(|_| !told) {
        Some(Why::Task { task, expected }) => {
            let did = words::task_kind(&task.kind).unwrap_or(&task.kind);
            let at = task.ended.or(task.started);
            let end = words::task_end(&task.end);
            let said = format!(
                "{did} by {} {} ({}, {end}){}",
                task.user,
                words::age(at, app.now),
                task.kind,
                if *expected { ", so it is expected" } else { "" }
            );
            sheet.gap();
            sheet.fact("Why", &[sheet.text(said)]);
        }
        Some(Why::Locked(lock)) => {
            sheet.gap();
            sheet.fact(
                "Why",
                &[sheet.text(format!("locked for {lock}, so it is expected"))],
            );
        }
        None => {}
    }
    if incident.below.is_empty() {
        return;
    }
    sheet.heading(&format!("What hangs on it: {}", incident.below.len()));
    for below in incident.below.iter().take(MOST) {
        if let Some(other) = estate.problems.get(below.problem as usize) {
            write_other(
                sheet,
                app,
                below.problem as usize,
                other,
                Some(below.because),
            );
        }
    }
    sheet.more(incident.below.len(), MOST);
}

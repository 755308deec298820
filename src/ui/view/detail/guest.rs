//! Containers: what a guest is and does, who stopped it, what runs on it.

use crate::app::{App, columns};
use crate::domain::guest::{Guest, GuestKind, GuestState};
use crate::domain::{Bytes, Fraction, Reading, Severity};
use crate::estate::{Estate, GuestRow};
use crate::ui::words;

use super::provenance::{self, Root};
use super::sheet::Sheet;
use super::ties::{self, Ties};
use super::{graphs, monitored, tasks};

/// `golem/105 wiki`.
pub fn title(estate: &Estate, index: usize) -> Option<String> {
    let guest = estate.guest(estate.guests.get(index)?.place)?;
    Some(match &guest.name {
        Some(name) => format!("{}/{} {name}", guest.node, guest.vmid),
        None => format!("{}/{}", guest.node, guest.vmid),
    })
}

/// The answers it rests on.
pub fn roots(estate: &Estate, index: usize) -> Vec<Root> {
    let Some(row) = estate.guests.get(index) else {
        return Vec::new();
    };
    let source = row.place.source;
    let mut roots = vec![(source, Reading::Resources), (source, Reading::Tasks)];
    if let Some(at) = row.monitored {
        roots.push((at.source, Reading::MonitoredHosts));
    }
    roots
}

/// Writes all of it.
pub fn write(sheet: &mut Sheet<'_>, app: &App, index: usize) {
    let estate = &app.estate;
    let Some((row, guest)) = find(estate, index) else {
        return;
    };
    write_state(sheet, app, index);
    sheet.words(&[sheet.dim(lead(guest))]);
    provenance::write(sheet, app, &roots(estate, index));
    sheet.gap();
    write_figures(sheet, app, index);
    write_backup(sheet, app, row, guest);
    sheet.rests_on(own_freshness(app, row));
    sheet.fact_if("Tags", guest.tags.as_ref());
    if let Some(lock) = &guest.lock {
        let word = format!("{} {lock}", sheet.glyphs().lock);
        sheet.fact("Lock", &[sheet.severe(Severity::Info, word)]);
    }
    sheet.fact_if("Pool", guest.pool.as_ref());
    sheet.fact_if("HA", guest.ha.as_ref());
    Ties::of(estate, &row.key()).write(sheet, app);
    if guest.state != GuestState::Template {
        graphs::write(sheet, app);
    }
    write_sites(sheet, app, row);
    if let Some(at) = row.monitored {
        monitored::write(sheet, app, at);
    }
    tasks::write(sheet, app, row.place.source, false, |task| {
        task.vmid() == Some(row.vmid)
    });
}

/// Writes what matters of it where something else is told.
pub fn write_short(sheet: &mut Sheet<'_>, app: &App, index: usize) {
    let Some((_, guest)) = find(&app.estate, index) else {
        return;
    };
    write_state(sheet, app, index);
    sheet.words(&[sheet.dim(lead(guest))]);
    write_figures(sheet, app, index);
}

fn find(estate: &Estate, index: usize) -> Option<(&GuestRow, &Guest)> {
    let row = estate.guests.get(index)?;
    Some((row, estate.guest(row.place)?))
}

fn own_freshness(app: &App, row: &GuestRow) -> crate::domain::Freshness {
    provenance::freshness(app, (row.place.source, Reading::Resources))
}

/// `LXC container 105 on golem, 4 cores`.
fn lead(guest: &Guest) -> String {
    let kind = match guest.kind {
        GuestKind::Lxc => "LXC container",
        GuestKind::Qemu => "KVM machine",
        GuestKind::OpenVz => "OpenVZ container",
    };
    format!("{kind} {} on {}", guest.vmid, guest.node)
}

/// `■ stopped, shut down by anne@pam 12m ago (vzshutdown)`.
fn write_state(sheet: &mut Sheet<'_>, app: &App, index: usize) {
    let estate = &app.estate;
    let Some((row, guest)) = find(estate, index) else {
        return;
    };
    sheet.rests_on(own_freshness(app, row));
    let severity = columns::containers::severity(estate, index);
    let mut spans = sheet.state(severity, words::guest_state(guest.state));
    if let Some(word) = &guest.state_word {
        spans.push(sheet.dim(format!(" (the server says {word})")));
    }
    let task = row
        .stopped_by
        .and_then(|at| estate.tasks(row.place.source).get(at as usize));
    if let Some(task) = task {
        let at = task.ended.or(task.started);
        let ago = words::age(at, app.now);
        spans.push(sheet.text(format!(
            ", {} by {} {ago} ({})",
            tasks::done(task),
            task.user,
            task.kind
        )));
    } else if let Some(what) = explained(guest.state) {
        spans.push(sheet.dim(format!(": {what}")));
    }
    sheet.words(&spans);
}

/// What a state means, where its word does not say it.
const fn explained(state: GuestState) -> Option<&'static str> {
    Some(match state {
        GuestState::Paused => "a person or a task holds it",
        GuestState::Mounted => "its file system is mounted, nothing runs",
        GuestState::IoError => "its disk failed under it; often a storage is full",
        GuestState::Crashed => "it or its kernel gave up",
        GuestState::NodeGone => "its node is not there; this is the last known",
        GuestState::Unknown => "its node tells nothing of it",
        GuestState::Running | GuestState::Stopped | GuestState::Template => return None,
    })
}

fn write_figures(sheet: &mut Sheet<'_>, app: &App, index: usize) {
    let Some((row, guest)) = find(&app.estate, index) else {
        return;
    };
    sheet.rests_on(own_freshness(app, row));
    let runs = guest.state == GuestState::Running;
    let cores = guest
        .cores
        .map(|cores| format!("of {} {}", cores.get(), plural(cores.get(), "core")));
    let cpu = guest.cpu.filter(|_| runs).map(Fraction::get);
    if cpu.is_some() || cores.is_some() {
        let words = cores.unwrap_or_default();
        let words = if cpu.is_some() {
            words
        } else {
            words.trim_start_matches("of ").to_owned()
        };
        sheet.meter("CPU", cpu, &[sheet.text(words)]);
    }
    used(
        sheet,
        "Memory",
        guest.memory.filter(|_| runs),
        guest.memory_limit,
    );
    let disk = guest.disk.filter(|_| guest.kind != GuestKind::Qemu);
    used(sheet, "Disk", disk, guest.disk_size);
    if let Some(uptime) = guest.uptime.filter(|_| runs) {
        sheet.fact("Up", &[sheet.text(words::duration(uptime))]);
    }
}

fn plural(number: f64, thing: &str) -> String {
    if (number - 1.0).abs() < f64::EPSILON {
        thing.to_owned()
    } else {
        format!("{thing}s")
    }
}

/// Writes what is used of what there is.
pub fn used(sheet: &mut Sheet<'_>, label: &str, used: Option<Bytes>, all: Option<Bytes>) {
    let part = used
        .zip(all)
        .and_then(|(used, all)| Fraction::of(used, all))
        .map(Fraction::get);
    let said = match (used, all) {
        (Some(used), Some(all)) if all.0 > 0 => words::bytes_of(used, all),
        (Some(used), _) => words::bytes(used),
        (None, Some(all)) => words::bytes(all),
        (None, None) => return,
    };
    sheet.meter(label, part, &[sheet.text(said)]);
}

fn write_backup(sheet: &mut Sheet<'_>, app: &App, row: &GuestRow, guest: &Guest) {
    if guest.state == GuestState::Template {
        return;
    }
    let root = (row.place.source, Reading::Tasks);
    sheet.rests_on(provenance::freshness(app, root));
    let said = match row.backup {
        Some(backup) => {
            let ago = words::age(Some(backup.at), app.now);
            if backup.ok {
                vec![sheet.text(format!("{ago}, ok"))]
            } else {
                vec![
                    sheet.sign(Severity::Warning),
                    sheet.severe(Severity::Warning, format!("{ago}, failed")),
                ]
            }
        }
        None => vec![sheet.dim("no task tells of one")],
    };
    sheet.fact("Backup", &said);
}

fn write_sites(sheet: &mut Sheet<'_>, app: &App, row: &GuestRow) {
    let key = row.key();
    let mut sites = ties::sites_on(&app.estate, &key).peekable();
    if sites.peek().is_none() {
        return;
    }
    sheet.heading("Sites on it");
    for site in sites {
        super::web::write_line(sheet, app, site);
    }
}

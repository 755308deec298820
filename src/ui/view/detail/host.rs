//! Hosts: a node's figures, storages and tasks; a monitored host's state.

use ratatui::text::Span;

use crate::app::{App, columns};
use crate::domain::node::{Node, NodeState, Storage};
use crate::domain::{Cores, Fraction, Freshness, Reading, Severity, SourceId};
use crate::estate::{Estate, HostRow};
use crate::ui::words;

use super::guest::used;
use super::provenance::{self, Root};
use super::sheet::Sheet;
use super::ties::Ties;
use super::{graphs, monitored, tasks};

/// Most storages named.
const MOST: usize = 16;

/// Its name.
pub fn title(estate: &Estate, index: usize) -> Option<String> {
    estate.hosts.get(index).map(|row| row.name.to_string())
}

/// The answers it rests on.
pub fn roots(estate: &Estate, index: usize) -> Vec<Root> {
    let Some(row) = estate.hosts.get(index) else {
        return Vec::new();
    };
    let mut roots = Vec::new();
    if row.node.is_some() {
        roots.push((row.source, Reading::Resources));
        roots.push((row.source, Reading::Cluster));
    }
    if let Some(at) = row.monitored {
        roots.push((at.source, Reading::MonitoredHosts));
    }
    roots
}

/// Writes all of it.
pub fn write(sheet: &mut Sheet<'_>, app: &App, index: usize) {
    let estate = &app.estate;
    let Some(row) = estate.hosts.get(index) else {
        return;
    };
    let node = row.node.and_then(|at| estate.node(at));
    if let Some(node) = node {
        write_node_state(sheet, app, row, node);
    } else {
        write_short(sheet, app, index);
        sheet.words(&[sheet.dim("Known to the monitor only, no node of a Proxmox")]);
    }
    provenance::write(sheet, app, &roots(estate, index));
    if let Some(node) = node {
        sheet.gap();
        write_figures(sheet, app, row, node);
        write_system(sheet, app, row, node);
    }
    Ties::of(estate, &row.key()).write(sheet, app);
    graphs::write(sheet, app);
    if node.is_some() {
        write_storages(sheet, app, row);
    }
    if let Some(at) = row.monitored {
        monitored::write(sheet, app, at);
    }
    if node.is_some() {
        tasks::write(sheet, app, row.source, true, |task| task.node == row.name);
    }
}

/// Writes what matters of it where something else is told.
pub fn write_short(sheet: &mut Sheet<'_>, app: &App, index: usize) {
    let estate = &app.estate;
    let Some(row) = estate.hosts.get(index) else {
        return;
    };
    if let Some(node) = row.node.and_then(|at| estate.node(at)) {
        write_node_state(sheet, app, row, node);
        write_figures(sheet, app, row, node);
    } else if let Some(host) = row.monitored.and_then(|at| estate.monitored_host(at)) {
        if let Some(at) = row.monitored {
            let root = (at.source, Reading::MonitoredHosts);
            sheet.rests_on(provenance::freshness(app, root));
        }
        let severity = columns::hosts::severity(estate, index);
        let mut state = sheet.state(severity, words::host_state(host.state));
        state.extend(monitored::since(sheet, host.since, app.now));
        sheet.words(&state);
    }
}

fn own_freshness(app: &App, row: &HostRow) -> Freshness {
    provenance::freshness(app, (row.source, Reading::Resources))
}

fn write_node_state(sheet: &mut Sheet<'_>, app: &App, row: &HostRow, node: &Node) {
    sheet.rests_on(own_freshness(app, row));
    let severity = match node.state {
        NodeState::Online => Severity::Ok,
        NodeState::Offline => Severity::Critical,
        NodeState::Silent | NodeState::Unknown => Severity::Unknown,
    };
    let mut spans = sheet.state(severity, words::node_state(node.state));
    if let Some(why) = match node.state {
        NodeState::Online => None,
        NodeState::Silent => Some("its status daemon is silent, often a hung NFS"),
        NodeState::Offline => Some("not reachable for its cluster"),
        NodeState::Unknown => Some("the cluster's word for it is not known here"),
    } {
        spans.push(sheet.dim(format!(": {why}")));
    }
    spans.push(sheet.text(format!(
        ", {} of {} running",
        row.guests_running,
        words::count(u64::from(row.guests), "guest")
    )));
    sheet.words(&spans);
}

fn write_figures(sheet: &mut Sheet<'_>, app: &App, row: &HostRow, node: &Node) {
    sheet.rests_on(own_freshness(app, row));
    if node.figures_denied {
        let said = "The credential may not see its figures: it lacks Sys.Audit on this node.";
        sheet.words(&[sheet.severe(Severity::Warning, said)]);
        return;
    }
    let cores = match node.cores {
        Some(cores) => format!("of {} cores", cores.get()),
        None => String::new(),
    };
    sheet.meter("CPU", node.cpu.map(Fraction::get), &[sheet.text(cores)]);
    used(sheet, "Memory", node.memory, node.memory_total);
    let detail = app.estate.node_detail(row.source, &row.name);
    let cluster = provenance::freshness(app, (row.source, Reading::Cluster));
    if let Some((used_swap, swap)) = detail.and_then(|d| d.swap) {
        sheet.rests_on(cluster);
        if swap.0 == 0 {
            sheet.fact("Swap", &[sheet.dim("none")]);
        } else {
            used(sheet, "Swap", Some(used_swap), Some(swap));
        }
        sheet.rests_on(own_freshness(app, row));
    }
    used(sheet, "Root disk", node.disk, node.disk_total);
    sheet.rests_on(cluster);
    if let Some([one, five, fifteen]) = detail.and_then(|d| d.load) {
        let mut spans = Vec::new();
        let cores = node.cores.map_or(f64::INFINITY, Cores::get);
        let load = format!("{one:.2}");
        if one > cores {
            spans.push(sheet.sign(Severity::Warning));
            spans.push(sheet.severe(Severity::Warning, load));
        } else {
            spans.push(sheet.text(load));
        }
        spans.push(sheet.dim(format!("  {five:.2}  {fifteen:.2}  over 1, 5, 15 minutes")));
        sheet.fact("Load", &spans);
    }
    if let Some(wait) = detail.and_then(|d| d.io_wait) {
        let said = format!("{}% of the time waits for disks", wait.percent());
        sheet.fact("I/O wait", &[sheet.text(said)]);
    }
}

fn write_system(sheet: &mut Sheet<'_>, app: &App, row: &HostRow, node: &Node) {
    sheet.rests_on(own_freshness(app, row));
    if let Some(uptime) = node.uptime {
        sheet.fact("Up", &[sheet.text(words::duration(uptime))]);
    }
    sheet.fact_if("HA", node.ha.as_ref());
    sheet.rests_on(provenance::freshness(app, (row.source, Reading::Cluster)));
    let detail = app.estate.node_detail(row.source, &row.name);
    let Some(detail) = detail else { return };
    if let Some(why) = &detail.missing {
        sheet.fact(
            "Details",
            &[
                sheet.sign(Severity::Unknown),
                sheet.text(format!("the node could not be asked: {why}")),
            ],
        );
    }
    sheet.fact_if("Proxmox VE", detail.pve_version.as_ref());
    sheet.fact_if("Kernel", detail.kernel.as_ref());
    sheet.fact_if("Processor", detail.cpu_model.as_ref());
    let member = app.estate.cluster(row.source).and_then(|cluster| {
        cluster
            .members
            .iter()
            .find(|m| m.name == row.name)
            .and_then(|m| m.address.as_ref())
    });
    if let Some(address) = member {
        if sheet.is_private() {
            sheet.fact("Address", &[sheet.text(super::mask::MASK)]);
        } else {
            sheet.fact_if("Address", Some(address));
        }
    }
}

fn write_storages(sheet: &mut Sheet<'_>, app: &App, row: &HostRow) {
    let storages: Vec<&Storage> = app.estate.storages(row.source, &row.name).collect();
    if storages.is_empty() {
        return;
    }
    sheet.heading("Storages");
    sheet.rests_on(own_freshness(app, row));
    for storage in storages.iter().take(MOST) {
        write_storage(sheet, storage);
    }
    sheet.more(storages.len(), MOST);
}

/// Writes the storage that a problem is about.
pub fn write_storage_of(sheet: &mut Sheet<'_>, app: &App, source: SourceId, subject: &str) {
    let resources = app.estate.resources(source);
    let storage = resources.into_iter().flat_map(|r| &r.storages).find(|s| {
        let rest = subject.strip_prefix(s.node.as_str());
        rest.and_then(|rest| rest.strip_prefix(": storage ")) == Some(s.name.as_str())
    });
    if let Some(storage) = storage {
        sheet.gap();
        write_storage(sheet, storage);
    }
}

fn write_storage(sheet: &mut Sheet<'_>, storage: &Storage) {
    let mut about: Vec<Span<'_>> = Vec::new();
    if storage.active == Some(false) {
        about.push(sheet.sign(Severity::Warning));
        about.push(sheet.severe(Severity::Warning, "cannot be used now "));
    }
    let part = storage
        .used
        .zip(storage.total)
        .filter(|_| storage.active != Some(false))
        .and_then(|(used, total)| Some((used, total, Fraction::of(used, total)?)));
    let kind = storage.kind.as_deref().unwrap_or("storage");
    let shared = if storage.shared { ", shared" } else { "" };
    let name = sheet.text(storage.name.as_str());
    if let Some((used, total, part)) = part {
        about.push(sheet.text(words::bytes_of(used, total)));
        about.push(sheet.dim(format!(" {kind}{shared}")));
        sheet.named_meter(&name, part.get(), &about);
    } else {
        about.push(sheet.dim(format!("{kind}{shared}")));
        sheet.fact(&storage.name, &about);
    }
}

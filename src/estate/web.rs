//! Web services: our own probes and the monitor's checks of the same site, side by side.

use std::collections::HashMap;

use crate::domain::check::MonitoredService;
use crate::domain::{Key, Severity, SourceId, SourceKind, Text};

use super::join::{Machines, Match, place};
use super::{Estate, GuestRow, Place};

/// A web service.
#[derive(Debug, Clone, PartialEq)]
pub struct WebRow {
    /// Its name: the host of its URL unless configured.
    pub name: Text,
    /// The source that names it: the one that probes it, else the monitor.
    pub source: SourceId,
    /// Our own probe.
    pub probe: Option<Place>,
    /// The monitor's HTTP check.
    pub check: Option<Place>,
    /// The monitor's certificate check.
    pub certificate: Option<Place>,
    /// The guest it runs on.
    pub guest: Option<Key>,
    /// The last 24 hours as probed from here, oldest half hour first; [`super::strip::SLOTS`] of them.
    pub strip: Vec<super::Slot>,
}

impl WebRow {
    /// Its key.
    pub fn key(&self) -> Key {
        Key::Web(self.name.clone())
    }

    /// How bad it is by whoever sees it worst.
    pub fn severity(&self, estate: &Estate) -> Severity {
        let probed = self
            .probe
            .and_then(|at| estate.probe(at))
            .map_or(Severity::Ok, crate::domain::web::Probe::severity);
        let checks = [self.check, self.certificate]
            .into_iter()
            .flatten()
            .filter_map(|at| estate.check(at))
            .map(|c| c.state.severity())
            .max();
        probed.max(checks.unwrap_or_default())
    }

    /// Days until its certificate ends, by our own probe or by the monitor; negative when it has.
    pub fn certificate_days(&self, estate: &Estate, now: crate::domain::Moment) -> Option<i64> {
        let own = self
            .probe
            .and_then(|at| estate.probe(at))
            .and_then(|p| p.certificate.as_ref())
            .and_then(|c| c.expires)
            .map(|at| (at.as_unix() - now.as_unix()).div_euclid(86_400));
        own.or_else(|| {
            [self.certificate, self.check]
                .into_iter()
                .flatten()
                .filter_map(|at| estate.check(at))
                .find_map(checked_days)
        })
    }
}

/// Days left as Checkmk measures them: seconds in `certificate_remaining_validity`, days in early `validity`.
#[expect(
    clippy::cast_possible_truncation,
    reason = "checked to be within thousands of years"
)]
fn checked_days(check: &MonitoredService) -> Option<i64> {
    let metric = |name: &str| {
        check
            .perfdata
            .iter()
            .find(|m| &*m.name == name)
            .map(|m| m.value)
    };
    let days = metric("certificate_remaining_validity")
        .map(|s| s / 86_400.0)
        .or_else(|| metric("validity"))?;
    (days.abs() < 1e6).then(|| days.floor() as i64)
}

/// What a web check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebCheck {
    /// Asks for a page.
    Http,
    /// Looks at the certificate only.
    Certificate,
}

/// Whether a check is about a web service.
pub fn kind(check: &MonitoredService) -> Option<WebCheck> {
    match check.command.as_deref()? {
        "check_mk_active-cert" => Some(WebCheck::Certificate),
        "check_mk_active-http" | "check_mk_active-httpv2" => Some(WebCheck::Http),
        _ => None,
    }
}

/// `wiki.example.org` of `HTTPS wiki.example.org`.
fn subject(check: &MonitoredService) -> &str {
    let name = check.name.as_str();
    ["HTTPS ", "HTTP ", "CERT "]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .map_or(name, |rest| rest.split_whitespace().next().unwrap_or(rest))
}

/// All web services, sorted by name.
pub fn rows(estate: &Estate, guests: &[GuestRow], machines: &Machines) -> Vec<WebRow> {
    let mut rows: Vec<WebRow> = Vec::new();
    let mut by_name: HashMap<String, usize> = HashMap::new();
    let guest_of_host: HashMap<Place, Key> = guests
        .iter()
        .filter_map(|row| Some((row.monitored?, row.key())))
        .collect();
    let guest_called = |written: &str| -> Option<Key> {
        match machines.find(written) {
            Match::One(thing, _) => machines
                .things()
                .key(estate, thing)
                .filter(|key| matches!(key, Key::Guest(..))),
            _ => None,
        }
    };
    for source in estate.sources.iter().filter(|s| s.kind == SourceKind::Web) {
        let mut index = 0;
        while let Some(probe) = estate.probe(place(source.id, index)) {
            by_name.insert(probe.name.to_lowercase(), rows.len());
            rows.push(WebRow {
                name: probe.name.clone(),
                source: source.id,
                probe: Some(place(source.id, index)),
                check: None,
                certificate: None,
                guest: probe.runs_on.as_deref().and_then(guest_called),
                strip: Vec::new(),
            });
            index += 1;
        }
    }
    for source in estate
        .sources
        .iter()
        .filter(|s| s.kind == SourceKind::Checkmk)
    {
        let hosts = super::hosts::places_by_name(estate, source.id);
        let mut index = 0;
        while let Some(check) = estate.check(place(source.id, index)) {
            let here = place(source.id, index);
            index += 1;
            let Some(kind) = kind(check) else { continue };
            let name = subject(check);
            let at = *by_name.entry(name.to_lowercase()).or_insert_with(|| {
                rows.push(WebRow {
                    name: Text::clean(name),
                    source: source.id,
                    probe: None,
                    check: None,
                    certificate: None,
                    guest: None,
                    strip: Vec::new(),
                });
                rows.len() - 1
            });
            let Some(row) = rows.get_mut(at) else {
                continue;
            };
            match kind {
                WebCheck::Http => row.check = row.check.or(Some(here)),
                WebCheck::Certificate => row.certificate = row.certificate.or(Some(here)),
            }
            if row.guest.is_none() {
                row.guest = hosts
                    .get(&*check.host)
                    .and_then(|at| guest_of_host.get(at))
                    .cloned();
            }
        }
    }
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    rows
}

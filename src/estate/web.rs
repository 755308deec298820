//! Web services: our own probes and the monitor's checks of the same site, side by side.

mod eyes;
mod sites;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use crate::domain::check::MonitoredService;
use crate::domain::web::{Eyes, Probe};
use crate::domain::{Freshness, Key, Moment, Severity, SourceId, SourceKind, Text};

use super::join::{Machines, Match, place};
use super::{Estate, GuestRow, Place};
use sites::Sites;

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
    /// How what is seen from here and what the monitor says stand to each other.
    pub eyes: Eyes,
    /// Its own probe was late when the estate was put together: what it says is not the present.
    pub late: bool,
    /// The last 24 hours as probed from here, oldest half hour first; [`super::strip::SLOTS`] of them.
    pub strip: Vec<super::Slot>,
}

impl WebRow {
    /// Its key.
    pub fn key(&self) -> Key {
        Key::Web(self.name.clone())
    }

    /// Its own probe.
    pub fn probe<'e>(&self, estate: &'e Estate) -> Option<&'e Probe> {
        self.probe.and_then(|at| estate.probe(at))
    }

    /// How far its own probe can be taken for the present: by the probe's own moment, for the sites of
    /// a source are not all asked at once. `None` when it is not probed from here.
    pub fn freshness(&self, estate: &Estate, now: Moment) -> Option<Freshness> {
        self.probe(estate).map(|probe| probe.freshness(now))
    }

    /// How bad it is by whoever sees it worst; where the two contradict each other, as bad as that is.
    pub fn severity(&self, estate: &Estate) -> Severity {
        let probed = self.probe(estate).map_or(Severity::Ok, Probe::severity);
        let check = self.check.filter(|_| !self.eyes.disagree());
        let checks = [check, self.certificate]
            .into_iter()
            .flatten()
            .filter_map(|at| estate.check(at))
            .map(|c| c.state.severity())
            .max();
        probed
            .max(checks.unwrap_or_default())
            .max(self.eyes.severity())
            .max(if self.late {
                Severity::Unknown
            } else {
                Severity::Ok
            })
    }

    /// How bad it is that its certificate ends in so many days.
    pub fn certificate_severity(&self, estate: &Estate, days: i64) -> Severity {
        let levels = self.probe(estate).map(|p| p.certificate_levels);
        levels.unwrap_or_default().severity(days)
    }

    /// Days until its certificate ends, by our own probe or by the monitor; negative when it has.
    pub fn certificate_days(&self, estate: &Estate, now: Moment) -> Option<i64> {
        let own = self
            .probe(estate)
            .and_then(|p| p.certificate.as_ref())
            .and_then(|c| c.days_left(now));
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

/// All web services, sorted by name.
pub fn rows(estate: &Estate, guests: &[GuestRow], machines: &Machines, now: Moment) -> Vec<WebRow> {
    let mut rows: Vec<WebRow> = Vec::new();
    let mut sites = Sites::default();
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
            sites.add_probe(probe, rows.len());
            rows.push(WebRow {
                name: probe.name.clone(),
                source: source.id,
                probe: Some(place(source.id, index)),
                check: None,
                certificate: None,
                guest: probe.runs_on.as_deref().and_then(guest_called),
                eyes: Eyes::OnlyHere,
                late: !probe.freshness(now).is_trustworthy(),
                strip: Vec::new(),
            });
            index += 1;
        }
    }
    let mut by_fit: Vec<u8> = vec![0; rows.len()];
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
            let found = sites.of_check(check, kind);
            let (at, fit) = found.unwrap_or_else(|| {
                let name = Text::clean(sites::subject(check));
                sites.add_check(&name, rows.len());
                by_fit.push(0);
                rows.push(WebRow {
                    name,
                    source: source.id,
                    probe: None,
                    check: None,
                    certificate: None,
                    guest: None,
                    eyes: Eyes::OnlyMonitor,
                    late: false,
                    strip: Vec::new(),
                });
                (rows.len() - 1, sites::BY_NAME)
            });
            let (Some(row), Some(known_fit)) = (rows.get_mut(at), by_fit.get_mut(at)) else {
                continue;
            };
            match kind {
                // The one that fits best, and of those the first.
                WebCheck::Http if row.check.is_none() || fit > *known_fit => {
                    row.check = Some(here);
                    *known_fit = fit;
                }
                WebCheck::Http => {}
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
    for row in &mut rows {
        row.eyes = eyes::compare(row, estate, now);
    }
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    rows
}

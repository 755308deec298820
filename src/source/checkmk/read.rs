//! From Checkmk's columns to hosts and services of [`crate::domain::check`].

use std::borrow::Cow;
use std::collections::HashMap;

use crate::domain::check::{
    Handling, HostState, MonitoredHost, MonitoredHosts, MonitoredService, MonitoredServices,
    ServiceCounts, ServiceState,
};
use crate::domain::failure::FailureKind;
use crate::domain::{Failure, Moment, Text};

use super::intern::Names;
use super::perfdata;
use super::wire::{self, Frame, Row};

#[cfg(test)]
mod tests;

/// From which age in check intervals Checkmk's own pages call a result stale.
const STALE: f64 = 1.5;

/// Services of a service collection (`/domain-types/service/collections/all`), sorted by host and name.
///
/// # Errors
/// [`FailureKind::Malformed`] when it is no JSON, not a collection, or a collection of something else.
pub fn parse_services(body: &[u8]) -> Result<MonitoredServices, Failure> {
    let text = String::from_utf8_lossy(body);
    whole(&text, services_of, "service")
}

/// Hosts of a host collection (`/domain-types/host/collections/all`), sorted by name.
///
/// # Errors
/// As [`parse_services`].
pub fn parse_hosts(body: &[u8]) -> Result<MonitoredHosts, Failure> {
    let text = String::from_utf8_lossy(body);
    whole(&text, hosts_of, "host")
}

/// Reads a collection of `kind`, once more without Python's NaN if need be.
fn whole<T>(
    text: &str,
    read: fn(&str) -> Result<(T, Frame), serde_json::Error>,
    kind: &str,
) -> Result<T, Failure> {
    if text.trim().is_empty() {
        return Err(malformed("the answer is empty"));
    }
    let (rows, frame) = read(text)
        .or_else(|error| {
            wire::without_nan(text)
                .ok_or(error)
                .and_then(|fixed| read(&fixed))
        })
        .map_err(|error| malformed(&format!("not JSON: {error}")))?;
    if let Some(other) = frame.kind.filter(|other| other != kind) {
        return Err(malformed(&format!(
            "a list of `{other}` came instead of a list of `{kind}`"
        )));
    }
    if !frame.has_rows {
        return Err(malformed(&format!(
            "not a list of `{kind}`: there is no list `value` in it"
        )));
    }
    Ok(rows)
}

pub(super) fn malformed(detail: &str) -> Failure {
    Failure::new(FailureKind::Malformed {
        detail: Text::clean(detail),
    })
}

#[derive(Default)]
struct ServiceRow<'a> {
    host: Option<Cow<'a, str>>,
    name: Option<Cow<'a, str>>,
    common: Common<'a>,
    host_state: Option<i64>,
    host_checked: Option<i64>,
    host_downtime: Option<i64>,
    host_labels: Option<&'a str>,
    command: Option<Cow<'a, str>>,
    perfdata: Option<Cow<'a, str>>,
}

/// Columns that hosts and services share.
#[derive(Default)]
struct Common<'a> {
    state: Option<i64>,
    soft: bool,
    checked: Option<i64>,
    acknowledged: Option<i64>,
    downtime: Option<i64>,
    flapping: Option<i64>,
    staleness: Option<f64>,
    changed_at: Option<i64>,
    checked_at: Option<i64>,
    output: Option<Cow<'a, str>>,
}

impl<'a> Common<'a> {
    fn take(&mut self, column: &str, raw: &'a str) {
        match column {
            "state" => self.state = wire::integer(raw),
            // Always a number so far; a word is understood too.
            "state_type" => self.soft = wire::integer(raw) == Some(0) || raw == "\"soft\"",
            "has_been_checked" => self.checked = wire::integer(raw),
            "acknowledged" => self.acknowledged = wire::integer(raw),
            "scheduled_downtime_depth" => self.downtime = wire::integer(raw),
            "is_flapping" => self.flapping = wire::integer(raw),
            "staleness" => self.staleness = wire::float(raw),
            "last_state_change" => self.changed_at = wire::integer(raw),
            "last_check" => self.checked_at = wire::integer(raw),
            "plugin_output" => self.output = wire::text(raw),
            _ => {}
        }
    }

    fn is_pending(&self) -> bool {
        self.checked == Some(0)
    }

    fn handling(&self) -> Handling {
        Handling {
            // Comments may be left over from an acknowledgement; this column is the truth.
            acknowledged: self.acknowledged.is_some_and(|n| n != 0),
            downtime: self.downtime.is_some_and(|n| n > 0),
            flapping: self.flapping.is_some_and(|n| n != 0),
            soft: self.soft && self.state != Some(0) && !self.is_pending(),
            stale: self.staleness.is_some_and(|age| age >= STALE) && !self.is_pending(),
        }
    }

    fn output(&self) -> Option<Text> {
        // Checkmk writes line ends as the two characters backslash and n.
        let output = self.output.as_deref()?.trim();
        Text::clean_non_empty(&output.replace("\\n", "\n"))
    }
}

impl<'a> Row<'a> for ServiceRow<'a> {
    fn take(&mut self, column: &str, raw: &'a str) {
        match column {
            "host_name" => self.host = wire::text(raw),
            "description" => self.name = wire::text(raw),
            "host_state" => self.host_state = wire::integer(raw),
            "host_has_been_checked" => self.host_checked = wire::integer(raw),
            "host_scheduled_downtime_depth" => self.host_downtime = wire::integer(raw),
            "host_labels" => self.host_labels = Some(raw),
            "check_command" => self.command = wire::text(raw),
            "perf_data" => self.perfdata = wire::text(raw),
            _ => self.common.take(column, raw),
        }
    }
}

fn services_of(text: &str) -> Result<(MonitoredServices, Frame), serde_json::Error> {
    let mut services = Vec::new();
    let mut skipped = 0;
    let mut names = Names::default();
    let mut sites = Sites::default();
    let frame = wire::each_row(text, |row: Option<ServiceRow<'_>>| {
        match row.and_then(|row| row.service(&mut names, &mut sites)) {
            Some(service) => services.push(service),
            None => skipped += 1,
        }
    })?;
    services.sort_by(|a: &MonitoredService, b| {
        (&a.host, &a.name, &a.site).cmp(&(&b.host, &b.name, &b.site))
    });
    let all = services.len();
    services.dedup_by(|b, a| (&a.host, &a.name, &a.site) == (&b.host, &b.name, &b.site));
    skipped += count(all - services.len());
    Ok((MonitoredServices { services, skipped }, frame))
}

impl ServiceRow<'_> {
    fn service(&self, names: &mut Names, sites: &mut Sites) -> Option<MonitoredService> {
        let common = &self.common;
        let mut handling = common.handling();
        handling.downtime |= self.host_downtime.is_some_and(|n| n > 0);
        Some(MonitoredService {
            host: names.text_non_empty(self.host.as_deref()?)?,
            name: names.text_non_empty(self.name.as_deref()?)?,
            site: sites.of(self.host_labels, names),
            state: service_state(common.state, common.is_pending()),
            host_state: host_state(self.host_state, self.host_checked == Some(0)),
            handling,
            since: common.changed_at.and_then(Moment::from_unix),
            checked: common.checked_at.and_then(Moment::from_unix),
            output: common.output(),
            command: self.command.as_deref().and_then(|command| {
                // What follows may hold secrets.
                names.text_non_empty(command.split('!').next().unwrap_or(command))
            }),
            perfdata: self
                .perfdata
                .as_deref()
                .map_or_else(Vec::new, |text| perfdata::parse_with(text, names)),
        })
    }
}

#[derive(Default)]
struct HostRow<'a> {
    name: Option<Cow<'a, str>>,
    alias: Option<Cow<'a, str>>,
    address: Option<Cow<'a, str>>,
    labels: Option<&'a str>,
    common: Common<'a>,
    services: ServiceCounts,
}

impl<'a> Row<'a> for HostRow<'a> {
    fn take(&mut self, column: &str, raw: &'a str) {
        let number = || {
            wire::integer(raw)
                .and_then(|n| u32::try_from(n).ok())
                .unwrap_or(0)
        };
        match column {
            "name" => self.name = wire::text(raw),
            "alias" => self.alias = wire::text(raw),
            "address" => self.address = wire::text(raw),
            "labels" => self.labels = Some(raw),
            "num_services_ok" => self.services.ok = number(),
            "num_services_warn" => self.services.warn = number(),
            "num_services_crit" => self.services.crit = number(),
            "num_services_unknown" => self.services.unknown = number(),
            "num_services_pending" => self.services.pending = number(),
            _ => self.common.take(column, raw),
        }
    }
}

fn hosts_of(text: &str) -> Result<(MonitoredHosts, Frame), serde_json::Error> {
    let mut answer = MonitoredHosts::default();
    let mut names = Names::default();
    let mut sites = Sites::default();
    let frame = wire::each_row(text, |row: Option<HostRow<'_>>| {
        match row.and_then(|row| row.host(&mut names, &mut sites)) {
            Some(host) => answer.hosts.push(host),
            None => answer.skipped += 1,
        }
    })?;
    let hosts = &mut answer.hosts;
    hosts.sort_by(|a, b| (&a.name, &a.site).cmp(&(&b.name, &b.site)));
    let all = hosts.len();
    hosts.dedup_by(|b, a| (&a.name, &a.site) == (&b.name, &b.site));
    answer.skipped += count(all - hosts.len());
    Ok((answer, frame))
}

impl HostRow<'_> {
    fn host(&self, names: &mut Names, sites: &mut Sites) -> Option<MonitoredHost> {
        let common = &self.common;
        let name = self.name.as_deref()?;
        Some(MonitoredHost {
            name: Text::clean_non_empty(name)?,
            alias: self
                .alias
                .as_deref()
                .filter(|alias| *alias != name)
                .and_then(Text::clean_non_empty),
            address: self.address.as_deref().and_then(Text::clean_non_empty),
            site: sites.of(self.labels, names),
            state: host_state(common.state, common.is_pending()),
            handling: common.handling(),
            since: common.changed_at.and_then(Moment::from_unix),
            checked: common.checked_at.and_then(Moment::from_unix),
            output: common.output(),
            services: self.services,
        })
    }
}

const fn service_state(state: Option<i64>, pending: bool) -> ServiceState {
    match state {
        // Checkmk says 0 for what was never checked.
        _ if pending => ServiceState::Pending,
        Some(0) => ServiceState::Ok,
        Some(1) => ServiceState::Warn,
        Some(2) => ServiceState::Crit,
        // 3, a number of the future, or no number: it cannot be told.
        _ => ServiceState::Unknown,
    }
}

const fn host_state(state: Option<i64>, pending: bool) -> HostState {
    match state {
        _ if pending => HostState::Pending,
        Some(0) => HostState::Up,
        Some(1) => HostState::Down,
        Some(2) => HostState::Unreachable,
        _ => HostState::Unknown,
    }
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

/// Sites by the raw JSON of the labels: services of a host all send the same.
#[derive(Default)]
struct Sites(HashMap<String, Option<Text>>);

impl Sites {
    fn of(&mut self, labels: Option<&str>, names: &mut Names) -> Option<Text> {
        let labels = labels?;
        if let Some(known) = self.0.get(labels) {
            return known.clone();
        }
        let site = wire::site_label(labels).and_then(|site| names.text_non_empty(&site));
        self.0.insert(labels.to_owned(), site.clone());
        site
    }
}

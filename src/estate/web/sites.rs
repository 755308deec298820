//! Which of the monitor's checks looks at which probed site.
//!
//! By name (the site's, or its whole address, in the name of the check), by the host of its address in the
//! name of the check, or by the monitored host being called like the site. What fits several sites fits none.

use std::collections::HashMap;

use super::WebCheck;
use crate::domain::check::MonitoredService;
use crate::domain::web::Probe;

/// How well a check fits a site: more is better. One of the right scheme is worth [`SCHEME`] more.
pub(super) const BY_NAME: u8 = 5;
const BY_HOST_IN_NAME: u8 = 3;
const BY_MONITORED_HOST: u8 = 1;
const SCHEME: u8 = 1;

/// Rows by what people call them.
#[derive(Debug, Default)]
pub(super) struct Sites {
    by_name: HashMap<String, Vec<usize>>,
    by_address: HashMap<String, Vec<usize>>,
    by_host: HashMap<String, Vec<usize>>,
    encrypted: HashMap<usize, bool>,
}

impl Sites {
    /// A probed site, shown in this row.
    pub(super) fn add_probe(&mut self, probe: &Probe, row: usize) {
        insert(&mut self.by_name, &probe.name, row);
        // One that is asked elsewhere, behind the proxy say, is not what the monitor looks at.
        if probe.address.is_none() {
            insert(&mut self.by_address, bare(&probe.url), row);
            if let Some(host) = host(&probe.url) {
                insert(&mut self.by_host, host, row);
            }
        }
        self.encrypted
            .insert(row, probe.url.to_lowercase().starts_with("https:"));
    }

    /// A site that only the monitor knows, shown in this row.
    pub(super) fn add_check(&mut self, name: &str, row: usize) {
        self.by_name.insert(name.to_lowercase(), vec![row]);
    }

    /// The row that a check belongs to, and how well it fits.
    pub(super) fn of_check(&self, check: &MonitoredService, kind: WebCheck) -> Option<(usize, u8)> {
        let encrypted = match scheme(check) {
            Some(encrypted) => Some(encrypted),
            None => (kind == WebCheck::Certificate).then_some(true),
        };
        let find = |map: &HashMap<String, Vec<usize>>, name: &str| {
            self.only(map.get(&name.to_lowercase())?, encrypted)
        };
        let subject = subject(check);
        let named = find(&self.by_name, subject).or_else(|| find(&self.by_address, bare(subject)));
        let (row, fit) = if let Some(row) = named {
            (row, BY_NAME)
        } else if let Some(row) = find(&self.by_host, host(subject).unwrap_or(subject)) {
            (row, BY_HOST_IN_NAME)
        } else {
            // A monitored host has many checks: only those whose names say no other site.
            let own = !subject.contains('.');
            let row = find(&self.by_host, &check.host).filter(|_| own)?;
            (row, BY_MONITORED_HOST)
        };
        let same = encrypted.is_some() && encrypted == self.encrypted.get(&row).copied();
        Some((row, fit + if same { SCHEME } else { 0 }))
    }

    /// The only one of them, or the only one that is asked with this scheme.
    fn only(&self, rows: &[usize], encrypted: Option<bool>) -> Option<usize> {
        if let [row] = rows {
            return Some(*row);
        }
        let encrypted = encrypted?;
        let mut fitting = (rows.iter()).filter(|row| self.encrypted.get(row) == Some(&encrypted));
        let first = fitting.next()?;
        fitting.next().is_none().then_some(*first)
    }
}

fn insert(map: &mut HashMap<String, Vec<usize>>, name: &str, row: usize) {
    let rows = map.entry(name.to_lowercase()).or_default();
    if !rows.contains(&row) {
        rows.push(row);
    }
}

/// `wiki.example.org` of `HTTPS wiki.example.org`.
pub(super) fn subject(check: &MonitoredService) -> &str {
    let name = check.name.as_str();
    ["HTTPS ", "HTTP ", "CERT "]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .map_or(name, |rest| rest.split_whitespace().next().unwrap_or(rest))
}

/// Whether the check's name says that it asks encrypted.
fn scheme(check: &MonitoredService) -> Option<bool> {
    let name = check.name.as_str();
    if name.starts_with("HTTPS ") || name.starts_with("CERT ") {
        return Some(true);
    }
    name.starts_with("HTTP ").then_some(false)
}

/// An address without scheme and without a slash at its end: `wiki.example.org/start`.
fn bare(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.trim_end_matches('/')
}

/// The host of an address, without its port; nothing for what is no address.
fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    };
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::check::{Handling, HostState, ServiceState};
    use crate::domain::web::ProbeOutcome;
    use crate::domain::{Failure, Moment};

    fn probe(name: &str, url: &str) -> Probe {
        let outcome =
            ProbeOutcome::Failed(Failure::new(crate::domain::failure::FailureKind::LoginPage));
        Probe::new(name.into(), url.into(), Moment::from_millis(0), outcome)
    }

    fn sites(of: &[(&str, &str)]) -> Sites {
        let mut sites = Sites::default();
        for (row, (name, url)) in of.iter().enumerate() {
            sites.add_probe(&probe(name, url), row);
        }
        sites
    }

    fn find(sites: &Sites, host: &str, service: &str) -> Option<(usize, u8)> {
        let check = MonitoredService {
            host: host.into(),
            name: service.into(),
            site: None,
            state: ServiceState::Ok,
            host_state: HostState::Up,
            handling: Handling::default(),
            since: None,
            checked: None,
            output: None,
            command: None,
            perfdata: Vec::new(),
        };
        let kind = if service.starts_with("CERT") {
            WebCheck::Certificate
        } else {
            WebCheck::Http
        };
        sites.of_check(&check, kind)
    }

    #[test]
    fn checks_are_joined_by_name_address_and_host() {
        let sites = sites(&[
            ("wiki", "https://wiki.example.org/"),
            ("blog.example.org", "https://blog.example.org/"),
            ("start", "https://www.example.org/start/"),
            ("other", "https://www.example.org/other"),
        ]);
        let find = |host, service| find(&sites, host, service);
        assert_eq!(find("web1", "HTTPS wiki"), Some((0, 6)));
        assert_eq!(find("web1", "HTTP Wiki"), Some((0, 5)), "the wrong scheme");
        assert_eq!(find("web1", "HTTPS wiki.example.org"), Some((0, 6)));
        assert_eq!(
            find("web1", "HTTPS https://wiki.example.org/"),
            Some((0, 6))
        );
        assert_eq!(find("web1", "CERT blog.example.org"), Some((1, 6)));
        assert_eq!(find("web1", "HTTPS www.example.org/start"), Some((2, 6)));
        assert_eq!(
            find("web1", "HTTPS https://wiki.example.org:443/x"),
            Some((0, 4))
        );
        assert_eq!(find("wiki.example.org", "HTTPS webserver"), Some((0, 2)));
        assert_eq!(find("wiki.example.org", "HTTPS shop.example.org"), None);
        assert_eq!(find("web1", "HTTPS webserver"), None);
    }

    #[test]
    fn what_fits_several_sites_fits_none() {
        let sites = sites(&[
            ("start", "https://www.example.org/start"),
            ("other", "https://www.example.org/other"),
            ("twin", "https://a.example.org/"),
            ("Twin", "https://b.example.org/"),
        ]);
        assert_eq!(find(&sites, "web1", "HTTPS www.example.org"), None);
        assert_eq!(find(&sites, "www.example.org", "HTTPS webserver"), None);
        assert_eq!(find(&sites, "web1", "HTTPS twin"), None);
    }

    #[test]
    fn the_scheme_tells_twins_apart() {
        let sites = sites(&[
            ("plain", "http://example.org/"),
            ("safe", "https://example.org/"),
        ]);
        assert_eq!(find(&sites, "web1", "HTTPS example.org"), Some((1, 6)));
        assert_eq!(find(&sites, "web1", "HTTP example.org"), Some((0, 6)));
        assert_eq!(find(&sites, "web1", "CERT example.org"), Some((1, 6)));
        assert_eq!(find(&sites, "web1", "example.org"), None);
    }

    #[test]
    fn hosts_of_addresses() {
        for (url, expected) in [
            ("https://wiki.example.org/", Some("wiki.example.org")),
            ("http://wiki.example.org:8080/x", Some("wiki.example.org")),
            ("https://[::1]:443/", Some("[::1]")),
            ("https://[2001:db8::1]/", Some("[2001:db8::1]")),
            ("wiki.example.org", None),
            ("https:///x", None),
        ] {
            assert_eq!(host(url), expected, "{url}");
        }
    }
}

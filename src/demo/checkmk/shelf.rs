//! Which host has which services: the sample's sets spread over its hosts, what single hosts have, and the
//! checks of the web sites.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::demo::sample::{Age, Monitor, Service, Site};

/// All services of the sample, those of a host side by side.
#[derive(Debug, Default)]
pub(in crate::demo) struct Shelf {
    pub(super) services: Vec<Shelved>,
    /// Places of a host's services.
    pub(super) of_host: Vec<Range<usize>>,
}

/// A service and the place of its host.
#[derive(Debug)]
pub(super) struct Shelved {
    pub(super) host: usize,
    pub(super) service: Arc<Service>,
}

/// Spreads the sets over the hosts, and adds what single hosts and web sites have.
pub(in crate::demo) fn expand(monitor: &mut Monitor, sites: &[Site]) -> Shelf {
    let sets: BTreeMap<String, Vec<Arc<Service>>> = std::mem::take(&mut monitor.set)
        .into_iter()
        .map(|(name, services)| (name, services.into_iter().map(Arc::new).collect()))
        .collect();
    let own: Vec<Arc<Service>> = std::mem::take(&mut monitor.service)
        .into_iter()
        .chain(sites.iter().flat_map(|site| site_services(monitor, site)))
        .map(Arc::new)
        .collect();
    let mut shelf = Shelf::default();
    for (place, host) in monitor.host.iter().enumerate() {
        let mut services: Vec<Arc<Service>> = Vec::new();
        let in_sets = host.sets.iter().filter_map(|set| sets.get(set)).flatten();
        let alone = own.iter().filter(|service| service.host == host.name);
        for service in in_sets.chain(alone) {
            match services.iter_mut().find(|known| known.name == service.name) {
                Some(known) => *known = Arc::clone(service),
                None => services.push(Arc::clone(service)),
            }
        }
        services.sort_by(|a, b| a.name.cmp(&b.name));
        let begin = shelf.services.len();
        shelf
            .services
            .extend(services.into_iter().map(|service| Shelved {
                host: place,
                service,
            }));
        shelf.of_host.push(begin..shelf.services.len());
    }
    shelf
}

/// The two checks of a web site, on the host it runs on or else on the proxy.
fn site_services(monitor: &Monitor, site: &Site) -> [Service; 2] {
    let known = monitor.host.iter().find(|host| {
        host.name == site.runs_on || host.guest.as_deref() == Some(site.runs_on.as_str())
    });
    let host = known.map_or("proxy", |host| host.name.as_str()).to_owned();
    let Site {
        name,
        seconds,
        bytes,
        certificate_days: days,
        ..
    } = site;
    let status = match site.redirect {
        Some(_) => "301 Moved Permanently",
        None => "200 OK",
    };
    let http = Service {
        host: host.clone(),
        name: format!("HTTPS {name}"),
        command: format!("check_mk_active-httpv2!--url https://{name}/ --response-time 1,2"),
        output: format!("Version: HTTP/1.1, Status: {status}"),
        details: format!(
            "URL to test: https://{name}/\\nMethod: GET\\nResponse time: {{v}} seconds (warn/crit at 1.000/2.000)\
             \\nPage size: {bytes} Bytes\\nServer certificate validity: {days} days"
        ),
        perf: format!(
            "response_time={{v}}s;1;2;0;10 time_http_headers={{v}}s;;;; time_http_body=0.004s;;;; response_size={bytes}B;;;0;"
        ),
        low: seconds * 0.7,
        high: seconds * 1.8,
        broken: "Version: HTTP/1.1, Status: 502 Bad Gateway (!!)".to_owned(),
        ..Service::default()
    };
    let (state, verdict) = match days {
        ..7 => (2, " (warn/crit below 20 day(s)/7 day(s)) (!!)"),
        7..20 => (1, " (warn/crit below 20 day(s)/7 day(s)) (!)"),
        20.. => (0, ""),
    };
    let certificate = Service {
        host,
        name: format!("CERT {name}"),
        command: format!("check_mk_active-cert!--url {name} --port 443"),
        output: format!("Server certificate validity: {days} day(s){verdict}"),
        perf: format!(
            "overall_response_time={{v}};;;; certificate_remaining_validity={};1728000;604800;;",
            days * 86_400 + 40_000
        ),
        low: 0.02,
        high: 0.06,
        state,
        since: (state > 0).then_some(Age((20 - days) * 86_400 - 40_000)),
        ..Service::default()
    };
    [http, certificate]
}

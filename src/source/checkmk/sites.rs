//! Sites of a distributed set-up that fall silent.
//!
//! No call says "site X is dead": its rows are just missing from a 200. So an answer is compared with
//! the one before, and when all of a site vanished while others answer, its last rows are kept.

use std::collections::BTreeSet;

use crate::domain::Text;
use crate::domain::check::{MonitoredHosts, MonitoredServices};

/// Sites that answer, by their hosts.
pub(super) fn answering(hosts: &MonitoredHosts) -> BTreeSet<&Text> {
    hosts.hosts.iter().filter_map(|h| h.site.as_ref()).collect()
}

fn reporting(services: &MonitoredServices) -> BTreeSet<&Text> {
    let services = &services.services;
    services.iter().filter_map(|s| s.site.as_ref()).collect()
}

/// Adds to `answer` the hosts of `last` whose whole site is missing in it, and names those sites.
pub(super) fn keep_silent_hosts(last: &MonitoredHosts, answer: &mut MonitoredHosts) {
    let now = answering(answer);
    if now.is_empty() {
        // Nobody answers, or nobody says where: then a missing site tells nothing.
        return;
    }
    let present: BTreeSet<&Text> = answer.hosts.iter().map(|h| &h.name).collect();
    let kept: Vec<_> = last
        .hosts
        .iter()
        .filter(|host| host.site.as_ref().is_some_and(|site| !now.contains(site)))
        // A host that now answers elsewhere was moved, not lost.
        .filter(|host| !present.contains(&host.name))
        .cloned()
        .collect();
    let silent: BTreeSet<Text> = kept.iter().filter_map(|host| host.site.clone()).collect();
    if silent.is_empty() {
        return;
    }
    answer.hosts.extend(kept);
    answer.silent_sites = silent.into_iter().collect();
    answer
        .hosts
        .sort_by(|a, b| (&a.name, &a.site).cmp(&(&b.name, &b.site)));
}

/// Whether a site had services in `last` and has none in `answer`: all fine there now, or silent.
pub(super) fn is_any_missing(last: &MonitoredServices, answer: &MonitoredServices) -> bool {
    !reporting(last).is_subset(&reporting(answer))
}

/// Adds to `answer` the services of `last` whose site does not answer, going by the hosts of now.
pub(super) fn keep_silent_services(
    last: &MonitoredServices,
    answer: &mut MonitoredServices,
    hosts: &MonitoredHosts,
) {
    let alive = answering(hosts);
    if alive.is_empty() {
        return;
    }
    let present: BTreeSet<&Text> = hosts.hosts.iter().map(|h| &h.name).collect();
    let kept: Vec<_> = last
        .services
        .iter()
        .filter(|service| {
            service
                .site
                .as_ref()
                .is_some_and(|site| !alive.contains(site))
        })
        .filter(|service| !present.contains(&service.host))
        .cloned()
        .collect();
    if kept.is_empty() {
        return;
    }
    answer.services.extend(kept);
    answer
        .services
        .sort_by(|a, b| (&a.host, &a.name, &a.site).cmp(&(&b.host, &b.name, &b.site)));
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::super::read::{parse_hosts, parse_services};
    use super::*;

    /// Hosts as `name@site`.
    fn hosts(list: &[&str]) -> MonitoredHosts {
        let rows: Vec<String> = list
            .iter()
            .map(|entry| {
                let (name, site) = entry.split_once('@').unwrap();
                format!(r#"{{"extensions":{{"name":"{name}","state":0,"labels":{{"cmk/site":"{site}"}}}}}}"#)
            })
            .collect();
        parse_hosts(format!(r#"{{"value":[{}]}}"#, rows.join(",")).as_bytes()).unwrap()
    }

    fn services(list: &[&str]) -> MonitoredServices {
        let rows: Vec<String> = list
            .iter()
            .map(|entry| {
                let (host, site) = entry.split_once('@').unwrap();
                format!(
                    r#"{{"extensions":{{"host_name":"{host}","description":"CPU","state":2,"host_labels":{{"cmk/site":"{site}"}}}}}}"#
                )
            })
            .collect();
        parse_services(format!(r#"{{"value":[{}]}}"#, rows.join(",")).as_bytes()).unwrap()
    }

    fn names(answer: &MonitoredHosts) -> Vec<&str> {
        answer.hosts.iter().map(|h| h.name.as_str()).collect()
    }

    fn troubled(answer: &MonitoredServices) -> Vec<&str> {
        answer.services.iter().map(|s| s.host.as_str()).collect()
    }

    #[test]
    fn a_site_that_vanishes_as_a_whole_keeps_its_hosts_until_it_is_back() {
        let before = hosts(&["a@main", "b@far", "c@far"]);
        let mut now = hosts(&["a@main"]);
        keep_silent_hosts(&before, &mut now);
        assert_eq!(names(&now), ["a", "b", "c"]);
        assert_eq!(now.silent_sites, [Text::clean("far")]);
        // Still silent a poll later, compared with what was kept.
        let mut later = hosts(&["a@main"]);
        keep_silent_hosts(&now, &mut later);
        assert_eq!(names(&later), ["a", "b", "c"]);
        // Back, with a host less: that one was removed.
        let mut back = hosts(&["a@main", "b@far"]);
        keep_silent_hosts(&later, &mut back);
        assert_eq!(names(&back), ["a", "b"]);
        assert_eq!(back.silent_sites, [] as [Text; 0]);
    }

    #[test]
    fn nothing_is_kept_when_nobody_answers_or_hosts_were_moved() {
        let before = hosts(&["a@main", "b@far"]);
        let mut empty = hosts(&[]);
        keep_silent_hosts(&before, &mut empty);
        assert_eq!(names(&empty), [] as [&str; 0]);
        let mut moved = hosts(&["a@main", "b@main"]);
        keep_silent_hosts(&before, &mut moved);
        assert_eq!(names(&moved), ["a", "b"]);
        assert_eq!(moved.silent_sites, [] as [Text; 0]);
    }

    #[test]
    fn problems_of_a_silent_site_are_not_resolved_those_of_a_healed_one_are() {
        let before = services(&["a@main", "b@far", "c@healed"]);
        let mut now = services(&["a@main"]);
        assert!(is_any_missing(&before, &now));
        keep_silent_services(&before, &mut now, &hosts(&["a@main", "c@healed"]));
        assert_eq!(troubled(&now), ["a", "b"]);
        assert!(!is_any_missing(&services(&["a@main"]), &now));
    }
}

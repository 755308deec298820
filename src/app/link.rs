//! Links: where a row is to be found in its own system's web pages.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::domain::guest::GuestKind;
use crate::domain::{Key, SourceId};
use crate::estate::Estate;

/// What stays as it is in a part of a URL.
const PART: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

fn encode(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}

/// Base address of a source without a trailing slash; only http and https lead anywhere.
fn base(estate: &Estate, source: SourceId) -> Option<&str> {
    let address = estate
        .source(source)?
        .address
        .as_str()
        .trim_end_matches('/');
    (address.starts_with("https://") || address.starts_with("http://")).then_some(address)
}

/// Where a row is to be found.
pub fn of(estate: &Estate, key: &Key) -> Option<String> {
    match key {
        Key::Ticket(source, id) => Some(format!("{}/issues/{id}", base(estate, *source)?)),
        Key::Change(source, id, 0) => of(estate, &Key::Ticket(*source, *id)),
        Key::Change(source, id, journal) => {
            let ticket = of(estate, &Key::Ticket(*source, *id))?;
            Some(format!("{ticket}#change-{journal}"))
        }
        Key::Guest(source, vmid) => {
            let guest = estate
                .resources(*source)?
                .guests
                .iter()
                .find(|g| g.vmid == *vmid)?;
            let kind = match guest.kind {
                GuestKind::Lxc => "lxc",
                GuestKind::Qemu => "qemu",
                GuestKind::OpenVz => "openvz",
            };
            Some(format!("{}/#v1:0:={kind}%2F{vmid}", base(estate, *source)?))
        }
        Key::Host(source, name) => {
            let row = estate
                .hosts
                .iter()
                .find(|h| h.source == *source && h.name == *name)?;
            if row.node.is_some() {
                return Some(format!(
                    "{}/#v1:0:=node%2F{}",
                    base(estate, *source)?,
                    encode(name)
                ));
            }
            Some(checkmk(base(estate, *source)?, name, None))
        }
        Key::Web(name) => {
            let row = estate.web.iter().find(|w| w.name == *name)?;
            match row.probe.and_then(|at| estate.probe(at)) {
                Some(probe) => Some(probe.url.to_string()),
                None => Some(format!("https://{name}")),
            }
        }
        Key::Queue(source, _) => {
            let row = estate.queues.iter().find(|q| q.key() == *key)?;
            let check = estate.check(row.check?)?;
            Some(checkmk(
                base(estate, *source)?,
                &check.host,
                Some(&check.name),
            ))
        }
        Key::Problem(_) => {
            let problem = estate.problems.iter().find(|p| p.key == *key)?;
            of(estate, problem.about.as_ref()?)
        }
        Key::Person(_) => {
            let row = estate.people.iter().find(|row| row.key() == *key)?;
            let account = row.accounts.first()?;
            let base = base(estate, account.source)?;
            Some(format!("{base}/users/{}", account.id))
        }
        // What happened is found where its row is.
        Key::Event(..) => None,
    }
}

/// Page of a file of a ticket.
pub fn attachment(estate: &Estate, source: SourceId, id: u64) -> Option<String> {
    (id > 0).then_some(())?;
    Some(format!("{}/attachments/{id}", base(estate, source)?))
}

/// Page of a host or service in Checkmk: the inner address is encoded, then encoded again as a whole.
fn checkmk(base: &str, host: &str, service: Option<&str>) -> String {
    let inner = match service {
        Some(service) => format!(
            "view.py?view_name=service&host={}&service={}",
            encode(host),
            encode(service)
        ),
        None => format!("view.py?view_name=host&host={}", encode(host)),
    };
    format!("{base}/check_mk/index.py?start_url={}", encode(&inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checkmk_links_are_encoded_twice() {
        assert_eq!(
            checkmk(
                "https://m.example.org/look",
                "wiki",
                Some("HTTPS wiki & co")
            ),
            "https://m.example.org/look/check_mk/index.py?start_url=view.py%3Fview_name%3Dservice%26host%3Dwiki%26service%3DHTTPS%2520wiki%2520%2526%2520co"
        );
    }
}

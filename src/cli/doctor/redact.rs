//! Masks what says where the servers are and who asks.
//!
//! Two nets: every host and account that the configuration names, and whatever looks like an address, a
//! host's name in a URL, or `name@place`. The same thing gets the same mask, so a report still reads.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use crate::config::shape::{
    Config, Database, Listens, MailStore, ProxmoxCredential, Reach, System,
};

/// What is masked.
#[derive(Debug, Default)]
pub struct Mask {
    /// Known words, the longest first, with their masks.
    known: Vec<(String, String)>,
    /// Words met on the way.
    met: Mutex<BTreeMap<String, String>>,
    /// The home directory, which has the user's name in it.
    home: Option<String>,
}

impl Mask {
    /// The mask for a configuration.
    pub fn of(config: &Config) -> Self {
        let mut mask = Self {
            home: std::env::var("HOME").ok().filter(|home| home.len() > 1),
            ..Self::default()
        };
        let mut hosts: Vec<String> = Vec::new();
        let mut accounts: Vec<String> = Vec::new();
        for source in &config.sources {
            match &source.system {
                System::Proxmox(s) => {
                    of_reach(&s.reach, &mut hosts);
                    match &s.credential {
                        ProxmoxCredential::Token { id, .. } => accounts.extend(id.clone()),
                        ProxmoxCredential::Password { user, .. } => accounts.push(user.clone()),
                    }
                }
                System::Checkmk(s) => {
                    of_reach(&s.reach, &mut hosts);
                    accounts.push(s.user.clone());
                }
                System::Redmine(s) => of_reach(&s.reach, &mut hosts),
                System::Web(s) => {
                    for site in &s.sites {
                        hosts.extend(site.url.host_str().map(str::to_owned));
                        hosts.push(site.name.clone());
                    }
                }
                System::Mail(mail) => {
                    hosts.extend(mail.host.clone());
                    match &mail.store {
                        MailStore::Postfix { ssh, .. } => of_ssh(ssh.as_deref(), &mut hosts),
                        MailStore::Table(table) => {
                            if let Database::Server { listens, user, .. } = &table.database {
                                accounts.push(user.clone());
                                if let Listens::Tcp { host, .. } = listens {
                                    hosts.push(host.clone());
                                }
                            }
                        }
                    }
                }
                System::Roster(_) => {}
            }
        }
        for (words, mask_word) in [(hosts, "host"), (accounts, "account")] {
            for word in words {
                // Very short names are in everything.
                if word.len() > 2 && !mask.known.iter().any(|(known, _)| *known == word) {
                    let number = mask.known.len() + 1;
                    mask.known.push((word, format!("<{mask_word} {number}>")));
                }
            }
        }
        mask.known
            .sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        mask
    }

    /// The text with masks in it.
    pub fn over(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if let Some(home) = &self.home {
            text = text.replace(home.as_str(), "~");
        }
        let mut out = String::with_capacity(text.len());
        let mut word = String::new();
        for c in text.chars().chain(std::iter::once('\n')) {
            if c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '"' | '\'' | '“' | '”')
            {
                out.push_str(&self.word(&word));
                word.clear();
                out.push(c);
            } else {
                word.push(c);
            }
        }
        out.pop();
        out
    }

    /// One word between blanks.
    fn word(&self, word: &str) -> String {
        let mut shown = word.to_owned();
        for (known, mask) in &self.known {
            shown = replaced(&shown, known, mask);
        }
        if shown != word {
            return shown;
        }
        let end = word.trim_end_matches(['.', ':', '!', '?']);
        let tail = word.strip_prefix(end).unwrap_or_default();
        if let Some((scheme, rest)) = end.split_once("://") {
            let place = rest.split('/').next().unwrap_or_default();
            let path = rest.strip_prefix(place).unwrap_or_default();
            return format!("{scheme}://{}{path}{tail}", self.met("host", place));
        }
        let bare = end.trim_matches(['[', ']']);
        if bare.parse::<IpAddr>().is_ok() || end.parse::<SocketAddr>().is_ok() {
            return format!("{}{tail}", self.met("address", end));
        }
        if let Some((account, place)) = end.split_once('@')
            && !account.is_empty()
            && !place.is_empty()
            // Lines to copy name the account that is to be made: that is advice, not news.
            && account != "vigie"
        {
            return format!("{}{tail}", self.met("account", end));
        }
        let host = end.split(':').next().unwrap_or_default();
        if looks_like_host(host) {
            let rest = end.strip_prefix(host).unwrap_or_default();
            return format!("{}{rest}{tail}", self.met("host", host));
        }
        word.to_owned()
    }

    fn met(&self, what: &str, word: &str) -> String {
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        let number = self.known.len() + met.len() + 1;
        met.entry(word.to_owned())
            .or_insert_with(|| format!("<{what} {number}>"))
            .clone()
    }
}

/// The text with a mask for each place where `known` stands for itself, not within another word.
fn replaced(text: &str, known: &str, mask: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(known) {
        let joined = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let within = joined(before.chars().next_back()) || joined(after.chars().next());
        out.push_str(before);
        out.push_str(if within { known } else { mask });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// `wiki.example.org`, but not `config.toml`, `VM.Audit` or `1.3`.
fn looks_like_host(word: &str) -> bool {
    const FILES: [&str; 12] = [
        "toml", "pem", "key", "token", "secret", "json", "conf", "service", "html", "cf", "sh",
        "log",
    ];
    let labels: Vec<&str> = word.split('.').collect();
    let is_label = |label: &&str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'*')
    };
    labels.len() >= 2
        && labels.iter().all(is_label)
        && labels.last().is_some_and(|last| {
            last.len() >= 2 && last.bytes().all(|b| b.is_ascii_lowercase()) && !FILES.contains(last)
        })
}

fn of_reach(reach: &Reach, hosts: &mut Vec<String>) {
    hosts.extend(
        reach
            .urls
            .iter()
            .filter_map(|url| url.host_str().map(str::to_owned)),
    );
    if let Some(tunnel) = &reach.tunnel {
        of_ssh(Some(&tunnel.ssh), hosts);
        hosts.push(tunnel.to_host.clone());
    }
}

fn of_ssh(destination: Option<&str>, hosts: &mut Vec<String>) {
    if let Some(destination) = destination {
        hosts.push(destination.to_owned());
        hosts.extend(
            destination
                .rsplit_once('@')
                .map(|(_, host)| host.to_owned()),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_hosts_and_accounts_are_masked_and_words_are_not() {
        let mask = Mask {
            known: vec![("golem.example.org".to_owned(), "<host 1>".to_owned())],
            ..Mask::default()
        };
        let table = [
            (
                "3 addresses: 10.1.2.3, fe80::1.",
                "3 addresses: <address 2>, <address 3>.",
            ),
            ("GET / on golem.example.org:8006", "GET / on <host 1>:8006"),
            ("see https://other.example.net/x", "see https://<host 4>/x"),
            ("token anne@pam!tui", "token <account 5>"),
            (
                "for wiki.example.org and *.example.com",
                "for <host 6> and <host 7>",
            ),
            (
                "VM.Audit in config.toml, TLS 1.3",
                "VM.Audit in config.toml, TLS 1.3",
            ),
            ("pveum user add vigie@pve", "pveum user add vigie@pve"),
            ("10.1.2.3 again", "<address 2> again"),
            ("golem.example.organic", "<host 8>"),
        ];
        for (text, masked) in table {
            assert_eq!(mask.over(text), masked);
        }
    }
}

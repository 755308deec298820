//! Addresses, deadlines and caps: how a server is reached.

use std::time::Duration;

use url::{Host, Url};

use super::super::document::Checked;
use super::super::shape::{Deadlines, Reach};
use super::super::table::Table;
use super::super::value::Value;
use super::{ssh, tls};
use crate::domain::Bytes;

/// Largest body unless configured.
const BODY_CAP: Bytes = Bytes(32 << 20);

/// What a kind of source wants of its address.
pub(super) struct Wanted {
    /// Whether several addresses may be given.
    pub(super) many: bool,
    /// An address to show when one is missing or wrong.
    pub(super) example: &'static str,
    /// Whether a tunnel makes the address needless.
    pub(super) tunnel_suffices: bool,
    /// Brings the address into the form that [`Reach::urls`] promises.
    pub(super) base: fn(&Value<'_>, &Url, &Given<'_>) -> Checked<Url>,
    /// Shortest sensible whole deadline, and why.
    pub(super) least_timeout: (u64, &'static str),
}

/// What is known beside the parsed address.
pub(super) struct Given<'a> {
    /// As it is written.
    pub(super) text: &'a str,
    /// Whether a tunnel leads there.
    pub(super) tunnelled: bool,
}

/// Reads `url`, `ca`, `fingerprint`, `tunnel`, `timeout`, `connect_timeout`, `body_cap`.
pub(super) fn read(table: &mut Table<'_>, wanted: &Wanted) -> Checked<Reach> {
    let urls = urls(table, wanted);
    let trust = tls::trust(table);
    let tunnel = ssh::tunnel(table);
    let deadlines = deadlines(table, wanted.least_timeout);
    let body_cap = table
        .value("body_cap")
        .map_or(Ok(BODY_CAP), |value| value.bytes());
    Ok(Reach {
        urls: urls?,
        trust: trust?,
        tunnel: tunnel?,
        deadlines: deadlines?,
        body_cap: body_cap?,
    })
}

fn urls(table: &mut Table<'_>, wanted: &Wanted) -> Checked<Vec<Url>> {
    let tunnelled = table.has("tunnel");
    let help = format!("write url = \"{}\"", wanted.example);
    let Some(value) = table.value("url") else {
        if tunnelled
            && wanted.tunnel_suffices
            && let Ok(loopback) = Url::parse("http://127.0.0.1")
        {
            return Ok(vec![loopback]);
        }
        return Err(table.miss(&["url"], "has no url", &help));
    };
    let items = value.one_or_many();
    if items.is_empty() {
        return Err(value.complain("is an empty list", &help));
    }
    if let [_, second, ..] = items.as_slice() {
        if !wanted.many {
            return Err(second.complain("is one too many", "keep one address"));
        }
        if tunnelled {
            return Err(second.complain("is one too many", "a tunnel leads to one address only"));
        }
    }
    let mut urls: Vec<Url> = Vec::with_capacity(items.len());
    let mut done = Ok(());
    for item in &items {
        let read = address(item, wanted.example).and_then(|url| {
            bare(item, &url)?;
            secure(item, &url, tunnelled)?;
            let text = item.text("")?;
            (wanted.base)(item, &url, &Given { text, tunnelled })
        });
        match read {
            Ok(url) if urls.contains(&url) => {
                done = Err(item.complain("is there twice", "keep one of them"));
            }
            Ok(url) => urls.push(url),
            Err(filed) => done = Err(filed),
        }
    }
    done.map(|()| urls)
}

/// An `http://` or `https://` address without a user in it.
pub(super) fn address(value: &Value<'_>, example: &str) -> Checked<Url> {
    let help = format!("write \"{example}\"");
    let text = value.text(&help)?;
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(value.complain("holds blanks", &help));
    }
    let Some((scheme, _)) = text.split_once("://") else {
        let plain = |c: char| c.is_ascii_alphanumeric() || ".:-_/[]".contains(c);
        let help = if text.chars().all(plain) && !text.starts_with(['/', '.', ':']) {
            format!("write \"https://{text}\"")
        } else {
            help
        };
        return Err(value.complain("has no https:// before it", &help));
    };
    if !matches!(scheme.to_ascii_lowercase().as_str(), "https" | "http") {
        return Err(value.complain("begins with neither https:// nor http://", &help));
    }
    let url = Url::parse(text)
        .map_err(|error| value.complain(&format!("is no address: {error}"), &help))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(value.complain(
            "holds a user or password",
            "take them out: credentials have keys of their own",
        ));
    }
    Ok(url)
}

/// Neither query nor fragment: what the browser shows is often pasted whole.
fn bare(value: &Value<'_>, url: &Url) -> Checked<()> {
    if url.query().is_none() && url.fragment().is_none() {
        return Ok(());
    }
    let mut without = url.clone();
    without.set_query(None);
    without.set_fragment(None);
    Err(value.complain(
        "has a query or a # part",
        &format!("write \"{}\"", shown(&without)),
    ))
}

/// Credentials travel in the clear over `http://`, so only within this machine or a tunnel.
fn secure(value: &Value<'_>, url: &Url, tunnelled: bool) -> Checked<()> {
    if url.scheme() == "https" || tunnelled || is_loopback(url) {
        return Ok(());
    }
    Err(value.complain(
        "would send the credential in the clear",
        "write https://; an old server without is reached by tunnel = { ssh = …, to = … }",
    ))
}

/// Whether the address never leaves this machine: `localhost`, `127.0.0.0/8`, `::1`.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// As people write it: without a slash at the end.
pub(super) fn shown(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}

/// The same address with this path; no slash at the end save for the root.
pub(super) fn with_segments(url: &Url, segments: &[String]) -> Url {
    let mut url = url.clone();
    url.set_path(&segments.join("/"));
    url
}

/// The parts of the path that are not empty.
pub(super) fn segments(url: &Url) -> Vec<String> {
    url.path()
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Reads `timeout` and `connect_timeout`.
pub(super) fn deadlines(table: &mut Table<'_>, least: (u64, &str)) -> Checked<Deadlines> {
    let default = Deadlines::default();
    let whole = table.value("timeout").map_or(Ok(default.whole), |value| {
        value.duration(
            Duration::from_secs(least.0),
            Duration::from_mins(10),
            least.1,
        )
    });
    let connect = table
        .value("connect_timeout")
        .map_or(Ok(default.connect), |value| {
            value.duration(
                Duration::from_millis(500),
                Duration::from_mins(1),
                "names and TLS take their time",
            )
        });
    let whole = whole?;
    Ok(Deadlines {
        connect: connect?.min(whole),
        first_byte: default.first_byte.min(whole),
        whole,
    })
}

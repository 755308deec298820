//! `[web.NAME]` and its `[[web.NAME.site]]`

mod request;

use std::time::Duration;

use toml::de::DeValue;
use url::Url;

use super::super::document::Checked;
use super::super::shape::{Deadlines, Expect, Method, Site, Web};
use super::super::table::Table;
use super::super::value::Value;
use super::{reach, tls};
use crate::domain::web::CertificateLevels;

const EXAMPLE: &str = "https://wiki.example.org/";

/// Most sites asked at the same time, unless configured: a bastion is no load generator.
const PARALLEL: usize = 6;

/// What sites take from their source unless they say otherwise.
#[derive(Clone, Copy)]
struct Defaults {
    interval: Duration,
    deadlines: Deadlines,
    certificate: CertificateLevels,
}

/// Reads the table. `every` is the source's own interval.
pub(super) fn read(table: &mut Table<'_>, name: &str, every: Duration) -> Checked<Web> {
    let trust = tls::trust(table);
    let deadlines = reach::deadlines(table, (1, "a page takes its time"));
    let parallel = table
        .value("parallel")
        .map_or(Ok(PARALLEL), |value| parallel(&value));
    let certificate = certificate(table, CertificateLevels::default());
    let defaults = Defaults {
        interval: every,
        certificate: certificate.as_ref().copied().unwrap_or_default(),
        deadlines: deadlines.as_ref().copied().unwrap_or_default(),
    };
    let sites = sites(table, name, defaults);
    deadlines?;
    certificate?;
    Ok(Web {
        sites: sites?,
        trust: trust?,
        parallel: parallel?,
    })
}

/// Days left of a certificate from which on it is worth a word. One of the two alone moves the other where it must.
fn certificate(table: &mut Table<'_>, usual: CertificateLevels) -> Checked<CertificateLevels> {
    let mut days = |key: &'static str| -> Checked<Option<u32>> {
        const HELP: &str = "write a number of days, 0 to 1000, without quotes";
        let Some(value) = table.value(key) else {
            return Ok(None);
        };
        let number = value
            .integer()
            .ok_or_else(|| value.mistype("a whole number", HELP))?;
        match u32::try_from(number) {
            Ok(days) if days <= 1000 => Ok(Some(days)),
            _ => Err(value.complain("is no number of days", HELP)),
        }
    };
    let (warn, crit) = (days("warn_days"), days("crit_days"));
    let (warn, crit) = (warn?, crit?);
    if let (Some(warn), Some(crit)) = (warn, crit)
        && crit > warn
    {
        let message = format!(
            "the crit_days of {} are more than its warn_days",
            table.subject()
        );
        return Err(table.complain_at("crit_days", &message, "write the smaller of both here"));
    }
    Ok(CertificateLevels {
        warn: warn.unwrap_or_else(|| usual.warn.max(crit.unwrap_or(0))),
        crit: crit.unwrap_or_else(|| usual.crit.min(warn.unwrap_or(u32::MAX))),
    })
}

fn parallel(value: &Value<'_>) -> Checked<usize> {
    const HELP: &str = "write a number from 1 to 64, without quotes";
    let number = value
        .integer()
        .ok_or_else(|| value.mistype("a whole number", HELP))?;
    usize::try_from(number)
        .ok()
        .filter(|n| (1..=64).contains(n))
        .ok_or_else(|| value.complain("is not between 1 and 64", HELP))
}

/// A site, and whether its name was given.
struct Read {
    site: Site,
    named: bool,
}

fn sites(table: &mut Table<'_>, name: &str, defaults: Defaults) -> Checked<Vec<Site>> {
    let help = format!("write [[web.{name}.site]] and under it url = \"{EXAMPLE}\"");
    let Some(value) = table.value("site") else {
        return Err(table.miss(&["site"], "has no site", &help));
    };
    let items = value.list("a list of sites", &help)?;
    if items.is_empty() {
        return Err(value.complain("is an empty list", &help));
    }
    let mut sites: Vec<Read> = Vec::with_capacity(items.len());
    let mut done = Ok(());
    for item in items {
        let DeValue::Table(entries) = item.raw() else {
            done = Err(item.mistype("a table", &help));
            continue;
        };
        let mut inner = Table::new(
            item.document(),
            entries,
            item.span(),
            format!("[[web.{name}.site]]"),
            format!("a site of \"{name}\""),
        );
        let read = site(&mut inner, defaults);
        if let Ok(read) = &read {
            if sites.iter().any(|other| is_same(&other.site, &read.site)) {
                let message = format!("a site of \"{name}\" is there twice");
                done = Err(inner.complain_at("url", &message, "keep one of them"));
            } else if read.named
                && (sites.iter()).any(|o| o.named && same_name(&o.site.name, &read.site.name))
            {
                let message = format!("two sites of \"{name}\" have this name");
                done = Err(inner.complain_at("name", &message, "give each a name of its own"));
            }
        }
        match (read, inner.finish()) {
            (Ok(read), Ok(())) => sites.push(read),
            (Err(filed), _) | (_, Err(filed)) => done = Err(filed),
        }
    }
    done.map(|()| tell_apart(sites))
}

/// The same question to the same machine. The same address may be asked at several backends.
fn is_same(one: &Site, other: &Site) -> bool {
    one.url == other.url && one.address == other.address && one.method == other.method
}

/// As rows of different sources are joined: without case.
fn same_name(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// Sites without a name are called by their host, and by more of their address where that is taken.
fn tell_apart(sites: Vec<Read>) -> Vec<Site> {
    let mut taken: Vec<String> = (sites.iter().filter(|read| read.named))
        .map(|read| read.site.name.to_lowercase())
        .collect();
    let mut out = Vec::with_capacity(sites.len());
    for Read { mut site, named } in sites {
        if !named {
            let host = site.url.host_str().unwrap_or_default();
            let port = site.url.port().map(|p| format!(":{p}")).unwrap_or_default();
            let backend = (site.address.iter())
                .map(|a| format!(" at {}:{}", a.host, a.port))
                .next()
                .unwrap_or_default();
            let path = site.url.path().trim_end_matches('/');
            let candidates = [
                host.to_owned(),
                format!("{host}{port}{path}"),
                site.url.to_string(),
                format!("{host}{backend}"),
            ];
            let free = |name: &&String| !taken.contains(&name.to_lowercase());
            let numbered = || {
                // One of them is free: there are fewer sites.
                (2..=taken.len() + 2)
                    .map(|n| format!("{host} {n}"))
                    .find(|name| free(&name))
            };
            let name = candidates.iter().find(free).cloned().or_else(numbered);
            site.name = name.unwrap_or_default();
            taken.push(site.name.to_lowercase());
        }
        out.push(site);
    }
    out
}

fn site(table: &mut Table<'_>, defaults: Defaults) -> Checked<Read> {
    let url = table.required("url", &format!("write url = \"{EXAMPLE}\""));
    // A probe carries no credential, so plain http is fine: the redirect to https is worth a look.
    let url = url.and_then(|value| {
        let mut url = reach::address(&value, EXAMPLE)?;
        url.set_fragment(None);
        Ok(url)
    });
    let known = url.as_ref().ok();
    let name = table
        .value("name")
        .map(|value| value.tidy_text("write a short name").map(str::to_owned))
        .transpose();
    let method = table
        .value("method")
        .map_or(Ok(Method::Get), |value| request::method(&value));
    let headers = table
        .value("headers")
        .map_or(Ok(Vec::new()), |value| request::headers(&value));
    let address = table
        .value("address")
        .map_or(Ok(Vec::new()), |value| request::addresses(&value, known));
    let interval = table.value("interval").map_or(Ok(defaults.interval), |v| {
        v.duration(
            Duration::from_secs(5),
            Duration::from_hours(24),
            "people use this site",
        )
    });
    let whole = table.value("timeout").map(|value| {
        let most = Duration::from_mins(10);
        value.duration(Duration::from_secs(1), most, "a page takes its time")
    });
    let expect = table
        .value("expect")
        .map_or(Ok(Expect::Fine), |value| expect(&value, known));
    let must_contain = text(table, "must_contain", method);
    let must_not_contain = text(table, "must_not_contain", method);
    let upgrade = table
        .value("upgrade")
        .map_or(Ok(None), |value| upgrade(&value, known));
    let certificate = certificate(table, defaults.certificate);
    let runs_on = table.value("runs_on").map(|v| machine(&v)).transpose();
    let proxy = table.value("proxy").map(|v| machine(&v)).transpose();
    let needs: Checked<Vec<String>> = table
        .value("needs")
        .map_or_else(Vec::new, |value| value.one_or_many())
        .iter()
        .map(machine)
        .collect();
    let (url, name) = (url?, name?);
    let site = Site {
        method: method?,
        headers: headers?,
        address: address?,
        interval: interval?,
        deadlines: whole.transpose()?.map_or(defaults.deadlines, |whole| {
            let default = Deadlines::default();
            Deadlines {
                connect: defaults.deadlines.connect.min(whole),
                first_byte: default.first_byte.min(whole),
                whole,
            }
        }),
        expect: expect?,
        must_contain: must_contain?,
        must_not_contain: must_not_contain?,
        upgrade: upgrade?,
        certificate: certificate?,
        runs_on: runs_on?,
        proxy: proxy?,
        needs: needs?,
        ..Site::new(name.as_deref().unwrap_or_default(), url)
    };
    Ok(Read {
        named: name.is_some(),
        site,
    })
}

/// A text that a page must, or must not, have in it.
fn text(
    table: &mut Table<'_>,
    key: &'static str,
    method: Checked<Method>,
) -> Checked<Option<String>> {
    let Some(value) = table.value(key) else {
        return Ok(None);
    };
    let text = value.text("write some words of the page")?;
    if method == Ok(Method::Head) {
        return Err(value.complain(
            "looks at a page, and HEAD gives none",
            "take method = \"HEAD\" out",
        ));
    }
    Ok(Some(text.to_owned()))
}

/// `true`, or the `http://` address that should lead to `https://`.
fn upgrade(value: &Value<'_>, site: Option<&Url>) -> Checked<Option<Url>> {
    const HELP: &str = "write upgrade = true, or the address: \"http://wiki.example.org/\"";
    match value.as_flag() {
        Some(false) => return Ok(None),
        Some(true) => {
            // A site that cannot be read has been complained about.
            let Some(site) = site else { return Ok(None) };
            if site.scheme() != "https" {
                return Err(value.complain(
                    "makes no sense: the site itself is http://",
                    "write expect = \"https://…\", the address it should redirect to",
                ));
            }
            if site.port().is_some() {
                return Err(value.complain(
                    "is not enough where the address has a port",
                    "write the address: upgrade = \"http://wiki.example.org:8080/\"",
                ));
            }
            let mut url = site.clone();
            // Cannot fail from https to http.
            let _ = url.set_scheme("http");
            return Ok(Some(url));
        }
        None => {}
    }
    let DeValue::String(_) = value.raw() else {
        return Err(value.mistype("true or an address", HELP));
    };
    let url = reach::address(value, "http://wiki.example.org/")?;
    if url.scheme() != "http" {
        return Err(value.complain("does not begin with http://", HELP));
    }
    Ok(Some(url))
}

/// A status, or where it redirects to: a whole address, or a path of the same host.
fn expect(value: &Value<'_>, site: Option<&Url>) -> Checked<Expect> {
    const HELP: &str = "write a status such as 200, or the address it redirects to";
    if let Some(number) = value.integer() {
        return u16::try_from(number)
            .ok()
            .filter(|code| (100..600).contains(code))
            .map(Expect::Status)
            .ok_or_else(|| value.complain("is no HTTP status", "write one of 100 to 599"));
    }
    let DeValue::String(_) = value.raw() else {
        return Err(value.mistype("a status or an address", HELP));
    };
    let text = value.text(HELP)?;
    if text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit()) {
        let help = format!("write {text} without quotes");
        return Err(value.complain("is a status in quotes", &help));
    }
    if text.starts_with('/')
        && let Some(target) = site.and_then(|site| site.join(text).ok())
    {
        return Ok(Expect::Redirect(target));
    }
    reach::address(value, EXAMPLE).map(Expect::Redirect)
}

/// A guest's name, or its VMID, or both its source and one of them: `golem/105`.
fn machine(value: &Value<'_>) -> Checked<String> {
    const HELP: &str = "write the guest's name, or its VMID";
    match value.integer() {
        Some(vmid) if vmid > 0 => Ok(vmid.to_string()),
        Some(_) => Err(value.complain("is no VMID", HELP)),
        None => value.tidy_text(HELP).map(str::to_owned),
    }
}

//! `[web.NAME]` and its `[[web.NAME.site]]`

use toml::de::DeValue;
use url::Url;

use super::super::document::Checked;
use super::super::shape::{Expect, Site, Web};
use super::super::table::Table;
use super::super::value::Value;
use super::{reach, tls};

const EXAMPLE: &str = "https://wiki.example.org/";

/// Reads the table.
pub(super) fn read(table: &mut Table<'_>, name: &str) -> Checked<Web> {
    let trust = tls::trust(table);
    let deadlines = reach::deadlines(table, (1, "a page takes its time"));
    let sites = sites(table, name);
    Ok(Web {
        sites: sites?,
        trust: trust?,
        deadlines: deadlines?,
    })
}

fn sites(table: &mut Table<'_>, name: &str) -> Checked<Vec<Site>> {
    let help = format!("write [[web.{name}.site]] and under it url = \"{EXAMPLE}\"");
    let Some(value) = table.value("site") else {
        return Err(table.miss(&["site"], "has no site", &help));
    };
    let items = value.list("a list of sites", &help)?;
    if items.is_empty() {
        return Err(value.complain("is an empty list", &help));
    }
    let mut sites: Vec<Site> = Vec::with_capacity(items.len());
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
        let read = site(&mut inner);
        let twice = read
            .as_ref()
            .is_ok_and(|site| sites.iter().any(|other| other.url == site.url));
        if twice {
            let message = format!("a site of \"{name}\" is there twice");
            done = Err(inner.complain_at("url", &message, "keep one of them"));
        }
        match (read, inner.finish()) {
            (Ok(site), Ok(())) => sites.push(site),
            (Err(filed), _) | (_, Err(filed)) => done = Err(filed),
        }
    }
    done.map(|()| sites)
}

fn site(table: &mut Table<'_>) -> Checked<Site> {
    let url = table.required("url", &format!("write url = \"{EXAMPLE}\""));
    // A probe carries no credential, so plain http is fine: the redirect to https is worth a look.
    let url = url.and_then(|value| {
        let mut url = reach::address(&value, EXAMPLE)?;
        url.set_fragment(None);
        Ok(url)
    });
    let name = table
        .value("name")
        .map(|value| value.tidy_text("write a short name").map(str::to_owned))
        .transpose();
    let expect = table
        .value("expect")
        .map_or(Ok(Expect::Fine), |value| expect(&value, url.as_ref().ok()));
    let runs_on = table.value("runs_on").map(|v| machine(&v)).transpose();
    let proxy = table.value("proxy").map(|v| machine(&v)).transpose();
    let needs: Checked<Vec<String>> = table
        .value("needs")
        .map_or_else(Vec::new, |value| value.one_or_many())
        .iter()
        .map(machine)
        .collect();
    let url = url?;
    let name = name?.unwrap_or_else(|| url.host_str().unwrap_or_default().to_owned());
    Ok(Site {
        name,
        url,
        expect: expect?,
        runs_on: runs_on?,
        proxy: proxy?,
        needs: needs?,
    })
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

//! Web sites that are asked from here.

use toml_edit::{ArrayOfTables, Item, Table, value};
use url::Url;

use super::desk::{Desk, Then};
use super::form::Form;
use super::given::Given;
use super::talk::Stop;
use crate::cli::doctor::step::Verdict;
use crate::domain::{SourceKind, Text};

/// Steps of the doctor that are the same for all.
const SAID: &[&str] = &["budget"];

/// The dialogue.
pub fn set_up(desk: &mut Desk<'_>, given: &mut Given) -> Result<Vec<Form>, Stop> {
    let flagged = std::mem::take(&mut given.url);
    let mut urls = Vec::new();
    if flagged.is_empty() {
        loop {
            let question = if urls.is_empty() {
                "Address of a site, such as https://wiki.example.org"
            } else {
                "Address of one more (Enter when that is all)"
            };
            let typed = if urls.is_empty() {
                desk.talk.line(question, None, "--url")?
            } else {
                desk.talk.maybe(question, "--url")?
            };
            if typed.is_empty() {
                break;
            }
            match address(&typed) {
                Ok(url) if urls.contains(&url) => desk
                    .talk
                    .wrong("that one is there already", "type another one"),
                Ok(url) => urls.push(url),
                Err(wrong) => desk.talk.wrong(&wrong, "write https://wiki.example.org/"),
            }
        }
    } else {
        for typed in flagged {
            urls.push(address(&typed).map_err(|wrong| Stop::Refused(format!("--url: {wrong}")))?);
        }
    }
    of_sites(desk, given, &urls, "Web sites, asked from here.")
        .map(|form| form.into_iter().collect())
}

/// What people type of an address, as a whole one.
fn address(typed: &str) -> Result<String, String> {
    let whole = if typed.contains("://") {
        typed.to_owned()
    } else {
        format!("https://{typed}")
    };
    match Url::parse(&whole) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => Ok(whole),
        Ok(_) => Err("that is neither https:// nor http://".to_owned()),
        Err(error) => Err(format!("that is no address: {error}")),
    }
}

/// A source of these sites, each asked once; nothing when there are none.
pub fn of_sites(
    desk: &mut Desk<'_>,
    given: &mut Given,
    urls: &[String],
    comment: &str,
) -> Result<Option<Form>, Stop> {
    if urls.is_empty() {
        return Ok(None);
    }
    let mut form = Form::new(SourceKind::Web);
    form.comments.push(comment.to_owned());
    let mut sites = ArrayOfTables::new();
    let mut names = Vec::new();
    for url in urls {
        let mut site = Table::new();
        site.insert("url", value(url.as_str()));
        // Without a name it is the host's, which two of them may share.
        let host = Url::parse(url)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned));
        let host = host.unwrap_or_default();
        if names.contains(&host) {
            let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
            site.insert(
                "name",
                value(Text::clean(rest.trim_end_matches('/')).as_str()),
            );
        }
        names.push(host);
        sites.push(site);
    }
    form.table.insert("site", Item::ArrayOfTables(sites));
    let worst = desk.trial(&form, SAID);
    // Only a wrong table fails; a site that is down is a finding.
    if worst == Verdict::Fails {
        let then = desk.then(given, &[Then::Keep, Then::Leave])?;
        if then == Then::Leave {
            return Ok(None);
        }
    }
    form.name = desk.name(SourceKind::Web, given.name.take(), "sites")?;
    Ok(Some(form))
}

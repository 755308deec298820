//! The configuration with which vigie reads the lab.

use std::fmt::Write as _;
use std::path::Path;

use super::Server;
use super::checkmk::{SITE, USER as AUTOMATION};
use super::proxmox::{TOKEN, USER};
use super::roster::RosterFile;
use super::tables::Tables;
use super::world::World;

/// What of a lab is files.
#[derive(Clone, Copy)]
pub(super) struct Files<'a> {
    pub(super) roster: &'a RosterFile,
    pub(super) tables: &'a Tables,
    /// The Postfix; `None` where files cannot be run.
    pub(super) postqueue: Option<&'a Path>,
}

/// A configuration in TOML that names the servers of a lab.
pub(super) fn config_toml(
    world: &World,
    Files {
        roster,
        tables,
        postqueue,
    }: Files<'_>,
    port: impl Fn(Server) -> u16,
) -> String {
    let url = |server| format!("http://127.0.0.1:{}", port(server));
    let secrets = &world.secrets;
    let mut text = format!(
        r#"# The embedded lab of `vigie demo`: sample data, new credentials at every start.

[proxmox.golem]
url = "{golem}"
token = "{USER}!{TOKEN}={token}"
refresh = "2s"
{cap}
[proxmox.pikachu]
url = "{pikachu}"
user = "{USER}"
password = "{password}"
refresh = "2s"

[checkmk.monitor]
url = "{checkmk}/{SITE}"
user = "{AUTOMATION}"
secret = "{automation}"
refresh = "3s"
{cap}
[redmine.tickets]
url = "{redmine}"
key = "{key}"
refresh = "3s"
section = [
    {{ name = "Open" }},
    {{ name = "Mine", assignee = "me" }},
    {{ name = "Unassigned", assignee = "nobody" }},
    {{ name = "Overdue", overdue = true }},
    {{ name = "Watched", watched = true }},
    {{ name = "Stuck", untouched_days = 21 }},
    {{ name = "Council", query = 3 }},
]

[roster.team]
file = {roster}

[web.sites]
refresh = "5s"
"#,
        // 100,000 guests are 35 MB of answer; the usual cap is 32 MiB.
        cap = if world.options.size.is_some() {
            "body_cap = \"512 MiB\"\n"
        } else {
            ""
        },
        golem = url(Server::Golem),
        pikachu = url(Server::Pikachu),
        checkmk = url(Server::Checkmk),
        redmine = url(Server::Redmine),
        token = secrets.token,
        password = secrets.password,
        automation = secrets.automation,
        key = secrets.key,
        roster = quoted(&roster.path().to_string_lossy()),
    );
    for site in &world.sample.sites.site {
        let expect = match &site.redirect {
            Some(target) => quoted(target),
            None => "200".to_owned(),
        };
        // Writing into a String does not fail.
        let _ = write!(
            text,
            "\n[[web.sites.site]]\nurl = {}\nname = {}\nruns_on = {}\nexpect = {expect}\n",
            quoted(&format!("{}{}", url(Server::Web), site.path)),
            quoted(&site.name),
            quoted(&site.runs_on),
        );
    }
    let _ = write!(
        text,
        r#"
[mail.newsletter]
kind = "admidio"
system = "sqlite"
file = {newsletter}
on = "admidio"
cycle = "10s"
batch = 10
refresh = "3s"

[mail.site]
kind = "mail_queue"
system = "sqlite"
file = {site}
on = "www"
cycle = "10s"
refresh = "5s"
"#,
        newsletter = quoted(&tables.newsletter().to_string_lossy()),
        site = quoted(&tables.site().to_string_lossy()),
    );
    if let Some(program) = postqueue {
        let _ = write!(
            text,
            "\n[mail.outgoing]\nkind = \"postfix\"\npostqueue = {}\non = \"mail\"\nrefresh = \"3s\"\n",
            quoted(&program.to_string_lossy()),
        );
    }
    text
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

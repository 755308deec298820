//! Proxmox VE: the token or password, and the other nodes of its cluster.

use url::Url;

use super::certificate;
use super::credential::{self, PASSWORD, Wanted, looks_like};
use super::desk::Desk;
use super::form::{Form, Kept};
use super::given::Given;
use super::server::{self, Kind};
use super::talk::{Stop, choice};
use crate::cli::doctor::proxmox::ACCOUNT_WITH_TOKEN;
use crate::cli::doctor::step::Verdict;
use crate::config::shape::{System, Trust};
use crate::config::{Secret, pasted_token};
use crate::domain::{Batch, Reading, SourceKind, Text};
use crate::source::{Client as _, proxmox};

const KIND: Kind = Kind {
    of: SourceKind::Proxmox,
    question: "Address of the server",
    example: "https://golem.example.org:8006",
    name: "pve",
    // The daemon that pveproxy hands to; it listens on loopback without TLS.
    tunnel: Some("127.0.0.1:85"),
    credential,
};

/// The dialogue.
pub fn set_up(desk: &Desk<'_>, given: &mut Given) -> Result<Vec<Form>, Stop> {
    let mut form = Form::new(SourceKind::Proxmox);
    let Some(worst) = server::set_up(desk, &mut form, given, &KIND)? else {
        return Ok(Vec::new());
    };
    let what = if worst < Verdict::Fails {
        cluster(desk, &mut form, given)?
    } else {
        "Proxmox VE, which did not work yet when it was written down.".to_owned()
    };
    form.comments.push(what);
    Ok(vec![form])
}

fn credential(desk: &Desk<'_>, form: &mut Form, given: &mut Given) -> Result<(), Stop> {
    for key in ["token_id", "user"] {
        form.table.remove(key);
    }
    let by_token = given.user.is_none() && (given.token_id.is_some() || given.secret.is_some());
    let by_password = given.user.is_some();
    let at = if by_token || by_password {
        usize::from(by_password)
    } else {
        desk.talk.pick(
            "How does vigie log in?",
            &[
                choice(
                    "token",
                    "with an API token (6.2 and later); it can be taken back alone",
                ),
                choice("password", "with user and password"),
            ],
            Some(0),
            "--user",
        )?
    };
    if at == 1 {
        let user = loop {
            let user = match given.user.take() {
                Some(user) => user,
                None => desk
                    .talk
                    .line("User with realm", Some("vigie@pve"), "--user")?,
            };
            if user.contains('@') && !user.contains('!') {
                break user;
            }
            let next = "write vigie@pve or root@pam";
            if !desk.talk.asks() {
                return Err(Stop::Refused(format!(
                    "--user: that is not user@realm; {next}"
                )));
            }
            desk.talk.wrong("that is not user@realm", next);
        };
        form.set("user", &user);
        let wanted = Wanted {
            what: PASSWORD,
            ending: "password",
            name: &form.name,
        };
        form.secret = Some(("password", credential::ask(desk, given, wanted)?));
        return Ok(());
    }
    if desk.talk.asks() && given.secret.is_none() {
        desk.talk.say(&format!(
            "  A token that may only look is made on the server with:\n    {}",
            ACCOUNT_WITH_TOKEN.replace('\n', "\n    ")
        ));
    }
    loop {
        let wanted = Wanted {
            what: "API token",
            ending: "token",
            name: &form.name,
        };
        let kept = credential::ask(desk, given, wanted)?;
        if let Some(secret) = whole(desk, form, given, kept)? {
            form.secret = Some(secret);
            return Ok(());
        }
    }
}

/// The token with its id, asked for when only the secret was pasted. `None` when it is no token.
fn whole(
    desk: &Desk<'_>,
    form: &mut Form,
    given: &mut Given,
    kept: Kept,
) -> Result<Option<(&'static str, Kept)>, Stop> {
    let (text, again): (&Secret, fn(Secret, &Kept) -> Kept) = match &kept {
        Kept::NewFile(secret, _) => (secret, |secret, kept| match kept {
            Kept::NewFile(_, path) => Kept::NewFile(secret, path.clone()),
            _ => Kept::Inline(secret),
        }),
        Kept::Inline(secret) => (secret, |secret, _| Kept::Inline(secret)),
        _ => {
            if let Some(id) = given.token_id.take() {
                form.set("token_id", &id);
                return Ok(Some(("secret", kept)));
            }
            return Ok(Some(("token", kept)));
        }
    };
    let text = text.expose().to_owned();
    if let Some(token) = pasted_token(&text) {
        let whole = Secret::new(format!("{}={}", token.id, token.secret.expose()));
        return Ok(Some(("token", again(whole, &kept))));
    }
    if text.contains(char::is_whitespace)
        || text.contains(['=', '!'])
        || looks_like(&text).is_none_or(|l| !l.contains("token"))
    {
        let is =
            looks_like(&text).map_or_else(String::new, |like| format!("; it looks like {like}"));
        let what = format!("that is no Proxmox token{is}");
        let next = "paste it whole: user@realm!name=secret, as pveum printed it";
        if !desk.talk.asks() {
            return Err(Stop::Refused(format!("{what}; {next}")));
        }
        desk.talk.wrong(&what, next);
        return Ok(None);
    }
    let id = match given.token_id.take() {
        Some(id) => id,
        None => desk.talk.line(
            "That is the secret. Which token is it of",
            Some("vigie@pve!tui"),
            "--token-id",
        )?,
    };
    let whole = format!("{id}={text}");
    if pasted_token(&whole).is_none() {
        desk.talk.wrong(
            "that is no token's id",
            "write user@realm!name, such as vigie@pve!tui",
        );
        return Ok(None);
    }
    Ok(Some(("token", again(Secret::new(whole), &kept))))
}

/// A node of the same cluster at an address of its own.
struct Other {
    name: String,
    url: String,
    fingerprint: Option<String>,
    line: String,
}

/// Offers the other nodes of the cluster, so that it is read while one of them is away. What to say of it.
fn cluster(desk: &Desk<'_>, form: &mut Form, given: &Given) -> Result<String, Stop> {
    let config = form.config(desk.file).ok();
    let Some(source) = config.and_then(|config| config.sources.into_iter().next()) else {
        return Ok("Proxmox VE".to_owned());
    };
    let System::Proxmox(settings) = &source.system else {
        return Ok("Proxmox VE".to_owned());
    };
    let client = proxmox::Client::new(&source.name, settings);
    let answered = desk.runtime.block_on(client.read(Reading::Cluster));
    let Ok(Batch::Cluster(cluster)) = answered.outcome else {
        return Ok("Proxmox VE".to_owned());
    };
    let version = cluster.version.as_ref().map_or("", Text::as_str);
    let mut what = format!("Proxmox VE {version}");
    if let Some(name) = &cluster.name {
        what.push_str(&format!(", cluster {name}"));
    }
    let is_direct = settings.reach.tunnel.is_none() && settings.reach.urls.len() == 1;
    let Some(base) = settings.reach.urls.first().filter(|_| is_direct) else {
        return Ok(what);
    };
    let here = base.host_str().unwrap_or_default();
    let members: Vec<(String, Option<String>)> = cluster
        .members
        .iter()
        .map(|m| (m.name.to_string(), m.address.as_ref().map(Text::to_string)))
        .filter(|(name, address)| {
            address.as_deref() != Some(here) && here.split('.').next() != Some(name.as_str())
        })
        .collect();
    if members.is_empty() || cluster.members.len() < 2 {
        return Ok(what);
    }
    let others: Vec<Other> = desk.runtime.block_on(async {
        let mut others = Vec::new();
        for (name, address) in &members {
            others.extend(other(base, &settings.reach.trust, name, address.as_deref()).await);
        }
        others
    });
    if others.is_empty() {
        return Ok(what);
    }
    desk.talk
        .say("  The cluster has more nodes. With their addresses it is read while one is away:");
    let lines: Vec<String> = others.iter().map(|other| other.line.clone()).collect();
    let wanted = desk.found(given, "Which of them", &lines, true)?;
    let mut urls = form.texts("url");
    let mut pins = form.texts("fingerprint");
    for at in wanted {
        if let Some(other) = others.get(at) {
            urls.push(other.url.clone());
            pins.extend(other.fingerprint.clone());
            what.push_str(&format!(", also node {}", other.name));
        }
    }
    form.set_all("url", &urls);
    if !pins.is_empty() {
        form.set_all("fingerprint", &pins);
    }
    Ok(what)
}

/// A node at the name that its neighbour's suggests, or at its address; `None` when neither answers.
async fn other(base: &Url, trust: &Trust, name: &str, address: Option<&str>) -> Option<Other> {
    let here = base.host_str().unwrap_or_default();
    let by_name = here
        .split_once('.')
        .filter(|_| matches!(base.host(), Some(url::Host::Domain(_))))
        .map(|(_, domain)| format!("{name}.{domain}"));
    for host in by_name.into_iter().chain(address.map(str::to_owned)) {
        let mut url = base.clone();
        if url.set_host(Some(&host)).is_err() {
            continue;
        }
        let shown = url.as_str().trim_end_matches('/').to_owned();
        if url.scheme() == "http" {
            continue;
        }
        let fingerprint = if matches!(trust, Trust::Pins(_)) {
            certificate::offered(&url).await.map(|o| o.fingerprint)
        } else {
            None
        };
        if fingerprint.is_none() && !certificate::is_trusted(&url, trust).await {
            continue;
        }
        let line = match &fingerprint {
            Some(pin) => format!("{name}  {shown}  to be pinned: {pin}"),
            None => format!("{name}  {shown}"),
        };
        return Some(Other {
            name: name.to_owned(),
            url: shown,
            fingerprint,
            line,
        });
    }
    None
}

//! The dialogue about a server that is reached over HTTP: address, way, certificate, credential, a live trial.

use std::time::Duration;

use url::Url;

use super::address;
use super::certificate::{self, Decided};
use super::desk::{self, Desk, Then};
use super::form::Form;
use super::given::Given;
use super::talk::Stop;
use crate::cli::doctor::reach;
use crate::cli::doctor::step::{Steps, Verdict};
use crate::config::shape::{Reach, System};
use crate::domain::SourceKind;

/// Steps that were said on the way and need not be said again.
const WAY: &[&str] = &[
    "name",
    "connection",
    "tls",
    "answer",
    "clock",
    "tunnel",
    "secret",
    "budget",
];

/// How long the way may take.
const WITHIN: Duration = Duration::from_secs(40);

/// What is different between the kinds.
pub struct Kind {
    /// Which.
    pub of: SourceKind,
    /// What to ask for its address.
    pub question: &'static str,
    /// An address as an example.
    pub example: &'static str,
    /// What the source is called when its address says nothing.
    pub name: &'static str,
    /// Where a tunnel usually leads to, if one makes sense.
    pub tunnel: Option<&'static str>,
    /// Asks for the credential and puts it into the form.
    pub credential: fn(&Desk<'_>, &mut Form, &mut Given) -> Result<(), Stop>,
}

/// What the way came to.
enum Way {
    Open,
    Then(Then),
}

/// The whole dialogue; whether the form is to be kept, and whether it works.
pub fn set_up(
    desk: &Desk<'_>,
    form: &mut Form,
    given: &mut Given,
    kind: &Kind,
) -> Result<Option<Verdict>, Stop> {
    let mut named = given.name.take();
    let mut then = Then::Address;
    if let Some(destination) = given.tunnel.take() {
        let to = given.tunnel_to.take();
        let to = to.as_deref().or(kind.tunnel).unwrap_or("127.0.0.1:443");
        form.set_inline("tunnel", &[("ssh", &destination), ("to", to)]);
    }
    loop {
        match then {
            Then::Leave => return Ok(None),
            Then::Keep => return Ok(Some(Verdict::Fails)),
            Then::Address => {
                let has_tunnel = form.table.contains_key("tunnel") && given.url.is_empty();
                if !has_tunnel || kind.tunnel.is_none() {
                    address::ask(desk, form, &mut given.url, kind.question, kind.example)?;
                }
            }
            Then::Tunnel => tunnel(desk, form, kind)?,
            Then::Again | Then::Credential => {}
        }
        if form.name == "new" {
            let proposed = form.texts("url").into_iter().next().unwrap_or_default();
            let proposed = desk::name_of(&proposed, kind.name);
            form.name = desk.name(kind.of, named.take(), &proposed)?;
        }
        if then != Then::Credential {
            match way(desk, form, given, kind)? {
                Way::Open => {}
                Way::Then(next) => {
                    then = next;
                    if then == Then::Keep && !has_credential(form) {
                        (kind.credential)(desk, form, given)?;
                    }
                    continue;
                }
            }
        }
        if then == Then::Credential || !has_credential(form) {
            (kind.credential)(desk, form, given)?;
        }
        let worst = desk.trial(form, WAY);
        if worst < Verdict::Fails {
            return Ok(Some(worst));
        }
        then = desk.then(
            given,
            &[
                Then::Again,
                Then::Credential,
                Then::Address,
                Then::Keep,
                Then::Leave,
            ],
        )?;
    }
}

fn has_credential(form: &Form) -> bool {
    form.secret.is_some()
}

/// Goes the way to the server without a credential, and asks about a certificate that nobody vouches for.
fn way(desk: &Desk<'_>, form: &mut Form, given: &mut Given, kind: &Kind) -> Result<Way, Stop> {
    loop {
        let Some(reach) = reach_of(desk, form) else {
            return Ok(Way::Then(Then::Address));
        };
        let talk = desk.talk;
        let steps = Steps::telling(move |step| {
            let mut step = step.clone();
            if step.name == "tls" && step.verdict == Verdict::Fails {
                // The lines to write are for those who write: here it is asked.
                step.next = None;
            }
            talk.say(&step.text());
        });
        let name = form.name.clone();
        let open = desk.runtime.block_on(async {
            tokio::time::timeout(WITHIN, reach::examine(&name, &reach, &steps)).await
        });
        if open == Ok(true) {
            return Ok(Way::Open);
        }
        let failed = steps
            .take()
            .into_iter()
            .find(|s| s.verdict == Verdict::Fails);
        let is_tls = failed.as_ref().is_some_and(|step| step.name == "tls");
        let offered = match reach.urls.first() {
            Some(url) if is_tls && reach.tunnel.is_none() => {
                desk.runtime.block_on(certificate::offered(url))
            }
            _ => None,
        };
        if let Some(offered) = offered {
            if form.table.contains_key("ca") && !desk.talk.asks() {
                let what = failed.map(|step| step.what).unwrap_or_default();
                return Err(Stop::Refused(what));
            }
            match certificate::decide(desk, form, given, &offered)? {
                Decided::Trusted => continue,
                Decided::Address => return Ok(Way::Then(Then::Address)),
                Decided::Leave => return Ok(Way::Then(Then::Leave)),
            }
        }
        if let Some(next) = failed.and_then(|step| step.next).filter(|_| is_tls) {
            desk.talk.say(&format!(
                "           -> {}",
                next.replace('\n', "\n              ")
            ));
        }
        let mut offers = vec![Then::Again, Then::Address];
        if kind.tunnel.is_some() {
            offers.push(Then::Tunnel);
        }
        offers.extend([Then::Keep, Then::Leave]);
        return Ok(Way::Then(desk.then(given, &offers)?));
    }
}

fn tunnel(desk: &Desk<'_>, form: &mut Form, kind: &Kind) -> Result<(), Stop> {
    let url = form.texts("url").into_iter().next().unwrap_or_default();
    let host = Url::parse(&url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    let usual = host.map(|host| format!("root@{host}"));
    let destination = desk
        .talk
        .line("Destination for ssh", usual.as_deref(), "--tunnel")?;
    let to = desk.talk.line(
        "Where the server listens, as seen from there",
        kind.tunnel,
        "--tunnel-to",
    )?;
    // The address is the tunnel's end then, and TLS is ssh's.
    form.table.remove("url");
    form.set_inline("tunnel", &[("ssh", &destination), ("to", &to)]);
    Ok(())
}

/// The form's way as the configuration's checks see it; says what is wrong with it.
fn reach_of(desk: &Desk<'_>, form: &Form) -> Option<Reach> {
    let mut bare = form.clone();
    bare.secret = None;
    for key in [
        "token", "token_id", "secret", "user", "password", "key", "projects",
    ] {
        bare.table.remove(key);
    }
    let mut anything = toml_edit::InlineTable::new();
    anything.insert("env", "ANY".into());
    let anything = toml_edit::value(anything);
    match form.kind {
        SourceKind::Proxmox => bare.table.insert("token", anything),
        SourceKind::Checkmk => {
            bare.set("user", "any");
            bare.table.insert("secret", anything)
        }
        _ => bare.table.insert("key", anything),
    };
    match bare.config(desk.file) {
        Ok(config) => config
            .sources
            .into_iter()
            .find_map(|source| match source.system {
                System::Proxmox(settings) => Some(settings.reach),
                System::Checkmk(settings) => Some(settings.reach),
                System::Redmine(settings) => Some(settings.reach),
                _ => None,
            }),
        Err(errors) => {
            desk.complain(&errors);
            None
        }
    }
}

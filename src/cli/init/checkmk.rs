//! Checkmk: the automation user, and the web sites and mail queues that it knows.

use tokio::time::Instant;

use super::credential::{self, Wanted, looks_like};
use super::desk::Desk;
use super::form::{Form, Kept};
use super::given::Given;
use super::server::{self, Kind};
use super::talk::Stop;
use super::{mail, web};
use crate::cli::doctor::checkmk::ACCOUNT;
use crate::cli::doctor::step::Verdict;
use crate::cli::status::once;
use crate::config::Config;
use crate::domain::{SourceKind, Text};
use crate::estate::Estate;

const KIND: Kind = Kind {
    of: SourceKind::Checkmk,
    question: "Address of the site",
    example: "https://monitor.example.org/site",
    name: "monitor",
    tunnel: None,
    credential,
};

/// How long reading what it knows may take.
const WITHIN: std::time::Duration = std::time::Duration::from_secs(40);

/// The dialogue.
pub fn set_up(desk: &mut Desk<'_>, given: &mut Given) -> Result<Vec<Form>, Stop> {
    let mut form = Form::new(SourceKind::Checkmk);
    let Some(worst) = server::set_up(desk, &mut form, given, &KIND)? else {
        return Ok(Vec::new());
    };
    form.comments
        .push("Checkmk, read as an automation user.".to_owned());
    let mut forms = vec![form];
    if worst < Verdict::Fails
        && let Some(config) = forms.first().and_then(|form| form.config(desk.file).ok())
    {
        forms.extend(found(desk, given, &config)?);
    }
    Ok(forms)
}

fn credential(desk: &Desk<'_>, form: &mut Form, given: &mut Given) -> Result<(), Stop> {
    if desk.talk.asks() && given.secret.is_none() {
        desk.talk
            .say(&format!("  If there is none yet: {ACCOUNT}."));
    }
    let user = match given.user.take() {
        Some(user) => user,
        None => desk
            .talk
            .line("Automation user", Some("automation"), "--user")?,
    };
    form.set("user", &user);
    let wanted = Wanted {
        what: "automation secret",
        ending: "secret",
        name: &form.name,
    };
    let kept = credential::ask(desk, given, wanted)?;
    if let Kept::NewFile(secret, _) | Kept::Inline(secret) = &kept
        && let Some(like) = looks_like(secret.expose()).filter(|like| !like.contains("Checkmk"))
    {
        desk.talk.wrong(
            &format!("that looks like {like}"),
            "it is tried all the same; the automation secret stands in the user's properties",
        );
    }
    form.secret = Some(("secret", kept));
    Ok(())
}

/// What the site knows of web sites and mail queues, as the dashboard would show it.
fn found(desk: &mut Desk<'_>, given: &mut Given, config: &Config) -> Result<Vec<Form>, Stop> {
    let end = Instant::now() + WITHIN;
    let asked = desk.runtime.block_on(once::ask(config, end));
    let estate = &asked.estate;
    let mut forms = Vec::new();
    let sites = sites(estate);
    if !sites.is_empty() {
        desk.talk.say(
            "  It checks these web sites, and vigie shows what it says of them. vigie can also ask them from here:",
        );
        let chosen = desk.found(given, "Which of them", &sites, false)?;
        let urls: Vec<String> = chosen
            .iter()
            .filter_map(|at| sites.get(*at).cloned())
            .collect();
        forms.extend(web::of_sites(
            desk,
            given,
            &urls,
            "Web sites that Checkmk knows, asked from here.",
        )?);
    }
    let queues = queues(estate);
    if !queues.is_empty() {
        desk.talk.say(
            "  It counts these mail queues, and vigie shows the numbers. Read at its own place a queue also tells its\n  \
             oldest mail and why mails wait; Postfix' is read with postqueue through ssh:",
        );
        let lines: Vec<String> = queues
            .iter()
            .map(|(host, line)| format!("{host}  {line}"))
            .collect();
        for at in desk.found(given, "Which of them", &lines, false)? {
            if let Some((host, _)) = queues.get(at) {
                forms.extend(mail::of_host(desk, given, host)?);
            }
        }
    }
    Ok(forms)
}

/// The addresses that its checks name; nothing that is no host.
fn sites(estate: &Estate) -> Vec<String> {
    let mut urls: Vec<String> = estate
        .web
        .iter()
        .filter(|row| row.check.is_some() || row.certificate.is_some())
        .filter_map(|row| {
            let name = row.name.as_str();
            let url = if name.contains("://") {
                name.to_owned()
            } else {
                format!("https://{name}")
            };
            let parsed = url::Url::parse(&url).ok()?;
            let host = parsed.host_str()?;
            (host.contains('.') && !name.contains(' ')).then_some(url)
        })
        .collect();
    urls.sort();
    urls.dedup();
    urls
}

/// Postfix' queues: the host, and how they stand.
fn queues(estate: &Estate) -> Vec<(String, String)> {
    estate
        .queues
        .iter()
        .filter(|row| row.check.is_some() && row.queue.is_none())
        .filter_map(|row| {
            let check = row.check.and_then(|at| estate.check(at))?;
            check
                .command
                .as_deref()
                .filter(|command| command.contains("postfix"))?;
            let depth = row.depth.map_or_else(String::new, |depth| {
                format!("{} waiting", crate::ui::words::count(depth, "mail"))
            });
            Some((Text::clean(&check.host).to_string(), depth))
        })
        .collect()
}

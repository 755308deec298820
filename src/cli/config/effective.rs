//! `vigie config print --effective`: what is in force, and where each value comes from.

use std::path::Path;

use toml_edit::{Array, Document, InlineTable, Item, Table, Value};

use crate::config::shape::{
    Choice, Colours, Config, Deadlines, Proxmox, Reach, Source, System, Trust,
};
use crate::config::{Origins, duration};
use crate::domain::Text;
use crate::source::http::certificate;

/// Keys whose values are secrets when they are texts.
const SECRETS: [&str; 5] = ["token", "secret", "password", "key", "headers"];

/// The whole configuration as TOML, with a word behind each value.
pub fn text(config: &Config, origins: &Origins) -> String {
    let mut out = String::from(
        "# What is in force, and where each value comes from. Secrets are named, never shown.\n",
    );
    if config.files.is_empty() {
        out.push_str("# No file was read.\n");
    }
    for file in &config.files {
        out.push_str(&format!("# {}\n", shown(&file.display().to_string())));
    }
    out.push_str("\n[ui]\n");
    let ui = &config.ui;
    let zone = ui.zone.as_deref().unwrap_or("");
    for (key, value) in [
        ("theme", quoted(&ui.theme)),
        ("colours", quoted(colours(ui.colours))),
        ("ascii", quoted(choice(ui.ascii))),
        ("mouse", ui.mouse.to_string()),
        ("start_tab", ui.start_tab.to_string()),
        ("privacy", ui.privacy.to_string()),
        ("zone", quoted(zone)),
    ] {
        let origin = origins.of(&format!("ui.{key}"));
        if key == "zone" && zone.is_empty() {
            out.push_str(&line("# zone", "", "the machine's"));
        } else {
            out.push_str(&line(key, &value, origin));
        }
    }
    if !config.keys.is_empty() {
        out.push_str("\n[keys]\n");
    }
    for binding in &config.keys {
        let keys: Array = binding.keys.iter().map(ToString::to_string).collect();
        out.push_str(&line(
            &binding.action,
            &keys.to_string(),
            origins.of(&format!("keys.{}", binding.action)),
        ));
    }
    out.push_str("\n[triage]\n");
    let hold = quoted(&duration::written(config.triage.hold));
    out.push_str(&line("hold", &hold, origins.of("triage.hold")));
    if !config.joins.is_empty() {
        out.push_str("\n[joins]\n");
    }
    for join in &config.joins {
        let host = match &join.host {
            Some(host) => quoted(host),
            None => "false".to_owned(),
        };
        let origin = origins.of(&format!("joins.{}", join.thing));
        out.push_str(&line(&quoted(&join.thing), &host, origin));
    }
    for source in &config.sources {
        out.push_str(&of_source(source, origins));
    }
    out
}

/// A source: what its file says, then what nobody said.
fn of_source(source: &Source, origins: &Origins) -> String {
    let kind = source.kind().name();
    let origin = origins.of(&format!("{kind}.{}", source.name));
    let mut out = format!("\n# from {}\n[{kind}.{}]\n", shown(origin), source.name);
    let file = origin.rsplitn(3, ':').last().unwrap_or_default();
    let text = std::fs::read_to_string(Path::new(file)).unwrap_or_default();
    let parsed = Document::parse(text.as_str()).ok();
    let table = parsed.as_ref().and_then(|document| {
        let of_kind = document.as_table().get(kind)?;
        of_kind.as_table_like()?.get(&source.name)?.as_table_like()
    });
    let mut given: Vec<String> = Vec::new();
    let mut lists = String::new();
    for (key, item) in table.into_iter().flat_map(toml_edit::TableLike::iter) {
        given.push(key.to_owned());
        let place = item.span().map_or_else(
            || shown(file),
            |span| {
                let before = text.get(..span.start).unwrap_or_default();
                format!("line {}", before.matches('\n').count() + 1)
            },
        );
        match item {
            Item::Value(value) => out.push_str(&line(key, &safe(key, value), &place)),
            Item::ArrayOfTables(tables) => {
                for table in tables {
                    lists.push_str(&format!("[[{kind}.{}.{key}]]\n", source.name));
                    lists.push_str(&entries(table));
                }
            }
            Item::Table(_) => out.push_str(&line(key, "{ … }", &place)),
            Item::None => {}
        }
    }
    for (key, value) in defaults(source) {
        if !given.iter().any(|given| given == key) {
            out.push_str(&line(key, &value, "built in"));
        }
    }
    out.push_str(&lists);
    out
}

/// The entries of a table in a list.
fn entries(table: &Table) -> String {
    table
        .iter()
        .filter_map(|(key, item)| Some((key, item.as_value()?)))
        .map(|(key, value)| line(key, &safe(key, value), ""))
        .collect()
}

/// What holds for a source when nobody says otherwise.
fn defaults(source: &Source) -> Vec<(&'static str, String)> {
    let mut all = vec![("refresh", quoted(&duration::written(source.refresh)))];
    let mut reach = |reach: &Reach| {
        let Deadlines { connect, whole, .. } = reach.deadlines;
        all.push(("timeout", quoted(&duration::written(whole))));
        all.push(("connect_timeout", quoted(&duration::written(connect))));
        all.push((
            "body_cap",
            quoted(&format!("{} MiB", reach.body_cap.0 >> 20)),
        ));
        match &reach.trust {
            Trust::System => all.push(("# ca", "\"the system's roots\"".to_owned())),
            Trust::CaFile(path) => all.push(("ca", quoted(&path.display().to_string()))),
            Trust::Pins(pins) => {
                let pins: Array = pins.iter().map(certificate::show).collect();
                all.push(("fingerprint", pins.to_string()));
            }
        }
    };
    match &source.system {
        System::Proxmox(Proxmox { reach: way, .. }) => reach(way),
        System::Checkmk(settings) => reach(&settings.reach),
        System::Redmine(settings) => {
            reach(&settings.reach);
            let markup = match settings.markup {
                crate::config::shape::Markup::Textile => "textile",
                crate::config::shape::Markup::Markdown => "markdown",
            };
            all.push(("projects", "[]".to_owned()));
            all.push(("markup", quoted(markup)));
        }
        System::Web(settings) => all.push(("parallel", settings.parallel.to_string())),
        System::Mail(settings) => {
            if let Some(cycle) = settings.sending.cycle {
                all.push(("cycle", quoted(&duration::written(cycle))));
            }
        }
        System::Roster(_) => {}
    }
    all
}

/// A value as it may be shown: where a secret comes from, but never the secret.
fn safe(key: &str, value: &Value) -> String {
    if !SECRETS.contains(&key) {
        return plain(value);
    }
    match value {
        Value::InlineTable(table) if key == "headers" => {
            let names: InlineTable = table
                .iter()
                .map(|(name, value)| {
                    let value = if value.is_str() {
                        "•••".into()
                    } else {
                        value.clone()
                    };
                    (name, value)
                })
                .collect();
            plain(&Value::InlineTable(names))
        }
        Value::InlineTable(_) => plain(value),
        _ => "\"•••\"".to_owned(),
    }
}

fn plain(value: &Value) -> String {
    shown(value.clone().decorated("", "").to_string().trim())
}

/// `key = value  # origin`
fn line(key: &str, value: &str, origin: &str) -> String {
    let said = if value.is_empty() {
        key.to_owned()
    } else {
        format!("{key} = {value}")
    };
    if origin.is_empty() {
        return format!("{said}\n");
    }
    format!("{said:<40}  # {}\n", shown(origin))
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn shown(text: &str) -> String {
    Text::clean(text).to_string()
}

const fn choice(choice: Choice) -> &'static str {
    match choice {
        Choice::Auto => "auto",
        Choice::Yes => "yes",
        Choice::No => "no",
    }
}

const fn colours(colours: Colours) -> &'static str {
    match colours {
        Colours::Auto => "auto",
        Colours::True => "true",
        Colours::Indexed => "256",
        Colours::Sixteen => "16",
        Colours::None => "none",
    }
}

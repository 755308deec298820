//! `[joins]`: what Checkmk calls a node or guest whose names do not tell.

use toml::de::DeValue;

use super::super::document::Checked;
use super::super::shape::ManualJoin;
use super::super::value::Value;

const HELP: &str = "write \"golem/105\" = \"wiki\", with Checkmk's name of the host on the right";

/// Reads the entries in the order of the file. Whether such hosts are there is the estate's to find out.
pub(super) fn read(value: &Value<'_>) -> Vec<ManualJoin> {
    let DeValue::Table(entries) = value.raw() else {
        value.mistype("a table", "write [joins] on a line of its own");
        return Vec::new();
    };
    let document = value.document();
    let mut found: Vec<(usize, ManualJoin)> = Vec::new();
    for (thing, entry) in entries {
        let written: &str = thing.get_ref();
        let value = Value::new(document, entry, format!("the host of \"{written}\""));
        let thing_is_tidy = !written.trim().is_empty()
            && written.trim() == written
            && !written.chars().any(char::is_control);
        if !thing_is_tidy {
            document.complain(thing.span(), "this names no node or guest", HELP);
        }
        if let (Ok(host), true) = (host(&value), thing_is_tidy) {
            let join = ManualJoin {
                thing: written.to_owned(),
                host,
                place: document.place(&thing.span()),
            };
            found.push((thing.span().start, join));
        }
    }
    found.sort_by_key(|(start, _)| *start);
    found.into_iter().map(|(_, join)| join).collect()
}

/// A host's name, or `false` for none.
fn host(value: &Value<'_>) -> Checked<Option<String>> {
    match value.as_flag() {
        Some(false) => Ok(None),
        Some(true) => Err(value.complain(
            "is true",
            "write the host's name, or false if it is not in Checkmk",
        )),
        None => value.tidy_text(HELP).map(|host| Some(host.to_owned())),
    }
}

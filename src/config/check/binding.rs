//! `[keys]`: only the types are checked here; names of actions and keys are the app's.

use toml::de::DeValue;

use super::super::document::Checked;
use super::super::shape::KeyBinding;
use super::super::value::Value;

/// Reads the bindings in the order of the file.
pub(super) fn read(value: &Value<'_>) -> Vec<KeyBinding> {
    let DeValue::Table(entries) = value.raw() else {
        value.mistype("a table", "write [keys] on a line of its own");
        return Vec::new();
    };
    let document = value.document();
    let mut found: Vec<(usize, KeyBinding)> = Vec::new();
    for (action, entry) in entries {
        let name = format!("the key of \"{}\"", action.get_ref());
        let value = Value::new(document, entry, name);
        let keys: Checked<Vec<String>> = value
            .one_or_many()
            .iter()
            .map(|key| {
                key.text("write \"r\" or [\"r\", \"f5\"]; [] unbinds")
                    .map(str::to_owned)
            })
            .collect();
        if let Ok(keys) = keys {
            let binding = KeyBinding {
                action: action.get_ref().clone().into_owned(),
                keys,
                place: document.place(&action.span()),
            };
            found.push((action.span().start, binding));
        }
    }
    found.sort_by_key(|(start, _)| *start);
    found.into_iter().map(|(_, binding)| binding).collect()
}

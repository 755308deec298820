//! Which key does what: the defaults, changed by the user, conflicts refused.

use std::collections::HashMap;
use std::fmt;

use crate::config::shape::KeyBinding;
use crate::domain::keypress::{InvalidKey, KeyPress};

use super::Action;
use super::action::ACTIONS;

/// Keys by action and actions by key.
#[derive(Debug, Clone)]
pub struct Keymap {
    actions: HashMap<KeyPress, Action>,
    keys: HashMap<Action, Vec<KeyPress>>,
}

/// A binding that cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conflict {
    /// No such action; the nearest name, if one is near.
    NoSuchAction {
        /// Where it is written.
        place: String,
        /// What is written.
        action: String,
        /// What may be meant.
        near: Option<&'static str>,
    },
    /// No such key.
    NoSuchKey {
        /// Where it is written.
        place: String,
        /// What is wrong.
        why: String,
    },
    /// One key for two actions.
    Taken {
        /// The key.
        key: String,
        /// One action and where it gets the key.
        first: (&'static str, String),
        /// The other.
        second: (&'static str, String),
    },
    /// Nothing would lead out of the program.
    NoWayOut {
        /// Where `quit` is unbound.
        place: String,
    },
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchAction {
                place,
                action,
                near,
            } => {
                write!(f, "{place}: there is no action '{action}'")?;
                match near {
                    Some(near) => write!(f, "; did you mean '{near}'?"),
                    None => f.write_str("; 'vigie' shows all of them with ?"),
                }
            }
            Self::NoSuchKey { place, why } => write!(f, "{place}: {why}"),
            Self::Taken { key, first, second } => write!(
                f,
                "the key '{key}' is bound to '{}' ({}) and to '{}' ({}); give one of them another key",
                first.0, first.1, second.0, second.1
            ),
            Self::NoWayOut { place } => write!(f, "{place}: 'quit' needs at least one key"),
        }
    }
}

/// What is wrong with a key as written, and what to write.
fn unknown_key(written: &str, why: &InvalidKey) -> String {
    match why {
        InvalidKey::Empty => {
            "a key is missing: write a character or a name such as enter".to_owned()
        }
        InvalidKey::Modifier(word) => {
            format!(
                "'{written}': '{word}' cannot be held; write ctrl-, alt- or shift- before a key"
            )
        }
        InvalidKey::Name(word) => {
            let near = KeyPress::names()
                .map(|name| {
                    (
                        strsim::damerau_levenshtein(name, &word.to_lowercase()),
                        name,
                    )
                })
                .min()
                .filter(|(distance, _)| *distance <= 4)
                .map_or_else(
                    || "a character, or enter, esc, tab, space, up, pgdn, home, f1 …".to_owned(),
                    |(_, name)| format!("'{name}'"),
                );
            format!("'{written}' is no key; write {near}")
        }
    }
}

/// Where a default binding comes from, in messages.
const BUILT_IN: &str = "built in";

impl Keymap {
    /// The defaults with the user's bindings over them. A default key that the user gives to another
    /// action is taken away from its default action; two of the user's own on one key are refused.
    pub fn new(bindings: &[KeyBinding]) -> Result<Self, Vec<Conflict>> {
        let mut errors = Vec::new();
        let mut chosen: HashMap<Action, (Vec<KeyPress>, &str)> = HashMap::new();
        for binding in bindings {
            let Some(action) = Action::named(&binding.action) else {
                let near = ACTIONS
                    .iter()
                    .map(|a| (strsim::damerau_levenshtein(a.name, &binding.action), a.name))
                    .min()
                    .filter(|(distance, _)| *distance <= 3)
                    .map(|(_, name)| name);
                errors.push(Conflict::NoSuchAction {
                    place: binding.place.clone(),
                    action: binding.action.clone(),
                    near,
                });
                continue;
            };
            let mut keys = Vec::new();
            for key in &binding.keys {
                match key.parse::<KeyPress>() {
                    Ok(key) => keys.push(key),
                    Err(why) => {
                        errors.push(Conflict::NoSuchKey {
                            place: binding.place.clone(),
                            why: unknown_key(key, &why),
                        });
                    }
                }
            }
            if action == Action::Quit && keys.is_empty() {
                errors.push(Conflict::NoWayOut {
                    place: binding.place.clone(),
                });
            }
            chosen.insert(action, (keys, &binding.place));
        }
        let mut map = Self {
            actions: HashMap::new(),
            keys: HashMap::new(),
        };
        let mut places: HashMap<KeyPress, (&'static str, &str)> = HashMap::new();
        // The user's own first, so that they win over defaults.
        for about in &ACTIONS {
            let Some((keys, place)) = chosen.get(&about.action) else {
                continue;
            };
            for key in keys {
                if let Some(first) = places.insert(*key, (about.name, place)) {
                    if first.0 != about.name {
                        errors.push(Conflict::Taken {
                            key: key.to_string(),
                            first: (first.0, first.1.to_owned()),
                            second: (about.name, (*place).to_owned()),
                        });
                    }
                    continue;
                }
                map.bind(*key, about.action);
            }
        }
        for about in &ACTIONS {
            if chosen.contains_key(&about.action) {
                continue;
            }
            for key in about.keys.iter().filter_map(|k| k.parse::<KeyPress>().ok()) {
                if let std::collections::hash_map::Entry::Vacant(free) = places.entry(key) {
                    free.insert((about.name, BUILT_IN));
                    map.bind(key, about.action);
                }
            }
        }
        if errors.is_empty() {
            Ok(map)
        } else {
            Err(errors)
        }
    }

    fn bind(&mut self, key: KeyPress, action: Action) {
        self.actions.insert(key, action);
        self.keys.entry(action).or_default().push(key);
    }

    /// What a key does.
    pub fn action(&self, key: KeyPress) -> Option<Action> {
        self.actions.get(&key).copied()
    }

    /// The keys of an action, the first to be shown.
    pub fn keys(&self, action: Action) -> &[KeyPress] {
        self.keys.get(&action).map_or(&[], Vec::as_slice)
    }
}

impl Default for Keymap {
    fn default() -> Self {
        Self::new(&[]).unwrap_or_else(|_| Self {
            actions: HashMap::new(),
            keys: HashMap::new(),
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn bind(action: &str, keys: &[&str]) -> KeyBinding {
        KeyBinding {
            action: action.to_owned(),
            keys: keys.iter().map(|k| (*k).to_owned()).collect(),
            place: format!("config.toml:{}", action.len()),
        }
    }

    #[test]
    fn no_two_defaults_share_a_key() {
        let mut seen: HashMap<&str, &str> = HashMap::new();
        for about in &ACTIONS {
            for key in about.keys {
                assert!(key.parse::<KeyPress>().is_ok(), "{key}");
                assert_eq!(seen.insert(key, about.name), None, "{key}");
            }
        }
        let map = Keymap::default();
        assert_eq!(map.action("q".parse().unwrap()), Some(Action::Quit));
    }

    #[test]
    fn a_user_takes_a_default_key_for_another_action() {
        let map = Keymap::new(&[bind("refresh", &["f"])]).unwrap();
        assert_eq!(map.action(KeyPress::char('f')), Some(Action::Refresh));
        assert_eq!(
            map.action(KeyPress::char('r')),
            None,
            "the defaults of a bound action go"
        );
        assert!(map.keys(Action::Freeze).is_empty());
    }

    #[test]
    fn an_empty_list_unbinds() {
        let map = Keymap::new(&[bind("mark", &[])]).unwrap();
        assert_eq!(map.action("space".parse().unwrap()), None);
    }

    #[test]
    fn two_actions_on_one_key_are_refused_naming_both_places() {
        let errors = Keymap::new(&[bind("refresh", &["x"]), bind("freeze", &["x"])]).unwrap_err();
        let said = errors[0].to_string();
        assert!(
            said.contains("config.toml:7")
                && said.contains("config.toml:6")
                && said.contains("'x'"),
            "{said}"
        );
    }

    #[test]
    fn nonsense_is_refused_with_a_suggestion() {
        let errors = Keymap::new(&[
            bind("refesh", &["x"]),
            bind("mark", &["hyper-x"]),
            bind("quit", &[]),
        ])
        .unwrap_err();
        let said: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert!(said[0].contains("did you mean 'refresh'"), "{said:?}");
        assert!(said[1].contains("hyper-x"), "{said:?}");
        assert!(said[2].contains("quit"), "{said:?}");
    }
}

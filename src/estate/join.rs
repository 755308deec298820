//! How rows of different sources are found to be the same thing.
//!
//! Names are compared without case, whole or by their first label (`wiki` and `wiki.example.org`).
//! A name that fits several things fits none: nothing is guessed.

use std::collections::HashMap;

use crate::domain::SourceId;

use super::Place;

/// Things by name, where an ambiguous name leads nowhere.
#[derive(Debug, Default)]
pub struct Names {
    whole: HashMap<String, Option<Place>>,
    label: HashMap<String, Option<Place>>,
}

impl Names {
    /// Adds a thing under one of its names (name, alias, address).
    pub fn add(&mut self, name: &str, place: Place) {
        let name = name.to_lowercase();
        if let Some(label) = first_label(&name) {
            insert(&mut self.label, label.to_owned(), place);
        }
        insert(&mut self.whole, name, place);
    }

    /// The thing of that name: by the whole name first, then by first labels.
    pub fn find(&self, name: &str) -> Option<Place> {
        let name = name.to_lowercase();
        if let Some(found) = self.whole.get(&name) {
            return *found;
        }
        if let Some(label) = first_label(&name)
            && let Some(found) = self.whole.get(label)
        {
            return *found;
        }
        self.label.get(&name).copied().flatten()
    }
}

fn insert(map: &mut HashMap<String, Option<Place>>, name: String, place: Place) {
    map.entry(name)
        .and_modify(|known| {
            if *known != Some(place) {
                *known = None;
            }
        })
        .or_insert(Some(place));
}

/// `wiki` of `wiki.example.org`; nothing for an address or a name without dots.
fn first_label(name: &str) -> Option<&str> {
    if is_address(name) {
        return None;
    }
    name.split_once('.')
        .map(|(label, _)| label)
        .filter(|label| !label.is_empty())
}

/// Whether a name is an address rather than a name: only digits and dots, or a colon somewhere.
fn is_address(name: &str) -> bool {
    name.contains(':') || name.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// A place from its parts.
pub fn place(source: SourceId, index: usize) -> Place {
    Place {
        source,
        index: u32::try_from(index).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(index: usize) -> Place {
        place(SourceId(0), index)
    }

    #[test]
    fn whole_names_win_and_labels_help() {
        let mut names = Names::default();
        names.add("wiki", at(1));
        names.add("mail.example.org", at(2));
        assert_eq!(names.find("WIKI"), Some(at(1)));
        assert_eq!(names.find("wiki.example.net"), Some(at(1)));
        assert_eq!(names.find("mail"), Some(at(2)));
        assert_eq!(names.find("blog"), None);
    }

    #[test]
    fn an_ambiguous_name_leads_nowhere() {
        let mut names = Names::default();
        names.add("web.example.org", at(1));
        names.add("web.example.net", at(2));
        assert_eq!(names.find("web"), None);
        assert_eq!(names.find("web.example.net"), Some(at(2)));
        names.add("db", at(3));
        names.add("db", at(4));
        assert_eq!(names.find("db"), None);
    }

    #[test]
    fn addresses_have_no_first_label() {
        let mut names = Names::default();
        names.add("192.0.2.10", at(1));
        assert_eq!(names.find("192"), None);
        assert_eq!(names.find("192.0.2.10"), Some(at(1)));
    }
}

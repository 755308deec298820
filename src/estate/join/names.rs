//! Things by name.
//!
//! Names are compared without case, whole or by their first label (`wiki` and `wiki.example.org`).
//! A name that fits several things equally well fits none: nothing is guessed.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::estate::Place;

/// Most things remembered for one ambiguous name; more would only say the same.
const CANDIDATES: usize = 8;

/// How a name belongs to a thing, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// It is its name.
    Name,
    /// It is another name of it.
    Alias,
    /// It is its address.
    Address,
    /// Only the first labels are the same.
    Label,
}

/// What a name leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match<T> {
    /// Nothing.
    None,
    /// One thing.
    One(T, How),
    /// Several that it fits equally well, at most eight of them.
    Several(Vec<T>, How),
}

/// Things by name, where an ambiguous name leads nowhere.
#[derive(Debug)]
pub struct Names<T = Place> {
    whole: HashMap<String, Slot<T>>,
    label: HashMap<String, Slot<T>>,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self {
            whole: HashMap::new(),
            label: HashMap::new(),
        }
    }
}

#[derive(Debug)]
enum Slot<T> {
    One(T, How),
    Many(Vec<(T, How)>),
}

impl<T: Copy + Eq> Names<T> {
    /// Adds a thing under its name.
    pub fn add(&mut self, name: &str, thing: T) {
        self.add_as(name, thing, How::Name);
    }

    /// Adds a thing under one of its names.
    pub fn add_as(&mut self, name: &str, thing: T, how: How) {
        let name = lower(name);
        if let Some(label) = first_label(&name) {
            insert(&mut self.label, label.to_owned(), thing, how);
        }
        insert(&mut self.whole, name.into_owned(), thing, how);
    }

    /// The thing of that name, if there is exactly one.
    pub fn find(&self, name: &str) -> Option<T> {
        match self.lookup(name) {
            Match::One(thing, _) => Some(thing),
            _ => None,
        }
    }

    /// What a name leads to: by the whole name first, then by first labels.
    pub fn lookup(&self, name: &str) -> Match<T> {
        let name = lower(name);
        if let Some(found) = self.whole.get(&*name) {
            return found.resolve(None);
        }
        first_label(&name)
            .and_then(|label| self.whole.get(label))
            .or_else(|| self.label.get(&*name))
            .map_or(Match::None, |slot| slot.resolve(Some(How::Label)))
    }

    /// As [`Self::lookup`], by whole names only.
    pub fn lookup_whole(&self, name: &str) -> Match<T> {
        self.whole
            .get(&*lower(name))
            .map_or(Match::None, |slot| slot.resolve(None))
    }
}

impl<T: Copy + Eq> Slot<T> {
    fn resolve(&self, by: Option<How>) -> Match<T> {
        match self {
            Self::One(thing, how) => Match::One(*thing, by.unwrap_or(*how)),
            Self::Many(all) => {
                let best = all.iter().map(|(_, how)| *how).min().unwrap_or(How::Label);
                let fitting: Vec<T> = all
                    .iter()
                    .filter(|(_, how)| *how == best)
                    .map(|(thing, _)| *thing)
                    .collect();
                match fitting[..] {
                    [one] => Match::One(one, by.unwrap_or(best)),
                    _ => Match::Several(fitting, by.unwrap_or(best)),
                }
            }
        }
    }

    fn add(&mut self, thing: T, how: How) {
        match self {
            Self::One(known, by) if *known == thing => *by = (*by).min(how),
            Self::One(known, by) => *self = Self::Many(vec![(*known, *by), (thing, how)]),
            Self::Many(all) => {
                if let Some((_, by)) = all.iter_mut().find(|(known, _)| *known == thing) {
                    *by = (*by).min(how);
                } else if all.len() < CANDIDATES {
                    all.push((thing, how));
                } else if let Some(weaker) = all.iter_mut().find(|(_, by)| *by > how) {
                    *weaker = (thing, how);
                }
            }
        }
    }
}

fn insert<T: Copy + Eq>(map: &mut HashMap<String, Slot<T>>, name: String, thing: T, how: How) {
    map.entry(name)
        .and_modify(|slot| slot.add(thing, how))
        .or_insert(Slot::One(thing, how));
}

fn lower(name: &str) -> Cow<'_, str> {
    if name
        .bytes()
        .any(|b| !b.is_ascii() || b.is_ascii_uppercase())
    {
        Cow::Owned(name.to_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

/// `wiki` of `wiki.example.org`; nothing for an address or a name without dots.
fn first_label(name: &str) -> Option<&str> {
    let (label, _) = name.split_once('.')?;
    (!label.is_empty() && name.parse::<core::net::IpAddr>().is_err()).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_names_win_and_labels_help() {
        let mut names = Names::default();
        names.add("wiki", 1);
        names.add("mail.example.org", 2);
        assert_eq!(names.lookup("WIKI"), Match::One(1, How::Name));
        assert_eq!(names.lookup("wiki.example.net"), Match::One(1, How::Label));
        assert_eq!(names.lookup("mail"), Match::One(2, How::Label));
        assert_eq!(names.lookup_whole("mail"), Match::None);
        assert_eq!(names.find("blog"), None);
    }

    #[test]
    fn an_ambiguous_name_leads_nowhere() {
        let mut names = Names::default();
        names.add("web.example.org", 1);
        names.add("web.example.net", 2);
        assert_eq!(names.lookup("web"), Match::Several(vec![1, 2], How::Label));
        assert_eq!(names.find("web"), None);
        assert_eq!(names.find("web.example.net"), Some(2));
        names.add("db", 3);
        names.add("db", 4);
        assert_eq!(names.find("db"), None);
    }

    #[test]
    fn a_name_is_surer_than_an_alias() {
        let mut names = Names::default();
        names.add_as("wiki", 1, How::Alias);
        names.add("wiki", 2);
        assert_eq!(names.lookup("wiki"), Match::One(2, How::Name));
        names.add_as("wiki", 1, How::Name);
        assert_eq!(names.find("wiki"), None);
    }

    #[test]
    fn ten_thousand_equal_names_cost_no_more_than_eight() {
        let mut names = Names::default();
        for thing in 0..10_000 {
            names.add_as("localhost", thing, How::Alias);
        }
        names.add("localhost", 10_000);
        assert_eq!(names.find("localhost"), Some(10_000));
    }

    #[test]
    fn addresses_have_no_first_label() {
        let mut names = Names::default();
        names.add("192.0.2.10", 1);
        assert_eq!(names.find("192"), None);
        assert_eq!(names.find("192.0.2.10"), Some(1));
    }
}

//! Contacts to copy, and the review of the team.

use super::*;
use crate::app::{Effect, Notice};

fn copied(effects: &Effects) -> Option<&str> {
    match effects.list.as_slice() {
        [Effect::Copy(text)] => Some(text),
        _ => None,
    }
}

#[test]
fn a_contact_is_chosen_by_digit_or_by_moving() {
    let mut app = open(Tab::Team);
    assert!(press(&mut app, &["C"]).list.is_empty());
    assert!(matches!(app.layer(), Some(Layer::Contacts { at: 0, .. })));
    let effects = press(&mut app, &["2"]);
    assert_eq!(copied(&effects), Some("+44 1632 960 123"));
    assert!(app.layers.is_empty());
    // The footer tells what was sent, and not the number itself.
    assert_eq!(
        app.notice.as_ref().map(|(notice, _)| notice),
        Some(&Notice::Contact(
            "Anne Bonny".to_owned(),
            "phone".to_owned()
        ))
    );

    press(&mut app, &["down", "C"]);
    let effects = press(&mut app, &["enter"]);
    assert_eq!(copied(&effects), Some("@mary:example.org"));
    press(&mut app, &["C", "down", "down", "up", "end"]);
    let effects = press(&mut app, &["y"]);
    assert_eq!(copied(&effects), Some("+44 1632 960 123"));

    // A digit beyond the last does not open a tab.
    press(&mut app, &["C", "9"]);
    assert!(matches!(app.layer(), Some(Layer::Contacts { .. })));
    press(&mut app, &["esc"]);
    assert!(app.layers.is_empty());
    press(&mut app, &["C", "q"]);
    assert!(app.layers.is_empty(), "q leaves the list first");
}

#[test]
fn any_row_leads_to_the_contacts_of_whom_to_call() {
    for tab in [
        Tab::Triage,
        Tab::Hosts,
        Tab::Containers,
        Tab::Web,
        Tab::Mail,
        Tab::Tickets,
    ] {
        let mut app = open(tab);
        press(&mut app, &["C"]);
        let Some(Layer::Contacts { person, .. }) = app.layer() else {
            unreachable!("{tab:?}");
        };
        assert_eq!(
            *person,
            Key::Person("anne".into()),
            "{tab:?}: she is on call"
        );
    }
}

#[test]
fn nobody_to_call_is_said() {
    let mut app = open(Tab::Team);
    // Known from Redmine only.
    press(&mut app, &["end", "C"]);
    assert!(app.layers.is_empty());
    assert!(matches!(app.notice, Some((Notice::NoContact, _))));
}

#[test]
fn contacts_are_not_handed_out_while_masked() {
    let mut app = open(Tab::Team);
    press(&mut app, &["P"]);
    assert!(press(&mut app, &["C"]).list.is_empty());
    assert!(app.layers.is_empty());
    assert!(matches!(app.notice, Some((Notice::ContactsMasked, _))));
    // Masking closes a list that is open.
    press(&mut app, &["P", "C"]);
    assert!(matches!(app.layer(), Some(Layer::Contacts { .. })));
    press(&mut app, &["P"]);
    assert!(app.layers.is_empty());
}

#[test]
fn the_review_opens_anywhere_and_closes_by_its_own_key() {
    let mut app = open(Tab::Hosts);
    press(&mut app, &["W"]);
    assert!(matches!(app.layer(), Some(Layer::Review { scroll: 0 })));
    press(&mut app, &["W"]);
    assert!(app.layers.is_empty());
}

#[test]
fn what_stands_below_the_people_takes_no_rows_that_they_need() {
    let app = open(Tab::Team);
    let below = app.lines_below_team();
    assert_eq!(
        below, 9,
        "two headings, a group on call, six lines to put right"
    );
    assert_eq!(app.rows(Tab::Team).height(), 19 - below);
    assert_eq!(app.rows(Tab::Hosts).height(), 19);
    let small = crate::app::fixture::app((80, 10), Tab::Team);
    assert_eq!(small.lines_below_team(), 0);
    assert_eq!(small.rows(Tab::Team).height(), 5);
}

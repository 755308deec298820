//! Rows, tabs, jumps; the cursor under news.

use super::*;
use crate::app::Effect;
use crate::app::Notice;

#[test]
fn the_cursor_moves_by_rows_pages_and_ends() {
    let mut app = open(Tab::Containers);
    let mut at = |keys: &[&str]| {
        press(&mut app, keys);
        app.open_rows().position()
    };
    assert_eq!(at(&["down", "j"]), 2);
    assert_eq!(at(&["k"]), 1);
    assert_eq!(at(&["up", "up", "up"]), 0, "it stops at the first row");
    assert_eq!(at(&["G"]), 19);
    assert_eq!(at(&["down"]), 19, "and at the last one");
    assert_eq!(at(&["home"]), 0);
    // 19 rows fit; a page keeps one of them in sight.
    assert_eq!(at(&["pgdn"]), 18);
    assert_eq!(at(&["pgup"]), 0);
}

#[test]
fn the_window_follows_the_cursor_with_a_margin() {
    let mut app = app((80, 13), Tab::Containers);
    assert_eq!(app.open_rows().height(), 8);
    press(&mut app, &["down"; 6]);
    let rows = app.open_rows();
    assert_eq!(
        (rows.position(), rows.offset()),
        (6, 1),
        "two rows below stay in sight"
    );
    press(&mut app, &["G"]);
    assert_eq!(app.open_rows().offset(), 12);
    update(&mut app, Message::Resize(80, 24));
    assert_eq!(app.open_rows().offset(), 1, "no blank lines after growing");
}

#[test]
fn tabs_open_by_digit_and_in_turn() {
    let mut app = open(Tab::Triage);
    for (digit, tab) in Tab::ALL.into_iter().enumerate() {
        press(&mut app, &[&digit.to_string()]);
        assert_eq!(app.tab, tab);
    }
    press(&mut app, &["tab"]);
    assert_eq!(app.tab, Tab::Triage, "around the end");
    press(&mut app, &["shift-tab"]);
    assert_eq!(app.tab, Tab::Tickets);
    press(&mut app, &["[", "["]);
    assert_eq!(app.tab, Tab::Mail);
    press(&mut app, &["]"]);
    assert_eq!(app.tab, Tab::Team);
}

#[test]
fn each_tab_keeps_its_cursor() {
    let mut app = open(Tab::Containers);
    press(&mut app, &["down", "down", "1", "down", "2"]);
    assert_eq!(app.open_rows().cursor(), Some(&guest(102)));
    press(&mut app, &["1"]);
    assert_eq!(app.open_rows().position(), 1);
}

#[test]
fn the_cursor_stays_on_its_row_when_others_come() {
    let mut app = open(Tab::Containers);
    press(&mut app, &["down"; 5]);
    assert_eq!(app.open_rows().cursor(), Some(&guest(105)));
    let before = vmids(&app);
    update(&mut app, Message::Estate(fixture::later()));
    assert_ne!(vmids(&app), before);
    let rows = app.open_rows();
    assert_eq!(rows.cursor(), Some(&guest(105)));
    assert_eq!(rows.position(), 6, "one row came in above it");
}

#[test]
fn the_cursor_goes_to_a_neighbour_when_its_row_vanishes() {
    let mut app = open(Tab::Containers);
    update(&mut app, Message::Estate(fixture::later()));
    press(&mut app, &["end"]);
    type_in(&mut app, "/");
    press(&mut app, &["home"]);
    assert_eq!(app.open_rows().cursor(), Some(&guest(90)));
    update(&mut app, Message::Estate(fixture::estate()));
    assert_eq!(app.open_rows().cursor(), Some(&guest(100)));
    update(&mut app, Message::Estate(fixture::nothing_read()));
    assert_eq!(app.open_rows().cursor(), None);
    assert_eq!(app.open_rows().current(), None);
    press(
        &mut app,
        &["down", "enter", "right", "space", "y", "o", "Y"],
    );
    assert!(app.layers.is_empty(), "nothing to open");
}

#[test]
fn a_closed_tab_is_new_when_it_is_opened() {
    let mut app = open(Tab::Triage);
    let before = app.rows(Tab::Containers).total();
    update(&mut app, Message::Estate(fixture::later()));
    assert_eq!(app.rows(Tab::Containers).total(), before + 3);
    press(&mut app, &["2"]);
    assert_eq!(vmids(&app).first(), Some(&90));
}

#[test]
fn a_jump_leads_to_what_the_row_is_about_and_back() {
    let mut app = open(Tab::Triage);
    let about = app
        .estate
        .incidents
        .iter()
        .find(|incident| incident.about(&app.estate) == Some(&guest(105)))
        .map(|incident| incident.cause as usize);
    let Some(about) = about else {
        unreachable!("the wiki is a cause");
    };
    // Rows are in the order of the incidents, not of the problems.
    for _ in 0..app.open_rows().len() {
        if app.open_rows().current() != Some(about) {
            press(&mut app, &["down"]);
        }
    }
    assert_eq!(app.open_rows().current(), Some(about));
    let from = app.open_rows().cursor().cloned();
    press(&mut app, &["right"]);
    assert_eq!(app.tab, Tab::Containers);
    assert_eq!(app.open_rows().cursor(), Some(&guest(105)));
    press(&mut app, &["l"]);
    assert_eq!(app.tab, Tab::Hosts, "from the guest to its node");
    press(&mut app, &["backspace"]);
    assert_eq!(app.tab, Tab::Containers);
    press(&mut app, &["h"]);
    assert_eq!(app.tab, Tab::Triage);
    assert_eq!(app.open_rows().cursor(), from.as_ref());
    press(&mut app, &["left"]);
    assert_eq!(app.tab, Tab::Triage, "there is no further back");
}

#[test]
fn a_jump_lifts_a_filter_that_hides_its_end() {
    let mut app = open(Tab::Containers);
    press(&mut app, &["/"]);
    type_in(&mut app, "mail");
    press(&mut app, &["3"]);
    let wiki = (0..app.open_rows().len()).find(|position| {
        let index = app.open_rows().at(*position);
        index.is_some_and(|i| app.estate.web[i].guest == Some(guest(105)))
    });
    for _ in 0..wiki.unwrap_or(0) {
        press(&mut app, &["down"]);
    }
    press(&mut app, &["right"]);
    assert_eq!(app.tab, Tab::Containers);
    assert_eq!(app.open_rows().cursor(), Some(&guest(105)));
    assert!(app.open_rows().filter.is_empty());
    assert!(matches!(app.notice, Some((Notice::FilterLifted, _))));
}

#[test]
fn a_row_that_is_about_nothing_says_so() {
    let mut app = open(Tab::Mail);
    press(&mut app, &["right"]);
    assert_eq!(app.tab, Tab::Mail);
    assert!(matches!(app.notice, Some((Notice::NowhereToGo, _))));
}

#[test]
fn the_detail_beside_the_table_follows_when_the_cursor_rests() {
    let mut app = app((160, 40), Tab::Containers);
    let first = app.detailed();
    assert!(first.is_some());
    for _ in 0..3 {
        let effects = press(&mut app, &["down"]);
        assert!(effects.list.contains(&Effect::Rest));
        assert_eq!(app.detailed(), first);
    }
    assert_ne!(app.open_rows().current(), first);
    update(&mut app, Message::Rested);
    assert_eq!(app.detailed(), app.open_rows().current());
}

#[test]
fn a_detail_that_was_asked_for_is_of_the_row_under_the_cursor() {
    // By Enter, where it stands over the table; by another tab; by new data.
    let mut app = app((160, 40), Tab::Containers);
    press(&mut app, &["down", "enter"]);
    assert_eq!(app.detailed(), app.open_rows().current());
    press(&mut app, &["esc", "down", "1"]);
    assert_eq!(app.detailed(), app.open_rows().current());
    press(&mut app, &["2", "down"]);
    let estate = app.estate.clone();
    update(&mut app, Message::Estate(estate));
    assert_eq!(app.detailed(), app.open_rows().current());
    let mut narrow = open(Tab::Containers);
    let effects = press(&mut narrow, &["down"]);
    assert_eq!(effects.list, []);
    assert_eq!(narrow.detailed(), narrow.open_rows().current());
}

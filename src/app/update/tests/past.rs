//! The timeline, the past, and what is taken out from under its cause.

use std::sync::Arc;

use super::*;
use crate::app::fixture::app_with;
use crate::app::{Effect, Notice};
use crate::domain::Moment;
use crate::estate::fixture::{MINUTE, NOW, ago};
use crate::estate::{Estate, Happened};

fn day() -> App {
    app_with((80, 24), Tab::Triage, fixture::day().publish())
}

fn shown(app: &App) -> Vec<String> {
    let rows = app.rows(Tab::Triage);
    (0..rows.len())
        .filter_map(|position| rows.at(position))
        .map(|index| app.estate.problems[index].subject.to_string())
        .collect()
}

fn at(app: &App) -> Option<Moment> {
    app.travel.as_ref().map(|travel| travel.at)
}

#[test]
fn keys_step_through_what_changed_and_back_to_now() {
    let mut app = day();
    let now = shown(&app);
    press(&mut app, &["{"]);
    assert_eq!(at(&app), Some(ago(11 * MINUTE)));
    assert!(shown(&app).iter().any(|s| s == "golem/105 wiki"));
    assert_eq!(app.now, ago(11 * MINUTE), "ages are those of then");
    assert_eq!(app.clock, NOW);
    press(&mut app, &["{"]);
    assert_eq!(at(&app), Some(ago(12 * MINUTE)));
    press(&mut app, &["{"]);
    assert_eq!(at(&app), Some(ago(30 * MINUTE)));
    assert!(!shown(&app).iter().any(|s| s == "golem/105 wiki"));
    press(&mut app, &["{"]);
    assert_eq!(at(&app), Some(ago(40 * MINUTE)));
    press(&mut app, &["{"]);
    assert_eq!(at(&app), Some(ago(40 * MINUTE)), "nobody watched before");
    assert_eq!(
        app.notice.as_ref().map(|n| &n.0),
        Some(&Notice::NothingEarlier)
    );
    press(&mut app, &["}", "}", "}"]);
    assert_eq!(at(&app), Some(ago(11 * MINUTE)));
    press(&mut app, &["}"]);
    assert_eq!(at(&app), None);
    assert_eq!((shown(&app), app.now), (now, NOW));
}

#[test]
fn every_way_out_of_the_past_leads_to_now() {
    for (keys, tab) in [
        (&["esc"][..], Tab::Triage),
        (&["q"], Tab::Triage),
        (&["2"], Tab::Containers),
        (&["0"], Tab::Triage),
        (&["T"], Tab::Timeline),
        (&["S"], Tab::Triage),
        (&["enter", "esc", "esc"], Tab::Triage),
    ] {
        let mut app = day();
        press(&mut app, &["{", "{"]);
        assert!(at(&app).is_some());
        let effects = press(&mut app, keys);
        assert_eq!(at(&app), None, "{keys:?}");
        assert_eq!((app.tab, app.now), (tab, NOW), "{keys:?}");
        assert_eq!(effects.list, [], "{keys:?} does not leave the program");
    }
}

#[test]
fn news_come_in_while_the_past_is_shown_and_change_nothing_of_it() {
    let mut app = day();
    press(&mut app, &["{", "{"]);
    let then = shown(&app);
    let calm = fixture::calm();
    update(&mut app, Message::Estate(Arc::clone(&calm)));
    let later = NOW.plus(std::time::Duration::from_secs(9));
    update(&mut app, Message::Clock(later));
    assert_eq!((shown(&app), app.now), (then, ago(12 * MINUTE)));
    press(&mut app, &["esc"]);
    assert!(Arc::ptr_eq(&app.estate, &calm));
    assert_eq!(app.now, later);
}

#[test]
fn the_past_cannot_be_acted_upon() {
    let mut app = day();
    press(&mut app, &["{"]);
    let effects = press(&mut app, &["x"]);
    assert_eq!(effects.list, []);
    assert_eq!(app.notice.as_ref().map(|n| &n.0), Some(&Notice::OnlyNow));
    // Nor does it begin while the screen is held still.
    let mut app = day();
    press(&mut app, &["f", "{"]);
    assert_eq!(at(&app), None);
}

/// The position of an event of the timeline.
fn find(app: &mut App, fits: impl Fn(&crate::estate::Event) -> bool) {
    let at = app.estate.events.iter().position(fits);
    let key = at.map(|at| app.estate.events[at].key.clone());
    let found = key
        .is_some_and(|key| app.with_rows(|rows, table, estate, _| rows.find(&key, table, estate)));
    assert!(found);
}

#[test]
fn the_timeline_leads_to_rows_and_to_the_past() {
    let mut app = day();
    press(&mut app, &["T"]);
    assert_eq!(app.tab, Tab::Timeline);
    assert!(app.open_rows().len() > 10);
    let red = |e: &crate::estate::Event| {
        matches!(e.happened, Happened::Wrong { .. }) && &*e.subject == "golem/105 wiki"
    };
    find(&mut app, red);
    press(&mut app, &["enter"]);
    assert_eq!(app.tab, Tab::Triage, "the problem is still there");
    assert!(
        app.open_rows()
            .current()
            .is_some_and(|at| &*app.estate.problems[at].subject == "golem/105 wiki")
    );
    press(&mut app, &["backspace"]);
    assert_eq!(app.tab, Tab::Timeline);
    find(&mut app, red);
    // Just before it, and just after it.
    press(&mut app, &["{"]);
    assert!(!shown(&app).iter().any(|s| s == "golem/105 wiki"));
    press(&mut app, &["T"]);
    find(&mut app, red);
    press(&mut app, &["}"]);
    assert!(shown(&app).iter().any(|s| s == "golem/105 wiki"));
    // A task leads to its guest.
    press(&mut app, &["T"]);
    find(&mut app, |e| {
        matches!(e.happened, Happened::Task(_)) && e.about == Some(guest(105))
    });
    press(&mut app, &["enter"]);
    assert_eq!(
        (app.tab, app.open_rows().cursor()),
        (Tab::Containers, Some(&guest(105)))
    );
}

#[test]
fn the_timeline_is_filtered_and_left_as_it_was_entered() {
    let mut app = day();
    press(&mut app, &["2", "T", "/"]);
    type_in(&mut app, "kind:green");
    let rows = app.open_rows();
    assert!(!rows.is_empty());
    for at in 0..rows.len() {
        let event = rows.at(at).map(|index| &app.estate.events[index]);
        assert_eq!(event.map(|e| e.happened.kind()), Some("green"));
    }
    press(&mut app, &["esc"]);
    assert_eq!(app.tab, Tab::Timeline, "the filter first");
    press(&mut app, &["esc"]);
    assert_eq!(app.tab, Tab::Containers);
    press(&mut app, &["T", "T"]);
    assert_eq!(app.tab, Tab::Containers, "its own key closes it");
    press(&mut app, &["T", "!"]);
    let red = app.open_rows();
    assert!(
        (0..red.len())
            .filter_map(|p| red.at(p))
            .all(|i| app.estate.events[i].happened.kind() == "red")
    );
}

#[test]
fn what_matched_nothing_leads_to_its_row() {
    let mut app = open(Tab::Hosts);
    press(&mut app, &["U"]);
    assert_eq!(app.tab, Tab::Unmatched);
    let key = app.open_rows().cursor().cloned();
    assert!(key.is_some(), "{:?}", app.estate.unmatched);
    press(&mut app, &["enter"]);
    assert_ne!(app.tab, Tab::Unmatched);
    assert_eq!(app.open_rows().cursor().cloned(), key);
    press(&mut app, &["backspace", "esc"]);
    assert_eq!(app.tab, Tab::Hosts);
}

/// The keys of the first effect that keeps problems apart.
fn apart(effects: &Effects) -> Vec<Key> {
    let found = effects.list.iter().find_map(|effect| match effect {
        Effect::KeepApart(keys) => Some(keys.iter().cloned().collect()),
        _ => None,
    });
    found.unwrap_or_default()
}

fn below(estate: &Estate) -> usize {
    estate.incidents.iter().map(|i| i.below.len()).sum()
}

#[test]
fn a_wrong_fold_is_undone_and_done_again() {
    let mut keeper = fixture::kept();
    let mut app = app_with((80, 24), Tab::Triage, keeper.publish());
    let folded = below(&app.estate);
    // The cause itself hangs on nothing.
    assert_eq!(apart(&press(&mut app, &["x"])), []);
    assert_eq!(app.notice.as_ref().map(|n| &n.0), Some(&Notice::NotFolded));
    press(&mut app, &["enter", "down"]);
    let Some(key) = app.open_rows().cursor().cloned() else {
        unreachable!("the wiki has something below");
    };
    let out = apart(&press(&mut app, &["x"]));
    assert_eq!(out, std::slice::from_ref(&key));
    assert_eq!(&*app.apart[&key].cause, "golem/105 wiki");
    assert!(!app.apart[&key].because.is_empty());
    keeper.keep_apart(out.into_iter().collect());
    update(&mut app, Message::Estate(keeper.publish()));
    assert_eq!(below(&app.estate), folded - 1);
    assert_eq!(
        app.open_rows().cursor(),
        Some(&key),
        "it is a row of its own"
    );
    assert!(app.estate.apart.contains(&key));
    let none = press(&mut app, &["x"]);
    assert_eq!(
        none.list,
        [Effect::KeepApart(std::collections::HashSet::new())]
    );
    keeper.keep_apart(std::collections::HashSet::new());
    update(&mut app, Message::Estate(keeper.publish()));
    assert_eq!(below(&app.estate), folded);
}

#[test]
fn the_chain_is_walked_and_followed() {
    let mut app = open(Tab::Triage);
    let tabs: Vec<Key> = app.chain().into_iter().map(|link| link.key).collect();
    assert!(
        matches!(
            &tabs[..],
            [
                Key::Host(..),
                Key::Guest(..),
                Key::Web(_),
                Key::Ticket(..),
                Key::Person(_)
            ]
        ),
        "{tabs:?}"
    );
    for (steps, tab) in [
        (1, Tab::Hosts),
        (2, Tab::Containers),
        (3, Tab::Web),
        (4, Tab::Tickets),
        (5, Tab::Team),
    ] {
        // Once to show what hangs on it, once more for the detail.
        press(&mut app, &["enter", "enter"]);
        for _ in 0..steps {
            press(&mut app, &["tab"]);
        }
        press(&mut app, &["enter"]);
        assert_eq!(
            (app.tab, app.open_rows().cursor()),
            (tab, tabs.get(steps - 1))
        );
        press(&mut app, &["backspace"]);
        assert_eq!(app.tab, Tab::Triage);
        press(&mut app, &["esc"]);
    }
    press(&mut app, &["enter", "enter", "shift-tab", "enter"]);
    assert_eq!(app.tab, Tab::Team, "around the end");
}

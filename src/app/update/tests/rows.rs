//! Filter, order, marks.

use super::*;
use crate::app::columns;

/// VMIDs that a filter leaves.
fn filtered(text: &str) -> Vec<u32> {
    let mut app = open(Tab::Containers);
    press(&mut app, &["/"]);
    type_in(&mut app, text);
    assert_eq!(app.open_rows().filter.text(), text);
    vmids(&app)
}

#[test]
fn filters_say_what_they_mean() {
    assert_eq!(filtered("wiki"), [105]);
    assert_eq!(filtered("WIKI"), [105]);
    assert_eq!(filtered("name:li"), [107]);
    assert_eq!(filtered("state:stopped"), [105, 130]);
    assert_eq!(filtered("state:stopped -tags:retired"), [105]);
    assert_eq!(filtered("state:io-error"), [120]);
    assert_eq!(filtered("node:pikachu"), [201, 202, 203, 204]);
    assert_eq!(filtered("type:qemu"), [120]);
    assert_eq!(filtered("cpu>40"), [103, 107]);
    assert_eq!(filtered("memory>90%"), [109]);
    assert_eq!(filtered("cpu<1 node:golem"), [102, 112]);
    assert_eq!(filtered("vmid<103"), [100, 101, 102]);
    assert_eq!(filtered("checkmk:down"), [105]);
    assert_eq!(
        filtered("wiki blog"),
        Vec::<u32>::new(),
        "all words must hold"
    );
    assert_eq!(filtered("").len(), 20);
}

#[test]
fn a_field_that_does_not_exist_hides_all_and_is_known_as_such() {
    let mut app = open(Tab::Containers);
    press(&mut app, &["/"]);
    type_in(&mut app, "colour:red");
    assert!(app.open_rows().is_empty());
    assert!(app.open_rows().filter.unknown_fields());
    press(&mut app, &["ctrl-u"]);
    assert_eq!(app.open_rows().len(), 20);
    // An address is no field.
    press(&mut app, &["/"]);
    type_in(&mut app, "https://x");
    assert!(!app.open_rows().filter.unknown_fields());
}

#[test]
fn the_list_follows_while_a_filter_is_written_and_esc_restores() {
    let mut app = open(Tab::Containers);
    press(&mut app, &["/", "w", "i"]);
    assert_eq!(vmids(&app), [105]);
    press(&mut app, &["backspace"]);
    assert!(vmids(&app).len() > 1);
    press(&mut app, &["esc"]);
    assert_eq!(vmids(&app).len(), 20);
    assert!(app.layers.is_empty());

    press(&mut app, &["/", "b", "enter", "/", "x", "esc"]);
    assert_eq!(app.open_rows().filter.text(), "b", "the filter before");
    press(&mut app, &["/", "backspace", "backspace"]);
    assert!(
        app.layers.is_empty(),
        "Backspace in an empty line closes it"
    );
    assert_eq!(vmids(&app).len(), 20);
}

#[test]
fn the_cursor_stays_on_its_row_under_a_filter() {
    let mut app = open(Tab::Containers);
    press(&mut app, &["down"; 7]);
    assert_eq!(app.open_rows().cursor(), Some(&guest(107)));
    press(&mut app, &["/"]);
    type_in(&mut app, "tags:mail");
    assert_eq!(vmids(&app), [106, 107]);
    assert_eq!(app.open_rows().cursor(), Some(&guest(107)));
    press(&mut app, &["ctrl-u"]);
    assert_eq!(app.open_rows().cursor(), Some(&guest(107)));
}

#[test]
fn only_problems() {
    let mut app = open(Tab::Containers);
    press(&mut app, &["!"]);
    assert_eq!(vmids(&app), [105, 120]);
    assert_eq!(app.open_rows().problems(), 2);
    press(&mut app, &["!"]);
    assert_eq!(vmids(&app).len(), 20);
    press(&mut app, &["!", "esc"]);
    assert_eq!(vmids(&app).len(), 20, "Esc shows all again");
}

#[test]
fn filters_belong_to_their_tab_and_outlive_news() {
    let mut app = open(Tab::Containers);
    press(&mut app, &["/"]);
    type_in(&mut app, "state:stopped");
    press(&mut app, &["1", "2"]);
    assert_eq!(vmids(&app), [105, 130]);
    update(&mut app, Message::Estate(fixture::later()));
    assert_eq!(vmids(&app), [130], "the wiki runs again");
}

#[test]
fn order_goes_column_by_column_and_turns_around() {
    let mut app = open(Tab::Containers);
    let columns = columns::of(Tab::Containers).columns;
    let at = |app: &App| {
        let sort = app.open_rows().sort;
        sort.map(|(column, down)| (columns[column].id, down))
    };
    assert_eq!(at(&app), None);
    press(&mut app, &[">"]);
    assert_eq!(at(&app), Some(("vmid", false)));
    press(&mut app, &[">"]);
    assert_eq!(at(&app), Some(("name", false)));
    let names = vmids(&app);
    assert_eq!(names[..3], [202, 204, 102], "archive, ballots, blog");
    press(&mut app, &["-"]);
    assert_eq!(at(&app), Some(("name", true)));
    let mut turned = names;
    turned.reverse();
    assert_eq!(vmids(&app), turned);
    press(&mut app, &["<", "<"]);
    assert_eq!(
        at(&app),
        None,
        "before the first column: as the estate has it"
    );
    press(&mut app, &["<"]);
    assert_eq!(at(&app), Some(("source", false)));
}

#[test]
fn what_is_not_known_sorts_above_all_numbers() {
    let mut app = open(Tab::Mail);
    let depth = columns::of(Tab::Mail)
        .columns
        .iter()
        .position(|c| c.id == "depth")
        .unwrap_or(0);
    press(&mut app, &[">"; 3]);
    assert_eq!(app.open_rows().sort, Some((depth, false)));
    let last = app.open_rows().at(app.open_rows().len() - 1);
    let name = last.map(|i| app.estate.queues[i].name.to_string());
    assert_eq!(name.as_deref(), Some("postfix-old"), "the one that is down");
}

#[test]
fn marks_are_set_taken_back_and_forgotten_with_their_row() {
    let mut app = open(Tab::Containers);
    update(&mut app, Message::Estate(fixture::later()));
    press(&mut app, &["home", "space", "space"]);
    let marked = |app: &App| app.open_rows().marks.len();
    assert_eq!(marked(&app), 2);
    assert_eq!(app.open_rows().position(), 2, "and goes on");
    press(&mut app, &["up", "space"]);
    assert_eq!(marked(&app), 1);
    assert!(app.open_rows().marks.contains(&guest(90)));
    update(&mut app, Message::Estate(fixture::estate()));
    assert_eq!(marked(&app), 0, "guest 90 is gone");
    press(&mut app, &["space", "u"]);
    assert_eq!(marked(&app), 0);
    press(&mut app, &["space", "esc", "esc"]);
    assert_eq!(marked(&app), 0, "Esc takes them back too, after the notice");
}

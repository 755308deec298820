//! Clicks and the wheel.

use super::*;
use crate::app::Action;
use crate::app::drawn::{Drawn, Hit, Region};

/// A frame of the table in lines 2 to 21, with a tab and a key.
fn drawn() -> Drawn {
    let line = |y, height| Region {
        x: 0,
        y,
        width: 80,
        height,
    };
    let mut hits = vec![
        (
            Region {
                width: 10,
                ..line(0, 1)
            },
            Hit::Tab(Tab::Mail),
        ),
        (line(1, 22), Hit::Table),
        (line(2, 1), Hit::Heading(1)),
    ];
    hits.extend((0..19).map(|row: u16| (line(3 + row, 1), Hit::Row(usize::from(row)))));
    hits.push((line(23, 1), Hit::Act(Action::Help)));
    Drawn {
        hits,
        ..Drawn::default()
    }
}

fn click(app: &mut App, column: u16, line: u16) -> Effects {
    app.drawn = drawn();
    update(app, Message::Click { column, line })
}

#[test]
fn clicks_do_what_was_drawn_there() {
    let mut app = open(Tab::Containers);
    click(&mut app, 20, 8);
    assert_eq!(app.open_rows().cursor(), Some(&guest(105)));
    click(&mut app, 20, 8);
    assert!(matches!(app.layers[..], [Layer::Detail { .. }]));
    click(&mut app, 20, 4);
    assert!(app.layers.is_empty(), "another row closes the detail");
    click(&mut app, 20, 2);
    assert_eq!(app.open_rows().sort, Some((1, false)));
    click(&mut app, 5, 23);
    assert!(matches!(app.layers[..], [Layer::Help { .. }]));
    click(&mut app, 20, 8);
    assert!(app.layers.is_empty(), "a click beside a page closes it");
    assert_eq!(
        app.open_rows().cursor(),
        Some(&guest(101)),
        "and does nothing else"
    );
    click(&mut app, 5, 0);
    assert_eq!(app.tab, Tab::Mail);
}

#[test]
fn a_click_on_nothing_does_nothing() {
    let mut app = open(Tab::Containers);
    let effects = click(&mut app, 70, 0);
    assert!(!effects.redraw && effects.list.is_empty());
}

#[test]
fn without_the_mouse_nothing_reacts() {
    let mut app = open(Tab::Containers);
    press(&mut app, &["f2"]);
    click(&mut app, 20, 8);
    assert_eq!(app.open_rows().position(), 0);
    wheel(&mut app, false);
    assert_eq!(app.open_rows().offset(), 0);
}

fn wheel(app: &mut App, up: bool) -> Effects {
    app.drawn = Drawn {
        layer: (50, 20),
        ..drawn()
    };
    update(
        app,
        Message::Wheel {
            column: 20,
            line: 10,
            up,
        },
    )
}

#[test]
fn the_wheel_scrolls_and_takes_the_cursor_along_only_as_far_as_it_must() {
    let mut app = app((80, 13), Tab::Containers);
    press(&mut app, &["down"; 4]);
    wheel(&mut app, false);
    let rows = app.open_rows();
    assert_eq!((rows.offset(), rows.position()), (3, 5));
    wheel(&mut app, true);
    wheel(&mut app, true);
    assert_eq!(app.open_rows().offset(), 0);
    for _ in 0..9 {
        wheel(&mut app, false);
    }
    assert_eq!(app.open_rows().offset(), 12, "no further than the last row");
}

#[test]
fn the_wheel_scrolls_what_lies_on_top() {
    let mut app = open(Tab::Containers);
    press(&mut app, &["?"]);
    wheel(&mut app, false);
    assert_eq!(app.layers[..], [Layer::Help { scroll: 3 }]);
    assert_eq!(app.open_rows().offset(), 0);
    press(&mut app, &["esc", ":"]);
    wheel(&mut app, false);
    assert!(matches!(app.layer(), Some(Layer::Palette(p)) if p.selected == 1));
}

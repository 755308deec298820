//! What lies over a tab, and text under the hands.

use super::*;
use crate::app::{Action, Drawn, Effect};

fn top(app: &App) -> &'static str {
    match app.layer() {
        None => "none",
        Some(Layer::Detail { .. }) => "detail",
        Some(Layer::Ticket { .. }) => "ticket",
        Some(Layer::Ways(_)) => "ways",
        Some(Layer::Help { .. }) => "help",
        Some(Layer::Sources { .. }) => "sources",
        Some(Layer::Review { .. }) => "review",
        Some(Layer::Contacts { .. }) => "contacts",
        Some(Layer::Palette(_)) => "palette",
        Some(Layer::Filter { .. }) => "filter",
    }
}

#[test]
fn layers_open_close_and_lie_over_each_other() {
    let mut app = open(Tab::Containers);
    let mut after = |keys: &[&str]| {
        press(&mut app, keys);
        (top(&app), app.layers.len())
    };
    assert_eq!(after(&["enter"]), ("detail", 1));
    assert_eq!(after(&["?"]), ("help", 2));
    assert_eq!(after(&["S"]), ("sources", 3));
    assert_eq!(after(&["S"]), ("help", 2), "its own key closes it");
    assert_eq!(after(&["esc"]), ("detail", 1));
    assert_eq!(after(&["esc"]), ("none", 0));
    assert_eq!(after(&["f1"]), ("help", 1));
    assert_eq!(
        after(&["q"]),
        ("none", 0),
        "q leaves a page before the program"
    );
    assert_eq!(after(&[":"]), ("palette", 1));
    assert_eq!(after(&["esc"]), ("none", 0));
    assert_eq!(after(&["?", "3"]), ("none", 0), "another tab closes all");
}

#[test]
fn quit_quits() {
    let mut app = open(Tab::Triage);
    assert_eq!(press(&mut app, &["q"]).list, [Effect::Quit]);
    for keys in [&["ctrl-c"][..], &["/", "ctrl-c"], &[":", "ctrl-c"]] {
        let mut app = open(Tab::Triage);
        assert_eq!(press(&mut app, keys).list, [Effect::Quit], "{keys:?}");
    }
}

#[test]
fn ctrl_c_leaves_from_every_page() {
    for keys in [&["?", "ctrl-c"][..], &["S", "ctrl-c"], &["enter", "ctrl-c"]] {
        let mut app = open(Tab::Containers);
        assert_eq!(press(&mut app, keys).list, [Effect::Quit], "{keys:?}");
    }
}

#[test]
fn letters_in_a_line_are_text() {
    let mut app = open(Tab::Containers);
    press(&mut app, &["/", "q", "?", "3"]);
    assert_eq!(app.open_rows().filter.text(), "q?3");
    assert_eq!((top(&app), app.tab), ("filter", Tab::Containers));
    press(&mut app, &["down"]);
    assert_eq!(top(&app), "filter", "rows move under it");
}

#[test]
fn pages_scroll_within_what_was_drawn() {
    for key in ["?", "S", "enter"] {
        let mut app = open(Tab::Containers);
        press(&mut app, &[key]);
        app.drawn = Drawn {
            layer: (50, 20),
            detail: (50, 20),
            ..Drawn::default()
        };
        let mut scroll = |keys: &[&str]| {
            press(&mut app, keys);
            app.layers
                .last_mut()
                .and_then(Layer::scroll_mut)
                .map(|s| *s)
        };
        assert_eq!(scroll(&["down", "down"]), Some(2), "{key}");
        assert_eq!(scroll(&["pgdn"]), Some(21), "{key}");
        assert_eq!(
            scroll(&["pgdn"]),
            Some(30),
            "{key}: the last line is the last"
        );
        assert_eq!(scroll(&["up"]), Some(29), "{key}");
        assert_eq!(scroll(&["home"]), Some(0), "{key}");
        assert_eq!(scroll(&["G"]), Some(30), "{key}");
        assert_eq!(app.open_rows().position(), 0, "the table stays");
    }
}

#[test]
fn the_palette_finds_and_does() {
    let mut app = open(Tab::Containers);
    press(&mut app, &[":"]);
    type_in(&mut app, "refresh-all");
    assert_eq!(top(&app), "none");
    assert!(app.notice.is_some(), "it was done");

    press(&mut app, &["ctrl-p"]);
    for key in ["s", "o", "r", "t"] {
        press(&mut app, &[key]);
    }
    let Some(Layer::Palette(palette)) = app.layer() else {
        unreachable!("the palette is open");
    };
    assert_eq!(
        palette.entries[..2],
        [Action::SortPrevious, Action::SortNext]
    );
    press(&mut app, &["down", "enter"]);
    assert_eq!(app.open_rows().sort, Some((0, false)));

    press(&mut app, &[":", "x", "backspace", "backspace"]);
    assert_eq!(top(&app), "none");
    press(&mut app, &[":"]);
    type_in(&mut app, "zzzzz");
    assert_eq!(top(&app), "none", "nothing fits, nothing happens");
}

#[test]
fn a_paste_is_text_or_nothing() {
    let mut app = open(Tab::Containers);
    let effects = update(&mut app, Message::Paste("q3?\n".to_owned()));
    assert!(effects.list.is_empty() && !effects.redraw);
    assert_eq!((top(&app), app.tab), ("none", Tab::Containers));
    press(&mut app, &["/"]);
    update(&mut app, Message::Paste("wi\x1b[Aki".to_owned()));
    assert_eq!(app.open_rows().filter.text(), "wi[Aki");
    press(&mut app, &["esc", ":"]);
    update(&mut app, Message::Paste("help".to_owned()));
    press(&mut app, &["enter"]);
    assert_eq!(top(&app), "help");
}

#[test]
fn enter_in_the_detail_goes_there() {
    let mut app = open(Tab::Containers);
    press(&mut app, &["enter", "enter"]);
    assert_eq!(app.tab, Tab::Hosts);
    assert!(app.layers.is_empty());
}

#[test]
fn keys_without_a_meaning_do_nothing() {
    let mut app = open(Tab::Containers);
    let effects = press(&mut app, &["f9"]);
    assert!(!effects.redraw && effects.list.is_empty());
}

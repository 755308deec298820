//! What was drawn where reacts to clicks.

use super::*;
use crate::app::{Action, Effect};
use crate::domain::Key;

/// Clicks the middle of the first region that means this.
fn click(app: &mut App, wanted: Hit) -> crate::app::Effects {
    app.drawn = screen(app, &look()).1;
    let region = app.drawn.hits.iter().find(|(_, hit)| *hit == wanted);
    let Some((region, _)) = region.copied() else {
        unreachable!("{wanted:?} is not on the screen:\n{}", text(app));
    };
    let (column, line) = (region.x + region.width / 2, region.y);
    let effects = update(app, Message::Click { column, line });
    app.drawn = screen(app, &look()).1;
    effects
}

#[test]
fn tabs_open() {
    let mut app = app((80, 24), Tab::Triage);
    for tab in Tab::ALL {
        click(&mut app, Hit::Tab(tab));
        assert_eq!(app.tab, tab);
    }
}

#[test]
fn a_row_is_chosen_then_opened() {
    let mut app = app((80, 24), Tab::Containers);
    click(&mut app, Hit::Row(5));
    assert_eq!(
        app.open_rows().cursor(),
        Some(&Key::Guest(fixture::GOLEM, 105))
    );
    assert!(app.layers.is_empty());
    click(&mut app, Hit::Row(5));
    assert!(matches!(app.layers[..], [Layer::Detail { .. }]));
}

#[test]
fn the_row_under_the_mouse_is_the_row_that_is_drawn() {
    let mut app = app((80, 16), Tab::Containers);
    press(&mut app, &["G"]);
    let shown = text(&app);
    for (line, words) in shown.lines().enumerate().skip(3).take(10) {
        let line = u16::try_from(line).unwrap_or(0);
        let Some(Hit::Row(position)) = app.drawn.at(10, line) else {
            unreachable!("no row at {line}:\n{shown}");
        };
        let vmid = app
            .open_rows()
            .at(position)
            .map(|i| app.estate.guests[i].vmid.to_string())
            .unwrap_or_default();
        assert!(words.contains(&vmid), "{vmid} in {words}");
    }
}

#[test]
fn headings_sort() {
    for size in [(80, 24), (120, 36), (200, 50)] {
        let mut app = app(size, Tab::Containers);
        let table = crate::app::columns::of(Tab::Containers);
        let name = table.columns.iter().position(|c| c.id == "name");
        let Some(name) = name else { return };
        click(&mut app, Hit::Heading(name));
        assert_eq!(app.open_rows().sort, Some((name, false)));
        click(&mut app, Hit::Heading(name));
        assert_eq!(app.open_rows().sort, Some((name, true)));
    }
}

#[test]
fn keys_of_the_footer_act() {
    let mut app = app((80, 24), Tab::Containers);
    click(&mut app, Hit::Act(Action::Help));
    assert!(matches!(app.layer(), Some(Layer::Help { .. })));
    click(&mut app, Hit::Act(Action::Back));
    assert!(app.layers.is_empty());
    let effects = click(&mut app, Hit::Act(Action::Quit));
    assert_eq!(effects.list, [Effect::Quit]);
    click(&mut app, Hit::Act(Action::Filter));
    assert!(matches!(app.layer(), Some(Layer::Filter { .. })));
}

#[test]
fn the_sources_of_the_header_open_their_panel() {
    let mut app = app((120, 36), Tab::Containers);
    click(&mut app, Hit::Act(Action::Sources));
    assert!(matches!(app.layer(), Some(Layer::Sources { .. })));
}

#[test]
fn palette_entries_act_and_a_click_beside_closes() {
    let mut app = app((120, 36), Tab::Containers);
    press(&mut app, &[":", "h", "e", "l", "p"]);
    click(&mut app, Hit::Entry(0));
    assert!(matches!(app.layers[..], [Layer::Help { .. }]));
    click(&mut app, Hit::Layer);
    assert_eq!(app.layers.len(), 1, "a click within does nothing");
    press(&mut app, &["esc", ":"]);
    update(&mut app, Message::Click { column: 0, line: 1 });
    assert!(app.layers.is_empty());
}

#[test]
fn layers_scroll_to_their_last_line_and_no_further() {
    for keys in [&["?"][..], &["S"]] {
        let mut app = app((80, 24), Tab::Containers);
        press(&mut app, keys);
        press(&mut app, &["G"]);
        let end = text(&app);
        let (lines, height) = app.drawn.layer;
        assert!(lines > height, "there is something to scroll");
        press(&mut app, &["down", "pgdn"]);
        assert_eq!(text(&app), end);
        press(&mut app, &["up"]);
        assert_ne!(text(&app), end, "the way back begins at once");
    }
}

#[test]
fn the_wheel_scrolls_the_table() {
    let mut app = app((80, 16), Tab::Containers);
    app.drawn = screen(&app, &look()).1;
    update(
        &mut app,
        Message::Wheel {
            column: 10,
            line: 8,
            up: false,
        },
    );
    assert_eq!(app.open_rows().offset(), 3);
}

//! With private things masked, no screen shows any: over all tabs, layers, rows and sizes.

use super::*;
use crate::app::Layer;

/// What the usual estate holds and nobody else is to see: contacts, a private ticket, a private note. The first
/// four are on the screen at once when nothing is masked.
const PRIVATE: [&str; 6] = [
    "1632 960",
    "@anne:",
    "Salaries of the crew",
    "Raise them all",
    "The invoice goes",
    "treasurer",
];

/// The first word that is an address of somebody: `anne@example.org`, `@anne:example.org`.
fn address(screen: &str) -> Option<&str> {
    screen
        .split(|c: char| c.is_whitespace() || matches!(c, '│' | '"' | '(' | ')' | ','))
        .find(|word| {
            word.split_once('@')
                .is_some_and(|(_, place)| place.contains('.'))
        })
}

#[track_caller]
fn holds_nothing_private(app: &App, keys: &[&str]) {
    let screen = text(app);
    for private in PRIVATE {
        assert!(
            !screen.contains(private),
            "{private:?} in {:?} at {:?} after {keys:?}:\n{screen}",
            app.tab,
            app.size
        );
    }
    assert_eq!(address(&screen), None, "after {keys:?}:\n{screen}");
}

#[test]
fn no_tab_and_no_layer_shows_anything_private() {
    // They are there to be seen when nothing is masked, or this would prove nothing.
    let mut seen = String::new();
    for (tab, keys) in [
        (Tab::Team, &["enter"][..]),
        (Tab::Team, &["C"]),
        (Tab::Tickets, &[]),
    ] {
        let mut app = app_with((200, 60), tab, fixture::estate());
        press(&mut app, keys);
        seen.push_str(&text(&app));
    }
    for private in PRIVATE.iter().take(4) {
        assert!(seen.contains(private), "{private} is nowhere:\n{seen}");
    }

    let more: [&[&str]; 6] = [
        &["b"],
        &["w"],
        &["enter", "enter"],
        &["enter", "C"],
        &["space", "y"],
        &["Y"],
    ];
    for tab in Tab::ALL {
        for keys in LAYERS.into_iter().chain(more) {
            for size in [(80, 24), (120, 36), (200, 60)] {
                let mut app = app_with(size, tab, fixture::estate());
                press(&mut app, &["P"]);
                press(&mut app, keys);
                holds_nothing_private(&app, keys);
                // And when it is masked while it is on the screen.
                let mut app = app_with(size, tab, fixture::estate());
                press(&mut app, keys);
                // These take every key themselves.
                let writes = matches!(
                    app.layer(),
                    Some(Layer::Filter { .. } | Layer::Palette(_) | Layer::Ways(_))
                );
                if !writes {
                    app.notice = None;
                    press(&mut app, &["P"]);
                    holds_nothing_private(&app, keys);
                }
            }
        }
    }
}

#[test]
fn no_row_of_any_tab_shows_anything_private() {
    for tab in Tab::ALL {
        let mut app = app_with((120, 60), tab, fixture::estate());
        press(&mut app, &["P"]);
        for row in 0..app.open_rows().len().min(60) {
            holds_nothing_private(&app, &[&format!("row {row}")]);
            press(&mut app, &["enter"]);
            holds_nothing_private(&app, &[&format!("row {row}, entered")]);
            app.layers.clear();
            press(&mut app, &["down"]);
        }
    }
}

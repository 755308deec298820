//! Keys, clicks and news against a whole estate.

mod acts;
mod contacts;
mod graphs;
mod layers;
mod mouse;
mod moves;
mod past;
mod rows;
mod tickets;

use crate::app::fixture::app;
use crate::app::{App, Effects, Layer, Message, Tab, update};
use crate::domain::Key;
use crate::estate::fixture;

/// The usual estate at 80×24.
fn open(tab: Tab) -> App {
    app((80, 24), tab)
}

/// Presses keys, as the configuration writes them; returns what came of the last one.
fn press(app: &mut App, keys: &[&str]) -> Effects {
    let mut effects = Effects::none();
    for key in keys {
        effects = match key.parse() {
            Ok(key) => update(app, Message::Key(key)),
            Err(why) => unreachable!("{key}: {why:?}"),
        };
    }
    effects
}

/// Types a text, then Enter.
fn type_in(app: &mut App, text: &str) {
    for c in text.chars() {
        let key = if c == ' ' {
            "space".to_owned()
        } else {
            c.to_string()
        };
        press(app, &[&key]);
    }
    press(app, &["enter"]);
}

fn guest(vmid: u32) -> Key {
    Key::Guest(fixture::GOLEM, vmid)
}

/// VMIDs of the rows that are shown, in their order.
fn vmids(app: &App) -> Vec<u32> {
    let rows = app.rows(Tab::Containers);
    (0..rows.len())
        .filter_map(|position| rows.at(position))
        .map(|index| app.estate.guests[index].vmid)
        .collect()
}

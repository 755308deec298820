//! Contacts of somebody: choosing one, and handing it to the terminal's clipboard.

use crate::app::{Action, App, Effect, Effects, Layer, Notice, Tab};
use crate::domain::Key;
use crate::domain::keypress::{KeyCode, KeyPress};
use crate::domain::person::Contact;
use crate::estate::{Estate, call};

/// Contacts of a person, in the order in which they should be tried.
pub fn of<'a>(estate: &'a Estate, person: &Key) -> &'a [Contact] {
    let row = estate.people.iter().find(|row| row.key() == *person);
    row.and_then(|row| row.roster)
        .and_then(|at| estate.person(at))
        .map_or(&[], |person| &person.contacts)
}

/// Opens the contacts of the person under the cursor; of any other row those of the first to call who has any.
pub fn open(app: &mut App) -> Effects {
    if app.privacy {
        app.say(Notice::ContactsMasked);
        return Effects::redraw();
    }
    let Some(person) = whom(app) else {
        app.say(Notice::NoContact);
        return Effects::redraw();
    };
    if let Some(Layer::Contacts { .. }) = app.layer() {
        app.layers.pop();
    } else {
        app.layers.push(Layer::Contacts { person, at: 0 });
    }
    Effects::redraw()
}

fn whom(app: &App) -> Option<Key> {
    let row = app.open_rows().cursor()?;
    let has_any = |person: &Key| !of(&app.estate, person).is_empty();
    if app.tab == Tab::Team {
        return Some(row.clone()).filter(has_any);
    }
    let answer = call::ask(&app.estate, Some(row), app.now);
    answer
        .calls
        .into_iter()
        .map(|call| call.person)
        .find(has_any)
}

/// Takes a key while contacts are shown; nothing when it means what it means everywhere.
pub fn key(app: &mut App, key: KeyPress) -> Option<Effects> {
    let action = app.keymap.action(key);
    let Some(Layer::Contacts { person, at }) = app.layers.last_mut() else {
        return None;
    };
    let all = of(&app.estate, person);
    let last = all.len().saturating_sub(1);
    if let KeyCode::Char(digit @ '1'..='9') = key.code
        && !key.ctrl
        && !key.alt
    {
        let place = digit.to_digit(10).map_or(0, |digit| digit as usize - 1);
        return Some(if place <= last {
            copy(app, place)
        } else {
            Effects::none()
        });
    }
    let place = *at;
    match action? {
        Action::Up => *at = at.saturating_sub(1),
        Action::Down => *at = (*at + 1).min(last),
        Action::Top | Action::PageUp => *at = 0,
        Action::Bottom | Action::PageDown => *at = last,
        Action::Open | Action::CopyValue => return Some(copy(app, place)),
        _ => return None,
    }
    Some(Effects::redraw())
}

/// Sends a contact to the clipboard and closes the list.
pub fn copy(app: &mut App, place: usize) -> Effects {
    let Some(Layer::Contacts { person, .. }) = app.layers.last() else {
        return Effects::none();
    };
    let person = person.clone();
    let Some(contact) = of(&app.estate, &person).get(place).cloned() else {
        app.layers.pop();
        return Effects::redraw();
    };
    let row = app.estate.people.iter().find(|row| row.key() == person);
    let name = row.map_or_else(String::new, |row| row.name.to_string());
    app.layers.pop();
    app.say(Notice::Contact(name, contact.kind.to_string()));
    Effects::redraw().with(Effect::Copy(contact.value.to_string()))
}

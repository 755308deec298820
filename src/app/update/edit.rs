//! Keys: the layer on top first, then the keymap. Text under the user's hands.

use crate::app::{Action, App, Effect, Effects, Layer};
use crate::domain::keypress::{KeyCode, KeyPress};

use super::{act, contacts, navigate, select, tickets};

/// Takes a key in.
pub fn key(app: &mut App, key: KeyPress) -> Effects {
    match app.layers.last() {
        Some(Layer::Filter { .. }) => filter_key(app, key),
        Some(Layer::Palette(_)) => palette_key(app, key),
        Some(Layer::Ways(_)) => ways_key(app, key),
        Some(Layer::Contacts { .. }) => {
            contacts::key(app, key).unwrap_or_else(|| bound_key(app, key))
        }
        _ => bound_key(app, key),
    }
}

/// What a key is bound to.
fn bound_key(app: &mut App, key: KeyPress) -> Effects {
    match app.keymap.action(key) {
        // Elsewhere the key that leaves the program leaves a page first.
        Some(Action::Quit) if is_ctrl_c(key) => Effects::none().with(Effect::Quit),
        Some(action) => run(app, action),
        None => Effects::none(),
    }
}

/// Does an action.
pub fn run(app: &mut App, action: Action) -> Effects {
    use crate::app::keys::action::Group;
    match action.about().group {
        Group::Move | Group::Tabs => navigate::go(app, action),
        Group::Tickets => tickets::act(app, action),
        Group::Rows
            if !matches!(
                action,
                Action::CopyValue
                    | Action::CopyLink
                    | Action::CopyContact
                    | Action::OpenLink
                    | Action::Reasons
            ) =>
        {
            select::act(app, action)
        }
        _ => act::act(app, action),
    }
}

/// Whether a key leaves the program wherever it is pressed.
fn is_ctrl_c(key: KeyPress) -> bool {
    key == KeyPress {
        code: KeyCode::Char('c'),
        ctrl: true,
        alt: false,
        shift: false,
    }
}

fn filter_key(app: &mut App, key: KeyPress) -> Effects {
    if is_ctrl_c(key) {
        return act::act(app, Action::Quit);
    }
    match key.code {
        KeyCode::Esc => {
            if let Some(Layer::Filter { before, row, .. }) = app.layers.pop() {
                select::set_filter(app, &before, row.as_ref());
            }
            Effects::redraw()
        }
        KeyCode::Enter => {
            app.layers.pop();
            Effects::redraw()
        }
        // The list moves under the filter line.
        KeyCode::Up | KeyCode::Down | KeyCode::PageUp | KeyCode::PageDown => {
            let layer = app.layers.pop();
            let action = match key.code {
                KeyCode::Up => Action::Up,
                KeyCode::Down => Action::Down,
                KeyCode::PageUp => Action::PageUp,
                _ => Action::PageDown,
            };
            let effects = navigate::go(app, action);
            let chosen = app.open_rows().cursor().cloned();
            app.layers.extend(layer.map(|layer| match layer {
                Layer::Filter { editor, before, .. } => Layer::Filter {
                    editor,
                    before,
                    row: chosen,
                },
                other => other,
            }));
            effects
        }
        _ => {
            let Some(Layer::Filter { editor, row, .. }) = app.layers.last_mut() else {
                return Effects::none();
            };
            if key.code == KeyCode::Backspace && editor.text().is_empty() {
                app.layers.pop();
                return Effects::redraw();
            }
            if !editor.press(key) {
                return Effects::none();
            }
            let (text, row) = (editor.text().to_owned(), row.clone());
            select::set_filter(app, &text, row.as_ref());
            Effects::redraw()
        }
    }
}

fn palette_key(app: &mut App, key: KeyPress) -> Effects {
    if is_ctrl_c(key) {
        return act::act(app, Action::Quit);
    }
    let Some(Layer::Palette(palette)) = app.layers.last_mut() else {
        return Effects::none();
    };
    match key.code {
        KeyCode::Esc => {
            app.layers.pop();
        }
        KeyCode::Enter => {
            let chosen = palette.chosen();
            app.layers.pop();
            if let Some(action) = chosen {
                return run(app, action);
            }
        }
        KeyCode::Up => palette.step(-1),
        KeyCode::Down | KeyCode::Tab => palette.step(1),
        KeyCode::Backspace if palette.editor.text().is_empty() => {
            app.layers.pop();
        }
        _ => {
            if palette.editor.press(key) {
                palette.search();
            }
        }
    }
    Effects::redraw()
}

/// Chooses where to go.
fn ways_key(app: &mut App, key: KeyPress) -> Effects {
    let action = app.keymap.action(key);
    let Some(Layer::Ways(ways)) = app.layers.last_mut() else {
        return Effects::none();
    };
    let last = ways.ways.len().saturating_sub(1);
    match action {
        Some(Action::Quit) if is_ctrl_c(key) => return Effects::none().with(Effect::Quit),
        Some(Action::Up) => ways.selected = ways.selected.saturating_sub(1),
        Some(Action::Down) => ways.selected = (ways.selected + 1).min(last),
        Some(Action::Top | Action::PageUp) => ways.selected = 0,
        Some(Action::Bottom | Action::PageDown) => ways.selected = last,
        Some(Action::Open | Action::Jump) => {
            let at = ways.selected;
            return tickets::go(app, at);
        }
        Some(Action::Back | Action::JumpBack | Action::Quit) => {
            app.layers.pop();
        }
        _ => return Effects::none(),
    }
    Effects::redraw()
}

/// Takes a paste in: only where text is written, elsewhere it would act as keys.
pub fn paste(app: &mut App, text: &str) -> Effects {
    match app.layers.last_mut() {
        Some(Layer::Filter { editor, row, .. }) => {
            editor.insert(text);
            let (text, row) = (editor.text().to_owned(), row.clone());
            select::set_filter(app, &text, row.as_ref());
            Effects::redraw()
        }
        Some(Layer::Palette(palette)) => {
            palette.editor.insert(text);
            palette.search();
            Effects::redraw()
        }
        _ => Effects::none(),
    }
}

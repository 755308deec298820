//! Keys as footer, help and palette write them.

use crate::app::{Action, App};
use crate::domain::keypress::{KeyCode, KeyPress};
use crate::ui::theme::Glyphs;

/// The sign of a key where the terminal has one, else its name as in the configuration.
fn sign(key: KeyPress, glyphs: &Glyphs) -> String {
    if key == KeyPress::plain(key.code) && glyphs.up == Glyphs::UNICODE.up {
        let sign = match key.code {
            KeyCode::Up => "↑",
            KeyCode::Down => "↓",
            KeyCode::Left => "←",
            KeyCode::Right => "→",
            KeyCode::Enter => glyphs.enter,
            _ => return key.to_string(),
        };
        return sign.to_owned();
    }
    key.to_string()
}

/// The first key of an action; `None` when it has none.
pub(super) fn first(app: &App, look: &super::Look, action: Action) -> Option<String> {
    let key = app.keymap.keys(action).first()?;
    Some(sign(*key, &look.glyphs))
}

/// All keys of an action, separated by blanks; empty when it has none.
pub(super) fn all(app: &App, look: &super::Look, action: Action) -> String {
    let keys = app.keymap.keys(action).iter();
    keys.map(|key| sign(*key, &look.glyphs))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Two actions that belong together, as one hint: `↑↓`, `up/down`.
pub(super) fn pair(
    app: &App,
    look: &super::Look,
    (one, other): (Action, Action),
) -> Option<String> {
    let (one, other) = (first(app, look, one)?, first(app, look, other)?);
    let short = one.chars().count() == 1 && other.chars().count() == 1;
    Some(if short {
        format!("{one}{other}")
    } else {
        format!("{one}/{other}")
    })
}

//! Screens for tests, over the estates of [`crate::estate::fixture`].

use std::sync::Arc;

use super::{App, Keymap, Start, Tab};
use crate::estate::Estate;
use crate::estate::fixture::{NOW, estate};

/// The usual estate on a screen.
pub(crate) fn app(size: (u16, u16), tab: Tab) -> App {
    app_with(size, tab, estate())
}

/// Any estate on a screen.
pub(crate) fn app_with(size: (u16, u16), tab: Tab, estate: Arc<Estate>) -> App {
    App::new(Start {
        now: NOW,
        zone: jiff::tz::TimeZone::get("Europe/Paris").unwrap_or(jiff::tz::TimeZone::UTC),
        size,
        tab,
        keymap: Keymap::default(),
        privacy: false,
        mouse: true,
        sample: false,
        notices: crate::config::shape::Notices::default(),
        estate,
        seen: super::Seen::default(),
    })
}

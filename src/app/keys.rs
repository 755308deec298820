//! Actions and the keys that are bound to them. Help, footer and palette come from the same table.

pub mod action;
pub mod keymap;

pub use action::Action;
pub use keymap::{Conflict, Keymap};

//! What the user configured: TOML layers, shape, checks, secrets, places.
//!
//! ```text
//!  default.toml < /etc/vigie/config.toml < user file < VIGIE_* < arguments
//!       │                  │                   │          │         │
//!       └──────────── document (text, places) ─┘          └── ui ───┘
//!                          │ table (typed access, unknown keys)  │
//!                          ▼                                     ▼
//!                     check/* (one file per kind) ─────────► layer (merge) ─► Config
//! ```
//!
//! Everything that is wrong is said at once, each with its place, its line and what to write
//! instead. Knows nothing of servers, tasks or screens.

mod check;
mod document;
pub mod duration;
pub mod error;
mod layer;
mod mask;
pub mod places;
pub mod secret;
pub mod shape;
mod size;
mod suggest;
mod table;
mod value;

#[cfg(test)]
mod tests;

pub use check::token::{PastedToken, pasted_token};
pub use error::{ConfigError, Errors, Excerpt, Origin, Wrong};
pub use layer::{Origins, Overrides, default_toml, load, load_with_origins, parse};
pub use places::Places;
pub use secret::{Secret, SecretSource};
pub use shape::Config;

//! What the user configured: TOML layers, shape, checks, secrets, places.
//!
//! Knows nothing of servers, tasks or screens.

pub mod secret;
pub mod shape;

pub use secret::{Secret, SecretSource};
pub use shape::Config;

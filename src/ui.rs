//! How the model looks: a pure function of it.
//!
//! [`view::draw`] takes the [`App`](crate::app::App), the look and a frame, and changes nothing; what it showed
//! where it tells back as [`Drawn`](crate::app::Drawn). Widgets know no model, words know no widget.

pub mod theme;
pub mod view;
pub mod widget;
pub mod words;

//! What screens are drawn with. Knows no model: text, numbers and styles go in, cells come out.
//!
//! Every widget draws straight into the [`Buffer`](ratatui::buffer::Buffer), takes any area down to
//! 0×0, and costs what is seen and not what there is. Those that can be clicked return where.

pub mod fit;
pub mod grid;
pub mod hints;
pub mod line_editor;
pub mod meter;
pub mod panel;
pub mod prose;
pub mod scroll_bar;
pub mod tabs;
pub mod trend;

pub use fit::Align;
pub use grid::{Cell, Column, Grid, Hit, Hits, Order, Row, Width};

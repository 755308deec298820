//! The frame: header, table, detail, footer, layers.

mod detail;

use ratatui::Frame;

use crate::app::{App, Drawn};

use super::theme::{Glyphs, Theme};

/// How everything looks.
#[derive(Debug, Clone)]
pub struct Look {
    /// Styles by role.
    pub theme: Theme,
    /// Glyphs that the terminal has.
    pub glyphs: Glyphs,
}

/// Draws the model. Tells back what was shown where.
pub fn draw(_app: &App, _look: &Look, _frame: &mut Frame<'_>) -> Drawn {
    Drawn::default()
}

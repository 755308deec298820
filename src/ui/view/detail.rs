//! The detail of the row under the cursor.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::App;
use crate::ui::widget::panel::Panel;

use super::Look;

/// Draws the detail of the row under the cursor into a panel. Returns its lines in all, and those on
/// the screen.
pub(super) fn draw(
    app: &App,
    look: &Look,
    area: Rect,
    buf: &mut Buffer,
    focused: bool,
) -> (usize, usize) {
    let panel = Panel {
        focused,
        joined: area.x > 0,
        ..Panel::new(app.tab.title())
    };
    let inside = panel.draw(buf, area, look.set());
    (0, usize::from(inside.height))
}

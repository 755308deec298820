//! A terminal that is too small for anything else.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::geometry::LEAST;
use crate::ui::widget::fit::width;
use crate::ui::widget::prose;

use super::Look;

/// Says how much room is needed, in the middle of what there is.
pub(super) fn draw(look: &Look, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let words = format!(
        "vigie needs {} by {} cells, this is {} by {}",
        LEAST.0, LEAST.1, area.width, area.height
    );
    let lines = prose::wrap(&words, area.width, &mut |_| prose::Kind::Plain);
    let height = u16::try_from(lines.len()).unwrap_or(area.height);
    let top = area.y + area.height.saturating_sub(height) / 2;
    for (y, line) in (top..area.bottom()).zip(&lines) {
        let words = words.get(line.bytes.clone()).unwrap_or_default();
        let x = area.x + area.width.saturating_sub(width(words)) / 2;
        let room = usize::from(area.right() - x);
        buf.set_stringn(x, y, words, room, look.theme.text);
    }
}

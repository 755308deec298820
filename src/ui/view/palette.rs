//! Actions by name.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::app::drawn::Hit;
use crate::app::keys::Action;
use crate::app::palette::Palette;
use crate::app::{App, Drawn};
use crate::ui::widget::fit::Field;
use crate::ui::widget::panel::{Panel, centered};
use crate::ui::widget::{line_editor, scroll_bar};

use super::{Look, keys, region};

/// Size of the panel: cells and, with frame and the line that is written, lines at most.
const WIDTH: u16 = 78;
const MOST: u16 = 19;
/// Cells for the name and for the key.
const NAME: u16 = 15;
const KEY: u16 = 9;

/// Draws the palette over the body. Returns where the terminal's cursor belongs.
pub(super) fn draw(
    app: &App,
    look: &Look,
    palette: &Palette,
    body: Rect,
    buf: &mut Buffer,
    drawn: &mut Drawn,
) -> Option<Position> {
    // Its height does not follow what is found: the line under the hands must not move.
    let size = (WIDTH.min(body.width.saturating_sub(2)), MOST);
    let area = centered(body, size);
    let panel = Panel {
        focused: true,
        ..Panel::new("Command")
    };
    let inside = panel.draw_over(buf, body, size, look.set());
    drawn.hits.push((region(area), Hit::Layer));
    if inside.is_empty() {
        return None;
    }
    let line = Rect {
        x: inside.x + 1,
        width: inside.width.saturating_sub(2),
        height: 1,
        ..inside
    };
    let editor = &palette.editor;
    let cursor = line_editor::draw(buf, line, ": ", editor.text(), editor.cursor(), look.set());
    let list = Rect {
        y: inside.y + 1,
        height: inside.height - 1,
        ..inside
    };
    let height = usize::from(list.height);
    let from = (palette.selected + 1).saturating_sub(height);
    if palette.entries.is_empty() {
        let line = Rect { height: 1, ..list };
        let words = "  No command fits.";
        Field::line(line, look.glyphs.ellipsis).draw(buf, words, look.theme.dim);
    }
    let seen = palette.entries.get(from..).unwrap_or_default();
    for (y, (at, action)) in (list.top()..list.bottom()).zip((from..).zip(seen)) {
        let line = Rect {
            y,
            height: 1,
            ..list
        };
        draw_entry(app, look, *action, line, buf);
        if at == palette.selected {
            buf.set_style(line, look.theme.cursor);
            buf.set_stringn(line.x, y, look.glyphs.chain, 1, look.theme.cursor);
        }
        drawn.hits.push((region(line), Hit::Entry(at)));
    }
    scroll_bar::draw(buf, list, palette.entries.len(), from, look.set());
    drawn.layer = (palette.entries.len(), height);
    cursor
}

/// Name, sentence, key.
fn draw_entry(app: &App, look: &Look, action: Action, line: Rect, buf: &mut Buffer) {
    let about = action.about();
    let field = |x: u16, width: u16| Field {
        x,
        y: line.y,
        width: width.min(line.right().saturating_sub(x)),
        align: crate::ui::widget::Align::Left,
        ellipsis: look.glyphs.ellipsis,
    };
    let key = keys::first(app, look, action).unwrap_or_default();
    let key_at = line.right().saturating_sub(KEY + 2).max(line.x);
    field(line.x + 1, NAME).draw(buf, about.name, look.theme.text);
    let says = line.x + 1 + NAME + 1;
    field(says, key_at.saturating_sub(says + 1)).draw(buf, about.says, look.theme.dim);
    field(key_at, KEY).right().draw(buf, &key, look.theme.key);
}

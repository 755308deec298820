//! Contacts of somebody, to copy one.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::drawn::Hit;
use crate::app::update::contacts;
use crate::app::{App, Drawn};
use crate::domain::Key;
use crate::ui::widget::fit::{self, Field};
use crate::ui::widget::panel::{Panel, centered};

use super::detail::MASK;
use super::{Look, region};

/// Widest panel.
const WIDEST: u16 = 64;

/// Draws them over the body.
pub(super) fn draw(
    app: &App,
    look: &Look,
    (person, chosen): (&Key, usize),
    body: Rect,
    buf: &mut Buffer,
    drawn: &mut Drawn,
) {
    let all = contacts::of(&app.estate, person);
    let row = app.estate.people.iter().find(|row| row.key() == *person);
    let title = row.map_or_else(String::new, |row| format!("Contacts of {}", row.name));
    let lines = u16::try_from(all.len().max(1)).unwrap_or(u16::MAX);
    let size = (WIDEST.min(body.width), lines.saturating_add(2));
    let panel = Panel {
        focused: true,
        ..Panel::new(&title)
    };
    let inside = panel.draw_over(buf, body, size, look.set());
    drawn.hits.push((region(centered(body, size)), Hit::Layer));
    let line = |y| Rect {
        y,
        height: 1,
        ..inside
    };
    if all.is_empty() {
        let words = "  The roster no longer tells any.";
        Field::line(line(inside.y), look.glyphs.ellipsis).draw(buf, words, look.theme.dim);
        return;
    }
    let kinds = all.iter().map(|c| fit::width(&c.kind)).max().unwrap_or(0);
    let height = usize::from(inside.height);
    let from = (chosen + 1).saturating_sub(height);
    let seen = all.iter().enumerate().skip(from);
    for (y, (at, contact)) in (inside.top()..inside.bottom()).zip(seen) {
        let value = if app.privacy { MASK } else { &contact.value };
        let digit = if at < 9 {
            format!("{}", at + 1)
        } else {
            " ".to_owned()
        };
        let blanks = usize::from(kinds.saturating_sub(fit::width(&contact.kind)));
        let words = format!("  {digit}  {}{}  {value}", contact.kind, " ".repeat(blanks));
        Field::line(line(y), look.glyphs.ellipsis).draw(buf, &words, look.theme.text);
        if at == chosen {
            buf.set_style(line(y), look.theme.cursor);
            buf.set_stringn(inside.x, y, look.glyphs.chain, 1, look.theme.cursor);
        }
        drawn.hits.push((region(line(y)), Hit::Entry(at)));
    }
}

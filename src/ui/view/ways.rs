//! Where a ticket leads, to be chosen from.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::drawn::Hit;
use crate::app::references::{Reference, Role, Target, Ways};
use crate::app::{App, Drawn};
use crate::domain::Key;
use crate::ui::widget::fit::Field;
use crate::ui::widget::panel::{Panel, centered};
use crate::ui::widget::scroll_bar;
use crate::ui::words;

use super::{Look, region};

/// Cells of the panel, and lines at most with its frame.
const WIDTH: u16 = 78;
const MOST: u16 = 18;
/// Cells for how it has to do with the ticket.
const ROLE: u16 = 13;

/// Draws the list over the body.
pub(super) fn draw(
    app: &App,
    look: &Look,
    ways: &Ways,
    body: Rect,
    buf: &mut Buffer,
    drawn: &mut Drawn,
) {
    let lines = u16::try_from(ways.ways.len()).unwrap_or(MOST);
    let size = (
        WIDTH.min(body.width.saturating_sub(2)),
        (lines + 2).min(MOST),
    );
    let area = centered(body, size);
    let title = format!("From #{}", ways.from.1);
    let panel = Panel {
        focused: true,
        ..Panel::new(&title)
    };
    let list = panel.draw_over(buf, body, size, look.set());
    drawn.hits.push((region(area), Hit::Layer));
    if list.is_empty() {
        return;
    }
    let height = usize::from(list.height);
    let from = (ways.selected + 1).saturating_sub(height);
    let seen = ways.ways.get(from..).unwrap_or_default();
    for (y, (at, way)) in (list.top()..list.bottom()).zip((from..).zip(seen)) {
        let line = Rect {
            y,
            height: 1,
            ..list
        };
        draw_way(app, look, way, line, buf);
        if at == ways.selected {
            buf.set_style(line, look.theme.cursor);
            buf.set_stringn(line.x, y, look.glyphs.chain, 1, look.theme.cursor);
        }
        drawn.hits.push((region(line), Hit::Entry(at)));
    }
    scroll_bar::draw(buf, list, ways.ways.len(), from, look.set());
    drawn.layer = (ways.ways.len(), height);
}

fn draw_way(app: &App, look: &Look, way: &Reference, line: Rect, buf: &mut Buffer) {
    let role = match &way.role {
        Role::Assignee => "assigned to",
        Role::Author => "written by",
        Role::Parent => "part of",
        Role::Child => "part",
        Role::Relation(kind) => words::relation(kind),
        Role::Mentioned => "mentions",
        Role::File(_) => "file",
        Role::Linked => "links to",
    };
    let at = |x: u16, width: u16| Rect {
        x,
        width: width.min(line.right().saturating_sub(x)),
        ..line
    };
    let draw = |buf: &mut Buffer, x, width, words: &str, style| {
        Field::line(at(x, width), look.glyphs.ellipsis).draw(buf, words, style);
    };
    draw(buf, line.x + 1, ROLE, role, look.theme.dim);
    let x = line.x + 2 + ROLE;
    let width = line.right().saturating_sub(x + 1);
    let words = target(app, way);
    draw(buf, x, width, &words, look.theme.text);
}

fn target(app: &App, way: &Reference) -> String {
    match (&way.role, &way.target) {
        (Role::File(file), _) => format!("{}  {}", file.name, words::bytes(file.size)),
        (_, Target::Ticket(source, id)) => match app.shown_ticket(*source, *id) {
            Some(row) if row.ticket.private && app.privacy => format!("#{id} (private)"),
            Some(row) => format!("#{id} {}  ({})", row.ticket.subject, row.ticket.status.name),
            None => format!("#{id}"),
        },
        (_, Target::Row(Key::Person(login))) => {
            let person = app.estate.people.iter();
            let person = person.filter(|p| p.key() == Key::Person(login.clone()));
            let name = person.map(|p| p.name.to_string()).next();
            name.unwrap_or_else(|| login.to_string())
        }
        (_, Target::Row(_)) => String::new(),
        (_, Target::Page(page)) if app.privacy => super::detail::mask::addresses(page).into_owned(),
        (_, Target::Page(page)) => page.clone(),
    }
}

//! The tickets' own: sections, board, what is read, where a ticket leads.

use crate::app::references::{self, Target, Ways};
use crate::app::{Action, App, Effect, Effects, History, Layer, Notice, Tab};
use crate::domain::SourceId;
use crate::estate::NewsRow;

/// Acts on the tickets; elsewhere these keys do nothing.
pub fn act(app: &mut App, action: Action) -> Effects {
    if action == Action::MarkAllRead {
        return mark_read(app, |_| true);
    }
    if app.tab != Tab::Tickets {
        return Effects::none();
    }
    match action {
        Action::NextSection => section(app, 1),
        Action::PreviousSection => section(app, -1),
        Action::Board => board(app),
        Action::ShowClosed => {
            app.desk.closed = !app.desk.closed;
            settle(app);
            Effects::redraw()
        }
        Action::MarkRead => mark_chosen(app),
        _ => Effects::none(),
    }
}

/// Opens the section so many further, around the end. The feed is the first.
fn section(app: &mut App, by: isize) -> Effects {
    let names: Vec<Option<&str>> = std::iter::once(None)
        .chain(app.estate.sections.iter().map(|s| Some(s.name.as_str())))
        .collect();
    let at = names
        .iter()
        .position(|name| *name == app.desk.section.as_deref());
    let long = isize::try_from(names.len()).unwrap_or(1);
    let at = isize::try_from(at.unwrap_or(0)).unwrap_or(0);
    let next = usize::try_from((at + by).rem_euclid(long)).unwrap_or(0);
    let name = names.get(next).copied().flatten().map(str::to_owned);
    open(app, name)
}

/// Opens a section by name, or the feed.
pub fn open(app: &mut App, section: Option<String>) -> Effects {
    app.layers.clear();
    app.open_section(section);
    settle(app);
    Effects::redraw()
}

fn board(app: &mut App) -> Effects {
    app.layers.clear();
    if app.desk.is_feed() {
        // The feed has no columns: the first section does.
        let first = app.estate.sections.first().map(|s| s.name.clone());
        app.open_section(first);
        app.desk.board = true;
    } else {
        app.desk.board = !app.desk.board;
    }
    settle(app);
    Effects::redraw()
}

/// Puts the cursor of a board on a card that is shown.
pub fn settle(app: &mut App) {
    let Some(board) = app.board() else { return };
    if board.spot(app.open_rows().position()).is_none()
        && let Some(first) = board.first()
    {
        app.with_rows(|rows, table, estate, _| rows.go(first, table, estate));
    }
}

/// Moves over a board.
pub fn step(app: &mut App, action: Action) -> Effects {
    let Some(board) = app.board() else {
        return Effects::none();
    };
    let Some(spot) = board.spot(app.open_rows().position()) else {
        settle(app);
        return Effects::redraw();
    };
    let page = isize::try_from(app.drawn.cards.max(1)).unwrap_or(1);
    let to = match action {
        Action::Jump => board.across(spot, true),
        Action::JumpBack => board.across(spot, false),
        Action::Up => board.along(spot, -1),
        Action::Down => board.along(spot, 1),
        Action::PageUp => board.along(spot, -page),
        Action::PageDown => board.along(spot, page),
        Action::Top => board.along(spot, isize::MIN),
        _ => board.along(spot, isize::MAX),
    };
    if let Some(to) = to {
        app.with_rows(|rows, table, estate, _| rows.go(to, table, estate));
    }
    Effects::redraw()
}

/// Marks what is chosen read: the marked rows, else the one under the cursor; of a ticket all its changes.
fn mark_chosen(app: &mut App) -> Effects {
    let rows = app.open_rows();
    let keys: Vec<crate::domain::Key> = if rows.marks.is_empty() {
        rows.cursor().cloned().into_iter().collect()
    } else {
        rows.marks.iter().cloned().collect()
    };
    let single = rows.marks.is_empty() && app.layers.is_empty();
    let effects = mark_read(app, |row| {
        let ticket = crate::domain::Key::Ticket(row.source, row.ticket.id);
        keys.iter().any(|key| *key == row.key() || *key == ticket)
    });
    if single && !app.desk.is_board() {
        app.with_rows(|rows, table, estate, _| rows.step(1, table, estate));
    }
    effects
}

/// Marks the changes of a ticket read, because it is being read.
pub fn mark_ticket(app: &mut App, source: SourceId, id: u64) -> Effects {
    mark_read(app, |row| row.source == source && row.ticket.id == id)
}

fn mark_read(app: &mut App, wanted: impl Fn(&NewsRow) -> bool) -> Effects {
    let estate = std::sync::Arc::clone(&app.estate);
    let rows = estate.news.iter().filter(|row| wanted(row));
    let changed = app.seen.read(&estate, rows);
    let mut effects = Effects::redraw();
    for source in changed {
        effects.push(app.remember(source));
    }
    effects
}

/// Shows where the ticket in view leads.
pub fn ways(app: &mut App) -> Effects {
    let Some((source, id)) = app.ticket_in_view() else {
        app.say(Notice::NowhereToGo);
        return Effects::redraw();
    };
    let history = app.histories.get(&(source, id));
    let detail = match history {
        Some(History::Read(detail)) => Some(&**detail),
        _ => None,
    };
    let listed = app.estate.ticket_at(source, id);
    let listed = listed
        .and_then(|at| app.estate.tickets.get(at))
        .map(|row| &*row.ticket);
    let Some(ticket) = listed.or(detail.map(|detail| &detail.ticket)) else {
        return Effects::none();
    };
    let ways = references::of(&app.estate, source, ticket, detail, app.privacy);
    if ways.is_empty() {
        app.say(Notice::NowhereToGo);
        return Effects::redraw();
    }
    app.layers.push(Layer::Ways(Ways {
        from: (source, id),
        ways,
        selected: 0,
    }));
    Effects::redraw()
}

/// Goes the way at this place.
pub fn go(app: &mut App, at: usize) -> Effects {
    let Some(Layer::Ways(ways)) = app.layers.pop() else {
        return Effects::none();
    };
    let Some(way) = ways.ways.into_iter().nth(at) else {
        return Effects::redraw();
    };
    match way.target {
        Target::Ticket(source, id) => {
            app.layers.push(Layer::Ticket {
                source,
                id,
                scroll: 0,
            });
            mark_ticket(app, source, id)
        }
        Target::Row(key) => super::navigate::jump_to(app, &key),
        Target::Page(page) => {
            app.say(Notice::Link(page));
            Effects::redraw()
        }
    }
}

impl App {
    /// What the runtime is to keep of a source.
    pub(in crate::app) fn remember(&self, source: SourceId) -> Effect {
        let marks = self.seen.marks(source).cloned().unwrap_or_default();
        Effect::Remember(source, marks)
    }
}

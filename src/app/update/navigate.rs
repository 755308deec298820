//! Moving about: rows, tabs, layers, jumps.

use crate::app::{Action, App, Effects, Layer, Notice, Tab};
use crate::domain::Key;

use super::scroll_layer;

/// Moves by an action of the Move or Tabs family.
pub fn go(app: &mut App, action: Action) -> Effects {
    if let Some(tab) = action.tab() {
        return open(app, tab);
    }
    match action {
        Action::NextTab if choose(app, 1) => Effects::redraw(),
        Action::PreviousTab if choose(app, -1) => Effects::redraw(),
        Action::NextTab => open(app, app.tab.next()),
        Action::PreviousTab => open(app, app.tab.previous()),
        Action::Earlier | Action::Later => travel(app, action == Action::Later),
        Action::Open => enter(app),
        Action::Back => back(app),
        Action::Jump => jump(app),
        Action::JumpBack => jump_back(app),
        _ => step(app, action),
    }
}

fn open(app: &mut App, tab: Tab) -> Effects {
    let has_digit = |tab| Tab::ALL.contains(&tab);
    app.layers.clear();
    // A page without a digit lies over where one was: the same key leads back there.
    if tab == app.tab && !has_digit(tab) {
        return leave_page(app);
    }
    app.return_to_now();
    if !has_digit(tab) && has_digit(app.tab) {
        app.jumps.push((app.tab, app.open_rows().cursor().cloned()));
    }
    app.open_tab(tab);
    Effects::redraw()
}

/// Out of a page without a digit, back to where it was opened.
fn leave_page(app: &mut App) -> Effects {
    match app.jumps.pop() {
        Some(from) => go_to(app, from),
        None => app.open_tab(Tab::Triage),
    }
    Effects::redraw()
}

/// Steps through what changed; from a row of the timeline to just before or after it.
fn travel(app: &mut App, later: bool) -> Effects {
    if app.frozen.is_some() {
        app.say(Notice::OnlyNow);
        return Effects::redraw();
    }
    let event = (app.tab == Tab::Timeline)
        .then(|| app.open_rows().current())
        .flatten()
        .and_then(|index| app.estate.events.get(index));
    if let Some(event) = event {
        let seen = event.happened.turn().map_or(event.at, |turn| turn.at);
        app.travel_around(seen, later);
    } else if later {
        app.go_later();
    } else {
        app.go_earlier();
    }
    Effects::redraw()
}

/// Chooses the next or previous part of the chain while the detail has the keys; whether it has one.
fn choose(app: &mut App, by: isize) -> bool {
    if !matches!(app.layer(), Some(Layer::Detail { .. })) {
        return false;
    }
    let parts = app.chain().len();
    if parts < 2 {
        return false;
    }
    app.chosen = Some(match app.chosen {
        None if by > 0 => 0,
        None => parts - 1,
        Some(at) => {
            at.min(parts - 1)
                .checked_add_signed(by)
                .unwrap_or(parts - 1)
                % parts
        }
    });
    true
}

/// Moves the cursor, or scrolls the layer that has the keys.
fn step(app: &mut App, action: Action) -> Effects {
    if app.layers.is_empty() && app.board().is_some() {
        return super::tickets::step(app, action);
    }
    let page = if app.layers.is_empty() {
        app.open_rows().height().saturating_sub(1).max(1)
    } else {
        let (_, height) = if matches!(
            app.layer(),
            Some(Layer::Detail { .. } | Layer::Ticket { .. })
        ) {
            app.drawn.detail
        } else {
            app.drawn.layer
        };
        height.saturating_sub(1).max(1)
    };
    let page = isize::try_from(page).unwrap_or(1);
    let by = match action {
        Action::Up => -1,
        Action::Down => 1,
        Action::PageUp => -page,
        Action::PageDown => page,
        Action::Top => isize::MIN,
        _ => isize::MAX,
    };
    if !app.layers.is_empty() {
        scroll_layer(app, by);
        return Effects::redraw();
    }
    app.with_rows(|rows, table, estate, _| match action {
        Action::Top => rows.go(0, table, estate),
        Action::Bottom => rows.go(usize::MAX, table, estate),
        _ => rows.step(by, table, estate),
    });
    Effects::redraw()
}

/// Opens the detail of the row, or gives the panel beside the table the keys.
fn enter(app: &mut App) -> Effects {
    if app.layers.is_empty() && unfold(app) {
        return Effects::redraw();
    }
    // These rows are there to be followed.
    if app.layers.is_empty() && matches!(app.tab, Tab::Timeline | Tab::Unmatched) {
        return jump(app);
    }
    if app.layers.is_empty() && app.open_rows().current().is_some() {
        app.chosen = None;
        app.layers.push(Layer::Detail { scroll: 0 });
        return match app.ticket_in_view() {
            Some((source, id)) => super::tickets::mark_ticket(app, source, id),
            None => Effects::redraw(),
        };
    }
    if matches!(
        app.layer(),
        Some(Layer::Detail { .. } | Layer::Ticket { .. })
    ) {
        return jump(app);
    }
    Effects::none()
}

/// Shows what hangs on the cause under the cursor; whether anything was hidden.
fn unfold(app: &mut App) -> bool {
    let Some(key) = folded(app) else { return false };
    app.with_rows(|rows, table, estate, context| {
        let hidden = rows.unfolded.insert(key);
        rows.rebuild(table, estate, context);
        hidden
    })
}

/// The cause under the cursor that something hangs on.
fn folded(app: &App) -> Option<Key> {
    if app.tab != Tab::Triage || !app.open_rows().filter.is_empty() {
        return None;
    }
    let index = app.open_rows().current()?;
    let incident = app.estate.incident_of(index)?;
    (incident.cause as usize == index && !incident.below.is_empty()).then(|| incident.key.clone())
}

/// Folds what hangs on the cause under the cursor, or on its own cause; whether anything was shown.
fn fold(app: &mut App) -> bool {
    let Some(key) = app
        .open_rows()
        .current()
        .filter(|_| app.tab == Tab::Triage)
        .and_then(|index| app.estate.incident_of(index))
        .map(|incident| incident.key.clone())
    else {
        return false;
    };
    app.with_rows(|rows, table, estate, context| {
        if !rows.unfolded.remove(&key) {
            return false;
        }
        rows.rebuild(table, estate, context);
        rows.find(&key, table, estate);
        true
    })
}

/// Out one level: the layer on top, then the filter, then the marks. Never out of the program.
fn back(app: &mut App) -> Effects {
    if app.layers.pop().is_some() || app.return_to_now() {
        return Effects::redraw();
    }
    if app.notice.take().is_some() {
        return Effects::redraw();
    }
    let rows = app.open_rows();
    if !rows.filter.is_empty() || rows.problems_only {
        return super::select::clear(app);
    }
    if !rows.marks.is_empty() {
        return super::select::clear_marks(app);
    }
    if fold(app) {
        return Effects::redraw();
    }
    if !Tab::ALL.contains(&app.tab) {
        return leave_page(app);
    }
    Effects::none()
}

/// The row that the one under the cursor is about.
fn about(app: &App) -> Option<Key> {
    let index = app.open_rows().current()?;
    let in_detail = matches!(app.layer(), Some(Layer::Detail { .. }));
    if let Some(chosen) = app.chosen.filter(|_| in_detail) {
        return app.chain().into_iter().nth(chosen).map(|link| link.key);
    }
    match app.tab {
        // A problem that is still there is best looked at where it is.
        Tab::Timeline => {
            let event = app.estate.events.get(index)?;
            let turn = event.happened.turn();
            let there = |key: &&Key| app.estate.problems.iter().any(|p| p.key == **key);
            let problem = turn.map(|turn| &turn.key).filter(there);
            problem.cloned().or_else(|| event.about.clone())
        }
        Tab::Unmatched => Some(app.estate.unmatched.get(index)?.key.clone()),
        Tab::Triage => app.estate.problems.get(index)?.about.clone(),
        Tab::Web => app.estate.web.get(index)?.guest.clone(),
        Tab::Containers => {
            let guest = app.estate.guests.get(index)?;
            let node = app.estate.guest(guest.place)?.node.clone();
            Some(Key::Host(guest.place.source, node))
        }
        // Tickets lead to many places, which are listed.
        Tab::Tickets | Tab::Hosts | Tab::Mail | Tab::Team => None,
    }
}

fn tab_of(key: &Key) -> Tab {
    match key {
        Key::Host(..) => Tab::Hosts,
        Key::Guest(..) => Tab::Containers,
        Key::Web(_) => Tab::Web,
        Key::Queue(..) => Tab::Mail,
        Key::Person(_) => Tab::Team,
        Key::Ticket(..) | Key::Change(..) => Tab::Tickets,
        Key::Problem(_) => Tab::Triage,
        Key::Event(..) => Tab::Timeline,
    }
}

fn jump(app: &mut App) -> Effects {
    if app.layers.is_empty() && app.board().is_some() {
        return super::tickets::step(app, Action::Jump);
    }
    if app.ticket_in_view().is_some() {
        return super::tickets::ways(app);
    }
    let Some(key) = about(app) else {
        app.say(Notice::NowhereToGo);
        return Effects::redraw();
    };
    jump_to(app, &key)
}

/// To a part of the chain in the detail.
pub fn jump_along(app: &mut App, part: usize) -> Effects {
    match app.chain().into_iter().nth(part) {
        Some(link) => jump_to(app, &link.key),
        None => Effects::none(),
    }
}

/// Opens the tab of a row and puts the cursor there.
pub fn jump_to(app: &mut App, key: &Key) -> Effects {
    let from = (app.tab, app.open_rows().cursor().cloned());
    app.layers.clear();
    let was_past = app.return_to_now();
    app.open_tab(tab_of(key));
    if !select(app, key) {
        app.open_tab(from.0);
        app.say(Notice::NowhereToGo);
        return Effects::redraw();
    }
    app.jumps.push(from);
    if was_past {
        app.say(Notice::Now);
    }
    Effects::redraw()
}

/// Puts the cursor on a row of the open tab, lifting the filter if that hides it.
fn select(app: &mut App, key: &Key) -> bool {
    if app.with_rows(|rows, table, estate, _| rows.find(key, table, estate)) {
        return true;
    }
    if let Key::Ticket(source, id) = key {
        // Not in the open section: in that of all.
        if app.estate.ticket_at(*source, *id).is_none() {
            return false;
        }
        app.open_section(Some(crate::estate::sections::ALL.to_owned()));
        app.desk.board = false;
        if app.with_rows(|rows, table, estate, _| rows.find(key, table, estate)) {
            return true;
        }
    }
    let table = app.table(app.tab);
    unfold_around(app, key);
    if app.with_rows(|rows, table, estate, _| rows.find(key, table, estate)) {
        return true;
    }
    let exists =
        (0..(table.len)(&app.estate)).any(|i| (table.key)(&app.estate, i).as_ref() == Some(key));
    if !exists {
        return false;
    }
    super::select::clear(app);
    app.say(Notice::FilterLifted);
    app.with_rows(|rows, table, estate, _| rows.find(key, table, estate))
}

/// Shows what hangs on the cause of a problem, so that the problem itself is shown.
fn unfold_around(app: &mut App, key: &Key) {
    if app.tab != Tab::Triage {
        return;
    }
    let at = app.estate.problems.iter().position(|p| p.key == *key);
    let Some(incident) = at.and_then(|at| app.estate.incident_of(at)) else {
        return;
    };
    let cause = incident.key.clone();
    app.with_rows(|rows, table, estate, context| {
        rows.unfolded.insert(cause);
        rows.rebuild(table, estate, context);
    });
}

fn jump_back(app: &mut App) -> Effects {
    if app.layers.pop().is_some() {
        return Effects::redraw();
    }
    if app.board().is_some() {
        return super::tickets::step(app, Action::JumpBack);
    }
    if fold(app) {
        return Effects::redraw();
    }
    let Some(from) = app.jumps.pop() else {
        return Effects::none();
    };
    go_to(app, from);
    Effects::redraw()
}

/// Back to where a jump came from.
fn go_to(app: &mut App, (tab, key): (Tab, Option<Key>)) {
    app.open_tab(tab);
    if let Some(key) = key {
        app.with_rows(|rows, table, estate, _| rows.find(&key, table, estate));
    }
}

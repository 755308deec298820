//! The last line: keys that do something here, what was just done, and what must never be forgotten.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::app::drawn::Hit;
use crate::app::line_editor::LineEditor;
use crate::app::{Action, App, Drawn, Layer, Notice, Tab, link};
use crate::ui::widget::{fit, hints, line_editor};
use crate::ui::words;

use super::{Look, keys, notice, past, region};

/// Fewest cells for a filter that is being written.
const EDITOR: u16 = 30;

/// A key, or two that belong together, and what a click there does.
struct Key {
    sign: String,
    label: &'static str,
    action: Option<Action>,
}

/// Draws the footer. Returns where the terminal's cursor belongs while a filter is written.
pub(super) fn draw(
    app: &App,
    look: &Look,
    area: Rect,
    buf: &mut Buffer,
    drawn: &mut Drawn,
) -> Option<Position> {
    let area = draw_badges(app, look, area, buf);
    if let Some(Layer::Filter { editor, .. }) = app.layer() {
        return draw_filter(app, look, editor, area, buf);
    }
    let said = app
        .notice
        .as_ref()
        .map(|(notice, _)| (notice, notice::words(app, look, notice)));
    // A link is there to be copied: whole, whatever else is lost.
    if let Some((Notice::Link(_), words)) = &said {
        let line = Rect {
            x: area.x + 1,
            width: area.width.saturating_sub(2),
            ..area
        };
        fit::Field::line(line, look.glyphs.ellipsis).draw(buf, words, look.theme.link);
        return None;
    }
    let mut room = area.width;
    if let Some((_, words)) = &said {
        let width = fit::width(words).min(area.width.saturating_sub(2));
        let line = Rect {
            x: area.right() - 1 - width,
            width,
            ..area
        };
        fit::Field::line(line, look.glyphs.ellipsis).draw(buf, words, look.theme.text);
        room = area.width.saturating_sub(width + 2);
    }
    let (first, last) = keys(app, look);
    let chosen = choose(first, last, room);
    let shown: Vec<hints::Hint<'_>> = chosen
        .iter()
        .map(|k| hints::Hint {
            key: &k.sign,
            label: k.label,
        })
        .collect();
    let width: u16 = chosen.iter().map(Key::width).sum();
    let left = Rect {
        width: room,
        ..area
    };
    // It says so as long as nothing else has to be said.
    let note = if said.is_none() && width + 12 <= room {
        "read-only"
    } else {
        ""
    };
    for (range, at) in hints::draw(buf, left, &shown, note, &look.theme) {
        if let Some(action) = chosen.get(at).and_then(|key| key.action) {
            let hit = Rect::new(range.start, area.y, range.end - range.start, 1);
            drawn.hits.push((region(hit), Hit::Act(action)));
        }
    }
    None
}

impl Key {
    /// Cells with the gap behind it.
    fn width(&self) -> u16 {
        fit::width(&self.sign) + fit::width(self.label) + 3
    }
}

/// As many as fit, the first ones first; the last ones always, as long as they fit at all.
fn choose(first: Vec<Key>, last: Vec<Key>, room: u16) -> Vec<Key> {
    let mut left = room.saturating_sub(last.iter().map(Key::width).sum());
    let mut chosen = Vec::new();
    for key in first {
        if key.width() > left {
            break;
        }
        left -= key.width();
        chosen.push(key);
    }
    chosen.extend(last);
    chosen
}

/// Keys that do something here, by importance, and those that are always shown.
fn keys(app: &App, look: &Look) -> (Vec<Key>, Vec<Key>) {
    let key = |action: Action| {
        Some(Key {
            sign: keys::first(app, look, action)?,
            label: action.about().label,
            action: Some(action),
        })
    };
    let pair = |label| {
        Some(Key {
            sign: keys::pair(app, look, (Action::Up, Action::Down))?,
            label,
            action: Some(Action::Down),
        })
    };
    let named = |action: Action, label| {
        Some(Key {
            label,
            ..key(action)?
        })
    };
    let rows = app.open_rows();
    let link = rows
        .cursor()
        .and_then(|row| link::of(&app.estate, row))
        .and_then(|_| key(Action::OpenLink));
    let graphs = (app.shows_detail() && !app.subjects().is_empty())
        .then(|| key(Action::Span))
        .flatten();
    let filtered = !rows.filter.is_empty() || rows.problems_only;
    let (first, last) = match app.layer() {
        Some(Layer::Ways(_)) => (
            vec![pair("select"), named(Action::Open, "go there")],
            vec![named(Action::Back, "close")],
        ),
        Some(Layer::Detail { .. } | Layer::Ticket { .. }) => (
            vec![
                pair("scroll"),
                graphs,
                (app.chain().len() > 1)
                    .then(|| named(Action::NextTab, "chain"))
                    .flatten(),
                key(Action::Jump),
                key(Action::Reasons),
                key(Action::Apart).filter(|_| {
                    rows.cursor()
                        .is_some_and(|row| app.apart.contains_key(row) || is_below(app))
                }),
                link,
                key(Action::CopyValue),
            ],
            vec![key(Action::Back)],
        ),
        Some(Layer::Help { .. } | Layer::Review { .. }) => {
            (vec![pair("scroll")], vec![named(Action::Back, "close")])
        }
        Some(Layer::Sources { .. }) => (
            vec![pair("scroll"), key(Action::RefreshAll)],
            vec![named(Action::Back, "close")],
        ),
        Some(Layer::Contacts { .. }) => (
            vec![pair("select"), named(Action::Open, "copy")],
            vec![named(Action::Back, "close")],
        ),
        Some(Layer::Palette(_)) => {
            // Its keys are its own, whatever the keymap says.
            let own = |key: &str, label, action| {
                Some(Key {
                    sign: key.to_owned(),
                    label,
                    action,
                })
            };
            (
                vec![own(look.glyphs.enter, "do it", None)],
                vec![own("esc", "close", Some(Action::Back))],
            )
        }
        _ if app.travel.is_some() => (
            vec![
                key(Action::Earlier),
                key(Action::Later),
                named(Action::Back, "now"),
                pair("select"),
                key(Action::Open),
                key(Action::Timeline),
                key(Action::Filter),
            ],
            vec![key(Action::Help), key(Action::Quit)],
        ),
        _ if app.tab == Tab::Timeline => (
            vec![
                filtered.then(|| key(Action::ClearFilter)).flatten(),
                pair("select"),
                named(Action::Open, "go there"),
                named(Action::Earlier, "before it"),
                named(Action::Later, "after it"),
                key(Action::Filter),
                named(Action::ProblemsOnly, "red only"),
                key(Action::Back),
            ],
            vec![key(Action::Help), key(Action::Quit)],
        ),
        _ if app.tab == Tab::Unmatched => (
            vec![
                filtered.then(|| key(Action::ClearFilter)).flatten(),
                pair("select"),
                named(Action::Open, "go there"),
                key(Action::Filter),
                key(Action::Back),
            ],
            vec![key(Action::Help), key(Action::Quit)],
        ),
        _ => {
            let marked = !rows.marks.is_empty();
            let frozen = app.frozen.is_some();
            let tickets = app.tab == Tab::Tickets && !app.estate.sections.is_empty();
            let unread = tickets && app.seen.total() > 0;
            let sections = |label| {
                Some(Key {
                    sign: keys::pair(app, look, (Action::PreviousSection, Action::NextSection))?,
                    label,
                    action: Some(Action::NextSection),
                })
            };
            (
                vec![
                    frozen.then(|| named(Action::Freeze, "go on")).flatten(),
                    filtered.then(|| key(Action::ClearFilter)).flatten(),
                    marked.then(|| key(Action::ClearMarks)).flatten(),
                    marked.then(|| key(Action::CopyValue)).flatten(),
                    (!app.jumps.is_empty())
                        .then(|| key(Action::JumpBack))
                        .flatten(),
                    pair("select"),
                    key(Action::Open),
                    tickets.then(|| sections("section")).flatten(),
                    tickets.then(|| key(Action::Board)).flatten(),
                    unread.then(|| key(Action::MarkRead)).flatten(),
                    unread.then(|| key(Action::MarkAllRead)).flatten(),
                    app.board().and_then(|_| key(Action::ShowClosed)),
                    (app.tab == Tab::Triage)
                        .then(|| key(Action::Timeline))
                        .flatten(),
                    key(Action::Filter),
                    (!rows.problems_only && !tickets)
                        .then(|| key(Action::ProblemsOnly))
                        .flatten(),
                    (app.tab == Tab::Team)
                        .then(|| key(Action::CopyContact))
                        .flatten(),
                    (app.tab == Tab::Team)
                        .then(|| key(Action::Review))
                        .flatten(),
                    key(Action::Sources),
                    key(Action::Palette),
                    link,
                    key(Action::Jump),
                    graphs,
                    key(Action::Refresh),
                    key(Action::Mark),
                ],
                vec![key(Action::Help), key(Action::Quit)],
            )
        }
    };
    (
        first.into_iter().flatten().collect(),
        last.into_iter().flatten().collect(),
    )
}

/// Whether the row under the cursor hangs on a cause.
fn is_below(app: &App) -> bool {
    let at = app.open_rows().current().filter(|_| app.tab == Tab::Triage);
    let fold = at.and_then(|at| app.estate.folds.get(at));
    matches!(fold, Some(crate::estate::Fold::Below(_)))
}

/// What must be seen in every frame, at the right; returns what is left of the line.
fn draw_badges(app: &App, look: &Look, mut area: Rect, buf: &mut Buffer) -> Rect {
    let theme = &look.theme;
    let frozen = app.frozen.as_ref().map(|(since, _)| {
        let length = since.age(app.now).unwrap_or_default();
        format!(" FROZEN {} ", words::duration_short(length))
    });
    let past = app
        .travel
        .as_ref()
        .map(|travel| format!(" PAST {} ", past::clock(app, travel)));
    let badges: [(Option<&str>, Style); 4] = [
        (past.as_deref(), theme.banner_warning),
        (app.sample.then_some(" SAMPLE DATA "), theme.sample),
        (frozen.as_deref(), theme.banner_warning),
        (app.privacy.then_some(" PRIVATE "), theme.sample),
    ];
    for (words, style) in badges {
        let Some(words) = words else { continue };
        let width = fit::width(words);
        let x = area.right().saturating_sub(width).max(area.x);
        buf.set_stringn(x, area.y, words, area.width.into(), style);
        area.width = area.width.saturating_sub(width + 1);
    }
    area
}

/// `/ wiki state:stopped▏` and the fields that can be written.
fn draw_filter(
    app: &App,
    look: &Look,
    editor: &LineEditor,
    area: Rect,
    buf: &mut Buffer,
) -> Option<Position> {
    let fields: Vec<&str> = app.table(app.tab).columns.iter().map(|c| c.id).collect();
    let wrong = app.open_rows().filter.unknown_fields();
    let words = if wrong {
        format!("no such field; there are {}", fields.join(" "))
    } else {
        format!("fields: {}", fields.join(" "))
    };
    let written = (fit::width(editor.text()) + 4).max(EDITOR).min(area.width);
    let beside = area.width.saturating_sub(written + 3);
    let mut line = Rect {
        x: area.x + 1,
        width: area.width.saturating_sub(2),
        ..area
    };
    if beside >= 20 {
        line.width = written;
        let hint = Rect {
            x: line.right() + 1,
            width: beside,
            ..area
        };
        let style = if wrong {
            look.theme.warning
        } else {
            look.theme.dim
        };
        fit::Field::line(hint, look.glyphs.ellipsis).draw(buf, &words, style);
    }
    line_editor::draw(buf, line, "/", editor.text(), editor.cursor(), look.set())
}

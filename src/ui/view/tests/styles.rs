//! What strikes the eye, with colours and without.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

use super::*;
use crate::ui::theme::Depth;

fn colourless() -> Look {
    Look {
        theme: Theme::default().with_depth(Depth::None),
        glyphs: Glyphs::UNICODE,
    }
}

/// The first cell with this symbol in a part of the screen.
fn find<'a>(
    buf: &'a Buffer,
    symbol: &str,
    lines: std::ops::Range<u16>,
) -> Option<(u16, u16, &'a Cell)> {
    let area = buf.area;
    lines
        .flat_map(|y| (0..area.width).map(move |x| (x, y)))
        .map(|(x, y)| (x, y, &buf[(x, y)]))
        .find(|(_, _, cell)| cell.symbol() == symbol)
}

#[test]
fn without_colours_nothing_is_lost() {
    let look = colourless();
    let mut app = app((80, 24), Tab::Triage);
    press(&mut app, &["space"]);
    let (buf, _) = screen(&app, &look);
    for cell in &buf.content {
        assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
    }
    let modifiers = |symbol| find(&buf, symbol, 2..22).map(|(_, _, cell)| cell.modifier);
    let (critical, unknown, warning) = (modifiers("■"), modifiers("?"), modifiers("▲"));
    assert!(critical.is_some() && unknown.is_some() && warning.is_some());
    assert!(
        critical != unknown && unknown != warning && warning != critical,
        "{critical:?} {unknown:?} {warning:?}"
    );
    // The cursor is on the second row, the first one is marked.
    assert!(buf[(10, 4)].modifier.contains(Modifier::REVERSED));
    assert!(!buf[(10, 5)].modifier.contains(Modifier::REVERSED));
    assert_eq!(buf[(1, 3)].symbol(), Glyphs::UNICODE.mark);
    // The open tab differs from the others.
    assert_ne!(buf[(3, 0)].modifier, buf[(15, 0)].modifier);
}

/// Signs of severity ok below a column's heading, with their colours.
fn ok_signs(buf: &Buffer, from: u16, to: u16) -> Vec<Color> {
    (3..buf.area.height - 2)
        .flat_map(|y| (from..to).map(move |x| (x, y)))
        .map(|at| &buf[at])
        .filter(|cell| cell.symbol() == Glyphs::UNICODE.ok)
        .map(|cell| cell.fg)
        .collect()
}

#[test]
fn what_is_old_is_never_green() {
    let green = Theme::default().ok.fg.unwrap_or_default();
    let fresh = screen(
        &app_with((80, 24), Tab::Containers, fixture::calm()),
        &look(),
    )
    .0;
    let late = screen(
        &app_with((80, 24), Tab::Containers, fixture::calm_but_late()),
        &look(),
    )
    .0;
    // STATE is golem's and pikachu's word, CHECKMK that of the monitor, which is late.
    let (_, y, _) = find(&fresh, "█", 3..22).unwrap_or((0, 0, &fresh.content[0]));
    assert!(y > 0, "a screen with all its columns");
    for (buf, expected) in [(&fresh, true), (&late, false)] {
        let state = ok_signs(buf, 20, 45);
        let checkmk = ok_signs(buf, 66, 78);
        assert!(!state.is_empty() && !checkmk.is_empty());
        assert!(state.iter().all(|c| *c == green), "{state:?}");
        assert_eq!(checkmk.iter().all(|c| *c == green), expected, "{checkmk:?}");
        assert_eq!(checkmk.contains(&green), expected, "{checkmk:?}");
    }
    // Every row of a lost source is dim.
    let tickets = screen(&app((80, 24), Tab::Tickets), &look()).0;
    assert!(tickets[(20, 5)].modifier.contains(Modifier::DIM));
}

#[test]
fn handled_problems_are_dim_and_stay() {
    let app = app((120, 36), Tab::Triage);
    let (buf, _) = screen(&app, &look());
    let screen = lines(&buf);
    let line = screen
        .lines()
        .position(|line| line.contains("SMART /dev/sdb"))
        .and_then(|y| u16::try_from(y).ok());
    let Some(y) = line else {
        unreachable!("the acknowledged problem is shown:\n{screen}");
    };
    let dim = Theme::default().handled;
    assert_eq!(buf[(4, y)].modifier, dim.add_modifier);
    assert_eq!(buf[(2, y)].symbol(), "▲");
    assert_eq!(buf[(2, y)].fg, Color::Reset);
}

#[test]
fn only_the_panel_with_the_keys_has_the_focus() {
    let mut app = app((120, 36), Tab::Hosts);
    let theme = Theme::default();
    let corners = |app: &App| {
        let (buf, _) = screen(app, &look());
        let bottom = app.size.1 - 2;
        [0, app.size.0 - 1].map(|x| buf[(x, bottom)].modifier)
    };
    let (focus, rest) = (theme.border_focus.add_modifier, theme.border.add_modifier);
    assert_eq!(corners(&app), [focus, rest]);
    press(&mut app, &["enter"]);
    assert_eq!(corners(&app), [rest, focus]);
}

#[test]
fn what_the_filter_found_is_marked() {
    let mut app = app((80, 24), Tab::Containers);
    press(&mut app, &["/", "w", "i", "k", "i", "enter"]);
    let (buf, _) = screen(&app, &look());
    let found = Theme::default().match_.add_modifier;
    let marked: String = (0..80)
        .map(|x| &buf[(x, 3)])
        .filter(|cell| cell.modifier.contains(found))
        .map(Cell::symbol)
        .collect();
    assert_eq!(marked, "wiki");
}

use std::num::NonZeroU16;

use ratatui::buffer::CellDiffOption;
use ratatui::style::{Color, Modifier, Style};
use unicode_width::UnicodeWidthStr;

use super::*;

/// A terminal that reads our bytes back into cells.
fn emulator(size: Size) -> vt100::Parser {
    let dimension = |n| NonZeroU16::new(n).unwrap_or(NonZeroU16::MIN);
    vt100::Parser::new(dimension(size.height), dimension(size.width), 0)
}

fn copy(buffer: &Buffer) -> impl FnOnce(&mut Frame<'_>) {
    |frame: &mut Frame<'_>| frame.buffer_mut().clone_from(buffer)
}

fn text(screen: &mut Screen, lines: &[&str]) -> String {
    let bytes = screen.render(|frame| {
        for (y, line) in (0..).zip(lines) {
            frame.buffer_mut().set_string(0, y, line, Style::new());
        }
    });
    bytes.escape_ascii().to_string()
}

/// Between the marks of a synchronized update.
fn marked(bytes: &str) -> String {
    format!("\\x1b[?2026h{bytes}\\x1b[?2026l")
}

#[test]
fn the_first_frame_clears_and_an_unchanged_one_costs_nothing() {
    let mut screen = Screen::new(Size::new(20, 3));
    assert_eq!(
        text(&mut screen, &["vigie"]),
        marked("\\x1b[m\\x1b[H\\x1b[2Jvigie\\x1b[?25l")
    );
    assert_eq!(text(&mut screen, &["vigie"]), "");
    assert_eq!(text(&mut screen, &["vigil"]), marked("\\x1b[1;5H\\x1b[ml"));
    assert_eq!(text(&mut screen, &["vigil"]), "");
}

#[test]
fn after_a_repaint_everything_comes_again() {
    let mut screen = Screen::new(Size::new(20, 3));
    let first = text(&mut screen, &["vigie"]);
    screen.clear_for_repaint();
    assert_eq!(text(&mut screen, &["vigie"]), first);
    screen.resize(Size::new(3, 1));
    assert_eq!(screen.size(), Size::new(3, 1));
    assert_eq!(
        text(&mut screen, &["vig"]),
        marked("\\x1b[m\\x1b[H\\x1b[2Jvig\\x1b[?25l")
    );
}

#[test]
fn the_shortest_motions() {
    let mut screen = Screen::new(Size::new(40, 4));
    text(&mut screen, &["abcdefghijklmnopqrstuvwxyz", "abc", "abc"]);
    // Neighbours that are unchanged are written again when that is shorter than jumping.
    assert_eq!(
        text(&mut screen, &["XbcXefghijklmnopqrstuvwxyz", "abc", "abc"]),
        marked("\\x1b[H\\x1b[mXbcX")
    );
    assert_eq!(
        text(&mut screen, &["YbcXefghijklmnopqrstuvwxyY", "Ybc", "abc"]),
        marked("\\x1b[H\\x1b[mY\\x1b[24CY\\r\\nY")
    );
    // The rest of a line is erased, not overwritten.
    assert_eq!(
        text(&mut screen, &["Y", "Ybc", "abc"]),
        marked("\\x1b[1;2H\\x1b[m\\x1b[K")
    );
}

#[test]
fn the_cursor_is_shown_only_when_asked_for() {
    let mut screen = Screen::new(Size::new(10, 2));
    text(&mut screen, &["ab"]);
    let at = |screen: &mut Screen, x, y, word: &str| {
        let bytes = screen.render(|frame| {
            frame.buffer_mut().set_string(0, 0, word, Style::new());
            frame.set_cursor_position((x, y));
        });
        bytes.escape_ascii().to_string()
    };
    assert_eq!(at(&mut screen, 2, 0, "ab"), marked("\\x1b[1;3H\\x1b[?25h"));
    assert_eq!(at(&mut screen, 2, 0, "ab"), "");
    assert_eq!(at(&mut screen, 3, 0, "ab"), marked("\\x1b[1;4H"));
    // Drawing moves it, so it goes back.
    assert_eq!(
        at(&mut screen, 3, 0, "xb"),
        marked("\\x1b[H\\x1b[mx\\x1b[1;4H")
    );
    // Outside the screen is at its edge.
    assert_eq!(at(&mut screen, 99, 99, "xb"), marked("\\x1b[2;10H"));
    assert_eq!(text(&mut screen, &["xb"]), marked("\\x1b[?25l"));
    assert_eq!(text(&mut screen, &["xb"]), "");
}

#[test]
fn a_control_character_in_a_cell_does_not_reach_the_terminal() {
    let mut screen = Screen::new(Size::new(10, 1));
    text(&mut screen, &[""]);
    for evil in ["\x1b[2J", "a\x07", "\u{9b}", "\u{7f}x"] {
        let bytes = screen
            .render(|frame| {
                frame.buffer_mut()[(0, 0)].set_symbol(evil);
                frame.buffer_mut()[(2, 0)].set_symbol(evil);
            })
            .escape_ascii()
            .to_string();
        assert!(
            bytes.is_empty() || bytes == marked("\\x1b[H\\x1b[m? ?"),
            "{bytes}"
        );
    }
}

#[test]
fn a_link_is_written_as_a_whole_and_only_when_it_changes() {
    let mut screen = Screen::new(Size::new(10, 1));
    text(&mut screen, &["see wiki!"]);
    let url: url::Url = "https://e.org".parse().unwrap_or_else(|_| unreachable!());
    let linked = |screen: &mut Screen, line: &str| {
        screen
            .render(|frame| {
                frame.buffer_mut().set_string(0, 0, line, Style::new());
                let area = Rect::new(4, 0, 4, 1);
                assert!(crate::terminal::link::apply(
                    frame.buffer_mut(),
                    area,
                    &url,
                    1
                ));
            })
            .to_vec()
    };
    let bytes = linked(&mut screen, "see wiki!");
    let mut terminal = emulator(Size::new(10, 1));
    terminal.process(b"see wiki!");
    terminal.process(&bytes);
    assert_eq!(terminal.screen().contents(), "see wiki!");
    assert!(bytes.windows(5).any(|window| window == b"\x1b]8;i"));
    assert!(linked(&mut screen, "see wiki!").is_empty());
    let elsewhere = linked(&mut screen, "See wiki!");
    assert!(!elsewhere.windows(3).any(|window| window == b"\x1b]8"));
}

#[test]
fn a_cursor_step_in_a_full_screen_table_costs_little() {
    let mut screen = Screen::new(Size::new(200, 50));
    let table = |selected: u16| {
        move |frame: &mut Frame<'_>| {
            for y in 0..50 {
                let style = if y == selected {
                    Style::new().add_modifier(Modifier::REVERSED)
                } else {
                    Style::new()
                };
                let row = format!("{:<198}", format!("golem/{y} running 4 cores 12 % 3.2 GiB"));
                frame.buffer_mut().set_string(0, y, row, style);
            }
        }
    };
    screen.render(table(10));
    let bytes = screen.render(table(11)).len();
    assert!((200..=500).contains(&bytes), "{bytes} bytes");
}

/// What a random frame is made of: each glyph with its width in columns.
const GLYPHS: [&str; 16] = [
    " ", " ", " ", "a", "b", "Z", "é", "e\u{301}", "漢", "字", "한", "│", "█", "⣿", "●", "ｱ",
];

const COLOURS: [Color; 7] = [
    Color::Reset,
    Color::Reset,
    Color::Red,
    Color::LightBlue,
    Color::Gray,
    Color::Indexed(208),
    Color::Rgb(1, 20, 255),
];

fn random_style(random: &mut fastrand::Rng) -> Style {
    let modifiers = [
        Modifier::empty(),
        Modifier::empty(),
        Modifier::BOLD,
        Modifier::DIM,
        Modifier::ITALIC,
        Modifier::UNDERLINED,
        Modifier::REVERSED,
        Modifier::CROSSED_OUT,
    ];
    Style::new()
        .fg(COLOURS[random.usize(..COLOURS.len())])
        .bg(COLOURS[random.usize(..COLOURS.len())])
        .add_modifier(modifiers[random.usize(..modifiers.len())])
        .add_modifier(modifiers[random.usize(..modifiers.len())])
}

/// Changes some cells, without regard to what lies behind wide glyphs or at the edge.
fn mutate(buffer: &mut Buffer, random: &mut fastrand::Rng) {
    let area = *buffer.area();
    for _ in 0..random.usize(0..40) {
        let (x, y) = (random.u16(..area.width), random.u16(..area.height));
        match random.u8(0..6) {
            0 => {
                let run = Rect::new(x, y, random.u16(1..9), random.u16(1..3));
                buffer.set_style(run.intersection(area), random_style(random));
            }
            1 => {
                let word: String = (0..random.usize(1..8))
                    .map(|_| GLYPHS[random.usize(..GLYPHS.len())])
                    .collect();
                buffer.set_string(x, y, word, random_style(random));
            }
            2 => {
                for x in x..area.width {
                    buffer[(x, y)].reset();
                }
            }
            _ => {
                let style = random_style(random);
                buffer[(x, y)]
                    .set_symbol(GLYPHS[random.usize(..GLYPHS.len())])
                    .set_style(style);
            }
        }
    }
}

fn colour(colour: Color) -> vt100::Color {
    match colour {
        Color::Red => vt100::Color::Idx(1),
        Color::Gray => vt100::Color::Idx(7),
        Color::LightBlue => vt100::Color::Idx(12),
        Color::Indexed(index) => vt100::Color::Idx(index),
        Color::Rgb(red, green, blue) => vt100::Color::Rgb(red, green, blue),
        _ => vt100::Color::Default,
    }
}

/// Compares every column with what the buffer says it shows.
fn assert_same(buffer: &Buffer, terminal: &vt100::Screen, when: &str) {
    let area = *buffer.area();
    for y in 0..area.height {
        let mut x = 0;
        while x < area.width {
            let cell = &buffer[(x, y)];
            let width = u16::try_from(cell.symbol().width()).unwrap_or(1);
            let cut = x + width > area.width;
            let symbol = if cut { " " } else { cell.symbol() };
            let Some(seen) = terminal.cell(y, x) else {
                unreachable!("no cell at {x},{y}");
            };
            let place = format!("{when}, column {x} row {y}: {cell:?}\n{seen:?}");
            let blank = symbol == " ";
            let contents = if seen.has_contents() {
                seen.contents()
            } else {
                " "
            };
            assert_eq!(contents, symbol, "{place}");
            assert_eq!(seen.is_wide(), !cut && width == 2, "{place}");
            assert_eq!(seen.bgcolor(), colour(cell.bg), "{place}");
            assert_eq!(
                seen.inverse(),
                cell.modifier.contains(Modifier::REVERSED),
                "{place}"
            );
            assert_eq!(
                seen.underline(),
                cell.modifier.contains(Modifier::UNDERLINED),
                "{place}"
            );
            if !blank || seen.inverse() {
                assert_eq!(seen.fgcolor(), colour(cell.fg), "{place}");
                let bold = cell.modifier.contains(Modifier::BOLD);
                let dim = cell.modifier.contains(Modifier::DIM);
                // vt100 keeps the last of the two only.
                if bold && dim {
                    assert!(seen.bold() || seen.dim(), "{place}");
                } else {
                    assert_eq!((seen.bold(), seen.dim()), (bold, dim), "{place}");
                }
            }
            if !blank {
                assert_eq!(
                    seen.italic(),
                    cell.modifier.contains(Modifier::ITALIC),
                    "{place}"
                );
            }
            x += if cut { 1 } else { width };
        }
    }
}

#[test]
fn the_terminal_shows_what_the_buffer_says() {
    for seed in 0..8 {
        let mut random = fastrand::Rng::with_seed(seed);
        let size = Size::new(random.u16(1..40), random.u16(1..12));
        let mut screen = Screen::new(size);
        let mut terminal = emulator(size);
        let mut buffer = Buffer::empty(Rect::from((Position::ORIGIN, size)));
        for frame in 0..200 {
            if random.u8(..) < 8 {
                buffer.reset();
            }
            mutate(&mut buffer, &mut random);
            if random.u8(..) < 8 {
                screen.clear_for_repaint();
            }
            terminal.process(screen.render(copy(&buffer)));
            assert_same(
                &buffer,
                terminal.screen(),
                &format!("seed {seed}, frame {frame}"),
            );
            assert!(
                screen.render(copy(&buffer)).is_empty(),
                "seed {seed}, frame {frame}"
            );
        }
    }
}

#[test]
fn what_lay_hidden_behind_a_wide_glyph_comes_to_light() {
    // The column behind the glyph has a background that shows only once the glyph is gone.
    let size = Size::new(4, 1);
    let mut buffer = Buffer::empty(Rect::from((Position::ORIGIN, size)));
    buffer[(0, 0)].set_symbol("漢");
    buffer[(1, 0)].set_bg(Color::Red);
    let mut screen = Screen::new(size);
    let mut terminal = emulator(size);
    terminal.process(screen.render(copy(&buffer)));
    assert_same(&buffer, terminal.screen(), "hidden");
    buffer[(0, 0)].set_symbol("a");
    terminal.process(screen.render(copy(&buffer)));
    assert_same(&buffer, terminal.screen(), "shown");
}

#[test]
fn any_size_is_drawn() {
    for (width, height) in [(1, 1), (2, 1), (1, 9), (300, 100)] {
        let mut screen = Screen::new(Size::new(width, height));
        let bytes = screen.render(|frame| {
            let area = frame.area();
            frame
                .buffer_mut()
                .set_style(area, Style::new().bg(Color::Blue));
            let option = CellDiffOption::ForcedWidth(NonZeroU16::MAX);
            frame.buffer_mut()[(0, 0)].set_diff_option(option);
        });
        let mut terminal = emulator(Size::new(width, height));
        terminal.process(bytes);
        let corner = terminal.screen().cell(height - 1, width - 1);
        assert_eq!(corner.map(vt100::Cell::bgcolor), Some(vt100::Color::Idx(4)));
    }
}

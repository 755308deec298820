use std::cell::Cell as Counter;

use ratatui::style::Modifier;

use super::super::meter::Levels;
use super::super::trend::Scale;
use super::*;
use crate::domain::Severity;
use crate::ui::theme::Depth;

const COLUMNS: [Column<'static>; 9] = [
    Column::new("ID", Width::Fixed(5)).right().priority(190),
    Column::new("NAME", Width::Range(10, 24)).priority(255),
    Column::new("NODE", Width::Range(6, 10)).priority(120),
    Column::new("STATE", Width::Fixed(12)).priority(250),
    Column::new("CPU", Width::Range(10, 16)).priority(200),
    Column::new("MEMORY", Width::Range(10, 16)).priority(180),
    Column::new("LAST HOUR", Width::Range(10, 12))
        .right()
        .priority(60),
    Column::new("UP", Width::Fixed(4)).right().priority(110),
    Column::new("TAGS", Width::Fill(8, 1)).priority(40),
];

struct Guest {
    id: &'static str,
    name: &'static str,
    severity: Severity,
    state: &'static str,
    cpu: Option<f64>,
    memory: Option<f64>,
    up: &'static str,
    tags: &'static str,
}

const fn guest(
    id: &'static str,
    name: &'static str,
    (severity, state): (Severity, &'static str),
    (cpu, memory): (Option<f64>, Option<f64>),
    up: &'static str,
    tags: &'static str,
) -> Guest {
    Guest {
        id,
        name,
        severity,
        state,
        cpu,
        memory,
        up,
        tags,
    }
}

const RUNNING: (Severity, &str) = (Severity::Ok, "running");
const GUESTS: [Guest; 7] = [
    guest(
        "101",
        "proxy",
        RUNNING,
        (Some(0.31), Some(0.52)),
        "41d",
        "prod web",
    ),
    guest(
        "105",
        "wiki",
        (Severity::Critical, "stopped"),
        (None, None),
        "",
        "prod web",
    ),
    guest(
        "110",
        "mail",
        RUNNING,
        (Some(0.85), Some(0.93)),
        "41d",
        "prod mail",
    ),
    guest(
        "111",
        "日本語のとても長い名前のコンテナ",
        RUNNING,
        (Some(0.02), Some(0.4)),
        "3h",
        "",
    ),
    guest(
        "112",
        "a-container-with-quite-a-long-name",
        (Severity::Warning, "disk error"),
        (Some(1.3), Some(0.81)),
        "12m",
        "test",
    ),
    guest(
        "120",
        "redmine",
        (Severity::Unknown, "node gone"),
        (None, None),
        "?",
        "prod web ticket-system owned-by-the-web-group",
    ),
    guest(
        "900",
        "debian-12",
        (Severity::Info, "template"),
        (None, None),
        "",
        "template",
    ),
];

const HOUR: [Option<f32>; 12] = [
    Some(1.0),
    Some(2.0),
    Some(2.0),
    Some(3.0),
    None,
    None,
    Some(1.0),
    Some(1.0),
    Some(2.0),
    Some(4.0),
    Some(6.0),
    Some(8.0),
];

fn cell<'r>(guest: &'r Guest, column: usize, theme: &Theme, glyphs: &Glyphs) -> Cell<'r> {
    match column {
        0 => Cell::text(guest.id).style(theme.dim),
        1 => Cell::text(guest.name),
        2 => Cell::text("golem"),
        3 => {
            let style = theme.severity(guest.severity);
            Cell::text(guest.state).sign(glyphs.severity(guest.severity), style)
        }
        4 => Cell::meter(guest.cpu, Levels::NONE),
        5 => Cell::meter(guest.memory, Levels::USUAL),
        6 => Cell::trend(&HOUR, Scale::Greatest),
        7 => Cell::text(guest.up),
        _ => Cell::text(guest.tags).style(theme.dim),
    }
}

fn grid<'a>(theme: &'a Theme, glyphs: &'a Glyphs) -> Grid<'a> {
    Grid {
        columns: &COLUMNS,
        total: GUESTS.len(),
        offset: 0,
        cursor: Some(1),
        focused: true,
        sort: Some((1, Order::Up)),
        needles: &[],
        theme,
        glyphs,
    }
}

fn drawn(grid: &Grid<'_>, width: u16, height: u16) -> (Buffer, Hits) {
    let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
    let area = buf.area;
    let hits = grid.draw(
        &mut buf,
        area,
        |index| {
            let guest = GUESTS.get(index % GUESTS.len())?;
            Some(Row {
                marked: index == 2,
                style: if index == 5 {
                    grid.theme.handled
                } else {
                    Style::new()
                },
                ..Row::new(guest)
            })
        },
        |guest, column| cell(guest, column, grid.theme, grid.glyphs),
    );
    (buf, hits)
}

fn text(buf: &Buffer) -> String {
    let width = usize::from(buf.area.width).max(1);
    let lines = buf.content.chunks(width).map(|line| {
        let mut skip = 0;
        let mut out = String::new();
        for cell in line {
            if skip == 0 {
                out.push_str(cell.symbol());
                skip = super::super::fit::width(cell.symbol());
            }
            skip -= 1;
        }
        out.trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn tables_at_80_120_and_200_columns() {
    let theme = Theme::default();
    for (glyphs, name) in [(Glyphs::UNICODE, "unicode"), (Glyphs::ASCII, "ascii")] {
        let grid = grid(&theme, &glyphs);
        let shown = [80, 120, 200].map(|width| text(&drawn(&grid, width, 9).0));
        insta::assert_snapshot!(name, shown.join("\n\n"));
    }
}

#[test]
fn narrow_tables_keep_what_matters() {
    let theme = Theme::default();
    let grid = grid(&theme, &Glyphs::UNICODE);
    let shown = [60, 40, 24, 12, 5].map(|width| text(&drawn(&grid, width, 6).0));
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[test]
fn styles_of_a_row_with_and_without_cursor() {
    let theme = Theme::default();
    let (buf, _) = drawn(&grid(&theme, &Glyphs::UNICODE), 80, 9);
    let sign = (0..80)
        .find(|x| buf[(*x, 2)].symbol() == "■")
        .unwrap_or_default();
    let critical = &buf[(sign, 2)];
    assert!(critical.modifier.contains(Modifier::REVERSED));
    assert_eq!(
        Some(critical.fg),
        theme.critical.fg,
        "a severity keeps its colour under the cursor"
    );
    for x in 0..79 {
        let under_cursor = buf[(x, 2)].modifier.contains(Modifier::REVERSED);
        assert!(under_cursor, "column {x} belongs to the cursor's bar");
        assert!(!buf[(x, 3)].modifier.contains(Modifier::REVERSED), "{x}");
        let dim_under_cursor = buf[(x, 2)].modifier.contains(Modifier::DIM);
        assert!(!dim_under_cursor, "column {x}");
    }
    assert_eq!(buf[(0, 3)].symbol(), Glyphs::UNICODE.mark);
    let handled: String = (1..79)
        .filter(|x| buf[(*x, 6)].modifier.contains(Modifier::DIM))
        .map(|x| buf[(x, 6)].symbol())
        .collect();
    assert!(handled.contains("redmine"), "{handled}");
}

#[test]
fn under_a_cursor_with_its_own_colour_nothing_is_lost_in_its_background() {
    let theme = Theme::builtin("contrast").unwrap_or_default();
    let (buf, _) = drawn(&grid(&theme, &Glyphs::UNICODE), 120, 9);
    for x in 0..120 {
        let cell = &buf[(x, 2)];
        assert_ne!(cell.fg, cell.bg, "column {x} {:?}", cell.symbol());
        if cell.symbol() != " " {
            assert_eq!(Some(cell.fg), theme.cursor.fg, "column {x}");
        }
    }
}

#[test]
fn the_reversed_bar_is_of_one_colour_but_for_severities() {
    let theme = Theme::builtin("light").unwrap_or_default();
    let theme = theme.with_depth(Depth::Sixteen);
    let (buf, _) = drawn(&grid(&theme, &Glyphs::UNICODE), 120, 9);
    let coloured: String = (0..120)
        .filter(|x| buf[(*x, 2)].fg != Color::Reset)
        .map(|x| buf[(x, 2)].symbol())
        .collect();
    assert_eq!(coloured, "■");
}

#[test]
fn an_unfocused_cursor_is_seen_without_colours() {
    let theme = Theme::default().with_depth(Depth::None);
    let grid = Grid {
        focused: false,
        ..grid(&theme, &Glyphs::ASCII)
    };
    let (buf, _) = drawn(&grid, 80, 9);
    assert_eq!(buf[(0, 2)].symbol(), ">");
    assert!(buf[(1, 2)].modifier.contains(Modifier::BOLD));
}

#[test]
fn only_seen_rows_and_cells_are_asked_for() {
    let theme = Theme::default();
    let rows = Counter::new(0);
    let cells = Counter::new(0);
    let grid = Grid {
        total: 100_000,
        offset: 70_000,
        cursor: Some(70_003),
        ..grid(&theme, &Glyphs::UNICODE)
    };
    let mut buf = Buffer::empty(Rect::new(0, 0, 80, 50));
    let area = buf.area;
    let hits = grid.draw(
        &mut buf,
        area,
        |index| {
            assert!((70_000..70_049).contains(&index));
            rows.set(rows.get() + 1);
            Some(Row::new(()))
        },
        |(), _| {
            cells.set(cells.get() + 1);
            Cell::text("x")
        },
    );
    assert_eq!(rows.get(), 49);
    assert_eq!(cells.get(), 49 * hits.columns.len());
}

#[test]
fn found_text_is_marked_in_its_column_only() {
    let theme = Theme::default();
    let needles: [&[&str]; 3] = [&[], &["mail"], &[]];
    let grid = Grid {
        cursor: None,
        needles: &needles,
        ..grid(&theme, &Glyphs::UNICODE)
    };
    let (buf, _) = drawn(&grid, 200, 9);
    let marked: String = (1..200)
        .filter(|x| buf[(*x, 3)].modifier.contains(Modifier::UNDERLINED))
        .map(|x| buf[(x, 3)].symbol())
        .collect();
    assert_eq!(marked, "mail", "the tag `mail` is not in a searched column");
}

#[test]
fn clicks_meet_what_is_drawn() {
    let theme = Theme::default();
    let grid = Grid {
        total: 100,
        offset: 10,
        ..grid(&theme, &Glyphs::UNICODE)
    };
    let (buf, hits) = drawn(&grid, 80, 11);
    assert_eq!(hits.at(1, 0), Some(Hit::Head(0)));
    let name = (0..80)
        .find(|x| buf[(*x, 0)].symbol() == "N")
        .unwrap_or_default();
    assert_eq!(hits.at(name, 0), Some(Hit::Head(1)));
    assert_eq!(hits.at(0, 0), None, "the gutter has no head");
    assert_eq!(hits.at(40, 1), Some(Hit::Row(10)));
    assert_eq!(hits.at(0, 10), Some(Hit::Row(19)));
    assert_eq!(hits.at(79, 1), Some(Hit::Bar(0)));
    assert_eq!(hits.at(79, 10), Some(Hit::Bar(90)));
    assert_eq!(hits.at(40, 11), None);

    let few = Grid {
        total: 3,
        offset: 0,
        ..grid
    };
    let (_, hits) = drawn(&few, 80, 11);
    assert_eq!(hits.bar, None);
    assert_eq!(hits.at(40, 3), Some(Hit::Row(2)));
    assert_eq!(hits.at(40, 4), None, "below the last row");
}

#[test]
fn no_size_is_too_small() {
    let theme = Theme::default();
    for width in 0..30 {
        for height in 0..5 {
            let (_, hits) = drawn(&grid(&theme, &Glyphs::UNICODE), width, height);
            assert!(hits.rows.height <= height);
        }
    }
    let far = Grid {
        offset: usize::MAX - 3,
        total: usize::MAX,
        ..grid(&theme, &Glyphs::UNICODE)
    };
    drawn(&far, 80, 24);
    let beyond = Grid {
        offset: 50,
        ..grid(&theme, &Glyphs::UNICODE)
    };
    drawn(&beyond, 80, 24);
}

#[test]
fn what_servers_send_stays_in_its_column() {
    let theme = Theme::default();
    let grid = Grid {
        columns: &COLUMNS[..3],
        total: 1,
        cursor: None,
        ..grid(&theme, &Glyphs::UNICODE)
    };
    let hostile =
        crate::domain::Text::clean("x\u{1b}[31m\u{202e}\n日本👩\u{200d}💻e\u{301}e\u{301}");
    let mut buf = Buffer::empty(Rect::new(0, 0, 34, 2));
    let area = buf.area;
    let hits = grid.draw(
        &mut buf,
        area,
        |_| Some(Row::new(&hostile)),
        |text, column| Cell::text(if column == 1 { text.as_str() } else { "|" }),
    );
    let node = hits.columns.last().map_or(0, |placed| placed.x);
    assert_eq!(buf[(node, 1)].symbol(), "|");
    assert!(!text(&buf).contains('\u{1b}'));
    assert!(!text(&buf).contains('\u{202e}'));
}

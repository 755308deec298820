#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use ratatui::style::{Color, Modifier};

use super::*;

fn built_in(name: &str) -> Theme {
    Theme::builtin(name).unwrap()
}

fn alone(text: &str) -> (Theme, Vec<String>) {
    let (theme, warnings) = Theme::parse("mine", text, &|_| None);
    (theme, warnings.iter().map(ToString::to_string).collect())
}

#[test]
fn built_in_themes_have_nothing_to_warn_about() {
    for (name, text) in BUILTIN {
        let (_, warnings) = Theme::parse(name, text, &|_| None);
        assert_eq!(warnings, [], "{name}");
    }
}

#[test]
fn the_default_theme_defines_every_role() {
    let (_, text) = BUILTIN[0];
    let table: toml::Table = text.parse().unwrap();
    for role in ROLES {
        assert!(table.contains_key(role), "{role}");
    }
    assert_eq!(table.len(), ROLES.len() + 1, "the roles and the palette");
}

#[test]
fn every_role_can_be_found_by_its_name() {
    let mut theme = Theme::BLANK;
    for (count, role) in ROLES.into_iter().enumerate() {
        let index = u8::try_from(count).unwrap();
        theme.role_mut(role).unwrap().fg = Some(Color::Indexed(index));
    }
    let found: Vec<_> = theme.roles().map(|(_, style)| style.fg).collect();
    let wanted: Vec<_> = (0..33).map(|n| Some(Color::Indexed(n))).collect();
    assert_eq!(found, wanted, "no two names lead to the same role");
    assert_eq!(theme.role_mut("match_"), None, "files write `match`");
}

#[test]
fn the_default_theme_uses_only_the_terminals_own_colours() {
    for (role, style) in Theme::default().roles() {
        for colour in [style.fg, style.bg].into_iter().flatten() {
            assert!(
                !matches!(colour, Color::Rgb(..) | Color::Indexed(_)),
                "{role}"
            );
        }
    }
    assert_eq!(
        Theme::default(),
        Theme::default().with_depth(Depth::Sixteen)
    );
}

#[test]
fn in_the_default_theme_colours_say_how_bad_it_is_and_nothing_else() {
    let severities = [
        "ok",
        "info",
        "warning",
        "unknown",
        "critical",
        "late",
        "stale",
        "banner_warning",
    ];
    for (role, style) in Theme::default().roles() {
        assert_eq!(
            depth::is_plain(style),
            !severities.contains(&role),
            "{role}"
        );
    }
}

#[test]
fn without_colours_there_is_none_and_all_that_matters_still_differs() {
    for (name, _) in BUILTIN {
        let theme = built_in(name).with_depth(Depth::None);
        for (role, style) in theme.roles() {
            assert!(depth::is_plain(style), "{name}: {role}");
        }
        assert!(theme.cursor.add_modifier.contains(Modifier::REVERSED));
        for distinct in [
            theme.text,
            theme.cursor,
            theme.cursor_unfocused,
            theme.mark,
            theme.match_,
            theme.handled,
            theme.tab_active,
        ] {
            let same = [
                theme.text,
                theme.cursor,
                theme.cursor_unfocused,
                theme.mark,
                theme.match_,
                theme.handled,
                theme.tab_active,
            ]
            .into_iter()
            .filter(|other| {
                other.add_modifier == distinct.add_modifier
                    && other.sub_modifier == distinct.sub_modifier
            })
            .count();
            // The mark has its sign; here it must only differ from plain text.
            assert_eq!(same, 1, "{name}: {distinct:?}");
        }
    }
    assert_eq!(built_in("mono"), built_in("mono").with_depth(Depth::None));
}

#[test]
fn severities_differ_in_every_theme_and_depth() {
    for (name, _) in BUILTIN {
        for depth in [Depth::None, Depth::Sixteen, Depth::Indexed, Depth::True] {
            let theme = built_in(name).with_depth(depth);
            for one in Severity::ALL {
                for other in Severity::ALL {
                    assert_eq!(
                        one == other,
                        theme.severity(one) == theme.severity(other),
                        "{name} at {depth:?}: {one:?} and {other:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_cursor_is_seen_in_every_theme_and_depth() {
    for (name, _) in BUILTIN {
        for depth in [Depth::None, Depth::Sixteen, Depth::Indexed, Depth::True] {
            let theme = built_in(name).with_depth(depth);
            let reversed = theme.cursor.add_modifier.contains(Modifier::REVERSED);
            let shaded = theme.cursor.bg.is_some_and(|bg| bg != Color::Reset)
                && theme.cursor.bg != theme.text.bg;
            assert!(reversed || shaded, "{name} at {depth:?}");
            assert_ne!(theme.cursor, theme.cursor_unfocused, "{name} at {depth:?}");
        }
    }
    let light = built_in("light").with_depth(Depth::Sixteen);
    assert_eq!(light.cursor.bg, Some(Color::Reset));
    assert!(light.cursor.add_modifier.contains(Modifier::REVERSED));
}

#[test]
fn colours_become_their_neighbours() {
    let text = "ok = '#5fd700'\nwarning = '#e69f00'\ncritical = '#d08770'\ntext = '#808080'\nlink = 196\ndim = '#10131a'";
    let (theme, warnings) = alone(text);
    assert_eq!(warnings, Vec::<String>::new());
    let indexed = theme.with_depth(Depth::Indexed);
    assert_eq!(indexed.ok.fg, Some(Color::Indexed(76)));
    assert_eq!(indexed.text.fg, Some(Color::Indexed(244)));
    assert_eq!(indexed.link.fg, Some(Color::Indexed(196)));
    let sixteen = theme.with_depth(Depth::Sixteen);
    assert_eq!(sixteen.ok.fg, Some(Color::Green));
    assert_eq!(sixteen.warning.fg, Some(Color::Yellow));
    assert_eq!(
        sixteen.critical.fg,
        Some(Color::LightRed),
        "a pale red stays red"
    );
    assert_eq!(sixteen.text.fg, Some(Color::DarkGray));
    assert_eq!(sixteen.link.fg, Some(Color::Red));
    assert_eq!(sixteen.dim.fg, Some(Color::Black));
    assert_eq!(theme.with_depth(Depth::True), theme);
}

#[test]
fn a_palette_entry_changes_what_is_inherited() {
    let (theme, warnings) = alone("[palette]\ncritical = 160\n");
    assert_eq!(warnings, Vec::<String>::new());
    assert_eq!(theme.critical.fg, Some(Color::Indexed(160)));
    assert!(theme.critical.add_modifier.contains(Modifier::BOLD));
    assert_eq!(theme.ok, Theme::default().ok);
}

#[test]
fn what_makes_no_sense_is_told_and_costs_only_itself() {
    let (theme, warnings) = alone(
        "inherits = 'ligth'\ntitel = 'red'\ndim = 'gren'\nlink = { bolt = true, bg = 3 }\nok = { fg = 'lightgreen', bold = 1 }\nkey = true\npalette = 4\n",
    );
    let mut warnings = warnings;
    warnings.sort();
    assert_eq!(
        warnings,
        [
            "theme mine, line 1: there is no theme `ligth` to inherit from; `default` is used; did you mean `light`?",
            "theme mine, line 2: there is no role `titel`; did you mean `title`?",
            "theme mine, line 3: `gren` is neither a colour nor in the palette; did you mean `green`?",
            "theme mine, line 4: `link` knows no `bolt`; did you mean `bold`?",
            "theme mine, line 5: `bold` of `ok` must be true or false",
            "theme mine, line 6: `key` must be a colour or a table such as { fg = \"green\", bold = true }",
            "theme mine, line 7: `palette` cannot be an integer",
        ]
    );
    assert_eq!(theme.ok.fg, Some(Color::LightGreen));
    assert_eq!(theme.link.bg, Some(Color::Indexed(3)));
    assert_eq!(theme.critical, Theme::default().critical);
}

#[test]
fn a_broken_file_is_the_default_theme_and_one_line() {
    let (theme, warnings) = alone("ok = 'red'\n[palette\n");
    assert_eq!(theme, Theme::default());
    assert_eq!(warnings.len(), 1);
    assert!(
        warnings[0].starts_with("theme mine, line 2: no TOML, so nothing of it is used: "),
        "{warnings:?}"
    );
}

#[test]
fn hostile_names_are_inert_in_warnings() {
    let (_, warnings) = alone("\"\\u001b[31m\" = 'red'\n");
    assert_eq!(warnings, ["theme mine, line 1: there is no role `␛[31m`"]);
}

#[test]
fn circles_end() {
    let files = |name: &str| match name {
        "a" => Some("inherits = 'b'\nok = 'blue'".to_owned()),
        "b" => Some("inherits = 'a'\nok = 'red'\ninfo = 'red'".to_owned()),
        _ => None,
    };
    let (theme, warnings) = Theme::parse("a", &files("a").unwrap(), &files);
    assert_eq!(theme.ok.fg, Some(Color::Blue));
    assert_eq!(theme.info.fg, Some(Color::Red));
    assert_eq!(warnings.len(), 1);
    assert_eq!(
        warnings[0].to_string(),
        "theme b, line 1: inherits from `a`, which leads in a circle or too far; `default` is used"
    );
}

#[test]
fn a_theme_may_inherit_the_built_in_one_of_its_name() {
    let text = "inherits = 'light'\nok = 'blue'";
    let (theme, warnings) = Theme::parse("light", text, &|name| {
        (name == "light").then(|| text.into())
    });
    assert_eq!(warnings, []);
    assert_eq!(theme.ok.fg, Some(Color::Blue));
    assert_eq!(theme.warning, built_in("light").warning);
}

/// Relative luminance (WCAG 2).
fn luminance(colour: Color) -> f64 {
    let Color::Rgb(red, green, blue) = colour else {
        panic!("{colour:?} has no fixed brightness")
    };
    let [red, green, blue] = [red, green, blue].map(linear);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn linear(channel: u8) -> f64 {
    let value = f64::from(channel) / 255.0;
    if value <= 0.04045 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}

fn contrast(one: Color, other: Color) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn contrast_is_at_least_seven_to_one() {
    let theme = built_in("contrast");
    for (role, style) in theme.roles() {
        let bg = style.bg.or(theme.text.bg).unwrap();
        let fg = style.fg.or(theme.text.fg).unwrap();
        assert!(contrast(fg, bg) >= 7.0, "{role}: {:.1}", contrast(fg, bg));
        assert!(!style.add_modifier.contains(Modifier::DIM), "{role}");
    }
}

#[test]
fn light_can_be_read_on_white_and_under_the_cursor() {
    let theme = built_in("light");
    let white = Color::Rgb(255, 255, 255);
    let ink = Color::Rgb(0x1c, 0x21, 0x28);
    for (role, style) in theme.roles() {
        if matches!(role, "faint" | "border" | "meter_empty") {
            continue; // lines, not words
        }
        let fg = style
            .fg
            .filter(|colour| *colour != Color::Reset)
            .unwrap_or(ink);
        let bg = style.bg.unwrap_or(white);
        assert!(contrast(fg, bg) >= 4.5, "{role}: {:.1}", contrast(fg, bg));
    }
    let cursor = theme.cursor.bg.unwrap();
    for severity in Severity::ALL {
        let fg = theme.severity(severity).fg.unwrap();
        assert!(contrast(fg, cursor) >= 4.0, "{severity:?} under the cursor");
    }
}

/// What somebody without red (false) or green (true) cones sees, in linear RGB (Viénot, Brettel and
/// Mollon 1999).
fn as_seen(colour: Color, green: bool) -> [f64; 3] {
    let Color::Rgb(red, green_channel, blue) = colour else {
        panic!("{colour:?}")
    };
    let [r, g, b] = [red, green_channel, blue].map(linear);
    let (part, shift) = if green {
        (0.292_75, -0.022_34)
    } else {
        (0.112_38, 0.004_01)
    };
    let yellow = part * r + (1.0 - part) * g;
    [yellow, yellow, b + shift * (r - g)]
}

#[test]
fn colourblind_severities_differ_for_every_eye_and_on_every_background() {
    let colour = |severity| built_in("colourblind").severity(severity).fg.unwrap();
    for severity in Severity::ALL {
        for background in [Color::Rgb(0, 0, 0), Color::Rgb(255, 255, 255)] {
            let ratio = contrast(colour(severity), background);
            assert!(ratio >= 2.8, "{severity:?} on {background:?}: {ratio:.1}");
        }
    }
    for green in [false, true] {
        for (i, one) in Severity::ALL.into_iter().enumerate() {
            for other in Severity::ALL.into_iter().skip(i + 1) {
                let distance: f64 = as_seen(colour(one), green)
                    .iter()
                    .zip(as_seen(colour(other), green))
                    .map(|(a, b)| (a.max(0.0).powf(1.0 / 2.2) - b.max(0.0).powf(1.0 / 2.2)).powi(2))
                    .sum::<f64>()
                    .sqrt();
                assert!(distance > 0.2, "{one:?} and {other:?}: {distance:.2}");
            }
        }
    }
}

//! Screens as text.

use super::*;
use crate::domain::failure::FailureKind;
use crate::domain::{Failure, Text};
use crate::estate::note::{About, Note};

/// Sizes at which screens are kept.
const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (200, 50)];

fn all_sizes(tab: Tab, estate: &Arc<Estate>, keys: &[&str]) -> String {
    let mut out = String::new();
    for size in SIZES {
        let mut app = app_with(size, tab, Arc::clone(estate));
        press(&mut app, keys);
        out.push_str(&text(&app));
    }
    // Screens are to stay the same when only the version changes.
    out.replace(
        concat!("vigie ", env!("CARGO_PKG_VERSION")),
        "vigie version",
    )
}

#[test]
fn every_tab() {
    for tab in Tab::ALL {
        insta::assert_snapshot!(
            format!("tab_{}", tab.title().to_lowercase()),
            all_sizes(tab, &fixture::estate(), &[])
        );
    }
}

#[test]
fn every_layer() {
    for (name, keys) in [
        ("detail", &["enter"][..]),
        ("help", &["?"]),
        ("sources", &["S"]),
        ("review", &["W"]),
        ("contacts", &["C"]),
        ("palette", &[":", "r", "e", "f"]),
        ("filter", &["/", "w", "i", "k", "i"]),
        (
            "filter_unknown_field",
            &["/", "c", "o", "l", "o", "u", "r", ":", "x"],
        ),
    ] {
        insta::assert_snapshot!(
            format!("layer_{name}"),
            all_sizes(Tab::Containers, &fixture::estate(), keys)
        );
    }
}

/// The Tickets tab of somebody who looked four hours ago.
fn tickets(size: (u16, u16), keys: &[&str]) -> App {
    let mut app = app_with(size, Tab::Tickets, fixture::estate());
    let marks = crate::domain::ticket::Marks {
        until: Some(fixture::ago(4 * fixture::HOUR)),
        ..Default::default()
    };
    app.seen = crate::app::Seen::new([(fixture::REDMINE, marks)].into());
    update(&mut app, Message::Estate(fixture::estate()));
    press(&mut app, keys);
    app
}

#[test]
fn tickets_as_feed_list_and_board() {
    for (name, keys) in [
        ("feed", &[][..]),
        ("list", &[")"]),
        ("ignored", &["(", "("]),
        ("board", &["b", "right", "right"]),
        ("board_of_all", &["b", "(", "(", "X", "right"]),
        ("ways", &[")", "l"]),
        ("private", &["P", "b", "l"]),
        ("private_feed", &["P"]),
    ] {
        let mut out = String::new();
        for size in SIZES {
            out.push_str(&text(&tickets(size, keys)));
        }
        insta::assert_snapshot!(format!("tickets_{name}"), out);
    }
}

#[test]
fn the_timeline_and_the_past() {
    let day = fixture::day().publish();
    for (name, keys) in [
        ("timeline", &["T"][..]),
        ("past", &["{", "{"]),
        ("past_before_all", &["{", "{", "{", "{"]),
        ("past_detail", &["{", "enter"]),
    ] {
        insta::assert_snapshot!(name, all_sizes(Tab::Triage, &day, keys));
    }
    insta::assert_snapshot!(
        "unmatched",
        all_sizes(Tab::Triage, &fixture::estate(), &["U"])
    );
    insta::assert_snapshot!(
        "timeline_empty",
        said(Tab::Triage, fixture::nothing_read(), &["T"])
    );
}

#[test]
fn the_past_is_said_in_every_frame() {
    for size in [(40, 8), (60, 12), (80, 24), (120, 36), (200, 50)] {
        for keys in [
            &["{"][..],
            &["{", "enter"],
            &["{", "?"],
            &["{", ":"],
            &["{", "/", "w"],
        ] {
            let mut app = app_with(size, Tab::Triage, fixture::day().publish());
            press(&mut app, keys);
            assert!(app.travel.is_some());
            let screen = text(&app);
            let first = screen.lines().next().unwrap_or_default();
            assert!(
                first.contains("PAST") && first.contains("now 21:47"),
                "{screen}"
            );
            assert!(!first.contains("Hosts"), "{screen}");
        }
    }
}

#[test]
fn the_chain_is_shown_as_places_to_go_and_told_why() {
    let keys = ["enter", "enter", "tab", "tab", "w"];
    insta::assert_snapshot!(
        "chain_chosen",
        all_sizes(Tab::Triage, &fixture::estate(), &keys)
    );
    let mut app = app_with((120, 36), Tab::Triage, fixture::estate());
    press(&mut app, &[]);
    let links: Vec<Hit> = (app.drawn.hits.iter())
        .map(|(_, hit)| *hit)
        .filter(|hit| matches!(hit, Hit::Link(_)))
        .collect();
    assert_eq!(links, (0..5).map(Hit::Link).collect::<Vec<_>>());
    let place = app.drawn.hits.iter().find(|(_, hit)| *hit == Hit::Link(3));
    let Some((at, _)) = place else {
        unreachable!("{links:?}")
    };
    let click = Message::Click {
        column: at.x + 1,
        line: at.y,
    };
    update(&mut app, click);
    assert_eq!(app.tab, Tab::Tickets);
    update(
        &mut app,
        Message::Key("backspace".parse().unwrap_or_else(|_| unreachable!())),
    );
    assert_eq!(app.tab, Tab::Triage);
}

/// The lines of a screen between the frame's, without blanks around: what is said there.
fn said(tab: Tab, estate: Arc<Estate>, keys: &[&str]) -> String {
    let mut app = app_with((80, 24), tab, estate);
    press(&mut app, keys);
    let screen = text(&app);
    let inside = screen.lines().filter_map(|line| {
        let line = line.strip_prefix('│')?.trim_end_matches('│').trim();
        (!line.is_empty()).then_some(line)
    });
    inside.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_not_kept_is_said_among_the_sources() {
    let mut estate = Arc::unwrap_or_clone(fixture::calm());
    for about in [About::History, About::LastKnown, About::Keeping] {
        estate.notes.push(Note {
            about,
            failure: Failure::new(FailureKind::File {
                path: Text::clean("/home/anne/.local/state/vigie/history.sqlite"),
                detail: Text::clean("it cannot be written: the disk is full"),
            }),
        });
    }
    insta::assert_snapshot!(said(Tab::Triage, Arc::new(estate), &["S", "end"]));
}

#[test]
fn empty_tables_say_why() {
    let mut out = String::new();
    let mut case = |name: &str, tab: Tab, estate: Arc<Estate>, keys: &[&str]| {
        out.push_str(&format!("== {name}, {}\n", tab.title()));
        out.push_str(&said(tab, estate, keys));
        out.push('\n');
    };
    for tab in Tab::ALL {
        case("nothing read", tab, fixture::nothing_read(), &[]);
    }
    for tab in [
        Tab::Containers,
        Tab::Web,
        Tab::Mail,
        Tab::Team,
        Tab::Tickets,
    ] {
        case("all failing", tab, fixture::all_failing(), &[]);
    }
    for tab in Tab::ALL {
        case("all empty", tab, fixture::all_empty(), &[]);
    }
    case("calm", Tab::Triage, fixture::calm(), &[]);
    case("calm but late", Tab::Triage, fixture::calm_but_late(), &[]);
    for tab in Tab::ALL {
        case("only a roster", tab, fixture::only_a_roster(), &[]);
    }
    let typed = ["/", "x", "x", "x", "enter"];
    case("filtered", Tab::Containers, fixture::estate(), &typed);
    let typed = ["/", "c", "o", "l", "o", "u", "r", ":", "x", "enter"];
    case("no such field", Tab::Containers, fixture::estate(), &typed);
    case("only problems", Tab::Containers, fixture::calm(), &["!"]);
    case(
        "only problems, late",
        Tab::Hosts,
        fixture::calm_but_late(),
        &["!"],
    );
    insta::assert_snapshot!(out);
}

#[test]
fn nothing_is_wrong_is_said_only_when_all_is_fresh() {
    for estate in estates() {
        let all_fresh = !estate.sources.is_empty()
            && estate
                .sources
                .iter()
                .all(|s| s.freshness(fixture::NOW).is_trustworthy());
        let screen = text(&app_with((120, 36), Tab::Triage, Arc::clone(&estate)));
        let calm = all_fresh && estate.problems.is_empty();
        assert_eq!(screen.contains("Nothing is wrong."), calm, "{screen}");
    }
}

#[test]
fn the_header_gets_shorter_in_steps() {
    let mut out = String::new();
    for (name, estate) in [("ill", fixture::estate()), ("calm", fixture::calm())] {
        for width in [40, 50, 60, 70, 80, 90, 100, 110, 120, 140, 160, 200, 300] {
            let screen = text(&app_with((width, 10), Tab::Containers, Arc::clone(&estate)));
            let line = screen.lines().next().unwrap_or_default();
            out.push_str(&format!("{name} {width:3} |{line}\n"));
        }
    }
    insta::assert_snapshot!(out);
}

#[test]
fn the_header_never_loses_tabs_troubles_or_clock() {
    for tab in Tab::ALL {
        for width in (40..=130).chain((140..=300).step_by(10)) {
            let app = app((width, 8), tab);
            let (buf, drawn) = screen(&app, &look());
            let line = lines(&buf).lines().next().unwrap_or_default().to_owned();
            assert!(line.ends_with("21:47"), "{width}: {line}");
            assert!(line.contains('✕'), "{width}: {line}");
            assert_eq!(line.matches('■').count(), 4, "{width}: {line}");
            let tabs = drawn
                .hits
                .iter()
                .filter(|(_, hit)| matches!(hit, Hit::Tab(_)));
            assert_eq!(tabs.count(), 7, "{width}: {line}");
        }
    }
}

#[test]
fn what_must_not_be_forgotten_is_in_every_frame() {
    for size in [(40, 8), (80, 24), (120, 30)] {
        for tab in [Tab::Triage, Tab::Containers, Tab::Tickets] {
            for keys in LAYERS {
                let mut app = app(size, tab);
                app.sample = true;
                app.privacy = true;
                app.frozen = Some((fixture::ago(150), fixture::later()));
                press(&mut app, keys);
                let screen = text(&app);
                for words in ["SAMPLE DATA", "FROZEN 2m", "PRIVATE"] {
                    assert!(screen.contains(words), "{words} at {size:?}:\n{screen}");
                }
            }
        }
    }
}

#[test]
fn notices_are_said_in_the_footer() {
    let mut out = String::new();
    for (tab, keys) in [
        (Tab::Tickets, &["Y"][..]),
        (Tab::Tickets, &["o"]),
        (Tab::Team, &["Y"]),
        (Tab::Triage, &["r"]),
        (Tab::Tickets, &["R"]),
        (Tab::Mail, &["l"]),
        (Tab::Hosts, &["P"]),
        (Tab::Hosts, &["P", "P"]),
        (Tab::Hosts, &["f2"]),
        (Tab::Hosts, &["space", "space"]),
        (Tab::Containers, &["!"]),
        (Tab::Containers, &["f"]),
    ] {
        let mut app = app((100, 24), tab);
        press(&mut app, keys);
        let screen = text(&app);
        let last = screen.lines().last().unwrap_or_default();
        out.push_str(&format!(
            "{:10} {:14}|{last}\n",
            tab.title(),
            keys.join(" ")
        ));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn titles_tell_filter_order_and_marks() {
    let mut app = app((110, 24), Tab::Containers);
    press(
        &mut app,
        &["/", "g", "o", "enter", ">", ">", "-", "space", "!"],
    );
    let screen = text(&app);
    let title = screen.lines().nth(1).unwrap_or_default();
    assert!(
        title.starts_with("┌ Containers · 2 of 20 · /go · problems only · by name ↓ · 1 marked ─"),
        "{title}"
    );
}

#[test]
fn ascii_screens_hold_nothing_but_ascii() {
    let look = Look {
        glyphs: Glyphs::ASCII,
        ..look()
    };
    let mut kept = String::new();
    for tab in Tab::ALL {
        for keys in LAYERS {
            for size in [(80, 24), (160, 30)] {
                let mut app = app(size, tab);
                app.privacy = true;
                press(&mut app, keys);
                let screen = lines(&screen(&app, &look).0);
                for line in screen.lines() {
                    let foreign = |c: char| {
                        matches!(c, '\u{600}'..='\u{6ff}' | '\u{3000}'..='\u{9fff}' | '\u{2400}'..='\u{2426}' | '\u{fffd}')
                            || (matches!(c, '·' | '⏎') && line.contains('␛'))
                    };
                    assert!(line.chars().all(|c| c.is_ascii() || foreign(c)), "{line}");
                }
                if keys.is_empty() && size.0 == 80 && tab <= Tab::Containers {
                    kept.push_str(&screen);
                }
            }
        }
    }
    insta::assert_snapshot!(kept);
}

#[test]
fn no_size_is_too_small_or_too_large() {
    let mut apps = Tab::ALL.map(|tab| app((1, 1), tab));
    let tabs = apps.len();
    for width in 1..=130 {
        for height in (1..=14).chain([20, 24, 40]) {
            // Each tab at every seventh size, and so at every width and height.
            let app = &mut apps[usize::from(width + height) % tabs];
            update(app, Message::Resize(width, height));
            screen(app, &look());
        }
    }
    for tab in Tab::ALL {
        screen(&app((300, 100), tab), &look());
        for estate in estates() {
            screen(&app_with((40, 8), tab, estate), &look());
        }
    }
    insta::assert_snapshot!(text(&app((20, 6), Tab::Triage)));
}

#[test]
fn layers_fit_any_size() {
    for keys in LAYERS {
        let mut opened = app((130, 40), Tab::Triage);
        press(&mut opened, keys);
        for width in (38..=130).step_by(7) {
            for height in 7..=24 {
                let mut app = opened.clone();
                update(&mut app, Message::Resize(width, height));
                screen(&app, &look());
            }
        }
    }
}

#[test]
fn nothing_foreign_acts() {
    for tab in Tab::ALL {
        for keys in LAYERS {
            for size in [(80, 24), (160, 30)] {
                let mut app = app(size, tab);
                press(&mut app, keys);
                let (buf, _) = screen(&app, &look());
                for cell in &buf.content {
                    let symbol = cell.symbol();
                    let acts = symbol.chars().any(|c| {
                        c.is_control()
                            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
                    });
                    assert!(!acts, "{symbol:?}");
                }
            }
        }
    }
    // It is there, and inert.
    let triage = text(&app((200, 50), Tab::Triage));
    assert!(triage.contains("␛[31mWARN␛[0m"), "{triage}");
}

#[test]
fn a_long_table_is_seen_through_its_window() {
    let mut app = app_with((80, 24), Tab::Containers, fixture::crowd(30_000));
    press(&mut app, &["end"]);
    let screen = text(&app);
    let last = screen.lines().nth(21).unwrap_or_default();
    assert!(last.contains("30099 guest-29999"), "{screen}");
    press(&mut app, &["/", "9", "9", "9", "9", "enter"]);
    let screen = text(&app);
    assert!(
        screen.contains("Containers · 6 of 30000 · /9999"),
        "{screen}"
    );
    assert_eq!(screen.matches("guest-").count(), 6, "{screen}");
}

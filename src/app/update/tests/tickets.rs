//! The feed and what was read of it, sections, the board, and where tickets lead.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::HashMap;
use std::sync::Arc;

use super::*;
use crate::app::{Effect, Seen};
use crate::domain::ticket::{Child, Marks, Markup, Relation, RelationKind, TicketDetail};
use crate::domain::{Prose, Text};
use crate::estate::fixture::{HOUR, REDMINE, ago};

/// The Tickets tab of somebody who looked four hours ago: three changes are unread.
fn away() -> App {
    let mut app = open(Tab::Tickets);
    let marks = Marks {
        until: Some(ago(4 * HOUR)),
        ..Marks::default()
    };
    app.seen = Seen::new(HashMap::from([(REDMINE, marks)]));
    let estate = Arc::clone(&app.estate);
    update(&mut app, Message::Estate(estate));
    app
}

fn unread(app: &App) -> Vec<(u64, u64)> {
    let news = app.estate.news.iter();
    news.filter(|row| app.seen.is_unread(row))
        .map(|row| (row.ticket.id, row.id()))
        .collect()
}

fn remembered(effects: &Effects) -> Option<&Marks> {
    effects.list.iter().find_map(|effect| match effect {
        Effect::Remember(REDMINE, marks) => Some(marks),
        _ => None,
    })
}

#[test]
fn changes_are_unread_until_they_are_marked() {
    let mut app = away();
    assert_eq!(unread(&app), [(490, 910), (482, 908), (489, 907)]);
    assert_eq!(app.seen.total(), 3);
    assert_eq!(app.seen.of_ticket(REDMINE, 482), 1);

    let effects = press(&mut app, &["m"]);
    assert_eq!(unread(&app), [(482, 908), (489, 907)]);
    assert_eq!(app.open_rows().position(), 1, "on to the next");
    let marks = remembered(&effects).cloned().unwrap();
    assert_eq!(
        (marks.until, marks.read.len()),
        (Some(ago(4 * HOUR)), 1),
        "what is older is unread still"
    );

    // Reading the ticket is reading its changes.
    press(&mut app, &["enter"]);
    assert_eq!(unread(&app), [(489, 907)]);
    press(&mut app, &["esc"]);

    let effects = press(&mut app, &["A"]);
    assert_eq!(unread(&app), []);
    let marks = remembered(&effects).cloned().unwrap();
    assert_eq!(marks.until, Some(app.estate.news[0].at));
    assert!(marks.read.is_empty(), "{marks:?}");
    assert_eq!(
        remembered(&press(&mut app, &["A"])),
        None,
        "nothing to keep"
    );
}

#[test]
fn who_looks_for_the_first_time_has_nothing_unread() {
    let app = open(Tab::Tickets);
    assert_eq!(app.seen.total(), 0);
    assert!(app.seen.marks(REDMINE).unwrap().until.is_some());
}

#[test]
fn what_i_did_myself_is_no_news() {
    let mut estate = (*fixture::estate()).clone();
    for row in &mut estate.news {
        row.mine = row.id() == 908;
    }
    let mut app = away();
    update(&mut app, Message::Estate(Arc::new(estate)));
    assert_eq!(unread(&app), [(490, 910), (489, 907)]);
}

#[test]
fn sections_follow_each_other_and_hold_their_own() {
    let mut app = open(Tab::Tickets);
    let mut seen = Vec::new();
    for _ in 0..8 {
        let name = app
            .desk
            .section
            .clone()
            .unwrap_or_else(|| "Feed".to_owned());
        seen.push((name, app.open_rows().len()));
        press(&mut app, &[")"]);
    }
    let counts: Vec<(&str, usize)> = seen.iter().map(|(name, n)| (&**name, *n)).collect();
    assert_eq!(
        counts,
        [
            ("Feed", 26),
            ("Open", 15),
            ("Mine", 0),
            ("Unassigned", 5),
            ("Overdue", 0),
            ("Watched", 3),
            ("Bugs", 11),
            ("All", 20),
        ]
    );
    assert!(app.desk.is_feed(), "around the end");
    press(&mut app, &["("]);
    assert_eq!(app.desk.section.as_deref(), Some("All"));
}

#[test]
fn the_board_is_walked_column_by_column() {
    let mut app = open(Tab::Tickets);
    press(&mut app, &["b"]);
    assert_eq!(
        app.desk.section.as_deref(),
        Some("Open"),
        "the feed has no columns"
    );
    let card = |app: &App| app.row_ticket().map(|(_, id)| id);
    let status = |app: &App| {
        let at = app.open_rows().current().unwrap();
        app.estate.tickets[at].ticket.status.name.to_string()
    };
    assert_eq!((card(&app), status(&app).as_str()), (Some(490), "New"));
    press(&mut app, &["down"]);
    assert_eq!(
        card(&app),
        Some(489),
        "the next of the column, not of the list"
    );
    press(&mut app, &["right"]);
    assert_eq!(
        (card(&app), status(&app).as_str()),
        (Some(487), "In Progress"),
        "at the same height"
    );
    press(&mut app, &["l", "l", "l"]);
    assert_eq!(status(&app), "Resolved", "the last column that is open");
    press(&mut app, &["left", "left", "h", "h", "g"]);
    assert_eq!(card(&app), Some(490));
    press(&mut app, &["G"]);
    assert_eq!(card(&app), Some(470));
    // What is closed is folded, in the section that has some.
    press(&mut app, &["(", "("]);
    assert_eq!(app.desk.section.as_deref(), Some("All"));
    press(&mut app, &["right", "right", "right", "right"]);
    assert_eq!(status(&app), "Resolved");
    press(&mut app, &["X", "right"]);
    assert_eq!(status(&app), "Closed");
    press(&mut app, &["X"]);
    assert_eq!(status(&app), "New", "the cursor leaves what is folded");
    press(&mut app, &["b"]);
    assert!(app.board().is_none());
}

fn history() -> TicketDetail {
    let ticket = (*fixture::estate().tickets[0].ticket).clone();
    TicketDetail {
        ticket,
        markup: Markup::Textile,
        description: Prose::clean("As in #482, see https://wiki.example.org/."),
        journals: Vec::new(),
        attachments: Vec::new(),
        relations: [488, 77]
            .map(|other| Relation {
                kind: RelationKind::Blocks,
                other,
            })
            .to_vec(),
        children: [489, 31]
            .map(|id| Child {
                id,
                subject: Text::clean("x"),
                depth: 0,
            })
            .to_vec(),
        category: None,
        version: None,
        start: None,
        estimated: None,
        spent: None,
        left_out: 0,
    }
}

#[test]
fn ways_lead_from_a_ticket_to_others_and_back() {
    let mut app = open(Tab::Tickets);
    let detail = Arc::new(history());
    update(&mut app, Message::Ticket(REDMINE, 490, Ok(detail)));
    press(&mut app, &["enter", "l"]);
    let Some(Layer::Ways(ways)) = app.layer() else {
        unreachable!("{:?}", app.layer());
    };
    let numbers: Vec<u64> = (ways.ways.iter())
        .filter_map(|way| match way.target {
            crate::app::references::Target::Ticket(_, id) => Some(id),
            _ => None,
        })
        .collect();
    assert_eq!(
        numbers,
        [489, 31, 488, 77, 482],
        "parts, relations, what notes name"
    );
    // The first is its author.
    let asked = press(&mut app, &["down", "enter"]);
    assert!(matches!(app.layer(), Some(Layer::Ticket { id: 489, .. })));
    assert!(asked.list.contains(&Effect::FetchTicket(REDMINE, 489)));
    assert_eq!(
        press(&mut app, &["y"]).list,
        [Effect::Copy(
            "#489 Shop answers 502 after checkout".to_owned()
        )]
    );
    assert_eq!(
        press(&mut app, &["Y"]).list,
        [Effect::Copy(
            "https://redmine.example.org/issues/489".to_owned()
        )]
    );
    press(&mut app, &["esc"]);
    assert!(
        matches!(app.layer(), Some(Layer::Detail { .. })),
        "back where it began"
    );
}

//! Data and program: refresh, freeze, privacy, links, tickets, the clock.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::app::value::Value;
use crate::app::{Effect, History, Notice, columns};
use crate::domain::ticket::{Markup, TicketDetail};
use crate::domain::{Prose, SourceId};
use fixture::{CHECKMK, CREW, GOLEM, MAIL, NOW, PIKACHU, REDMINE, WEB};

fn refreshed(tab: Tab, key: &str) -> Vec<SourceId> {
    let mut app = open(tab);
    let effects = press(&mut app, &[key]);
    let asked = effects.list.into_iter().find_map(|effect| match effect {
        Effect::Refresh(sources) => Some(sources),
        _ => None,
    });
    let asked = asked.unwrap_or_default();
    assert_eq!(app.notice, Some((Notice::Asking(asked.len()), NOW)));
    asked
}

#[test]
fn refresh_asks_the_sources_of_the_tab() {
    let all = [GOLEM, PIKACHU, CHECKMK, REDMINE, WEB, MAIL, CREW];
    assert_eq!(refreshed(Tab::Triage, "r"), all);
    assert_eq!(refreshed(Tab::Hosts, "r"), [GOLEM, PIKACHU, CHECKMK]);
    assert_eq!(refreshed(Tab::Containers, "f5"), [GOLEM, PIKACHU, CHECKMK]);
    assert_eq!(refreshed(Tab::Web, "r"), [CHECKMK, WEB]);
    assert_eq!(refreshed(Tab::Mail, "r"), [CHECKMK, MAIL]);
    assert_eq!(refreshed(Tab::Team, "r"), [REDMINE, CREW]);
    assert_eq!(refreshed(Tab::Tickets, "r"), [REDMINE]);
    assert_eq!(refreshed(Tab::Tickets, "R"), all);
}

#[test]
fn a_frozen_screen_holds_still_until_it_goes_on() {
    let mut app = open(Tab::Containers);
    let before = vmids(&app);
    press(&mut app, &["f"]);
    update(&mut app, Message::Estate(fixture::later()));
    assert_eq!(vmids(&app), before);
    update(&mut app, Message::Clock(NOW.plus(Duration::from_mins(2))));
    assert_eq!(app.frozen.as_ref().map(|(since, _)| *since), Some(NOW));
    press(&mut app, &["down", "/"]);
    type_in(&mut app, "aardvark");
    assert!(vmids(&app).is_empty(), "even under a filter");
    press(&mut app, &["f"]);
    assert_eq!(vmids(&app), [90]);
    assert!(app.frozen.is_none());
}

#[test]
fn privacy_masks_what_is_private() {
    let mut app = open(Tab::Tickets);
    let subject = |app: &App| {
        let table = columns::of(Tab::Tickets);
        let at = app.estate.tickets.iter().position(|t| t.ticket.private);
        let column = table.columns.iter().find(|c| c.id == "subject");
        let cell = column
            .zip(at)
            .map(|(c, at)| (c.value)(&app.estate, at, &app.context()));
        match cell {
            Some(Value::Text(text)) => text.into_owned(),
            other => unreachable!("{other:?}"),
        }
    };
    assert_eq!(subject(&app), "Salaries of the crew (not for everyone)");
    press(&mut app, &["P"]);
    assert_eq!(subject(&app), "(private)");
    assert!(matches!(app.notice, Some((Notice::Privacy(true), _))));
    // What is masked cannot be found by its words, nor leave by the clipboard.
    press(&mut app, &["/"]);
    type_in(&mut app, "salaries");
    assert!(app.open_rows().is_empty());
    press(&mut app, &["ctrl-u", "/"]);
    type_in(&mut app, "id:487");
    assert_eq!(
        press(&mut app, &["y"]).list,
        [Effect::Copy("#487".to_owned())]
    );
    press(&mut app, &["P"]);
    let copied = Effect::Copy("#487 Salaries of the crew (not for everyone)".to_owned());
    assert_eq!(press(&mut app, &["y"]).list, [copied]);
}

#[test]
fn a_filter_by_private_words_ends_with_privacy() {
    let mut app = open(Tab::Tickets);
    press(&mut app, &["/"]);
    type_in(&mut app, "salaries");
    assert_eq!(app.open_rows().len(), 2, "its opening and a note");
    press(&mut app, &["P"]);
    assert_eq!(app.open_rows().len(), 0, "the list is made anew");
}

#[test]
fn values_and_links_go_to_the_clipboard() {
    let mut app = open(Tab::Containers);
    press(&mut app, &["down"]);
    assert_eq!(
        press(&mut app, &["y"]).list,
        [Effect::Copy("web".to_owned())]
    );
    let link = "https://golem.example.org:8006/#v1:0:=lxc%2F101";
    assert_eq!(
        press(&mut app, &["Y"]).list,
        [Effect::Copy(link.to_owned())]
    );
    assert!(matches!(&app.notice, Some((Notice::Sent(sent), _)) if sent == link));
    assert!(press(&mut app, &["o"]).list.is_empty());
    assert!(matches!(&app.notice, Some((Notice::Link(shown), _)) if shown == link));
    press(&mut app, &["space", "down", "space"]);
    let copied = press(&mut app, &["y"]).list;
    assert_eq!(
        copied,
        [Effect::Copy("web\ncloud".to_owned())],
        "what is marked"
    );
    update(&mut app, Message::Copied(false));
    assert!(matches!(app.notice, Some((Notice::TooLong, _))));

    let mut app = open(Tab::Team);
    let account = "https://redmine.example.org/users/100".to_owned();
    assert_eq!(press(&mut app, &["Y"]).list, [Effect::Copy(account)]);

    let mut app = crate::app::fixture::app_with((80, 24), Tab::Team, fixture::only_a_roster());
    assert!(press(&mut app, &["Y"]).list.is_empty());
    assert!(matches!(app.notice, Some((Notice::NoLink, _))));
}

#[test]
fn the_program_is_told_what_it_has_to_do() {
    let mut app = open(Tab::Triage);
    assert_eq!(press(&mut app, &["ctrl-z"]).list, [Effect::Suspend]);
    assert_eq!(press(&mut app, &["ctrl-r"]).list, [Effect::Repaint]);
    assert_eq!(press(&mut app, &["f2"]).list, [Effect::Mouse(false)]);
    assert!(!app.mouse);
    assert_eq!(press(&mut app, &["f2"]).list, [Effect::Mouse(true)]);
}

#[test]
fn notices_pass() {
    let mut app = open(Tab::Tickets);
    press(&mut app, &["r"]);
    update(&mut app, Message::Clock(NOW.plus(Duration::from_secs(3))));
    assert!(app.notice.is_some());
    update(&mut app, Message::Clock(NOW.plus(Duration::from_secs(4))));
    assert!(app.notice.is_none());
    press(&mut app, &["o"]);
    update(&mut app, Message::Clock(NOW.plus(Duration::from_secs(30))));
    assert!(app.notice.is_some(), "a link stays to be copied");
    press(&mut app, &["esc"]);
    assert!(app.notice.is_none());
}

fn fetched(effects: &Effects) -> Option<u64> {
    effects.list.iter().find_map(|effect| match effect {
        Effect::FetchTicket(REDMINE, id) => Some(*id),
        _ => None,
    })
}

#[test]
fn a_ticket_is_read_when_it_is_looked_at_and_only_once() {
    let mut app = open(Tab::Tickets);
    assert_eq!(
        fetched(&press(&mut app, &["down"])),
        None,
        "no detail on the screen"
    );
    assert_eq!(fetched(&press(&mut app, &["enter"])), Some(482));
    assert!(matches!(
        app.histories.get(&(REDMINE, 482)),
        Some(History::Loading)
    ));
    assert_eq!(fetched(&press(&mut app, &["down"])), None, "not twice");
    let detail = Arc::new(TicketDetail {
        ticket: (*app.estate.tickets[1].ticket).clone(),
        description: Prose::clean("It clicks."),
        journals: Vec::new(),
        markup: Markup::Textile,
        attachments: Vec::new(),
        relations: Vec::new(),
        children: Vec::new(),
        category: None,
        version: None,
        start: None,
        estimated: None,
        spent: None,
        left_out: 0,
    });
    update(&mut app, Message::Ticket(REDMINE, 482, Ok(detail)));
    assert!(matches!(
        app.histories.get(&(REDMINE, 482)),
        Some(History::Read(_))
    ));
    assert_eq!(fetched(&press(&mut app, &["esc", "enter"])), None);

    update(
        &mut app,
        Message::Ticket(REDMINE, 482, Err(fixture::timed_out())),
    );
    assert_eq!(
        fetched(&press(&mut app, &["down"])),
        None,
        "a failure is not asked again by itself"
    );
    assert_eq!(
        fetched(&press(&mut app, &["r"])),
        Some(482),
        "but on request"
    );
}

#[test]
fn beside_a_wide_table_each_ticket_is_read_as_the_cursor_reaches_it() {
    let mut app = app((160, 40), Tab::Tickets);
    assert_eq!(fetched(&press(&mut app, &["down"])), Some(482));
    assert_eq!(fetched(&press(&mut app, &["down"])), Some(489));
    assert_eq!(fetched(&press(&mut app, &["up"])), None);
}

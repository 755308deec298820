//! What details look like.

use super::scenes::{read_ticket, scene, unread_ticket, watched_queue};
use super::*;
use crate::app::Layer;
use crate::app::fixture::app_with;
use crate::estate::fixture;

/// Both widths, one above the other.
fn both(app: &App) -> String {
    [50, 90].map(|width| tall(app, &look(), width)).join("\n")
}

#[test]
fn problems() {
    for (name, problem) in [
        ("guest_stopped", "golem/105 wiki"),
        ("service", "db1: MariaDB replication"),
        ("probe", "wiki.example.org"),
        ("certificate", "blog.example.org"),
        ("blind", "redmine"),
        ("acknowledged", "golem: SMART /dev/sdb"),
        ("queue_down", "postfix-old"),
        ("task", "golem/103: vzdump"),
        ("storage", "golem: storage backup"),
        ("hostile", "git: APT updates"),
    ] {
        let app = on(Tab::Triage, problem);
        insta::assert_snapshot!(format!("problem_{name}"), both(&app));
    }
}

#[test]
fn hosts() {
    for name in ["golem", "pikachu", "router"] {
        let app = on(Tab::Hosts, name);
        insta::assert_snapshot!(format!("host_{name}"), both(&app));
    }
}

#[test]
fn guests() {
    for (name, guest) in [
        ("running", "golem/103 cloud"),
        ("stopped", "golem/105 wiki"),
        ("machine", "golem/120 builder"),
        ("openvz", "pikachu/202 archive"),
        ("locked", "golem/108 git"),
        ("template", "golem/900 debian-13"),
    ] {
        let app = on(Tab::Containers, guest);
        insta::assert_snapshot!(format!("guest_{name}"), both(&app));
    }
}

#[test]
fn web_services() {
    for (name, site) in [
        ("ill", "wiki.example.org"),
        ("silent", "chat.example.org"),
        ("well", "www.example.org"),
    ] {
        let app = on(Tab::Web, site);
        insta::assert_snapshot!(format!("web_{name}"), both(&app));
    }
    let app = at(scene(Tab::Web), "shop.example.org");
    insta::assert_snapshot!("web_disputed", both(&app));
}

#[test]
fn queues() {
    insta::assert_snapshot!("queue_growing", both(&watched_queue()));
    let app = on(Tab::Mail, "Newsletter Queue on lists");
    insta::assert_snapshot!("queue_checked", both(&app));
}

#[test]
fn people() {
    let app = on(Tab::Team, "Anne Bonny");
    insta::assert_snapshot!("person", both(&app));
    let app = at(scene(Tab::Team), "Mary Read");
    insta::assert_snapshot!("person_overdue", both(&app));
    let app = on(Tab::Team, "Stede Bonnet");
    insta::assert_snapshot!("person_of_redmine", both(&app));
}

#[test]
fn tickets() {
    insta::assert_snapshot!("ticket", both(&read_ticket()));
    insta::assert_snapshot!("ticket_failed", both(&unread_ticket()));
    let app = on(Tab::Tickets, "#490 Wiki down");
    insta::assert_snapshot!("ticket_loading", both(&app));
}

#[test]
fn ascii_and_full_screens() {
    let ascii = Look {
        glyphs: Glyphs::ASCII,
        ..look()
    };
    insta::assert_snapshot!("ascii_queue", tall(&watched_queue(), &ascii, 78));
    insta::assert_snapshot!("ascii_ticket", tall(&read_ticket(), &ascii, 78));
    let mut app = on(Tab::Hosts, "golem");
    app.layers.push(Layer::Detail { scroll: 12 });
    let area = Rect::new(0, 0, 80, 22);
    let mut buf = Buffer::empty(area);
    assert_eq!(draw(&app, &look(), area, &mut buf, true), (48, 20));
    insta::assert_snapshot!("scrolled", text(&buf));
}

#[test]
fn what_a_lost_source_told_is_not_vouched_for() {
    let mut estate = (*fixture::estate()).clone();
    for feed in &mut estate.sources[usize::from(fixture::GOLEM.0)].feeds {
        feed.good.as_mut().unwrap().at = fixture::ago(14 * fixture::MINUTE);
        feed.trouble = Some(crate::estate::feed::Trouble {
            failure: fixture::timed_out(),
            since: fixture::ago(13 * fixture::MINUTE),
            times: 9,
        });
    }
    let app = app_with(NARROW, Tab::Containers, std::sync::Arc::new(estate));
    let app = at(app, "golem/103 cloud");
    insta::assert_snapshot!("guest_lost", both(&app));
}

#[test]
fn scrolling_ends_at_the_last_line() {
    let mut app = on(Tab::Hosts, "golem");
    let area = Rect::new(0, 0, 80, 22);
    let mut shown = Vec::new();
    for scroll in [28, 29, usize::MAX] {
        app.layers = vec![Layer::Detail { scroll }];
        let mut buf = Buffer::empty(area);
        let (lines, seen) = draw(&app, &look(), area, &mut buf, true);
        assert_eq!((lines, seen), (48, 20));
        shown.push(text(&buf));
    }
    assert_eq!(shown[0], shown[1]);
    assert_eq!(shown[0], shown[2]);
    assert!(shown[0].contains("106 mail backed up by root@pam"));
}

#[test]
fn any_size_is_drawn() {
    let look = look();
    let mut apps = Vec::new();
    for tab in Tab::ALL {
        apps.push(app(NARROW, tab));
        apps.push(scene(tab));
    }
    apps.extend([read_ticket(), unread_ticket(), watched_queue()]);
    for app in &mut apps {
        app.layers = vec![Layer::Detail { scroll: 3 }];
        for width in 1..=100 {
            for height in [1, 2, 3, 30] {
                let area = Rect::new(0, 0, width, height);
                draw(app, &look, area, &mut Buffer::empty(area), true);
            }
        }
        for height in 1..=30 {
            for width in [1, 2, 3, 60] {
                let area = Rect::new(2, 1, width, height);
                let mut buf = Buffer::empty(Rect::new(0, 0, width + 4, height + 2));
                let blank = buf.clone();
                draw(app, &look, area, &mut buf, false);
                for at in [(0, 0), (width + 2, 1), (2, height + 1)] {
                    assert_eq!(buf[at], blank[at], "beyond its area at {width}x{height}");
                }
            }
        }
    }
}

#[test]
fn nothing_under_the_cursor() {
    let app = app_with(NARROW, Tab::Containers, fixture::nothing_read());
    let area = Rect::new(0, 0, 40, 5);
    let mut buf = Buffer::empty(area);
    assert_eq!(draw(&app, &look(), area, &mut buf, false), (1, 3));
    assert!(text(&buf).contains("No row is selected."));
}

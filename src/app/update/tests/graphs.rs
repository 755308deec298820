//! Graphs of the row that is looked at.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::app::Effect;
use crate::domain::SourceId;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::graph::{Course, Graph, Measure, Point, Span, Subject};
use crate::estate::fixture::NOW;

fn asked(effects: &Effects) -> Vec<(Subject, Span)> {
    effects
        .list
        .iter()
        .filter_map(|effect| match effect {
            Effect::FetchGraph(subject, span) => Some((subject.clone(), *span)),
            _ => None,
        })
        .collect()
}

fn graph() -> Arc<Graph> {
    Arc::new(Graph {
        courses: vec![Course {
            measure: Measure::Cpu,
            points: vec![Point::one(NOW, 0.5)],
            holds: Duration::from_mins(3),
        }],
    })
}

fn failed() -> Failure {
    Failure::new(FailureKind::Unreachable {
        detail: "refused".into(),
    })
}

fn later(app: &mut App, by: Duration) -> Effects {
    let now = app.now.plus(by);
    update(app, Message::Clock(now))
}

#[test]
fn a_graph_is_asked_for_once_when_its_row_is_looked_at() {
    let mut app = open(Tab::Containers);
    assert!(
        asked(&press(&mut app, &["j"])).is_empty(),
        "nothing is on the screen"
    );
    let effects = press(&mut app, &["enter"]);
    let [(subject @ Subject::Guest { .. }, Span::Hour)] = &asked(&effects)[..] else {
        unreachable!("{effects:?}");
    };
    assert!(asked(&later(&mut app, Duration::from_secs(1))).is_empty());
    update(
        &mut app,
        Message::Graph(subject.clone(), Span::Hour, Ok(graph())),
    );
    assert!(
        app.graphs
            .of(subject)
            .is_some_and(|kept| kept.read.is_some())
    );
    assert!(asked(&later(&mut app, Duration::from_secs(20))).is_empty());
    let again = later(&mut app, Duration::from_secs(20));
    assert_eq!(
        asked(&again),
        [(subject.clone(), Span::Hour)],
        "it has gone on"
    );
}

#[test]
fn a_key_goes_from_the_hour_to_the_day_to_the_week() {
    let mut app = open(Tab::Mail);
    press(&mut app, &["enter"]);
    let mut spans = Vec::new();
    for _ in 0..3 {
        let effects = press(&mut app, &["z"]);
        spans.extend(asked(&effects).into_iter().map(|(subject, span)| {
            assert!(matches!(subject, Subject::Queue(_)));
            span
        }));
    }
    // The hour was asked for when the detail was opened.
    assert_eq!(spans, [Span::Day, Span::Week]);
    assert_eq!(app.graphs.span, Span::Hour);
}

#[test]
fn a_wish_that_was_dropped_is_wished_again() {
    let mut app = open(Tab::Mail);
    let effects = press(&mut app, &["enter"]);
    let (subject, span) = asked(&effects)[0].clone();
    let effects = update(&mut app, Message::GraphDropped(subject.clone(), span));
    assert_eq!(asked(&effects), [(subject, span)]);
}

#[test]
fn where_proxmox_tells_nothing_the_monitor_is_asked() {
    let mut app = open(Tab::Containers);
    // The first guest that the monitor knows, too.
    let mut guests = app.estate.guests.iter();
    let wanted = guests
        .find(|row| row.monitored.is_some())
        .map(crate::estate::GuestRow::key);
    assert!(wanted.is_some());
    while app.open_rows().cursor() != wanted.as_ref() {
        press(&mut app, &["j"]);
    }
    let effects = press(&mut app, &["enter"]);
    let (own, span) = asked(&effects)[0].clone();
    let effects = update(&mut app, Message::Graph(own.clone(), span, Err(failed())));
    let [(monitored @ Subject::Monitored { .. }, _)] = &asked(&effects)[..] else {
        unreachable!("{effects:?}");
    };
    assert_eq!(app.subjects(), [own.clone(), monitored.clone()]);
    // One after the other.
    assert!(asked(&later(&mut app, Duration::from_mins(2))).is_empty());
    let news = Message::Graph(monitored.clone(), span, Ok(graph()));
    // It is tried again by itself, and on request.
    let effects = update(&mut app, news.clone());
    assert_eq!(asked(&effects), [(own.clone(), span)]);
    update(&mut app, Message::Graph(own.clone(), span, Err(failed())));
    update(&mut app, news);
    let effects = press(&mut app, &["r"]);
    assert_eq!(asked(&effects), [(own.clone(), span)]);
    // What was read before stays when a later try fails.
    update(&mut app, Message::Graph(own.clone(), span, Ok(graph())));
    update(&mut app, Message::Graph(own.clone(), span, Err(failed())));
    let kept = app.graphs.of(&own);
    assert!(kept.is_some_and(|kept| kept.read.is_some() && kept.failure.is_some()));
    assert_eq!(app.subjects(), [own]);
}

#[test]
fn a_row_of_the_monitor_alone_has_its_graph() {
    let mut app = open(Tab::Hosts);
    let mut hosts = app.estate.hosts.iter();
    let wanted = hosts
        .find(|row| row.node.is_none())
        .map(crate::estate::HostRow::key);
    assert!(wanted.is_some());
    while app.open_rows().cursor() != wanted.as_ref() {
        press(&mut app, &["j"]);
    }
    let effects = press(&mut app, &["enter"]);
    assert!(matches!(
        &asked(&effects)[..],
        [(Subject::Monitored { .. }, _)]
    ));
}

#[test]
fn not_everything_is_kept_for_ever() {
    let mut app = open(Tab::Containers);
    for n in 0..200 {
        let subject = Subject::Guest {
            source: SourceId(0),
            node: "golem".into(),
            kind: crate::domain::guest::GuestKind::Lxc,
            vmid: n,
        };
        update(&mut app, Message::Graph(subject, Span::Hour, Ok(graph())));
    }
    press(&mut app, &["enter"]);
    assert!(app.graphs.count() <= 48, "{}", app.graphs.count());
}

//! Graphs, the last day of a site, deferred mails.

use std::sync::Arc;
use std::time::Duration;

use super::scenes::watched_queue;
use super::*;
use crate::app::fixture::app_with;
use crate::domain::failure::FailureKind;
use crate::domain::graph::{Course, Graph, Measure, Point, Span, Subject};
use crate::domain::queue::{Group, Mail, Queue, Queues};
use crate::domain::web::{
    Body, Families, Family, Flaw, FlawKind, Probe, ProbeOutcome, Protocol, Timing, Upgrade,
};
use crate::domain::{Batch, Bytes, Failure, Key, Text};
use crate::estate::Slot;
use crate::estate::fixture::{self, HOUR, MINUTE, NOW, ago};

fn ascii() -> Look {
    Look {
        glyphs: Glyphs::ASCII,
        ..look()
    }
}

/// Values of the last hour, a minute each, with a hole in the middle.
fn course(measure: Measure, value: impl Fn(f64) -> f64) -> Course {
    let points = (0..=60_u32)
        .rev()
        .filter(|minute| !(24..31).contains(minute))
        .map(|minute: u32| {
            let part = f64::from(60 - minute) / 60.0;
            Point::one(ago(u64::from(minute) * MINUTE), value(part))
        });
    Course {
        measure,
        points: points.collect(),
        holds: Duration::from_mins(3),
    }
}

fn figures() -> Arc<Graph> {
    let wave = |part: f64| (part * 12.0).sin().abs();
    Arc::new(Graph {
        courses: vec![
            course(Measure::Cpu, move |part| 0.02 + 0.1 * wave(part)),
            course(Measure::Load, move |part| 0.5 + 3.0 * wave(part)),
            course(Measure::Memory, |part| 0.6 + 0.2 * part),
            course(Measure::Swap, |_| 0.0),
            course(Measure::NetIn, move |part| 9_000_000.0 * wave(part)),
            course(Measure::NetOut, |_| 0.0),
        ],
    })
}

fn take(app: &mut App, subject: Subject, outcome: Result<Arc<Graph>, Failure>) {
    let span = app.graphs.span;
    update(app, Message::Graph(subject, span, outcome));
}

fn timed_out() -> Failure {
    fixture::timed_out()
}

/// The lines from this heading on.
fn from(text: &str, heading: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.contains(heading))
        .collect();
    assert!(!lines.is_empty(), "no {heading}:\n{text}");
    lines.join("\n")
}

#[test]
fn hosts_over_an_hour() {
    let mut app = on(Tab::Hosts, "golem");
    let subject = app.subjects().remove(0);
    take(&mut app, subject, Ok(figures()));
    let shown = [50, 90].map(|width| from(&tall(&app, &look(), width), "Last hour"));
    let plain = from(&tall(&app, &ascii(), 78), "Last hour");
    insta::assert_snapshot!("graphs_host", format!("{}\n{plain}", shown.join("\n")));
}

#[test]
fn what_could_not_be_read_is_said() {
    let mut app = on(Tab::Containers, "golem/103 cloud");
    let own = app.subjects().remove(0);
    take(&mut app, own.clone(), Err(timed_out()));
    let mut shown = vec![from(&tall(&app, &look(), 60), "Last hour")];
    // The monitor has something.
    let monitored = app.subjects().remove(1);
    take(&mut app, monitored.clone(), Ok(figures()));
    shown.push(from(&tall(&app, &look(), 60), "Last hour"));
    take(&mut app, monitored, Ok(Arc::default()));
    shown.push(from(&tall(&app, &look(), 60), "Last hour"));
    // Read once, and then no more.
    take(&mut app, own.clone(), Ok(figures()));
    app.now = NOW.plus(Duration::from_mins(6));
    take(&mut app, own, Err(timed_out()));
    shown.push(from(&tall(&app, &look(), 60), "Last hour"));
    let head: Vec<String> = shown
        .iter()
        .map(|text| text.lines().take(8).collect::<Vec<_>>().join("\n"))
        .collect();
    insta::assert_snapshot!("graphs_refused", head.join("\n\n"));
}

#[test]
fn a_queue_over_a_week() {
    let mut app = watched_queue();
    for _ in 0..2 {
        update(&mut app, Message::Key(KeyPress::char('z')));
    }
    assert_eq!(app.graphs.span, Span::Week);
    let Some(Subject::Queue(key)) = app.subjects().pop() else {
        unreachable!();
    };
    let mut shown = vec![from(&tall(&app, &look(), 60), "Mails waiting")];
    let points = (0..7 * 24_u32)
        .map(|hour| Point {
            at: ago(u64::from(7 * 24 - hour) * HOUR),
            low: 0.0,
            high: f64::from(hour % 24) * 20.0,
            mean: 5.0,
        })
        .collect();
    let graph = Graph {
        courses: vec![Course {
            measure: Measure::Mails,
            points,
            holds: Duration::from_hours(3),
        }],
    };
    take(&mut app, Subject::Queue(key.clone()), Ok(Arc::new(graph)));
    shown.push(from(&tall(&app, &look(), 60), "Mails waiting"));
    shown.push(from(&tall(&app, &ascii(), 60), "Mails waiting"));
    app.graphs.span = Span::Day;
    let off = Failure::new(FailureKind::File {
        path: "history.sqlite".into(),
        detail: "the disk is full".into(),
    });
    take(&mut app, Subject::Queue(key), Err(off));
    shown.push(from(&tall(&app, &look(), 60), "Mails waiting"));
    let shown: Vec<String> = shown
        .iter()
        .map(|text| text.lines().take(8).collect::<Vec<_>>().join("\n"))
        .collect();
    insta::assert_snapshot!("graphs_queue", shown.join("\n\n"));
}

/// A site that answers, with all there is to tell of the way to it.
fn site() -> Probe {
    let mut probe = Probe::new(
        "wiki.example.org".into(),
        "https://wiki.example.org/".into(),
        ago(10),
        ProbeOutcome::Answered {
            status: 200,
            first_byte: Duration::from_millis(80),
            redirect: Some("https://wiki.example.org/Main_Page".into()),
            expected: true,
            cache: Some("HIT, age 42".into()),
            wanted: None,
            lack: None,
        },
    );
    probe.since = Some(ago(3 * HOUR));
    probe.timing = Timing {
        resolve: Some(Duration::from_millis(2)),
        connect: Some(Duration::from_millis(12)),
        tls: Some(Duration::from_millis(31)),
        first_byte: Some(Duration::from_millis(35)),
        whole: Duration::from_millis(130),
    };
    let refused = FailureKind::Unreachable {
        detail: "connection refused".into(),
    };
    probe.families = Families {
        v4: Family::Connected {
            address: "192.0.2.7:443".into(),
            took: Duration::from_millis(12),
        },
        v6: Family::Failed {
            address: "[2001:db8::7]:443".into(),
            failure: refused.clone(),
        },
    };
    probe.body = Body {
        read: 256 << 10,
        complete: false,
        announced: Some(200 << 20),
    };
    probe.upgrade = Some(Upgrade::Done {
        to: "https://wiki.example.org/".into(),
    });
    probe.flaws = vec![Flaw {
        kind: FlawKind::Family(Protocol::V6, refused),
        times: 3,
        since: ago(2 * HOUR),
    }];
    probe
}

/// That site, with slots of every kind.
fn site_app() -> App {
    let mut keeper = fixture::keeper();
    let probes = Batch::Probes(Arc::new(vec![site()]));
    keeper.apply(fixture::seen(
        fixture::WEB,
        probes.reading(),
        10,
        Ok(probes),
    ));
    let mut estate = (*keeper.publish()).clone();
    let row = &mut estate.web[0];
    row.strip = vec![Slot::Ok; 48];
    row.strip[..6].fill(Slot::Unknown);
    row.strip[23] = Slot::Partly;
    row.strip[24] = Slot::Down;
    app_with(NARROW, Tab::Web, Arc::new(estate))
}

#[test]
fn the_last_day_of_a_site() {
    let mut app = site_app();
    let mut shown = vec![tall(&app, &look(), 50), tall(&app, &look(), 90)];
    let minute = |minute: u64, low: f64, high: f64| Point {
        at: ago(minute * MINUTE),
        low,
        high,
        mean: high,
    };
    let met = (1..21 * 60)
        .rev()
        .map(|at| match at {
            711..=721 => minute(at, if at > 719 { 1.0 } else { 2.0 }, 2.0),
            740 => minute(at, 0.0, 1.0),
            _ => minute(at, 0.0, 0.0),
        })
        .collect();
    let graph = Graph {
        courses: vec![
            Course {
                measure: Measure::Met,
                points: met,
                holds: Duration::from_mins(5),
            },
            course(Measure::FirstByte, |part| 60.0 + 90.0 * part * part),
        ],
    };
    let subject = app.subjects().remove(0);
    assert!(matches!(&subject, Subject::Web(_, Key::Web(_))));
    take(&mut app, subject, Ok(Arc::new(graph)));
    shown.push(from(&tall(&app, &look(), 90), "Last 24 hours"));
    shown.push(from(&tall(&app, &ascii(), 90), "Last 24 hours"));
    insta::assert_snapshot!("web_day", shown.join("\n"));
}

/// A Postfix with deferred mails, of which the oldest are listed.
fn deferred() -> App {
    let mail = |number: u64| {
        Mail {
        id: Text::clean(&format!("4jX3N0{number:02}KSKz1X5hp")),
        arrived: (number != 2).then(|| ago((4 - number) * 26 * HOUR)),
        size: Some(Bytes(9_120)),
        sender: (number != 1).then(|| "lists@example.org".into()),
        recipient: Some("treasurer@full.example".into()),
        more: u32::from(number == 0) * 3,
        reason: Some(
            "host mx.full.example[192.0.2.71] said: 452 4.2.2 <treasurer@full.example>: mailbox full"
                .into(),
        ),
    }
    };
    let group = |what: &str, mails, hours: u64| Group {
        what: what.into(),
        mails,
        oldest: (hours > 0).then(|| ago(hours * HOUR)),
    };
    let queue = Queue {
        name: "out".into(),
        kind: "postfix".into(),
        host: Some("relay".into()),
        depth: Some(100_000),
        active: Some(0),
        incoming: Some(0),
        deferred: Some(100_000),
        hold: Some(0),
        size: Some(Bytes(912 << 20)),
        oldest: Some(ago(104 * HOUR)),
        reasons: vec![
            group(
                "host mx.full.example[192.0.2.71] said: 452 4.2.2 <…>: mailbox full",
                99_996,
                104,
            ),
            group(
                "connect to mx.gone.example[203.0.113.9]:25: Connection timed out",
                4,
                0,
            ),
        ],
        domains: vec![
            group("full.example", 99_996, 104),
            group("gone.example", 4, 3),
        ],
        mails: Arc::new((0..3).map(mail).collect()),
        ..Queue::default()
    };
    let mut keeper = fixture::keeper();
    let queues = Batch::Queues(Arc::new(Queues {
        queues: vec![queue],
        skipped: 0,
    }));
    keeper.apply(fixture::seen(
        fixture::MAIL,
        queues.reading(),
        4,
        Ok(queues),
    ));
    let app = app_with(NARROW, Tab::Mail, keeper.publish());
    at(app, "out on relay")
}

#[test]
fn deferred_mails_by_reason_by_domain_and_one_by_one() {
    let mut app = deferred();
    let mut shown: Vec<String> = [50, 90]
        .map(|width| from(&tall(&app, &look(), width), "Why mails wait"))
        .to_vec();
    app.privacy = true;
    let masked = from(&tall(&app, &look(), 90), "Why mails wait");
    for word in ["treasurer", "lists@", "192.0.2.71", "full.example  "] {
        assert!(!masked.contains(word), "{word}: {masked}");
    }
    shown.push(masked);
    insta::assert_snapshot!("queue_deferred", shown.join("\n"));
}

//! What the usual estate has not: owners, broken rules, a disagreement, a long history.

use std::sync::Arc;
use std::time::Duration;

use crate::app::fixture::app_with;
use crate::app::{App, History, Tab};
use crate::domain::check::{
    Handling, HostState, Metric, MonitoredHost, MonitoredHosts, MonitoredService,
    MonitoredServices, ServiceCounts, ServiceState,
};
use crate::domain::failure::{FailureKind, Stage};
use crate::domain::person::{Contact, Group, Person, Role, Roster, Shift};
use crate::domain::ticket::{
    Attachment, Change, Child, Journal, Markup, Named, Relation, RelationKind, Ticket,
    TicketDetail, Tickets,
};
use crate::domain::web::{Certificate, Probe, ProbeOutcome};
use crate::domain::{Batch, Bytes, Failure, Prose, Text};
use crate::estate::fixture::{
    CHECKMK, CREW, DAY, HOUR, MAIL, MINUTE, NOW, REDMINE, WEB, ago, keeper, seen,
};
use crate::estate::queues::{Course, Sample, Verdict};
use crate::estate::{Estate, fixture};

fn some(words: &str) -> Option<Text> {
    Text::clean_non_empty(words)
}

fn named(name: &str) -> Named {
    Named {
        id: 7,
        name: Text::clean(name),
    }
}

/// A monitor, a site that the monitor misjudges, and a roster that breaks its rules.
pub fn estate() -> Arc<Estate> {
    let mut keeper = keeper();
    for batch in [hosts(), checks()] {
        let reading = batch.reading();
        keeper.apply(seen(CHECKMK, reading, 12, Ok(batch)));
    }
    let probes = Batch::Probes(Arc::new(vec![probe()]));
    keeper.apply(seen(WEB, probes.reading(), 22, Ok(probes)));
    let roster = roster();
    keeper.apply(seen(CREW, roster.reading(), 31, Ok(roster)));
    let tickets = Batch::Tickets(Arc::new(Tickets {
        tickets: vec![Arc::new(ticket(490, false)), Arc::new(ticket(487, true))],
        more: false,
        skipped: 0,
    }));
    keeper.apply(seen(REDMINE, tickets.reading(), 8, Ok(tickets)));
    keeper.publish()
}

/// That estate on a screen.
pub fn scene(tab: Tab) -> App {
    app_with(super::NARROW, tab, estate())
}

fn hosts() -> Batch {
    Batch::MonitoredHosts(Arc::new(MonitoredHosts {
        hosts: vec![MonitoredHost {
            name: Text::clean("shop"),
            alias: some("Shop of the crew"),
            address: some("198.51.100.16"),
            site: None,
            state: HostState::Up,
            handling: Handling::default(),
            since: Some(ago(31 * DAY)),
            checked: Some(ago(41)),
            output: None,
            services: ServiceCounts {
                ok: 3,
                crit: 1,
                ..ServiceCounts::default()
            },
        }],
        version: None,
        silent_sites: Vec::new(),
        skipped: 0,
    }))
}

fn checks() -> Batch {
    Batch::Checks(Arc::new(MonitoredServices {
        services: vec![MonitoredService {
            host: Text::clean("shop"),
            name: Text::clean("HTTPS shop.example.org"),
            site: None,
            state: ServiceState::Crit,
            host_state: HostState::Up,
            handling: Handling {
                flapping: true,
                ..Handling::default()
            },
            since: Some(ago(6 * MINUTE)),
            checked: Some(ago(38)),
            output: some("CRITICAL - 198.51.100.16:443 connection refused"),
            command: some("check_mk_active-httpv2"),
            perfdata: vec![Metric {
                name: Text::clean("time"),
                value: 0.1,
                unit: None,
                warn: None,
                crit: None,
            }],
        }],
        skipped: 0,
    }))
}

fn probe() -> Probe {
    let outcome = ProbeOutcome::Answered {
        status: 301,
        first_byte: Duration::from_millis(80),
        redirect: some("https://www.example.org/shop"),
        expected: true,
        cache: some("MISS, age 3 s"),
        wanted: None,
        lack: None,
    };
    Probe {
        certificate: Some(Certificate {
            expires: Some(NOW.plus(Duration::from_secs(2 * DAY))),
            issuer: some("R11, Let's Encrypt"),
            names: (0..15)
                .map(|n| Text::clean(&format!("shop{n}.example.org")))
                .collect(),
            fingerprint: Text::clean(
                "0F:1E:2D:3C:4B:5A:69:78:87:96:A5:B4:C3:D2:E1:F0:0F:1E:2D:3C:4B:5A:69:78:87:96:A5:B4:C3:D2:E1:F0",
            ),
            trouble: None,
        }),
        misses: 0,
        since: Some(ago(12 * DAY)),
        runs_on: some("cart"),
        ..Probe::new(
            Text::clean("shop.example.org"),
            Text::clean("https://shop.example.org/"),
            ago(22),
            outcome,
        )
    }
}

fn roster() -> Batch {
    let day = jiff::civil::date;
    Batch::Roster(Arc::new(Roster {
        groups: vec![Group {
            id: Text::clean("council"),
            name: Text::clean("Technical council"),
            at_least: Some(3),
            at_most: Some(9),
        }],
        people: vec![Person {
            login: Text::clean("mary"),
            name: Text::clean("Mary Read"),
            roles: vec![
                Role {
                    group: Text::clean("council"),
                    title: Text::clean("coordinator"),
                    elected: Some(day(2024, 3, 14)),
                    until: Some(day(2026, 3, 14)),
                },
                Role {
                    group: Text::clean("web"),
                    title: Text::clean("leader"),
                    elected: None,
                    until: None,
                },
            ],
            contacts: vec![
                Contact {
                    kind: Text::clean("phone"),
                    value: Text::clean("+44 1632 960 123"),
                },
                Contact {
                    kind: Text::clean("matrix"),
                    value: Text::clean("@mary:example.org"),
                },
            ],
            zone: some("Asia/Shanghai"),
            languages: vec![Text::clean("en")],
            away: vec![
                (day(2026, 11, 20), day(2026, 11, 22)),
                (day(2026, 12, 24), day(2026, 12, 24)),
            ],
            owns: vec![Text::clean("shop.example.org"), Text::clean("shop")],
        }],
        shifts: (0..6)
            .map(|week| Shift {
                group: Text::clean("web"),
                login: Text::clean("mary"),
                from: ago(5 * DAY).plus(Duration::from_secs(week * 14 * DAY)),
                until: ago(5 * DAY).plus(Duration::from_secs((week * 14 + 7) * DAY)),
            })
            .collect(),
        ..Roster::default()
    }))
}

fn ticket(id: u64, private: bool) -> Ticket {
    Ticket {
        id,
        project: named("Web"),
        tracker: Some(named("Bug")),
        status: named("In Progress"),
        closed: Some(false),
        priority: Some(named("Urgent")),
        author: Some(named("Edward Teach")),
        assignee: Some(named("Mary Read")),
        subject: Text::clean(if private {
            "Salaries of those who keep shop"
        } else {
            "Orders of shop.example.org get lost between checkout and mail, since the upgrade"
        }),
        due: Some(jiff::civil::date(2026, 11, 18)),
        done: Some(40),
        private,
        created: Some(ago(9 * DAY)),
        updated: Some(ago(16 * MINUTE)),
        fields: vec![(Text::clean("Browser"), Text::clean("any"))],
        parent: Some(482),
    }
}

/// A history that has everything.
pub fn history() -> TicketDetail {
    let journal = |id, author: &str, age, note: Option<&str>, private| Journal {
        id,
        author: Some(named(author)),
        at: Some(ago(age)),
        note: note.map(Prose::clean),
        private,
        changes: Vec::new(),
    };
    let change = |field: &str, old: Option<&str>, new: Option<&str>| Change {
        field: Text::clean(field),
        old: old.map(Text::clean),
        new: new.map(Text::clean),
    };
    let mut taken = journal(1, "Mary Read", 8 * DAY, None, false);
    taken.changes = vec![
        change("status", Some("New"), Some("In Progress")),
        change("assignee", None, Some("Mary Read")),
        change("due date", Some("2026-11-14"), None),
    ];
    TicketDetail {
        ticket: ticket(490, false),
        description: Prose::clean(
            "h2. What happens\n\nPeople *pay* and get _no_ mail. See \"the shop\":https://shop.example.org/cart, \
             and [the log](https://logs.example.org/?q=a_b_c).\n\n\
             # Put something into the cart.\n# Pay.\n## With a card\n# Wait for the mail.\n\n\
             * found by @grace@\n** on 192.0.2.77\n\n\
             bq. It has never worked for me, and I have written about it more than once.\n\n\
             <pre><code class=\"shell\">\n$ postqueue -p | grep shop   # nothing\n</code></pre>\n\n---\n\
             |_. when |_. mails |\n| Monday | 12 |\n| Tuesday, after the restart | 2 |",
        ),
        journals: vec![
            taken,
            journal(
                2,
                "Grace O'Malley",
                2 * DAY,
                Some(
                    "h3. Found it\n\nThe queue runner was @stopped@, as in #482 (see @anne):\n\n<pre>\nsystemctl status queue\n</pre>\n\n> why?\n\n* nobody knows\n* *really*, -not at all-",
                ),
                false,
            ),
            journal(
                3,
                "Mary Read",
                HOUR,
                Some("The key of the payment account is in the safe of the treasurer."),
                true,
            ),
            journal(4, "Edward Teach", 16 * MINUTE, Some("Thanks!"), false),
        ],
        markup: Markup::Textile,
        attachments: vec![Attachment {
            id: 7,
            name: Text::clean("cart.png"),
            size: Bytes(183_000),
            about: Some(Text::clean("what people see")),
        }],
        relations: vec![
            Relation {
                kind: RelationKind::BlockedBy,
                other: 488,
            },
            Relation {
                kind: RelationKind::Relates,
                other: 77,
            },
        ],
        children: vec![
            Child {
                id: 489,
                subject: Text::clean("Shop answers 502 after checkout"),
                depth: 0,
            },
            Child {
                id: 31,
                subject: Text::clean("Ask the payment provider"),
                depth: 1,
            },
        ],
        category: Some(Text::clean("Shop")),
        version: Some(Text::clean("Winter")),
        start: Some(jiff::civil::date(2026, 11, 12)),
        estimated: Some(8.0),
        spent: Some(2.5),
        left_out: 12,
    }
}

/// The ticket with its history read.
pub fn read_ticket() -> App {
    let mut app = scene(Tab::Tickets);
    app.histories
        .insert((REDMINE, 490), History::Read(Arc::new(history())));
    app
}

/// The ticket whose history could not be read.
pub fn unread_ticket() -> App {
    let mut app = scene(Tab::Tickets);
    let failure = Failure::new(FailureKind::TimedOut {
        stage: Stage::Body,
        after: Duration::from_secs(30),
    })
    .during("GET /issues/490.json on redmine.example.org");
    app.histories
        .insert((REDMINE, 490), History::Failed(failure));
    app
}

/// A queue that was seen for an hour, with an answer missing for a while.
pub fn watched_queue() -> App {
    let mut estate = (*fixture::estate()).clone();
    let row = estate
        .queues
        .iter_mut()
        .find(|q| q.source == MAIL && &*q.name == "postfix-bulk")
        .unwrap();
    let mut course = Course::default();
    for minute in (0..=60).rev().filter(|m| !(20..32).contains(m)) {
        let sample = Sample::depth(ago(minute * MINUTE), 540 - 9 * minute + minute % 5);
        course.take(sample, row.sending);
    }
    row.verdict = Verdict::Watching;
    row.judge(&course, NOW);
    super::at(
        app_with(super::NARROW, Tab::Mail, Arc::new(estate)),
        "postfix-bulk on mail",
    )
}

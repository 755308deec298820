use std::sync::Arc;

use super::*;
use crate::domain::check::{
    Handling, HostState, Metric, MonitoredService, MonitoredServices, ServiceState,
};
use crate::domain::failure::FailureKind;
use crate::domain::observation::Traffic;
use crate::domain::problem::What;
use crate::domain::queue::Queues;
use crate::domain::{Batch, Observation};
use crate::estate::{Keeper, keeper};

const NEWSLETTER: SourceId = SourceId(0);
const REPLICA: SourceId = SourceId(1);
const MONITOR: SourceId = SourceId(2);

fn at(second: u64) -> Moment {
    Moment::from_millis(1_795_000_000_000).plus(Duration::from_secs(second))
}

fn start() -> Keeper {
    let sources = [
        ("newsletter", SourceKind::Mail),
        ("replica", SourceKind::Mail),
        ("monitor", SourceKind::Checkmk),
    ];
    let configured = sources
        .into_iter()
        .map(|(name, kind)| (name, kind, Duration::from_secs(30), String::new()));
    Keeper::new(
        keeper::sources(configured, |_, _, interval| interval),
        at(0),
    )
}

fn queue(name: &str, host: Option<&str>, depth: u64) -> Queue {
    Queue {
        name: name.into(),
        kind: "table".into(),
        host: host.map(Text::clean),
        depth: Some(depth),
        head: (depth > 0).then_some(1),
        enqueued: Some(depth),
        sending: Sending {
            cycle: Some(Duration::from_mins(1)),
            batch: Some(10),
            in_order: true,
            defers: false,
        },
        ..Queue::default()
    }
}

fn see(
    keeper: &mut Keeper,
    source: SourceId,
    second: u64,
    outcome: Result<Batch, Failure>,
) -> Arc<Estate> {
    keeper.apply(Observation {
        source,
        reading: if source == MONITOR {
            Reading::Checks
        } else {
            Reading::Queues
        },
        at: at(second),
        took: Duration::from_millis(10),
        traffic: Traffic::default(),
        outcome,
        next: None,
    });
    keeper.publish()
}

#[expect(clippy::unnecessary_wraps, reason = "it is an outcome")]
fn read(queues: Vec<Queue>) -> Result<Batch, Failure> {
    Ok(Batch::Queues(Arc::new(Queues { queues, skipped: 0 })))
}

#[expect(clippy::unnecessary_wraps, reason = "it is an outcome")]
fn checked(host: &str, name: &str, depth: f64, state: ServiceState) -> Result<Batch, Failure> {
    let service = MonitoredService {
        host: host.into(),
        name: name.into(),
        state,
        host_state: HostState::Up,
        output: None,
        since: None,
        checked: Some(at(0)),
        handling: Handling::default(),
        command: Some("check_mk-local".into()),
        perfdata: vec![Metric {
            name: "count".into(),
            value: depth,
            unit: None,
            warn: Some(200.0),
            crit: Some(500.0),
        }],
        site: None,
    };
    Ok(Batch::Checks(Arc::new(MonitoredServices {
        services: vec![service],
        ..MonitoredServices::default()
    })))
}

fn broken() -> Failure {
    Failure::new(FailureKind::LoginPage)
}

#[test]
fn two_sources_of_one_queue_are_one_row() {
    let mut keeper = start();
    see(
        &mut keeper,
        NEWSLETTER,
        0,
        read(vec![queue("newsletter", Some("mail"), 100)]),
    );
    let estate = see(
        &mut keeper,
        REPLICA,
        1,
        read(vec![queue("Newsletter", Some("mail.example.org"), 104)]),
    );
    let [row] = estate.queues.as_slice() else {
        unreachable!("{:?}", estate.queues)
    };
    assert_eq!(
        (row.source, row.depth, row.also.len()),
        (NEWSLETTER, Some(100), 1)
    );
    assert_eq!(
        row.disagreement, None,
        "a few more a second later are no disagreement"
    );
    // One of them counts quite another number.
    let estate = see(
        &mut keeper,
        REPLICA,
        2,
        read(vec![queue("newsletter", Some("mail"), 3)]),
    );
    assert_eq!(
        estate.queues[0].disagreement,
        Some(Disagreement {
            own: 100,
            other: 3,
            source: REPLICA,
            at: Some(at(2))
        })
    );
    // Another machine's queue of that name is another queue.
    let estate = see(
        &mut keeper,
        REPLICA,
        3,
        read(vec![queue("newsletter", Some("web"), 3)]),
    );
    assert_eq!(estate.queues.len(), 2);
}

#[test]
fn the_one_that_can_be_read_tells() {
    let mut keeper = start();
    see(
        &mut keeper,
        REPLICA,
        0,
        read(vec![queue("newsletter", Some("mail"), 7)]),
    );
    see(
        &mut keeper,
        NEWSLETTER,
        0,
        read(vec![queue("newsletter", Some("mail"), 9)]),
    );
    let mut estate = keeper.publish();
    assert_eq!(estate.queues[0].depth, Some(9));
    for second in [30, 60, 90] {
        see(
            &mut keeper,
            REPLICA,
            second,
            read(vec![queue("newsletter", Some("mail"), 7)]),
        );
        estate = see(&mut keeper, NEWSLETTER, second, Err(broken()));
    }
    let [row] = estate.queues.as_slice() else {
        unreachable!("{:?}", estate.queues)
    };
    assert_eq!(
        (row.source, row.depth),
        (NEWSLETTER, Some(7)),
        "the key stays, the numbers are the other's"
    );
    assert!(row.failure.is_some());
    assert!(!matches!(row.verdict, Verdict::Unknown(_)));
}

#[test]
fn the_monitors_check_of_it_joins() {
    let mut keeper = start();
    see(
        &mut keeper,
        NEWSLETTER,
        0,
        read(vec![queue("newsletter", Some("admidio"), 100)]),
    );
    let check = |depth, state| {
        checked(
            "admidio.example.org",
            "Mail queue newsletter adm_mail_queue",
            depth,
            state,
        )
    };
    let estate = see(&mut keeper, MONITOR, 5, check(98.0, ServiceState::Ok));
    let [row] = estate.queues.as_slice() else {
        unreachable!("{:?}", estate.queues)
    };
    assert!(row.check.is_some() && row.disagreement.is_none());
    assert_eq!(
        row.levels,
        (Some(200), Some(500)),
        "the monitor's, as none are configured"
    );
    let estate = see(&mut keeper, MONITOR, 35, check(900.0, ServiceState::Crit));
    let row = &estate.queues[0];
    assert_eq!(row.disagreement.map(|d| (d.own, d.other)), Some((100, 900)));
    assert_eq!(
        row.severity(&estate),
        Severity::Critical,
        "the monitor's word counts"
    );
    // Of another machine, or of another name.
    for (host, name) in [
        ("lists", "Mail queue newsletter"),
        ("admidio", "Mail queue site"),
    ] {
        let estate = see(
            &mut keeper,
            MONITOR,
            65,
            checked(host, name, 1.0, ServiceState::Ok),
        );
        assert_eq!(estate.queues.len(), 2, "{host} {name}");
    }
}

#[test]
fn what_cannot_be_read_is_unknown_and_never_empty() {
    let mut keeper = start();
    let estate = see(&mut keeper, NEWSLETTER, 0, Err(broken()));
    let row = &estate.queues[0];
    assert_eq!(
        (&*row.name, &row.verdict, row.depth),
        ("newsletter", &Verdict::Unknown(None), None)
    );
    assert_eq!(row.failure, Some(broken()));
    assert_eq!(row.severity(&estate), Severity::Unknown);
    see(
        &mut keeper,
        NEWSLETTER,
        30,
        read(vec![queue("newsletter", None, 5)]),
    );
    let mut estate = keeper.publish();
    for second in [60, 90, 120] {
        estate = see(&mut keeper, NEWSLETTER, second, Err(broken()));
    }
    let row = &estate.queues[0];
    assert_eq!(
        (&row.verdict, row.depth),
        (&Verdict::Unknown(Some(at(30))), Some(5))
    );
}

#[test]
fn a_queue_that_does_not_move_is_a_problem_also_after_a_restart() {
    let mut keeper = start();
    for second in [0, 30, 60, 90] {
        let estate = see(
            &mut keeper,
            NEWSLETTER,
            second,
            read(vec![queue("newsletter", None, 5)]),
        );
        assert!(estate.problems.is_empty(), "{:?}", estate.problems);
    }
    let mut keeper = Keeper::resume(keeper.known(), at(100));
    for second in [120, 150] {
        let estate = see(
            &mut keeper,
            NEWSLETTER,
            second,
            read(vec![queue("newsletter", None, 5)]),
        );
        assert!(estate.problems.is_empty(), "{:?}", estate.problems);
    }
    let estate = see(
        &mut keeper,
        NEWSLETTER,
        180,
        read(vec![queue("newsletter", None, 5)]),
    );
    let [problem] = estate.problems.as_slice() else {
        unreachable!("{:?}", estate.problems)
    };
    assert_eq!(
        problem.what,
        What::QueueStuck {
            cycles: 3,
            cycle: Duration::from_mins(1),
            depth: 5
        }
    );
    assert_eq!(
        (problem.since, problem.severity),
        (Some(at(0)), Severity::Warning)
    );
    let row = &estate.queues[0];
    assert_eq!((row.oldest, row.oldest_at_least), (Some(at(0)), true));
}

#[test]
fn levels_of_depth_and_age_are_problems() {
    let mut keeper = start();
    let mut deep = queue("newsletter", None, 250);
    deep.oldest = Some(at(0));
    deep.levels = Levels {
        warn_depth: Some(200),
        crit_depth: Some(500),
        warn_age: None,
        crit_age: Some(Duration::from_mins(10)),
    };
    let estate = see(&mut keeper, NEWSLETTER, 30, read(vec![deep.clone()]));
    let whats = |estate: &Estate| -> Vec<(What, Severity)> {
        estate
            .problems
            .iter()
            .map(|p| (p.what.clone(), p.severity))
            .collect()
    };
    assert_eq!(whats(&estate), [(What::QueueDeep(250), Severity::Warning)]);
    assert_eq!(estate.queues[0].severity(&estate), Severity::Warning);
    deep.enqueued = Some(900);
    deep.head = Some(651);
    let estate = see(&mut keeper, NEWSLETTER, 600, read(vec![deep]));
    assert_eq!(
        whats(&estate),
        [
            (
                What::QueueOld(Duration::from_mins(10), false),
                Severity::Critical
            ),
            (What::QueueDeep(250), Severity::Warning)
        ]
    );
}

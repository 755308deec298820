//! An estate for tests: modelled on a small team's, made only of documentation names, at a fixed moment.
//!
//! Everything goes through [`Keeper`](super::Keeper), as observations of real sources do.

mod monitor;
mod proxmox;
mod redmine;
mod team;
mod web;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use super::{Estate, Keeper, Settings, keeper};
use crate::domain::failure::{FailureKind, Stage};
use crate::domain::observation::Traffic;
use crate::domain::{Batch, Failure, Moment, Observation, Reading, SourceId, SourceKind, Text};

/// A Proxmox VE 9.1.
pub(crate) const GOLEM: SourceId = SourceId(0);
/// A Proxmox VE 3.4 with OpenVZ.
pub(crate) const PIKACHU: SourceId = SourceId(1);
/// A Checkmk.
pub(crate) const CHECKMK: SourceId = SourceId(2);
/// A Redmine, whose last good answer is fourteen minutes old.
pub(crate) const REDMINE: SourceId = SourceId(3);
/// Web probes.
pub(crate) const WEB: SourceId = SourceId(4);
/// Mail queues of one Postfix.
pub(crate) const MAIL: SourceId = SourceId(5);
/// The roster.
pub(crate) const CREW: SourceId = SourceId(6);

/// 2026-11-21 20:47 UTC.
pub(crate) const NOW: Moment = Moment::from_millis(1_795_294_020_000);

pub(crate) fn ago(seconds: u64) -> Moment {
    NOW.minus(Duration::from_secs(seconds))
}

pub(crate) const MINUTE: u64 = 60;
pub(crate) const HOUR: u64 = 60 * MINUTE;
pub(crate) const DAY: u64 = 24 * HOUR;

fn text(words: &str) -> Text {
    Text::clean(words)
}

fn some(words: &str) -> Option<Text> {
    Text::clean_non_empty(words)
}

/// A keeper that has seen nothing: seven sources, asked four seconds ago.
pub(crate) fn keeper() -> Keeper {
    let configured = [
        (
            "golem",
            SourceKind::Proxmox,
            "https://golem.example.org:8006",
        ),
        ("pikachu", SourceKind::Proxmox, "https://127.0.0.1:8806"),
        (
            "checkmk",
            SourceKind::Checkmk,
            "https://monitor.example.org/crew",
        ),
        (
            "redmine",
            SourceKind::Redmine,
            "https://redmine.example.org",
        ),
        ("web", SourceKind::Web, "8 sites"),
        ("mail", SourceKind::Mail, "root@mail.example.org"),
        ("crew", SourceKind::Roster, "crew.toml"),
    ];
    let configured = configured
        .into_iter()
        .map(|(name, kind, place)| (name, kind, Duration::from_secs(10), place.to_owned()));
    let sources = keeper::sources(configured, |_, reading, refresh| match reading {
        Reading::Resources | Reading::Problems | Reading::Queues => refresh,
        Reading::Tasks | Reading::MonitoredHosts | Reading::Checks => refresh * 3,
        Reading::Tickets | Reading::Probes | Reading::Roster => refresh * 6,
        _ => refresh * 30,
    });
    Keeper::new(sources, ago(4)).with(Settings {
        sections: vec![(REDMINE, redmine::sections())],
        zone: Some("Europe/Paris".to_owned()),
        ..Settings::default()
    })
}

/// An observation that ended `seconds` before [`NOW`].
pub(crate) fn seen(
    source: SourceId,
    reading: Reading,
    seconds: u64,
    outcome: Result<Batch, Failure>,
) -> Observation {
    let bytes = outcome.as_ref().map_or(0, |b| 900 * (b.len() as u64 + 1));
    let next = match &outcome {
        Err(failure) if !failure.is_worth_retrying() => None,
        Err(_) => Some(NOW.plus(Duration::from_secs(42))),
        Ok(_) => Some(NOW.plus(Duration::from_secs(8))),
    };
    Observation {
        source,
        reading,
        at: ago(seconds),
        took: Duration::from_millis(84 + 13 * u64::from(source.0)),
        traffic: Traffic {
            requests: 1,
            bytes,
            answered_by: (source == GOLEM).then(|| text("golem.example.org:8006")),
        },
        outcome,
        next,
    }
}

fn good(keeper: &mut Keeper, source: SourceId, seconds: u64, batch: Batch) {
    keeper.apply(seen(source, batch.reading(), seconds, Ok(batch)));
}

/// `GET /issues.json` ran into its deadline.
pub(crate) fn timed_out() -> Failure {
    Failure::new(FailureKind::TimedOut {
        stage: Stage::FirstByte,
        after: Duration::from_secs(12),
    })
    .during("GET /issues.json on redmine.example.org")
}

/// Everything of [`estate`] that is read and well.
fn read(keeper: &mut Keeper) {
    for minute in (2..=60).rev().step_by(2) {
        good(keeper, MAIL, minute * MINUTE, web::queues(minute));
        good(keeper, CHECKMK, minute * MINUTE, monitor::checks(minute));
        // Courses are noted at each publication.
        keeper.publish();
    }
    good(keeper, GOLEM, 20 * MINUTE, proxmox::golem(true));
    good(keeper, GOLEM, 40, proxmox::golem_cluster(&[]));
    good(keeper, GOLEM, 11, proxmox::golem_tasks());
    good(keeper, GOLEM, 3, proxmox::golem(false));
    good(keeper, PIKACHU, 90, proxmox::pikachu_cluster());
    good(keeper, PIKACHU, 25, proxmox::pikachu_tasks());
    good(keeper, PIKACHU, 7, proxmox::pikachu());
    good(keeper, CHECKMK, 12, monitor::hosts());
    good(keeper, CHECKMK, 5, monitor::problems());
    good(keeper, CHECKMK, 9, monitor::checks(0));
    good(keeper, WEB, 22, web::probes());
    good(keeper, MAIL, 6, web::queues(0));
    good(keeper, CREW, 31, team::roster());
}

/// The usual estate: things are wrong, and Redmine has not answered for fourteen minutes.
pub(crate) fn estate() -> Arc<Estate> {
    static ESTATE: LazyLock<Arc<Estate>> = LazyLock::new(|| kept().publish());
    Arc::clone(&ESTATE)
}

/// The keeper of the usual estate.
pub(crate) fn kept() -> Keeper {
    let mut keeper = keeper();
    read(&mut keeper);
    good(&mut keeper, REDMINE, 14 * MINUTE, redmine::projects());
    good(&mut keeper, REDMINE, 14 * MINUTE, redmine::tickets());
    good(&mut keeper, REDMINE, 14 * MINUTE, redmine::changes());
    good(&mut keeper, REDMINE, 14 * MINUTE, redmine::answers());
    for minute in [13, 10, 4] {
        keeper.apply(seen(
            REDMINE,
            Reading::Tickets,
            minute * MINUTE,
            Err(timed_out()),
        ));
    }
    for reading in [Reading::Projects, Reading::Changes, Reading::Sections] {
        keeper.apply(seen(REDMINE, reading, 9 * MINUTE, Err(timed_out())));
    }
    keeper
}

/// The usual estate a moment later: three more guests, among them the first by number, and the wiki runs.
pub(crate) fn later() -> Arc<Estate> {
    static ESTATE: LazyLock<Arc<Estate>> = LazyLock::new(grown);
    Arc::clone(&ESTATE)
}

fn grown() -> Arc<Estate> {
    let mut keeper = keeper();
    read(&mut keeper);
    good(&mut keeper, GOLEM, 1, proxmox::golem_grown());
    good(&mut keeper, REDMINE, 1, redmine::projects());
    good(&mut keeper, REDMINE, 1, redmine::tickets());
    good(&mut keeper, REDMINE, 1, redmine::changes());
    good(&mut keeper, REDMINE, 1, redmine::answers());
    keeper.publish()
}

/// The usual estate before any answer.
pub(crate) fn nothing_read() -> Arc<Estate> {
    keeper().publish()
}

/// No source can be read, each for a reason of its own, and none ever could.
pub(crate) fn all_failing() -> Arc<Estate> {
    let mut keeper = keeper();
    let refused = |words: &str| {
        Failure::new(FailureKind::Unreachable {
            detail: text(words),
        })
    };
    let why = [
        refused("192.0.2.10:8006: connection refused"),
        Failure::new(FailureKind::Command {
            command: text("ssh"),
            detail: text("root@pikachu: Permission denied (publickey)"),
        }),
        Failure::new(FailureKind::Unauthorized {
            credential: text("user vigie"),
            reason: some("Wrong credentials (Bearer header)"),
        })
        .during("GET /domain-types/host/collections/all on monitor.example.org"),
        Failure::new(FailureKind::Certificate {
            reason: text("unknown issuer"),
            offered: some(
                "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99",
            ),
            expected: Vec::new(),
        }),
        refused("network is unreachable"),
        Failure::new(FailureKind::Command {
            command: text("postqueue"),
            detail: text("exit status 69: mail system is down"),
        }),
        Failure::new(FailureKind::File {
            path: text("crew.toml"),
            detail: text("line 12: a person needs a login"),
        }),
    ];
    let kinds = [
        SourceKind::Proxmox,
        SourceKind::Proxmox,
        SourceKind::Checkmk,
        SourceKind::Redmine,
        SourceKind::Web,
        SourceKind::Mail,
        SourceKind::Roster,
    ];
    for (id, (kind, failure)) in kinds.into_iter().zip(why).enumerate() {
        let source = SourceId(u16::try_from(id).unwrap_or(0));
        for reading in kind.readings() {
            keeper.apply(seen(source, *reading, 3 * MINUTE, Err(failure.clone())));
        }
    }
    keeper.publish()
}

/// All sources answer, and all answers are empty: golem's token lacks a right, pikachu had guests before.
pub(crate) fn all_empty() -> Arc<Estate> {
    let mut keeper = keeper();
    good(
        &mut keeper,
        GOLEM,
        40,
        proxmox::golem_cluster(&["VM.Audit", "Sys.Audit"]),
    );
    good(&mut keeper, GOLEM, 3, Batch::Resources(Arc::default()));
    good(&mut keeper, GOLEM, 11, Batch::Tasks(Arc::default()));
    good(&mut keeper, PIKACHU, 90, proxmox::pikachu_cluster());
    good(&mut keeper, PIKACHU, 7, Batch::Tasks(Arc::default()));
    good(&mut keeper, PIKACHU, 30, proxmox::pikachu());
    good(&mut keeper, PIKACHU, 7, Batch::Resources(Arc::default()));
    good(
        &mut keeper,
        CHECKMK,
        12,
        Batch::MonitoredHosts(Arc::default()),
    );
    good(&mut keeper, CHECKMK, 5, Batch::Problems(Arc::default()));
    good(&mut keeper, CHECKMK, 9, Batch::Checks(Arc::default()));
    good(&mut keeper, REDMINE, 8, Batch::Tickets(Arc::default()));
    good(&mut keeper, REDMINE, 8, Batch::Projects(Arc::default()));
    good(&mut keeper, REDMINE, 8, Batch::Changes(Arc::default()));
    good(&mut keeper, REDMINE, 8, Batch::Sections(Arc::default()));
    good(&mut keeper, WEB, 22, Batch::Probes(Arc::default()));
    good(&mut keeper, MAIL, 6, Batch::Queues(Arc::default()));
    good(&mut keeper, CREW, 31, Batch::Roster(Arc::default()));
    keeper.publish()
}

/// Nothing is wrong, and every reading is fresh.
pub(crate) fn calm() -> Arc<Estate> {
    let mut keeper = keeper();
    good(&mut keeper, GOLEM, 5, proxmox::golem_cluster(&[]));
    good(&mut keeper, GOLEM, 5, Batch::Tasks(Arc::default()));
    good(&mut keeper, GOLEM, 3, proxmox::golem_well());
    good(&mut keeper, PIKACHU, 9, proxmox::pikachu_cluster());
    good(&mut keeper, PIKACHU, 7, proxmox::pikachu_tasks());
    good(&mut keeper, PIKACHU, 7, proxmox::pikachu());
    good(&mut keeper, CHECKMK, 12, monitor::hosts_well());
    good(&mut keeper, CHECKMK, 5, Batch::Problems(Arc::default()));
    good(&mut keeper, CHECKMK, 9, Batch::Checks(Arc::default()));
    good(&mut keeper, REDMINE, 8, redmine::projects());
    good(&mut keeper, REDMINE, 8, redmine::tickets());
    good(&mut keeper, REDMINE, 8, redmine::changes());
    good(&mut keeper, REDMINE, 8, redmine::answers());
    good(&mut keeper, WEB, 11, Batch::Probes(Arc::default()));
    good(&mut keeper, MAIL, 6, Batch::Queues(Arc::default()));
    good(&mut keeper, CREW, 10, team::roster());
    keeper.publish()
}

/// [`calm`], but Checkmk has been late for a minute without an error.
pub(crate) fn calm_but_late() -> Arc<Estate> {
    let mut estate = (*calm()).clone();
    for feed in &mut estate.sources[usize::from(CHECKMK.0)].feeds {
        if let Some(good) = &mut feed.good {
            good.at = ago(70);
        }
    }
    Arc::new(estate)
}

/// An estate with nothing configured but a roster.
pub(crate) fn only_a_roster() -> Arc<Estate> {
    let configured = std::iter::once((
        "crew",
        SourceKind::Roster,
        Duration::from_mins(1),
        "crew.toml".to_owned(),
    ));
    let mut keeper = Keeper::new(keeper::sources(configured, |_, _, every| every), ago(4));
    keeper.apply(seen(SourceId(0), Reading::Roster, 2, Ok(team::roster())));
    keeper.publish()
}

/// A day that begins well: services of the monitor are ill half an hour ago, the wiki stops twelve minutes ago,
/// its host is down a minute later, and two minutes ago the services are well again.
pub(crate) fn day() -> Keeper {
    let mut keeper = keeper();
    keeper.latest_is(ago(40 * MINUTE));
    good(&mut keeper, GOLEM, 40 * MINUTE, proxmox::golem(true));
    good(&mut keeper, GOLEM, 40 * MINUTE, proxmox::golem_tasks());
    good(&mut keeper, PIKACHU, 40 * MINUTE, proxmox::pikachu());
    let nothing = || Batch::Problems(Arc::default());
    good(&mut keeper, CHECKMK, 40 * MINUTE, monitor::hosts_well());
    good(&mut keeper, CHECKMK, 40 * MINUTE, nothing());
    good(&mut keeper, CREW, 40 * MINUTE, team::roster());
    keeper.publish();
    good(&mut keeper, CHECKMK, 30 * MINUTE, monitor::problems());
    keeper.publish();
    good(&mut keeper, GOLEM, 12 * MINUTE, proxmox::golem(false));
    keeper.publish();
    good(&mut keeper, CHECKMK, 11 * MINUTE, monitor::hosts());
    keeper.publish();
    good(&mut keeper, CHECKMK, 2 * MINUTE, nothing());
    keeper.publish();
    keeper
}

/// The monitor's hosts when all are well.
pub(crate) fn calm_hosts() -> Batch {
    monitor::hosts_well()
}

/// The monitor's services that are ill.
pub(crate) fn ill_services() -> Batch {
    monitor::problems()
}

/// An estate with this many guests, all on one node.
pub(crate) fn crowd(guests: u32) -> Arc<Estate> {
    let mut keeper = keeper();
    good(&mut keeper, GOLEM, 3, proxmox::crowd(guests));
    keeper.publish()
}

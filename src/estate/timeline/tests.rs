//! What is noted of a day, how it was then, and what another run makes of it.

use std::sync::Arc;

use super::*;
use crate::domain::Batch;
use crate::domain::failure::FailureKind;
use crate::domain::{Failure, Reading};
use crate::estate::fixture::{self, CHECKMK, GOLEM, MINUTE, NOW, ago};
use crate::estate::timeline::events::Course;
use crate::estate::{Estate, Keeper, Recalled};

fn kinds(estate: &Estate) -> Vec<(&'static str, String)> {
    let of_problems = estate.events.iter().filter(|e| e.happened.turn().is_some());
    of_problems
        .map(|event| (event.happened.kind(), event.subject.to_string()))
        .collect()
}

fn subjects(estate: &Estate) -> Vec<&str> {
    let causes = estate.incidents.iter().filter_map(|i| i.cause(estate));
    causes.map(|problem| &*problem.subject).collect()
}

/// What happened to the wiki, newest first.
fn of_wiki(estate: &Estate) -> Vec<(&'static str, u64)> {
    estate
        .events
        .iter()
        .filter(|e| e.happened.turn().is_some() && e.subject.contains("wiki"))
        .map(|e| {
            let turn = e.happened.turn().map_or(NOW, |turn| turn.at);
            (
                e.happened.kind(),
                turn.until(NOW).as_secs().max(NOW.until(turn).as_secs()) / 60,
            )
        })
        .collect()
}

#[test]
fn a_day_is_noted_as_it_went() {
    let estate = fixture::day().publish();
    let kinds = kinds(&estate);
    assert!(
        kinds.contains(&("red", "golem/105 wiki".to_owned())),
        "{kinds:?}"
    );
    let red = kinds.iter().filter(|(kind, _)| *kind == "red").count();
    let green = kinds.iter().filter(|(kind, _)| *kind == "green").count();
    assert!(green > 3 && red > green, "{kinds:?}");
    // Newest first, whatever it was noted in.
    assert!(estate.events.is_sorted_by(|a, b| a.at >= b.at));
    // The guest, twelve minutes ago, and its host in the monitor a minute later.
    assert_eq!(of_wiki(&estate).first().map(|(kind, _)| *kind), Some("red"));
    // Tasks stand between.
    assert!(
        estate
            .events
            .iter()
            .any(|e| matches!(e.happened, Happened::Task(_)))
    );
}

#[test]
fn what_is_as_before_is_not_noted_again() {
    let mut keeper = fixture::day();
    let before = keeper.publish().timeline.turns.len();
    assert!(before > 5);
    keeper.publish();
    let again = keeper.publish();
    assert_eq!(again.timeline.turns.len(), before);
    assert_eq!(keeper.take_turns().len(), before);
    assert_eq!(keeper.take_turns(), [], "handed out once");
}

#[test]
fn the_first_of_several_is_marked() {
    let estate = fixture::day().publish();
    let firsts: Vec<&Event> = estate
        .events
        .iter()
        .filter(|e| {
            matches!(
                e.happened,
                Happened::Wrong {
                    first_of: Some(_),
                    ..
                }
            )
        })
        .collect();
    let wiki = firsts.iter().find(|e| &*e.subject == "golem/105 wiki");
    assert!(
        matches!(
            wiki.map(|e| &e.happened),
            Some(Happened::Wrong {
                first_of: Some(2),
                ..
            })
        ),
        "{firsts:?}"
    );
}

#[test]
fn the_past_is_as_it_was() {
    let estate = fixture::day().publish();
    let at = |minutes: u64| past::estate(&estate, ago(minutes * MINUTE));
    assert!(!subjects(&at(35)).iter().any(|s| s.contains("wiki")));
    let ill = at(20);
    assert!(ill.problems.len() > at(35).problems.len());
    let now = at(0);
    let (mut then, mut present) = (subjects(&now), subjects(&estate));
    then.sort_unstable();
    present.sort_unstable();
    assert_eq!(then, present, "the last state is that of now");
    // One row a cause, as it was then.
    let wiki = |estate: &Estate| {
        let mut all = estate.incidents.iter();
        all.find(|i| {
            i.cause(estate)
                .is_some_and(|p| &*p.subject == "golem/105 wiki")
        })
        .map(|i| i.below.len())
    };
    assert_eq!(wiki(&at(12)), Some(0));
    assert_eq!(wiki(&at(11)), Some(1));
    assert_eq!(wiki(&estate), Some(1));
    // Nothing else of then is known, so nothing else is shown.
    assert!(now.guests.is_empty() && now.web.is_empty() && now.tickets.is_empty());
    assert!(now.sources.iter().all(|s| s.feeds.is_empty()));
}

#[test]
fn moments_are_those_at_which_something_changed() {
    let estate = fixture::day().publish();
    let kept = &estate.timeline;
    let minutes: Vec<u64> = past::moments(kept, NOW)
        .into_iter()
        .map(|at| at.age(NOW).unwrap_or_default().as_secs() / 60)
        .collect();
    assert!(minutes.ends_with(&[30, 12, 11, 2]), "{minutes:?}");
    assert_eq!(past::until(kept, ago(20 * MINUTE)), Some(ago(12 * MINUTE)));
    assert_eq!(past::until(kept, ago(MINUTE)), None);
    assert!(past::is_watched(kept, ago(20 * MINUTE)));
    assert!(!past::is_watched(kept, ago(50 * MINUTE)));
}

#[test]
fn a_source_that_fails_turns_nothing_green() {
    let mut keeper = fixture::day();
    let before = kinds(&keeper.publish());
    for minute in 0..3 {
        let why = Failure::new(FailureKind::LoginPage);
        keeper.apply(fixture::seen(
            GOLEM,
            Reading::Resources,
            2 - minute,
            Err(why),
        ));
        keeper.publish();
    }
    let after = kinds(&keeper.publish());
    let new: Vec<_> = after.iter().filter(|e| !before.contains(e)).collect();
    assert_eq!(
        new,
        [&("red", "golem".to_owned())],
        "only that it cannot be seen"
    );
    let estate = keeper.publish();
    let unseen = past::estate(&estate, NOW);
    assert_eq!(past::unseen(&unseen), [&Text::clean("golem")]);
}

/// The same day in another run: what it wrote down, what it knew.
fn again() -> (Keeper, Remembered) {
    let mut keeper = fixture::day();
    let turns = keeper.take_turns();
    let watches = vec![Watch {
        from: ago(40 * MINUTE),
        until: Some(ago(2 * MINUTE)),
    }];
    let mut next = Keeper::resume(keeper.known(), NOW);
    next.await_timeline();
    (next, Remembered { turns, watches })
}

#[test]
fn another_run_goes_on_where_one_ended() {
    let (mut next, past) = again();
    assert_eq!(
        next.publish().timeline.turns.len(),
        0,
        "it waits to be told"
    );
    let known = past.turns.len();
    next.recall(Recalled {
        timeline: past,
        ..Recalled::default()
    });
    let estate = next.publish();
    assert_eq!(estate.timeline.turns.len(), known, "nothing is noted twice");
    assert_eq!(next.take_turns(), []);
    // Two minutes of nobody are hardly a gap.
    assert_eq!(estate.timeline.watches.len(), 1);
    assert_eq!(estate.timeline.watches[0].from, ago(40 * MINUTE));
}

#[test]
fn what_is_not_read_yet_is_not_over() {
    let (_, past) = again();
    // The last known state is lost: nothing is known but what the history tells.
    let mut next = fixture::keeper();
    next.latest_is(NOW);
    next.await_timeline();
    next.recall(Recalled {
        timeline: past,
        ..Recalled::default()
    });
    let estate = next.publish();
    assert_eq!(next.take_turns(), [], "silence tells nothing");
    assert!(subjects(&past::estate(&estate, NOW)).contains(&"golem/105 wiki"));
    // The monitor says that all is well: now its problems are over, the guest's are not.
    let well = fixture::calm_hosts();
    let mut seen = fixture::seen(CHECKMK, Reading::MonitoredHosts, 0, Ok(well));
    seen.at = NOW.plus(Duration::from_secs(5));
    next.apply(seen);
    next.publish();
    let turns = next.take_turns();
    assert!(!turns.is_empty());
    assert!(turns.iter().all(|turn| turn.after.is_none()), "{turns:?}");
    let over: Vec<String> = turns
        .iter()
        .filter_map(|turn| turn.before.as_ref().map(|s| s.subject.to_string()))
        .collect();
    assert!(!over.iter().any(|s| s == "golem/105 wiki"), "{over:?}");
}

#[test]
fn what_is_taken_care_of_is_a_turn_of_its_own() {
    let (mut next, mut past) = again();
    // As before, but somebody has acknowledged something since.
    let Some(turn) = past.turns.iter_mut().rev().find(|turn| {
        turn.after
            .as_ref()
            .is_some_and(|s| &*s.subject == "golem/105 wiki")
    }) else {
        unreachable!("the wiki stopped");
    };
    let mut was = turn.after.as_deref().cloned();
    if let Some(was) = &mut was {
        was.handling.acknowledged = true;
    }
    turn.after = was.map(Arc::new);
    next.recall(Recalled {
        timeline: past,
        ..Recalled::default()
    });
    let estate = next.publish();
    let newest = estate.events.iter().find(|e| e.happened.turn().is_some());
    assert!(
        matches!(
            newest.map(|e| &e.happened),
            Some(Happened::Changed(_, Course::Unhandled))
        ),
        "{newest:?}"
    );
}

#[test]
fn a_flood_is_bounded_and_said() {
    let mut keeper = fixture::keeper();
    keeper.latest_is(ago(MINUTE));
    keeper.publish();
    keeper.apply(fixture::seen(CHECKMK, Reading::Problems, 1, Ok(flood())));
    let estate = keeper.publish();
    assert_eq!(estate.problems.len(), 7_000);
    assert_eq!(estate.timeline.turns.len(), 5_000);
    assert_eq!(estate.timeline.left_out, 2_000);
    keeper.apply(fixture::seen(
        CHECKMK,
        Reading::Problems,
        0,
        Ok(Batch::Problems(Arc::default())),
    ));
    let estate = keeper.publish();
    assert!(estate.timeline.turns.len() <= 5_000);
    assert_eq!(past::estate(&estate, NOW).problems.len(), 0);
}

fn flood() -> Batch {
    let Batch::Problems(problems) = fixture::ill_services() else {
        unreachable!("services");
    };
    let one = problems.services[0].clone();
    let services = (0..7_000).map(|n| {
        let mut service = one.clone();
        service.name = Text::clean(&format!("check {n}"));
        service.handling = crate::domain::check::Handling::default();
        service
    });
    Batch::Problems(Arc::new(crate::domain::check::MonitoredServices {
        services: services.collect(),
        ..Default::default()
    }))
}

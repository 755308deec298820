use std::sync::Arc;

use jiff::tz::TimeZone;

use super::*;
use crate::app::{Effect, Message, Tab, update};
use crate::config::shape::{Quiet, Telling};
use crate::domain::problem::Problem;
use crate::estate::fixture::{self, NOW};
use crate::estate::{Handled, incidents::folds};

fn after(seconds: u64) -> Moment {
    NOW.plus(Duration::from_secs(seconds))
}

/// An estate in which these are incidents of their own.
fn with(problems: &[(&str, Severity)]) -> Estate {
    let usual = fixture::estate();
    let mut estate = Estate {
        sources: fixture::calm().sources.clone(),
        ..Estate::default()
    };
    for (at, (name, severity)) in (0..).zip(problems) {
        estate.problems.push(Problem {
            key: Key::Problem((*name).into()),
            subject: (*name).into(),
            severity: *severity,
            since: None,
            ..usual.problems[0].clone()
        });
        estate.incidents.push(Incident {
            key: Key::Problem((*name).into()),
            cause: at,
            below: Vec::new(),
            severity: *severity,
            since: None,
            handled: None,
            ..usual.incidents[0].clone()
        });
    }
    estate.folds = folds::of(estate.problems.len(), &estate.incidents);
    estate
}

const CRITICAL: Severity = Severity::Critical;

/// Alarms that have seen the first answers, with nothing wrong.
fn awake(settings: Notices) -> Alarms {
    let mut alarms = Alarms::new(settings, NOW);
    assert_eq!(alarms.news(&with(&[]), NOW, &TimeZone::UTC), None);
    alarms
}

fn news(alarms: &mut Alarms, problems: &[(&str, Severity)], at: Moment) -> Option<(String, usize)> {
    let alarm = alarms.news(&with(problems), at, &TimeZone::UTC)?;
    Some((alarm.subject.to_string(), alarm.count))
}

#[test]
fn what_is_wrong_at_the_start_is_no_news() {
    let mut alarms = Alarms::new(Notices::default(), NOW);
    assert_eq!(news(&mut alarms, &[("old", CRITICAL)], NOW), None);
    assert_eq!(news(&mut alarms, &[("old", CRITICAL)], after(5)), None);
    let both = [("new", CRITICAL), ("old", CRITICAL)];
    let told = news(&mut alarms, &both, after(10));
    assert_eq!(told, Some(("new".to_owned(), 1)));
}

#[test]
fn it_stays_silent_until_all_was_read_or_a_minute_has_passed() {
    let mut alarms = Alarms::new(Notices::default(), NOW);
    let mut unread = with(&[]);
    unread.sources.clone_from(&fixture::nothing_read().sources);
    assert_eq!(alarms.news(&unread, NOW, &TimeZone::UTC), None);
    let mut ill = with(&[("first answer", CRITICAL)]);
    ill.sources.clone_from(&unread.sources);
    assert_eq!(alarms.news(&ill, after(20), &TimeZone::UTC), None);
    let mut late = with(&[("last answer", CRITICAL)]);
    late.sources.clone_from(&unread.sources);
    assert_eq!(
        alarms.news(&late, after(61), &TimeZone::UTC),
        None,
        "the start ends here"
    );
    assert!(news(&mut alarms, &[("new", CRITICAL)], after(62)).is_some());
}

#[test]
fn nothing_is_told_twice() {
    let mut alarms = awake(Notices::default());
    let wiki = [("wiki", CRITICAL)];
    assert!(news(&mut alarms, &wiki, after(1)).is_some());
    for second in 2..9 {
        assert_eq!(news(&mut alarms, &wiki, after(second)), None);
    }
    // It flaps.
    assert_eq!(news(&mut alarms, &[], after(20)), None);
    assert_eq!(news(&mut alarms, &wiki, after(40)), None);
    // It was well for a while.
    assert_eq!(news(&mut alarms, &[], after(50)), None);
    assert!(news(&mut alarms, &wiki, after(50 + 601)).is_some());
}

#[test]
fn a_cause_that_is_found_later_is_no_news() {
    let mut alarms = awake(Notices::default());
    assert!(news(&mut alarms, &[("site", CRITICAL)], after(1)).is_some());
    // The node is found to be the cause of what was told of.
    let mut estate = with(&[("node", CRITICAL), ("site", CRITICAL)]);
    let below = estate.incidents.remove(1);
    estate.incidents[0]
        .below
        .push(crate::estate::incidents::Below {
            problem: below.cause,
            under: 0,
            because: "what it runs on is not there",
        });
    assert_eq!(alarms.news(&estate, after(2), &TimeZone::UTC), None);
    assert_eq!(news(&mut alarms, &[("node", CRITICAL)], after(3)), None);
}

#[test]
fn only_what_is_bad_enough_and_nobody_is_on() {
    let mut alarms = awake(Notices::default());
    assert_eq!(
        news(&mut alarms, &[("disk", Severity::Warning)], after(1)),
        None
    );
    // It gets worse.
    assert!(news(&mut alarms, &[("disk", CRITICAL)], after(2)).is_some());
    let mut handled = with(&[("planned", CRITICAL)]);
    handled.incidents[0].handled = Some(Handled::Downtime);
    assert_eq!(alarms.news(&handled, after(3), &TimeZone::UTC), None);
    let mut alarms = awake(Notices {
        from: Severity::Warning,
        ..Notices::default()
    });
    assert!(news(&mut alarms, &[("disk", Severity::Warning)], after(1)).is_some());
}

#[test]
fn quiet_hours_are_those_of_the_screen_and_nothing_is_made_up_for() {
    // NOW is 20:47 in UTC, 21:47 in Paris.
    let settings = Notices {
        quiet: vec![Quiet {
            from: 21 * 60,
            until: 7 * 60,
        }],
        ..Notices::default()
    };
    let paris = TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC);
    let wiki = with(&[("wiki", CRITICAL)]);
    let mut alarms = awake(settings.clone());
    assert_eq!(alarms.news(&wiki, after(1), &paris), None);
    let morning = NOW.plus(Duration::from_hours(10));
    assert_eq!(
        alarms.news(&wiki, morning, &paris),
        None,
        "it was known all night"
    );
    let mut alarms = awake(settings);
    assert!(alarms.news(&wiki, after(1), &TimeZone::UTC).is_some());
}

#[test]
fn nothing_is_told_where_nothing_is_wanted() {
    let mut alarms = awake(Notices {
        bell: false,
        terminal: Telling::Off,
        ..Notices::default()
    });
    assert_eq!(news(&mut alarms, &[("wiki", CRITICAL)], after(1)), None);
    assert_eq!(alarms.counted(&with(&[("wiki", CRITICAL)])), None);
    let alarms = awake(Notices {
        title: true,
        ..Notices::default()
    });
    let ill = with(&[("a", CRITICAL), ("b", CRITICAL), ("c", Severity::Warning)]);
    assert_eq!(alarms.counted(&ill), Some((2, CRITICAL)));
    assert_eq!(alarms.counted(&with(&[])), Some((0, Severity::Ok)));
}

#[test]
fn the_past_rings_no_bell_and_hides_no_new_one() {
    let mut app = crate::app::fixture::app_with((80, 24), crate::app::Tab::Triage, fixture::calm());
    let tell = |app: &mut crate::app::App, estate: Estate| {
        let effects = crate::app::update(app, crate::app::Message::Estate(Arc::new(estate)));
        effects.list
    };
    assert_eq!(tell(&mut app, with(&[])), []);
    app.frozen = Some((NOW, Arc::clone(&app.estate)));
    let told = tell(&mut app, with(&[("wiki", CRITICAL)]));
    assert!(matches!(&told[..], [crate::app::Effect::Alarm(alarm)] if &*alarm.subject == "wiki"));
}

#[test]
fn it_rings_whatever_the_screen_shows() {
    for keys in [&[][..], &["f"], &["S"], &["6"]] {
        let mut app = crate::app::fixture::app_with((80, 24), Tab::Triage, Arc::new(with(&[])));
        update(&mut app, Message::Estate(Arc::new(with(&[]))));
        for key in keys {
            update(&mut app, Message::Key(key.parse().unwrap()));
        }
        let news = with(&[("wiki", CRITICAL)]);
        let effects = update(&mut app, Message::Estate(Arc::new(news)));
        let rings = |effect: &Effect| matches!(effect, Effect::Alarm(alarm) if alarm.count == 1);
        assert!(effects.list.iter().any(rings), "{keys:?}: {effects:?}");
    }
}

//! What the lab's things were measured at before it was started, so that graphs have a past.
//!
//! Made up, but not at random: newsletters go out at ten and at six, sites are slower in the evening, one was down
//! for a while last night, and the wiki of the outage has been down since before the start.

use crate::domain::Moment;
use crate::domain::graph::Measure;

use super::noise::{between, key};
use super::sample::{Queue, Site};
use super::world::{World, whole};
use super::{Options, Scenario};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A series of the past.
#[derive(Debug, Clone)]
pub struct Past {
    /// Name of the source that measures it.
    pub source: &'static str,
    /// What is measured.
    pub measure: Measure,
    /// What it is measured of, as vigie's history names it.
    pub name: String,
    /// Values, oldest first.
    pub points: Vec<(Moment, f64)>,
}

/// Queues with the names of their sources and of their rows.
const QUEUES: [(&str, &str, Queue); 3] = [
    ("newsletter", "admidio/newsletter", Queue::Newsletter),
    ("site", "www/site", Queue::Site),
    ("outgoing", "mail/outgoing", Queue::Postfix),
];

/// The past of everything, up to the start.
pub(super) fn of(world: &World) -> Vec<Past> {
    let start = world.start();
    let mut all = Vec::new();
    for (source, name, queue) in QUEUES {
        let depth = |at: i64| depth(world, queue, at) as f64;
        all.push(past(
            source,
            Measure::Mails,
            name,
            moments(start, 7 * DAY),
            depth,
        ));
    }
    for site in &world.sample.sites.site {
        let met = |at: i64| met(site, world.options, start - at);
        let name = site.name.as_str();
        all.push(past("sites", Measure::Met, name, moments(start, DAY), met));
        let answered = moments(start, 7 * DAY).filter(|at| met(*at) < 0.5);
        let millis = |at: i64| {
            let evening = between(key(&site.name), at, 0.7, 1.4) * (1.0 + busy(at));
            site.seconds * 1000.0 * evening
        };
        all.push(past("sites", Measure::FirstByte, name, answered, millis));
    }
    all
}

fn past(
    source: &'static str,
    measure: Measure,
    name: &str,
    moments: impl Iterator<Item = i64>,
    value: impl Fn(i64) -> f64,
) -> Past {
    Past {
        source,
        measure,
        name: name.to_owned(),
        points: moments
            .map(|at| (Moment::from_millis(at * 1000), value(at)))
            .collect(),
    }
}

/// Moments before the start: each minute of the last hour, every ten of the last day, hours before that.
fn moments(start: i64, back: i64) -> impl Iterator<Item = i64> {
    let steps = [
        (back, DAY, HOUR),
        (DAY.min(back), HOUR, 10 * MINUTE),
        (HOUR, 0, MINUTE),
    ];
    steps.into_iter().flat_map(move |(from, to, step)| {
        let count = (from - to).max(0) / step;
        (0..count).map(move |n| start - from + n * step)
    })
}

/// From 0 at night to 1 in the evening.
pub(super) fn busy(at: i64) -> f64 {
    let hour = (at.rem_euclid(DAY)) as f64 / HOUR as f64;
    let wave = ((hour - 19.0) / 24.0 * std::f64::consts::TAU).cos();
    wave.midpoint(1.0)
}

/// Mails that waited.
fn depth(world: &World, queue: Queue, at: i64) -> i64 {
    let ripple = |high: f64| whole(between(key("past"), at, 0.0, high));
    match queue {
        Queue::Newsletter => {
            let before = world.start() - at;
            if world.options.scenario == Scenario::Outage && before < 12 * MINUTE {
                // Nothing has left it since the wiki is down.
                return (214 - before / 30).max(0);
            }
            // Ten a minute leave.
            let left = |hour: i64, mails: i64| {
                let since = (at - hour * HOUR).rem_euclid(DAY);
                (mails - since / 6).max(0)
            };
            let weekly = if at.div_euclid(DAY).rem_euclid(7) == 2 {
                260
            } else {
                0
            };
            left(9, 180 + weekly) + left(17, 140)
        }
        Queue::Site => ripple(4.0),
        Queue::Postfix => whole(4.0 + 14.0 * busy(at)) + ripple(6.0),
    }
}

/// What came of a probe so many seconds before the start: 0 as expected, 1 a miss, 2 a confirmed one.
fn met(site: &Site, options: Options, before: i64) -> f64 {
    let is_wiki = site.runs_on == "wiki" && options.scenario == Scenario::Outage;
    let down = |from: i64, to: i64| (to..from).contains(&before);
    if is_wiki && down(12 * MINUTE, 0)
        || site.name.starts_with("liquid") && down(9 * HOUR + 40 * MINUTE, 9 * HOUR)
    {
        return 2.0;
    }
    if site.name.starts_with("pad") && down(4 * HOUR + 10 * MINUTE, 4 * HOUR) {
        return 1.0;
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_go_back_ever_more_coarsely_and_end_before_the_start() {
        let all: Vec<i64> = moments(10 * DAY, 7 * DAY).collect();
        assert!(all.is_sorted());
        assert_eq!(all.first(), Some(&(3 * DAY)));
        assert_eq!(all.last(), Some(&(10 * DAY - MINUTE)));
        assert_eq!(all.len(), 6 * 24 + 23 * 6 + 60);
        assert_eq!(moments(10 * DAY, DAY).count(), 23 * 6 + 60);
    }

    #[test]
    fn a_site_was_down_and_the_others_were_not() {
        let world = World::new(Options::default());
        let Ok(world) = world else {
            unreachable!("the sample data is whole");
        };
        let all = of(&world);
        let downs = |name: &str| {
            all.iter()
                .find(|p| p.measure == Measure::Met && p.name == name)
                .map(|p| p.points.iter().filter(|(_, v)| *v > 1.5).count())
        };
        assert_eq!(downs("liquid.example.org"), Some(4));
        assert_eq!(downs("www.example.org"), Some(0));
        let deepest = all
            .iter()
            .find(|p| p.source == "newsletter")
            .and_then(|p| p.points.iter().map(|(_, v)| *v).reduce(f64::max));
        assert!(deepest > Some(200.0), "{deepest:?}");
    }
}

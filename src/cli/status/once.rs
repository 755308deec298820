//! Asks every source once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::config::Places;
use crate::config::shape::Config;
use crate::domain::{Failure, Moment, Reading, SourceId};
use crate::estate::{Estate, Keeper};
use crate::history::known;
use crate::refresh::Refresher;
use crate::runtime::estates;

/// So long that nothing is asked twice.
const NEVER: Duration = Duration::from_hours(30 * 24);

/// What came of asking.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What is known.
    pub estate: Arc<Estate>,
    /// When the asking ended.
    pub now: Moment,
    /// Readings that had not answered by then.
    pub unanswered: BTreeSet<(SourceId, Reading)>,
    /// How long it took.
    pub took: Duration,
}

/// Has each reading of each source read once, and waits for all of them until `end`.
pub async fn ask(config: &Config, end: Instant) -> Asked {
    let begun = Instant::now();
    let mut keeper = Keeper::new(estates::sources(config), Moment::now());
    let mut waiting = readings(config);
    // The intervals that ages are measured by stay those of the configuration.
    let mut asked = config.clone();
    for source in &mut asked.sources {
        source.refresh = NEVER;
    }
    let (refresher, mut observations) = Refresher::start(&asked);
    while !waiting.is_empty() {
        match timeout_at(end, observations.recv()).await {
            Ok(Some(observation)) => {
                waiting.remove(&(observation.source, observation.reading));
                keeper.apply(observation);
            }
            Ok(None) | Err(_) => break,
        }
    }
    refresher.stop();
    Asked {
        estate: keeper.publish(),
        now: Moment::now(),
        unanswered: waiting,
        took: begun.elapsed(),
    }
}

/// The last known state, without asking anybody; and what there is to say of it.
pub fn recall(config: &Config, places: &Places) -> (Asked, Option<Failure>) {
    let begun = Instant::now();
    let now = Moment::now();
    let (known, said) = known::load(places, estates::sources(config));
    let asked = Asked {
        estate: Keeper::resume(known, now).publish(),
        now,
        unanswered: BTreeSet::new(),
        took: begun.elapsed(),
    };
    (asked, said)
}

/// Everything that is read.
pub fn readings(config: &Config) -> BTreeSet<(SourceId, Reading)> {
    let each = |source: &crate::config::shape::Source| {
        let id = source.id;
        source.kind().readings().iter().map(move |r| (id, *r))
    };
    config.sources.iter().flat_map(each).collect()
}

//! Reads graphs when they are on the screen: from vigie's own history, or from a server's, of which one at most is
//! asked for at a time.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Sender;
use tokio::time::Instant;

use super::REST;
use crate::app::Message;
use crate::domain::failure::FailureKind;
use crate::domain::graph::{Course, Graph, Measure, Point, Span, Subject};
use crate::domain::{Failure, Key, SourceId, Text};
use crate::estate::SourceState;
use crate::history::{History, Kind, Range, Series};
use crate::refresh::Refresher;

/// Who reads graphs.
pub(super) struct Graphs {
    history: Option<History>,
    /// What the cursor rests on, and since when.
    wish: Option<(Subject, Span, Instant)>,
    /// Servers that are being asked.
    busy: HashSet<SourceId>,
}

impl Graphs {
    pub(super) fn new(history: Option<History>) -> Self {
        Self {
            history,
            wish: None,
            busy: HashSet::new(),
        }
    }

    /// Wants a graph. The one that was wanted before and not asked for yet is not wanted any more.
    pub(super) fn want(&mut self, subject: Subject, span: Span) -> Option<(Subject, Span)> {
        self.wish
            .replace((subject, span, Instant::now()))
            .map(|(subject, span, _)| (subject, span))
    }

    /// When the next one is to be asked for; never while its server is busy with another.
    pub(super) fn due(&self) -> Option<Instant> {
        let (subject, _, since) = self.wish.as_ref()?;
        let is_busy = subject.server().is_some_and(|id| self.busy.contains(&id));
        (!is_busy).then(|| *since + REST)
    }

    /// An answer came.
    pub(super) fn done(&mut self, subject: &Subject) {
        if let Some(server) = subject.server() {
            self.busy.remove(&server);
        }
    }

    /// Begins to read what is wanted; its message comes to `sender`.
    pub(super) fn begin(
        &mut self,
        refresher: &Refresher,
        sources: &[SourceState],
        sender: &Sender<Message>,
    ) {
        let Some((subject, span, _)) = self.wish.take() else {
            return;
        };
        let sender = sender.clone();
        if let Some(server) = subject.server() {
            self.busy.insert(server);
            let about = subject.clone();
            refresher.graph(subject, span, move |outcome| {
                let message = Message::Graph(about, span, outcome.map(Arc::new));
                // Waits while the loop is stopped: an answer that is lost would keep its server busy for ever.
                tokio::spawn(async move {
                    // Fails when the program ends.
                    let _ = sender.send(message).await;
                });
            });
            return;
        }
        let wanted = series(&subject, span, sources);
        let history = self.history.clone();
        tokio::spawn(async move {
            let outcome = match history {
                Some(history) => read(&history, wanted, span).await,
                None => Err(Failure::new(FailureKind::File {
                    path: Text::clean("history"),
                    detail: Text::clean("none is kept"),
                })),
            };
            // Fails when the program ends.
            let _ = sender
                .send(Message::Graph(subject, span, outcome.map(Arc::new)))
                .await;
        });
    }
}

/// What vigie's own history has of a thing.
fn series(subject: &Subject, span: Span, sources: &[SourceState]) -> Vec<(Measure, Series, Range)> {
    let range = match span {
        Span::Hour => Range::Hour,
        Span::Day => Range::Day,
        Span::Week => Range::Week,
    };
    let of = |kind, measure, key: &Key, source, range| {
        Series::of(kind, key, source, sources).map(|series| (measure, series, range))
    };
    match subject {
        Subject::Queue(key) => {
            let source = SourceId(0);
            of(Kind::QueueDepth, Measure::Mails, key, source, range)
                .into_iter()
                .collect()
        }
        Subject::Web(source, key) => {
            // The strip is of a day, whatever the graph below it is of.
            let met = of(Kind::WebMet, Measure::Met, key, *source, Range::Day);
            let byte = of(Kind::WebMillis, Measure::FirstByte, key, *source, range);
            met.into_iter().chain(byte).collect()
        }
        Subject::Node { .. } | Subject::Guest { .. } | Subject::Monitored { .. } => Vec::new(),
    }
}

async fn read(
    history: &History,
    wanted: Vec<(Measure, Series, Range)>,
    span: Span,
) -> Result<Graph, Failure> {
    let mut graph = Graph::default();
    for (measure, series, range) in wanted {
        let points = history.series(series, range).await?;
        if !points.is_empty() {
            let holds = holds(
                &points,
                if measure == Measure::Met {
                    Span::Day
                } else {
                    span
                },
            );
            graph.courses.push(Course {
                measure,
                points,
                holds,
            });
        }
    }
    Ok(graph)
}

/// How long a point stands for what follows: three of the usual steps, so that an answer that was missed makes no gap.
fn holds(points: &[Point], span: Span) -> Duration {
    let least = match span {
        Span::Hour => Duration::from_mins(2),
        Span::Day => Duration::from_mins(5),
        Span::Week => Duration::from_hours(2),
    };
    let mut gaps: Vec<Duration> = points
        .windows(2)
        .filter_map(|pair| match pair {
            [before, after] => Some(after.at.until(before.at)),
            _ => None,
        })
        .collect();
    gaps.sort();
    let usual = gaps.get(gaps.len() / 2).copied().unwrap_or_default();
    least.max(usual * 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Moment;

    #[test]
    fn a_missed_answer_makes_no_gap_and_a_night_does() {
        let at = |second: i64| Point::one(Moment::from_millis(second * 1000), 1.0);
        let points = [at(0), at(300), at(600), at(900), at(30_000)];
        assert_eq!(holds(&points, Span::Hour), Duration::from_mins(15));
        assert_eq!(holds(&[], Span::Week), Duration::from_hours(2));
        assert_eq!(holds(&points, Span::Week), Duration::from_hours(2));
    }

    #[tokio::test]
    async fn one_is_wanted_at_a_time_and_a_busy_server_is_left_alone() {
        let node = |name: &str| Subject::Node {
            source: SourceId(3),
            node: name.into(),
        };
        let mut graphs = Graphs::new(None);
        assert_eq!(graphs.due(), None);
        assert_eq!(graphs.want(node("golem"), Span::Hour), None);
        assert!(graphs.due().is_some());
        assert_eq!(
            graphs.want(node("pikachu"), Span::Hour),
            Some((node("golem"), Span::Hour))
        );
        graphs.busy.insert(SourceId(3));
        assert_eq!(graphs.due(), None);
        graphs.done(&node("golem"));
        assert!(graphs.due().is_some());
    }
}

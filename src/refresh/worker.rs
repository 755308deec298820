//! One worker: asks for one reading of one source, again and again.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::domain::observation::Traffic;
use crate::domain::{Moment, Observation, Reading, SourceId};
use crate::source::{Answered, Client};

use super::pace::{self, Past};

/// Least time between two tries that somebody asked for.
const PATIENCE: Duration = Duration::from_millis(500);

/// What a worker needs.
pub struct Worker<C> {
    pub client: Arc<C>,
    pub source: SourceId,
    pub reading: Reading,
    pub interval: Duration,
    pub sender: mpsc::Sender<Observation>,
    pub bell: Arc<Notify>,
    pub stop: CancellationToken,
}

impl<C: Client + 'static> Worker<C> {
    /// Works until it is stopped or nobody listens any more.
    pub async fn run(self) {
        let mut past = Past::default();
        loop {
            let begun = Instant::now();
            let client = Arc::clone(&self.client);
            let reading = self.reading;
            // A task of its own, so that a panic in a client becomes a failure of this reading.
            let mut asking = tokio::spawn(async move { client.read(reading).await });
            let answered = tokio::select! {
                () = self.stop.cancelled() => {
                    asking.abort();
                    return;
                }
                joined = &mut asking => joined.unwrap_or_else(|broken| Answered {
                    outcome: Err(super::bug(&broken)),
                    traffic: Traffic::default(),
                }),
            };
            match &answered.outcome {
                Ok(_) => past = Past::default(),
                Err(failure) => {
                    past.failures += 1;
                    past.refusals = if failure.is_worth_retrying() {
                        0
                    } else {
                        past.refusals + 1
                    };
                }
            }
            let wait = pace::wait(
                self.interval,
                answered.outcome.as_ref().err(),
                past,
                fastrand::f64(),
            );
            let now = Moment::now();
            let observation = Observation {
                source: self.source,
                reading: self.reading,
                at: now,
                took: begun.elapsed(),
                traffic: answered.traffic,
                outcome: answered.outcome,
                next: wait.map(|wait| now.plus(wait)),
            };
            note(&observation);
            if self.sender.send(observation).await.is_err() {
                return;
            }
            // Without a time, only the bell wakes it.
            let due = async {
                match wait {
                    Some(wait) => tokio::time::sleep(wait).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = self.bell.notified() => {
                    // Asked for by a person: whatever was refused before may be mended now.
                    past.refusals = 0;
                    self.client.hurry();
                    tokio::time::sleep_until(begun + PATIENCE).await;
                }
                () = due => {}
            }
        }
    }
}

/// For the log: what a reading came to. What fails is always told, what succeeds only to who looks closely.
fn note(observation: &Observation) {
    let (source, reading) = (observation.source.0, observation.reading.name());
    let took_ms = u64::try_from(observation.took.as_millis()).unwrap_or(u64::MAX);
    let requests = observation.traffic.requests;
    match &observation.outcome {
        Ok(_) => tracing::debug!(source, reading, took_ms, requests, "read"),
        Err(failure) => tracing::warn!(
            source,
            reading,
            took_ms,
            requests,
            asked = failure.request.as_deref(),
            why = ?failure.kind,
            "could not be read"
        ),
    }
}

#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::domain::failure::FailureKind;
    use crate::domain::{Batch, Failure, Text};

    /// Panics first, is refused next, then answers.
    struct Moody(AtomicU32);

    impl Client for Moody {
        async fn read(&self, _: Reading) -> Answered {
            let outcome = match self.0.fetch_add(1, Ordering::SeqCst) {
                0 => panic!("a bug of ours"),
                1 | 2 => Err(Failure::new(FailureKind::Unauthorized {
                    credential: Text::clean("token"),
                    reason: None,
                })),
                _ => Ok(Batch::Tasks(Arc::new(Vec::new()))),
            };
            Answered {
                outcome,
                traffic: Traffic::default(),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_is_a_failure_and_a_refusal_waits_for_a_person() {
        let (sender, mut receiver) = mpsc::channel(8);
        let bell = Arc::new(Notify::new());
        let stop = CancellationToken::new();
        let client = Arc::new(Moody(AtomicU32::new(0)));
        let worker = Worker {
            client: Arc::clone(&client),
            source: SourceId(3),
            reading: Reading::Tasks,
            interval: Duration::from_secs(10),
            sender,
            bell: Arc::clone(&bell),
            stop: stop.clone(),
        };
        let task = tokio::spawn(worker.run());
        let first = receiver.recv().await.unwrap();
        assert!(matches!(
            first.outcome,
            Err(Failure {
                kind: FailureKind::Bug { .. },
                ..
            })
        ));
        assert!(first.next.is_some());
        assert!(
            receiver.recv().await.unwrap().next.is_some(),
            "the first refusal is tried again"
        );
        assert!(
            receiver.recv().await.unwrap().next.is_none(),
            "the second is not"
        );
        tokio::time::sleep(Duration::from_secs(100_000)).await;
        assert_eq!(client.0.load(Ordering::SeqCst), 3, "nobody asked meanwhile");
        bell.notify_one();
        assert!(receiver.recv().await.unwrap().outcome.is_ok());
        stop.cancel();
        task.await.unwrap();
    }
}

//! The key, and whether it is really taken.
//!
//! A Redmine that does not require login answers a wrong key with what is public, status 200. Only
//! `/users/current.json` refuses it, so that is asked at the start, now and then, and whenever an answer
//! looks shorter than it should.

use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue};
use tokio::sync::{Mutex, Semaphore};

use crate::config::SecretSource;
use crate::config::shape::Reach;
use crate::domain::failure::FailureKind;
use crate::domain::observation::Traffic;
use crate::domain::ticket::Named;
use crate::domain::{Failure, Moment, Text};
use crate::source::http::{Answer, Http, Request};
use crate::source::secret;

use super::{read, wire};

/// Requests at once: more gain nothing on one Ruby process and keep the humans waiting.
const AT_ONCE: usize = 2;

const KEY: HeaderName = HeaderName::from_static("x-redmine-api-key");

/// One Redmine as one key sees it.
#[derive(Debug)]
pub(super) struct Access {
    http: Http,
    credential: String,
    source: SecretSource,
    /// The key as a header, once fetched; forgotten when it is refused.
    key: Mutex<Option<HeaderValue>>,
    /// Who the key belongs to and when that was last confirmed.
    standing: Mutex<Option<(Named, Moment)>>,
    slots: Semaphore,
}

impl Access {
    pub(super) fn new(name: &str, reach: &Reach, key: &SecretSource) -> Self {
        Self {
            http: Http::new(name, reach),
            credential: format!("API key of {name}"),
            source: key.clone(),
            key: Mutex::new(None),
            standing: Mutex::new(None),
            slots: Semaphore::new(AT_ONCE),
        }
    }

    pub(super) fn take_traffic(&self) -> Traffic {
        self.http.take_traffic()
    }

    /// Who the key belongs to, asked again when the last answer is older than `oldest`.
    pub(super) async fn me(&self, oldest: Duration) -> Result<Named, Failure> {
        let mut standing = self.standing.lock().await;
        if let Some((me, at)) = &*standing
            && at.age(Moment::now()).is_some_and(|age| age < oldest)
        {
            return Ok(me.clone());
        }
        *standing = None;
        let answer = self.send("/users/current.json".to_owned()).await?;
        match answer.status {
            200 => {}
            // Nothing tells a forbidden page from a switched-off API but that nobody is forbidden this one.
            403 => {
                return Err(refused(
                    &answer,
                    FailureKind::Forbidden {
                        right: Some(Text::clean(
                            "the REST API, which is switched off: Administration, Settings, API",
                        )),
                    },
                ));
            }
            404 | 406 => {
                return Err(refused(
                    &answer,
                    FailureKind::WrongPlace {
                        detail: Text::clean(
                            "no Redmine answers here; the address must be that of its start page",
                        ),
                    },
                ));
            }
            401 => {
                self.forget().await;
                return Err(answer.failure(&self.credential));
            }
            _ => return Err(answer.failure(&self.credential)),
        }
        let me = read::me(&answer.json::<wire::Me<'_>>()?.user);
        *standing = Some((me.clone(), Moment::now()));
        Ok(me)
    }

    /// Gets a page that must be there. `right` is what a refusal (403) most likely misses.
    pub(super) async fn get(&self, path: String, right: &str) -> Result<Answer, Failure> {
        let answer = self.send(path).await?;
        match answer.status {
            200 => Ok(answer),
            401 => {
                self.forget().await;
                *self.standing.lock().await = None;
                Err(answer.failure(&self.credential))
            }
            403 => {
                // The API may have been switched off, or the key withdrawn: that is said instead.
                self.me(Duration::ZERO).await?;
                Err(refused(
                    &answer,
                    FailureKind::Forbidden {
                        right: Some(Text::clean(right)),
                    },
                ))
            }
            _ => Err(answer.failure(&self.credential)),
        }
    }

    async fn send(&self, path: String) -> Result<Answer, Failure> {
        let mut request = Request::get(path);
        request.headers.push((KEY, self.key().await?));
        let _slot = self.slots.acquire().await;
        self.http.send(request).await
    }

    async fn key(&self) -> Result<HeaderValue, Failure> {
        let mut key = self.key.lock().await;
        if let Some(key) = &*key {
            return Ok(key.clone());
        }
        let secret = secret::fetch(&self.credential, &self.source).await?;
        let value = secret.expose().trim();
        let mut header = value
            .bytes()
            .all(|byte| byte.is_ascii_graphic())
            .then(|| HeaderValue::from_str(value).ok())
            .flatten()
            .ok_or_else(|| {
                Failure::new(FailureKind::Secret {
                    detail: Text::clean(&format!(
                        "{}: it holds characters that no key has",
                        self.credential
                    )),
                })
            })?;
        header.set_sensitive(true);
        *key = Some(header.clone());
        Ok(header)
    }

    /// A refused key may have been renewed where it comes from: it is fetched again next time.
    async fn forget(&self) {
        *self.key.lock().await = None;
    }
}

fn refused(answer: &Answer, kind: FailureKind) -> Failure {
    Failure::new(kind).during(&answer.asked)
}

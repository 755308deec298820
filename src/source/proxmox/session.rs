//! How a request proves who asks: an API token (6.2 and later) or a ticket for user and password.
//!
//! A ticket lives two hours; it is renewed every fifteen minutes with itself as the password, as the
//! web interface does, so the password itself is needed once. A refused login is not tried again:
//! accounts get locked, and Proxmox answers three seconds late on purpose.

pub mod token;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{AUTHORIZATION, COOKIE, HeaderName, HeaderValue};
use tokio::sync::Mutex;

use crate::config::Secret;
use crate::config::shape::ProxmoxCredential;
use crate::domain::failure::FailureKind;
use crate::domain::{Failure, Text};
use crate::source::http::{Answer, Http, Method, Request};
use crate::source::secret;

use super::refusal;
use super::wire::{self, TicketAnswer};

/// How old a ticket may get before it is renewed.
const RENEW_AFTER: Duration = Duration::from_mins(15);

/// How long after a renewal that failed for other reasons than a refusal it is tried again; the old
/// ticket is good for two hours.
const RENEW_AGAIN: Duration = Duration::from_mins(1);

/// How long the same secret is not tried again after a refusal, so that three readings that start
/// one after the other make one failed login and not three.
const REFUSED_FOR: Duration = Duration::from_secs(10);

/// The credential of one source and what was made of it. Readings share it; one login is in flight.
pub struct Session {
    /// Name of the source, for messages.
    source: String,
    credential: ProxmoxCredential,
    renew_after: Duration,
    /// Counts sign-ins that ended, so that those who waited for one share its outcome.
    ended: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    pass: Option<Pass>,
    ticket: Option<Ticket>,
    /// Generation of the last pass.
    generation: u64,
    /// How the last sign-in failed.
    failed: Option<Failure>,
    refused: Option<Refused>,
}

/// What a request carries.
#[derive(Clone)]
struct Pass {
    header: (HeaderName, HeaderValue),
    /// What it is called in messages.
    name: String,
    generation: u64,
}

struct Ticket {
    text: Secret,
    renew_at: Instant,
}

struct Refused {
    secret: Secret,
    at: Instant,
    failure: Failure,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("source", &self.source)
            .field("credential", &self.credential)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// A session that has not begun.
    pub fn new(source: &str, credential: &ProxmoxCredential) -> Self {
        Self {
            source: source.to_owned(),
            credential: credential.clone(),
            renew_after: RENEW_AFTER,
            ended: AtomicU64::new(0),
            state: Mutex::new(State::default()),
        }
    }

    /// Sends a request with the credential. A refused one is made anew once: a ticket by a login, a
    /// token when its secret has changed. Statuses other than 200 are failures.
    pub async fn send(&self, http: &Http, request: Request) -> Result<Answer, Failure> {
        let pass = self.pass(http).await?;
        let answer = http.send(carrying(request.clone(), &pass)).await?;
        if answer.status != 401 {
            refusal::check(&answer, &pass.name)?;
            return Ok(answer);
        }
        let first = refusal::check(&answer, &pass.name).err();
        let Some(pass) = self.another(http, &pass).await? else {
            return Err(first.unwrap_or_else(|| Failure::new(FailureKind::LoginPage)));
        };
        let answer = http.send(carrying(request, &pass)).await?;
        if answer.status == 401 {
            self.forget(&pass).await;
        }
        refusal::check(&answer, &pass.name)?;
        Ok(answer)
    }

    /// The present pass, made or renewed when that is due.
    async fn pass(&self, http: &Http) -> Result<Pass, Failure> {
        let seen = self.ended.load(Ordering::Acquire);
        let mut state = self.state.lock().await;
        if state.pass.is_none() {
            if self.ended.load(Ordering::Acquire) != seen
                && let Some(failure) = &state.failed
            {
                // Somebody tried while this one waited.
                return Err(failure.clone());
            }
            return self.sign_in(http, &mut state).await;
        }
        if let (Some(ticket), ProxmoxCredential::Password { user, .. }) =
            (&state.ticket, &self.credential)
            && Instant::now() >= ticket.renew_at
        {
            let old = ticket.text.clone();
            match self.log_in(http, user, &old).await {
                Ok(ticket) => return self.keep_ticket(&mut state, user, ticket),
                // Too old by now, or the clocks differ: the password will do.
                Err(failure) if !failure.is_worth_retrying() => {
                    state.pass = None;
                    return self.sign_in(http, &mut state).await;
                }
                // The old one is still good; what is wrong shows in what is asked with it.
                Err(_) => {
                    if let Some(ticket) = &mut state.ticket {
                        ticket.renew_at = Instant::now() + RENEW_AGAIN;
                    }
                }
            }
        }
        match &state.pass {
            Some(pass) => Ok(pass.clone()),
            None => self.sign_in(http, &mut state).await,
        }
    }

    /// Another pass than the refused one; `None` when there is none to be had.
    async fn another(&self, http: &Http, refused: &Pass) -> Result<Option<Pass>, Failure> {
        let seen = self.ended.load(Ordering::Acquire);
        let mut state = self.state.lock().await;
        match &state.pass {
            Some(pass) if pass.generation != refused.generation => return Ok(Some(pass.clone())),
            None if self.ended.load(Ordering::Acquire) != seen => {
                if let Some(failure) = &state.failed {
                    return Err(failure.clone());
                }
            }
            _ => {}
        }
        state.pass = None;
        state.ticket = None;
        let pass = self.sign_in(http, &mut state).await?;
        if pass.header == refused.header {
            // The same token as before. Its secret is fetched again when next asked.
            state.pass = None;
            return Ok(None);
        }
        Ok(Some(pass))
    }

    /// Forgets a pass that was refused.
    async fn forget(&self, refused: &Pass) {
        let mut state = self.state.lock().await;
        if state
            .pass
            .as_ref()
            .is_some_and(|pass| pass.generation == refused.generation)
        {
            state.pass = None;
            state.ticket = None;
        }
    }

    /// Makes a pass from the secret.
    async fn sign_in(&self, http: &Http, state: &mut State) -> Result<Pass, Failure> {
        let outcome = self.try_sign_in(http, state).await;
        state.failed = outcome.as_ref().err().cloned();
        self.ended.fetch_add(1, Ordering::AcqRel);
        outcome
    }

    async fn try_sign_in(&self, http: &Http, state: &mut State) -> Result<Pass, Failure> {
        match &self.credential {
            ProxmoxCredential::Token { id, secret } => {
                let what = format!("token of {}", self.source);
                let secret = secret::fetch(&what, secret).await?;
                let token = token::Token::read(&what, id.as_deref(), &secret)?;
                let name = format!("token {} of {}", token.id, self.source);
                Ok(state.keep((AUTHORIZATION, token.header()?), name))
            }
            ProxmoxCredential::Password { user, password } => {
                let what = format!("password of {user} at {}", self.source);
                let password = secret::fetch(&what, password).await?;
                if let Some(refused) = &state.refused
                    && refused.secret == password
                    && refused.at.elapsed() < REFUSED_FOR
                {
                    return Err(refused.failure.clone());
                }
                match self.log_in(http, user, &password).await {
                    Ok(ticket) => {
                        state.refused = None;
                        self.keep_ticket(state, user, ticket)
                    }
                    Err(failure) => {
                        if !failure.is_worth_retrying() {
                            state.refused = Some(Refused {
                                secret: password,
                                at: Instant::now(),
                                failure: failure.clone(),
                            });
                        }
                        Err(failure)
                    }
                }
            }
        }
    }

    /// `POST /access/ticket`, with the password or a ticket that is still good.
    async fn log_in(&self, http: &Http, user: &str, password: &Secret) -> Result<Secret, Failure> {
        let form = format!(
            "username={}&password={}",
            utf8_percent_encode(user, NON_ALPHANUMERIC),
            utf8_percent_encode(password.expose(), NON_ALPHANUMERIC)
        );
        let answer = http
            .send(Request {
                method: Method::Post,
                path: "/api2/json/access/ticket".to_owned(),
                headers: Vec::new(),
                body: Some((
                    "application/x-www-form-urlencoded",
                    Bytes::from(form.into_bytes()),
                )),
                deadlines: None,
            })
            .await?;
        refusal::check(&answer, &self.password_name(user))?;
        let text = String::from_utf8_lossy(&answer.body);
        let read: TicketAnswer<'_> =
            wire::object(&text).map_err(|failure| failure.during(&answer.asked))?;
        let ticket = read.ticket.get().unwrap_or_default();
        let kind = if read.need_tfa.is_set() || ticket.starts_with("PVE:!tfa!") {
            FailureKind::SecondFactor {
                account: Text::clean(user),
            }
        } else if ticket.is_empty()
            || !ticket
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b';')
        {
            FailureKind::Malformed {
                detail: Text::clean("a login without a ticket that can be sent back"),
            }
        } else {
            return Ok(Secret::new(ticket));
        };
        Err(Failure::new(kind).during(&answer.asked))
    }

    fn keep_ticket(&self, state: &mut State, user: &str, ticket: Secret) -> Result<Pass, Failure> {
        let cookie = secret::header_value(&format!("PVEAuthCookie={}", ticket.expose()))?;
        state.ticket = Some(Ticket {
            text: ticket,
            renew_at: Instant::now() + self.renew_after,
        });
        Ok(state.keep((COOKIE, cookie), self.password_name(user)))
    }

    fn password_name(&self, user: &str) -> String {
        format!("password of {user} at {}", self.source)
    }
}

impl State {
    fn keep(&mut self, header: (HeaderName, HeaderValue), name: String) -> Pass {
        self.generation += 1;
        let pass = Pass {
            header,
            name,
            generation: self.generation,
        };
        self.pass = Some(pass.clone());
        pass
    }
}

fn carrying(mut request: Request, pass: &Pass) -> Request {
    request.headers.push(pass.header.clone());
    request
}

#[cfg(test)]
mod tests;

//! Ways in which a server of the lab misbehaves, for tests.

use std::time::Duration;

use super::answer::Answer;

/// How a server misbehaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Connections are refused and open ones cut; the port stays reserved.
    Down,
    /// Requests are taken and never answered.
    Hang,
    /// Answers are right and so much late.
    Slow(Duration),
    /// The head comes at once, then one byte of the body a second.
    Drip,
    /// Every request gets this status, reason phrase and body.
    Status(u16, String, String),
    /// Like [`Trouble::Status`] with a 503 and this `Retry-After`.
    Busy(String),
    /// A login page with status 200, as single sign-on in front answers.
    LoginPage,
    /// A redirect (302) to this place.
    Redirect(String),
    /// The length promises more than is sent before the connection breaks.
    Truncated,
    /// Status 200, JSON by its content type, broken in the middle.
    Garbage,
    /// Status 200 and an empty body.
    EmptyBody,
    /// Lists are empty, as for a credential that lacks the privileges.
    EmptyLists,
    /// The credential is refused.
    Unauthorized,
    /// This text ends every name, subject, alias and output.
    Hostile(String),
    /// Checkmk only: lists by GET give 405, by POST they are served (3.0).
    OnlyPost,
    /// Checkmk only: this column is unknown, as in an older version.
    Without(String),
    /// Only requests whose path contains this are in trouble.
    On(String, Box<Trouble>),
}

/// What a trouble means for one request.
pub(super) enum Effect {
    /// Take this answer instead.
    Instead(Answer),
    /// Never answer.
    Never,
    /// Answer as always, later.
    Late(Duration),
    /// Answer as always, one byte a second.
    Drip,
    /// Answer as always, cut in the middle.
    Cut,
    /// Answer in a way that only the look-alike itself knows.
    Bent(Trouble),
    /// Answer as always.
    None,
}

impl Trouble {
    /// What it means for a request to this path.
    pub(super) fn effect(&self, path: &str) -> Effect {
        match self {
            Self::Down | Self::Hang => Effect::Never,
            Self::Slow(by) => Effect::Late(*by),
            Self::Drip => Effect::Drip,
            Self::Truncated => Effect::Cut,
            Self::Status(status, reason, body) => Effect::Instead(
                Answer::new(*status, "application/json", body.clone().into_bytes())
                    .reason(reason.clone()),
            ),
            Self::Busy(after) => Effect::Instead(
                Answer::new(503, "text/html", "<html>busy</html>")
                    .header("retry-after", after.clone()),
            ),
            Self::LoginPage => Effect::Instead(Answer::new(
                200,
                "text/html; charset=utf-8",
                "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><form method=\"post\">\
                 <input name=\"password\" type=\"password\"></form></body></html>",
            )),
            Self::Redirect(to) => {
                Effect::Instead(Answer::empty(302).header("location", to.clone()))
            }
            Self::Garbage => Effect::Instead(Answer::new(
                200,
                "application/json",
                "{\"data\":[{\"id\":\"lxc/101\",,,\u{fffd}",
            )),
            Self::EmptyBody => {
                Effect::Instead(Answer::new(200, "application/json", bytes::Bytes::new()))
            }
            Self::EmptyLists
            | Self::Unauthorized
            | Self::Hostile(_)
            | Self::OnlyPost
            | Self::Without(_) => Effect::Bent(self.clone()),
            Self::On(part, trouble) if path.contains(part.as_str()) => trouble.effect(path),
            Self::On(..) => Effect::None,
        }
    }
}

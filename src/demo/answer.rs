//! An answer of a look-alike, and the ways in which its body leaves.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use tokio::time::Sleep;

/// How much of a list is made before it is sent: the lab's memory does not depend on the list's length.
const CHUNK: usize = 64 * 1024;

/// Writes the next row of a list.
pub(super) type NextRow = Box<dyn FnMut(&mut Vec<u8>) -> Step + Send>;

/// What came of looking for the next row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// A row was written.
    Row,
    /// Many rows were looked at and none was wanted: others may have the processor first.
    Pause,
    /// There is none.
    End,
}

/// An answer.
pub(super) struct Answer {
    /// Status code.
    pub(super) status: u16,
    /// Reason phrase when it is not the usual one.
    pub(super) reason: Option<String>,
    /// Headers beside the body's own.
    pub(super) headers: Vec<(&'static str, String)>,
    /// Body.
    pub(super) body: Content,
    /// How long the server thinks first.
    pub(super) delay: Duration,
}

/// A body before it is decided how it leaves.
pub(super) enum Content {
    /// All of it.
    Whole(Bytes),
    /// A list that is made while it is sent.
    Rows(Box<Rows>),
}

impl Answer {
    /// An answer with this status, body and content type.
    pub(super) fn new(status: u16, kind: &str, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            reason: None,
            headers: vec![("content-type", kind.to_owned())],
            body: Content::Whole(body.into()),
            delay: Duration::ZERO,
        }
    }

    /// An answer without a body.
    pub(super) fn empty(status: u16) -> Self {
        Self {
            headers: Vec::new(),
            ..Self::new(status, "", Bytes::new())
        }
    }

    /// JSON.
    pub(super) fn json(value: &serde_json::Value) -> Self {
        Self::new(200, "application/json", value.to_string())
    }

    /// JSON with a list in it: `head`, rows, `tail`.
    pub(super) fn rows(head: &str, tail: &'static str, next: NextRow) -> Self {
        let mut rows = Box::new(Rows {
            begun: head.as_bytes().to_vec(),
            next,
            first: true,
            tail: Some(tail),
        });
        // A list that fits into one chunk gets a Content-Length, as the real servers give it.
        let body = match rows.chunk() {
            Some(chunk) if rows.tail.is_none() => Content::Whole(chunk),
            Some(chunk) => {
                rows.begun = chunk.to_vec();
                Content::Rows(rows)
            }
            None => Content::Rows(rows),
        };
        Self {
            body,
            ..Self::new(200, "application/json", Bytes::new())
        }
    }

    /// With a reason phrase.
    pub(super) fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// With a header; a value that HTTP does not allow is left out.
    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// After a while.
    pub(super) fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// For hyper, its body flowing as it should.
    pub(super) fn into_response(self) -> Response<Flow> {
        let flow = match self.body {
            Content::Whole(bytes) => Flow::Whole(Some(bytes)),
            Content::Rows(rows) => Flow::Rows(rows),
        };
        respond(self.status, self.reason, self.headers, flow)
    }

    /// For hyper, one byte a second.
    pub(super) fn into_drip(self) -> Response<Flow> {
        let bytes = self.body.into_bytes();
        respond(
            self.status,
            self.reason,
            self.headers,
            Flow::Drip(bytes, Box::pin(tokio::time::sleep(Duration::ZERO))),
        )
    }

    /// For hyper, with a length that promises all and a body that stops in the middle.
    pub(super) fn into_cut(mut self) -> Response<Flow> {
        let mut bytes = self.body.into_bytes();
        self.headers
            .push(("content-length", bytes.len().to_string()));
        bytes.truncate(bytes.len() / 2);
        // The half must have left before the connection breaks off.
        let grace = Box::pin(tokio::time::sleep(Duration::from_millis(50)));
        let flow = Flow::Cut(Some(bytes), grace);
        respond(self.status, self.reason, self.headers, flow)
    }
}

impl Content {
    /// All of it in memory.
    pub(super) fn into_bytes(self) -> Bytes {
        match self {
            Self::Whole(bytes) => bytes,
            Self::Rows(mut rows) => {
                let mut whole = Vec::new();
                while rows.tail.is_some() {
                    whole.extend_from_slice(&rows.chunk().unwrap_or_default());
                }
                whole.into()
            }
        }
    }
}

fn respond(
    status: u16,
    reason: Option<String>,
    headers: Vec<(&'static str, String)>,
    flow: Flow,
) -> Response<Flow> {
    let mut response = Response::new(flow);
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(reason) =
        reason.and_then(|text| hyper::ext::ReasonPhrase::try_from(text.into_bytes()).ok())
    {
        response.extensions_mut().insert(reason);
    }
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            response
                .headers_mut()
                .append(HeaderName::from_static(name), value);
        }
    }
    response
}

/// A list that is made while it is sent.
pub(super) struct Rows {
    begun: Vec<u8>,
    next: NextRow,
    first: bool,
    tail: Option<&'static str>,
}

impl Rows {
    /// The next part of about [`CHUNK`] bytes; `None` when it is not ready or all was sent.
    fn chunk(&mut self) -> Option<Bytes> {
        self.tail?;
        let mut out = std::mem::take(&mut self.begun);
        while out.len() < CHUNK {
            let before = out.len();
            if !self.first {
                out.push(b',');
            }
            match (self.next)(&mut out) {
                Step::Row => self.first = false,
                Step::Pause => {
                    out.truncate(before);
                    self.begun = out;
                    return None;
                }
                Step::End => {
                    out.truncate(before);
                    out.extend_from_slice(self.tail.take().unwrap_or_default().as_bytes());
                    break;
                }
            }
        }
        Some(out.into())
    }
}

/// A body on its way.
pub(super) enum Flow {
    /// At once.
    Whole(Option<Bytes>),
    /// Made while it is sent.
    Rows(Box<Rows>),
    /// One byte a second.
    Drip(Bytes, Pin<Box<Sleep>>),
    /// A part, then the connection breaks.
    Cut(Option<Bytes>, Pin<Box<Sleep>>),
}

impl Body for Flow {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let data = |bytes: Bytes| Poll::Ready(Some(Ok(Frame::data(bytes))));
        match self.get_mut() {
            Self::Whole(bytes) => match bytes.take() {
                Some(bytes) if !bytes.is_empty() => data(bytes),
                _ => Poll::Ready(None),
            },
            Self::Rows(rows) => match rows.chunk() {
                Some(chunk) => data(chunk),
                None if rows.tail.is_none() => Poll::Ready(None),
                None => {
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
            },
            Self::Drip(bytes, sleep) => {
                if bytes.is_empty() {
                    return Poll::Ready(None);
                }
                std::task::ready!(sleep.as_mut().poll(context));
                sleep.set(tokio::time::sleep(Duration::from_secs(1)));
                data(bytes.split_to(1))
            }
            Self::Cut(bytes, sleep) => {
                if let Some(bytes) = bytes.take() {
                    return data(bytes);
                }
                std::task::ready!(sleep.as_mut().poll(context));
                Poll::Ready(Some(Err(io::ErrorKind::BrokenPipe.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.as_ref().is_none_or(Bytes::is_empty),
            Self::Rows(rows) => rows.tail.is_none(),
            Self::Drip(bytes, _) => bytes.is_empty(),
            Self::Cut(..) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(Some(bytes)) | Self::Drip(bytes, _) => {
                SizeHint::with_exact(u64::try_from(bytes.len()).unwrap_or(u64::MAX))
            }
            Self::Whole(None) => SizeHint::with_exact(0),
            Self::Rows(_) | Self::Cut(..) => SizeHint::default(),
        }
    }
}

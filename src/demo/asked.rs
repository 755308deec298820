//! A request as the look-alikes read it.

use bytes::Bytes;
use hyper::{HeaderMap, Method, Uri};
use url::form_urlencoded;

/// A request, its body complete.
pub(super) struct Asked {
    /// Method.
    pub(super) method: Method,
    /// Path, percent-decoded segment by segment, without empty segments.
    pub(super) segments: Vec<String>,
    /// Query in order.
    pub(super) query: Vec<(String, String)>,
    /// Headers.
    pub(super) headers: HeaderMap,
    /// Body.
    pub(super) body: Bytes,
}

impl Asked {
    /// From the parts of an HTTP request.
    pub(super) fn new(method: Method, uri: &Uri, headers: HeaderMap, body: Bytes) -> Self {
        let segments = uri
            .path()
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| {
                percent_encoding::percent_decode_str(segment)
                    .decode_utf8_lossy()
                    .into_owned()
            })
            .collect();
        let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
        Self {
            method,
            segments,
            query,
            headers,
            body,
        }
    }

    /// Path for routing.
    pub(super) fn path(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }

    /// First value of a query parameter.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        let mut pairs = self.query.iter();
        pairs.find_map(|(name, value)| (name == key).then_some(value.as_str()))
    }

    /// All values of a query parameter.
    pub(super) fn values<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.query
            .iter()
            .filter(move |(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    /// A query parameter as a number; `None` when absent or not a number.
    pub(super) fn number(&self, key: &str) -> Option<i64> {
        self.value(key)?.parse().ok()
    }

    /// A header as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The fields of a form or of a flat JSON object in the body.
    pub(super) fn fields(&self) -> Vec<(String, String)> {
        let json = self
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("application/json"));
        if !json {
            return form_urlencoded::parse(&self.body).into_owned().collect();
        }
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(&self.body).unwrap_or_default();
        object
            .into_iter()
            .map(|(name, value)| match value {
                serde_json::Value::String(text) => (name, text),
                other => (name, other.to_string()),
            })
            .collect()
    }
}

//! Text that a terminal may be shown.

use std::fmt;
use std::sync::Arc;

use super::clean;

/// One line of text that is safe to show: no control characters, no bidi overrides, capped length.
/// The only way from foreign bytes to a screen.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Arc<str>);

impl Text {
    /// Longest text kept, in characters; longer is cut with an ellipsis.
    pub const LONGEST: usize = 1024;

    /// Makes foreign text inert and visible. Line breaks become `⏎`.
    pub fn clean(foreign: &str) -> Self {
        Self(Arc::from(&*clean::line(foreign, Self::LONGEST)))
    }

    /// As [`Self::clean`], `None` when nothing visible is left.
    pub fn clean_non_empty(foreign: &str) -> Option<Self> {
        let cleaned = clean::line(foreign, Self::LONGEST);
        (!cleaned.trim().is_empty()).then(|| Self(Arc::from(&*cleaned)))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Text {
    /// No text.
    fn default() -> Self {
        Self(Arc::from(""))
    }
}

impl std::ops::Deref for Text {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Text {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Text {
    /// The same border: whatever comes in is cleaned.
    fn from(foreign: &str) -> Self {
        Self::clean(foreign)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl serde::Serialize for Text {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Text;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }
            fn visit_str<E: serde::de::Error>(self, v: &str) -> Result<Text, E> {
                Ok(Text::clean(v))
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

/// Several lines of text that are safe to show; lines are separated by `\n`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Prose(Arc<str>);

impl Prose {
    /// Longest prose kept, in bytes. Redmine takes notes of 17 MB; nobody reads them here.
    pub const LONGEST: usize = 256 * 1024;

    /// Makes foreign text inert and visible, keeping its lines.
    pub fn clean(foreign: &str) -> Self {
        Self(Arc::from(&*clean::lines(foreign, Self::LONGEST)))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }
}

impl std::ops::Deref for Prose {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Prose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

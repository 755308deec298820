//! What stands in a cell.

use std::borrow::Cow;

use ratatui::style::Style;

use super::super::meter::Levels;
use super::super::trend::Scale;

/// A cell: what it shows and how. Borrows what it can; making one allocates nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell<'a> {
    /// What it shows.
    pub content: Content<'a>,
    /// How, laid over the theme's text.
    pub style: Style,
    /// A sign before it with its own style, which it keeps under the cursor where it can: a
    /// severity.
    pub sign: Option<(&'static str, Style)>,
}

/// What a cell shows.
#[derive(Debug, Clone, PartialEq)]
pub enum Content<'a> {
    /// Text, cut to the column.
    Text(Cow<'a, str>),
    /// A part of a whole; `None` is not known.
    Meter(Option<f64>, Levels),
    /// A course of values.
    Trend(&'a [Option<f32>], Scale),
    /// Signs of one cell, each in its own style.
    Signs(Vec<(&'static str, Style)>),
}

impl<'a> Cell<'a> {
    /// Text in the theme's plain style.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::new(Content::Text(text.into()))
    }

    /// A part of a whole.
    pub const fn meter(part: Option<f64>, levels: Levels) -> Self {
        Self::new(Content::Meter(part, levels))
    }

    /// A course of values.
    pub const fn trend(values: &'a [Option<f32>], scale: Scale) -> Self {
        Self::new(Content::Trend(values, scale))
    }

    /// Signs of one cell, each in its own style.
    pub const fn signs(signs: Vec<(&'static str, Style)>) -> Self {
        Self::new(Content::Signs(signs))
    }

    /// Nothing, where nothing applies. What is not known is no empty cell but a `?`.
    pub const fn empty() -> Self {
        Self::new(Content::Text(Cow::Borrowed("")))
    }

    const fn new(content: Content<'a>) -> Self {
        Self {
            content,
            style: Style::new(),
            sign: None,
        }
    }

    /// The same in this style.
    pub fn style(self, style: Style) -> Self {
        Self { style, ..self }
    }

    /// The same with a sign before it.
    pub fn sign(self, sign: &'static str, style: Style) -> Self {
        Self {
            sign: Some((sign, style)),
            ..self
        }
    }
}

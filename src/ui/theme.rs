//! Roles → styles: what a column head, a warning or the cursor looks like.
//!
//! Widgets ask for roles and never for colours. Themes are small TOML files (`themes/` in the
//! source, `default.toml` explains the format); the [`Depth`] of the terminal is applied once, when
//! a theme is chosen. Colours say how bad something is and nothing else, and never alone: see
//! [`Glyphs`].

mod builtin;
mod depth;
mod glyphs;
mod parse;
mod role;

use ratatui::style::Style;

use crate::domain::{Freshness, Severity};

pub use builtin::BUILTIN;
pub use depth::Depth;
pub use glyphs::{Borders, Glyphs};
pub use parse::Warning;
pub use role::ROLES;

/// A style for each role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Everything without another role; its background fills the screen.
    pub text: Style,
    /// Less important than what stands beside it.
    pub dim: Style,
    /// Lines between columns, tracks, leaders.
    pub faint: Style,
    /// Names of panels and of the program.
    pub title: Style,
    /// A tab's name.
    pub tab: Style,
    /// The name of the tab that is open.
    pub tab_active: Style,
    /// Column heads.
    pub header: Style,
    /// The selected row, laid over its cells.
    pub cursor: Style,
    /// The selected row of a table that has not the focus.
    pub cursor_unfocused: Style,
    /// The mark of a marked row.
    pub mark: Style,
    /// What the filter found (`match` in files), laid over a cell.
    pub match_: Style,
    /// Severity ok.
    pub ok: Style,
    /// Severity info.
    pub info: Style,
    /// Severity warning.
    pub warning: Style,
    /// Severity unknown.
    pub unknown: Style,
    /// Severity critical.
    pub critical: Style,
    /// Data that should have been renewed by now.
    pub late: Style,
    /// Data that is old, or whose source fails.
    pub stale: Style,
    /// A problem that somebody knows of.
    pub handled: Style,
    /// A key in the last line.
    pub key: Style,
    /// What the key does.
    pub key_label: Style,
    /// The frame of a panel.
    pub border: Style,
    /// The frame of the panel that has the focus.
    pub border_focus: Style,
    /// A line that is being typed.
    pub input: Style,
    /// The words SAMPLE DATA.
    pub sample: Style,
    /// A line across the screen that warns.
    pub banner_warning: Style,
    /// A link.
    pub link: Style,
    /// The full part of a meter.
    pub meter_full: Style,
    /// The rest of a meter.
    pub meter_empty: Style,
    /// A course of values.
    pub trend: Style,
    /// Quoted lines in prose.
    pub quote: Style,
    /// Preformatted lines in prose.
    pub code: Style,
    /// Headings in prose.
    pub heading: Style,
}

impl Theme {
    /// No styles at all, to fill in.
    const BLANK: Self = {
        let none = Style::new();
        Self {
            text: none,
            dim: none,
            faint: none,
            title: none,
            tab: none,
            tab_active: none,
            header: none,
            cursor: none,
            cursor_unfocused: none,
            mark: none,
            match_: none,
            ok: none,
            info: none,
            warning: none,
            unknown: none,
            critical: none,
            late: none,
            stale: none,
            handled: none,
            key: none,
            key_label: none,
            border: none,
            border_focus: none,
            input: none,
            sample: none,
            banner_warning: none,
            link: none,
            meter_full: none,
            meter_empty: none,
            trend: none,
            quote: none,
            code: none,
            heading: none,
        }
    };

    /// A theme from its text. Never fails: what makes no sense is left out and told in a warning,
    /// and what is left out comes from the theme it `inherits`, in the end from `default`.
    ///
    /// `parents` finds the text of a theme by name among the user's files; built-in themes are found
    /// without it. A user's theme may inherit the built-in one of its own name.
    pub fn parse(
        name: &str,
        text: &str,
        parents: &dyn Fn(&str) -> Option<String>,
    ) -> (Self, Vec<Warning>) {
        parse::theme(name, text, parents)
    }

    /// A built-in theme: one of [`BUILTIN`].
    pub fn builtin(name: &str) -> Option<Self> {
        let text = builtin::text(name)?;
        Some(Self::parse(name, text, &|_| None).0)
    }

    /// The same theme as a terminal of this depth can show it. Without colours every theme that has
    /// some becomes `mono`, so that cursor, severities and marks can still be told apart.
    pub fn with_depth(self, depth: Depth) -> Self {
        depth::apply(self, depth)
    }

    /// The style of a severity.
    pub const fn severity(&self, severity: Severity) -> Style {
        match severity {
            Severity::Ok => self.ok,
            Severity::Info => self.info,
            Severity::Warning => self.warning,
            Severity::Unknown => self.unknown,
            Severity::Critical => self.critical,
        }
    }

    /// The style of a freshness.
    pub const fn freshness(&self, freshness: Freshness) -> Style {
        match freshness {
            Freshness::Fresh => self.ok,
            Freshness::Late => self.late,
            Freshness::Stale | Freshness::Lost => self.stale,
            Freshness::Never => self.unknown,
        }
    }
}

impl Default for Theme {
    /// The built-in `default`.
    fn default() -> Self {
        Self::builtin("default").unwrap_or(Self::BLANK)
    }
}

#[cfg(test)]
mod tests;

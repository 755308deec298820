//! The roles by name, for files and for whatever goes through all of them.

use ratatui::style::Style;

use super::Theme;

/// Names of all roles, as theme files write them.
pub const ROLES: [&str; 33] = [
    "text",
    "dim",
    "faint",
    "title",
    "tab",
    "tab_active",
    "header",
    "cursor",
    "cursor_unfocused",
    "mark",
    "match",
    "ok",
    "info",
    "warning",
    "unknown",
    "critical",
    "late",
    "stale",
    "handled",
    "key",
    "key_label",
    "border",
    "border_focus",
    "input",
    "sample",
    "banner_warning",
    "link",
    "meter_full",
    "meter_empty",
    "trend",
    "quote",
    "code",
    "heading",
];

impl Theme {
    /// The style of a role by its name in files.
    pub fn role_mut(&mut self, name: &str) -> Option<&mut Style> {
        Some(match name {
            "text" => &mut self.text,
            "dim" => &mut self.dim,
            "faint" => &mut self.faint,
            "title" => &mut self.title,
            "tab" => &mut self.tab,
            "tab_active" => &mut self.tab_active,
            "header" => &mut self.header,
            "cursor" => &mut self.cursor,
            "cursor_unfocused" => &mut self.cursor_unfocused,
            "mark" => &mut self.mark,
            "match" => &mut self.match_,
            "ok" => &mut self.ok,
            "info" => &mut self.info,
            "warning" => &mut self.warning,
            "unknown" => &mut self.unknown,
            "critical" => &mut self.critical,
            "late" => &mut self.late,
            "stale" => &mut self.stale,
            "handled" => &mut self.handled,
            "key" => &mut self.key,
            "key_label" => &mut self.key_label,
            "border" => &mut self.border,
            "border_focus" => &mut self.border_focus,
            "input" => &mut self.input,
            "sample" => &mut self.sample,
            "banner_warning" => &mut self.banner_warning,
            "link" => &mut self.link,
            "meter_full" => &mut self.meter_full,
            "meter_empty" => &mut self.meter_empty,
            "trend" => &mut self.trend,
            "quote" => &mut self.quote,
            "code" => &mut self.code,
            "heading" => &mut self.heading,
            _ => return None,
        })
    }

    /// All styles with the names of their roles.
    pub fn roles(mut self) -> impl Iterator<Item = (&'static str, Style)> {
        ROLES
            .into_iter()
            .filter_map(move |name| self.role_mut(name).map(|style| (name, *style)))
    }
}

//! What hosts and services have in common as tables: rows, columns that are looked up by name, and cells.

use std::borrow::Cow;

use serde_json::Value;

use crate::demo::world::World;

/// Columns that were asked for, with their names.
pub(super) type Columns<C> = Vec<(&'static str, C)>;

/// A table of Livestatus behind an endpoint.
pub(super) trait Table: 'static {
    /// A row at a moment.
    type Row<'w>;
    /// A column, found once for a request.
    type Column: Copy + Send + 'static;

    /// Name of the table, for messages.
    const TABLE: &'static str;
    /// `domainType`
    const DOMAIN: &'static str;
    /// `id` of the collection.
    const COLLECTION: &'static str;
    /// Relation of an item's link.
    const REL: &'static str;
    /// Columns that are always sent.
    const ALWAYS: &'static [&'static str];

    /// Number of rows.
    fn count(world: &World) -> usize;
    /// The row at a place below the count.
    fn row<'w>(world: &'w World, place: usize, now: i64, hostile: Option<&'w str>)
    -> Self::Row<'w>;
    /// The column of a name, and the name as it is sent.
    fn column(name: &str) -> Option<(&'static str, Self::Column)>;
    /// A cell.
    fn cell<'r>(row: &'r Self::Row<'_>, column: Self::Column) -> Cell<'r>;
    /// The host a row belongs to.
    fn host<'r>(row: &'r Self::Row<'_>) -> &'r str;
    /// `id` of an item.
    fn id(row: &Self::Row<'_>) -> String;
    /// `title` of an item.
    fn title(row: &Self::Row<'_>) -> String;
    /// Link of an item.
    fn href(row: &Self::Row<'_>) -> String;
}

/// A value in a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    Int(i64),
    Float(f64),
    Text(Cow<'a, str>),
    Json(Value),
}

impl<'a> Cell<'a> {
    /// Text.
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    /// 0 or 1.
    pub(super) fn flag(flag: bool) -> Self {
        Self::Int(i64::from(flag))
    }

    /// As JSON.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        // Writing into a Vec does not fail.
        let _ = match self {
            Self::Int(number) => serde_json::to_writer(out, number),
            Self::Float(number) => serde_json::to_writer(out, number),
            Self::Text(text) => serde_json::to_writer(out, text),
            Self::Json(value) => serde_json::to_writer(out, value),
        };
    }
}

/// A column: one that is worked out, or one that exists in 2.3.0 and says nothing here.
#[derive(Debug, Clone, Copy)]
pub(super) enum Column<F> {
    Of(F),
    Nothing(Nothing),
}

/// A kind of nothing.
#[derive(Debug, Clone, Copy)]
pub(super) enum Nothing {
    Zero,
    Fraction,
    Text,
    List,
    Object,
}

impl Nothing {
    /// As a cell.
    pub(super) fn cell(self) -> Cell<'static> {
        match self {
            Self::Zero => Cell::Int(0),
            Self::Fraction => Cell::Float(0.0),
            Self::Text => Cell::text(""),
            Self::List => Cell::Json(Value::Array(Vec::new())),
            Self::Object => Cell::Json(Value::Object(serde_json::Map::new())),
        }
    }
}

const NOTHING: &[(&str, Nothing)] = &[
    ("accept_passive_checks", Nothing::Zero),
    ("cache_interval", Nothing::Zero),
    ("cached_at", Nothing::Zero),
    ("check_freshness", Nothing::Zero),
    ("check_options", Nothing::Zero),
    ("current_notification_number", Nothing::Zero),
    ("event_handler_enabled", Nothing::Zero),
    ("in_passive_check_period", Nothing::Zero),
    ("is_executing", Nothing::Zero),
    ("last_notification", Nothing::Zero),
    ("last_time_critical", Nothing::Zero),
    ("last_time_down", Nothing::Zero),
    ("last_time_unknown", Nothing::Zero),
    ("last_time_unreachable", Nothing::Zero),
    ("last_time_warning", Nothing::Zero),
    ("modified_attributes", Nothing::Zero),
    ("next_notification", Nothing::Zero),
    ("no_more_notifications", Nothing::Zero),
    ("pending_flex_downtime", Nothing::Zero),
    ("execution_time", Nothing::Fraction),
    ("flappiness", Nothing::Fraction),
    ("latency", Nothing::Fraction),
    ("percent_state_change", Nothing::Fraction),
    ("action_url", Nothing::Text),
    ("event_handler", Nothing::Text),
    ("icon_image", Nothing::Text),
    ("notes", Nothing::Text),
    ("notes_url", Nothing::Text),
    ("notification_postponement_reason", Nothing::Text),
    ("service_period", Nothing::Text),
    ("childs", Nothing::List),
    ("contact_groups", Nothing::List),
    ("contacts", Nothing::List),
    ("groups", Nothing::List),
    ("metrics", Nothing::List),
    ("custom_variables", Nothing::Object),
    ("label_sources", Nothing::Object),
    ("tags", Nothing::Object),
];

/// Looks a column up, with or without the table's name before it.
pub(super) fn find<F: Copy>(
    table: &str,
    known: &'static [(&'static str, F)],
    name: &str,
) -> Option<(&'static str, Column<F>)> {
    let name = match name.split_once('.') {
        Some((prefix, rest)) if prefix == table => rest,
        _ => name,
    };
    let real = known.iter().find(|(known, _)| *known == name);
    real.map(|(name, of)| (*name, Column::Of(*of))).or_else(|| {
        let nothing = NOTHING.iter().find(|(known, _)| *known == name);
        nothing.map(|(name, kind)| (*name, Column::Nothing(*kind)))
    })
}

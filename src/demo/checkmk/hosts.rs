//! The hosts table.

use std::borrow::Cow;
use std::cell::OnceCell;

use serde_json::{Value, json};

use super::SITE;
use super::services::{counts, generated_hosts};
use super::table::{Cell, Column, Table, find};
use crate::demo::machines::generated_name;
use crate::demo::sample::{Host, Word};
use crate::demo::world::World;

/// The hosts table.
pub(super) struct HostTable;

/// A host at a moment.
pub(super) struct HostRow<'w> {
    pub(super) world: &'w World,
    pub(super) place: usize,
    pub(super) now: i64,
    pub(super) hostile: Option<&'w str>,
    /// `None` for a generated one.
    pub(super) host: Option<&'w Host>,
    /// Name of a generated one, made when asked for: most rows are only looked at.
    generated: OnceCell<String>,
    counts: OnceCell<[i64; 5]>,
}

type Cells = for<'r, 'w> fn(&'r HostRow<'w>) -> Cell<'r>;

impl HostRow<'_> {
    pub(super) fn name(&self) -> &str {
        match self.host {
            Some(host) => &host.name,
            None => self.generated.get_or_init(|| {
                generated_name(
                    self.place
                        .saturating_sub(self.world.sample.monitor.host.len()),
                )
            }),
        }
    }

    fn counts(&self) -> &[i64; 5] {
        self.counts
            .get_or_init(|| counts(self.world, self.place, self.now))
    }

    pub(super) fn state(&self) -> i64 {
        self.host.map_or(0, |host| i64::from(host.state))
    }

    pub(super) fn since(&self) -> i64 {
        let age = self
            .host
            .map(|host| host.since.unwrap_or(host.up))
            .unwrap_or_default();
        self.world.ago(age)
    }

    pub(super) fn acknowledged(&self) -> Option<&Word> {
        self.host?.acknowledged.as_ref()
    }

    pub(super) fn downtime(&self) -> Option<&Word> {
        self.host?.downtime.as_ref()
    }

    pub(super) fn address(&self) -> &str {
        self.host.map_or("192.0.2.250", |host| &host.address)
    }

    pub(super) fn alias(&self) -> Cow<'_, str> {
        let alias = match self.host {
            Some(host) if !host.alias.is_empty() => host.alias.as_str(),
            _ => self.name(),
        };
        with_ending(alias, self.hostile)
    }

    fn output(&self) -> Cow<'_, str> {
        let text = if self.state() == 0 {
            "Packet received via smart PING"
        } else {
            "No IP packet received for 15.3 s (deadline is 15.0 s)"
        };
        with_ending(text, self.hostile)
    }

    pub(super) fn labels(&self) -> Value {
        let mut labels = json!({"cmk/site": SITE, "cmk/os_family": "linux"});
        if let (Some(object), Some(host)) = (labels.as_object_mut(), self.host) {
            for (name, value) in &host.labels {
                object.insert(name.clone(), json!(value));
            }
        }
        labels
    }

    /// Services in a state; 4 is pending.
    fn count(&self, state: usize) -> Cell<'static> {
        Cell::Int(self.counts().get(state).copied().unwrap_or(0))
    }
}

fn total<'r>(row: &'r HostRow<'_>) -> Cell<'r> {
    Cell::Int(row.counts().iter().sum())
}

/// The worst state of its services, by Checkmk's own order.
fn worst<'r>(row: &'r HostRow<'_>) -> Cell<'r> {
    let counts = row.counts();
    let worst = [2, 3, 1]
        .into_iter()
        .find(|state| counts.get(*state).is_some_and(|count| *count > 0));
    Cell::Int(
        worst
            .and_then(|state| i64::try_from(state).ok())
            .unwrap_or(0),
    )
}

const CELLS: &[(&str, Cells)] = &[
    ("name", |row| Cell::text(row.name())),
    ("alias", |row| Cell::Text(row.alias())),
    ("display_name", |row| Cell::text(row.name())),
    ("address", |row| Cell::text(row.address())),
    ("state", |row| Cell::Int(row.state())),
    ("hard_state", |row| Cell::Int(row.state())),
    ("last_state", |row| Cell::Int(row.state())),
    ("last_hard_state", |row| Cell::Int(row.state())),
    ("previous_hard_state", |_| Cell::Int(0)),
    ("state_type", |_| Cell::Int(1)),
    ("has_been_checked", |_| Cell::Int(1)),
    ("last_check", |row| {
        Cell::Int(row.now - row.now.rem_euclid(6))
    }),
    ("next_check", |row| {
        Cell::Int(row.now - row.now.rem_euclid(6) + 6)
    }),
    ("check_interval", |_| Cell::Float(0.1)),
    ("last_state_change", |row| Cell::Int(row.since())),
    ("last_hard_state_change", |row| Cell::Int(row.since())),
    ("last_time_up", |row| {
        Cell::Int(if row.state() == 0 {
            row.now
        } else {
            row.since()
        })
    }),
    ("acknowledged", |row| {
        Cell::flag(row.acknowledged().is_some())
    }),
    ("acknowledgement_type", |row| {
        Cell::Int(if row.acknowledged().is_some() { 2 } else { 0 })
    }),
    ("scheduled_downtime_depth", |row| {
        Cell::flag(row.downtime().is_some())
    }),
    ("in_notification_period", |_| Cell::Int(1)),
    ("in_service_period", |_| Cell::Int(1)),
    ("in_check_period", |_| Cell::Int(1)),
    ("check_period", |_| Cell::text("24X7")),
    ("notification_period", |_| Cell::text("24X7")),
    ("notifications_enabled", |_| Cell::Int(1)),
    ("active_checks_enabled", |_| Cell::Int(1)),
    ("checks_enabled", |_| Cell::Int(1)),
    ("is_flapping", |_| Cell::Int(0)),
    ("staleness", |_| Cell::Float(0.4)),
    ("current_attempt", |_| Cell::Int(1)),
    ("max_check_attempts", |_| Cell::Int(1)),
    ("check_type", |_| Cell::Int(0)),
    ("check_command", |_| Cell::text("check-mk-host-smart")),
    ("plugin_output", |row| Cell::Text(row.output())),
    ("long_plugin_output", |_| Cell::text("")),
    ("perf_data", |_| Cell::text("")),
    ("performance_data", |_| Cell::Json(json!({}))),
    ("comments_with_extra_info", |row| {
        Cell::Json(comments(row.world, row.acknowledged(), row.downtime()))
    }),
    ("downtimes_with_extra_info", |row| {
        Cell::Json(downtimes(row.world, row.downtime()))
    }),
    ("labels", |row| Cell::Json(row.labels())),
    ("parents", |row| {
        Cell::Json(json!(row.host.map(|host| &host.parents)))
    }),
    ("num_services", total),
    ("total_services", total),
    ("num_services_ok", |row| row.count(0)),
    ("num_services_warn", |row| row.count(1)),
    ("num_services_crit", |row| row.count(2)),
    ("num_services_unknown", |row| row.count(3)),
    ("num_services_pending", |row| row.count(4)),
    ("num_services_hard_ok", |row| row.count(0)),
    ("num_services_hard_warn", |row| row.count(1)),
    ("num_services_hard_crit", |row| row.count(2)),
    ("num_services_hard_unknown", |row| row.count(3)),
    ("worst_service_state", worst),
    ("worst_service_hard_state", worst),
];

impl Table for HostTable {
    type Row<'w> = HostRow<'w>;
    type Column = Column<Cells>;

    const TABLE: &'static str = "hosts";
    const DOMAIN: &'static str = "host";
    const COLLECTION: &'static str = "host";
    const REL: &'static str = "self";
    const ALWAYS: &'static [&'static str] = &["name"];

    fn count(world: &World) -> usize {
        world.sample.monitor.host.len() + generated_hosts(world)
    }

    fn row<'w>(world: &'w World, place: usize, now: i64, hostile: Option<&'w str>) -> HostRow<'w> {
        let host = world.sample.monitor.host.get(place);
        HostRow {
            world,
            place,
            now,
            hostile,
            host,
            generated: OnceCell::new(),
            counts: OnceCell::new(),
        }
    }

    fn column(name: &str) -> Option<(&'static str, Self::Column)> {
        find(Self::TABLE, CELLS, name)
    }

    fn cell<'r>(row: &'r HostRow<'_>, column: Self::Column) -> Cell<'r> {
        match column {
            Column::Of(cell) => cell(row),
            Column::Nothing(kind) => kind.cell(),
        }
    }

    fn host<'r>(row: &'r HostRow<'_>) -> &'r str {
        row.name()
    }

    fn id(row: &HostRow<'_>) -> String {
        row.name().to_owned()
    }

    fn title(row: &HostRow<'_>) -> String {
        row.name().to_owned()
    }

    fn href(row: &HostRow<'_>) -> String {
        format!(
            "http://localhost/{SITE}/check_mk/api/1.0/objects/host/{}",
            row.name()
        )
    }
}

/// Place of a host by name.
pub(super) fn place(world: &World, name: &str) -> Option<usize> {
    let sampled = &world.sample.monitor.host;
    sampled
        .iter()
        .position(|host| host.name == name)
        .or_else(|| {
            (0..generated_hosts(world))
                .find(|number| generated_name(*number) == name)
                .map(|number| sampled.len() + number)
        })
}

/// A text with the hostile ending of a test.
pub(super) fn with_ending<'a>(text: &'a str, ending: Option<&str>) -> Cow<'a, str> {
    match ending {
        Some(ending) => Cow::Owned(format!("{text}{ending}")),
        None => Cow::Borrowed(text),
    }
}

/// `[[id,author,comment,entry_type,entry_time],…]`
pub(super) fn comments(world: &World, acknowledged: Option<&Word>, down: Option<&Word>) -> Value {
    let entry = |word: &Word, kind: u8| {
        json!([
            100 + word.age.0 % 1000,
            word.by,
            word.text,
            kind,
            world.ago(word.age)
        ])
    };
    let acknowledged = acknowledged.map(|word| entry(word, 4));
    let down = down.map(|word| entry(word, 2));
    Value::Array(acknowledged.into_iter().chain(down).collect())
}

/// `[[id,author,comment,origin,entry_time,start,end,fixed,duration,recurring,is_pending],…]`
pub(super) fn downtimes(world: &World, down: Option<&Word>) -> Value {
    let entry = |word: &Word| {
        let start = world.ago(word.age);
        json!([
            7,
            word.by,
            word.text,
            1,
            start,
            start,
            start + 7 * 86_400,
            1,
            0,
            0,
            0
        ])
    };
    Value::Array(down.map(entry).into_iter().collect())
}

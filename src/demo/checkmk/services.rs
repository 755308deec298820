//! The services table: what is on the shelf, and generated services behind it.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::hosts::{HostRow, HostTable, comments, downtimes, with_ending};
use super::table::{Cell, Column, Table, find};
use super::{SITE, wobble};
use crate::demo::sample::{Queue, Service, Word};
use crate::demo::world::World;

/// How long after a guest's death its checks notice.
const NOTICED: i64 = 15;

/// Services of a generated host.
const EACH: usize = 10;

/// Names and commands of the services of a generated host.
const GENERATED: [(&str, &str); EACH] = [
    ("Check_MK", "check-mk"),
    ("CPU load", "check_mk-cpu_loads"),
    ("CPU utilization", "check_mk-kernel_util"),
    ("Memory", "check_mk-mem_linux"),
    ("Filesystem /", "check_mk-df"),
    ("Filesystem /var", "check_mk-df"),
    ("Interface 1", "check_mk-lnx_if"),
    (
        "Systemd Service Summary",
        "check_mk-systemd_units_services_summary",
    ),
    ("TCP Connections", "check_mk-tcp_conn_stats"),
    ("Uptime", "check_mk-uptime"),
];

/// Number of generated services.
fn generated(world: &World) -> usize {
    let wanted = world.options.size.unwrap_or(0).saturating_mul(EACH);
    wanted.saturating_sub(world.shelf.services.len())
}

/// Number of generated hosts.
pub(super) fn generated_hosts(world: &World) -> usize {
    generated(world).div_ceil(EACH)
}

/// Services of a host by state 0 to 3, and pending.
pub(super) fn counts(world: &World, host: usize, now: i64) -> [i64; 5] {
    let places = world.shelf.of_host.get(host).cloned().unwrap_or_else(|| {
        let begin = (host - world.shelf.of_host.len()) * EACH;
        let begin = world.shelf.services.len() + begin;
        begin..(begin + EACH).min(ServiceTable::count(world))
    });
    let mut counts = [0; 5];
    for place in places {
        let row = ServiceTable::row(world, place, now, None);
        let state = if row.pending() { 4 } else { row.state };
        if let Some(count) = usize::try_from(state)
            .ok()
            .and_then(|at| counts.get_mut(at))
        {
            *count += 1;
        }
    }
    counts
}

/// The services table.
pub(super) struct ServiceTable;

/// A service at a moment.
pub(super) struct ServiceRow<'w> {
    host: HostRow<'w>,
    which: Which<'w>,
    state: i64,
    since: i64,
    broken: bool,
}

enum Which<'w> {
    Sampled(&'w Service),
    Generated(usize),
}

type Cells = for<'r, 'w> fn(&'r ServiceRow<'w>) -> Cell<'r>;

impl ServiceRow<'_> {
    /// Its description.
    pub(super) fn name(&self) -> &str {
        match self.which {
            Which::Sampled(service) => &service.name,
            Which::Generated(number) => GENERATED.get(number % EACH).map_or("", |known| known.0),
        }
    }

    pub(super) fn command(&self) -> &str {
        match self.which {
            Which::Sampled(service) => &service.command,
            Which::Generated(number) => GENERATED.get(number % EACH).map_or("", |known| known.1),
        }
    }

    fn sampled(&self) -> Option<&Service> {
        match self.which {
            Which::Sampled(service) => Some(service),
            Which::Generated(_) => None,
        }
    }

    fn is(&self, of: impl Fn(&Service) -> bool) -> bool {
        self.sampled().is_some_and(of)
    }

    fn pending(&self) -> bool {
        self.is(|service| service.pending)
    }

    fn acknowledged(&self) -> Option<&Word> {
        self.sampled()?.acknowledged.as_ref()
    }

    fn downtime(&self) -> Option<&Word> {
        self.sampled()?.downtime.as_ref()
    }

    /// A text of the sample with its figures.
    fn filled(&self, text: &str) -> String {
        let (low, high) = self
            .sampled()
            .map_or((0.0, 1.0), |service| (service.low, service.high));
        let value = wobble(self.host.name(), self.name(), self.host.now, low, high);
        let digits = if high < 1.0 { 4 } else { 2 };
        let mut filled = text
            .replace("{v}", &format!("{value:.digits$}"))
            .replace("{n}", &format!("{value:.0}"))
            .replace("{host}", self.host.name());
        if let Some(queue) = self.sampled().and_then(|service| service.queue) {
            filled = filled.replace("{queue}", &self.depth(queue).to_string());
        }
        filled
    }

    fn depth(&self, queue: Queue) -> i64 {
        self.host.world.depth(queue, self.host.now)
    }

    fn output(&self) -> Cow<'_, str> {
        let text = match self.which {
            Which::Sampled(_) if self.pending() => String::new(),
            Which::Sampled(service) if self.broken => service.broken.clone(),
            Which::Sampled(service) => {
                let marker = match (service.queue.is_some(), self.state) {
                    (true, 1) => "(!)",
                    (true, 2) => "(!!)",
                    _ => "",
                };
                self.filled(&service.output) + marker
            }
            Which::Generated(number) => match self.state {
                0 => format!("Everything is as it should be with {number}"),
                1 => {
                    "Used: 84.13% - 12.6 GiB of 15.0 GiB (warn/crit at 80.00%/90.00%)(!)".to_owned()
                }
                2 => "Used: 97.40% - 14.6 GiB of 15.0 GiB (warn/crit at 80.00%/90.00%)(!!)"
                    .to_owned(),
                _ => "Item not found in monitoring data(?)".to_owned(),
            },
        };
        Cow::Owned(with_ending(&text, self.host.hostile).into_owned())
    }

    fn perf(&self) -> String {
        match self.which {
            Which::Sampled(_) if self.pending() || self.broken => String::new(),
            Which::Sampled(service) => self.filled(&service.perf),
            Which::Generated(number) => format!("value={};80;90;0;100", number % 80),
        }
    }

    fn checked(&self) -> i64 {
        let now = self.host.now;
        if self.pending() {
            0
        } else if self.is(|service| service.stale) {
            now - 19 * 60
        } else {
            now - now.rem_euclid(60)
        }
    }
}

const CELLS: &[(&str, Cells)] = &[
    ("host_name", |row| Cell::text(row.host.name())),
    ("description", |row| Cell::text(row.name())),
    ("display_name", |row| Cell::text(row.name())),
    ("state", |row| Cell::Int(row.state)),
    ("hard_state", |row| {
        Cell::Int(if row.is(|service| service.soft) {
            0
        } else {
            row.state
        })
    }),
    ("last_state", |row| Cell::Int(row.state)),
    ("last_hard_state", |row| Cell::Int(row.state)),
    ("previous_hard_state", |_| Cell::Int(0)),
    ("state_type", |row| {
        Cell::flag(!row.is(|service| service.soft))
    }),
    ("has_been_checked", |row| Cell::flag(!row.pending())),
    ("last_check", |row| Cell::Int(row.checked())),
    ("next_check", |row| Cell::Int(row.checked() + 60)),
    ("check_interval", |_| Cell::Float(1.0)),
    ("retry_interval", |_| Cell::Float(1.0)),
    ("last_state_change", |row| {
        Cell::Int(if row.pending() { 0 } else { row.since })
    }),
    ("last_hard_state_change", |row| {
        Cell::Int(if row.pending() { 0 } else { row.since })
    }),
    ("last_time_ok", |row| {
        Cell::Int(if row.state == 0 {
            row.checked()
        } else {
            row.since
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
    ("active_checks_enabled", |row| {
        Cell::flag(row.command().starts_with("check_mk_active-"))
    }),
    ("check_type", |row| {
        Cell::flag(row.command().starts_with("check_mk-"))
    }),
    ("checks_enabled", |_| Cell::Int(1)),
    ("is_flapping", |row| {
        Cell::flag(row.is(|service| service.flapping))
    }),
    ("staleness", |row| {
        Cell::Float(if row.is(|service| service.stale) {
            19.0
        } else {
            0.5
        })
    }),
    ("current_attempt", |_| Cell::Int(1)),
    ("max_check_attempts", |row| {
        Cell::Int(if row.is(|service| service.soft) { 3 } else { 1 })
    }),
    ("check_command", |row| Cell::text(row.command())),
    ("plugin_output", |row| Cell::Text(row.output())),
    ("long_plugin_output", |row| {
        let details = row.sampled().map(|service| row.filled(&service.details));
        Cell::text(details.unwrap_or_default())
    }),
    ("perf_data", |row| Cell::text(row.perf())),
    ("performance_data", |row| Cell::Json(values(&row.perf()))),
    ("comments_with_extra_info", |row| {
        Cell::Json(comments(row.host.world, row.acknowledged(), row.downtime()))
    }),
    ("downtimes_with_extra_info", |row| {
        Cell::Json(downtimes(row.host.world, row.downtime()))
    }),
    ("labels", |_| Cell::Json(json!({}))),
    ("host_alias", |row| Cell::Text(row.host.alias())),
    ("host_display_name", |row| Cell::text(row.host.name())),
    ("host_address", |row| Cell::text(row.host.address())),
    ("host_state", |row| Cell::Int(row.host.state())),
    ("host_hard_state", |row| Cell::Int(row.host.state())),
    ("host_state_type", |_| Cell::Int(1)),
    ("host_has_been_checked", |_| Cell::Int(1)),
    ("host_acknowledged", |row| {
        Cell::flag(row.host.acknowledged().is_some())
    }),
    ("host_scheduled_downtime_depth", |row| {
        Cell::flag(row.host.downtime().is_some())
    }),
    ("host_last_state_change", |row| Cell::Int(row.host.since())),
    ("host_labels", |row| Cell::Json(row.host.labels())),
];

impl Table for ServiceTable {
    type Row<'w> = ServiceRow<'w>;
    type Column = Column<Cells>;

    const TABLE: &'static str = "services";
    const DOMAIN: &'static str = "service";
    const COLLECTION: &'static str = "all";
    const REL: &'static str = "urn:com.checkmk:rels/show";
    const ALWAYS: &'static [&'static str] = &["host_name", "description"];

    fn count(world: &World) -> usize {
        world.shelf.services.len() + generated(world)
    }

    fn row<'w>(
        world: &'w World,
        place: usize,
        now: i64,
        hostile: Option<&'w str>,
    ) -> ServiceRow<'w> {
        let Some(shelved) = world.shelf.services.get(place) else {
            let number = place - world.shelf.services.len();
            let hosts = world.sample.monitor.host.len();
            // One in a hundred is a problem, the three kinds in turn.
            let state = if number % 100 == 61 {
                1 + i64::try_from(number / 100 % 3).unwrap_or(0)
            } else {
                0
            };
            return ServiceRow {
                host: HostTable::row(world, hosts + number / EACH, now, hostile),
                which: Which::Generated(number),
                state,
                since: world.start() - 60 * (1 + i64::try_from(number % 5000).unwrap_or(0)),
                broken: false,
            };
        };
        let host = HostTable::row(world, shelved.host, now, hostile);
        let service = shelved.service.as_ref();
        let down = down_since(world, &host, now)
            .filter(|since| !service.broken.is_empty() && now - since >= NOTICED);
        let (state, since) = match (down, service.queue) {
            (Some(since), _) => (2, since + NOTICED),
            (None, Some(queue)) => queue_state(world, service, queue, now),
            (None, None) => {
                let up = host.host.map(|host| host.up).unwrap_or_default();
                (
                    i64::from(service.state),
                    world.ago(service.since.unwrap_or(up)),
                )
            }
        };
        ServiceRow {
            host,
            which: Which::Sampled(service),
            state,
            since,
            broken: down.is_some(),
        }
    }

    fn column(name: &str) -> Option<(&'static str, Self::Column)> {
        find(Self::TABLE, CELLS, name)
    }

    fn cell<'r>(row: &'r ServiceRow<'_>, column: Self::Column) -> Cell<'r> {
        match column {
            Column::Of(cell) => cell(row),
            Column::Nothing(kind) => kind.cell(),
        }
    }

    fn host<'r>(row: &'r ServiceRow<'_>) -> &'r str {
        row.host.name()
    }

    fn id(row: &ServiceRow<'_>) -> String {
        format!("{}:{}", row.host.name(), row.name())
    }

    fn title(row: &ServiceRow<'_>) -> String {
        format!("{} on {}", row.name(), row.host.name())
    }

    fn href(row: &ServiceRow<'_>) -> String {
        let name: String = url::form_urlencoded::byte_serialize(row.name().as_bytes()).collect();
        format!(
            "http://localhost/{SITE}/check_mk/api/1.0/objects/host/{}/actions/show_service/invoke?service_description={name}",
            row.host.name()
        )
    }
}

/// Since when the guest behind a host is down by the scenario.
fn down_since(world: &World, host: &HostRow<'_>, now: i64) -> Option<i64> {
    let host = host.host?;
    let guest = host.guest.as_deref().unwrap_or(&host.name);
    world.is_down(guest, now).then(|| world.wiki(now).since)?
}

/// State of a queue by its levels, and since when.
fn queue_state(world: &World, service: &Service, queue: Queue, now: i64) -> (i64, i64) {
    let depth = world.depth(queue, now);
    let state = match service.levels {
        Some([_, critical]) if depth >= critical => 2,
        Some([warning, _]) if depth >= warning => 1,
        _ => 0,
    };
    let since = match world.wiki(now).since {
        // The queue fills for three minutes before anybody is warned.
        Some(since) if queue == Queue::Newsletter => (since + 180).min(now),
        _ => world.start() - 3600,
    };
    (state, since)
}

/// `performance_data`: the parsed values, without levels.
fn values(perf: &str) -> Value {
    let pairs = perf.split_whitespace().filter_map(|part| {
        let (name, rest) = part.split_once('=')?;
        let value = rest.split(';').next()?;
        let number = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
        Some((name.to_owned(), json!(number.parse::<f64>().ok()?)))
    });
    Value::Object(pairs.collect())
}

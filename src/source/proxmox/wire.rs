//! What Proxmox VE really sends, 3.4 to 9: `{"data": …}` around rows and objects.
//!
//! Rows borrow from the body. A list is read row by row: a row that makes no sense costs itself,
//! never the list. A body that is not whole costs everything.

pub mod lenient;

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::domain::failure::FailureKind;
use crate::domain::{Failure, Text};

use lenient::{Flag, Part, Real, Whole, Word};

/// Most rows taken from one list; what comes after is counted as left out.
pub const MOST_ROWS: u32 = 250_000;

/// An entry of `GET …/rrddata` of a node or a guest.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names are those of the wire")]
pub struct RrdRow {
    /// Unix seconds.
    pub time: Real,
    pub cpu: Real,
    pub iowait: Real,
    pub loadavg: Real,
    pub memtotal: Real,
    pub memused: Real,
    pub swaptotal: Real,
    pub swapused: Real,
    pub roottotal: Real,
    pub rootused: Real,
    pub mem: Real,
    pub maxmem: Real,
    pub netin: Real,
    pub netout: Real,
    pub diskread: Real,
    pub diskwrite: Real,
}

/// An entry of `GET /cluster/resources` (and of `GET /nodes`, which has the shape of its nodes).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ResourceRow<'a> {
    /// `node`, `storage`, `pool`, `qemu`, `lxc`, `openvz`, `sdn`, `network`.
    #[serde(borrow, rename = "type")]
    pub kind: Word<'a>,
    /// `qemu/100`, `node/pve1`, `storage/pve1/local`.
    #[serde(borrow)]
    pub id: Word<'a>,
    /// Node it is on, or is.
    #[serde(borrow)]
    pub node: Word<'a>,
    /// Guests.
    pub vmid: Whole,
    /// Guests: run state. Nodes and storages: since 5.1.
    #[serde(borrow)]
    pub status: Word<'a>,
    /// Guests; gone once the cluster has no figures.
    #[serde(borrow)]
    pub name: Word<'a>,
    /// Seconds.
    pub uptime: Whole,
    /// Guests.
    pub template: Flag,
    /// Part of `maxcpu`.
    pub cpu: Real,
    /// Cores, a fraction for LXC with `cpulimit`.
    pub maxcpu: Real,
    /// Bytes.
    pub mem: Whole,
    /// Bytes.
    pub maxmem: Whole,
    /// Bytes; always 0 for QEMU.
    pub disk: Whole,
    /// Bytes; a float beyond 64 bits where OpenVZ knows no limit.
    pub maxdisk: Whole,
    /// Guests.
    #[serde(borrow)]
    pub pool: Word<'a>,
    /// Guests, and nodes since 8.3.
    #[serde(borrow)]
    pub hastate: Word<'a>,
    /// Guests since 6.0.
    #[serde(borrow)]
    pub lock: Word<'a>,
    /// Guests since 7.3.
    #[serde(borrow)]
    pub tags: Word<'a>,
    /// Storages: the name.
    #[serde(borrow)]
    pub storage: Word<'a>,
    /// Storages since 6.3.
    #[serde(borrow)]
    pub plugintype: Word<'a>,
    /// Storages since 5.1.
    pub shared: Flag,
    /// Storages: comma list in no order.
    #[serde(borrow)]
    pub content: Word<'a>,
}

/// An entry of `GET /cluster/status`. 3.4 sends what `clustat` says: `state` for `online`, and the
/// quorum as an entry of its own.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct StatusRow<'a> {
    /// `cluster`, `node`, on 3.4 also `quorum`, `group`.
    #[serde(borrow, rename = "type")]
    pub kind: Word<'a>,
    /// Of the cluster or node.
    #[serde(borrow)]
    pub name: Word<'a>,
    /// Cluster (4 and later), quorum (3.4).
    pub quorate: Flag,
    /// Node, 4 and later.
    pub online: Flag,
    /// Node, 3.4.
    pub state: Flag,
    /// Node; missing for nodes never seen.
    #[serde(borrow)]
    pub ip: Word<'a>,
}

/// `GET /nodes/{node}/status`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NodeStatus<'a> {
    /// Three texts.
    pub loadavg: Part<Vec<Real>>,
    /// Part of the time spent waiting for disks.
    pub wait: Real,
    /// Swap.
    pub swap: Part<Swap>,
    /// `pve-manager/7.4-16/0f39f621`.
    #[serde(borrow)]
    pub pveversion: Word<'a>,
    /// `Linux 5.15.108-1-pve #1 SMP …`.
    #[serde(borrow)]
    pub kversion: Word<'a>,
    /// Processor.
    #[serde(borrow)]
    pub cpuinfo: Part<CpuInfo<'a>>,
}

/// Swap within [`NodeStatus`], bytes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Swap {
    /// In use.
    pub used: Whole,
    /// In all.
    pub total: Whole,
}

/// Processor within [`NodeStatus`].
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CpuInfo<'a> {
    /// `Intel(R) Core(TM) i7-6700 CPU @ 3.40GHz`.
    #[serde(borrow)]
    pub model: Word<'a>,
}

/// `GET /version`. Up to 5.x `release` is the revision of the package, so only `version` counts.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct VersionAnswer<'a> {
    /// `3.4`, `6.2-4`, `9.1.5`.
    #[serde(borrow)]
    pub version: Word<'a>,
}

/// An entry of `GET /cluster/tasks`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct TaskRow<'a> {
    /// `UPID:node:PID:PSTART:START:type:id:user:`.
    #[serde(borrow)]
    pub upid: Word<'a>,
    /// Node.
    #[serde(borrow)]
    pub node: Word<'a>,
    /// Unix seconds.
    pub starttime: Whole,
    /// Unix seconds; absent while it runs.
    pub endtime: Whole,
    /// `vzdump`, `qmstart`, ….
    #[serde(borrow, rename = "type")]
    pub kind: Word<'a>,
    /// Mostly a VMID, may be empty.
    #[serde(borrow)]
    pub id: Word<'a>,
    /// Without the token's name.
    #[serde(borrow)]
    pub user: Word<'a>,
    /// The token's name, when one did it.
    #[serde(borrow)]
    pub tokenid: Word<'a>,
    /// The exit text; absent while it runs.
    #[serde(borrow)]
    pub status: Word<'a>,
}

/// `POST /access/ticket`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct TicketAnswer<'a> {
    /// The ticket, or half a one that begins with `PVE:!tfa!`.
    #[serde(borrow)]
    pub ticket: Word<'a>,
    /// A second factor is wanted.
    #[serde(rename = "NeedTFA")]
    pub need_tfa: Flag,
}

/// Reads the rows of `{"data": [ … ]}`. `take` says whether a row made sense; the number of those
/// that did not, or were no rows at all, is returned.
pub fn for_each_row<'a, T, F>(text: &'a str, take: F) -> Result<u32, Failure>
where
    T: Deserialize<'a>,
    F: FnMut(T) -> bool,
{
    let mut skipped = None;
    let mut json = serde_json::Deserializer::from_str(text);
    let envelope = Envelope {
        rows: RowReader {
            take,
            row: std::marker::PhantomData,
        },
        skipped: &mut skipped,
    };
    envelope
        .deserialize(&mut json)
        .and_then(|()| json.end())
        .map_err(|error| unreadable(text, &error))?;
    skipped.ok_or_else(no_data)
}

/// Reads the object of `{"data": { … }}`.
pub fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Failure> {
    #[derive(Deserialize)]
    struct Envelope<'a> {
        #[serde(borrow, default, deserialize_with = "present")]
        data: Option<&'a RawValue>,
    }
    fn present<'de, D: Deserializer<'de>>(d: D) -> Result<Option<&'de RawValue>, D::Error> {
        <&RawValue>::deserialize(d).map(Some)
    }
    let envelope: Envelope<'a> =
        serde_json::from_str(text).map_err(|error| unreadable(text, &error))?;
    let data = envelope.data.ok_or_else(no_data)?.get();
    if data == "null" {
        return Err(malformed("\"data\" is empty"));
    }
    serde_json::from_str(data).map_err(|error| unreadable(data, &error))
}

/// What came instead of the answer, in one line: never the body, and never a value of it.
fn unreadable(text: &str, error: &serde_json::Error) -> Failure {
    let start = text.trim_start();
    if start.is_empty() {
        return malformed("an empty body instead of JSON");
    }
    if start.starts_with('<') {
        return page(start);
    }
    let place = format!("line {} column {}", error.line(), error.column());
    malformed(&match error.classify() {
        serde_json::error::Category::Eof => format!("JSON that ends too early, at {place}"),
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => {
            format!("not JSON, at {place}")
        }
        serde_json::error::Category::Data => format!("JSON of another shape, at {place}"),
    })
}

/// A web page: one that asks for a password stands before the API, any other is another place.
fn page(html: &str) -> Failure {
    const ENOUGH: usize = 64 * 1024;
    let head: String = html.chars().take(ENOUGH).collect();
    let asks_for_a_password = head.to_ascii_lowercase().contains("password");
    if asks_for_a_password {
        return Failure::new(FailureKind::LoginPage);
    }
    wrong_place("a web page came instead of the API's JSON")
}

fn malformed(detail: &str) -> Failure {
    Failure::new(FailureKind::Malformed {
        detail: Text::clean(detail),
    })
}

fn no_data() -> Failure {
    wrong_place("JSON without \"data\" came")
}

/// Something answers that is no Proxmox VE; says what to write instead.
pub fn wrong_place(what: &str) -> Failure {
    Failure::new(FailureKind::WrongPlace {
        detail: Text::clean(&format!(
            "{what}, so this is no Proxmox VE API; write url = \"https://HOST:8006\" with a node's address"
        )),
    })
}

struct Envelope<'s, T, F> {
    rows: RowReader<T, F>,
    skipped: &'s mut Option<u32>,
}

impl<'de, T: Deserialize<'de>, F: FnMut(T) -> bool> DeserializeSeed<'de> for Envelope<'_, T, F> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T) -> bool> Visitor<'de> for Envelope<'_, T, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with \"data\"")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<std::borrow::Cow<'_, str>>()? {
            if key == "data" && self.skipped.is_none() {
                *self.skipped = Some(map.next_value_seed(&mut self.rows)?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

struct RowReader<T, F> {
    take: F,
    row: std::marker::PhantomData<fn(T)>,
}

impl<'de, T: Deserialize<'de>, F: FnMut(T) -> bool> DeserializeSeed<'de> for &mut RowReader<T, F> {
    type Value = u32;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u32, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T) -> bool> Visitor<'de> for &mut RowReader<T, F> {
    type Value = u32;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<u32, A::Error> {
        let (mut skipped, mut seen) = (0u32, 0u32);
        while let Some(row) = seq.next_element::<&'de RawValue>()? {
            seen = seen.saturating_add(1);
            let made_sense = seen <= MOST_ROWS
                && row.get().starts_with('{')
                && serde_json::from_str(row.get()).is_ok_and(&mut self.take);
            skipped = skipped.saturating_add(u32::from(!made_sense));
        }
        Ok(skipped)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn names(text: &str) -> Result<(Vec<String>, u32), Failure> {
        let mut names = Vec::new();
        let skipped = for_each_row(text, |row: ResourceRow<'_>| {
            let Some(name) = row.name.get() else {
                return false;
            };
            names.push(name.to_owned());
            true
        })?;
        Ok((names, skipped))
    }

    #[test]
    fn a_bad_row_costs_itself_only() {
        let (names, skipped) = names(
            r#"{"total":9,"data":[{"name":"a"},null,7,["name"],{"name":"b","name":"c"},{"cpu":1e400,"name":"d"},{},{"name":"e"}]}"#,
        )
        .unwrap();
        assert_eq!(names, ["a", "e"]);
        assert_eq!(skipped, 6);
    }

    #[test]
    fn a_body_that_is_not_whole_costs_everything() {
        for (body, words) in [
            (r#"{"data":[{"name":"a"},{"name""#, "ends too early"),
            (r#"{"data":[{"name":"a"}]"#, "ends too early"),
            (r#"{"data":[{"name":"a"}]} x"#, "not JSON"),
            ("", "an empty body"),
            (r#"{"data":null}"#, "another shape"),
            (r#"{"data":{"name":"a"}}"#, "another shape"),
            ("[]", "another shape"),
        ] {
            let failure = names(body).unwrap_err();
            let FailureKind::Malformed { detail } = &failure.kind else {
                unreachable!("{body} gives {failure:?}");
            };
            assert!(detail.contains(words), "{body} gives {detail}");
        }
    }

    #[test]
    fn another_place_is_said_to_be_one() {
        for body in [
            "<!DOCTYPE html><html>",
            "\n <html>",
            r#"{"detail":"not found"}"#,
            "{}",
        ] {
            for failure in [
                names(body).unwrap_err(),
                object::<VersionAnswer<'_>>(body).err().unwrap(),
            ] {
                let FailureKind::WrongPlace { detail } = &failure.kind else {
                    unreachable!("{body} gives {failure:?}");
                };
                assert!(detail.contains("https://HOST:8006"), "{detail}");
            }
        }
    }

    #[test]
    fn a_page_that_asks_for_a_password_is_a_login_page() {
        let body = "<!DOCTYPE html><form><input type=\"PASSWORD\"></form>";
        assert_eq!(names(body).unwrap_err().kind, FailureKind::LoginPage);
    }

    #[test]
    fn deep_nesting_in_a_field_does_no_harm() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let (names, skipped) = names(&format!(
            r#"{{"data":[{{"name":"a","x":{deep}}},{{"name":"b"}}]}}"#
        ))
        .unwrap();
        assert!(names.contains(&"b".to_owned()));
        assert_eq!(names.len() + skipped as usize, 2);
    }

    #[test]
    fn an_object_without_content_is_an_error() {
        assert!(matches!(
            object::<VersionAnswer<'_>>(r#"{"data":null}"#)
                .err()
                .unwrap()
                .kind,
            FailureKind::Malformed { .. }
        ));
        let version: VersionAnswer<'_> =
            object(r#"{"data":{"version":"3.4","release":"16","keyboard":"de"}}"#).unwrap();
        assert_eq!(version.version.get(), Some("3.4"));
    }
}

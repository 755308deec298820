//! `GET /nodes/{n}/rrddata` and `…/{kind}/{vmid}/rrddata`: what Proxmox itself wrote down.
//!
//! The same shape in all versions from 3.4 to 9: entries with a `time` and floats, a missing sample being a
//! missing key. Up to 8 there are 70 entries; 9 gives 1440 for a day, and after an update it mixes coarse and fine
//! ones, so an entry's place in the list means nothing. Network and disks are rates in bytes a second.

use std::time::Duration;

use crate::domain::graph::{Course, Graph, Measure, Point};
use crate::domain::{Failure, Moment};

use super::super::wire::lenient::Real;
use super::super::wire::{self, RrdRow};

/// Most entries taken: a day of minutes twice over.
const MOST: usize = 4000;
/// Least time that a sample stands for what follows.
const LEAST: Duration = Duration::from_mins(3);

/// How a measure is read from an entry.
type Column = (Measure, fn(&RrdRow) -> Option<f64>);

/// Columns of a node.
const NODE: &[Column] = &[
    (Measure::Cpu, |row| row.cpu.0),
    (Measure::IoWait, |row| row.iowait.0),
    (Measure::Load, |row| row.loadavg.0),
    (Measure::Memory, |row| part(row.memused, row.memtotal)),
    (Measure::Swap, |row| part(row.swapused, row.swaptotal)),
    (Measure::Disk, |row| part(row.rootused, row.roottotal)),
    (Measure::NetIn, |row| row.netin.0),
    (Measure::NetOut, |row| row.netout.0),
];

/// Columns of a guest.
const GUEST: &[Column] = &[
    (Measure::Cpu, |row| row.cpu.0),
    (Measure::Memory, |row| part(row.mem, row.maxmem)),
    (Measure::NetIn, |row| row.netin.0),
    (Measure::NetOut, |row| row.netout.0),
    (Measure::DiskRead, |row| row.diskread.0),
    (Measure::DiskWrite, |row| row.diskwrite.0),
];

fn part(used: Real, all: Real) -> Option<f64> {
    let all = all.0.filter(|all| *all > 0.0)?;
    Some(used.0? / all)
}

/// Reads the body of a node's `rrddata`.
///
/// # Errors
/// The body is not whole, not JSON or has no list of entries.
pub fn parse_node(body: &[u8]) -> Result<Graph, Failure> {
    parse(body, NODE)
}

/// Reads the body of a guest's `rrddata`.
///
/// # Errors
/// As [`parse_node`].
pub fn parse_guest(body: &[u8]) -> Result<Graph, Failure> {
    parse(body, GUEST)
}

fn parse(body: &[u8], columns: &[Column]) -> Result<Graph, Failure> {
    let text = String::from_utf8_lossy(body);
    let mut rows: Vec<(Moment, RrdRow)> = Vec::new();
    // Entries without a time are of no use; how many there were matters to nobody.
    wire::for_each_row(&text, |row: RrdRow| {
        let at = row.time.0.and_then(|time| Moment::from_unix(whole(time)?));
        if let Some(at) = at.filter(|_| rows.len() < MOST) {
            rows.push((at, row));
        }
        at.is_some()
    })?;
    rows.sort_by_key(|(at, _)| *at);
    rows.dedup_by_key(|(at, _)| *at);
    let holds = step(&rows).mul_f64(2.5).max(LEAST);
    let course = |(measure, value): &Column| {
        let points: Vec<Point> = rows
            .iter()
            .filter_map(|(at, row)| {
                let value = value(row).filter(|v| (0.0..1e15).contains(v))?;
                Some(Point::one(*at, value))
            })
            .collect();
        (!points.is_empty()).then_some(Course {
            measure: *measure,
            points,
            holds,
        })
    };
    Ok(Graph {
        courses: columns.iter().filter_map(course).collect(),
    })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "checked to be a time that is within 64 bits"
)]
fn whole(time: f64) -> Option<i64> {
    (0.0..1e12).contains(&time).then_some(time as i64)
}

/// The usual time between two entries; where coarse and fine ones are mixed, that of the coarse ones.
fn step(rows: &[(Moment, RrdRow)]) -> Duration {
    let mut gaps: Vec<Duration> = rows
        .windows(2)
        .filter_map(|pair| match pair {
            [(before, _), (after, _)] => Some(after.until(*before)),
            _ => None,
        })
        .collect();
    gaps.sort();
    // Nine tenths of the gaps are no greater: a few holes do not count, a coarse half does.
    gaps.get(gaps.len() * 9 / 10).copied().unwrap_or_default()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn a_nodes_entries_by_their_time_and_with_their_gaps() {
        let body = br#"{"data":[
            {"time":1795293120,"cpu":0.5,"maxcpu":8,"memused":2e9,"memtotal":8e9,"netin":1000.5,"loadavg":"1.5","iowait":null},
            {"time":1795293000,"cpu":0.25,"memused":4e9,"memtotal":8e9,"swapused":1,"swaptotal":0,"netin":-1},
            {"time":1795293060},
            {"cpu":0.9},
            {"time":1795293180,"cpu":"NaN","netin":1e400}]}"#;
        let graph = parse_node(body).unwrap();
        let seen: Vec<(Measure, Vec<(i64, f64)>)> = graph
            .courses
            .iter()
            .map(|c| {
                let points = c.points.iter().map(|p| (p.at.as_unix(), p.mean));
                (c.measure, points.collect())
            })
            .collect();
        assert_eq!(
            seen,
            [
                (
                    Measure::Cpu,
                    vec![(1_795_293_000, 0.25), (1_795_293_120, 0.5)]
                ),
                (Measure::Load, vec![(1_795_293_120, 1.5)]),
                (
                    Measure::Memory,
                    vec![(1_795_293_000, 0.5), (1_795_293_120, 0.25)]
                ),
                (Measure::NetIn, vec![(1_795_293_120, 1000.5)]),
            ]
        );
        assert_eq!(graph.courses[0].holds, LEAST);
    }

    #[test]
    fn a_guests_entries_hold_as_long_as_they_are_apart() {
        let body = br#"{"data":[
            {"time":1795280400,"cpu":0.1,"mem":1,"maxmem":4,"diskread":5,"diskwrite":6,"netin":1,"netout":2},
            {"time":1795291200,"cpu":0.2,"mem":2,"maxmem":4,"diskread":5,"diskwrite":6,"netin":1,"netout":2}]}"#;
        let graph = parse_guest(body).unwrap();
        let measures: Vec<Measure> = graph.courses.iter().map(|c| c.measure).collect();
        assert_eq!(
            measures,
            [
                Measure::Cpu,
                Measure::Memory,
                Measure::NetIn,
                Measure::NetOut,
                Measure::DiskRead,
                Measure::DiskWrite
            ]
        );
        assert_eq!(graph.courses[0].holds, Duration::from_mins(450));
    }

    #[test]
    fn nothing_was_written_down_is_no_failure_and_nonsense_is() {
        assert_eq!(parse_guest(br#"{"data":[]}"#).unwrap(), Graph::default());
        parse_guest(b"<html>").unwrap_err();
        parse_guest(br#"{"data":[{"time":17952804"#).unwrap_err();
    }
}

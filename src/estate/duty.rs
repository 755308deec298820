//! Who is on call now and next, group by group, and when nobody is.

use crate::domain::person::{Roster, Shift};
use crate::domain::{Batch, Moment, Reading, SourceId, Text};

use super::{Estate, Feed, PersonRow, call};

/// How far ahead gaps are looked for.
const AHEAD: std::time::Duration = std::time::Duration::from_hours(24 * 28);

/// The on-call duty of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Duty<'a> {
    /// The group's name.
    pub group: &'a Text,
    /// The roster it is in.
    pub source: SourceId,
    /// Who is on call now; several when shifts overlap, nobody in a gap.
    pub now: Vec<(&'a PersonRow, &'a Shift)>,
    /// Who comes next.
    pub next: Option<(&'a PersonRow, &'a Shift)>,
    /// When nobody is on call in the next four weeks, the one that goes on now included; without an end when no
    /// shift is known to end it.
    pub gaps: Vec<(Moment, Option<Moment>)>,
    /// Shifts of these weeks during all or part of which who has it is away.
    pub away: Vec<(&'a PersonRow, &'a Shift)>,
}

/// The duties of all groups that have one, in the order of the rosters.
pub fn all(estate: &Estate, now: Moment) -> Vec<Duty<'_>> {
    let mut duties = Vec::new();
    for source in &estate.sources {
        let Some(Batch::Roster(roster)) = source.feed(Reading::Roster).and_then(Feed::batch) else {
            continue;
        };
        let groups = if roster.on_call.is_empty() {
            groups_with_shifts(roster)
        } else {
            roster.on_call.clone()
        };
        for id in &groups {
            let group = estate
                .groups
                .iter()
                .find(|row| row.source == source.id && row.group.id == *id);
            let Some(group) = group else { continue };
            let mut shifts: Vec<(&PersonRow, &Shift)> = estate
                .people
                .iter()
                .filter(|person| person.source == source.id)
                .flat_map(|person| person.shifts.iter().map(move |shift| (person, shift)))
                .filter(|(_, shift)| shift.group == *id && shift.until > now)
                .collect();
            shifts.sort_by_key(|(_, shift)| (shift.from, shift.until));
            let end = roster
                .told
                .map_or(now, |(_, until)| until)
                .min(now.plus(AHEAD));
            duties.push(Duty {
                group: &group.group.name,
                source: source.id,
                gaps: gaps(shifts.iter().map(|(_, shift)| *shift), now, end),
                away: shifts
                    .iter()
                    .filter(|(person, shift)| {
                        shift.from < end && is_away_in(estate, person, shift, now)
                    })
                    .copied()
                    .collect(),
                next: shifts.iter().find(|(_, shift)| shift.from > now).copied(),
                now: shifts
                    .into_iter()
                    .filter(|(_, shift)| shift.from <= now)
                    .collect(),
            });
        }
    }
    duties
}

/// A roster kept from before groups were told.
fn groups_with_shifts(roster: &Roster) -> Vec<Text> {
    let mut groups: Vec<Text> = Vec::new();
    for shift in &roster.shifts {
        if !groups.contains(&shift.group) {
            groups.push(shift.group.clone());
        }
    }
    groups
}

/// What no shift covers between `now` and `end`. Shifts are sorted by start.
fn gaps<'a>(
    shifts: impl Iterator<Item = &'a Shift>,
    now: Moment,
    end: Moment,
) -> Vec<(Moment, Option<Moment>)> {
    let mut gaps = Vec::new();
    let mut covered = now;
    for shift in shifts {
        if shift.from > covered && covered < end {
            gaps.push((covered, Some(shift.from)));
        }
        covered = covered.max(shift.until);
    }
    if covered < end {
        gaps.push((covered, None));
    }
    gaps
}

/// Whether somebody is away, by their own calendar, on a day that what is left of a shift touches.
fn is_away_in(estate: &Estate, person: &PersonRow, shift: &Shift, now: Moment) -> bool {
    let Some(entry) = person.roster.and_then(|at| estate.person(at)) else {
        return false;
    };
    let zone = call::zone_of(entry);
    let day = |at: Moment| at.timestamp().to_zoned(zone.clone()).date();
    let first = day(shift.from.max(now));
    // A shift that ends at midnight does not touch the day that begins then.
    let last = day(shift.until.minus(std::time::Duration::from_secs(1)));
    entry
        .away
        .iter()
        .any(|(from, to)| *from <= last && first <= *to)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn at(hour: i64) -> Moment {
        Moment::from_unix(1_790_000_000 + hour * 3600).unwrap()
    }

    fn shift(from: i64, until: i64) -> Shift {
        Shift {
            group: Text::clean("g"),
            login: Text::clean("a"),
            from: at(from),
            until: at(until),
        }
    }

    fn gaps_of(shifts: &[Shift], end: i64) -> Vec<(Moment, Option<Moment>)> {
        gaps(shifts.iter(), at(0), at(end))
    }

    #[test]
    fn what_no_shift_covers_is_a_gap() {
        assert!(gaps_of(&[shift(-5, 5), shift(5, 20)], 20).is_empty());
        assert_eq!(gaps_of(&[], 20), [(at(0), None)]);
        assert_eq!(
            gaps_of(&[shift(2, 5), shift(6, 9)], 20),
            [(at(0), Some(at(2))), (at(5), Some(at(6))), (at(9), None)]
        );
        // A long one over a short one hides nothing.
        assert_eq!(
            gaps_of(&[shift(-1, 10), shift(1, 2), shift(11, 30)], 20),
            [(at(10), Some(at(11)))]
        );
        // A gap is told whole, also where it ends later than we look.
        assert_eq!(
            gaps_of(&[shift(-1, 10), shift(25, 30)], 20),
            [(at(10), Some(at(25)))]
        );
    }
}

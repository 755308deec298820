//! Who is on call when: a rotation with exceptions, reckoned in its own time zone.

use jiff::ToSpan;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

use crate::domain::person::Shift;
use crate::domain::{Moment, Text};

/// When one hands over to the next, by the clock on the wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HandOver {
    /// Day of the week; `None`: every day.
    pub(super) day: Option<Weekday>,
    pub(super) time: Time,
}

impl HandOver {
    /// From `Mon 08:00` or `daily 08:00`; days also in full, in any case.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (day, time) = text.trim().split_once(char::is_whitespace)?;
        let day = match day.to_ascii_lowercase().as_str() {
            "daily" => None,
            "mon" | "monday" => Some(Weekday::Monday),
            "tue" | "tuesday" => Some(Weekday::Tuesday),
            "wed" | "wednesday" => Some(Weekday::Wednesday),
            "thu" | "thursday" => Some(Weekday::Thursday),
            "fri" | "friday" => Some(Weekday::Friday),
            "sat" | "saturday" => Some(Weekday::Saturday),
            "sun" | "sunday" => Some(Weekday::Sunday),
            _ => return None,
        };
        let (hour, minute) = time.trim().split_once(':')?;
        let time = Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()?;
        Some(Self { day, time })
    }

    const fn days(self) -> i32 {
        if self.day.is_some() { 7 } else { 1 }
    }
}

/// Somebody else than it would be by turns.
#[derive(Debug)]
pub(super) struct Stint {
    /// From the hand-over's time on this day
    pub(super) first: Date,
    /// to the hand-over's time on the day after this one.
    pub(super) last: Date,
    pub(super) login: Text,
}

/// A rotation: the first in `order` begins at the first hand-over on or after `since`.
#[derive(Debug)]
pub(super) struct Rota {
    pub(super) group: Text,
    pub(super) hand_over: HandOver,
    pub(super) zone: TimeZone,
    /// Never empty.
    pub(super) order: Vec<Text>,
    pub(super) since: Date,
    /// Last day on which a turn may begin.
    pub(super) until: Option<Date>,
    pub(super) stints: Vec<Stint>,
}

impl Rota {
    /// Whole shifts that touch the time between `from` and `until`, in order. They follow each other without a
    /// gap: a shift over a change of the clocks is an hour longer or shorter.
    pub(super) fn shifts(&self, from: Moment, until: Moment) -> Vec<Shift> {
        let mut shifts: Vec<(Shift, bool)> = Vec::new();
        let Some(first) = self.first_day() else {
            return Vec::new();
        };
        let stints: Vec<(Moment, Moment, &Text)> = self
            .stints
            .iter()
            .filter_map(|stint| {
                let end = stint.last.tomorrow().ok()?;
                Some((self.at(stint.first)?, self.at(end)?, &stint.login))
            })
            .collect();
        let days = self.hand_over.days();
        let today = from.timestamp().to_zoned(self.zone.clone()).date();
        let passed = first.until(today).map_or(0, |span| span.get_days());
        let mut turn = (passed.div_euclid(days) - 1).max(0);
        while let Some((begin, end)) = self.turn(first, turn)
            && begin < until
        {
            if let Some(by_turns) = usize::try_from(turn)
                .ok()
                .and_then(|turn| self.order.get(turn % self.order.len().max(1)))
            {
                for (begin, end, stint) in pieces(begin, end, &stints) {
                    let login = stint.unwrap_or(by_turns);
                    match shifts.last_mut() {
                        // The same person goes on: only the turns themselves are told apart.
                        Some((before, replaced))
                            if before.login == *login && (*replaced || stint.is_some()) =>
                        {
                            before.until = end;
                            *replaced = stint.is_some();
                        }
                        _ => shifts.push((
                            Shift {
                                group: self.group.clone(),
                                login: login.clone(),
                                from: begin,
                                until: end,
                            },
                            stint.is_some(),
                        )),
                    }
                }
            }
            turn += 1;
        }
        shifts
            .into_iter()
            .map(|(shift, _)| shift)
            .filter(|shift| shift.until > from && shift.from < until)
            .collect()
    }

    /// The day of the first hand-over.
    fn first_day(&self) -> Option<Date> {
        let Some(day) = self.hand_over.day else {
            return Some(self.since);
        };
        let wait = self.since.weekday().until(day);
        self.since.checked_add(i32::from(wait).days()).ok()
    }

    /// Begin and end of a turn.
    fn turn(&self, first: Date, turn: i32) -> Option<(Moment, Moment)> {
        let days = self.hand_over.days();
        let begin = first.checked_add(turn.checked_mul(days)?.days()).ok()?;
        if self.until.is_some_and(|until| begin > until) {
            return None;
        }
        let end = begin.checked_add(days.days()).ok()?;
        Some((self.at(begin)?, self.at(end)?))
    }

    /// The hand-over's time on a day. A time that the clocks skip is the one an hour later, of a time that
    /// comes twice it is the first.
    fn at(&self, day: Date) -> Option<Moment> {
        let zoned = day
            .to_datetime(self.hand_over.time)
            .to_zoned(self.zone.clone())
            .ok()?;
        Some(Moment::from_millis(zoned.timestamp().as_millisecond()))
    }
}

/// A turn cut where stints begin and end, each piece with its stint; of two at once the later in the file.
fn pieces<'a>(
    begin: Moment,
    end: Moment,
    stints: &[(Moment, Moment, &'a Text)],
) -> Vec<(Moment, Moment, Option<&'a Text>)> {
    let mut cuts: Vec<Moment> = stints
        .iter()
        .flat_map(|(from, until, _)| [*from, *until])
        .filter(|cut| begin < *cut && *cut < end)
        .chain([begin, end])
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    std::iter::zip(&cuts, cuts.iter().skip(1))
        .map(|(&from, &until)| {
            let stint = stints
                .iter()
                .rev()
                .find(|(first, last, _)| *first <= from && until <= *last)
                .map(|(_, _, login)| *login);
            (from, until, stint)
        })
        .collect()
}

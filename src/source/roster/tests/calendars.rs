//! Shifts from calendars: what repeats, time zones and changes of the clocks, files nobody should trust.

use super::*;
use crate::domain::person::Person;
use calendar::Found;

fn people() -> Vec<Person> {
    let toml = r#"
[[person]]
login = "anne"
name = "Anne Bonny"
contacts = [{ kind = "mail", value = "anne@example.org" }]
[[person]]
login = "grace"
name = "Grace O'Malley"
[[person]]
login = "mary"
name = "Mary Read"
"#;
    let day = at("2026-01-01T00:00:00Z");
    file::parse(toml).unwrap().roster(&[], day, day).people
}

fn calendar(events: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n{events}END:VCALENDAR\r\n")
        .replace('\n', "\r\n")
        .replace("\r\r", "\r")
}

fn event(lines: &str) -> String {
    format!("BEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\n{lines}END:VEVENT\n")
}

/// The end of all repetition.
fn far() -> Moment {
    at("2028-01-01T00:00:00Z")
}

fn berlin() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::get("Europe/Berlin").unwrap()
}

fn found(text: &str, from: &str, until: &str) -> Found {
    let events = Events::read(text, Some(&berlin()), far()).unwrap();
    events.shifts(&Text::clean("g"), &people(), at(from), at(until))
}

/// Shifts as `login from until`.
fn told(text: &str, from: &str, until: &str) -> Vec<String> {
    let found = found(text, from, until);
    let shifts = found.shifts.iter();
    shifts
        .map(|s| format!("{} {} {}", s.login, s.from.rfc3339(), s.until.rfc3339()))
        .chain(found.remarks)
        .collect()
}

#[test]
fn a_weekly_shift_keeps_its_hours_when_the_clocks_change() {
    let weekly = calendar(&event(
        "SUMMARY:anne\nDTSTART;TZID=Europe/Berlin:20260105T080000\nDTEND;TZID=Europe/Berlin:20260112T080000\n\
         RRULE:FREQ=WEEKLY;INTERVAL=2\n",
    ));
    // Forward on 29 March: that week is an hour shorter.
    assert_eq!(
        told(&weekly, "2026-03-25T00:00:00Z", "2026-04-12T00:00:00Z"),
        ["anne 2026-03-30T06:00:00Z 2026-04-06T06:00:00Z"]
    );
    assert_eq!(
        told(&weekly, "2026-03-17T00:00:00Z", "2026-03-23T08:00:00Z"),
        ["anne 2026-03-16T07:00:00Z 2026-03-23T07:00:00Z"]
    );
    // Back on 25 October: begun in summer, ended in winter.
    let other = weekly.replace("20260105", "20260112").replace(
        "DTEND;TZID=Europe/Berlin:20260112",
        "DTEND;TZID=Europe/Berlin:20260119",
    );
    assert_eq!(
        told(&other, "2026-10-20T00:00:00Z", "2026-10-27T00:00:00Z"),
        ["anne 2026-10-19T06:00:00Z 2026-10-26T07:00:00Z"]
    );
    assert_eq!(
        told(&other, "2026-03-24T00:00:00Z", "2026-03-31T00:00:00Z"),
        ["anne 2026-03-23T07:00:00Z 2026-03-30T06:00:00Z"]
    );
}

#[test]
fn hours_that_are_skipped_or_come_twice_happen_once() {
    let nightly = calendar(&event(
        "SUMMARY:grace\nDTSTART;TZID=Europe/Berlin:20260301T023000\nDURATION:PT1H\nRRULE:FREQ=DAILY\n",
    ));
    assert_eq!(
        told(&nightly, "2026-03-28T00:00:00Z", "2026-03-30T12:00:00Z"),
        [
            "grace 2026-03-28T01:30:00Z 2026-03-28T02:30:00Z",
            // There is no half past two: an hour later, and an hour long all the same.
            "grace 2026-03-29T01:30:00Z 2026-03-29T02:30:00Z",
            "grace 2026-03-30T00:30:00Z 2026-03-30T01:30:00Z",
        ]
    );
    assert_eq!(
        told(&nightly, "2026-10-24T00:00:00Z", "2026-10-26T12:00:00Z"),
        [
            "grace 2026-10-24T00:30:00Z 2026-10-24T01:30:00Z",
            "grace 2026-10-25T00:30:00Z 2026-10-25T01:30:00Z",
            "grace 2026-10-26T01:30:00Z 2026-10-26T02:30:00Z",
        ]
    );
    // A duration in days is days on the calendar, one in hours is hours.
    let days = nightly.replace("DURATION:PT1H", "DURATION:P1D");
    assert_eq!(
        told(&days, "2026-10-24T12:00:00Z", "2026-10-25T00:00:00Z"),
        ["grace 2026-10-24T00:30:00Z 2026-10-25T00:30:00Z"]
    );
    let hours = nightly
        .replace("DURATION:PT1H", "DURATION:PT24H")
        .replace("FREQ=DAILY", "FREQ=WEEKLY;BYDAY=SU");
    assert_eq!(
        told(&hours, "2026-10-25T12:00:00Z", "2026-10-26T00:00:00Z"),
        ["grace 2026-10-25T00:30:00Z 2026-10-26T00:30:00Z"]
    );
}

#[test]
fn whole_days_are_those_of_the_rotations_zone() {
    let days = calendar(&event(
        "SUMMARY:Mary Read\nDTSTART;VALUE=DATE:20261024\nDTEND;VALUE=DATE:20261026\n",
    ));
    // Two days with a change of the clocks between them are 49 hours.
    assert_eq!(
        told(&days, "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"),
        ["mary 2026-10-23T22:00:00Z 2026-10-25T23:00:00Z"]
    );
    let one = calendar(&event(
        "SUMMARY:MARY\nDTSTART;VALUE=DATE:20260329\nRRULE:FREQ=YEARLY\n",
    ));
    assert_eq!(
        told(&one, "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"),
        ["mary 2026-03-28T23:00:00Z 2026-03-29T22:00:00Z"],
        "a day without an end is a day, of 23 hours here"
    );
    // Without a zone in the roster the calendar's own.
    let own = days.replace("PRODID", "X-WR-TIMEZONE:America/New_York\r\nPRODID");
    let events = Events::read(&own, None, far()).unwrap();
    let found = events.shifts(
        &Text::clean("g"),
        &people(),
        at("2026-10-01T00:00:00Z"),
        at("2026-11-01T00:00:00Z"),
    );
    assert_eq!(found.shifts[0].from.rfc3339(), "2026-10-24T04:00:00Z");
}

#[test]
fn exceptions_replacements_and_ends_are_honoured() {
    let series = calendar(
        &(event(
            "SUMMARY:anne\nDTSTART;TZID=Europe/Berlin:20261101T080000\nDTEND;TZID=Europe/Berlin:20261101T200000\n\
             RRULE:FREQ=DAILY;UNTIL=20261107T070000Z\nSEQUENCE:0\n\
             EXDATE;TZID=Europe/Berlin:20261102T080000\nEXDATE:20261103T070000Z\nRDATE;TZID=Europe/Berlin:20261115T080000\n",
        ) + &event(
            "SUMMARY:grace\nRECURRENCE-ID;TZID=Europe/Berlin:20261104T080000\nSEQUENCE:3\n\
             DTSTART;TZID=Europe/London:20261104T090000\nDTEND;TZID=Europe/London:20261104T210000\n",
        ) + &event(
            "SUMMARY:anne\nRECURRENCE-ID;TZID=Europe/Berlin:20261105T080000\nSTATUS:CANCELLED\n\
             DTSTART;TZID=Europe/Berlin:20261105T080000\nDTEND;TZID=Europe/Berlin:20261105T200000\n",
        )),
    );
    assert_eq!(
        told(&series, "2026-10-01T00:00:00Z", "2026-12-01T00:00:00Z"),
        [
            "anne 2026-11-01T07:00:00Z 2026-11-01T19:00:00Z",
            // The second and third are taken out, the fourth is Grace's, the fifth nobody's.
            "grace 2026-11-04T09:00:00Z 2026-11-04T21:00:00Z",
            "anne 2026-11-06T07:00:00Z 2026-11-06T19:00:00Z",
            // The last begins just when the series ends.
            "anne 2026-11-07T07:00:00Z 2026-11-07T19:00:00Z",
            "anne 2026-11-15T07:00:00Z 2026-11-15T19:00:00Z",
        ]
    );
}

#[test]
fn two_series_at_the_same_time_do_not_share_their_exceptions() {
    let one = event(
        "SUMMARY:anne\nDTSTART:20261101T080000Z\nDTEND:20261101T200000Z\nRRULE:FREQ=DAILY;COUNT=2\n",
    );
    let two = one.replace("UID:1", "UID:2").replace("anne", "grace");
    let moved = event(
        "SUMMARY:mary\nRECURRENCE-ID:20261102T080000Z\nDTSTART:20261102T090000Z\nDTEND:20261102T100000Z\n",
    );
    assert_eq!(
        told(
            &calendar(&(one + &two + &moved)),
            "2026-11-02T00:00:00Z",
            "2026-11-03T00:00:00Z"
        ),
        [
            "grace 2026-11-02T08:00:00Z 2026-11-02T20:00:00Z",
            "mary 2026-11-02T09:00:00Z 2026-11-02T10:00:00Z",
        ]
    );
}

#[test]
fn somebody_is_found_by_address_name_or_word() {
    let named = |lines: &str| {
        let text = calendar(&event(&format!(
            "{lines}DTSTART:20261101T080000Z\nDTEND:20261101T200000Z\n"
        )));
        told(&text, "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z")
            .iter()
            .map(|t| t.split(" 2026-11-01T").next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        named("SUMMARY:On call\nATTENDEE;CN=A:mailto:Anne@Example.org\n"),
        ["anne"]
    );
    assert_eq!(
        named("SUMMARY:On call: Grace O'Malley (backup)\n"),
        ["grace"]
    );
    assert_eq!(named("SUMMARY:anne + mary\n"), ["anne", "mary"]);
    assert_eq!(
        named("SUMMARY:Joanne\nATTENDEE;PARTSTAT=DECLINED:mailto:anne@example.org\n"),
        ["the event \"Joanne\" of 2026-11-01 names nobody of the roster"]
    );
}

#[test]
fn zones_of_other_programs_are_understood_and_invented_ones_told() {
    let zone = "BEGIN:VTIMEZONE\nTZID:Unsere Zeit\nX-LIC-LOCATION:Europe/Berlin\nBEGIN:STANDARD\nDTSTART:19701025T030000\n\
                TZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\n";
    let of = |tzid: &str| {
        event(&format!(
            "SUMMARY:anne\nDTSTART;TZID={tzid}:20260701T080000\nDURATION:PT8H\n"
        ))
    };
    let july = ("2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z");
    for tzid in ["Unsere Zeit", "W. Europe Standard Time", "Europe/Berlin"] {
        let text = calendar(&(zone.to_owned() + &of(tzid)));
        assert_eq!(
            told(&text, july.0, july.1),
            ["anne 2026-07-01T06:00:00Z 2026-07-01T14:00:00Z"],
            "{tzid}"
        );
    }
    assert_eq!(
        told(&calendar(&of("Atlantis/Capital")), july.0, july.1),
        ["the time zone \"Atlantis/Capital\" is not known, so its events are left out"]
    );
}

#[test]
fn what_is_no_calendar_or_too_much_of_one_is_refused() {
    let refused = |text: &str| Events::read(text, None, far()).unwrap_err();
    assert_eq!(refused(""), "it is no calendar");
    assert_eq!(refused("<html>login</html>"), "it is no calendar");
    assert_eq!(refused("[[group]]\nid = \"g\"\n"), "it is no calendar");
    let whole = calendar(&event(
        "SUMMARY:anne\nDTSTART:20261101T080000Z\nDTEND:20261101T200000Z\n",
    ));
    let cut = whole.split("END:VEVENT").next().unwrap();
    assert_eq!(refused(cut), "it is not complete: its end is missing");
    let seconds = calendar(&event(
        "SUMMARY:anne\nDTSTART:20261101T080000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY\n",
    ));
    assert_eq!(refused(&seconds), "it has more than 20000 repetitions");
    let many = calendar(
        &event(
            "SUMMARY:anne\nDTSTART:20261101T080000Z\nDURATION:PT1S\nRRULE:FREQ=YEARLY;COUNT=1\n",
        )
        .repeat(201),
    );
    assert_eq!(
        refused(&many),
        "more than 5000 events, or more than 200 that repeat"
    );
    assert!(Events::read(&whole, None, far()).is_ok());
    assert!(Events::read(&format!("\u{feff}{whole}"), None, far()).is_ok());
}

#[test]
fn an_event_that_makes_no_sense_costs_itself_only() {
    let good = event("SUMMARY:anne\nDTSTART:20261101T080000Z\nDTEND:20261101T200000Z\n");
    for bad in [
        "SUMMARY:grace\n",
        "SUMMARY:grace\nDTSTART:20261341T990000Z\nDTEND:20261101T200000Z\n",
        "SUMMARY:grace\nDTSTART:20261101T080000Z\nDTEND:20261101T070000Z\n",
        "SUMMARY:grace\nDTSTART:20261101T080000Z\n",
        "SUMMARY:grace\nDTSTART:20261101T080000Z\nDURATION:P99999W\n",
        "SUMMARY:grace\nDTSTART:20261101T080000Z\nDURATION:-PT1H\n",
        "SUMMARY:grace\nDTSTART:20261101T080000Z\nDURATION:PT1H\nRRULE:FREQ=SOMETIMES\n",
        "SUMMARY:grace\nDTSTART:20261101T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;BYMONTHDAY=99\n",
    ] {
        let text = calendar(&(good.clone() + &event(bad)));
        let told = told(&text, "2026-10-01T00:00:00Z", "2026-12-01T00:00:00Z");
        assert_eq!(
            told[0], "anne 2026-11-01T08:00:00Z 2026-11-01T20:00:00Z",
            "{bad}"
        );
        assert_eq!(
            told.get(1).map(String::as_str),
            Some("1 event makes no sense and is left out"),
            "{bad}"
        );
    }
}

#[test]
fn hostile_text_does_not_act_and_noise_does_not_panic() {
    let text = calendar(&event(
        "SUMMARY:\u{1b}]0;x\u{7}\u{202e}\nDTSTART:20261101T080000Z\nDTEND:20261101T200000Z\n",
    ));
    let remarks = found(&text, "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z").remarks;
    assert!(!remarks[0].chars().any(char::is_control), "{remarks:?}");
    // Any byte of an honest file changed, and any piece of it alone.
    let honest = calendar(&event(
        "SUMMARY:anne\nDTSTART;TZID=Europe/Berlin:20261101T080000\nDURATION:P1DT2H\nRRULE:FREQ=MONTHLY;BYDAY=-1FR;BYSETPOS=1;COUNT=9\nEXDATE:20261101T080000Z\n",
    ));
    let mut random = fastrand::Rng::with_seed(4);
    for _ in 0..3_000 {
        let mut bytes = honest.clone().into_bytes();
        for _ in 0..random.usize(1..4) {
            let place = random.usize(..bytes.len());
            bytes[place] = random.u8(0x20..0x7f);
        }
        let end = if random.bool() {
            bytes.len()
        } else {
            random.usize(..bytes.len())
        };
        let noise = String::from_utf8_lossy(&bytes[..end]).into_owned();
        if let Ok(events) = Events::read(&noise, Some(&berlin()), far()) {
            let _ = events.shifts(
                &Text::clean("g"),
                &people(),
                at("2026-01-01T00:00:00Z"),
                at("2027-01-01T00:00:00Z"),
            );
        }
    }
}

#[tokio::test]
async fn a_calendar_beside_the_roster_is_read_again_when_it_changes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("roster.toml");
    let roster =
        format!("{SAMPLE}\n[[on_call]]\ngroup = \"system\"\ncalendar = \"sub/call.ics\"\n");
    std::fs::write(&path, roster).unwrap();
    let client = Client::new("team", &shape::Roster { file: path });
    let failure = read(&client).await.unwrap_err();
    let FailureKind::File { path, detail } = &failure.kind else {
        panic!("{failure:?}");
    };
    assert!(path.ends_with("sub/call.ics"), "{path}");
    assert_eq!(detail.as_str(), "there is no such file");

    std::fs::create_dir(dir.path().join("sub")).unwrap();
    let file = dir.path().join("sub/call.ics");
    let today = Moment::now().timestamp().strftime("%Y%m%d").to_string();
    let shift = |who: &str| {
        calendar(&event(&format!(
            "SUMMARY:{who}\nDTSTART:{today}T000000Z\nDURATION:P3D\n"
        )))
    };
    let of_calendar = |roster: &Roster| -> Vec<String> {
        let whole = |s: &&crate::domain::person::Shift| {
            s.from.timestamp().strftime("%H%M").to_string() == "0000"
        };
        roster
            .shifts
            .iter()
            .filter(whole)
            .map(|s| s.login.to_string())
            .collect()
    };
    std::fs::write(&file, shift("anne")).unwrap();
    assert_eq!(of_calendar(&read(&client).await.unwrap()), ["anne"]);
    std::fs::write(&file, shift("Grace O'Malley")).unwrap();
    assert_eq!(of_calendar(&read(&client).await.unwrap()), ["grace"]);
    let roster = read(&client).await.unwrap();
    assert_eq!(roster.on_call.len(), 1, "named once: {:?}", roster.on_call);

    std::fs::write(&file, "no calendar").unwrap();
    assert!(read(&client).await.is_err());
    std::fs::write(&file, vec![b'x'; (1 << 20) + 1]).unwrap();
    let failure = read(&client).await.unwrap_err();
    assert!(
        format!("{failure:?}").contains("larger than 1 MiB"),
        "{failure:?}"
    );
}

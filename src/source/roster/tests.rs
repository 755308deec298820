//! The roster file, its mistakes, and shifts over changes of the clocks.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod calendars;

use super::*;
use crate::source::Client as _;

const SAMPLE: &str = r#"
[[group]]
id = "system"
name = "System administration"
at_least = 2
at_most = 9

[[person]]
login = "anne"
name = "Anne Bonny"
zone = "Europe/Berlin"
languages = ["de", "en"]
roles = [{ group = "system", title = "admin", elected = 2025-11-08, until = 2026-11-07 }]
contacts = [{ kind = "phone", value = "+49 30 23125 101" }]
away = [{ from = 2026-12-20, to = 2027-01-03 }]
owns = ["wiki", "proxy"]

[[person]]
login = "grace"
name = "Grace O'Malley"

[[on_call]]
group = "system"
hand_over = "Mon 08:00"
zone = "Europe/Berlin"
order = ["anne", "grace"]
since = 2026-01-05
override = [{ from = 2026-11-23, to = 2026-11-25, login = "grace" }]
"#;

fn at(text: &str) -> Moment {
    Moment::from_rfc3339(text).unwrap()
}

/// Shifts as `login from until`.
fn shifts(toml: &str, from: &str, until: &str) -> Vec<String> {
    file::parse(toml)
        .unwrap()
        .roster(&[], at(from), at(until))
        .shifts
        .iter()
        .map(|s| format!("{} {} {}", s.login, s.from.rfc3339(), s.until.rfc3339()))
        .collect()
}

fn rota(hand_over: &str, order: &str, since: &str, overrides: &str) -> String {
    format!(
        "[[group]]\nid = \"g\"\n[[person]]\nlogin = \"a\"\n[[person]]\nlogin = \"b\"\n[[person]]\nlogin = \"c\"\n\
         [[on_call]]\ngroup = \"g\"\nhand_over = \"{hand_over}\"\nzone = \"Europe/Berlin\"\norder = {order}\n\
         since = {since}\noverride = {overrides}\n"
    )
}

#[test]
fn the_sample_is_read_whole() {
    let roster = file::parse(SAMPLE).unwrap().roster(
        &[],
        at("2026-11-20T12:00:00Z"),
        at("2026-12-05T12:00:00Z"),
    );
    let [group] = roster.groups.as_slice() else {
        panic!("{:?}", roster.groups);
    };
    assert_eq!(
        (group.id.as_str(), group.at_least, group.at_most),
        ("system", Some(2), Some(9))
    );
    let anne = &roster.people[0];
    assert_eq!(anne.name.as_str(), "Anne Bonny");
    assert_eq!(anne.zone.as_deref(), Some("Europe/Berlin"));
    assert_eq!(anne.roles[0].title.as_str(), "admin");
    assert_eq!(anne.roles[0].elected, Some(jiff::civil::date(2025, 11, 8)));
    assert_eq!(anne.contacts[0].value.as_str(), "+49 30 23125 101");
    assert_eq!(
        anne.away,
        [(
            jiff::civil::date(2026, 12, 20),
            jiff::civil::date(2027, 1, 3)
        )]
    );
    assert_eq!(anne.owns.len(), 2);
    assert_eq!(roster.people[1].zone, None);
}

#[test]
fn turns_and_an_override_follow_each_other() {
    // 45 weeks after the first: Grace's turn, and the override goes on with her into Anne's.
    assert_eq!(
        shifts(SAMPLE, "2026-11-20T12:00:00Z", "2026-12-05T12:00:00Z"),
        [
            "grace 2026-11-16T07:00:00Z 2026-11-26T07:00:00Z",
            "anne 2026-11-26T07:00:00Z 2026-11-30T07:00:00Z",
            "grace 2026-11-30T07:00:00Z 2026-12-07T07:00:00Z",
        ]
    );
}

#[test]
fn a_week_with_a_change_of_the_clocks_is_an_hour_off() {
    let toml = rota("Mon 08:00", r#"["a", "b"]"#, "2026-01-05", "[]");
    assert_eq!(
        shifts(&toml, "2026-03-25T00:00:00Z", "2026-04-01T00:00:00Z"),
        [
            "b 2026-03-23T07:00:00Z 2026-03-30T06:00:00Z",
            "a 2026-03-30T06:00:00Z 2026-04-06T06:00:00Z",
        ]
    );
    assert_eq!(
        shifts(&toml, "2026-10-20T00:00:00Z", "2026-10-27T00:00:00Z"),
        [
            "b 2026-10-19T06:00:00Z 2026-10-26T07:00:00Z",
            "a 2026-10-26T07:00:00Z 2026-11-02T07:00:00Z",
        ]
    );
}

#[test]
fn a_hand_over_at_a_skipped_or_doubled_hour_happens_once() {
    let toml = rota("daily 02:30", r#"["a", "b", "c"]"#, "2026-01-01", "[]");
    assert_eq!(
        shifts(&toml, "2026-03-28T12:00:00Z", "2026-03-30T00:00:00Z"),
        [
            "c 2026-03-28T01:30:00Z 2026-03-29T01:30:00Z",
            "a 2026-03-29T01:30:00Z 2026-03-30T00:30:00Z",
        ]
    );
    assert_eq!(
        shifts(&toml, "2026-10-24T12:00:00Z", "2026-10-26T00:00:00Z"),
        [
            "c 2026-10-24T00:30:00Z 2026-10-25T00:30:00Z",
            "a 2026-10-25T00:30:00Z 2026-10-26T01:30:00Z",
        ]
    );
}

#[test]
fn the_rotation_begins_at_the_first_hand_over() {
    // 2026-01-07 is a Wednesday.
    let toml = rota("Mon 08:00", r#"["a", "b"]"#, "2026-01-07", "[]");
    assert_eq!(
        shifts(&toml, "2026-01-01T00:00:00Z", "2026-01-20T00:00:00Z"),
        [
            "a 2026-01-12T07:00:00Z 2026-01-19T07:00:00Z",
            "b 2026-01-19T07:00:00Z 2026-01-26T07:00:00Z",
        ]
    );
    assert!(shifts(&toml, "2025-01-01T00:00:00Z", "2025-01-20T00:00:00Z").is_empty());
}

#[test]
fn an_override_over_a_hand_over_is_one_shift() {
    let toml = rota(
        "Mon 08:00",
        r#"["a", "b"]"#,
        "2026-01-05",
        "[{ from = 2026-01-10, to = 2026-01-13, login = \"c\" }, { from = 2026-01-12, to = 2026-01-12, login = \"a\" }]",
    );
    assert_eq!(
        shifts(&toml, "2026-01-06T00:00:00Z", "2026-01-16T00:00:00Z"),
        [
            "a 2026-01-05T07:00:00Z 2026-01-10T07:00:00Z",
            "c 2026-01-10T07:00:00Z 2026-01-12T07:00:00Z",
            // Of two at once the later in the file.
            "a 2026-01-12T07:00:00Z 2026-01-13T07:00:00Z",
            "c 2026-01-13T07:00:00Z 2026-01-14T07:00:00Z",
            "b 2026-01-14T07:00:00Z 2026-01-19T07:00:00Z",
        ]
    );
}

#[test]
fn a_rotation_may_end() {
    let toml = rota(
        "Mon 08:00",
        r#"["a", "b"]"#,
        "2026-01-05",
        "[]\nuntil = 2026-01-12",
    );
    assert_eq!(
        shifts(&toml, "2026-01-06T00:00:00Z", "2026-03-16T00:00:00Z"),
        [
            "a 2026-01-05T07:00:00Z 2026-01-12T07:00:00Z",
            "b 2026-01-12T07:00:00Z 2026-01-19T07:00:00Z",
        ]
    );
}

#[test]
fn one_alone_still_hands_over_to_themselves() {
    let toml = rota("sunday 20:00", r#"["a"]"#, "2026-06-01", "[]");
    assert_eq!(
        shifts(&toml, "2026-06-10T00:00:00Z", "2026-06-15T00:00:00Z"),
        [
            "a 2026-06-07T18:00:00Z 2026-06-14T18:00:00Z",
            "a 2026-06-14T18:00:00Z 2026-06-21T18:00:00Z",
        ]
    );
}

/// Mistakes as `line:column: what`.
fn mistakes(written: &str) -> String {
    let told = file::parse(written).unwrap_err();
    let lines: Vec<String> = told
        .list
        .iter()
        .map(|m| format!("{}:{}: {}", m.line, m.column, m.what))
        .collect();
    lines.join("; ")
}

#[test]
fn the_line_of_a_mistake_is_shown_with_what_is_wrong_in_it() {
    let written = "[[group]]\nid = \"coders\"\n\n[[person]]\nlogin = \"ä\" # 海\nroles = [{ title = \"海\", group = \"coder\" }]\n";
    let told = file::parse(written).unwrap_err();
    let [mistake] = told.list.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!((mistake.line, mistake.column), (6, 33));
    assert_eq!(
        mistake.excerpt.as_str(),
        "roles = [{ title = \"海\", group = \"coder\" }]"
    );
    // One cell further than the column tells: the sign before is two cells wide.
    assert_eq!(mistake.caret, (33, 7));
    // What is wrong over several lines is underlined to the end of the first.
    let told = file::parse("[[person]]\nlogin = \"a\"\nzone = '''\nx'''\n").unwrap_err();
    assert_eq!(told.list[0].caret, (7, 3), "{told:?}");
    // Nothing of the line acts on the terminal.
    let told = file::parse("[[person]]\nlogin = 5 # \u{9b}2J\n").unwrap_err();
    assert_eq!(told.list[0].excerpt.as_str(), "login = 5 # \u{fffd}2J");
}

#[test]
fn mistakes_are_told_with_their_places() {
    for (written, told) in [
        (
            "[[person]]\nlogin = 5\n",
            "2:9: invalid type: integer `5`, expected a string",
        ),
        (
            "[[person]]\nlogn = \"a\"\n",
            "2:1: unknown field `logn`, expected one of `login`, `name`, `zone`, `languages`, `roles`, `contacts`, `away`, `owns`",
        ),
        (
            "[[person]]\nlogin = \"a\"\nzone = \"Europe/Atlantis\"\n",
            "3:8: \"Europe/Atlantis\" is no time zone; write one such as \"Europe/Berlin\"",
        ),
        (
            "[[person]]\nlogin = \"a\"\n[[person]]\nlogin = \"a\"\n",
            "4:9: there is another person \"a\" above",
        ),
        (
            "[[group]]\nid = \"coders\"\n[[person]]\nlogin = \"ä\"\nroles = [{ title = \"ä\", group = \"coder\" }]\n",
            "5:33: there is no group \"coder\", did you mean \"coders\"?",
        ),
        (
            "[[group]]\nid = \"g\"\nat_least = 3\nat_most = 2\n",
            "4:11: at_most is less than at_least, which is 3",
        ),
        (
            "[[person]]\nlogin = \"a\"\naway = [{ from = 2026-02-01, to = 2026-01-01 }]\n",
            "3:9: away ends before it begins",
        ),
        (
            "[[person]]\nlogin = \"a\"\naway = [{ from = 2026-02-01T10:00:00, to = 2026-03-01 }]\n",
            "3:18: expected a day such as 2026-11-01, without quotes",
        ),
        (
            "[[person]]\nlogin = \n",
            "2:9: string values must be quoted, expected literal string",
        ),
        (
            &rota("Mon 25:00", r#"["a"]"#, "2026-01-01", "[]"),
            "11:13: \"Mon 25:00\" is no hand-over; write \"Mon 08:00\" or \"daily 08:00\"",
        ),
        (
            "[[group]]\nid = \"g\"\n[[person]]\nlogin = \"a\"\n[[person]]\nlogin = \"A\"\n",
            "6:9: there is another person \"A\" above",
        ),
        (
            "[[group]]\nid = \"g\"\n[[person]]\nlogin = \"a\"\nroles = [{ group = \"g\", elected = 2026-01-01, until = 2025-01-01 }]\n",
            "5:55: this term ends before it begins",
        ),
        (
            "[[group]]\nid = \"g\"\n[[on_call]]\ngroup = \"g\"\n",
            "3:1: this rotation lacks hand_over, zone, order, since; or write calendar = \"on-call.ics\"",
        ),
        (
            "[[group]]\nid = \"g\"\n[[on_call]]\ngroup = \"g\"\ncalendar = \"x.ics\"\nsince = 2026-01-01\n",
            "5:12: with a calendar there is no hand_over, order, since, until or override: it tells all of that",
        ),
        (
            &rota("Mon 08:00", "[]", "2026-01-01", "[]"),
            "13:9: an order needs at least one login",
        ),
        (
            &rota(
                "Mon 08:00",
                r#"["a", "nobody"]"#,
                "2026-01-01",
                "[{ from = 2026-01-02, to = 2026-01-01, login = \"d\" }]",
            ),
            "13:15: no person has the login \"nobody\"; 15:13: this override ends before it begins; 15:59: no person has the login \"d\", did you mean \"a\"?",
        ),
    ] {
        assert_eq!(mistakes(written), told, "{written}");
    }
}

#[test]
fn many_mistakes_are_counted() {
    let people: Vec<String> = (0..8)
        .map(|n| {
            format!(
                "[[person]]
login = \"p{n}\"
zone = \"Nowhere\"
"
            )
        })
        .collect();
    let written = people.concat();
    let told = file::parse(&written).unwrap_err();
    assert_eq!((told.list.len(), told.more), (5, 3));
    assert!(told.list.iter().all(|m| m.what.contains("is no time zone")));
}

#[test]
fn hostile_text_is_inert() {
    let plan = file::parse("[[person]]\nlogin = \"a\"\nname = \"\\u001b[31mA\"\n").unwrap();
    let roster = plan.roster(&[], at("2026-01-01T00:00:00Z"), at("2026-01-02T00:00:00Z"));
    assert_eq!(roster.people[0].name.as_str(), "␛[31mA");
}

async fn read(client: &Client) -> Result<Arc<Roster>, Failure> {
    match client.read(Reading::Roster).await.outcome? {
        Batch::Roster(roster) => Ok(roster),
        other => panic!("{other:?}"),
    }
}

fn told(failure: &Failure) -> &str {
    match &failure.kind {
        FailureKind::File { detail, .. } => detail,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_file_is_read_again_when_it_changes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("roster.toml");
    let client = Client::new("team", &shape::Roster { file: path.clone() });
    assert_eq!(
        told(&read(&client).await.unwrap_err()),
        "there is no such file"
    );

    std::fs::write(&path, SAMPLE).unwrap();
    let first = read(&client).await.unwrap();
    assert_eq!(first.people.len(), 2);
    assert!(Arc::ptr_eq(&first, &read(&client).await.unwrap()));

    let more = format!("{SAMPLE}\n[[person]]\nlogin = \"mary\"\n");
    std::fs::write(&path, more).unwrap();
    assert_eq!(read(&client).await.unwrap().people.len(), 3);

    std::fs::write(&path, "[[person]\n").unwrap();
    let failure = read(&client).await.unwrap_err();
    let FailureKind::Mistakes { list, .. } = &failure.kind else {
        panic!("{failure:?}");
    };
    assert_eq!(list[0].line, 1);
    std::fs::write(&path, SAMPLE).unwrap();
    assert_eq!(read(&client).await.unwrap().people.len(), 2);

    std::fs::write(&path, b"\xff\xfe").unwrap();
    assert_eq!(
        told(&read(&client).await.unwrap_err()),
        "it is not UTF-8 text"
    );
    let here = Client::new(
        "team",
        &shape::Roster {
            file: dir.path().to_owned(),
        },
    );
    assert_eq!(told(&read(&here).await.unwrap_err()), "it is not a file");
}

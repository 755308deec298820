//! From wire to domain, with answers that are wrong in every field.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::domain::ticket::{Ticket, TicketDetail};
use crate::domain::{Bytes, Text};

use super::names::Names;
use super::{link, read, wire};

fn ticket(json: &str) -> Ticket {
    read::ticket(&serde_json::from_str(json).unwrap(), &mut Names::default())
}

fn detail(json: &str, names: &mut Names) -> TicketDetail {
    read::detail(&serde_json::from_str(json).unwrap(), names)
}

#[test]
fn a_whole_issue() {
    let issue = ticket(
        r#"{"id":7,"project":{"id":2,"name":"Mail"},"tracker":{"id":1,"name":"Bug"},
        "status":{"id":5,"name":"Closed","is_closed":true},"priority":{"id":3,"name":"High"},
        "author":{"id":4,"name":"Anne"},"assigned_to":{"id":9,"name":"Watch"},"subject":"Queue \u003e 100",
        "description":"long","due_date":"2026-09-22","done_ratio":30,"is_private":true,
        "custom_fields":[{"id":1,"name":"Host","value":"mx1"},{"id":2,"name":"Affected","multiple":true,
        "value":["smtp","dns"]},{"id":3,"name":"None","value":null},{"id":4,"name":"Empty","value":""},
        {"id":5,"name":"Nothing","multiple":true,"value":[]},{"id":6,"value":7.5}],
        "created_on":"2026-07-24T11:03:47Z","updated_on":"2026-08-03T03:20:12Z","closed_on":null}"#,
    );
    assert_eq!(issue.id, 7);
    assert_eq!(&*issue.project.name, "Mail");
    assert_eq!(issue.closed, Some(true));
    assert_eq!(&*issue.subject, "Queue > 100");
    assert_eq!(issue.due, Some(jiff::civil::date(2026, 9, 22)));
    assert_eq!(issue.done, Some(30));
    assert!(issue.private);
    assert_eq!(issue.updated.unwrap().rfc3339(), "2026-08-03T03:20:12Z");
    let fields: Vec<_> = issue
        .fields
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    assert_eq!(
        fields,
        [("Host", "mx1"), ("Affected", "smtp, dns"), ("#6", "7.5")]
    );
}

#[test]
fn a_wrong_field_costs_only_itself() {
    let issue = ticket(
        r#"{"id":"7","project":"Mail","tracker":null,"status":[],"priority":{"name":"High"},"author":{"id":4},
        "assigned_to":5,"subject":12,"due_date":"2026-13-40","done_ratio":1e400,"is_private":"yes",
        "custom_fields":{"a":1},"created_on":1700000000,"updated_on":"0000-00-00T00:00:00Z","more":[[]]}"#,
    );
    assert_eq!(issue.id, 7);
    assert_eq!((issue.project.id, &*issue.project.name), (0, "?"));
    assert_eq!(&*issue.status.name, "?");
    assert_eq!(issue.tracker, None);
    assert_eq!(issue.priority, None);
    assert_eq!(&*issue.author.as_ref().unwrap().name, "#4");
    assert_eq!(issue.assignee, None);
    assert_eq!(&*issue.subject, "?");
    assert_eq!((issue.due, issue.done, issue.private), (None, None, false));
    assert_eq!((issue.created, issue.updated), (None, None));
    assert!(issue.fields.is_empty());
    assert_eq!(issue.closed, None);
}

#[test]
fn impossible_percentages_are_unknown() {
    for (sent, done) in [
        ("101", None),
        ("-1", None),
        ("100", Some(100)),
        ("\"40\"", Some(40)),
        ("4.5", None),
    ] {
        assert_eq!(
            ticket(&format!(r#"{{"id":1,"done_ratio":{sent}}}"#)).done,
            done,
            "{sent}"
        );
    }
}

#[test]
fn a_broken_row_costs_only_itself() {
    let sent: wire::Issues<'_> = serde_json::from_str(
        r#"{"issues":[{"id":1},{"subject":"no number"},17,null,{"id":0},{"id":-2},{"id":3,"id":4},{"id":2}],"total_count":"8"}"#,
    )
    .unwrap();
    let page = read::page(&sent, None, &mut Names::default());
    assert_eq!((page.rows, page.skipped, page.total), (8, 6, Some(8)));
    assert_eq!(
        page.tickets.iter().map(|t| t.id).collect::<Vec<_>>(),
        [1, 2]
    );
}

#[test]
fn another_answer_is_no_list() {
    for other in [
        r#"{"projects":[]}"#,
        "[]",
        r#"{"issues":null}"#,
        r#"{"issues":{}}"#,
        r#"{"errors":["Updated is invalid"]}"#,
        "",
    ] {
        assert!(
            serde_json::from_str::<wire::Issues<'_>>(other).is_err(),
            "{other}"
        );
    }
}

#[test]
fn old_servers_leave_closed_to_the_list_of_statuses() {
    let mut names = Names::default();
    names.closing.extend([(1, false), (5, true)]);
    for (status, closed) in [(1, Some(false)), (5, Some(true)), (6, None)] {
        let json = format!(r#"{{"id":1,"status":{{"id":{status},"name":"x"}}}}"#);
        let issue = serde_json::from_str(&json).unwrap();
        assert_eq!(read::ticket(&issue, &mut names).closed, closed);
    }
}

#[test]
fn a_history_has_words_where_they_are_known() {
    let mut names = Names::default();
    // What another ticket told.
    let other = r#"{"id":1,"status":{"id":2,"name":"In Progress"},"priority":{"id":3,"name":"High"},
        "fixed_version":{"id":1,"name":"2026-Q3"},"category":{"id":6,"name":"Backup"}}"#;
    read::ticket(&serde_json::from_str(other).unwrap(), &mut names);
    let detail = detail(
        r#"{"id":3,"status":{"id":1,"name":"New"},"assigned_to":{"id":5,"name":"Bonny"},
        "custom_fields":[{"id":8,"name":"Host","value":"mx1"}],
        "journals":[
        {"id":12,"user":{"id":4,"name":"Anne"},"notes":"","created_on":"2026-08-03T03:20:12Z","private_notes":false,"details":[
            {"property":"attr","name":"status_id","old_value":"1","new_value":"2"},
            {"property":"attr","name":"assigned_to_id","old_value":null,"new_value":"5"},
            {"property":"attr","name":"assigned_to_id","old_value":"5","new_value":"77"},
            {"property":"attr","name":"priority_id","old_value":"3","new_value":""},
            {"property":"attr","name":"fixed_version_id","old_value":null,"new_value":"1"},
            {"property":"attr","name":"category_id","old_value":"6","new_value":null},
            {"property":"attr","name":"done_ratio","old_value":"0","new_value":"50"},
            {"property":"attr","name":"is_private","old_value":"0","new_value":"1"},
            {"property":"attr","name":"parent_id","old_value":null,"new_value":"40"},
            {"property":"attr","name":"due_date","old_value":null,"new_value":"2026-09-01"},
            {"property":"attr","name":"description","old_value":"a whole text","new_value":"another"},
            {"property":"cf","name":"8","old_value":"mx1","new_value":"mx2"},
            {"property":"cf","name":"9","old_value":null,"new_value":"x"},
            {"property":"attachment","name":"5","old_value":null,"new_value":"a\u001b[31mred.txt"},
            {"property":"relation","name":"blocks","old_value":null,"new_value":"51"},
            17]},
        {"id":11,"user":null,"notes":"first","created_on":"nonsense","private_notes":true,"details":[]},
        {"notes":"no number"},
        {"id":13,"notes":null}]}"#,
        &mut names,
    );
    assert_eq!(detail.left_out, 1);
    assert_eq!(
        detail.journals.iter().map(|j| j.id).collect::<Vec<_>>(),
        [11, 12, 13]
    );
    let [first, second, third] = detail.journals.as_slice() else {
        unreachable!()
    };
    assert_eq!(
        (first.note.as_deref(), first.private, first.at),
        (Some("first"), true, None)
    );
    assert_eq!((&second.note, second.private), (&None, false));
    assert_eq!((&third.note, &third.author), (&None, &None));
    let changes: Vec<_> = second
        .changes
        .iter()
        .map(|c| (c.field.as_str(), c.old.as_deref(), c.new.as_deref()))
        .collect();
    assert_eq!(
        changes,
        [
            ("status", Some("New"), Some("In Progress")),
            ("assigned to", None, Some("Bonny")),
            ("assigned to", Some("Bonny"), Some("#77")),
            ("priority", Some("High"), None),
            ("fixed version", None, Some("2026-Q3")),
            ("category", Some("Backup"), None),
            ("done ratio", Some("0 %"), Some("50 %")),
            ("is private", Some("no"), Some("yes")),
            ("parent", None, Some("#40")),
            ("due date", None, Some("2026-09-01")),
            ("description", None, None),
            ("Host", Some("mx1"), Some("mx2")),
            ("field 9", None, Some("x")),
            ("file", None, Some("a␛[31mred.txt")),
            ("blocks", None, Some("#51")),
        ]
    );
}

#[test]
fn of_a_long_history_the_newest_are_kept() {
    let journals: Vec<String> = (1..=250)
        .rev()
        .map(|id| format!(r#"{{"id":{id},"notes":"n{id}"}}"#))
        .collect();
    let json = format!(
        r#"{{"id":1,"journals":[{}],"attachments":[{{"filename":"a.txt","filesize":30}},{{}}]}}"#,
        journals.join(",")
    );
    let detail = detail(&json, &mut Names::default());
    assert_eq!(
        (detail.journals.len(), detail.left_out),
        (read::JOURNALS, 50)
    );
    assert_eq!((detail.journals[0].id, detail.journals[199].id), (51, 250));
    let files: Vec<_> = detail
        .attachments
        .iter()
        .map(|file| (file.name.as_str(), file.size))
        .collect();
    assert_eq!(files, [("a.txt", Bytes(30)), ("?", Bytes(0))]);
}

#[test]
fn a_roles_name_comes_once() {
    let mut names = Names::default();
    let sent = r#"{"id":1,"group":{"id":14,"name":"Ops"},"roles":[{"id":4,"name":"Developer"},
        {"id":4,"name":"Developer","inherited":true},{"id":5,"name":"Reporter"},"?"]}"#;
    let member = read::membership(&serde_json::from_str(sent).unwrap(), &mut names).unwrap();
    assert!(member.group);
    assert_eq!(
        member.roles.iter().map(Text::as_str).collect::<Vec<_>>(),
        ["Developer", "Reporter"]
    );
    assert_eq!(names.people.of("14").as_deref(), Some("Ops"));
    assert!(read::membership(&serde_json::from_str(r#"{"id":2}"#).unwrap(), &mut names).is_none());
}

#[test]
fn a_link_is_below_the_base() {
    for (base, wanted) in [
        (
            "https://redmine.example.org",
            "https://redmine.example.org/issues/42",
        ),
        (
            "https://example.org/redmine/",
            "https://example.org/redmine/issues/42",
        ),
        (
            "https://anne:secret@example.org/redmine?key=secret#x",
            "https://example.org/redmine/issues/42",
        ),
    ] {
        assert_eq!(link(&base.parse().unwrap(), 42).as_str(), wanted);
    }
}

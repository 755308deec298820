//! Against answers recorded from a real Redmine 5.0.4, when `VIGIE_RECORDED` names a directory of them.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde_json::value::RawValue;

use crate::domain::Text;
use crate::domain::failure::FailureKind;
use crate::source::http::Answer;

use super::names::Names;
use super::{read, wire};

fn recorded() -> Option<PathBuf> {
    let dir = std::env::var_os("VIGIE_RECORDED")?;
    Some(Path::new(&dir).join("redmine"))
}

fn answer(dir: &Path, name: &str) -> Answer {
    let body = std::fs::read(dir.join(format!("{name}.json"))).unwrap();
    Answer {
        status: 200,
        reason: None,
        headers: reqwest::header::HeaderMap::new(),
        body: Bytes::from(body),
        asked: Text::clean(name),
    }
}

/// Names of the recorded `*.json` whose object has this key: all that were expected, and newer ones.
fn having<'a>(dir: &Path, key: &str, expected: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|kind| kind == "json")
            && let Ok(text) = std::fs::read_to_string(&path)
            && let Ok(object) = serde_json::from_str::<HashMap<String, &RawValue>>(&text)
            && object.contains_key(key)
        {
            names.push(path.file_stem().unwrap().to_str().unwrap().to_owned());
        }
    }
    for name in expected {
        assert!(names.iter().any(|found| found == name), "{name} is missing");
    }
    names
}

/// Name, rows, total.
const LISTS: &[(&str, u64, u64)] = &[
    ("auth_basic_key", 1, 125),
    ("auth_basic_password", 1, 125),
    ("auth_key_param", 1, 125),
    ("etag_first", 100, 159),
    ("gzip", 100, 159),
    ("if_modified_since", 1, 125),
    ("issues_admin", 1, 159),
    ("issues_all_p1", 100, 159),
    ("issues_all_p2", 59, 159),
    ("issues_anna", 1, 159),
    ("issues_assigned_member_of_group", 2, 30),
    ("issues_author_me", 1, 68),
    ("issues_ben", 1, 156),
    ("issues_between", 4, 4),
    ("issues_beyond_end", 0, 159),
    ("issues_category", 1, 6),
    ("issues_category_global", 1, 125),
    ("issues_category_named_missing", 1, 2),
    ("issues_cf", 2, 10),
    ("issues_cf_like", 1, 10),
    ("issues_cf_multi", 1, 38),
    ("issues_closed", 5, 34),
    ("issues_default", 25, 125),
    ("issues_due_past", 2, 12),
    ("issues_eva_own", 3, 50),
    ("issues_f_op_v", 1, 5),
    ("issues_fields_minimal", 1, 125),
    ("issues_group_assigned", 2, 14),
    ("issues_hostile", 50, 86),
    ("issues_ids", 4, 4),
    ("issues_include", 4, 4),
    ("issues_include_ignored", 1, 1),
    ("issues_limit_0", 25, 125),
    ("issues_limit_1000", 100, 159),
    ("issues_limit_neg", 25, 125),
    ("issues_mine", 5, 15),
    ("issues_newest_one", 1, 159),
    ("issues_op_lt_only", 1, 99),
    ("issues_open", 1, 125),
    ("issues_otto", 1, 21),
    ("issues_page2", 10, 125),
    ("issues_parent", 3, 3),
    ("issues_priority", 1, 22),
    ("issues_private", 2, 159),
    ("issues_project", 5, 72),
    ("issues_project_id_num", 1, 72),
    ("issues_project_path", 5, 72),
    ("issues_query_id", 3, 125),
    ("issues_query_plus_filter", 1, 125),
    ("issues_query_private_own", 25, 39),
    ("issues_query_project", 3, 7),
    ("issues_since_date", 5, 60),
    ("issues_since_lastdays", 1, 56),
    ("issues_since_time", 5, 55),
    ("issues_sort_bogus", 3, 125),
    ("issues_sort_id", 3, 159),
    ("issues_sort_prio", 10, 125),
    ("issues_status_1", 1, 86),
    ("issues_status_bogus", 0, 0),
    ("issues_status_comma", 0, 0),
    ("issues_status_multi", 1, 106),
    ("issues_status_not", 1, 142),
    ("issues_subject_like", 2, 9),
    ("issues_tracker", 1, 39),
    ("issues_unassigned", 1, 64),
    ("issues_unknown_filter", 1, 125),
    ("issues_updated_desc", 25, 159),
    ("issues_version", 1, 4),
    ("issues_watched", 5, 9),
    ("jsonp", 1, 125),
    ("s_open_anonymous", 1, 21),
    ("s_open_wrong_key_200", 1, 21),
    ("s_rest_on_again", 1, 129),
];

/// Name, number, journals, attachments, private journals.
const DETAILS: &[(&str, u64, usize, usize, usize)] = &[
    ("host_header", 1, 0, 2, 0),
    ("issue_1_all", 1, 0, 2, 0),
    ("issue_child", 114, 0, 0, 0),
    ("issue_closed_project", 116, 0, 0, 0),
    ("issue_hostile_notes", 138, 49, 4, 0),
    ("issue_journal_rich", 3, 2, 0, 0),
    ("issue_journals_asc_anna", 100, 5, 0, 0),
    ("issue_journals_desc_yuki", 100, 5, 0, 0),
    ("issue_parent", 111, 0, 0, 0),
    ("issue_plain", 1, 0, 0, 0),
    ("issue_private_note_anna", 11, 4, 0, 1),
    ("issue_private_note_ben", 11, 4, 0, 1),
    ("issue_private_note_dmitri", 11, 4, 0, 1),
    ("issue_private_note_eva", 11, 3, 0, 0),
    ("issue_private_note_svc", 11, 4, 0, 1),
    ("w_after", 161, 8, 0, 1),
    ("w_after_ben", 161, 8, 0, 1),
    ("w_after_closed_project", 116, 0, 0, 0),
    ("w_after_reporter", 1, 1, 0, 0),
    ("w_close_blocked_after", 50, 0, 0, 0),
    ("w_create", 161, 0, 0, 0),
    ("w_create_bad_status", 163, 0, 0, 0),
    ("w_create_numeric_project_min", 162, 0, 0, 0),
    ("w_form_body", 164, 0, 0, 0),
    ("w_journals_after_edit", 161, 7, 0, 1),
    ("w_journals_before_edit", 161, 8, 0, 1),
    ("w_json_charset", 165, 0, 0, 0),
];

#[test]
fn lists_of_issues() {
    let Some(dir) = recorded() else { return };
    for name in having(&dir, "issues", LISTS.iter().map(|(name, ..)| *name)) {
        let answer = answer(&dir, &name);
        let page = read::page(&answer.json().unwrap(), None, &mut Names::default());
        assert_eq!(page.skipped, 0, "{name}");
        assert_eq!(page.tickets.len() as u64, page.rows, "{name}");
        if let Some((_, rows, total)) = LISTS.iter().find(|(known, ..)| *known == name) {
            assert_eq!((page.rows, page.total), (*rows, Some(*total)), "{name}");
        }
        for ticket in &page.tickets {
            let id = ticket.id;
            assert!(
                ticket.project.id > 0 && ticket.status.id > 0,
                "{name} #{id}"
            );
            assert!(
                ticket.created.is_some() && ticket.updated >= ticket.created,
                "{name} #{id}"
            );
            assert!(ticket.closed.is_some() && ticket.done.is_some() && ticket.author.is_some());
            assert!(
                !ticket.subject.chars().any(char::is_control),
                "{name} #{id}"
            );
        }
    }
}

#[test]
fn a_page_in_numbers() {
    let Some(dir) = recorded() else { return };
    let answer = answer(&dir, "issues_all_p1");
    let page = read::page(&answer.json().unwrap(), None, &mut Names::default());
    let count = |wanted: &dyn Fn(&crate::domain::ticket::Ticket) -> bool| {
        page.tickets.iter().filter(|ticket| wanted(ticket)).count()
    };
    assert_eq!(count(&|t| t.due.is_some()), 11);
    assert_eq!(count(&|t| t.assignee.is_some()), 42);
    assert_eq!(count(&|t| t.closed == Some(true)), 16);
    assert_eq!(count(&|t| t.private), 3);
    let done: u32 = page
        .tickets
        .iter()
        .filter_map(|t| t.done)
        .map(u32::from)
        .sum();
    assert_eq!(done, 1120);
    assert_eq!(
        page.tickets.iter().map(|t| t.fields.len()).sum::<usize>(),
        68
    );
}

#[test]
fn details() {
    let Some(dir) = recorded() else { return };
    for name in having(&dir, "issue", DETAILS.iter().map(|(name, ..)| *name)) {
        let answer = answer(&dir, &name);
        let one: wire::OneIssue<'_> = answer.json().unwrap();
        let detail = read::detail(&one.issue, &mut Names::default());
        assert_eq!(detail.left_out, 0, "{name}");
        if let Some((_, id, journals, files, private)) =
            DETAILS.iter().find(|(known, ..)| *known == name)
        {
            let seen = detail.journals.iter().filter(|j| j.private).count();
            assert_eq!(
                (
                    detail.ticket.id,
                    detail.journals.len(),
                    detail.attachments.len(),
                    seen
                ),
                (*id, *journals, *files, *private),
                "{name}"
            );
        }
        assert!(detail.journals.is_sorted_by_key(|j| j.id), "{name}");
        let prose = detail
            .journals
            .iter()
            .filter_map(|j| j.note.as_ref())
            .chain([&detail.description]);
        for text in prose {
            assert!(
                !text.chars().any(|c| c.is_control() && c != '\n'),
                "{name}: {text:?}"
            );
        }
    }
}

#[test]
fn a_history_with_words() {
    let Some(dir) = recorded() else { return };
    let mut names = Names::default();
    let list = answer(&dir, "issues_all_p1");
    read::page(&list.json().unwrap(), None, &mut names);
    let answer = answer(&dir, "issue_journals_desc_yuki");
    let one: wire::OneIssue<'_> = answer.json().unwrap();
    let detail = read::detail(&one.issue, &mut names);
    let numbers: Vec<u64> = detail.journals.iter().map(|j| j.id).collect();
    assert_eq!(numbers, [242, 243, 244, 245, 246], "sent newest first");
    let changes: Vec<_> = detail
        .journals
        .iter()
        .flat_map(|j| &j.changes)
        .map(|c| (c.field.as_str(), c.old.as_deref(), c.new.as_deref()))
        .collect();
    assert_eq!(
        changes,
        [
            ("status", Some("New"), Some("Waiting for vendor")),
            ("priority", Some("Normal"), Some("High")),
            ("done ratio", Some("0 %"), Some("10 %")),
            ("status", Some("Waiting for vendor"), Some("Closed")),
            ("assigned to", None, Some("Anna Ahlers")),
        ]
    );
}

#[test]
fn projects_members_statuses_and_the_keys_owner() {
    let Some(dir) = recorded() else { return };
    let mut names = Names::default();
    let projects = [
        ("projects", 3),
        ("projects_admin", 3),
        ("projects_admin_all_status", 0),
        ("projects_incl", 3),
        ("projects_otto", 1),
        ("projects_status_active_closed", 4),
        ("projects_status_archived", 0),
        ("projects_status_closed", 1),
        ("s_open_projects_anonymous", 1),
    ];
    for (name, count) in projects {
        let answer = answer(&dir, name);
        let sent: wire::Projects<'_> = answer.json().unwrap();
        let read: Vec<_> = sent
            .projects
            .iter()
            .filter_map(|raw| wire::row(raw))
            .map(|raw| read::project(&raw, &mut names))
            .collect();
        assert_eq!(
            (read.len(), sent.total_count),
            (count, Some(count as u64)),
            "{name}"
        );
    }
    assert_eq!(names.projects.of("2").as_deref(), Some("Mail"));

    for (name, people, groups) in [("memberships", 6, 0), ("memberships_mail", 6, 1)] {
        let answer = answer(&dir, name);
        let sent: wire::Memberships<'_> = answer.json().unwrap();
        let (in_groups, alone): (Vec<_>, Vec<_>) = sent
            .memberships
            .iter()
            .filter_map(|raw| wire::row(raw))
            .filter_map(|raw| read::membership(&raw, &mut names))
            .partition(|member| member.group);
        assert_eq!((alone.len(), in_groups.len()), (people, groups), "{name}");
        assert!(
            alone
                .iter()
                .chain(&in_groups)
                .all(|member| member.roles.len() == 1),
            "{name}"
        );
    }
    assert_eq!(names.people.of("8").as_deref(), Some("Дмитрий Орлов"));

    let statuses = answer(&dir, "issue_statuses");
    let sent: wire::Statuses<'_> = statuses.json().unwrap();
    let read: Vec<_> = sent
        .issue_statuses
        .iter()
        .filter_map(|raw| wire::row::<wire::Ref<'_>>(raw))
        .map(|status| (read::named(&status).name, status.is_closed))
        .collect();
    assert_eq!(read.len(), 7);
    assert_eq!(
        read.iter()
            .filter(|(_, closes)| *closes == Some(true))
            .count(),
        2
    );
    assert_eq!(&*read[6].0, "Waiting for vendor");

    for (name, rows) in [("trackers", 3), ("priorities", 5)] {
        let answer = answer(&dir, name);
        assert_eq!(
            answer.json::<wire::Terms<'_>>().unwrap().terms.len(),
            rows,
            "{name}"
        );
    }

    for (name, id, full) in [
        ("me", 12, "Ops Dashboard"),
        ("me_anna_incl", 5, "Anna Ahlers"),
    ] {
        let answer = answer(&dir, name);
        let me = read::me(&answer.json::<wire::Me<'_>>().unwrap().user);
        assert_eq!((me.id, &*me.name), (id, full));
    }
}

#[test]
fn what_is_no_list_is_refused() {
    let Some(dir) = recorded() else { return };
    for name in [
        "accept_header_no_suffix",
        "issues_since_badtime",
        "projects",
        "w_upload",
    ] {
        let answer = answer(&dir, name);
        let Err(failure) = answer.json::<wire::Issues<'_>>() else {
            panic!("{name} was taken for a list");
        };
        assert!(
            matches!(failure.kind, FailureKind::Malformed { .. }),
            "{name}: {failure:?}"
        );
    }
}

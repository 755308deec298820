//! Who is on call, and what is to be put right in the team: in short below the people, in full over the body.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use crate::app::columns::team::day_and_time;
use crate::app::drawn::Hit;
use crate::app::{Action, App, Drawn};
use crate::domain::person::Shift;
use crate::domain::{Freshness, Key, Moment, Reading, Severity, SourceKind};
use crate::estate::review::{self, Who};
use crate::estate::{Duty, Finding, PersonRow, duty};
use crate::ui::widget::fit;
use crate::ui::widget::panel::{Panel, centered};
use crate::ui::words;

use super::page::{Page, draw_line};
use super::{Look, keys, region};

/// Widest panel: longer lines are hard to read.
const WIDEST: u16 = 110;
/// Widest column of groups below the people.
const GROUP: u16 = 24;

/// Draws all of it over the body.
pub(super) fn draw(
    app: &App,
    look: &Look,
    scroll: usize,
    body: Rect,
    buf: &mut Buffer,
    drawn: &mut Drawn,
) {
    let width = WIDEST.min(body.width);
    let mut page = Page::new(width.saturating_sub(5));
    write(app, look, &mut page);
    if page.is_empty() {
        page.words(0, nothing(app), look.theme.text);
    }
    let lines = u16::try_from(page.len()).unwrap_or(u16::MAX);
    let size = (width, lines.saturating_add(2));
    let panel = Panel {
        focused: true,
        ..Panel::new("Team: on call, and to be put right")
    };
    let inside = panel.draw_over(buf, body, size, look.set());
    drawn.hits.push((region(centered(body, size)), Hit::Layer));
    let inside = Rect {
        x: inside.x + u16::from(inside.width > 0),
        width: inside.width.saturating_sub(1),
        ..inside
    };
    drawn.layer = page.draw(look, inside, scroll, buf);
}

fn nothing(app: &App) -> &'static str {
    if app.estate.people.is_empty() {
        "Nobody is known: configure a roster, [roster.team] with file = \"roster.toml\"."
    } else {
        "Nobody is on call by any rotation, and there is nothing to be put right."
    }
}

/// Draws what there is room for below the people.
pub(super) fn draw_below(app: &App, look: &Look, area: Rect, buf: &mut Buffer, drawn: &mut Drawn) {
    let width = area.width.saturating_sub(2);
    let mut page = Page::new(width);
    let duties = duty::all(&app.estate, app.now);
    if !duties.is_empty() {
        page.line(rule(look, "On call", "", width));
    }
    let names = duties.iter().map(|duty| fit::width(duty.group)).max();
    let names = names.unwrap_or(0).min(GROUP);
    for duty in &duties {
        let mut line = vec![padded(duty.group, names, look), Span::raw("  ")];
        line.extend(now_and_next(app, look, duty));
        page.line(line);
    }
    let findings: Vec<&[Finding]> = review::lines(&app.estate.review).collect();
    if !findings.is_empty() {
        let key = keys::first(app, look, Action::Review);
        let all = key.map_or_else(String::new, |key| format!("{key} shows all"));
        page.line(rule(look, "To be put right", &all, width));
    }
    for line in findings {
        let severity = line.first().map_or(Severity::Info, Finding::severity);
        page.line(vec![
            sign(app, look, severity),
            Span::raw(in_short(app, line)),
        ]);
    }
    let inside = Rect {
        x: area.x + 1,
        width,
        ..area
    };
    let all = page.into_lines();
    let room = usize::from(area.height);
    let hidden = all.len().saturating_sub(room);
    // The last line tells of those that it takes the place of.
    let shown = if hidden > 0 {
        room.saturating_sub(1)
    } else {
        room
    };
    for (y, line) in (inside.top()..inside.bottom()).zip(all.iter().take(shown)) {
        draw_line(line, look, row(inside, y), buf);
    }
    if hidden > 0 {
        let key = keys::first(app, look, Action::Review);
        let key = key.map_or_else(String::new, |key| format!(": {key}"));
        let words = format!("{} {} more{key}", look.glyphs.ellipsis, hidden + 1);
        let line = row(inside, inside.bottom().saturating_sub(1));
        fit::Field::line(line, look.glyphs.ellipsis).draw(buf, &words, look.theme.dim);
    }
    drawn.hits.push((region(area), Hit::Act(Action::Review)));
}

const fn row(area: Rect, y: u16) -> Rect {
    Rect {
        y,
        height: 1,
        ..area
    }
}

/// `On call ──────────── w shows all`
fn rule(look: &Look, title: &str, note: &str, width: u16) -> Vec<Span<'static>> {
    let note = if note.is_empty() {
        String::new()
    } else {
        format!(" {note}")
    };
    let used = fit::width(title) + 1 + fit::width(&note);
    let line = look.glyphs.borders.horizontal;
    let line = line.repeat(usize::from(width.saturating_sub(used)));
    vec![
        Span::styled(format!("{title} "), look.theme.heading),
        Span::styled(line, look.theme.border),
        Span::styled(note, look.theme.dim),
    ]
}

fn padded(words: &str, width: u16, look: &Look) -> Span<'static> {
    let mut cut = String::new();
    let mut cells = 0;
    for c in words.chars() {
        let wide = fit::width(c.encode_utf8(&mut [0; 4]));
        if cells + wide > width {
            break;
        }
        cells += wide;
        cut.push(c);
    }
    if cut.len() < words.len() {
        cut.pop();
        cut.push_str(look.glyphs.ellipsis);
        cells = fit::width(&cut);
    }
    let blanks = usize::from(width.saturating_sub(cells));
    Span::raw(format!("{cut}{}", " ".repeat(blanks)))
}

fn sign(app: &App, look: &Look, severity: Severity) -> Span<'static> {
    // What an old answer says may no longer be so.
    let style = if freshness(app).is_trustworthy() {
        look.theme.severity(severity)
    } else {
        look.theme.dim
    };
    Span::styled(format!("{} ", look.glyphs.severity(severity)), style)
}

fn freshness(app: &App) -> Freshness {
    let rosters = (app.estate.sources.iter()).filter(|s| s.kind == SourceKind::Roster);
    rosters
        .map(|s| app.estate.freshness(s.id, Reading::Roster, app.now))
        .max()
        .unwrap_or(Freshness::Fresh)
}

/// `Anne Bonny until Mon 08:00 (in 2d 10h), then Grace O'Malley`
fn now_and_next(app: &App, look: &Look, duty: &Duty<'_>) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    for (at, (person, shift)) in duty.now.iter().enumerate() {
        if at > 0 {
            spans.push(Span::raw(", "));
        }
        spans.push(Span::styled(person.name.to_string(), look.theme.text));
        let until = format!(
            " until {} ({})",
            day_and_time(shift.until, &app.context()),
            in_so_long(shift.until, app.now)
        );
        spans.push(Span::styled(until, look.theme.dim));
    }
    if duty.now.is_empty() {
        spans.push(Span::styled("nobody now", look.theme.warning));
    }
    if let Some((person, shift)) = duty.next {
        spans.push(Span::styled(
            format!(", {}", then(app, duty, person, shift)),
            look.theme.dim,
        ));
    }
    spans
}

fn then(app: &App, duty: &Duty<'_>, person: &PersonRow, shift: &Shift) -> String {
    let follows = duty.now.iter().any(|(_, now)| now.until == shift.from);
    let same = duty.now.iter().any(|(now, _)| now.key() == person.key());
    let name = if same {
        "the same again".to_owned()
    } else {
        person.name.to_string()
    };
    if follows {
        format!("then {name}")
    } else {
        let from = day_and_time(shift.from, &app.context());
        format!(
            "next {name} from {from} ({})",
            in_so_long(shift.from, app.now)
        )
    }
}

/// `in 2d 10h`
pub(super) fn in_so_long(at: Moment, now: Moment) -> String {
    format!("in {}", words::duration(at.until(now)))
}

/// A line of findings, names and all, as long as it gets.
fn in_short(app: &App, findings: &[Finding]) -> String {
    let names = |most: usize| {
        let named: Vec<String> = findings.iter().take(most).map(|f| name(app, f)).collect();
        let more = findings.len().saturating_sub(most);
        let named = named.join(", ");
        if more > 0 {
            format!("{named} and {more} more")
        } else {
            named
        }
    };
    let Some(first) = findings.first() else {
        return String::new();
    };
    let all = |verb: &str| {
        if findings.len() == 1 {
            return format!("1 site or queue {verb}");
        }
        format!(
            "{} sites and queues {}",
            findings.len(),
            verb.replace("has", "have")
        )
    };
    match first {
        Finding::Unowned(_) => format!("{}: {}", all("has no owner"), names(12)),
        Finding::OneOwner(..) => format!("{}: {}", all("has one owner only"), names(12)),
        Finding::NobodyOnCall(..) if findings.len() > 1 => {
            let more = words::count(findings.len() as u64 - 1, "time");
            format!("{}, and {more} more", in_full(app, first))
        }
        Finding::TermOver(..) => format!("Election overdue: {}", in_full(app, first)),
        Finding::OwnsNothing(..) => format!("Owned, but not there: {}", names(4)),
        Finding::NotInRedmine(_) => {
            format!("In the roster, but no member in Redmine: {}", names(6))
        }
        Finding::NotInRoster(_) => {
            format!("Member in Redmine, but not in the roster: {}", names(6))
        }
        Finding::OtherLogin(..) => format!("Another login in Redmine: {}", names(4)),
        _ => in_full(app, first),
    }
}

/// What a line of many is about: `wiki.example.org`, `Anne Bonny (abonny)`.
fn name(app: &App, finding: &Finding) -> String {
    match finding {
        Finding::Unowned(key) => thing(key),
        Finding::OneOwner(key, who) => format!("{} ({})", thing(key), who.name),
        Finding::OwnsNothing(who, owned) => format!("{owned} ({})", who.name),
        Finding::OtherLogin(who, there) => format!("{} ({there})", who.name),
        Finding::NotInRoster(who) | Finding::NotInRedmine(who) => with_login(app, who),
        other => in_full(app, other),
    }
}

/// `Stede Bonnet (stede)`
fn with_login(app: &App, who: &Who) -> String {
    let row = app.estate.people.iter().find(|row| row.key() == who.key);
    match row.and_then(|row| row.login.as_ref()) {
        Some(login) => format!("{} ({login})", who.name),
        None => who.name.to_string(),
    }
}

fn thing(key: &Key) -> String {
    match key {
        Key::Web(name) | Key::Queue(_, name) | Key::Person(name) | Key::Host(_, name) => {
            name.to_string()
        }
        Key::Guest(_, vmid) => vmid.to_string(),
        Key::Ticket(_, id) | Key::Change(_, id, _) => format!("#{id}"),
        Key::Problem(text) | Key::Event(_, text) => text.to_string(),
    }
}

/// A finding as a sentence of its own.
pub(super) fn in_full(app: &App, finding: &Finding) -> String {
    let context = app.context();
    match finding {
        Finding::GroupSize(group, members, least, most) => {
            format!("{group}: {}", group_size(*members, *least, *most))
        }
        Finding::NobodyOnCall(group, from, until) => {
            let now = *from <= app.now;
            let begin = if now {
                "now".to_owned()
            } else {
                format!("from {}", day_and_time(*from, &context))
            };
            let end = match until {
                None => ", no later shift is known".to_owned(),
                Some(until) if now => format!(
                    ", until {} ({})",
                    day_and_time(*until, &context),
                    in_so_long(*until, app.now)
                ),
                Some(until) => format!(
                    " to {} ({})",
                    day_and_time(*until, &context),
                    words::duration(until.until(*from))
                ),
            };
            format!("{group}: nobody is on call {begin}{end}")
        }
        Finding::AwayOnCall(who, group, from, until) => {
            let end = day_and_time(*until, &context);
            let when = if *from <= app.now {
                format!("now, until {end}")
            } else {
                format!("from {} to {end}", day_and_time(*from, &context))
            };
            format!(
                "{group}: {} is on call {when}, and away meanwhile",
                who.name
            )
        }
        Finding::TermOver(who, title, group, ended) => {
            let today = app.now.timestamp().to_zoned(app.zone.clone()).date();
            let days = ended.until(today).map_or(0, |span| span.get_days());
            format!(
                "{}, {title} of {group}: term ended {ended}, {} ago",
                who.name,
                words::count(u64::from(days.unsigned_abs()), "day")
            )
        }
        Finding::Unowned(key) => format!("{}: nobody owns it", thing(key)),
        Finding::OneOwner(key, who) => format!("{}: {} is its only owner", thing(key), who.name),
        Finding::OwnsNothing(who, name) => {
            format!(
                "{} is said to own {name}, and nothing is called so",
                who.name
            )
        }
        Finding::Locked(who) => {
            format!("{} is in the roster, but locked in Redmine", who.name)
        }
        Finding::NotInRedmine(who) => {
            format!(
                "{} is in the roster, but no member of any project in Redmine",
                with_login(app, who)
            )
        }
        Finding::NotInRoster(who) => {
            format!(
                "{} is a member in Redmine, but not in the roster",
                with_login(app, who)
            )
        }
        Finding::OtherLogin(who, there) => {
            let row = app.estate.people.iter().find(|row| row.key() == who.key);
            let here = row.and_then(|row| row.login.as_deref()).unwrap_or_default();
            format!(
                "{}: login {here} in the roster, {there} in Redmine",
                who.name
            )
        }
        Finding::MembersHidden(projects) => format!(
            "Members of {} may not be read: who is missing in Redmine is not known",
            words::count(u64::from(*projects), "project")
        ),
        Finding::Remark(words) => words.to_string(),
    }
}

/// `2 members, needs 3 to 9`
pub(super) fn group_size(members: u32, least: Option<u32>, most: Option<u32>) -> String {
    let has = words::count(u64::from(members), "member");
    match (least, most) {
        (Some(least), Some(most)) => format!("{has}, needs {least} to {most}"),
        (Some(least), None) => format!("{has}, needs at least {least}"),
        (None, Some(most)) => format!("{has}, takes at most {most}"),
        (None, None) => has,
    }
}

/// All of it.
fn write(app: &App, look: &Look, page: &mut Page<'_>) {
    let theme = &look.theme;
    let duties = duty::all(&app.estate, app.now);
    if !duties.is_empty() {
        page.line(rule(look, "On call", "", page.width()));
    }
    for duty in &duties {
        page.line(vec![Span::styled(duty.group.to_string(), theme.text)]);
        let told = now_and_next(app, look, duty);
        let words: String = told.iter().map(|span| span.content.as_ref()).collect();
        page.words(
            2,
            &words,
            if duty.now.is_empty() {
                theme.warning
            } else {
                theme.dim
            },
        );
    }
    if !app.estate.groups.is_empty() {
        gap(page);
        page.line(rule(look, "Groups", "", page.width()));
    }
    for group in &app.estate.groups {
        let right = group.size_is_right();
        let severity = if right {
            Severity::Ok
        } else {
            Severity::Warning
        };
        let (least, most) = (group.group.at_least, group.group.at_most);
        let ruled = least.is_some() || most.is_some();
        let said = if right {
            let has = words::count(u64::from(group.members), "member");
            match (least, most) {
                (Some(least), Some(most)) => format!("{has} of {least} to {most}"),
                (Some(least), None) => format!("{has}, at least {least}"),
                (None, Some(most)) => format!("{has}, at most {most}"),
                (None, None) => has,
            }
        } else {
            group_size(group.members, least, most)
        };
        let before = vec![
            if ruled {
                sign(app, look, severity)
            } else {
                Span::styled(format!("{} ", look.glyphs.dot), theme.dim)
            },
            padded(&group.group.name, GROUP, look),
            Span::raw("  "),
        ];
        page.after(before, &said, theme.text);
    }
    for (title, of_part) in PARTS {
        let all: Vec<&Finding> = app.estate.review.iter().filter(|f| of_part(f)).collect();
        if all.is_empty() {
            continue;
        }
        gap(page);
        page.line(rule(look, title, "", page.width()));
        for finding in all {
            let before = vec![sign(app, look, finding.severity())];
            page.after(before, &in_full(app, finding), theme.text);
        }
    }
}

fn gap(page: &mut Page<'_>) {
    if !page.is_empty() {
        page.blank();
    }
}

type OfPart = fn(&Finding) -> bool;

/// Parts of the page and what belongs to them; sizes of groups stand with the groups.
const PARTS: [(&str, OfPart); 5] = [
    ("Gaps in the rotations", |f| {
        matches!(f, Finding::NobodyOnCall(..) | Finding::AwayOnCall(..))
    }),
    ("Elections overdue", |f| matches!(f, Finding::TermOver(..))),
    ("Roster and Redmine", |f| {
        matches!(
            f,
            Finding::Locked(_)
                | Finding::NotInRedmine(_)
                | Finding::NotInRoster(_)
                | Finding::OtherLogin(..)
                | Finding::MembersHidden(_)
        )
    }),
    ("Owners", |f| {
        matches!(
            f,
            Finding::Unowned(_) | Finding::OneOwner(..) | Finding::OwnsNothing(..)
        )
    }),
    ("The roster itself", |f| matches!(f, Finding::Remark(_))),
];

//! What is to be put right in the team: groups of the wrong size, hours without anybody on call, terms that are
//! over, what nobody owns, and where roster and Redmine do not agree.

use std::collections::HashSet;

use crate::domain::person::Date;
use crate::domain::{Batch, Key, Moment, Reading, Severity, SourceKind, Text};

use super::join::Reason;
use super::{Estate, Feed, PersonRow, call, duty};

/// Something to be put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A group's size breaks its own rule: name, members, fewest, most.
    GroupSize(Text, u32, Option<u32>, Option<u32>),
    /// Nobody is on call for a group: name, from, until; no end when no later shift is known.
    NobodyOnCall(Text, Moment, Option<Moment>),
    /// Who is on call is away meanwhile: the person, the group's name, the shift's begin and end.
    AwayOnCall(Who, Text, Moment, Moment),
    /// A term is over and nobody was elected since: the person, title, the group's name, last day.
    TermOver(Who, Text, Text, Date),
    /// A site or queue that nobody owns.
    Unowned(Key),
    /// A site or queue that hangs on one person.
    OneOwner(Key, Who),
    /// Something that a person is said to own is not there: the person, the name.
    OwnsNothing(Who, Text),
    /// Locked in Redmine, but in the roster.
    Locked(Who),
    /// In the roster, but no member of any project in Redmine.
    NotInRedmine(Who),
    /// A member in Redmine, but not in the roster.
    NotInRoster(Who),
    /// The same full name, but another login: the person, the login in Redmine.
    OtherLogin(Who, Text),
    /// Projects of Redmine whose members may not be read, so that nobody can be said to be missing.
    MembersHidden(u32),
    /// What the roster's source could use only in part, in its words.
    Remark(Text),
}

/// A person: the key of the row, the full name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// The row.
    pub key: Key,
    /// Full name.
    pub name: Text,
}

impl Who {
    fn of(row: &PersonRow) -> Self {
        Self {
            key: row.key(),
            name: row.name.clone(),
        }
    }
}

impl Finding {
    /// How bad it is.
    pub fn severity(&self) -> Severity {
        match self {
            Self::GroupSize(..)
            | Self::NobodyOnCall(..)
            | Self::AwayOnCall(..)
            | Self::TermOver(..)
            | Self::Locked(_) => Severity::Warning,
            Self::Unowned(_)
            | Self::OneOwner(..)
            | Self::OwnsNothing(..)
            | Self::NotInRedmine(_)
            | Self::NotInRoster(_)
            | Self::OtherLogin(..)
            | Self::MembersHidden(_)
            | Self::Remark(_) => Severity::Info,
        }
    }

    /// The order of the kinds.
    const fn rank(&self) -> u8 {
        match self {
            Self::NobodyOnCall(..) => 0,
            Self::AwayOnCall(..) => 1,
            Self::GroupSize(..) => 2,
            Self::TermOver(..) => 3,
            Self::Locked(_) => 4,
            Self::Unowned(_) => 5,
            Self::OneOwner(..) => 6,
            Self::OwnsNothing(..) => 7,
            Self::NotInRedmine(_) => 8,
            Self::NotInRoster(_) => 9,
            Self::OtherLogin(..) => 10,
            Self::MembersHidden(_) => 11,
            Self::Remark(_) => 12,
        }
    }

    /// The person it is about.
    pub const fn who(&self) -> Option<&Who> {
        match self {
            Self::AwayOnCall(who, ..)
            | Self::TermOver(who, ..)
            | Self::OwnsNothing(who, _)
            | Self::Locked(who)
            | Self::NotInRedmine(who)
            | Self::NotInRoster(who)
            | Self::OtherLogin(who, _) => Some(who),
            // Of a thing, not of the person.
            Self::OneOwner(..)
            | Self::GroupSize(..)
            | Self::NobodyOnCall(..)
            | Self::Unowned(_)
            | Self::MembersHidden(_)
            | Self::Remark(_) => None,
        }
    }
}

/// Findings that are told in one line: one that presses alone, the others with their like.
pub fn lines(findings: &[Finding]) -> impl Iterator<Item = &[Finding]> {
    findings.chunk_by(|one, next| {
        if let (Finding::NobodyOnCall(one, ..), Finding::NobodyOnCall(next, ..)) = (one, next) {
            return one == next;
        }
        let alike = std::mem::discriminant(one) == std::mem::discriminant(next);
        alike && one.severity() == Severity::Info && !matches!(one, Finding::Remark(_))
    })
}

/// All of it, what presses most first. Wants people, groups and joins.
pub(super) fn all(estate: &Estate, now: Moment) -> Vec<Finding> {
    let mut findings = Vec::new();
    for row in estate.groups.iter().filter(|row| !row.size_is_right()) {
        findings.push(Finding::GroupSize(
            row.group.name.clone(),
            row.members,
            row.group.at_least,
            row.group.at_most,
        ));
    }
    for duty in duty::all(estate, now) {
        for (from, until) in &duty.gaps {
            findings.push(Finding::NobodyOnCall(duty.group.clone(), *from, *until));
        }
        for (person, shift) in &duty.away {
            findings.push(Finding::AwayOnCall(
                Who::of(person),
                duty.group.clone(),
                shift.from,
                shift.until,
            ));
        }
    }
    terms(estate, now, &mut findings);
    accounts(estate, &mut findings);
    if read(estate, SourceKind::Roster, Reading::Roster) {
        owners(estate, &mut findings);
    }
    for source in &estate.sources {
        if let Some(Batch::Roster(roster)) = source.feed(Reading::Roster).and_then(Feed::batch) {
            findings.extend(roster.remarks.iter().cloned().map(Finding::Remark));
        }
    }
    // By kind, as they were found within each.
    findings.sort_by_key(Finding::rank);
    findings
}

/// Whether every source of a kind, of which there is one, has answered.
fn read(estate: &Estate, kind: SourceKind, reading: Reading) -> bool {
    let mut of_kind = estate.sources.iter().filter(|s| s.kind == kind).peekable();
    of_kind.peek().is_some() && of_kind.all(|s| s.feed(reading).and_then(Feed::batch).is_some())
}

fn terms(estate: &Estate, now: Moment, findings: &mut Vec<Finding>) {
    for row in &estate.people {
        let Some(entry) = row.roster.and_then(|at| estate.person(at)) else {
            continue;
        };
        let today = now.timestamp().to_zoned(call::zone_of(entry)).date();
        for role in &entry.roles {
            if let Some(ended) = role.until.filter(|until| *until < today) {
                let group = estate
                    .groups
                    .iter()
                    .find(|g| g.source == row.source && g.group.id == role.group);
                findings.push(Finding::TermOver(
                    Who::of(row),
                    role.title.clone(),
                    group.map_or(&role.group, |g| &g.group.name).clone(),
                    ended,
                ));
            }
        }
    }
}

/// Where roster and Redmine do not agree. Told only of what has been read.
fn accounts(estate: &Estate, findings: &mut Vec<Finding>) {
    let roster = read(estate, SourceKind::Roster, Reading::Roster);
    if !roster || !read(estate, SourceKind::Redmine, Reading::Projects) {
        return;
    }
    let (mut hidden, mut awaited) = (0_u32, false);
    for source in &estate.sources {
        if let Some(Batch::Projects(projects)) =
            source.feed(Reading::Projects).and_then(Feed::batch)
        {
            for project in &projects.projects {
                hidden += u32::from(project.members.is_none());
            }
        }
    }
    for row in &estate.people {
        // An account that nobody has asked for yet may be anybody's.
        awaited |= row.accounts.iter().any(|account| account.locked.is_none());
    }
    for row in &estate.people {
        let who = || Who::of(row);
        if row.roster.is_none() {
            let told = row.accounts.iter().all(|account| account.locked.is_some());
            if told && !row.is_locked() {
                findings.push(Finding::NotInRoster(who()));
            }
            continue;
        }
        if row.accounts.is_empty() {
            if hidden == 0 && !awaited {
                findings.push(Finding::NotInRedmine(who()));
            }
            continue;
        }
        if row.is_locked() {
            findings.push(Finding::Locked(who()));
        }
        for account in &row.accounts {
            if let (Some(here), Some(there)) = (&row.login, &account.login)
                && here.to_lowercase() != there.to_lowercase()
            {
                findings.push(Finding::OtherLogin(who(), there.clone()));
            }
        }
    }
    if hidden > 0 {
        findings.push(Finding::MembersHidden(hidden));
    }
}

/// Sites and queues that nobody owns, or one person only; names in the roster that lead nowhere.
fn owners(estate: &Estate, findings: &mut Vec<Finding>) {
    let of_web = estate.web.iter().map(super::WebRow::key);
    let of_mail = estate.queues.iter().map(super::QueueRow::key);
    let (mut unowned, mut single) = (Vec::new(), Vec::new());
    for key in of_web.chain(of_mail) {
        let mut owners = owners_of(estate, &key);
        match (owners.pop(), owners.is_empty()) {
            (None, _) => unowned.push(Finding::Unowned(key)),
            (Some(one), true) => single.push(Finding::OneOwner(key, Who::of(one))),
            (Some(_), false) => {}
        }
    }
    findings.append(&mut unowned);
    findings.append(&mut single);
    let machines_read = read(estate, SourceKind::Proxmox, Reading::Resources);
    for (person, name) in estate.joins.nowhere().iter().filter(|_| machines_read) {
        if let Some(row) = estate.people.iter().find(|row| row.key() == *person) {
            findings.push(Finding::OwnsNothing(Who::of(row), name.clone()));
        }
    }
}

/// Who owns a site or queue, itself or what it runs on, each once. Who owns the whole machine below does not
/// answer for every site on it.
fn owners_of<'a>(estate: &'a Estate, key: &Key) -> Vec<&'a PersonRow> {
    let below = estate
        .joins
        .sure(key)
        .filter(|join| !matches!(join.reason, Reason::Proxy | Reason::Needs))
        .map(|join| &join.to);
    let mut seen: HashSet<&Key> = HashSet::new();
    std::iter::once(key)
        .chain(below)
        .flat_map(|thing| estate.joins.owners(thing))
        .filter(|owner| seen.insert(*owner))
        .filter_map(|owner| estate.people.iter().find(|row| row.key() == *owner))
        .collect()
}

//! Web services: our own eye and the monitor's, side by side.

use ratatui::text::Span;

use crate::app::{App, columns};
use crate::domain::web::{
    Certificate, Eyes, Family, FlawKind, HARD, Probe, ProbeOutcome, Protocol, Upgrade,
};
use crate::domain::{Freshness, Moment, Reading, Severity, Text};
use crate::estate::{Estate, WebRow};
use crate::ui::words;

use super::provenance::{self, Root};
use super::sheet::Sheet;
use super::ties::Ties;
use super::{monitored, strip};

/// Most names of a certificate told.
const MOST_NAMES: usize = 12;

/// Its name.
pub fn title(estate: &Estate, index: usize) -> Option<String> {
    estate.web.get(index).map(|row| row.name.to_string())
}

/// The answers it rests on.
pub fn roots(estate: &Estate, index: usize) -> Vec<Root> {
    estate.web.get(index).map(roots_of).unwrap_or_default()
}

fn roots_of(row: &WebRow) -> Vec<Root> {
    let probe = row.probe.map(|at| (at.source, Reading::Probes));
    let checks = [row.check, row.certificate]
        .into_iter()
        .flatten()
        .map(|at| (at.source, Reading::Checks));
    probe.into_iter().chain(checks).collect()
}

/// Writes all of it.
pub fn write(sheet: &mut Sheet<'_>, app: &App, index: usize) {
    let estate = &app.estate;
    let Some(row) = estate.web.get(index) else {
        return;
    };
    write_verdict(sheet, app, index);
    let probe = row.probe.and_then(|at| estate.probe(at));
    if let Some(probe) = probe {
        let url = Span::styled(probe.url.as_str(), sheet.theme().link);
        sheet.words(&[url]);
    }
    provenance::write(sheet, app, &roots_of(row));
    sheet.gap();
    write_both(sheet, app, row, true);
    write_runs_on(sheet, app, row, probe);
    strip::write(sheet, app, row);
    Ties::of(estate, &row.key()).write(sheet, app);
    strip::write_first_byte(sheet, app, row);
    write_certificate(sheet, app, index);
}

/// Writes what matters of it where something else is told.
pub fn write_short(sheet: &mut Sheet<'_>, app: &App, index: usize) {
    if let Some(row) = app.estate.web.get(index) {
        write_both(sheet, app, row, false);
    }
}

/// A site in a line: `● wiki.example.org  200 in 80 ms`.
pub fn write_line(sheet: &mut Sheet<'_>, app: &App, row: &WebRow) {
    let estate = &app.estate;
    let root = roots_of(row).first().copied();
    sheet.rests_on(root.map_or(Freshness::Never, |root| provenance::freshness(app, root)));
    let sign = sheet.sign(row.severity(estate));
    let mut spans = vec![sheet.text(row.name.as_str())];
    if let Some(probe) = row.probe.and_then(|at| estate.probe(at)) {
        spans.push(sheet.dim(format!("  {}", words::probe(&probe.outcome))));
    } else if let Some(check) = row
        .check
        .or(row.certificate)
        .and_then(|at| estate.check(at))
    {
        let state = words::service_state(check.state);
        spans.push(sheet.dim(format!("  Checkmk: {state}")));
    }
    sheet.item(1, &sign, &spans);
}

/// The worst that anybody sees.
fn write_verdict(sheet: &mut Sheet<'_>, app: &App, index: usize) {
    let estate = &app.estate;
    let Some(row) = estate.web.get(index) else {
        return;
    };
    let worst = roots_of(row)
        .iter()
        .map(|root| provenance::freshness(app, *root))
        .max();
    sheet.rests_on(worst.unwrap_or(Freshness::Never));
    let severity = columns::web::severity(estate, index);
    let mut spans = sheet.state(severity, words::severity(severity));
    let since = since(estate, row, severity);
    spans.extend(monitored::since(sheet, since, app.now));
    sheet.words(&spans);
}

/// Since when it is as bad as that, by whoever sees it so.
fn since(estate: &Estate, row: &WebRow, severity: Severity) -> Option<Moment> {
    let probe = row.probe.and_then(|at| estate.probe(at));
    let seen = probe.filter(|p| p.severity() == severity);
    let checks = [row.check, row.certificate]
        .into_iter()
        .flatten()
        .filter_map(|at| estate.check(at))
        .filter(|check| check.state.severity() == severity)
        .filter_map(|check| check.since);
    seen.and_then(|p| p.since).into_iter().chain(checks).min()
}

/// What is seen from here and what the monitor says (with what its checks printed, when `full`), and
/// how the two stand to each other.
fn write_both(sheet: &mut Sheet<'_>, app: &App, row: &WebRow, full: bool) {
    let estate = &app.estate;
    let probe = row.probe(estate);
    if let (Some(probe), Some(at)) = (probe, row.probe) {
        sheet.rests_on(provenance::freshness(app, (at.source, Reading::Probes)));
        write_probe(sheet, app, probe, full);
    } else {
        sheet.fact(
            "From here",
            &[sheet.dim(words::eyes(&row.eyes, None, app.now))],
        );
    }
    for (label, at) in [("Checkmk", row.check), ("Certificate", row.certificate)] {
        if let Some(at) = at
            && let Some(check) = estate.check(at)
        {
            sheet.rests_on(provenance::freshness(app, (at.source, Reading::Checks)));
            if full {
                monitored::write_check(sheet, app, label, check);
            } else {
                monitored::write_check_state(sheet, app, label, check);
            }
        }
    }
    if let Some(probe) = probe {
        sheet.rests_on(Freshness::Fresh);
        let said = words::eyes(&row.eyes, Some(&probe.outcome), app.now);
        match &row.eyes {
            eyes if eyes.disagree() => {
                let severity = eyes.severity();
                let words = [sheet.sign(severity), sheet.severe(severity, said)];
                sheet.fact("Two eyes", &words);
            }
            // Worth a word only to who looks at all of it.
            Eyes::OnlyMonitor => {}
            Eyes::Agree | Eyes::OnlyHere if !full => {}
            _ => sheet.fact("Two eyes", &[sheet.dim(said)]),
        }
    }
}

fn write_probe(sheet: &mut Sheet<'_>, app: &App, probe: &Probe, full: bool) {
    let severity = probe.severity();
    let mut spans = sheet.state(severity, &words::probe(&probe.outcome));
    if let ProbeOutcome::Answered {
        status: 300..400,
        expected: true,
        ..
    } = &probe.outcome
    {
        spans.push(sheet.dim(", as expected"));
    }
    if let Some(age) = probe.since.and_then(|at| at.age(app.now)) {
        spans.push(sheet.dim(format!(", for {}", words::duration(age))));
    }
    sheet.fact("From here", &spans);
    if (1..HARD).contains(&probe.misses) {
        let said = match probe.misses {
            1 => "missed once; three times in a row make it certain".to_owned(),
            misses => format!("missed {misses} times in a row; three make it certain"),
        };
        sheet.fact("", &[sheet.dim(said)]);
    }
    match &probe.outcome {
        ProbeOutcome::Answered { .. } => {
            if full {
                write_answer(sheet, probe);
            }
        }
        ProbeOutcome::Failed(failure) => {
            let said = words::failure(failure);
            sheet.fact("", &[sheet.text(said.what)]);
            for line in said.next.iter().flat_map(|next| next.lines()) {
                sheet.fact("", &[sheet.dim(line)]);
            }
        }
    }
    write_flaws(sheet, app, probe);
    if full {
        write_way(sheet, probe);
    }
}

/// What came back.
fn write_answer(sheet: &mut Sheet<'_>, probe: &Probe) {
    let ProbeOutcome::Answered {
        status,
        redirect,
        cache,
        ..
    } = &probe.outcome
    else {
        return;
    };
    sheet.fact("Time", &[sheet.text(words::timing(&probe.timing))]);
    // What answers with a redirect has said so above.
    if let Some(to) = redirect.as_ref().filter(|_| !(300..400).contains(status)) {
        sheet.fact("Led to", &[sheet.text(to.as_str())]);
    }
    if probe.body.read > 0 {
        sheet.fact("Page", &[sheet.text(words::body(probe.body))]);
    }
    sheet.fact_if("Cache", cache.as_ref());
}

/// What is wrong all the same.
fn write_flaws(sheet: &mut Sheet<'_>, app: &App, probe: &Probe) {
    for flaw in &probe.flaws {
        let said = words::flaw(&flaw.kind);
        if flaw.times < HARD {
            let said = format!("{said}; not certain before it was seen {HARD} times");
            sheet.fact("", &[sheet.dim(said)]);
            continue;
        }
        let mut spans = vec![
            sheet.sign(Severity::Warning),
            sheet.severe(Severity::Warning, said),
        ];
        spans.extend(monitored::since(sheet, Some(flaw.since), app.now));
        sheet.fact("But", &spans);
    }
}

/// The way there: by which addresses, and where plain HTTP leads.
fn write_way(sheet: &mut Sheet<'_>, probe: &Probe) {
    if let Some(address) = &probe.address {
        sheet.fact(
            "Asked at",
            &[sheet.text(address.as_str()), sheet.dim(", as configured")],
        );
    }
    let families = [
        (Protocol::V4, &probe.families.v4),
        (Protocol::V6, &probe.families.v6),
    ];
    // Where it never came to connecting, the failure says why.
    let is_tried = families.iter().any(|(_, f)| **f != Family::Absent);
    for (protocol, family) in families {
        let is_flaw = |flaw: &crate::domain::web::Flaw| matches!(&flaw.kind, FlawKind::Family(broken, _) if *broken == protocol);
        if !is_tried || probe.flaws.iter().any(is_flaw) {
            continue;
        }
        let said = words::family(family);
        let said = match family {
            Family::Connected { .. } | Family::Failed { .. } => sheet.text(said),
            Family::Absent | Family::NoRoute { .. } => sheet.dim(said),
        };
        sheet.fact(protocol.name(), &[said]);
    }
    if let Some(upgrade @ Upgrade::Done { .. }) = &probe.upgrade {
        sheet.fact("Plain HTTP", &[sheet.text(words::upgrade_words(upgrade))]);
    }
}

fn write_runs_on(sheet: &mut Sheet<'_>, app: &App, row: &WebRow, probe: Option<&Probe>) {
    let estate = &app.estate;
    let guest = row.guest.as_ref().and_then(|key| estate.guest_row(key));
    let Some(guest) = guest else {
        if let Some(name) = probe.and_then(|p| p.runs_on.as_ref()) {
            sheet.rests_on(Freshness::Fresh);
            sheet.fact(
                "Runs on",
                &[
                    sheet.text(name.as_str()),
                    sheet.dim(", which no Proxmox that is read knows"),
                ],
            );
        }
        return;
    };
    let Some(place) = guest_index(estate, guest) else {
        return;
    };
    sheet.rests_on(provenance::freshness(
        app,
        (guest.place.source, Reading::Resources),
    ));
    let Some(title) = super::guest::title(estate, place) else {
        return;
    };
    let severity = columns::containers::severity(estate, place);
    let state = estate
        .guest(guest.place)
        .map_or(words::UNKNOWN, |g| words::guest_state(g.state));
    let mut spans = vec![sheet.text(title), sheet.text("  ")];
    spans.extend(sheet.state(severity, state));
    sheet.fact("Runs on", &spans);
}

/// Position of a guest's row.
fn guest_index(estate: &Estate, row: &crate::estate::GuestRow) -> Option<usize> {
    estate
        .guests
        .binary_search_by_key(&(row.place.source, row.vmid), |g| (g.place.source, g.vmid))
        .ok()
}

fn write_certificate(sheet: &mut Sheet<'_>, app: &App, index: usize) {
    let estate = &app.estate;
    let Some(row) = estate.web.get(index) else {
        return;
    };
    let seen = row
        .probe
        .and_then(|at| Some((at, estate.probe(at)?.certificate.as_ref()?)));
    let days = row.certificate_days(estate, app.now);
    if days.is_none() && seen.is_none() {
        return;
    }
    sheet.heading("Certificate");
    let root = roots_of(row).first().copied();
    sheet.rests_on(root.map_or(Freshness::Never, |root| provenance::freshness(app, root)));
    if let Some(days) = days {
        let severity = row.certificate_severity(estate, days);
        let said = match days {
            ..0 => format!("ended {} ago", words::count(days.unsigned_abs(), "day")),
            0 => "ends today".to_owned(),
            _ => format!("ends in {}", words::count(days.unsigned_abs(), "day")),
        };
        let mut spans = sheet.state(severity, &said);
        if let Some(expires) = seen.and_then(|(_, c)| c.expires) {
            let day = expires.timestamp().to_zoned(app.zone.clone()).date();
            spans.push(sheet.dim(format!(", {day}")));
        }
        sheet.fact("Validity", &spans);
    }
    if let Some((_, certificate)) = seen {
        write_seen(sheet, certificate);
    }
}

fn write_seen(sheet: &mut Sheet<'_>, certificate: &Certificate) {
    if let Some(trouble) = &certificate.trouble {
        let words = [
            sheet.sign(Severity::Warning),
            sheet.severe(Severity::Warning, trouble.as_str()),
        ];
        sheet.fact("Trouble", &words);
    }
    sheet.fact_if("Issuer", certificate.issuer.as_ref());
    let names = certificate.names.len();
    if names > 0 {
        let listed: Vec<&str> = certificate
            .names
            .iter()
            .take(MOST_NAMES)
            .map(Text::as_str)
            .collect();
        let mut spans = vec![sheet.text(listed.join(", "))];
        if names > MOST_NAMES {
            spans.push(sheet.dim(format!(" and {} more", names - MOST_NAMES)));
        }
        sheet.fact("For", &spans);
    }
    // In groups of eight pairs, so that lines end between pairs.
    let mut groups: Vec<Vec<Span<'_>>> = Vec::new();
    let mut rest = certificate.fingerprint.as_str();
    while let Some((group, after)) = rest.split_at_checked(24).filter(|(_, a)| !a.is_empty()) {
        groups.push(vec![sheet.dim(group)]);
        rest = after;
    }
    groups.push(vec![sheet.dim(rest)]);
    sheet.row_fact("Fingerprint", &groups, &Span::raw(""));
}

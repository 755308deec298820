//! What the monitor says of a host, and of single services.

use ratatui::text::Span;

use crate::app::App;
use crate::domain::check::{Handling, HostState, MonitoredService, ServiceCounts};
use crate::domain::{Moment, Reading, Severity};
use crate::estate::Place;
use crate::ui::words;

use super::provenance;
use super::sheet::Sheet;

/// Most services named.
const MOST: usize = 12;

/// Writes the monitor's view of a host: its state, its services, those that are not ok.
pub fn write(sheet: &mut Sheet<'_>, app: &App, at: Place) {
    let Some(host) = app.estate.monitored_host(at) else {
        return;
    };
    sheet.heading(&format!("Checkmk: {}", host.name));
    sheet.rests_on(provenance::freshness(
        app,
        (at.source, Reading::MonitoredHosts),
    ));
    let severity = state_severity(host.state);
    let mut state = sheet.state(severity, words::host_state(host.state));
    state.extend(since(sheet, host.since, app.now));
    sheet.fact("State", &state);
    if let Some(handled) = handling(host.handling) {
        sheet.fact("Handling", &[sheet.text(handled)]);
    }
    if severity.is_problem()
        && let Some(output) = &host.output
    {
        sheet.fact("Says", &[sheet.text(output.as_str())]);
    }
    let counted = counts(sheet, host.services);
    let blanks = sheet.text("  ");
    sheet.row_fact("Services", &counted, &blanks);
    if let Some(address) = &host.address {
        if sheet.is_private() {
            sheet.fact("Address", &[sheet.text(super::mask::MASK)]);
        } else {
            sheet.fact_if("Address", Some(address));
        }
    }
    sheet.fact_if("Alias", host.alias.as_ref());
    sheet.rests_on(provenance::freshness(app, (at.source, Reading::Problems)));
    let mut bad: Vec<&MonitoredService> = app.estate.services_of(at.source, &host.name).collect();
    bad.sort_by_key(|s| {
        (
            s.handling.is_handled(),
            std::cmp::Reverse(s.state.severity()),
        )
    });
    if !bad.is_empty() {
        sheet.gap();
    }
    for service in bad.iter().take(MOST) {
        write_service(sheet, app, service);
    }
    sheet.more(bad.len(), MOST);
}

/// An entry for a service that is not ok.
fn write_service(sheet: &mut Sheet<'_>, app: &App, service: &MonitoredService) {
    let severity = service.state.severity();
    let mut spans = vec![if service.handling.is_handled() {
        sheet.dim(service.name.as_str())
    } else {
        sheet.strong(service.name.as_str())
    }];
    if let Some(output) = &service.output {
        spans.push(sheet.text("  "));
        spans.push(sheet.text(output.as_str()));
    }
    let mut after: Vec<String> = Vec::new();
    if let Some(age) = service.since.and_then(|at| at.age(app.now)) {
        after.push(format!("for {}", words::duration_short(age)));
    }
    if let Some(handled) = handling(service.handling) {
        after.push(handled);
    }
    if !after.is_empty() {
        spans.push(sheet.dim(format!("  {}", after.join(", "))));
    }
    let sign = if service.handling.is_handled() {
        Span::styled(sheet.glyphs().severity(severity), sheet.theme().handled)
    } else {
        sheet.sign(severity)
    };
    sheet.item(1, &sign, &spans);
}

/// Writes one check by itself: its state, since when, what it printed.
pub fn write_check(sheet: &mut Sheet<'_>, app: &App, label: &str, check: &MonitoredService) {
    write_check_state(sheet, app, label, check);
    if let Some(output) = &check.output {
        sheet.fact("", &[sheet.text(output.as_str())]);
    }
    sheet.fact(
        "",
        &[
            sheet.dim(match check.checked.and_then(|at| at.age(app.now)) {
                Some(age) => format!(
                    "{} on {}, checked {} ago",
                    check.name,
                    check.host,
                    words::duration_short(age)
                ),
                None => format!("{} on {}", check.name, check.host),
            }),
        ],
    );
}

/// Writes the state of a check alone.
pub fn write_check_state(sheet: &mut Sheet<'_>, app: &App, label: &str, check: &MonitoredService) {
    let mut spans = sheet.state(check.state.severity(), words::service_state(check.state));
    spans.extend(since(sheet, check.since, app.now));
    if let Some(handled) = handling(check.handling) {
        spans.push(sheet.dim(format!(", {handled}")));
    }
    sheet.fact(label, &spans);
}

/// ` for 6m`.
pub fn since<'s>(sheet: &Sheet<'_>, at: Option<Moment>, now: Moment) -> Option<Span<'s>> {
    let age = at?.age(now)?;
    Some(sheet.dim(format!(" for {}", words::duration(age))))
}

/// What was done about a problem, in words; nothing when nothing was.
pub fn handling(handling: Handling) -> Option<String> {
    let said = [
        (handling.acknowledged, "acknowledged"),
        (handling.downtime, "in a scheduled downtime"),
        (
            handling.flapping,
            "flapping: it changes too often to be believed",
        ),
        (handling.soft, "soft: not confirmed by repeated checks yet"),
        (
            handling.stale,
            "stale: not checked for longer than it should be",
        ),
    ];
    let said: Vec<&str> = said
        .into_iter()
        .filter(|(holds, _)| *holds)
        .map(|(_, word)| word)
        .collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// How bad the state of a host is.
const fn state_severity(state: HostState) -> Severity {
    match state {
        HostState::Up => Severity::Ok,
        HostState::Pending => Severity::Info,
        HostState::Unreachable | HostState::Unknown => Severity::Unknown,
        HostState::Down => Severity::Critical,
    }
}

/// `■ 5 crit  ● 3 ok`.
fn counts(sheet: &Sheet<'_>, counts: ServiceCounts) -> Vec<Vec<Span<'static>>> {
    let mut parts = Vec::new();
    for (number, severity, word) in [
        (counts.crit, Severity::Critical, "crit"),
        (counts.unknown, Severity::Unknown, "unknown"),
        (counts.warn, Severity::Warning, "warn"),
        (counts.pending, Severity::Info, "pending"),
        (counts.ok, Severity::Ok, "ok"),
    ] {
        if number == 0 {
            continue;
        }
        parts.push(vec![
            sheet.sign(severity),
            sheet.text(format!("{number} {word}")),
        ]);
    }
    if parts.is_empty() {
        parts.push(vec![sheet.dim("none")]);
    }
    parts
}

//! `[triage]`: how problems become incidents.

use std::time::Duration;

use super::super::value::Value;
use super::ui::Given;

/// Reads `hold`.
pub(super) fn read(value: &Value<'_>) -> Option<Given<Duration>> {
    let mut table = value.table("write [triage] on a line of its own").ok()?;
    let hold = table.value("hold").and_then(|value| {
        let hold = value
            .duration(Duration::ZERO, Duration::from_hours(1), "")
            .ok()?;
        let place = value.document().place(&value.span());
        Some(Given { value: hold, place })
    });
    // What is unknown has been filed; the layer is thrown away with the file then.
    let _ = table.finish();
    hold
}

//! What the terminal is told of.

use crate::app::Alarm;
use crate::domain::Severity;

/// `critical: golem/105 wiki, and 2 more`; with private things masked only how many.
pub fn alarm(alarm: &Alarm, private: bool) -> String {
    let severity = super::severity(alarm.severity);
    if private {
        return format!(
            "{}, {severity}",
            super::count(alarm.count as u64, "new incident")
        );
    }
    match alarm.count {
        0 | 1 => format!("{severity}: {}", alarm.subject),
        n => format!("{severity}: {}, and {} more", alarm.subject, n - 1),
    }
}

/// `vigie: 3 critical`, `vigie: nothing critical`; what is below the wanted severity is not counted.
pub fn title(counted: (usize, Severity), all_seen: bool) -> String {
    match counted {
        (0, _) if all_seen => "vigie: all quiet".to_owned(),
        (0, _) => "vigie: cannot see all".to_owned(),
        (n, worst) => {
            let blind = if all_seen { "" } else { ", cannot see all" };
            format!("vigie: {n} open, worst {}{blind}", super::severity(worst))
        }
    }
}

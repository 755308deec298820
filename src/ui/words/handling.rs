//! What was done about a problem.

use std::borrow::Cow;

use crate::domain::check::Handling;

/// `ack`, `downtime, flapping`; empty when nothing was done. What people did comes first.
pub fn handling(handling: &Handling) -> Cow<'static, str> {
    let words = [
        (handling.acknowledged, "ack"),
        (handling.downtime, "downtime"),
        (handling.flapping, "flapping"),
        (handling.soft, "soft"),
        (handling.stale, "stale"),
    ];
    let mut said = Cow::Borrowed("");
    for (_, word) in words.into_iter().filter(|(holds, _)| *holds) {
        if said.is_empty() {
            said = Cow::Borrowed(word);
        } else {
            let said = said.to_mut();
            said.push_str(", ");
            said.push_str(word);
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_holds_is_said() {
        assert_eq!(handling(&Handling::default()), "");
        let known = Handling {
            acknowledged: true,
            ..Handling::default()
        };
        assert!(matches!(handling(&known), Cow::Borrowed("ack")));
        let all = Handling {
            acknowledged: true,
            downtime: true,
            flapping: true,
            soft: true,
            stale: true,
        };
        assert_eq!(handling(&all), "ack, downtime, flapping, soft, stale");
    }
}

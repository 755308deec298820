//! The last day of a site in signs: what tables and details share of it.

use ratatui::style::Style;

use crate::estate::Slot;
use crate::ui::theme::{Glyphs, Theme};

/// A slot's sign and style. What is well lies low, what is not stands out, without any colour too.
pub fn sign(slot: Slot, theme: &Theme, glyphs: &Glyphs) -> (&'static str, Style) {
    let level = |at: usize| glyphs.trend.get(at).copied().unwrap_or(" ");
    match slot {
        Slot::Unknown => (glyphs.bar_empty, theme.faint),
        Slot::Ok => (level(0), theme.ok),
        Slot::Partly => (level(3), theme.warning),
        Slot::Down => (level(7), theme.critical),
    }
}

/// As many slots as fit, each the worst of several where they do not all fit.
pub fn fitted(slots: &[Slot], cells: usize) -> Vec<Slot> {
    let each = slots.len().div_ceil(cells.max(1)).max(1);
    let rank = |slot: &Slot| match slot {
        Slot::Unknown => 0,
        Slot::Ok => 1,
        Slot::Partly => 2,
        Slot::Down => 3,
    };
    // The newest slots fill whole cells.
    slots
        .rchunks(each)
        .rev()
        .filter_map(|some| some.iter().max_by_key(|slot| rank(slot)).copied())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::strip::SLOTS;

    #[test]
    fn slots_share_cells_and_the_worst_is_seen() {
        let mut slots = vec![Slot::Ok; SLOTS];
        slots[1] = Slot::Down;
        slots[SLOTS - 1] = Slot::Partly;
        slots[10] = Slot::Unknown;
        assert_eq!(fitted(&slots, 60).len(), SLOTS);
        let half = fitted(&slots, 40);
        assert_eq!(half.len(), 24);
        assert_eq!(
            (half[0], half[5], half[23]),
            (Slot::Down, Slot::Ok, Slot::Partly)
        );
        assert_eq!(fitted(&slots, 0), [Slot::Down]);
    }
}

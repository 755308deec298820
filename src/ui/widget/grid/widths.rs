//! How wide each column is, and which are left out.

use super::{Column, Width};

/// Where a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// Its index among the grid's columns.
    pub column: usize,
    /// Its left edge.
    pub x: u16,
    /// Cells it has.
    pub width: u16,
}

/// Places columns side by side from `x` on. While they do not fit, the one with the lowest priority
/// goes, of equals the rightmost; the last one stays and is cut. What is spare goes to ranges up to
/// their most, in the order of their priority, then to those that fill, by their weight.
pub(super) fn place(columns: &[Column<'_>], x: u16, room: u16, gap: u16) -> Vec<Placed> {
    let mut kept: Vec<Placed> = columns
        .iter()
        .enumerate()
        .map(|(column, of)| Placed {
            column,
            x: 0,
            width: of.width.least(),
        })
        .collect();
    let needed = |kept: &[Placed]| {
        let cells: u32 = kept.iter().map(|placed| u32::from(placed.width)).sum();
        cells + u32::from(gap) * u32::try_from(kept.len().saturating_sub(1)).unwrap_or(0)
    };
    let of = |placed: &Placed| columns.get(placed.column);
    while needed(&kept) > u32::from(room) && kept.len() > 1 {
        let leaves = (0..kept.len())
            .rev()
            .min_by_key(|i| kept.get(*i).and_then(of).map(|column| column.priority));
        match leaves {
            Some(index) => kept.remove(index),
            None => break,
        };
    }
    if let [only] = kept.as_mut_slice() {
        only.width = only.width.min(room);
    }
    let mut spare = u16::try_from(u32::from(room).saturating_sub(needed(&kept))).unwrap_or(0);
    widen_ranges(columns, &mut kept, &mut spare);
    widen_fills(columns, &mut kept, spare);
    let mut x = x;
    for placed in &mut kept {
        placed.x = x;
        x += placed.width + gap;
    }
    kept
}

/// The most important first: a name that can be read is worth more than a longer bar.
fn widen_ranges(columns: &[Column<'_>], kept: &mut [Placed], spare: &mut u16) {
    let mut order: Vec<usize> = (0..kept.len()).collect();
    let priority = |placed: &Placed| columns.get(placed.column).map(|column| column.priority);
    order.sort_by_key(|i| std::cmp::Reverse(kept.get(*i).and_then(priority)));
    for index in order {
        let Some(placed) = kept.get_mut(index) else {
            continue;
        };
        let width = columns.get(placed.column).map(|column| column.width);
        if let Some(Width::Range(_, most)) = width {
            let more = most.saturating_sub(placed.width).min(*spare);
            placed.width += more;
            *spare -= more;
        }
    }
}

fn widen_fills(columns: &[Column<'_>], kept: &mut [Placed], spare: u16) {
    let weight = |placed: &Placed| match columns.get(placed.column).map(|column| column.width) {
        Some(Width::Fill(_, weight)) => u32::from(weight),
        _ => 0,
    };
    let mut weights: u32 = kept.iter().map(weight).sum();
    let mut left = u32::from(spare);
    for placed in kept {
        let own = weight(placed);
        if own > 0 {
            let share = left * own / weights;
            placed.width += u16::try_from(share).unwrap_or(0);
            left -= share;
            weights -= own;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widths(columns: &[Column<'_>], room: u16) -> Vec<(usize, u16)> {
        let placed = place(columns, 0, room, 1);
        let end = placed.last().map_or(0, |last| last.x + last.width);
        assert!(end <= room, "{placed:?} in {room}");
        placed.iter().map(|p| (p.column, p.width)).collect()
    }

    const SOME: [Column<'static>; 4] = [
        Column::new("id", Width::Fixed(4)).priority(9),
        Column::new("name", Width::Range(6, 12)).priority(8),
        Column::new("what", Width::Fill(10, 1)).priority(7),
        Column::new("tags", Width::Range(5, 8)).priority(1),
    ];

    #[test]
    fn the_least_important_goes_first() {
        assert_eq!(widths(&SOME, 28), [(0, 4), (1, 6), (2, 10), (3, 5)]);
        assert_eq!(widths(&SOME, 27), [(0, 4), (1, 11), (2, 10)]);
        assert_eq!(widths(&SOME, 21), [(0, 4), (1, 12)]);
        assert_eq!(widths(&SOME, 10), [(0, 4)]);
        assert_eq!(widths(&SOME, 2), [(0, 2)]);
        assert_eq!(widths(&SOME, 0), [(0, 0)]);
        assert_eq!(widths(&[], 10), []);
    }

    #[test]
    fn what_is_spare_goes_to_ranges_then_to_fills() {
        assert_eq!(widths(&SOME, 31), [(0, 4), (1, 9), (2, 10), (3, 5)]);
        assert_eq!(widths(&SOME, 36), [(0, 4), (1, 12), (2, 10), (3, 7)]);
        assert_eq!(widths(&SOME, 60), [(0, 4), (1, 12), (2, 33), (3, 8)]);
    }

    #[test]
    fn fills_share_by_weight_without_losing_a_cell() {
        let columns = [
            Column::new("a", Width::Fill(1, 1)),
            Column::new("b", Width::Fill(1, 2)),
        ];
        assert_eq!(widths(&columns, 13), [(0, 4), (1, 8)]);
        assert_eq!(widths(&columns, 12), [(0, 4), (1, 7)]);
    }

    #[test]
    fn of_equals_the_rightmost_goes() {
        let columns = [
            Column::new("a", Width::Fixed(5)),
            Column::new("b", Width::Fixed(5)),
            Column::new("c", Width::Fixed(5)),
        ];
        assert_eq!(widths(&columns, 11), [(0, 5), (1, 5)]);
    }
}

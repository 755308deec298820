//! Where things are, as far as moving about depends on it.
//!
//! ```text
//!  header                                     1 line
//! ┌ table ───────────────┬ detail ──────────┐
//! │ HEADINGS             │                  │
//! │ rows …               │                  │
//! └──────────────────────┴──────────────────┘
//!  footer                                     1 line
//! ```

/// Least size that is drawn; anything smaller gets a polite word.
pub const LEAST: (u16, u16) = (40, 8);

/// Columns from which the detail stands beside the table.
const WIDE: u16 = 120;

/// Lines that are no rows: header, two borders, headings, footer.
const CHROME: u16 = 5;

/// Rows of a table that fit.
pub fn table_rows(size: (u16, u16)) -> usize {
    usize::from(size.1.saturating_sub(CHROME))
}

/// Least lines of what stands below a table, and the part of the table's room that it never leaves.
const LEAST_BELOW: usize = 3;
const PART_BELOW: usize = 3;

/// Shares the lines of a tab between its table and what stands below: rows of the table, lines below. What the
/// rows do not need is given away, and at least a third where there is a third worth having.
pub fn share(room: usize, rows: usize, wanted: usize) -> (usize, usize) {
    let below = wanted.min(room.saturating_sub(rows).max(room / PART_BELOW));
    if below < LEAST_BELOW.min(wanted) {
        return (room, 0);
    }
    (room - below, below)
}

/// Whether the detail stands beside the table.
pub const fn has_side_panel(size: (u16, u16)) -> bool {
    size.0 >= WIDE
}

/// Width of the detail beside the table, borders included.
pub fn side_panel_width(size: (u16, u16)) -> u16 {
    (size.0 * 2 / 5).clamp(50, 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_gives_away_what_it_does_not_need() {
        assert_eq!(share(19, 11, 0), (19, 0));
        assert_eq!(share(19, 11, 5), (14, 5));
        assert_eq!(share(19, 11, 30), (11, 8));
        assert_eq!(share(19, 40, 30), (13, 6));
        assert_eq!(share(5, 40, 30), (5, 0), "a line is worth nothing");
        assert_eq!(share(6, 40, 2), (4, 2));
        assert_eq!(share(0, 0, 30), (0, 0));
    }
}

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

/// Whether the detail stands beside the table.
pub const fn has_side_panel(size: (u16, u16)) -> bool {
    size.0 >= WIDE
}

/// Width of the detail beside the table, borders included.
pub fn side_panel_width(size: (u16, u16)) -> u16 {
    (size.0 * 2 / 5).clamp(50, 100)
}

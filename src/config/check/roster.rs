//! `[roster.NAME]`

use super::super::document::Checked;
use super::super::shape::Roster;
use super::super::table::Table;

/// Reads the table. Whether the file is there is the source's to find out: it may come later.
pub(super) fn read(table: &mut Table<'_>) -> Checked<Roster> {
    let value = table.required("file", "write file = \"roster.toml\"")?;
    let path = value.tidy_text("write \"roster.toml\"")?;
    Ok(Roster {
        file: value.document().resolve(path),
    })
}

//! `[mail.NAME]`

use std::path::PathBuf;

use super::super::document::Checked;
use super::super::shape::Mail;
use super::super::table::Table;
use super::super::value::Value;
use super::ssh;

/// Reads the table.
pub(super) fn read(table: &mut Table<'_>) -> Checked<Mail> {
    const KIND: &str = "write kind = \"postfix\"";
    let kind = table
        .required("kind", KIND)
        .and_then(|value| match value.text(KIND)? {
            "postfix" => Ok(()),
            _ => Err(value.complain("is not known", KIND)),
        });
    let destination = table
        .value("ssh")
        .map(|value| ssh::destination(&value))
        .transpose();
    let instances = table
        .value("instances")
        .map_or(Ok(Vec::new()), |value| instances(&value));
    kind?;
    Ok(Mail::Postfix {
        ssh: destination?,
        instances: instances?,
    })
}

/// Directories on the queue's own machine, so `~` and relative paths have no meaning here.
fn instances(value: &Value<'_>) -> Checked<Vec<PathBuf>> {
    const HELP: &str = "write [\"/etc/postfix-out\"], as `postmulti -l` lists them";
    let mut out = Vec::new();
    let mut done = Ok(());
    for item in value.list("a list", HELP)? {
        let strange = |c: char| !(c.is_ascii_alphanumeric() || "/._-+@".contains(c));
        match item.text(HELP) {
            Ok(text) if text.starts_with('/') && !text.contains(strange) => {
                out.push(PathBuf::from(text));
            }
            Ok(_) => done = Err(item.complain("is no absolute path", HELP)),
            Err(filed) => done = Err(filed),
        }
    }
    done.map(|()| out)
}

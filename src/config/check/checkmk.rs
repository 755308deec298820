//! `[checkmk.NAME]`

use url::Url;

use super::super::document::Checked;
use super::super::shape::Checkmk;
use super::super::table::Table;
use super::super::value::Value;
use super::credential;
use super::reach::{self, Given, Wanted};

const WANTED: Wanted = Wanted {
    many: false,
    example: "https://monitor.example.org/SITE",
    tunnel_suffices: false,
    base,
    least_timeout: (2, "a busy site takes its time"),
};

/// Reads the table.
pub(super) fn read(table: &mut Table<'_>) -> Checked<Checkmk> {
    const USER: &str = "write the automation user: \"automation\"";
    let reach = reach::read(table, &WANTED);
    let user = table.required("user", "write user = \"automation\"");
    let user = user.and_then(|value| {
        let text = value.tidy_text(USER)?;
        // The header is `Bearer USER SECRET`, split at the first blank.
        if text.contains(' ') {
            return Err(value.complain("holds a blank", USER));
        }
        Ok(text.to_owned())
    });
    let secret = table.required(
        "secret",
        "write secret = { file = … }: the automation secret",
    );
    let secret = secret.and_then(|value| credential::secret(&value));
    Ok(Checkmk {
        reach: reach?,
        user: user?,
        secret: secret?,
    })
}

/// Ends with the site, whatever of the browser's address was pasted behind it.
fn base(value: &Value<'_>, url: &Url, _: &Given<'_>) -> Checked<Url> {
    let mut segments = reach::segments(url);
    if let Some(at) = segments.iter().position(|segment| segment == "check_mk") {
        segments.truncate(at);
    }
    let root = reach::with_segments(url, &[]);
    match segments.as_slice() {
        [] => Err(value.complain(
            "names no site",
            &format!(
                "write \"{}/SITE\": SITE stands before /check_mk in the browser's address",
                reach::shown(&root)
            ),
        )),
        [_] => Ok(reach::with_segments(url, &segments)),
        [site, ..] => Err(value.complain(
            "has more than the site behind the host",
            &format!("write \"{}/{site}\"", reach::shown(&root)),
        )),
    }
}

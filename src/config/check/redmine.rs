//! `[redmine.NAME]`

mod section;

use url::Url;

use super::super::document::Checked;
use super::super::shape::{Markup, Redmine};
use super::super::table::Table;
use super::super::value::Value;
use super::credential;
use super::reach::{self, Given, Wanted};

const WANTED: Wanted = Wanted {
    many: false,
    example: "https://redmine.example.org",
    tunnel_suffices: true,
    base,
    least_timeout: (2, "a search takes its time"),
};

/// Reads the table.
pub(super) fn read(table: &mut Table<'_>) -> Checked<Redmine> {
    let reach = reach::read(table, &WANTED);
    let key = table.required(
        "key",
        "write key = { file = … }: the API access key from \"My account\"",
    );
    let key = key.and_then(|value| credential::secret(&value));
    let projects = table
        .value("projects")
        .map_or(Ok(Vec::new()), |value| projects(&value));
    let markup = table
        .value("markup")
        .map_or(Ok(Markup::Textile), |value| markup(&value));
    let sections = section::read(table);
    Ok(Redmine {
        reach: reach?,
        key: key?,
        projects: projects?,
        markup: markup?,
        sections: sections?,
    })
}

/// May have a path (`/redmine`), but not that of a page within.
fn base(value: &Value<'_>, url: &Url, _: &Given<'_>) -> Checked<Url> {
    const PAGES: [&str; 6] = ["issues", "projects", "my", "login", "users", "issues.json"];
    let segments = reach::segments(url);
    let page = segments.iter().position(|s| PAGES.contains(&s.as_str()));
    let Some(page) = page else {
        return Ok(reach::with_segments(url, &segments));
    };
    let before: Vec<String> = segments.into_iter().take(page).collect();
    let root = reach::with_segments(url, &before);
    let help = format!("write \"{}\"", reach::shown(&root));
    Err(value.complain("is a page within Redmine", &help))
}

/// Identifiers as they stand in a project's address.
fn projects(value: &Value<'_>) -> Checked<Vec<String>> {
    const HELP: &str = "write [\"web\", \"servers\"] as in …/projects/web; leave it out for all";
    let mut out = Vec::new();
    let mut done = Ok(());
    for item in value.list("a list", HELP)? {
        let fits = |c: char| c.is_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        match item.text(HELP) {
            Ok(text) if text.chars().all(fits) => out.push(text.to_owned()),
            Ok(_) => done = Err(item.complain("is not a project's identifier", HELP)),
            Err(filed) => done = Err(filed),
        }
    }
    done.map(|()| out)
}

fn markup(value: &Value<'_>) -> Checked<Markup> {
    const HELP: &str = "write \"textile\" or \"markdown\", as in Administration » Settings";
    match value.text(HELP)? {
        "textile" => Ok(Markup::Textile),
        "markdown" | "common_mark" => Ok(Markup::Markdown),
        _ => Err(value.complain("is not known", HELP)),
    }
}

//! How the REST API is asked: GET while it works, POST where it must be, without the columns that this
//! version does not know.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderName, HeaderValue};
use url::Url;

use crate::config::shape::{Checkmk, Deadlines, Reach};
use crate::config::{Secret, SecretSource};
use crate::domain::failure::FailureKind;
use crate::domain::{Failure, Text};

use super::super::http::{Answer, Http, Method, Request};
use super::super::secret;
use super::columns::Table;
use super::refusal;

/// Longest URL sent by GET; Apache's own limit is 8 kB with the server's name in it.
const LONGEST_URL: usize = 6000;

/// Path of the API below the site. In all versions from 2.0 on; `v1` and `unstable` are not.
const API: &str = "/check_mk/api/1.0";

/// Characters that need no escape in a query value.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A site's REST API.
pub(super) struct Api {
    http: Http,
    /// The site's URL, for the message about a wrong place.
    site: Option<Url>,
    /// What the credential is called in messages.
    credential: String,
    user: String,
    source: SecretSource,
    secret: tokio::sync::Mutex<Option<Secret>>,
    deadlines: Deadlines,
    hosts: Mutex<Learnt>,
    services: Mutex<Learnt>,
}

/// What this session learnt about a collection.
#[derive(Default)]
struct Learnt {
    /// GET is not offered any more.
    post: bool,
    /// Columns that this version does not know.
    unknown: BTreeSet<&'static str>,
}

impl Api {
    pub(super) fn new(name: &str, settings: &Checkmk) -> Self {
        let reach = at_the_site(&settings.reach);
        Self {
            http: Http::new(name, &reach),
            site: reach.urls.first().cloned(),
            credential: format!("user {} of {name}", settings.user),
            user: settings.user.clone(),
            source: settings.secret.clone(),
            secret: tokio::sync::Mutex::default(),
            deadlines: settings.reach.deadlines,
            hosts: Mutex::default(),
            services: Mutex::default(),
        }
    }

    pub(super) fn take_traffic(&self) -> crate::domain::observation::Traffic {
        self.http.take_traffic()
    }

    /// `GET /version`. A 404 here means that there is no such site.
    pub(super) async fn version(&self) -> Result<Option<Text>, Failure> {
        let answer = self
            .send(Method::Get, format!("{API}/version"), None)
            .await?;
        match answer.status {
            200 => match refusal::page_instead_of_json(&answer) {
                Some(page) => Err(page),
                None => super::version::parse(&answer.body).map_err(|f| f.during(&answer.asked)),
            },
            404 => Err(Failure::new(FailureKind::WrongPlace {
                detail: Text::clean(&self.wrong_site()),
            })
            .during(&answer.asked)),
            _ => Err(refusal::failure(&answer, &self.credential)),
        }
    }

    /// The rows of a table that `query` selects, as the body of the answer.
    pub(super) async fn list(
        &self,
        table: Table,
        columns: &[&'static str],
        query: Option<&str>,
    ) -> Result<Answer, Failure> {
        // Each turn but the last learns something, so there are few.
        for _ in 0..columns.len() + 2 {
            let (post, columns) = {
                let learnt = self.learnt(table);
                let known = |column: &&&'static str| !learnt.unknown.contains(**column);
                let columns: Vec<_> = columns.iter().filter(known).copied().collect();
                (learnt.post, columns)
            };
            let url = list_url(table, &columns, query);
            let post = post || url.len() > LONGEST_URL;
            let answer = if post {
                let body = list_body(&columns, query);
                self.send(Method::Post, format!("{API}{}", table.path()), Some(body))
                    .await?
            } else {
                self.send(Method::Get, url, None).await?
            };
            match answer.status {
                200 => {
                    return match refusal::page_instead_of_json(&answer) {
                        Some(page) => Err(page),
                        None => Ok(answer),
                    };
                }
                // GET is gone in 3.0, or something on the way finds the URL too long.
                405 | 414 if !post => self.learnt(table).post = true,
                400 => {
                    let unknown = refusal::unknown_columns(&answer.body, &columns);
                    let mut learnt = self.learnt(table);
                    let before = learnt.unknown.len();
                    let needed = table.needed();
                    learnt
                        .unknown
                        .extend(unknown.iter().filter(|column| !needed.contains(column)));
                    if learnt.unknown.len() == before {
                        return Err(refusal::failure(&answer, &self.credential));
                    }
                }
                _ => {
                    if answer.status == 401 {
                        self.forget_secret().await;
                    }
                    return Err(refusal::failure(&answer, &self.credential));
                }
            }
        }
        Err(super::read::malformed(
            "the server finds ever more columns unknown",
        ))
    }

    /// One metric of a service over time (`POST /domain-types/metric/actions/get/invoke`, 2.2 and later).
    pub(super) async fn metric(&self, body: String) -> Result<Answer, Failure> {
        let path = format!("{API}/domain-types/metric/actions/get/invoke");
        let answer = self.send(Method::Post, path, Some(body)).await?;
        match answer.status {
            200 => match refusal::page_instead_of_json(&answer) {
                Some(page) => Err(page),
                None => Ok(answer),
            },
            status => {
                if status == 401 {
                    self.forget_secret().await;
                }
                Err(refusal::failure(&answer, &self.credential))
            }
        }
    }

    fn learnt(&self, table: Table) -> std::sync::MutexGuard<'_, Learnt> {
        match table {
            Table::Hosts => &self.hosts,
            Table::Services => &self.services,
        }
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
    }

    /// The next request fetches it anew: it may have been renewed meanwhile.
    pub(super) async fn forget_secret(&self) {
        *self.secret.lock().await = None;
    }

    async fn send(
        &self,
        method: Method,
        path: String,
        body: Option<String>,
    ) -> Result<Answer, Failure> {
        let headers = vec![
            (ACCEPT, HeaderValue::from_static("application/json")),
            self.authorization().await?,
        ];
        self.http
            .send(Request {
                method,
                path,
                headers,
                // A GET with a body or a content type is refused by some versions.
                body: body.map(|body| ("application/json", Bytes::from(body))),
                deadlines: (method == Method::Post).then(|| patient(self.deadlines)),
            })
            .await
    }

    /// `Authorization: Bearer USER SECRET`: a blank between them, no base64.
    async fn authorization(&self) -> Result<(HeaderName, HeaderValue), Failure> {
        let mut kept = self.secret.lock().await;
        let secret = if let Some(secret) = &*kept {
            secret.clone()
        } else {
            let what = format!("secret of {}", self.credential);
            kept.insert(secret::fetch(&what, &self.source).await?)
                .clone()
        };
        let unusable = |detail: &str| {
            Failure::new(FailureKind::Secret {
                detail: Text::clean(&format!("secret of {}: {detail}", self.credential)),
            })
        };
        // Checkmk splits at the first blank.
        if self.user.contains(char::is_whitespace) || self.user.is_empty() {
            return Err(unusable("the user's name is empty or holds a blank"));
        }
        let value = format!("Bearer {} {}", self.user, secret.expose());
        let mut value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| unusable("it holds a line end or a control character"))?;
        value.set_sensitive(true);
        Ok((AUTHORIZATION, value))
    }

    fn wrong_site(&self) -> String {
        let url = self.site.as_ref();
        let host = url.and_then(Url::host_str).unwrap_or_default();
        match url.map(|url| url.path().trim_matches('/')) {
            None | Some("") => format!(
                "there is no Checkmk at {host}/; the URL ends with the name of the site: https://{host}/SITE"
            ),
            Some(site) => format!(
                "there is no Checkmk site `{site}` on {host}; the URL ends with the name of the site, which `omd sites` tells there"
            ),
        }
    }
}

/// POST lists wait for each other and for changes being activated (they take Checkmk's configuration
/// lock in 2.3 and 2.4), so they get longer.
fn patient(usual: Deadlines) -> Deadlines {
    Deadlines {
        connect: usual.connect,
        first_byte: (usual.first_byte * 4).max(Duration::from_secs(45)),
        whole: (usual.whole * 2).max(Duration::from_mins(1)),
    }
}

/// The same reach with its URLs cut to the site: people also paste the address of the GUI or the API.
fn at_the_site(reach: &Reach) -> Reach {
    let mut reach = reach.clone();
    for url in &mut reach.urls {
        let path = url.path().trim_end_matches('/').to_owned();
        let path = path.strip_suffix(API).unwrap_or(&path);
        let path = path.strip_suffix("/check_mk").unwrap_or(path);
        url.set_path(path);
        url.set_query(None);
        url.set_fragment(None);
    }
    reach
}

/// `…?columns=name&columns=state&query=…`: a column each, a comma list is one unknown column.
fn list_url(table: Table, columns: &[&str], query: Option<&str>) -> String {
    let mut url = format!("{API}{}", table.path());
    let mut next = '?';
    for column in columns {
        url.push(next);
        url.push_str("columns=");
        url.push_str(column);
        next = '&';
    }
    if let Some(query) = query {
        url.push(next);
        url.push_str("query=");
        url.extend(utf8_percent_encode(query, QUERY));
    }
    url
}

fn list_body(columns: &[&str], query: Option<&str>) -> String {
    let columns = columns.join("\",\"");
    let query = query.map_or_else(String::new, |query| format!(",\"query\":{query}"));
    format!("{{\"columns\":[\"{columns}\"]{query}}}")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::super::columns;
    use super::*;
    use crate::config::shape::Trust;

    #[test]
    fn a_query_survives_the_url() {
        for query in [columns::PROBLEMS, columns::CHECKS] {
            let path = list_url(Table::Services, columns::SERVICE, Some(query));
            assert!(path.len() < LONGEST_URL, "{} bytes", path.len());
            let url = Url::parse(&format!("http://localhost{path}")).unwrap();
            let pairs: Vec<_> = url.query_pairs().collect();
            assert_eq!(pairs.len(), columns::SERVICE.len() + 1);
            assert_eq!(pairs[0], ("columns".into(), "host_name".into()));
            let (last, sent) = &pairs[pairs.len() - 1];
            assert_eq!((&**last, &**sent), ("query", query));
            let json: serde_json::Value = serde_json::from_str(query).unwrap();
            let body: serde_json::Value =
                serde_json::from_str(&list_body(columns::SERVICE, Some(query))).unwrap();
            assert_eq!(body["query"], json);
            assert_eq!(body["columns"][1], "description");
        }
        assert_eq!(
            list_url(Table::Hosts, &["name", "state"], None),
            "/check_mk/api/1.0/domain-types/host/collections/all?columns=name&columns=state"
        );
        assert_eq!(
            list_body(&["name", "state"], None),
            r#"{"columns":["name","state"]}"#
        );
    }

    #[test]
    fn the_address_of_the_gui_or_the_api_will_do() {
        for url in [
            "https://monitor.example.org/heute",
            "https://monitor.example.org/heute/",
            "https://monitor.example.org/heute/check_mk",
            "https://monitor.example.org/heute/check_mk/",
            "https://monitor.example.org/heute/check_mk/api/1.0",
            "https://monitor.example.org/heute/check_mk/api/1.0/?x=1#y",
        ] {
            let reach = at_the_site(&Reach {
                urls: vec![Url::parse(url).unwrap()],
                trust: Trust::System,
                tunnel: None,
                deadlines: Deadlines::default(),
                body_cap: crate::domain::Bytes(1),
            });
            assert_eq!(reach.urls[0].as_str(), "https://monitor.example.org/heute");
        }
    }
}

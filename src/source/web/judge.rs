//! Whether an answer is what the configuration wants of a site.

use url::Url;

use crate::config::shape::{Expect, Site};
use crate::domain::Text;

/// What an answer is worth.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Status (and redirect) are as wanted.
    pub(super) expected: bool,
    /// Where it redirects to: the whole address, without what may hold secrets.
    pub(super) redirect: Option<Text>,
    /// What was wanted instead, in words.
    pub(super) wanted: Option<Text>,
}

/// Judges a status and its `Location` by what `site` expects. Redirects are compared, never followed.
pub(super) fn judge(site: &Site, status: u16, location: Option<&str>) -> Verdict {
    let location = location.filter(|_| (300..400).contains(&status));
    let target = location.and_then(|location| site.url.join(location).ok());
    let (expected, wanted) = match &site.expect {
        Expect::Fine => {
            let within = |target: &Url| target.host() == site.url.host();
            let fine = (200..300).contains(&status) || target.as_ref().is_some_and(within);
            let host = site.url.host_str().unwrap_or_default();
            (fine, format!("200, or a redirect within {host}"))
        }
        Expect::Status(wanted) => (status == *wanted, format!("status {wanted}")),
        Expect::Redirect(to) => (
            target.as_ref().is_some_and(|target| target == to),
            format!("a redirect to {}", shown(to, true)),
        ),
    };
    let with_query = matches!(&site.expect, Expect::Redirect(to) if to.query().is_some());
    Verdict {
        expected,
        redirect: match (&target, location) {
            (Some(target), _) => Some(Text::clean(&shown(target, with_query))),
            // Not an address, but it is what the server said.
            (None, Some(location)) => Text::clean_non_empty(location),
            (None, None) => None,
        },
        wanted: (!expected).then(|| Text::clean(&wanted)),
    }
}

/// An address without credentials and fragment, and without its query unless that is wanted.
pub(super) fn shown(url: &Url, with_query: bool) -> String {
    let mut url = url.clone();
    // Fails only for addresses that cannot have them.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    if !with_query {
        url.set_query(None);
    }
    url.into()
}

/// What a cache in front says: `HIT, age 120 s`.
pub(super) fn cache(header: impl Fn(&str) -> Option<String>) -> Option<Text> {
    let word = header("x-cache-status").or_else(|| header("x-cache"));
    let age = header("age")
        .and_then(|age| age.trim().parse::<u64>().ok())
        .map(|age| format!("age {age} s"));
    let parts: Vec<String> = word.into_iter().chain(age).collect();
    Text::clean_non_empty(&parts.join(", "))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn site(expect: Expect) -> Site {
        Site {
            name: "wiki".to_owned(),
            url: Url::parse("https://wiki.example.org/start").unwrap(),
            expect,
            runs_on: None,
            proxy: None,
            needs: Vec::new(),
        }
    }

    fn judged(expect: Expect, status: u16, location: Option<&str>) -> (bool, Option<String>) {
        let verdict = judge(&site(expect), status, location);
        assert_eq!(verdict.expected, verdict.wanted.is_none());
        (
            verdict.expected,
            verdict.redirect.map(|r| r.as_str().to_owned()),
        )
    }

    #[test]
    fn fine_is_any_2xx_or_a_redirect_within_the_site() {
        for status in [200, 204, 299] {
            assert_eq!(judged(Expect::Fine, status, None), (true, None));
        }
        for status in [304, 400, 401, 404, 500, 502] {
            assert_eq!(
                judged(Expect::Fine, status, None),
                (false, None),
                "{status}"
            );
        }
        for (location, fine, whole) in [
            ("/wiki/Main", true, "https://wiki.example.org/wiki/Main"),
            ("login", true, "https://wiki.example.org/login"),
            (
                "http://wiki.example.org/x",
                true,
                "http://wiki.example.org/x",
            ),
            ("//other.example.org/", false, "https://other.example.org/"),
            (
                "https://u:p@other.example.org/a?token=1#f",
                false,
                "https://other.example.org/a",
            ),
            (
                "https://wiki.example.org.evil.example/",
                false,
                "https://wiki.example.org.evil.example/",
            ),
            ("http://[", false, "http://["),
        ] {
            assert_eq!(
                judged(Expect::Fine, 302, Some(location)),
                (fine, Some(whole.to_owned())),
                "{location}"
            );
        }
        // A Location without a redirect means nothing.
        assert_eq!(judged(Expect::Fine, 500, Some("/x")), (false, None));
    }

    #[test]
    fn a_status_is_exactly_that() {
        assert!(judged(Expect::Status(401), 401, None).0);
        assert!(!judged(Expect::Status(401), 200, None).0);
        let verdict = judge(&site(Expect::Status(401)), 200, None);
        assert_eq!(verdict.wanted.as_deref(), Some("status 401"));
    }

    #[test]
    fn a_redirect_goes_exactly_there() {
        let to = |url: &str| Expect::Redirect(Url::parse(url).unwrap());
        let there = "https://www.example.org/a?b=c";
        assert_eq!(
            judged(to(there), 301, Some(there)),
            (true, Some(there.to_owned()))
        );
        assert!(!judged(to(there), 200, None).0);
        assert!(!judged(to(there), 301, Some("https://www.example.org/a")).0);
        assert!(!judged(to(there), 301, None).0);
        assert!(
            judged(
                to("https://www.example.org"),
                308,
                Some("https://www.example.org/")
            )
            .0
        );
    }

    #[test]
    fn caches_say_what_they_did() {
        let said = |headers: &[(&str, &str)]| {
            let headers: Vec<(String, String)> = headers
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect();
            cache(|name| {
                let found = headers.iter().find(|(n, _)| n == name);
                found.map(|(_, value)| value.clone())
            })
            .map(|t| t.as_str().to_owned())
        };
        assert_eq!(said(&[]), None);
        assert_eq!(
            said(&[("x-cache", "HIT from proxy"), ("age", "120")]).as_deref(),
            Some("HIT from proxy, age 120 s")
        );
        assert_eq!(
            said(&[
                ("x-cache-status", "MISS"),
                ("x-cache", "HIT"),
                ("age", "old")
            ])
            .as_deref(),
            Some("MISS")
        );
    }
}

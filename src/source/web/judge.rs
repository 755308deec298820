//! Whether an answer is what the configuration wants of a site.

use url::Url;

use crate::config::shape::{Expect, Site};
use crate::domain::Text;
use crate::domain::web::{Lack, Upgrade};

/// Headers in which caches say what they did, the most telling first. `Age` comes on top.
const CACHES: &[&str] = &[
    "x-cache-status",
    "x-cache",
    "cf-cache-status",
    "x-proxy-cache",
    "x-varnish-cache",
    "cache-status",
];

/// What came, as far as it is judged.
pub(super) struct Came<'a> {
    /// Status code.
    pub(super) status: u16,
    /// Where it was asked last.
    pub(super) url: &'a Url,
    /// `Location` of the last answer.
    pub(super) location: Option<&'a str>,
    /// Redirects followed.
    pub(super) hops: u32,
    /// The next redirect was not followed, because it leads in a circle or there were too many.
    pub(super) circles: bool,
    /// Content coding other than `identity`.
    pub(super) coding: Option<&'a str>,
    /// What was read of the page.
    pub(super) page: &'a [u8],
}

/// What an answer is worth.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// What is not as wanted.
    pub(super) lack: Option<Lack>,
    /// Where it redirects to: the whole address, without what may hold secrets.
    pub(super) redirect: Option<Text>,
    /// What was wanted instead, in words, when status or redirect are not.
    pub(super) wanted: Option<Text>,
}

/// Where an answer sends the probe on: only within the site, and only where any page of it will do.
pub(super) fn onward(site: &Site, at: &Url, status: u16, location: Option<&str>) -> Option<Url> {
    if site.expect != Expect::Fine || !(300..400).contains(&status) {
        return None;
    }
    let mut target = at.join(location?).ok()?;
    target.set_fragment(None);
    let _ = target.set_username("");
    let _ = target.set_password(None);
    let origin = |url: &Url| (url.scheme().to_owned(), url.port_or_known_default());
    // Another port or scheme is not to be had at the address that was given.
    let reachable = site.address.is_empty() || origin(&target) == origin(at);
    (is_within(site, &target) && reachable).then_some(target)
}

/// Whether an address belongs to the site: same host, whatever the scheme and port.
fn is_within(site: &Site, target: &Url) -> bool {
    matches!(target.scheme(), "http" | "https") && target.host() == site.url.host()
}

/// Judges an answer by what `site` expects.
pub(super) fn judge(site: &Site, came: &Came<'_>) -> Verdict {
    let location = came.location.filter(|_| (300..400).contains(&came.status));
    let target = location.and_then(|location| came.url.join(location).ok());
    let (lack, wanted) = shortfall(site, came, target.as_ref());
    let lack = lack.or_else(|| text(site, came));
    let with_query = matches!(&site.expect, Expect::Redirect(to) if to.query().is_some());
    Verdict {
        lack,
        redirect: match (&target, location) {
            (Some(target), _) => Some(Text::clean(&shown(target, with_query))),
            // Not an address, but it is what the server said.
            (None, Some(location)) => Text::clean_non_empty(location),
            (None, None) if came.hops > 0 => Some(Text::clean(&shown(came.url, false))),
            (None, None) => None,
        },
        wanted: wanted.map(|words| Text::clean(&words)),
    }
}

/// Judges status and redirect.
fn shortfall(site: &Site, came: &Came<'_>, target: Option<&Url>) -> (Option<Lack>, Option<String>) {
    let status = came.status;
    let differs = |lack, wanted| (Some(lack), Some(wanted));
    let fine = (None, None);
    match &site.expect {
        Expect::Fine if came.circles => (Some(Lack::Loop { hops: came.hops }), None),
        Expect::Fine if (200..300).contains(&status) => fine,
        // Not followed because it is not to be had at the given address.
        Expect::Fine if target.is_some_and(|target| is_within(site, target)) => fine,
        Expect::Fine if (300..400).contains(&status) && came.location.is_some() => {
            let host = site.url.host_str().unwrap_or_default();
            differs(Lack::Redirect, format!("200, or a redirect within {host}"))
        }
        Expect::Fine => differs(Lack::Status, "200".to_owned()),
        Expect::Status(wanted) if status == *wanted => fine,
        Expect::Status(wanted) => differs(Lack::Status, format!("status {wanted}")),
        Expect::Redirect(to) if target.is_some_and(|target| target == to) => fine,
        Expect::Redirect(to) => {
            let lack = if came.location.is_some() && (300..400).contains(&status) {
                Lack::Redirect
            } else {
                Lack::Status
            };
            differs(lack, format!("a redirect to {}", shown(to, true)))
        }
    }
}

/// Judges the text of the page.
fn text(site: &Site, came: &Came<'_>) -> Option<Lack> {
    if site.must_contain.is_none() && site.must_not_contain.is_none() {
        return None;
    }
    if let Some(coding) = came.coding {
        return Some(Lack::Compressed(Text::clean(coding)));
    }
    if let Some(wanted) = &site.must_contain
        && !holds(came.page, wanted)
    {
        return Some(Lack::TextMissing(Text::clean(wanted)));
    }
    let unwanted = site.must_not_contain.as_ref()?;
    holds(came.page, unwanted).then(|| Lack::TextPresent(Text::clean(unwanted)))
}

/// Whether a page has these words in it, in UTF-8 or in Latin-1.
fn holds(page: &[u8], words: &str) -> bool {
    let has =
        |needle: &[u8]| !needle.is_empty() && page.windows(needle.len()).any(|part| part == needle);
    let latin: Option<Vec<u8>> = words.chars().map(|c| u8::try_from(c).ok()).collect();
    has(words.as_bytes()) || (!words.is_ascii() && latin.is_some_and(|latin| has(&latin)))
}

/// Judges what `http://` answers: the site's own `https://`, or the address that it is to lead to.
pub(super) fn upgrade(site: &Site, asked: &Url, status: u16, location: Option<&str>) -> Upgrade {
    let location = location.filter(|_| (300..400).contains(&status));
    let Some(location) = location else {
        return Upgrade::Clear { status };
    };
    let Ok(target) = asked.join(location) else {
        return Upgrade::Elsewhere {
            to: Text::clean(location),
        };
    };
    let to = Text::clean(&shown(&target, false));
    let own = target.scheme() == "https" && target.host() == site.url.host();
    let final_place = matches!(&site.expect, Expect::Redirect(to) if *to == target);
    if own || (final_place && target.scheme() == "https") {
        Upgrade::Done { to }
    } else {
        Upgrade::Elsewhere { to }
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
    let word = CACHES.iter().find_map(|name| header(name));
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
    use crate::config::shape::Address;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn site(expect: Expect) -> Site {
        Site {
            expect,
            ..Site::new("wiki", url("https://wiki.example.org/start"))
        }
    }

    fn verdict(site: &Site, status: u16, location: Option<&str>) -> Verdict {
        let came = Came {
            status,
            url: &site.url,
            location,
            hops: 0,
            circles: false,
            coding: None,
            page: b"",
        };
        judge(site, &came)
    }

    fn judged(expect: Expect, status: u16, location: Option<&str>) -> (bool, Option<String>) {
        let verdict = verdict(&site(expect), status, location);
        assert_eq!(verdict.lack.is_none(), verdict.wanted.is_none());
        (
            verdict.lack.is_none(),
            verdict.redirect.map(|r| r.as_str().to_owned()),
        )
    }

    #[test]
    fn fine_is_any_2xx() {
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
        // A Location without a redirect means nothing.
        assert_eq!(judged(Expect::Fine, 500, Some("/x")), (false, None));
    }

    #[test]
    fn redirects_lead_on_within_the_site_only() {
        let site = site(Expect::Fine);
        let onward = |location| onward(&site, &site.url, 302, Some(location)).map(String::from);
        for (location, within, whole) in [
            ("/wiki/Main", true, "https://wiki.example.org/wiki/Main"),
            ("login#top", true, "https://wiki.example.org/login"),
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
            ("ftp://wiki.example.org/", false, "ftp://wiki.example.org/"),
            ("http://[", false, "http://["),
        ] {
            assert_eq!(
                onward(location),
                within.then(|| whole.to_owned()),
                "{location}"
            );
            if !within {
                let verdict = verdict(&site, 302, Some(location));
                assert_eq!(verdict.lack, Some(Lack::Redirect), "{location}");
                assert_eq!(verdict.redirect.as_deref(), Some(whole), "{location}");
            }
        }
        let at = |expect| Site {
            expect,
            ..site.clone()
        };
        for expect in [Expect::Status(302), Expect::Redirect(url("https://a/"))] {
            let site = at(expect);
            assert_eq!(super::onward(&site, &site.url, 302, Some("/x")), None);
        }
        assert_eq!(super::onward(&site, &site.url, 200, Some("/x")), None);
    }

    #[test]
    fn a_given_address_is_asked_for_its_own_scheme_and_port_only() {
        let site = Site {
            address: vec![Address {
                host: url::Host::parse("10.0.0.5").unwrap(),
                port: 8443,
            }],
            ..site(Expect::Fine)
        };
        let onward = |location| onward(&site, &site.url, 301, Some(location));
        assert!(onward("/x").is_some());
        assert_eq!(onward("http://wiki.example.org/x"), None);
        let verdict = verdict(&site, 301, Some("http://wiki.example.org/x"));
        assert_eq!(verdict.lack, None, "within the site all the same");
    }

    #[test]
    fn a_circle_is_told() {
        let site = site(Expect::Fine);
        let came = Came {
            status: 302,
            url: &url("https://wiki.example.org/b"),
            location: Some("/start"),
            hops: 1,
            circles: true,
            coding: None,
            page: b"",
        };
        let verdict = judge(&site, &came);
        assert_eq!(verdict.lack, Some(Lack::Loop { hops: 1 }));
        let start = "https://wiki.example.org/start";
        assert_eq!(verdict.redirect.as_deref(), Some(start));
    }

    #[test]
    fn a_status_is_exactly_that() {
        assert!(judged(Expect::Status(401), 401, None).0);
        assert!(!judged(Expect::Status(401), 200, None).0);
        let verdict = verdict(&site(Expect::Status(401)), 200, None);
        assert_eq!(verdict.wanted.as_deref(), Some("status 401"));
        assert_eq!(verdict.lack, Some(Lack::Status));
    }

    #[test]
    fn a_redirect_goes_exactly_there() {
        let to = |text: &str| Expect::Redirect(url(text));
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
        let lack = |status, location| verdict(&site(to(there)), status, location).lack;
        assert_eq!(lack(301, Some("/")), Some(Lack::Redirect));
        assert_eq!(lack(200, Some("/")), Some(Lack::Status));
    }

    #[test]
    fn texts_must_or_must_not_be_there() {
        let lack = |must: Option<&str>, must_not: Option<&str>, page: &[u8], coding| {
            let site = Site {
                must_contain: must.map(str::to_owned),
                must_not_contain: must_not.map(str::to_owned),
                ..site(Expect::Fine)
            };
            let came = Came {
                status: 200,
                url: &site.url,
                location: None,
                hops: 0,
                circles: false,
                coding,
                page,
            };
            judge(&site, &came).lack
        };
        let page = "<title>Wiki der Fähre</title>".as_bytes();
        assert_eq!(lack(Some("Wiki der"), Some("Error"), page, None), None);
        assert_eq!(
            lack(Some("Wiki von"), None, page, None),
            Some(Lack::TextMissing("Wiki von".into()))
        );
        assert_eq!(
            lack(Some("Wiki"), Some("Fähre"), page, None),
            Some(Lack::TextPresent("Fähre".into()))
        );
        assert_eq!(lack(Some("Fähre"), None, b"die F\xe4hre", None), None);
        assert_eq!(
            lack(None, Some("x"), b"\x1f\x8b", Some("gzip")),
            Some(Lack::Compressed("gzip".into()))
        );
        assert_eq!(lack(None, None, b"\x1f\x8b", Some("gzip")), None);
        assert_eq!(
            lack(Some("Wiki"), None, b"", None),
            Some(Lack::TextMissing("Wiki".into()))
        );
    }

    #[test]
    fn http_should_lead_to_https() {
        let judged = |expect, status, location| {
            let asked = url("http://wiki.example.org/start");
            upgrade(&site(expect), &asked, status, location)
        };
        let fine = |status, location| judged(Expect::Fine, status, location);
        assert_eq!(
            fine(301, Some("https://wiki.example.org/start?a=b")),
            Upgrade::Done {
                to: "https://wiki.example.org/start".into()
            }
        );
        assert_eq!(
            fine(302, Some("/login")),
            Upgrade::Elsewhere {
                to: "http://wiki.example.org/login".into()
            }
        );
        assert_eq!(
            fine(302, Some("https://www.example.org/")),
            Upgrade::Elsewhere {
                to: "https://www.example.org/".into()
            }
        );
        let www = Expect::Redirect(url("https://www.example.org/"));
        assert!(matches!(
            judged(www, 302, Some("https://www.example.org/")),
            Upgrade::Done { .. }
        ));
        assert_eq!(
            fine(200, Some("https://wiki.example.org/")),
            Upgrade::Clear { status: 200 }
        );
        assert_eq!(fine(301, None), Upgrade::Clear { status: 301 });
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
        assert_eq!(
            said(&[("cf-cache-status", "DYNAMIC")]).as_deref(),
            Some("DYNAMIC")
        );
    }
}

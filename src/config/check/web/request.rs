//! How a site is asked: method, headers, address.

use toml::de::DeValue;
use url::{Host, Url};

use super::super::super::document::Checked;
use super::super::super::secret::{Secret, SecretSource};
use super::super::super::shape::{Address, Header, Method};
use super::super::super::value::Value;
use super::super::credential;

/// Headers that the probe itself answers for.
const OWN: &[(&str, &str)] = &[
    ("host", "the address of another machine goes into address"),
    ("user-agent", "people find vigie in their logs by it"),
    ("connection", "each probe has a connection of its own"),
    ("content-length", "a probe sends no body"),
    ("transfer-encoding", "a probe sends no body"),
    ("upgrade", "a probe speaks HTTP/1.1"),
    (
        "accept-encoding",
        "the text of the page could not be looked at",
    ),
];

/// Parts of a header's name that say that its value is a secret.
const SECRET: &[&str] = &["auth", "cookie", "key", "token", "secret", "pass"];

/// `"GET"` or `"HEAD"`.
pub(super) fn method(value: &Value<'_>) -> Checked<Method> {
    const HELP: &str = "write \"GET\" or \"HEAD\": a probe changes nothing";
    match value.text(HELP)? {
        "GET" => Ok(Method::Get),
        "HEAD" => Ok(Method::Head),
        _ => Err(value.complain("is neither GET nor HEAD", HELP)),
    }
}

/// `{ Accept-Language = "de", Authorization = { file = "…" } }`
pub(super) fn headers(value: &Value<'_>) -> Checked<Vec<Header>> {
    const HELP: &str = "write headers = { Accept-Language = \"de\" }";
    let DeValue::Table(entries) = value.raw() else {
        return Err(value.mistype("a table", HELP));
    };
    let mut found: Vec<(usize, Header)> = Vec::with_capacity(entries.len());
    let mut done = Ok(());
    for (key, entry) in entries {
        let name = key.get_ref().to_ascii_lowercase();
        let document = value.document();
        let complain = |message: &str, help: &str| document.complain(key.span(), message, help);
        let fits = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || !name.chars().all(fits) {
            done = Err(complain("a header cannot be called so", HELP));
            continue;
        }
        if let Some((_, why)) = OWN.iter().find(|(own, _)| *own == name) {
            let message = format!("the header {name} cannot be set");
            done = Err(complain(&message, why));
            continue;
        }
        if found.iter().any(|(_, header)| header.name == name) {
            done = Err(complain("this header is there twice", "keep one of them"));
            continue;
        }
        let value = Value::new(document, entry, format!("the header {name}"));
        match header(&value, &name) {
            Ok(value) => found.push((key.span().start, Header { name, value })),
            Err(filed) => done = Err(filed),
        }
    }
    found.sort_by_key(|(start, _)| *start);
    done.map(|()| found.into_iter().map(|(_, header)| header).collect())
}

fn header(value: &Value<'_>, name: &str) -> Checked<SecretSource> {
    const HELP: &str = "write a text of ASCII characters";
    let is_secret = SECRET.iter().any(|part| name.contains(part));
    let DeValue::String(_) = value.raw() else {
        return credential::secret(value);
    };
    let text = value.tidy_text(HELP)?;
    if !text.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        return Err(value.complain("holds characters that no header may have", HELP));
    }
    if is_secret {
        return credential::secret(value);
    }
    Ok(SecretSource::Inline(Secret::new(text)))
}

/// One `host:port`, or several. Without a port it is that of the site.
pub(super) fn addresses(value: &Value<'_>, site: Option<&Url>) -> Checked<Vec<Address>> {
    const HELP: &str = "write \"10.0.0.5:8080\"; an IPv6 address stands in brackets";
    let items = value.one_or_many();
    if items.is_empty() {
        return Err(value.complain("is an empty list", HELP));
    }
    // All of them are looked at, so that all that is wrong is said at once.
    let read: Vec<Checked<Address>> = items
        .iter()
        .map(|item| {
            let text = item.tidy_text(HELP)?;
            if text.contains("://") || text.contains(['/', '@', '?', '#', ' ']) {
                return Err(item.complain("is more than host and port", HELP));
            }
            let found = address(text, site.and_then(Url::port_or_known_default));
            found.ok_or_else(|| item.complain("is no host and port", HELP))
        })
        .collect();
    read.into_iter().collect()
}

fn address(text: &str, port: Option<u16>) -> Option<Address> {
    let (host, port) = match text.rsplit_once(':') {
        // The colon of an IPv6 address is within its brackets.
        Some((host, digits)) if !digits.ends_with(']') => {
            let port = digits.parse().ok().filter(|port| *port > 0)?;
            (host, port)
        }
        // Of a site that cannot be read, which has been complained about.
        _ => (text, port.unwrap_or(80)),
    };
    let host = Host::parse(host).ok()?;
    Some(Address { host, port })
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn addresses_with_and_without_ports() {
        let shown = |text: &str| address(text, Some(443)).map(|a| format!("{} {}", a.host, a.port));
        for (text, found) in [
            ("10.0.0.5:8080", Some("10.0.0.5 8080")),
            ("10.0.0.5", Some("10.0.0.5 443")),
            ("[2001:db8::1]:81", Some("[2001:db8::1] 81")),
            ("[::1]", Some("[::1] 443")),
            ("backend.example.org:80", Some("backend.example.org 80")),
            ("::1", None),
            ("10.0.0.5:0", None),
            ("10.0.0.5:http", None),
            ("10.0.0.5:99999", None),
            (":80", None),
        ] {
            assert_eq!(shown(text).as_deref(), found, "{text}");
        }
    }
}

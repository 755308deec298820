//! SSH destinations and tunnels.

use super::super::document::Checked;
use super::super::shape::Tunnel;
use super::super::table::Table;
use super::super::value::Value;

/// A destination as `ssh` takes it. It becomes an argument, so it must not look like an option,
/// and `ssh` hands it to a shell in the user's `ProxyCommand`.
pub(super) fn destination(value: &Value<'_>) -> Checked<String> {
    const HELP: &str = "write \"root@mail.example.org\" or a Host of ~/.ssh/config";
    let text = value.text(HELP)?;
    if text.starts_with('-') || text.contains("@-") {
        return Err(value.complain("begins with \"-\": ssh would take it for an option", HELP));
    }
    let strange =
        |c: char| c.is_whitespace() || c.is_control() || "'\"`\\$<>;&|(){}*?!#".contains(c);
    if text.contains(strange) {
        return Err(value.complain("holds blanks or characters that no host has", HELP));
    }
    Ok(text.to_owned())
}

/// `tunnel = { ssh = "root@pikachu", to = "127.0.0.1:85" }`
pub(super) fn tunnel(table: &mut Table<'_>) -> Checked<Option<Tunnel>> {
    const HELP: &str = "write { ssh = \"root@pikachu\", to = \"127.0.0.1:85\" }";
    let Some(value) = table.value("tunnel") else {
        return Ok(None);
    };
    let mut inner = value.table(HELP)?;
    let ssh = inner
        .required("ssh", HELP)
        .and_then(|value| destination(&value));
    let to = inner.required("to", HELP).and_then(|value| {
        let text = value.text(HELP)?;
        endpoint(text).ok_or_else(|| {
            value.complain("is not host:port", "write \"127.0.0.1:85\" or \"[::1]:85\"")
        })
    });
    inner.finish()?;
    let (to_host, to_port) = to?;
    Ok(Some(Tunnel {
        ssh: ssh?,
        to_host,
        to_port,
    }))
}

/// Host and port; an IPv6 address stands in brackets, as in `ssh -L`, and keeps them.
fn endpoint(text: &str) -> Option<(String, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let port: u16 = port.parse().ok().filter(|port| *port > 0)?;
    let inner = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let good = match inner {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && !host.starts_with('-')
                && host
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
        }
    };
    good.then(|| (host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::endpoint;

    #[test]
    fn endpoints_are_host_and_port() {
        assert_eq!(endpoint("127.0.0.1:85"), Some(("127.0.0.1".to_owned(), 85)));
        assert_eq!(endpoint("[::1]:85"), Some(("[::1]".to_owned(), 85)));
        for text in [
            "",
            ":85",
            "host",
            "host:0",
            "host:99999",
            "::1:85",
            "-o:1",
            "a b:1",
            "[x]:1",
        ] {
            assert_eq!(endpoint(text), None, "{text}");
        }
    }
}

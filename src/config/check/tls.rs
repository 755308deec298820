//! Which certificates are trusted: `ca` or `fingerprint`.

use super::super::document::Checked;
use super::super::shape::Trust;
use super::super::table::Table;

const HELP: &str = "write the 32 pairs of \
    `openssl x509 -in pveproxy-ssl.pem -noout -fingerprint -sha256`";

/// Reads both keys; only one of them may be there.
pub(super) fn trust(table: &mut Table<'_>) -> Checked<Trust> {
    let ca = table.value("ca");
    let fingerprint = table.value("fingerprint");
    if ca.is_some() && fingerprint.is_some() {
        let message = format!("{} has both ca and fingerprint", table.subject());
        return Err(table.complain_at(
            "fingerprint",
            &message,
            "keep one: ca outlives renewals, a fingerprint names one certificate",
        ));
    }
    if let Some(value) = ca {
        let path = value.tidy_text("write the path of a PEM file")?;
        return Ok(Trust::CaFile(value.document().resolve(path)));
    }
    let Some(value) = fingerprint else {
        return Ok(Trust::System);
    };
    let items = value.one_or_many();
    if items.is_empty() {
        return Err(value.complain("is an empty list: nothing would be trusted", HELP));
    }
    let pins: Vec<Checked<[u8; 32]>> = items
        .iter()
        .map(|item| {
            let text = item.text(HELP)?;
            pin(text).map_err(|why| item.complain(why, HELP))
        })
        .collect();
    pins.into_iter()
        .collect::<Checked<Vec<_>>>()
        .map(Trust::Pins)
}

/// A SHA-256 fingerprint, with or without colons, also as `openssl` prints it.
fn pin(text: &str) -> Result<[u8; 32], &'static str> {
    let digits = text.rsplit_once('=').map_or(text, |(_, digits)| digits);
    let lower = digits.trim().to_ascii_lowercase();
    let digits: String = lower
        .strip_prefix("sha256:")
        .unwrap_or(&lower)
        .chars()
        .filter(|c| !matches!(c, ':' | ' '))
        .collect();
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err("is no fingerprint: pairs of hexadecimal digits with colons");
    }
    match digits.len() {
        64 => {}
        40 => return Err("has 20 pairs: that is SHA-1, SHA-256 is wanted"),
        32 => return Err("has 16 pairs: that is MD5, SHA-256 is wanted"),
        _ => return Err("does not have the 32 pairs of SHA-256"),
    }
    let mut out = [0; 32];
    for (byte, pair) in out.iter_mut().zip(digits.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).unwrap_or_default();
        *byte = u8::from_str_radix(pair, 16).unwrap_or_default();
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::pin;

    #[test]
    fn fingerprints_are_taken_as_tools_print_them() {
        let colons = vec!["0A"; 32].join(":");
        for text in [
            colons.clone(),
            "0a".repeat(32),
            format!("sha256 Fingerprint={colons}"),
            format!("SHA256:{colons}"),
        ] {
            assert_eq!(pin(&text), Ok([10; 32]), "{text}");
        }
        assert!(pin(&"0a".repeat(20)).is_err_and(|why| why.contains("SHA-1")));
        assert!(pin("zz").is_err_and(|why| why.contains("hexadecimal")));
        assert!(pin("").is_err());
    }
}

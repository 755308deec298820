//! Sizes as people write them: `"32 MiB"`.

use crate::domain::Bytes;

/// Reads a size; `None` when it is none.
pub(super) fn parse(written: &str) -> Option<Bytes> {
    let written = written.trim();
    let end = written
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(written.len());
    let (number, unit) = written.split_at(end);
    let factor: u64 = match unit.trim() {
        "B" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "K" | "KiB" => 1 << 10,
        "M" | "MiB" => 1 << 20,
        "G" | "GiB" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor).map(Bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_need_a_unit_and_fit() {
        assert_eq!(parse("32 MiB"), Some(Bytes(33_554_432)));
        assert_eq!(parse("1MB"), Some(Bytes(1_000_000)));
        for text in [
            "",
            "32",
            "MiB",
            "-1 MiB",
            "1.5 MiB",
            "99999999999 GiB",
            "1 TiB",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}

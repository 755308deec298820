//! Sizes, counts and parts.

use crate::domain::{Bytes, Fraction};

const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// `4.2 GiB`: at most eight cells.
pub fn bytes(size: Bytes) -> String {
    let (value, unit) = scaled(size);
    format!("{value} {unit}")
}

/// `3.1 of 8.0 GiB`, or with both units where they differ: `512 MiB of 8.0 GiB`.
pub fn bytes_of(used: Bytes, total: Bytes) -> String {
    let (part, part_unit) = scaled(used);
    let (whole, unit) = scaled(total);
    if part_unit == unit || used.0 == 0 {
        format!("{part} of {whole} {unit}")
    } else {
        format!("{part} {part_unit} of {whole} {unit}")
    }
}

/// One decimal below ten, none above, and never a figure of 1024 or more.
fn scaled(size: Bytes) -> (String, &'static str) {
    let mut value = size.0 as f64;
    let mut unit = 0;
    while (unit == 0 && value >= 1024.0) || (unit > 0 && value >= 1023.5) {
        value /= 1024.0;
        unit += 1;
    }
    let figure = if unit == 0 || value >= 9.95 {
        format!("{value:.0}")
    } else {
        format!("{value:.1}")
    };
    (figure, UNITS.get(unit).copied().unwrap_or("EiB"))
}

/// `42%`, or `?` where it is not known.
pub fn percent(part: Option<Fraction>) -> String {
    part.map_or_else(
        || super::UNKNOWN.to_owned(),
        |part| format!("{}%", part.percent()),
    )
}

/// `1 guest`, `3 guests`, `1,204 guests`: English plural by `s`.
pub fn count(number: u64, thing: &str) -> String {
    let digits = number.to_string();
    let mut figure = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            figure.push(',');
        }
        figure.push(digit);
    }
    let plural = if number == 1 { "" } else { "s" };
    format!("{figure} {thing}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_never_need_more_than_eight_cells() {
        let table = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (10_188, "9.9 KiB"),
            (10_189, "10 KiB"),
            (1_048_063, "1023 KiB"),
            (1_048_064, "1.0 MiB"),
            (4_509_715_660, "4.2 GiB"),
            (549_755_813_888, "512 GiB"),
            (u64::MAX, "16 EiB"),
        ];
        for (size, words) in table {
            assert_eq!(bytes(Bytes(size)), words, "{size}");
        }
        for shift in 0..64 {
            for offset in [-1_i64, 0, 1] {
                let size = (1_u64 << shift).wrapping_add_signed(offset);
                assert!(bytes(Bytes(size)).len() <= 8, "{}", bytes(Bytes(size)));
            }
        }
    }

    #[test]
    fn parts_share_their_unit_where_they_can() {
        let gib = 1 << 30;
        assert_eq!(bytes_of(Bytes(3 * gib), Bytes(8 * gib)), "3.0 of 8.0 GiB");
        assert_eq!(
            bytes_of(Bytes(gib / 2), Bytes(8 * gib)),
            "512 MiB of 8.0 GiB"
        );
        assert_eq!(bytes_of(Bytes(0), Bytes(8 * gib)), "0 of 8.0 GiB");
    }

    #[test]
    fn the_unknown_is_not_zero() {
        assert_eq!(percent(None), "?");
        assert_eq!(percent(Fraction::new(0.0)), "0%");
        assert_eq!(percent(Fraction::new(0.423)), "42%");
        assert_eq!(percent(Fraction::new(1.3)), "130%");
    }

    #[test]
    fn counts_read_well() {
        assert_eq!(count(0, "row"), "0 rows");
        assert_eq!(count(1, "row"), "1 row");
        assert_eq!(count(100_000, "service"), "100,000 services");
        assert_eq!(count(1_234_567, "mail"), "1,234,567 mails");
    }
}

//! Figures that wobble without being stored: smooth noise as a function of a key and the clock.

/// Mixes a number thoroughly (splitmix64).
pub(super) const fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A key from a text (FNV-1a).
pub(super) fn key(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// From 0 to 1, the same for the same number.
pub(super) fn unit(number: u64) -> f64 {
    // 32 bits are enough for a figure, and a `f64` holds them exactly.
    f64::from(u32::try_from(mix(number) >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX)
}

/// From 0 to 1, moving smoothly with the seconds: a slow swell with quick ripples.
pub(super) fn wave(key: u64, seconds: i64) -> f64 {
    0.65 * octave(key, seconds, 180) + 0.35 * octave(key ^ 0x5555, seconds, 25)
}

/// A value between two bounds, moving with [`wave`].
pub(super) fn between(key: u64, seconds: i64, low: f64, high: f64) -> f64 {
    low + (high - low) * wave(key, seconds)
}

fn octave(key: u64, seconds: i64, period: i64) -> f64 {
    let step = seconds.div_euclid(period);
    let part = f64::from(i32::try_from(seconds.rem_euclid(period)).unwrap_or(0))
        / f64::from(i32::try_from(period).unwrap_or(1));
    let ease = part * part * (3.0 - 2.0 * part);
    let at = |step: i64| unit(mix(key).wrapping_add(step.cast_unsigned()));
    at(step) * (1.0 - ease) + at(step + 1) * ease
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_is_smooth_bounded_and_the_same_again() {
        let mut last = wave(7, 1_790_000_000);
        let mut moved = false;
        for second in 1_790_000_001..1_790_001_000 {
            let next = wave(7, second);
            assert!((0.0..=1.0).contains(&next));
            assert!((next - last).abs() < 0.1, "jumped at {second}");
            moved |= (next - 0.5).abs() > 0.1;
            last = next;
        }
        assert!(moved);
        assert_eq!(
            wave(7, 1_790_000_123).to_bits(),
            wave(7, 1_790_000_123).to_bits()
        );
    }
}

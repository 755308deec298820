//! The themes inside the program.

/// Built-in themes: name and text.
pub const BUILTIN: [(&str, &str); 5] = [
    ("default", include_str!("../../../themes/default.toml")),
    ("light", include_str!("../../../themes/light.toml")),
    ("contrast", include_str!("../../../themes/contrast.toml")),
    (
        "colourblind",
        include_str!("../../../themes/colourblind.toml"),
    ),
    ("mono", include_str!("../../../themes/mono.toml")),
];

/// The text of a built-in theme.
pub(super) fn text(name: &str) -> Option<&'static str> {
    BUILTIN
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}

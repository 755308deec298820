use ratatui::style::{Modifier, Style};

use super::*;
use crate::ui::theme::{Glyphs, Theme};
use crate::ui::view::Look;

fn look() -> Look {
    Look {
        theme: Theme::default(),
        glyphs: Glyphs::UNICODE,
    }
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    Reader::new(text).collect()
}

fn plain(line: &str) -> String {
    let look = look();
    let sheet = Sheet::new(&look, 80, 0..9, false);
    inline::styled(&sheet, line, Style::new())
        .as_str()
        .to_owned()
}

#[test]
fn textile_and_commonmark_are_both_read() {
    use Block::{Code, Entry, Gap, Heading, Plain, Quote, Rule};
    assert_eq!(
        blocks("h1. One\n\n## Two ##\nh3(#a). Three"),
        [Heading("One"), Gap, Heading("Two"), Heading("Three")]
    );
    assert_eq!(
        blocks("# a\n## b\n## c\n# d\nend"),
        [
            Entry(0, Some(1), "a"),
            Entry(1, Some(1), "b"),
            Entry(1, Some(2), "c"),
            Entry(0, Some(2), "d"),
            Plain("end")
        ]
    );
    assert_eq!(
        blocks("* a\n** b\n- c\n  - d\n12) e\n1999. was a year"),
        [
            Entry(0, None, "a"),
            Entry(1, None, "b"),
            Entry(0, None, "c"),
            Entry(1, None, "d"),
            Entry(0, Some(12), "e"),
            Entry(0, Some(1999), "was a year"),
        ]
    );
    assert_eq!(
        blocks("bq. said\n> > said\n---\n|a|b|\n-- \nme"),
        [
            Quote("said"),
            Quote("said"),
            Rule,
            Code("|a|b|"),
            Plain("--"),
            Plain("me")
        ]
    );
}

#[test]
fn code_is_left_alone() {
    use Block::{Code, Plain};
    assert_eq!(
        blocks("```ruby\n* no list\n\n```\nafter"),
        [Code("* no list"), Code(""), Plain("after")]
    );
    assert_eq!(
        blocks("see <pre><code class=\"c\">\nx\n</code></pre> after"),
        [Plain("see"), Code("x"), Plain("after")]
    );
    assert_eq!(blocks("<pre>one</pre>"), [Code("one")]);
    assert_eq!(blocks("<prefix> is"), [Plain("<prefix> is")]);
    assert_eq!(blocks("~~~\nnever closed"), [Code("never closed")]);
}

#[test]
fn marks_within_a_line_are_taken_out() {
    for (line, shown) in [
        (
            "*bold* and _slanted_, **both** __too__",
            "bold and slanted, both too",
        ),
        (
            "2 * 3 * 4, snake_case_name, *.example.org",
            "2 * 3 * 4, snake_case_name, *.example.org",
        ),
        ("a *never closed", "a *never closed"),
        (
            "run @ls -l@ or `ls`, mail anne@example.org",
            "run ls -l or ls, mail anne@example.org",
        ),
        (
            "\"the page\":https://a.example/x_y_z.",
            "the page <https://a.example/x_y_z>.",
        ),
        (
            "[the page](https://a.example/ \"title\")!",
            "the page <https://a.example/>!",
        ),
        ("[[Wiki|the wiki]] and [[Home]]", "the wiki and Home"),
        ("https://a.example/_b_*c*", "https://a.example/_b_*c*"),
        (
            "!cart.png! ![alt](b.png) wow! no! ",
            "[picture cart.png] [picture alt] wow! no! ",
        ),
        (
            "<b>bold</b><br/> 1 < 2 > 1 <unknown>",
            "bold 1 < 2 > 1 <unknown>",
        ),
        (r"\*no\* C:\dir", r"*no* C:\dir"),
        ("{\"a\": \"b\", \"c\":1}", "{\"a\": \"b\", \"c\":1}"),
        ("größer *ß* 日本_語_", "größer ß 日本_語_"),
    ] {
        assert_eq!(plain(line), shown);
    }
}

#[test]
fn emphasis_is_seen() {
    let look = look();
    let sheet = Sheet::new(&look, 80, 0..9, false);
    let styled = inline::styled(&sheet, "a *b _c_* d", Style::new());
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let pieces: Vec<_> = styled.cut(0..styled.as_str().len()).collect();
    assert_eq!(
        pieces,
        [
            ("a ", Style::new()),
            ("b ", bold),
            ("c", bold.add_modifier(Modifier::ITALIC)),
            (" d", Style::new())
        ]
    );
}

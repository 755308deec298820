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

fn textile(text: &str) -> Vec<Block<'_>> {
    Reader::new(text, Markup::Textile).collect()
}

fn commonmark(text: &str) -> Vec<Block<'_>> {
    Reader::new(text, Markup::Markdown).collect()
}

const fn writing(markup: Markup) -> Writing<'static> {
    Writing {
        markup,
        tickets: Some("https://redmine.example.org/issues/"),
    }
}

fn plain(line: &str, markup: Markup) -> String {
    let look = look();
    let sheet = Sheet::new(&look, 80, 0..9, false);
    inline::styled(&sheet, line, Style::new(), &writing(markup))
        .as_str()
        .to_owned()
}

#[test]
fn the_same_signs_mean_what_the_setting_says() {
    use Block::{Entry, Gap, Heading, Plain, Quote, Rule, Table};
    assert_eq!(
        textile("h1. One\n\nh3(#a). Three\nbq. said"),
        [Heading("One"), Gap, Heading("Three"), Quote("said")]
    );
    assert_eq!(
        commonmark("# One\n\n## Two ##\nh1. no\nbq. no"),
        [
            Heading("One"),
            Gap,
            Heading("Two"),
            Plain("h1. no"),
            Plain("bq. no")
        ]
    );
    assert_eq!(
        textile("# a\n## b\n## c\n# d\nend"),
        [
            Entry(0, Some(1), "a"),
            Entry(1, Some(1), "b"),
            Entry(1, Some(2), "c"),
            Entry(0, Some(2), "d"),
            Plain("end")
        ]
    );
    for read in [textile, commonmark] {
        assert_eq!(
            read("* a\n** b\n- c\n  - d\n12) e\n1999. was a year"),
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
            read("> > said\n---\n|a|b|\n|c|d|\n-- \nme"),
            [
                Quote("said"),
                Rule,
                Table(vec!["|a|b|", "|c|d|"]),
                Plain("--"),
                Plain("me")
            ]
        );
    }
}

#[test]
fn code_is_left_alone() {
    use Block::{Code, Plain};
    assert_eq!(
        commonmark("```ruby\n* no list\n\n```\nafter"),
        [Code("* no list"), Code(""), Plain("after")]
    );
    for read in [textile, commonmark] {
        assert_eq!(
            read("see <pre><code class=\"c\">\nx\n</code></pre> after"),
            [Plain("see"), Code("x"), Plain("after")]
        );
        assert_eq!(read("<pre>one</pre>"), [Code("one")]);
        assert_eq!(read("<prefix> is"), [Plain("<prefix> is")]);
    }
    assert_eq!(commonmark("~~~\nnever closed"), [Code("never closed")]);
}

#[test]
fn marks_within_a_line_are_taken_out() {
    for (line, shown) in [
        (
            "2 * 3 * 4, snake_case_name, *.example.org",
            "2 * 3 * 4, snake_case_name, *.example.org",
        ),
        ("*bold* and _slanted_", "bold and slanted"),
        ("a *never closed", "a *never closed"),
        (
            "mail anne@example.org, ask @anne",
            "mail anne@example.org, ask @anne",
        ),
        ("as in #12, not a#13", "as in #12, not a#13"),
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
        (
            "-rw-r--r-- ls -l -a, 20 -21 - x",
            "-rw-r--r-- ls -l -a, 20 -21 - x",
        ),
    ] {
        for markup in [Markup::Textile, Markup::Markdown] {
            assert_eq!(plain(line, markup), shown, "{markup:?}");
        }
    }
    for (line, shown) in [
        ("run @ls -l@, -not this-", "run ls -l, not this"),
        (
            "\"the page\":https://a.example/x_y_z.",
            "the page <https://a.example/x_y_z>.",
        ),
    ] {
        assert_eq!(plain(line, Markup::Textile), shown);
        assert_eq!(plain(line, Markup::Markdown), line, "is Textile only");
    }
    for (line, shown) in [
        ("**both** __too__ `ls` ~~no~~", "both too ls no"),
        (
            "[the page](https://a.example/ \"title\")!",
            "the page <https://a.example/>!",
        ),
    ] {
        assert_eq!(plain(line, Markup::Markdown), shown);
    }
}

#[test]
fn what_is_named_leads_there() {
    let look = look();
    let sheet = Sheet::new(&look, 80, 0..9, false);
    let line = "see #12 and https://a.example/b";
    let styled = inline::styled(&sheet, line, Style::new(), &writing(Markup::Textile));
    let links: Vec<(&str, Option<&str>)> = styled
        .cut_linked(0..styled.as_str().len())
        .filter(|(_, _, link)| link.is_some())
        .map(|(text, _, link)| (text, link.map(|link| &**link)))
        .collect();
    assert_eq!(
        links,
        [
            ("#12", Some("https://redmine.example.org/issues/12")),
            ("https://a.example/b", Some("https://a.example/b")),
        ]
    );
}

#[test]
fn tables_are_aligned() {
    let shown = |text: &str, markup| {
        let look = look();
        let mut sheet = Sheet::new(&look, 30, 0..9, false);
        write(&mut sheet, text, 0, &writing(markup));
        let area = ratatui::layout::Rect::new(0, 0, 30, 9);
        let mut buf = ratatui::buffer::Buffer::empty(area);
        sheet.draw(area, &mut buf);
        let line = |y| -> String { (0..30).map(|x| buf[(x, y)].symbol()).collect() };
        (0..u16::try_from(sheet.len()).unwrap_or(0))
            .map(|y| line(y).trim_end().to_owned())
            .collect::<Vec<_>>()
    };
    let aligned = ["when   │ mails", "Monday │ 12"];
    assert_eq!(
        shown("|_. when|_. mails|\n|Monday|12|", Markup::Textile),
        aligned
    );
    assert_eq!(
        shown(
            "| when | mails |\n|---|:-:|\n| Monday | 12 |",
            Markup::Markdown
        ),
        aligned
    );
    assert_eq!(
        shown("|a long cell that does not fit|b|", Markup::Textile),
        [
            "a long cell that does not  │ b",
            "fit                        │"
        ]
    );
}

#[test]
fn emphasis_is_seen() {
    let look = look();
    let sheet = Sheet::new(&look, 80, 0..9, false);
    let styled = inline::styled(
        &sheet,
        "a *b _c_* d",
        Style::new(),
        &writing(Markup::Textile),
    );
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

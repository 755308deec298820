//! What must not be seen while private things are masked, and what no server may do.

use super::scenes::{history, read_ticket, scene};
use super::*;
use crate::app::History;
use crate::domain::Prose;
use crate::estate::fixture::REDMINE;

/// Everything that any tab shows of these apps in privacy.
fn all(apps: impl IntoIterator<Item = App>) -> String {
    let mut shown = String::new();
    for mut app in apps {
        app.privacy = true;
        for _ in 0..app.open_rows().len() {
            shown.push_str(&tall(&app, &look(), 200));
            update(&mut app, Message::Key(KeyPress::char('j')));
        }
    }
    shown
}

#[test]
fn nothing_private_is_shown() {
    let shown = all(Tab::ALL.map(|tab| app(NARROW, tab)));
    let scenes = all(Tab::ALL.map(scene).into_iter().chain([read_ticket()]));
    for text in [&shown, &scenes] {
        for private in [
            "192.0.2.",
            "198.51.100.",
            "+44 1632",
            "@anne:",
            "@mary:",
            "Salaries",
            "safe of the treasurer",
            "greylisted@",
            "example.net",
        ] {
            assert!(!text.contains(private), "{private} is shown");
        }
        assert!(text.contains("(private)"));
    }
    // What is not private stays.
    assert!(shown.contains("LXC container 105 on golem"));
    assert!(scenes.contains("People pay and get no mail."));
    assert!(shown.contains("greylisted"));
}

#[test]
fn private_tickets_show_where_they_are_and_no_more() {
    let mut app = at(
        app(NARROW, Tab::Tickets),
        "#487 Salaries of the crew (not for everyone)",
    );
    app.privacy = true;
    insta::assert_snapshot!("private_ticket", tall(&app, &look(), 60));
    let mut app = at(scene(Tab::Team), "Mary Read");
    app.privacy = true;
    insta::assert_snapshot!("private_person", tall(&app, &look(), 60));
}

#[test]
fn hostile_text_stays_text() {
    let mut app = read_ticket();
    let mut hostile = String::from("\x1b]52;c;AAAA\x07\x1b[2J\u{9b}31m\u{202e}right\u{202c}\r\n");
    hostile.push_str(&"<pre>".repeat(300));
    hostile.push_str("\n</pre></pre>\n");
    hostile.push_str(&"[".repeat(3000));
    hostile.push_str(&"](/a".repeat(3000));
    hostile.push_str(&"*_`\"@!<".repeat(3000));
    hostile.push_str(&"\n> > > ####### ***** ".repeat(300));
    hostile.push_str(&"e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}".repeat(300));
    let mut detail = history();
    detail.description = Prose::clean(&hostile);
    detail.journals[1].note = Some(Prose::clean(&hostile.repeat(9)));
    app.histories
        .insert((REDMINE, 490), History::Read(detail.into()));
    let shown = tall(&app, &look(), 60);
    assert!(!shown.contains(|c: char| c.is_control() && c != '\n'));
    assert!(shown.contains("␛]52;c;AAAA␇␛[2J�31m·right·"));
    assert!(shown.contains("Thanks!"), "what comes after is shown");
}

#[test]
fn long_histories_keep_what_is_new() {
    let mut app = read_ticket();
    let mut detail = history();
    detail.description = Prose::clean("short");
    detail.journals[1].note = Some(Prose::clean(&"old words ".repeat(20_000)));
    detail.journals[2].note = Some(Prose::clean(&"new words ".repeat(2_000)));
    app.histories
        .insert((REDMINE, 490), History::Read(detail.into()));
    let shown = tall(&app, &look(), 90);
    assert!(shown.contains("a note of 195 KiB is not shown here; o opens the ticket"));
    assert!(!shown.contains("old words"));
    assert!(shown.contains("new words"));
}

//! The terminal room in a real pseudo-terminal.
//!
//! The program that runs there is this test binary once more, with only [`child`]: a loop as the
//! runtime's, without anything to show but what it was told.

use std::collections::VecDeque;

use rustix::process::Signal as Sent;
use vigie::domain::KeyPress;
use vigie::terminal::panics::{install_panic_hook, take_background_panics};
use vigie::terminal::signals::{Suspension, suspend};
use vigie::terminal::{
    Broken, Capability, Guard, Input, Inputs, Options, Screen, Signal, Signals, output,
};

use crate::session::Session;

/// The variable without which [`child`] does nothing, so that `--ignored` does no harm.
const CHILD: &str = "VIGIE_TTY_CHILD";

/// The arguments that make this binary run [`child`] alone.
const ARGUMENTS: [&str; 5] = [
    "tty::child",
    "--exact",
    "--ignored",
    "--nocapture",
    "--quiet",
];

#[test]
#[ignore = "not a test: the program that the others start in a terminal"]
#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "its last word, after the terminal is given back"
)]
fn child() {
    let Ok(kind) = std::env::var(CHILD) else {
        return;
    };
    install_panic_hook();
    let options = Options {
        mouse: true,
        title: Some("vigie".to_owned()),
    };
    let guard = match Guard::enter(&Capability::of_process(), options) {
        Ok(guard) => guard,
        Err(refusal) => {
            eprintln!("refused: {refusal:?}");
            std::process::exit(3);
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let reason = runtime.block_on(dashboard(&guard, kind == "deaf"));
    drop(guard);
    if kind == "deaf" {
        // Nobody is there to read a word; the test reads the status.
        std::process::exit(if reason == "gone" { 7 } else { 8 });
    }
    println!("left by {reason}.");
    std::process::exit(0);
}

/// Shows what happened until something ends it. `deaf`: ends only when the terminal is gone.
#[expect(clippy::panic, reason = "what a panic does is tested")]
async fn dashboard(guard: &Guard, deaf: bool) -> String {
    let mut signals = Signals::open().unwrap();
    let mut inputs = Inputs::open().unwrap();
    let mut screen = Screen::new(output::size());
    let mut said = VecDeque::from(["ready".to_owned()]);
    loop {
        let drawn = screen.draw(|frame| {
            let area = frame.area();
            let buffer = frame.buffer_mut();
            let size = format!("{}x{}", area.width, area.height);
            for (y, line) in (0..area.height).zip(std::iter::once(&size).chain(&said)) {
                buffer.set_string(0, y, line, ratatui::style::Style::new());
            }
        });
        if matches!(drawn, Err(Broken::Gone)) {
            return "gone".to_owned();
        }
        let word = tokio::select! {
            input = inputs.next() => match input {
                Err(Broken::Gone) => return "gone".to_owned(),
                Err(other) => return other.to_string(),
                Ok(Input::Resize { .. }) => {
                    screen.resize(output::size());
                    continue;
                }
                Ok(Input::Key(key)) if key == KeyPress::char('q') => return "q".to_owned(),
                Ok(Input::Key(key)) if key == KeyPress::char('p') => panic!("on purpose"),
                Ok(Input::Key(key)) if key == KeyPress::char('b') => {
                    let task = tokio::spawn(async { panic!("in the background") });
                    assert!(task.await.is_err());
                    take_background_panics().join(" ")
                }
                Ok(Input::Key(key)) if key == KeyPress::ctrl('z') => {
                    drop(inputs);
                    let how = suspend(guard).await.unwrap();
                    inputs = Inputs::open().unwrap();
                    screen.resize(output::size());
                    if how == Suspension::NoShell {
                        "no shell".to_owned()
                    } else {
                        "continued".to_owned()
                    }
                }
                Ok(other) => format!("{other:?}"),
            },
            signal = signals.next() => match signal {
                _ if deaf => continue,
                Signal::Continue => {
                    guard.reassert().unwrap();
                    screen.clear_for_repaint();
                    continue;
                }
                other => return format!("{other:?}"),
            },
        };
        said.push_front(word);
    }
}

fn start(kind: &str, variables: &[(&str, &str)]) -> Session {
    let program = std::env::current_exe().unwrap();
    let mut all = vec![(CHILD, kind)];
    all.extend_from_slice(variables);
    Session::start(program.to_str().unwrap(), &ARGUMENTS, &all, 80, 24)
}

#[test]
fn keys_clicks_and_pastes_arrive() {
    let mut session = start("loop", &[]);
    session.wait_text("ready");
    session.wait_text("80x24");
    session.look(|screen| {
        assert!(screen.alternate_screen() && screen.hide_cursor() && screen.bracketed_paste());
        // Presses and releases only.
        assert_eq!(
            screen.mouse_protocol_mode(),
            vt100::MouseProtocolMode::PressRelease
        );
        assert_eq!(
            screen.mouse_protocol_encoding(),
            vt100::MouseProtocolEncoding::Sgr
        );
    });
    session.send("\x1b[1;5A");
    session.wait_text("Key(KeyPress { code: Up, ctrl: true");
    session.send("\x1b");
    session.wait_text("Esc");
    session.send("\x1b[<0;3;4M\x1b[<0;3;4m");
    session.wait_text("Click { column: 2, row: 3 }");
    session.send("\x1b[200~q\x1b[201~");
    session.wait_text("Paste(\"q\")");
    session.send("q");
    assert!(session.end().success());
    session.assert_restored();
    session.look(|screen| {
        assert!(
            screen.contents().contains("left by q."),
            "{}",
            screen.contents()
        );
    });
}

#[test]
fn a_new_size_is_drawn() {
    let mut session = start("loop", &[]);
    session.wait_text("80x24");
    session.resize(100, 30);
    session.wait_text("100x30");
    session.resize(1, 1);
    session.resize(30, 5);
    session.wait_text("30x5");
    session.send("q");
    assert!(session.end().success());
}

#[test]
fn each_signal_that_ends_restores_the_terminal() {
    for (sent, word) in [
        (Sent::TERM, "Terminate"),
        (Sent::INT, "Interrupt"),
        (Sent::HUP, "Hangup"),
        (Sent::QUIT, "Terminate"),
    ] {
        let mut session = start("loop", &[]);
        session.wait_text("ready");
        session.signal(sent);
        assert!(session.end().success());
        session.assert_restored();
        session.look(|screen| assert!(screen.contents().contains(&format!("left by {word}."))));
    }
}

#[test]
fn a_vanished_terminal_ends_it_even_without_the_signal() {
    let mut session = start("deaf", &[]);
    session.wait_text("ready");
    session.hang_up();
    assert_eq!(session.end().exit_code(), 7);
}

#[test]
fn a_panic_of_the_loop_restores_the_terminal_before_its_report() {
    let mut session = start("loop", &[]);
    session.wait_text("ready");
    session.send("p");
    assert!(!session.end().success());
    session.assert_restored();
    session.look(|screen| {
        assert!(
            screen.contents().contains("on purpose"),
            "{}",
            screen.contents()
        );
    });
}

#[test]
fn a_panic_elsewhere_leaves_the_terminal_alone_and_is_kept() {
    let mut session = start("loop", &[]);
    session.wait_text("ready");
    session.send("b");
    session.wait_text("in the background");
    session.look(|screen| {
        assert!(screen.alternate_screen() && screen.hide_cursor());
        let first: String = screen
            .contents()
            .lines()
            .nth(1)
            .unwrap_or_default()
            .to_owned();
        assert!(first.starts_with("thread '"), "{first}");
    });
    session.send("q");
    assert!(session.end().success());
    session.assert_restored();
}

#[test]
fn idle_it_writes_nothing() {
    let mut session = start("loop", &[]);
    session.wait_text("ready");
    // The first frame is whole when its end has come.
    session.send("x");
    session.wait_text("Char('x')");
    let idle = session.bytes_within(std::time::Duration::from_millis(300));
    assert_eq!(idle.escape_ascii().to_string(), "");
    session.send("q");
    session.end();
}

#[test]
fn stopped_from_outside_it_takes_the_terminal_again_and_repaints() {
    let mut session = start("loop", &[]);
    session.wait_text("ready");
    session.signal(Sent::STOP);
    session.signal(Sent::CONT);
    session.wait_bytes("modes and frame twice", |bytes| {
        bytes.matches("\\x1b[?1049h").count() == 2 && bytes.matches("ready").count() == 2
    });
    session.send("q");
    assert!(session.end().success());
    session.assert_restored();
}

#[test]
fn without_a_shell_it_is_not_stopped() {
    // The session has no shell with job control: a stop would be for ever.
    let mut session = start("loop", &[]);
    session.wait_dashboard();
    session.wait_text("ready");
    session.send("\x1a");
    session.wait_text("no shell");
    session.send("q");
    assert!(session.end().success());
}

#[test]
fn suspended_and_continued_by_a_shell() {
    let program = std::env::current_exe().unwrap();
    let script = format!(
        "set -m; {} {}; echo stopped; read line; fg >/dev/null; echo back",
        program.display(),
        ARGUMENTS.join(" ")
    );
    let mut session = Session::start("/bin/sh", &["-c", &script], &[(CHILD, "loop")], 80, 24);
    session.wait_text("ready");
    session.send("\x1a");
    session.wait_text("stopped");
    session.assert_restored();
    session.send("on\n");
    session.wait_text("continued");
    session.look(|screen| {
        assert!(screen.alternate_screen() && screen.hide_cursor() && screen.bracketed_paste());
        assert!(screen.contents().contains("ready"));
    });
    session.send("q");
    session.wait_text("back");
    session.end();
    session.assert_restored();
}

#[test]
fn a_terminal_that_cannot_is_refused_without_an_escape() {
    for (term, word) in [("dumb", "TermDumb(\"dumb\")"), ("", "TermUnset")] {
        let mut session = start("loop", &[("TERM", term)]);
        assert_eq!(session.end().exit_code(), 3);
        session.look(|screen| {
            assert!(
                screen.contents().contains(&format!("refused: {word}")),
                "{}",
                screen.contents()
            );
        });
        assert!(!session.bytes().contains(&0x1b));
    }
}

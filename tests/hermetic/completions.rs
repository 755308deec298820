//! Completions, manual pages, the version.

use crate::estate::{Estate, Home};

#[test]
fn shells_get_a_script_that_asks_vigie() {
    let home = Home::empty();
    for shell in ["bash", "zsh", "fish"] {
        let ran = home.run(&["completions", shell]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.out.contains("VIGIE_COMPLETE"), "{}", ran.out);
    }
    assert_eq!(home.run(&["completions", "cmd.exe"]).code, 2);
}

fn completed(home: &Home, words: &[&str]) -> Vec<String> {
    let last = words.len() - 1;
    let output = home
        .command(&[&["--"], words].concat())
        .env("VIGIE_COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", last.to_string())
        .env("_CLAP_IFS", "\n")
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn names_of_sources_and_tabs_are_completed() {
    let estate = Estate::start();
    let home = &estate.home;
    assert_eq!(
        completed(home, &["vigie", "status", "--source", "p"]),
        ["pikachu"]
    );
    let all = completed(home, &["vigie", "status", "--source", ""]);
    assert!(
        all.contains(&"golem".to_owned()) && all.contains(&"monitor".to_owned()),
        "{all:?}"
    );
    assert_eq!(
        completed(home, &["vigie", "status", "--tab", "t"]),
        ["triage", "team", "tickets"]
    );
    assert!(completed(home, &["vigie", "st"]).contains(&"status".to_owned()));
    // A configuration that is wrong completes nothing and says nothing.
    home.configure("[web");
    assert!(
        !completed(home, &["vigie", "status", "--source", "p"]).contains(&"pikachu".to_owned())
    );
}

#[test]
fn every_command_has_its_page() {
    let home = Home::empty();
    let page = home.run(&["man"]);
    assert_eq!(page.code, 0);
    assert!(page.out.contains(".TH vigie 1"), "{}", page.out);
    let page = home.run(&["man", "status"]);
    assert!(page.out.contains("deadline"), "{}", page.out);
    assert_ne!(home.run(&["man", "nothing"]).code, 0);
    let directory = home.path().to_str().unwrap();
    assert_eq!(home.run(&["man", "--into", directory]).code, 0);
    for name in [
        "vigie.1",
        "vigie-status.1",
        "vigie-demo.1",
        "vigie-config.1",
    ] {
        assert!(home.path().join(name).is_file(), "{name}");
    }
}

#[test]
fn the_version_tells_what_was_built() {
    let ran = Home::empty().run(&["--version"]);
    assert_eq!(ran.code, 0);
    let first = format!("vigie {}", env!("CARGO_PKG_VERSION"));
    assert!(ran.out.starts_with(&first), "{}", ran.out);
    assert!(ran.out.contains("Proxmox VE 3.4 to 9"), "{}", ran.out);
    let short = Home::empty().run(&["-V"]);
    assert_eq!(short.out.trim(), first);
}

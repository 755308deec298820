use super::*;

/// What bytes mean when they come at once and nothing follows.
fn decoded(bytes: &[u8]) -> Vec<Input> {
    let mut decoder = Decoder::default();
    let mut inputs = Vec::new();
    decoder.feed(bytes, &mut inputs);
    decoder.settle(&mut inputs);
    inputs
}

/// The same, as the words of the configuration.
fn keys(bytes: &[u8]) -> Vec<String> {
    decoded(bytes)
        .into_iter()
        .map(|input| match input {
            Input::Key(key) => key.to_string(),
            other => format!("{other:?}"),
        })
        .collect()
}

#[test]
fn keys_by_terminal() {
    let known: &[(&[u8], &[&str])] = &[
        (b"j", &["j"]),
        (b"G<-", &["G", "<", "-"]),
        (b" ", &["space"]),
        (b"\r", &["enter"]),
        (b"\n", &["ctrl-j"]),
        (b"\t", &["tab"]),
        (b"\x7f", &["backspace"]),
        (b"\x08", &["backspace"]),
        (b"\x00", &["ctrl-space"]),
        (b"\x03", &["ctrl-c"]),
        (b"\x0b", &["ctrl-k"]),
        (b"\x1a", &["ctrl-z"]),
        (
            b"\x1c\x1d\x1e\x1f",
            &["ctrl-\\", "ctrl-]", "ctrl-^", "ctrl-_"],
        ),
        ("éß漢".as_bytes(), &["é", "ß", "漢"]),
        (b"\x1b", &["esc"]),
        (b"\x1b\x1b", &["esc", "esc"]),
        (b"\x1bx", &["alt-x"]),
        (b"\x1bX", &["alt-X"]),
        ("\x1bé".as_bytes(), &["alt-é"]),
        (b"\x1b[", &["alt-["]),
        (b"\x1bO", &["alt-O"]),
        (b"\x1b]", &["alt-]"]),
        (b"\x1bP", &["alt-P"]),
        (b"\x1b\x7f", &["alt-backspace"]),
        // Arrows: ordinary, application mode, with modifiers, rxvt's.
        (
            b"\x1b[A\x1b[B\x1b[C\x1b[D",
            &["up", "down", "right", "left"],
        ),
        (b"\x1bOA\x1bOB", &["up", "down"]),
        (
            b"\x1b[1;2A\x1b[1;3B\x1b[1;5C\x1b[1;8D",
            &["shift-up", "alt-down", "ctrl-right", "ctrl-alt-shift-left"],
        ),
        (b"\x1b[a\x1bOc", &["shift-up", "ctrl-right"]),
        (b"\x1b\x1b[A", &["alt-up"]),
        // The block of six: xterm, VT220, rxvt, Linux console.
        (b"\x1b[H\x1b[F\x1bOH\x1bOF", &["home", "end", "home", "end"]),
        (
            b"\x1b[1~\x1b[4~\x1b[7~\x1b[8~",
            &["home", "end", "home", "end"],
        ),
        (
            b"\x1b[2~\x1b[3~\x1b[5~\x1b[6~",
            &["ins", "del", "pgup", "pgdn"],
        ),
        (
            b"\x1b[3;5~\x1b[5$\x1b[6^\x1b[3@",
            &["ctrl-del", "shift-pgup", "ctrl-pgdn", "ctrl-shift-del"],
        ),
        (b"\x1b[Z", &["shift-tab"]),
        // Function keys.
        (b"\x1bOP\x1bOS\x1b[[A\x1b[[E", &["f1", "f4", "f1", "f5"]),
        (
            b"\x1b[11~\x1b[15~\x1b[17~\x1b[21~\x1b[23~\x1b[24~",
            &["f1", "f5", "f6", "f10", "f11", "f12"],
        ),
        (
            b"\x1b[25~\x1b[26~\x1b[28~\x1b[29~\x1b[31~\x1b[34~",
            &["f13", "f14", "f15", "f16", "f17", "f20"],
        ),
        (b"\x1b[1;5P\x1b[15;2~", &["ctrl-f1", "shift-f5"]),
        // modifyOtherKeys, and kitty's protocol left on by another program.
        (b"\x1b[27;5;9~", &["ctrl-tab"]),
        (
            b"\x1b[107;5u\x1b[103;2u\x1b[13;5u",
            &["ctrl-k", "G", "ctrl-enter"],
        ),
        (b"\x1b[97;1:1u\x1b[97;1:2u\x1b[97;1:3u", &["a", "a"]),
    ];
    for (bytes, expected) in known {
        assert_eq!(keys(bytes), *expected, "{}", bytes.escape_ascii());
    }
}

#[test]
fn what_is_not_understood_leaves_no_tail_behind() {
    let nothing: &[&[u8]] = &[
        b"\x1b[?62;22c",             // device attributes
        b"\x1b[>41;354;0c",          // secondary
        b"\x1b[12;40R",              // cursor position
        b"\x1b[?2026;2$y",           // mode report
        b"\x1b[I\x1b[O",             // focus
        b"\x1b[8;24;80t",            // window size
        b"\x1b[99~\x1b[9999999999~", // keys nobody has
        b"\x1b[57358u",              // caps lock
        b"\x1b]11;rgb:0000/0000/0000\x1b\\",
        b"\x1b]10;rgb:ffff/ffff/ffff\x07",
        b"\x1bP1$r0m\x1b\\",
        b"\x1bP>|foot(1.2)\x1b\\",
        b"\x1b[<0;0;0M", // cells count from 1
        b"\xff\xfe",
        "\u{85}\u{9b}".as_bytes(), // 8-bit controls
    ];
    for bytes in nothing {
        let mut whole = bytes.to_vec();
        whole.push(b'j');
        let got = keys(&whole);
        assert_eq!(
            got.last().map(String::as_str),
            Some("j"),
            "{}",
            bytes.escape_ascii()
        );
        assert_eq!(got.len(), 1, "{}: {got:?}", bytes.escape_ascii());
    }
}

#[test]
fn pieces_mean_the_same_as_the_whole() {
    let whole = "j\x1b[1;5A\x1b[<0;3;4M\x1b[<0;3;4mé漢\x1bOP\x1b[200~a\rb\x1b[20\x1b[201~\x1b[3~k"
        .as_bytes();
    let expected = decoded(whole);
    assert_eq!(expected.len(), 9, "{expected:?}");
    for size in 1..whole.len() {
        let mut decoder = Decoder::default();
        let mut inputs = Vec::new();
        for piece in whole.chunks(size) {
            decoder.feed(piece, &mut inputs);
        }
        assert_eq!(inputs, expected, "pieces of {size}");
    }
}

#[test]
fn escape_is_undecided_until_settled() {
    let mut decoder = Decoder::default();
    let mut inputs = Vec::new();
    decoder.feed(b"\x1b", &mut inputs);
    assert!(inputs.is_empty());
    assert!(decoder.is_undecided());
    decoder.settle(&mut inputs);
    assert_eq!(inputs, [Input::Key(KeyPress::plain(KeyCode::Esc))]);
    assert!(!decoder.is_undecided());
    // A sequence that has begun is waited for, however slow the link.
    decoder.feed(b"\x1b[1;", &mut inputs);
    assert!(!decoder.is_undecided());
    decoder.settle(&mut inputs);
    decoder.feed(b"5A", &mut inputs);
    assert_eq!(inputs.len(), 2);
    assert_eq!(
        inputs.last(),
        Some(&Input::Key(
            "ctrl-up".parse().unwrap_or(KeyPress::char('?'))
        ))
    );
}

#[test]
fn clicks_end_where_they_began() {
    let click = |column, row| Input::Click { column, row };
    assert_eq!(decoded(b"\x1b[<0;3;4M\x1b[<0;3;4m"), [click(2, 3)]);
    assert_eq!(decoded(b"\x1b[<0;3;4M"), []);
    // Dragged elsewhere, released without a press, right and middle button, motion.
    assert_eq!(decoded(b"\x1b[<0;3;4M\x1b[<0;9;4m"), []);
    assert_eq!(decoded(b"\x1b[<0;3;4m"), []);
    assert_eq!(
        decoded(b"\x1b[<2;3;4M\x1b[<2;3;4m\x1b[<1;3;4M\x1b[<1;3;4m"),
        []
    );
    assert_eq!(decoded(b"\x1b[<35;3;4M"), []);
    // Far right and down, and the old encoding.
    assert_eq!(
        decoded(b"\x1b[<0;300;100M\x1b[<0;300;100m"),
        [click(299, 99)]
    );
    assert_eq!(decoded(b"\x1b[M #$\x1b[M##$"), [click(2, 3)]);
}

#[test]
fn wheel() {
    let wheel = |up| Input::Wheel {
        column: 9,
        row: 4,
        up,
    };
    assert_eq!(
        decoded(b"\x1b[<64;10;5M\x1b[<65;10;5M"),
        [wheel(true), wheel(false)]
    );
    assert_eq!(decoded(b"\x1b[M`*%"), [wheel(true)]);
}

#[test]
fn a_paste_is_text_and_never_keys() {
    assert_eq!(
        decoded(b"\x1b[200~q\r\nw\x1b[201~x"),
        [
            Input::Paste("q\nw".to_owned()),
            Input::Key(KeyPress::char('x')),
        ]
    );
    // Nothing in it acts on the terminal.
    assert_eq!(
        decoded(b"\x1b[200~a\x1b[2Jb\x07\xc2\x9bc\td\x1b[201~"),
        [Input::Paste("a[2Jbc\td".to_owned())]
    );
    assert_eq!(
        decoded(b"\x1b[200~\xff\x1b[201~"),
        [Input::Paste("\u{fffd}".to_owned())]
    );
}

#[test]
fn a_huge_paste_is_cut() {
    let mut bytes = b"\x1b[200~".to_vec();
    bytes.resize(bytes.len() + 3 * PASTE_CAP, b'x');
    bytes.extend_from_slice(b"\x1b[201~j");
    let mut decoder = Decoder::default();
    let mut inputs = Vec::new();
    for piece in bytes.chunks(4096) {
        decoder.feed(piece, &mut inputs);
    }
    let [Input::Paste(text), Input::Key(key)] = inputs.as_slice() else {
        unreachable!("{} inputs", inputs.len());
    };
    assert_eq!(text.len(), PASTE_CAP);
    assert_eq!(*key, KeyPress::char('j'));
}

#[test]
fn rubbish_neither_hangs_nor_grows() {
    let mut random = fastrand::Rng::with_seed(7);
    let mut decoder = Decoder::default();
    let mut inputs = Vec::new();
    for _ in 0..20_000 {
        let length = random.usize(1..40);
        let piece: Vec<u8> = (0..length)
            .map(|_| {
                *random
                    .choice(b"\x1b[]OPM<;?0129~$Az\x07\xc3\xff\x00")
                    .unwrap_or(&0)
            })
            .collect();
        decoder.feed(&piece, &mut inputs);
        assert!(decoder.pending.len() <= 2 * SEQUENCE_CAP);
    }
    assert!(!inputs.is_empty());
}

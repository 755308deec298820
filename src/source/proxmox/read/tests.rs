//! `/cluster/resources`, lie by lie.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use super::*;

fn read(body: &str) -> Resources {
    parse_resources(body.as_bytes(), &mut Names::default()).unwrap()
}

/// Wraps rows, with node `p` online.
fn with_node(rows: &str) -> Resources {
    read(&format!(
        r#"{{"data":[{rows},{{"type":"node","id":"node/p","node":"p","status":"online","cpu":0.1,"mem":1,"maxmem":2,"uptime":9}}]}}"#
    ))
}

fn guest(row: &str) -> Guest {
    let mut resources = with_node(row);
    assert_eq!((resources.guests.len(), resources.skipped), (1, 0), "{row}");
    resources.guests.remove(0)
}

#[test]
fn a_container_of_today() {
    let guest = guest(
        r#"{"id":"lxc/200","vmid":200,"node":"p","type":"lxc","status":"running","uptime":86000,"name":"wiki",
        "template":0,"maxcpu":0.5,"cpu":3.44330117252769e-05,"maxmem":1073741824,"mem":209584128,"memhost":0,
        "maxdisk":8350298112,"disk":640397312,"netin":94558593,"tags":"web;prod","pool":"yard","lock":"backup","hastate":"started"}"#,
    );
    assert_eq!(
        guest,
        Guest {
            vmid: 200,
            kind: GuestKind::Lxc,
            name: Some("wiki".into()),
            node: "p".into(),
            state: GuestState::Running,
            state_word: None,
            cpu: Fraction::new(3.443_301_172_527_69e-5),
            cores: Cores::new(0.5),
            memory: Some(Bytes(209_584_128)),
            memory_limit: Some(Bytes(1_073_741_824)),
            disk: Some(Bytes(640_397_312)),
            disk_size: Some(Bytes(8_350_298_112)),
            uptime: Some(Duration::from_secs(86_000)),
            lock: Some("backup".into()),
            tags: Some("prod web".into()),
            pool: Some("yard".into()),
            ha: Some("started".into()),
        }
    );
}

#[test]
fn the_disk_of_kvm_is_unknown_not_empty() {
    let guest = guest(
        r#"{"id":"qemu/100","vmid":100,"node":"p","type":"qemu","status":"running","disk":0,"maxdisk":34359738368,"mem":4343412736,"maxmem":4294967296}"#,
    );
    assert_eq!(guest.disk, None);
    assert_eq!(guest.disk_size, Some(Bytes(34_359_738_368)));
    // 9 counts what the host gives, which may be more than the guest's limit.
    assert_eq!(guest.memory, Some(Bytes(4_343_412_736)));
}

#[test]
fn numbers_as_texts_and_floats_beyond_64_bits() {
    let guest = guest(
        r#"{"id":"openvz/102","vmid":"102","node":"p","type":"openvz","status":"mounted","template":"","lock":"",
        "tags":"","maxdisk":9.44473296573929e+21,"disk":"1031540736","mem":null,"uptime":0,"name":null}"#,
    );
    assert_eq!(guest.vmid, 102);
    assert_eq!(guest.kind, GuestKind::OpenVz);
    assert_eq!(guest.state, GuestState::Mounted);
    assert_eq!(guest.disk_size, None);
    assert_eq!(guest.disk, Some(Bytes(1_031_540_736)));
    assert_eq!((guest.memory, guest.uptime), (None, None));
    assert_eq!((guest.lock, guest.tags, guest.name), (None, None, None));
}

#[test]
fn a_template_is_not_stopped() {
    for template in ["1", r#""1""#, "true"] {
        let guest = guest(&format!(
            r#"{{"vmid":900,"node":"p","type":"qemu","status":"stopped","template":{template}}}"#
        ));
        assert_eq!(guest.state, GuestState::Template);
    }
}

#[test]
fn red_run_states_are_kept_apart() {
    let word = |status: &str| {
        let guest = guest(&format!(
            r#"{{"vmid":1,"node":"p","type":"qemu","status":{status}}}"#
        ));
        (guest.state, guest.state_word.map(|word| word.to_string()))
    };
    assert_eq!(word(r#""io-error""#), (GuestState::IoError, None));
    assert_eq!(
        word(r#""guest-panicked""#),
        (GuestState::Crashed, Some("guest-panicked".to_owned()))
    );
    assert_eq!(
        word(r#""b\u001b[2Jx""#),
        (GuestState::Unknown, Some("b␛[2Jx".to_owned()))
    );
    assert_eq!(word("null"), (GuestState::Unknown, None));
}

#[test]
fn tags_are_split_as_the_server_splits_them() {
    let tags = |tags: &str| {
        guest(&format!(
            r#"{{"vmid":1,"node":"p","type":"lxc","status":"running","tags":"{tags}"}}"#
        ))
        .tags
        .map(|tags| tags.to_string())
    };
    assert_eq!(tags("web;db, prod  a"), Some("a db prod web".to_owned()));
    assert_eq!(
        tags("go-proxmox+cloud-init"),
        Some("go-proxmox+cloud-init".to_owned())
    );
    assert_eq!(tags(" ; ,"), None);
}

#[test]
fn guests_of_a_dead_node_are_last_known() {
    let resources = read(
        r#"{"data":[
        {"id":"lxc/1","vmid":1,"node":"dead","type":"lxc","status":"running","name":"a","cpu":0.3,"mem":5,"maxmem":9,"uptime":77,"disk":3,"maxdisk":8},
        {"id":"lxc/2","vmid":2,"node":"silent","type":"lxc","status":"unknown"},
        {"id":"qemu/3","vmid":3,"node":"dead","type":"qemu","status":"stopped","template":1},
        {"id":"lxc/4","vmid":4,"node":"alive","type":"lxc","status":"running","uptime":0},
        {"id":"node/dead","node":"dead","type":"node","status":"offline","maxcpu":8},
        {"id":"node/silent","node":"silent","type":"node","status":"unknown"},
        {"id":"node/alive","node":"alive","type":"node","status":"online","cpu":0,"mem":1,"maxmem":2,"uptime":5},
        {"id":"storage/dead/local","storage":"local","node":"dead","type":"storage","status":"unknown"},
        {"id":"storage/alive/nas","storage":"nas","node":"alive","type":"storage","status":"unknown","shared":1,"content":"iso,backup","plugintype":"nfs"}
        ]}"#,
    );
    let states: Vec<_> = resources.guests.iter().map(|guest| guest.state).collect();
    assert_eq!(
        states,
        [
            GuestState::NodeGone,
            GuestState::NodeGone,
            GuestState::Template,
            GuestState::Running
        ]
    );
    let gone = &resources.guests[0];
    assert_eq!((gone.cpu, gone.memory, gone.uptime), (None, None, None));
    assert_eq!(
        (gone.memory_limit, gone.disk),
        (Some(Bytes(9)), Some(Bytes(3)))
    );
    assert_eq!(resources.guests[3].uptime, Some(Duration::ZERO));
    let nodes: Vec<_> = resources
        .nodes
        .iter()
        .map(|node| (&*node.name, node.state, node.figures_denied))
        .collect();
    assert_eq!(
        nodes,
        [
            ("alive", NodeState::Online, false),
            ("dead", NodeState::Offline, false),
            ("silent", NodeState::Silent, false),
        ]
    );
    let storages: Vec<_> = resources
        .storages
        .iter()
        .map(|storage| {
            (
                &*storage.node,
                storage.active,
                storage.shared,
                storage.content.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        storages,
        [
            ("alive", Some(false), true, Some("backup,iso")),
            ("dead", None, false, None),
        ]
    );
}

#[test]
fn version_3_4_tells_no_state_of_nodes() {
    let resources = read(
        r#"{"data":[
        {"id":"openvz/101","vmid":101,"node":"old1","type":"openvz","status":"running","name":"www"},
        {"id":"qemu/110","vmid":110,"node":"old1","type":"qemu"},
        {"id":"qemu/120","vmid":120,"node":"old2","type":"qemu"},
        {"id":"node/old1","node":"old1","type":"node","uptime":20736000,"cpu":0.08,"mem":1,"maxmem":2,"level":""},
        {"id":"node/old2","node":"old2","type":"node","maxcpu":8,"maxmem":33661300736,"level":""},
        {"id":"storage/old1/local","storage":"local","node":"old1","type":"storage","maxdisk":1900000000000,"disk":1200000000000}
        ]}"#,
    );
    let nodes: Vec<_> = resources.nodes.iter().map(|node| node.state).collect();
    assert_eq!(nodes, [NodeState::Online, NodeState::Offline]);
    let states: Vec<_> = resources.guests.iter().map(|guest| guest.state).collect();
    assert_eq!(
        states,
        [
            GuestState::Running,
            GuestState::Unknown,
            GuestState::NodeGone
        ]
    );
    let storage = &resources.storages[0];
    assert_eq!((storage.active, storage.shared), (None, false));
    assert_eq!(storage.used, Some(Bytes(1_200_000_000_000)));
}

#[test]
fn an_online_node_without_figures_is_denied_them() {
    let resources = read(
        r#"{"data":[{"id":"node/pve4","node":"pve4","type":"node","status":"online","level":"c"}]}"#,
    );
    assert!(resources.nodes[0].figures_denied);
    assert_eq!(resources.nodes[0].cpu, None);
}

#[test]
fn rows_that_make_no_sense_are_counted_and_other_kinds_are_not() {
    let resources = with_node(
        r#"{"type":"lxc","vmid":1,"node":"p","status":"running","name":"first"},
        {"type":"lxc","vmid":1,"node":"p","status":"stopped","name":"again"},
        {"type":"lxc","node":"p"},
        {"type":"lxc","vmid":0,"node":"p"},
        {"type":"lxc","vmid":99999999999,"node":"p"},
        {"type":"lxc","vmid":7},
        {"id":"lxc/8","node":"p","status":"running"},
        {"type":"node"},
        {"type":"node","node":"p"},
        {"type":"storage","id":"storage/p/tank"},
        {"type":"storage","id":"storage/p/tank","storage":"tank","node":"p"},
        {"type":"storage"},
        {}, null, [],
        {"type":"pool","id":"/pool/x","pool":"x"},
        {"type":"network","id":"network/p/zone/l","network-type":"zone"},
        {"type":"sdn","id":"sdn/p/l"},
        {"type":"hologram","id":"hologram/9"}"#,
    );
    let guests: Vec<_> = resources
        .guests
        .iter()
        .map(|guest| (guest.vmid, guest.name.as_deref()))
        .collect();
    assert_eq!(guests, [(1, Some("first")), (8, None)]);
    assert_eq!(resources.nodes.len(), 1);
    assert_eq!(resources.storages.len(), 1);
    // Of two nodes `p` the first, which has no figures, was taken.
    assert_eq!(resources.skipped, 12);
}

#[test]
fn names_are_kept_while_the_guest_is_listed() {
    let mut names = Names::default();
    let row = |name: &str| {
        format!(
            r#"{{"data":[{{"type":"lxc","vmid":105,"node":"p","status":"unknown"{name}}},{{"type":"lxc","vmid":106,"node":"p"}}]}}"#
        )
    };
    let mut read = |body: &str| {
        parse_resources(body.as_bytes(), &mut names)
            .unwrap()
            .guests
            .first()
            .and_then(|guest| guest.name.clone())
    };
    assert_eq!(read(&row("")), None);
    assert_eq!(read(&row(r#","name":"wiki""#)).as_deref(), Some("wiki"));
    assert_eq!(read(&row("")).as_deref(), Some("wiki"));
    assert_eq!(read(&row(r#","name":"""#)).as_deref(), Some("wiki"));
    assert_eq!(read(&row(r#","name":"wiki2""#)).as_deref(), Some("wiki2"));
    assert_eq!(read(&row("")).as_deref(), Some("wiki2"));
    assert_eq!(read(r#"{"data":[]}"#), None);
    assert_eq!(
        read(&row("")),
        None,
        "another guest may have this VMID by now"
    );
}

#[test]
fn a_failed_answer_forgets_no_name() {
    let mut names = Names::default();
    let named =
        r#"{"data":[{"type":"lxc","vmid":105,"node":"p","status":"running","name":"wiki"}]}"#;
    parse_resources(named.as_bytes(), &mut names).unwrap();
    parse_resources(&named.as_bytes()[..40], &mut names).unwrap_err();
    let unnamed = br#"{"data":[{"type":"lxc","vmid":105,"node":"p","status":"unknown"}]}"#;
    let resources = parse_resources(unnamed, &mut names).unwrap();
    assert_eq!(resources.guests[0].name.as_deref(), Some("wiki"));
}

#[test]
fn bytes_that_are_no_utf_8_cost_no_list() {
    let body = b"{\"data\":[{\"type\":\"lxc\",\"vmid\":1,\"node\":\"p\",\"status\":\"running\",\"name\":\"caf\xe9\"}]}";
    let resources = parse_resources(body, &mut Names::default()).unwrap();
    assert_eq!(resources.guests[0].name.as_deref(), Some("caf\u{fffd}"));
}

#[test]
fn ten_thousand_guests_share_their_texts() {
    let rows: Vec<String> = (0..10_000)
        .rev()
        .map(|n| {
            format!(
                r#"{{"type":"lxc","vmid":{},"node":"p{}","status":"running","name":"ct{n}","tags":"b;a"}}"#,
                100 + n,
                n % 7
            )
        })
        .collect();
    let resources = read(&format!(r#"{{"data":[{}]}}"#, rows.join(",")));
    assert_eq!(resources.guests.len(), 10_000);
    assert!(resources.guests.is_sorted_by_key(|guest| guest.vmid));
    let (first, last) = (&resources.guests[0], &resources.guests[9_996]);
    assert_eq!(first.node, last.node);
    assert!(std::ptr::eq(first.node.as_str(), last.node.as_str()));
    let tags = |guest: &Guest| guest.tags.as_ref().map(|tags| tags.as_str().as_ptr());
    assert_eq!(tags(first), tags(last));
}

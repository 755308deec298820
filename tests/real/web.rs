//! Web probes against a real nginx with good and bad sites (`tests/servers/nginx`).

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use url::Url;

use vigie::config;
use vigie::config::shape::{Deadlines, Site, System, Trust, Web};
use vigie::domain::failure::{FailureKind, Stage};
use vigie::domain::web::{
    Certificate, Family, FlawKind, Lack, Probe, ProbeOutcome, Protocol, Upgrade,
};
use vigie::domain::{Batch, Moment, Reading, Severity};
use vigie::source::Client as _;
use vigie::source::web::Client;

use crate::given;

/// Where the server's files are.
fn dir() -> PathBuf {
    PathBuf::from(given("VIGIE_TEST_NGINX"))
}

/// A port of the server by its name in the script.
fn port(dir: &Path, name: &str) -> u16 {
    let ports = fs::read_to_string(dir.join("ports")).unwrap();
    let found = ports
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    found.unwrap().parse().unwrap()
}

/// A client of sites as the configuration writes them. `{HTTP}` and the like are ports, `{CA}` is the
/// authority's file.
fn client(sites: &str) -> Client {
    let dir = dir();
    let mut text = format!("[web.sites]\nca = \"{{CA}}\"\n{sites}");
    text = text.replace("{CA}", dir.join("ca.pem").to_str().unwrap());
    for name in ["HTTP", "SIX", "BOTH", "UP", "CLEAR", "TLS", "HANG", "DEAD"] {
        text = text.replace(&format!("{{{name}}}"), &port(&dir, name).to_string());
    }
    let config = config::parse(&text, Path::new("real.toml")).unwrap_or_else(|e| panic!("{e}"));
    let System::Web(web) = &config.sources[0].system else {
        panic!("{text}");
    };
    Client::new("sites", web)
}

/// Reads until this many sites are through.
async fn read(client: &Client, sites: usize) -> Vec<Probe> {
    for _ in 0..30 {
        let Batch::Probes(probes) = client.read(Reading::Probes).await.outcome.unwrap() else {
            panic!("other rows than probes");
        };
        if probes.len() == sites {
            return probes.to_vec();
        }
    }
    panic!("not all of the {sites} sites come to an end");
}

/// The outcomes of sites, by their names.
async fn probes(sites: &str) -> HashMap<String, Probe> {
    let client = client(sites);
    let all = read(&client, sites.matches("[[web.sites.site]]").count()).await;
    all.into_iter()
        .map(|probe| (probe.name.to_string(), probe))
        .collect()
}

/// The outcome of one path of the plain server, with further keys.
async fn page(path: &str, keys: &str) -> Probe {
    let sites = format!(
        "[[web.sites.site]]\nurl = \"http://127.0.0.1:{{HTTP}}{path}\"\nname = \"it\"\n{keys}\n"
    );
    probes(&sites).await.remove("it").unwrap()
}

fn status(probe: &Probe) -> u16 {
    match &probe.outcome {
        ProbeOutcome::Answered { status, .. } => *status,
        ProbeOutcome::Failed(failure) => panic!("{failure:?}"),
    }
}

fn lack(probe: &Probe) -> Option<&Lack> {
    match &probe.outcome {
        ProbeOutcome::Answered { lack, expected, .. } => {
            assert_eq!(*expected, lack.is_none());
            lack.as_ref()
        }
        ProbeOutcome::Failed(failure) => panic!("{failure:?}"),
    }
}

fn redirect(probe: &Probe) -> Option<&str> {
    match &probe.outcome {
        ProbeOutcome::Answered { redirect, .. } => redirect.as_deref(),
        ProbeOutcome::Failed(failure) => panic!("{failure:?}"),
    }
}

fn cache(probe: &Probe) -> Option<&str> {
    match &probe.outcome {
        ProbeOutcome::Answered { cache, .. } => cache.as_deref(),
        ProbeOutcome::Failed(failure) => panic!("{failure:?}"),
    }
}

fn failed(probe: &Probe) -> &FailureKind {
    match &probe.outcome {
        ProbeOutcome::Failed(failure) => &failure.kind,
        ProbeOutcome::Answered { status, .. } => panic!("answered {status}"),
    }
}

fn late(probe: &Probe) -> Stage {
    match failed(probe) {
        FailureKind::TimedOut { stage, .. } => *stage,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_site_that_is_fine_and_its_phases() {
    let mut found = probes(
        r#"
        [[web.sites.site]]
        url = "http://localhost:{HTTP}/health"
        name = "plain"
        must_contain = "All systems go"
        must_not_contain = "Fatal error"
        [[web.sites.site]]
        url = "https://localhost:{TLS}/"
        name = "tls"
        address = "127.0.0.1"
        "#,
    )
    .await;
    let plain = found.remove("plain").unwrap();
    assert_eq!((lack(&plain), status(&plain)), (None, 200));
    assert_eq!((plain.severity(), plain.misses), (Severity::Ok, 0));
    let timing = plain.timing;
    assert!(timing.resolve.is_some(), "{timing:?}");
    assert_eq!(timing.tls, None);
    assert!(timing.connect.unwrap() + timing.first_byte.unwrap() <= timing.whole);
    assert!(plain.body.complete && plain.body.read > 0);
    assert_eq!(plain.body.announced, Some(plain.body.read));
    let tls = found.remove("tls").unwrap();
    assert_eq!(lack(&tls), None);
    assert_eq!(tls.timing.resolve, None, "an address was given");
    assert!(tls.timing.tls.is_some());
}

#[tokio::test]
async fn redirects() {
    let probe = page("/elsewhere", "expect = \"https://www.example.org/start\"").await;
    assert_eq!((lack(&probe), status(&probe)), (None, 301));
    assert_eq!(redirect(&probe), Some("https://www.example.org/start"));
    let probe = page("/elsewhere", "expect = \"https://www.example.org/\"").await;
    assert_eq!(lack(&probe), Some(&Lack::Redirect));
    assert_eq!(lack(&page("/elsewhere", "").await), Some(&Lack::Redirect));
    let inside = page("/inside", "must_contain = \"All systems go\"").await;
    assert_eq!((lack(&inside), status(&inside)), (None, 200));
    assert!(redirect(&inside).unwrap().ends_with("/health"));
    assert_eq!(
        lack(&page("/loop", "").await),
        Some(&Lack::Loop { hops: 0 })
    );
    assert_eq!(
        lack(&page("/round", "").await),
        Some(&Lack::Loop { hops: 1 })
    );
    assert_eq!(lack(&page("/loop", "expect = 302").await), None);
}

#[tokio::test]
async fn statuses_and_texts() {
    let broken = page("/broken", "").await;
    assert_eq!((status(&broken), lack(&broken)), (502, Some(&Lack::Status)));
    assert_eq!(broken.severity(), Severity::Warning, "soft");
    assert_eq!(status(&page("/late", "timeout = \"10s\"").await), 504);
    assert_eq!(lack(&page("/nowhere", "expect = 404").await), None);
    let fatal = page("/fatal", "must_not_contain = \"Fatal error\"").await;
    assert_eq!(lack(&fatal), Some(&Lack::TextPresent("Fatal error".into())));
    let fatal = page("/fatal", "must_contain = \"All systems go\"").await;
    assert_eq!(
        lack(&fatal),
        Some(&Lack::TextMissing("All systems go".into()))
    );
    let packed = page("/packed", "must_contain = \"All systems go\"").await;
    assert_eq!(lack(&packed), Some(&Lack::Compressed("gzip".into())));
}

#[tokio::test]
async fn what_hangs_says_where() {
    let mut found = probes(
        r#"
        timeout = "3s"
        connect_timeout = "1500ms"
        [[web.sites.site]]
        url = "http://127.0.0.1:{HTTP}/hang"
        name = "hang"
        [[web.sites.site]]
        url = "http://127.0.0.1:{HTTP}/drip"
        name = "drip"
        [[web.sites.site]]
        url = "https://127.0.0.1:{HANG}/"
        name = "mute"
        [[web.sites.site]]
        url = "http://127.0.0.1:{DEAD}/"
        name = "dead"
        [[web.sites.site]]
        url = "https://127.0.0.1:{HTTP}/"
        name = "plain"
        "#,
    )
    .await;
    let mut of = |name: &str| found.remove(name).unwrap();
    assert_eq!(late(&of("hang")), Stage::FirstByte);
    let drip = of("drip");
    assert_eq!(late(&drip), Stage::Body);
    assert!(drip.timing.first_byte.is_some(), "it had begun");
    assert!(drip.body.read > 0 && !drip.body.complete);
    let mute = of("mute");
    assert_eq!(late(&mute), Stage::Tls);
    assert!(mute.timing.connect.is_some());
    assert!(matches!(
        failed(&of("dead")),
        FailureKind::Unreachable { .. }
    ));
    assert!(matches!(failed(&of("plain")), FailureKind::Tls { .. }));
}

#[tokio::test]
async fn a_page_of_200_mb_is_not_read_to_its_end() {
    let client = client(
        "[[web.sites.site]]\nurl = \"http://127.0.0.1:{HTTP}/large\"\nmust_contain = \"needle\"\n",
    );
    let answered = client.read(Reading::Probes).await;
    assert!(answered.traffic.bytes < 2 << 20, "{:?}", answered.traffic);
    let probe = read(&client, 1).await.remove(0);
    assert_eq!(probe.body.announced, Some(200 << 20));
    assert!(probe.body.read >= 256 << 10 && !probe.body.complete);
    assert_eq!(lack(&probe), Some(&Lack::TextMissing("needle".into())));
    assert_eq!(lack(&page("/large", "").await), None);
    let head = page("/large", "method = \"HEAD\"").await;
    assert_eq!((lack(&head), head.body.read), (None, 0));
    assert_eq!(head.body.announced, Some(200 << 20));
}

#[tokio::test]
async fn certificates() {
    let sites: String = ["good", "soon", "expired", "wrong", "chain", "short", "self"]
        .map(|name| {
            format!(
                "[[web.sites.site]]\nurl = \"https://{name}.example.org/\"\nname = \"{name}\"\n\
                 address = \"127.0.0.1:{{TLS}}\"\n"
            )
        })
        .concat();
    let found = probes(&sites).await;
    let now = Moment::now();
    let seen = |name: &str| -> &Certificate { found[name].certificate.as_ref().unwrap() };
    let reason = |name: &str| match failed(&found[name]) {
        FailureKind::Certificate {
            reason, offered, ..
        } => {
            assert_eq!(offered.as_ref(), Some(&seen(name).fingerprint), "{name}");
            reason.to_string()
        }
        other => panic!("{name}: {other:?}"),
    };
    let trouble = |name: &str| seen(name).trouble.as_deref().unwrap_or_default();

    assert_eq!(lack(&found["good"]), None);
    assert_eq!(seen("good").issuer.as_deref(), Some("Tortuga root"));
    let names: Vec<&str> = seen("good").names.iter().map(|n| &**n).collect();
    assert_eq!(names, ["good.example.org", "localhost"]);
    assert_eq!(seen("good").days_left(now), Some(90));
    assert_eq!(seen("good").trouble, None);
    assert_eq!(lack(&found["soon"]), None);
    assert_eq!(seen("soon").days_left(now), Some(5));

    assert_eq!(reason("expired"), "expired on 2021-01-01");
    assert!(seen("expired").days_left(now).unwrap() < -1800);
    assert_eq!(reason("wrong"), "for other names: other.example.org");

    assert_eq!(lack(&found["chain"]), None, "the intermediate one is sent");
    assert_eq!(seen("chain").issuer.as_deref(), Some("Tortuga branch"));
    assert_eq!(
        reason("short"),
        "signed by an unknown issuer: CN=Tortuga branch"
    );
    assert!(
        trouble("short").contains("is the intermediate one missing?"),
        "{}",
        trouble("short")
    );
    assert_eq!(reason("self"), "self-signed");
    assert_eq!(trouble("self"), "self-signed");
    let asked = fs::read_to_string(dir().join("access.log")).unwrap();
    assert!(asked.contains("good.example.org"), "{asked}");
    for name in ["expired", "wrong", "short", "self"] {
        let line = format!("{name}.example.org");
        assert!(!asked.contains(&line), "nothing was sent to {name}");
    }
}

#[tokio::test]
async fn the_cache_says_what_it_did() {
    // The first may find what another run of the tests left behind.
    page("/cached", "").await;
    let probe = page("/cached", "").await;
    assert_eq!((lack(&probe), cache(&probe)), (None, Some("HIT")));
    assert_eq!(cache(&page("/health", "").await), None);
}

#[tokio::test]
async fn http_that_leads_to_https_and_http_that_does_not() {
    let sites: String = ["UP", "CLEAR", "DEAD"]
        .map(|name| {
            format!(
                "[[web.sites.site]]\nurl = \"https://good.example.org/\"\nname = \"{name}\"\n\
                 address = [\"127.0.0.1:{{TLS}}\", \"127.0.0.1:{{{name}}}\"]\n\
                 upgrade = \"http://127.0.0.1:{{{name}}}/x\"\n"
            )
        })
        .concat();
    let found = probes(&sites).await;
    let upgrade = |name: &str| {
        let probe = &found[name];
        assert_eq!(
            (lack(probe), probe.severity()),
            (None, Severity::Ok),
            "{name}"
        );
        (probe.upgrade.clone().unwrap(), probe.flaws.len())
    };
    let to = "https://good.example.org/x".into();
    assert_eq!(upgrade("UP"), (Upgrade::Done { to }, 0));
    assert_eq!(upgrade("CLEAR"), (Upgrade::Clear { status: 200 }, 1));
    let (Upgrade::Failed(failure), 1) = upgrade("DEAD") else {
        panic!("{:?}", upgrade("DEAD"));
    };
    assert!(matches!(failure.kind, FailureKind::Unreachable { .. }));
}

#[tokio::test]
async fn both_address_families_are_tried() {
    let sites: String = ["HTTP", "SIX", "BOTH"]
        .map(|name| {
            format!(
                "[[web.sites.site]]\nurl = \"http://wiki.example.org/\"\nname = \"{name}\"\n\
                 address = [\"[::1]:{{{name}}}\", \"127.0.0.1:{{{name}}}\"]\n"
            )
        })
        .concat();
    let found = probes(&sites).await;
    let of = |name: &str| {
        let probe = &found[name];
        assert_eq!(
            (lack(probe), probe.severity()),
            (None, Severity::Ok),
            "{name}"
        );
        let flaws: Vec<Protocol> = (probe.flaws.iter())
            .map(|flaw| match &flaw.kind {
                FlawKind::Family(protocol, FailureKind::Unreachable { .. }) => *protocol,
                other => panic!("{name}: {other:?}"),
            })
            .collect();
        let stands = |family: &Family| matches!(family, Family::Connected { .. });
        (
            stands(&probe.families.v4),
            stands(&probe.families.v6),
            flaws,
        )
    };
    assert_eq!(of("HTTP"), (true, false, vec![Protocol::V6]));
    assert_eq!(of("SIX"), (false, true, vec![Protocol::V4]));
    assert_eq!(of("BOTH"), (true, true, vec![]));
}

#[tokio::test]
async fn headers_method_and_who_asks() {
    let private = page("/private", "").await;
    assert_eq!(
        (status(&private), lack(&private)),
        (401, Some(&Lack::Status))
    );
    let secret = dir().join("anne.header");
    // anne:hunter2
    fs::write(&secret, "Basic YW5uZTpodW50ZXIy\n").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    let headers = format!("headers = {{ Authorization = {{ file = {secret:?} }} }}");
    let private = page("/private", &headers).await;
    assert_eq!(lack(&private), None);
    assert!(!format!("{private:?}").contains("YW5uZTpodW50ZXIy"));
    let german = "headers = { Accept-Language = \"de\" }\nmust_contain = \"speaks de, GET\"";
    assert_eq!(lack(&page("/language", german).await), None);
    let asked = fs::read_to_string(dir().join("access.log")).unwrap();
    let agent = concat!("\"vigie/", env!("CARGO_PKG_VERSION"), " (probe)\"");
    assert!(asked.contains(agent), "{asked}");
}

/// An nginx of the test's own, to be stopped and started.
struct Own(Child);

impl Own {
    fn start(dir: &Path) -> Self {
        let mut script = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers/nginx"));
        script.arg(dir).process_group(0);
        script
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Self(script.spawn().unwrap())
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let group = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        // It may have ended by itself.
        let _ = kill_process_group(group.unwrap(), Signal::TERM);
        let _ = self.0.wait();
    }
}

/// Reads until the probe is as wanted.
async fn until(client: &Client, what: &str, wanted: impl Fn(&Probe) -> bool) -> Probe {
    for _ in 0..600 {
        let probe = read(client, 1).await.remove(0);
        if wanted(&probe) {
            return probe;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what}: it does not come to that");
}

#[tokio::test]
async fn a_server_that_is_stopped_and_started_again() {
    let dir = tempfile::tempdir().unwrap();
    let server = Own::start(dir.path());
    // It makes certificates first.
    for _ in 0..600 {
        if dir.path().join("ports").exists() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let url = format!("http://127.0.0.1:{}/health", port(dir.path(), "HTTP"));
    let mut site = Site::new("wiki", Url::parse(&url).unwrap());
    site.interval = Duration::from_millis(400);
    site.deadlines = Deadlines {
        whole: Duration::from_secs(5),
        ..Deadlines::default()
    };
    let client = Client::new(
        "sites",
        &Web {
            sites: vec![site],
            trust: Trust::System,
            parallel: 6,
        },
    );
    let up = until(&client, "start", Probe::is_good).await;
    assert_eq!((up.severity(), up.misses), (Severity::Ok, 0));
    drop(server);
    let soft = until(&client, "the first miss", |probe| !probe.is_good()).await;
    assert_eq!((soft.misses, soft.severity()), (1, Severity::Warning));
    assert!(matches!(failed(&soft), FailureKind::Unreachable { .. }));
    assert!(soft.since > up.since);
    let next = until(&client, "the second miss", |probe| probe.misses > 1).await;
    assert_eq!((next.misses, next.severity()), (2, Severity::Warning));
    assert!(next.at > soft.at);
    let hard = until(&client, "certainty", Probe::is_hard).await;
    assert_eq!((hard.misses, hard.severity()), (3, Severity::Critical));
    assert_eq!(hard.since, soft.since, "down since the first miss");
    let _server = Own::start(dir.path());
    let again = until(&client, "recovery", Probe::is_good).await;
    assert_eq!((again.misses, again.severity()), (0, Severity::Ok));
    assert!(again.since > hard.since);
}

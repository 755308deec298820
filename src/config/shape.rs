//! The checked configuration, as the rest of the program uses it.
//!
//! Everything here is valid: made only by the checks of this room (and by tests).

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use crate::domain::queue::{Levels, Sending};
use crate::domain::section::Section;
pub use crate::domain::ticket::Markup;
use crate::domain::web::CertificateLevels;
use crate::domain::{Bytes, Severity, SourceId, SourceKind};

use super::SecretSource;

/// The whole configuration.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Config {
    /// Sources in the order of the files; `sources[i].id == SourceId(i)`.
    pub sources: Vec<Source>,
    /// How it looks and behaves.
    pub ui: Ui,
    /// What belongs together and is called differently.
    pub joins: Vec<ManualJoin>,
    /// How problems become incidents.
    pub triage: Triage,
    /// When the terminal is told of something new.
    pub notices: Notices,
    /// Key bindings of the user: action name and keys as written, with the place for messages.
    pub keys: Vec<KeyBinding>,
    /// Files it was read from, for the source panel and `config print`.
    pub files: Vec<PathBuf>,
}

impl Config {
    /// Whether there is nothing to read. Valid: what to say about it is the caller's to decide.
    pub const fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }
}

/// A source: a named system that is read.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Its place in [`Config::sources`].
    pub id: SourceId,
    /// Its name: the table's name.
    pub name: String,
    /// How often its quickest reading is renewed.
    pub refresh: Duration,
    /// What it is and how it is reached.
    pub system: System,
}

impl Source {
    /// Its kind.
    pub const fn kind(&self) -> SourceKind {
        match self.system {
            System::Proxmox(_) => SourceKind::Proxmox,
            System::Checkmk(_) => SourceKind::Checkmk,
            System::Redmine(_) => SourceKind::Redmine,
            System::Web(_) => SourceKind::Web,
            System::Mail(_) => SourceKind::Mail,
            System::Roster(_) => SourceKind::Roster,
        }
    }
}

/// What a source is.
#[derive(Debug, Clone, PartialEq)]
pub enum System {
    /// `[proxmox.NAME]`
    Proxmox(Proxmox),
    /// `[checkmk.NAME]`
    Checkmk(Checkmk),
    /// `[redmine.NAME]`
    Redmine(Redmine),
    /// `[web.NAME]`
    Web(Web),
    /// `[mail.NAME]`
    Mail(Mail),
    /// `[roster.NAME]`
    Roster(Roster),
}

/// How a server is reached over HTTP.
#[derive(Debug, Clone, PartialEq)]
pub struct Reach {
    /// Base addresses, tried in turn (only Proxmox has more than one), never empty. Without user,
    /// query and fragment; no slash at the end of the path save for the root (`https://h:8006/`,
    /// `https://h/site`). `http` only to loopback or through a tunnel.
    pub urls: Vec<Url>,
    /// Which certificates are trusted.
    pub trust: Trust,
    /// SSH tunnel that is opened first.
    pub tunnel: Option<Tunnel>,
    /// Deadlines.
    pub deadlines: Deadlines,
    /// Largest body taken, after decompression.
    pub body_cap: Bytes,
}

/// Deadlines of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Name, connection and TLS.
    pub connect: Duration,
    /// First byte of the answer.
    pub first_byte: Duration,
    /// The whole request.
    pub whole: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(4),
            first_byte: Duration::from_secs(12),
            whole: Duration::from_secs(30),
        }
    }
}

/// Which certificates are trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// The system's roots.
    System,
    /// Only what this CA file signed.
    CaFile(PathBuf),
    /// Only certificates with one of these SHA-256 fingerprints.
    Pins(Vec<[u8; 32]>),
}

/// An SSH tunnel, started with the system's `ssh`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tunnel {
    /// Destination as `ssh` takes it: `root@pikachu`. Never begins with `-`.
    pub ssh: String,
    /// Where the other end connects to; an IPv6 address keeps its brackets, as `ssh -L` wants it.
    pub to_host: String,
    /// Port there.
    pub to_port: u16,
}

/// A Proxmox VE node or cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Proxmox {
    /// How it is reached.
    pub reach: Reach,
    /// With which credential.
    pub credential: ProxmoxCredential,
}

/// A credential for Proxmox.
#[derive(Debug, Clone, PartialEq)]
pub enum ProxmoxCredential {
    /// API token (6.2 and later).
    Token {
        /// `user@realm!tokenid`; `None` when the secret itself holds the pasted `user@realm!token=secret`.
        id: Option<String>,
        /// The secret, or the pasted whole.
        secret: SecretSource,
    },
    /// User and password, for a ticket.
    Password {
        /// `user@realm`.
        user: String,
        /// The password.
        password: SecretSource,
    },
}

/// A Checkmk site.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkmk {
    /// How it is reached; the URL ends with the site: `https://monitor.example.org/site`.
    pub reach: Reach,
    /// Automation user.
    pub user: String,
    /// Its secret.
    pub secret: SecretSource,
}

/// A Redmine.
#[derive(Debug, Clone, PartialEq)]
pub struct Redmine {
    /// How it is reached.
    pub reach: Reach,
    /// API key.
    pub key: SecretSource,
    /// Identifiers of projects to show; empty: all the key may see.
    pub projects: Vec<String>,
    /// Markup of descriptions and notes; Redmine does not tell.
    pub markup: Markup,
    /// Sections of the Tickets tab.
    pub sections: Vec<Section>,
}

/// A set of web probes.
#[derive(Debug, Clone, PartialEq)]
pub struct Web {
    /// The sites.
    pub sites: Vec<Site>,
    /// Which certificates are trusted.
    pub trust: Trust,
    /// Most sites asked at the same time.
    pub parallel: usize,
}

/// A site that is probed.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Name; the URL's host unless given. Unique within the source.
    pub name: String,
    /// What is asked.
    pub url: Url,
    /// How it is asked.
    pub method: Method,
    /// Further headers of the request.
    pub headers: Vec<Header>,
    /// Where it is asked, in place of where the URL's host leads; empty: there. Host header, SNI and
    /// the name in the certificate stay those of the URL.
    pub address: Vec<Address>,
    /// How often, while it is as it should be.
    pub interval: Duration,
    /// Deadlines.
    pub deadlines: Deadlines,
    /// What should come.
    pub expect: Expect,
    /// A text that must be in the first 256 KiB of the page.
    pub must_contain: Option<String>,
    /// A text that must not be there.
    pub must_not_contain: Option<String>,
    /// An `http://` address that should lead to `https://`.
    pub upgrade: Option<Url>,
    /// From when on the end of its certificate is worth a word.
    pub certificate: CertificateLevels,
    /// Guest it runs on, by name or VMID.
    pub runs_on: Option<String>,
    /// Guest that stands before it and passes requests on, by name or VMID.
    pub proxy: Option<String>,
    /// Guests that it cannot work without, by name or VMID: its database.
    pub needs: Vec<String>,
}

impl Site {
    /// A site that is asked as if nothing but its address stood in the configuration.
    pub fn new(name: &str, url: Url) -> Self {
        Self {
            name: name.to_owned(),
            url,
            method: Method::Get,
            headers: Vec::new(),
            address: Vec::new(),
            interval: Duration::from_mins(1),
            deadlines: Deadlines::default(),
            expect: Expect::Fine,
            must_contain: None,
            must_not_contain: None,
            upgrade: None,
            certificate: CertificateLevels::default(),
            runs_on: None,
            proxy: None,
            needs: Vec::new(),
        }
    }
}

/// How a site is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// `GET`, and the first 256 KiB of the page are read.
    #[default]
    Get,
    /// `HEAD`: no page.
    Head,
}

/// A header of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Its name, lower case.
    pub name: String,
    /// Its value; may be a secret, so it is never shown.
    pub value: SecretSource,
}

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// A name or an address.
    pub host: url::Host<String>,
    /// The port.
    pub port: u16,
}

/// What a site should answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Expect {
    /// Any 2xx. Redirects within the site are followed.
    Fine,
    /// This status.
    Status(u16),
    /// A redirect to this place.
    Redirect(Url),
}

/// A mail queue read at its own place.
#[derive(Debug, Clone, PartialEq)]
pub struct Mail {
    /// What the queue is called; without one the source's name, or the instance's. Two sources that give the same
    /// `queue` and `host` describe one queue.
    pub queue: Option<String>,
    /// The machine it is on, when that is not where it is read.
    pub host: Option<String>,
    /// How mails leave it.
    pub sending: Sending,
    /// From when on it is worth a word.
    pub levels: Levels,
    /// Where it is.
    pub store: MailStore,
}

/// Where mails wait.
#[derive(Debug, Clone, PartialEq)]
pub enum MailStore {
    /// Postfix through `postqueue`.
    Postfix {
        /// SSH destination; `None` for the machine vigie runs on.
        ssh: Option<String>,
        /// `-F` file of that `ssh`; `None` for the user's own.
        ssh_config: Option<PathBuf>,
        /// `postqueue` on that machine, where it is not in its usual place.
        program: Option<PathBuf>,
        /// `-c` directories of further instances; empty: the default instance.
        instances: Vec<PathBuf>,
    },
    /// A table of a database.
    Table(MailTable),
}

/// A database table with a row for each mail.
#[derive(Debug, Clone, PartialEq)]
pub struct MailTable {
    /// The database.
    pub database: Database,
    /// What is asked of it.
    pub rows: MailRows,
    /// Deadline of a whole reading.
    pub timeout: Duration,
}

/// A database.
#[derive(Debug, Clone, PartialEq)]
pub enum Database {
    /// A server.
    Server {
        /// Which protocol it speaks.
        system: DatabaseSystem,
        /// Where it listens.
        listens: Listens,
        /// Name of the database.
        name: String,
        /// User.
        user: String,
        /// Password; `None` where the server asks for none.
        password: Option<SecretSource>,
    },
    /// An SQLite file.
    File(PathBuf),
}

/// Which protocol a database server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseSystem {
    /// MariaDB and MySQL.
    MariaDb,
    /// PostgreSQL.
    PostgreSql,
}

/// Where a database server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listens {
    /// On a TCP port.
    Tcp {
        /// Name or address. With a tunnel only the name that its certificate must have.
        host: String,
        /// Port.
        port: u16,
        /// Which certificates are trusted; `None`: without TLS, which only loopback and a tunnel may be.
        trust: Option<Trust>,
        /// SSH tunnel that is opened first; its `to` is then what is connected to.
        tunnel: Option<Tunnel>,
    },
    /// On a Unix socket: for PostgreSQL the socket itself, too, not its directory.
    Socket(PathBuf),
}

/// What is asked of a database about a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailRows {
    /// A row is a mail.
    Columns {
        /// Table, with its schema before a dot when it is another than the user's own.
        table: String,
        /// Column with rising whole numbers.
        id: Option<String>,
        /// Column with the time a mail came in: a date with time, or Unix seconds.
        time: Option<String>,
        /// Column with the number of tries so far.
        tries: Option<String>,
        /// Column with the last error.
        error: Option<String>,
        /// Condition that rows of the queue fulfil, in SQL.
        filter: Option<String>,
    },
    /// A `SELECT` of the user's own with one row and columns named `depth`, `head`, `enqueued`, `oldest` (Unix
    /// seconds), `deferred`, `tries`.
    Query(String),
}

/// The roster file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// Path, made absolute against the configuration file's directory.
    pub file: PathBuf,
}

/// An entry of `[joins]`: a node or guest and Checkmk's name for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManualJoin {
    /// As written: `golem/105`, a guest's name, or a node's.
    pub thing: String,
    /// Checkmk's host; `None` when it is none of those that seem to fit.
    pub host: Option<String>,
    /// `file:line:column`, for the message about a host that is not there.
    pub place: String,
}

/// How problems become incidents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Triage {
    /// How long what may be a short-lived flap (a soft state) is held back.
    pub hold: Duration,
}

impl Default for Triage {
    fn default() -> Self {
        Self {
            hold: Duration::from_secs(90),
        }
    }
}

/// When the terminal is told of something new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notices {
    /// The bell rings.
    pub bell: bool,
    /// The terminal is asked to show a notification.
    pub terminal: Telling,
    /// Least severity that is told.
    pub from: Severity,
    /// Times of the day at which nothing is told.
    pub quiet: Vec<Quiet>,
    /// The terminal's title counts what is wrong.
    pub title: bool,
}

impl Default for Notices {
    fn default() -> Self {
        Self {
            bell: true,
            terminal: Telling::Off,
            from: Severity::Critical,
            quiet: Vec::new(),
            title: false,
        }
    }
}

/// How a terminal is asked for a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// Not at all.
    Off,
    /// OSC 9: iTerm2, WezTerm, Windows Terminal, Ghostty and others.
    Osc9,
    /// OSC 777: foot, urxvt, WezTerm, Ghostty and others.
    Osc777,
}

/// A time of the day, in minutes since midnight; one that ends before it begins goes over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    /// Its first minute.
    pub from: u16,
    /// The first minute after it.
    pub until: u16,
}

impl Quiet {
    /// Whether a minute of the day is in it.
    pub const fn has(self, minute: u16) -> bool {
        if self.from <= self.until {
            self.from <= minute && minute < self.until
        } else {
            self.from <= minute || minute < self.until
        }
    }
}

/// How it looks and behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ui {
    /// Theme: built in or a file in the user's `themes` directory.
    pub theme: String,
    /// Colour depth.
    pub colours: Colours,
    /// Only ASCII glyphs.
    pub ascii: Choice,
    /// Clicks and wheel act.
    pub mouse: bool,
    /// Tab to start in, 0 to 6.
    pub start_tab: u8,
    /// Mask private things from the start.
    pub privacy: bool,
    /// Time zone of the screen; `None`: the machine's.
    pub zone: Option<String>,
}

impl Default for Ui {
    fn default() -> Self {
        Self {
            theme: "default".to_owned(),
            colours: Colours::Auto,
            ascii: Choice::Auto,
            mouse: true,
            start_tab: 0,
            privacy: false,
            zone: None,
        }
    }
}

/// Colour depth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Colours {
    /// By the terminal's own word (`NO_COLOR`, `COLORTERM`, `TERM`).
    Auto,
    /// 24 bits.
    True,
    /// 256 of the xterm palette.
    #[serde(rename = "256")]
    Indexed,
    /// The terminal's own 16.
    #[serde(rename = "16")]
    Sixteen,
    /// None.
    None,
}

/// How many colours a terminal has, and so a theme may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Depth {
    /// None, or none wanted: attributes such as bold and reverse only.
    None,
    /// The terminal's own 16.
    Sixteen,
    /// 256 of the xterm palette.
    Indexed,
    /// 24 bits.
    True,
}

/// Yes, no, or by what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// By what is there.
    Auto,
    /// Yes.
    Yes,
    /// No.
    No,
}

/// A key binding of the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyBinding {
    /// Action's name.
    pub action: String,
    /// Keys as written; empty unbinds.
    pub keys: Vec<String>,
    /// `file:line:column`, for the message about a conflict.
    pub place: String,
}

//! What the command line says in place of answers.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

/// For the help and the manual page.
pub const AFTER_HELP: &str = "\
Asks on a terminal for what no option says. Without a terminal nothing is asked: KIND, the address, the secret and \
--yes are then needed, such as

  vigie init proxmox --url https://golem.example.org:8006 --ca golem-ca.pem --secret file:golem.token --yes
  vigie init checkmk --url https://monitor.example.org/site --user vigie --secret env:MONITOR_SECRET --yes
  pass show redmine | vigie init redmine --url https://redmine.example.org --secret stdin --yes
  vigie init web --url https://wiki.example.org --url https://www.example.org --yes
  vigie init mail --store postfix --ssh root@mail --yes
  vigie init roster --file roster.toml --yes

A secret is never an argument: others on this machine could read it.

Exit codes: 0 written, or nothing to write; 1 something nobody foresaw; 2 the command line makes no sense or says too \
little; 3 a configuration that is wrong or cannot be written, or a source that does not work; 130 left by Ctrl-C.";

/// Answers.
#[derive(Debug, Clone, Args)]
pub struct Given {
    /// What is added; without, vigie asks, and for one more until you have enough
    #[arg(value_enum)]
    pub kind: Option<Kind>,
    /// What the source is called
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Its address; of a Proxmox cluster and of web sites, one each
    #[arg(long, value_name = "URL")]
    pub url: Vec<String>,
    /// The account: Proxmox's user@realm with a password, Checkmk's automation user, the database's user
    #[arg(long, value_name = "USER")]
    pub user: Option<String>,
    /// A Proxmox token's id, when the secret is only its second half
    #[arg(long, value_name = "USER@REALM!NAME")]
    pub token_id: Option<String>,
    /// Where the secret is: file:PATH, env:NAME, command:PROGRAM ARGUMENT…, or stdin
    #[arg(long, value_name = "FROM")]
    pub secret: Option<From>,
    /// Where a secret from stdin is kept: in a file of its own, or in the configuration itself
    #[arg(long, value_enum, value_name = "PLACE", default_value_t = Keep::File)]
    pub keep: Keep,
    /// Trust what the CA in this PEM file signed
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Trust the certificate with this SHA-256 fingerprint; "offered" takes the one that comes, whosoever it is
    #[arg(long, value_name = "FINGERPRINT", conflicts_with = "ca")]
    pub pin: Option<String>,
    /// Reach it through ssh to this destination
    #[arg(long, value_name = "DESTINATION")]
    pub tunnel: Option<String>,
    /// Where the tunnel leads to, as seen from there
    #[arg(long, value_name = "HOST:PORT", requires = "tunnel")]
    pub tunnel_to: Option<String>,
    /// Redmine projects to show, by identifier; without, all that the key may see
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub projects: Vec<String>,
    /// What Redmine's texts are written in
    #[arg(long, value_enum, value_name = "MARKUP")]
    pub markup: Option<Markup>,
    /// Where mails wait
    #[arg(long, value_enum, value_name = "STORE")]
    pub store: Option<Store>,
    /// Read Postfix' queue through ssh to this destination; without, on this machine
    #[arg(long, value_name = "DESTINATION")]
    pub ssh: Option<String>,
    /// The database of a mail queue in a table
    #[arg(long, value_enum, value_name = "SYSTEM")]
    pub system: Option<Database>,
    /// The database server's host, or HOST:PORT
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// The database server's socket
    #[arg(long, value_name = "PATH", conflicts_with = "host")]
    pub socket: Option<PathBuf>,
    /// The name of the database
    #[arg(long, value_name = "NAME")]
    pub database: Option<String>,
    /// The roster, or the SQLite file of a mail queue
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// What is found on the way (nodes, sites, queues, people) is added, too: all of it, or none
    #[arg(long, value_enum, value_name = "WHICH")]
    pub found: Option<Found>,
    /// Write it although it does not work yet
    #[arg(long)]
    pub untried: bool,
    /// Write it without asking once more
    #[arg(short, long)]
    pub yes: bool,
    /// Show what would be written, and write nothing
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
}

/// A kind of source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// A Proxmox VE node or cluster
    Proxmox,
    /// A Checkmk site
    Checkmk,
    /// A Redmine
    Redmine,
    /// Web sites, asked from here
    Web,
    /// A mail queue at its own place
    Mail,
    /// Who is who
    Roster,
}

/// Where a secret comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    /// A file that is there.
    File(String),
    /// A variable.
    Env(String),
    /// A command.
    Command(Vec<String>),
    /// Standard input, to its end.
    Stdin,
}

impl FromStr for From {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            _ if text == "stdin" => Ok(Self::Stdin),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.to_owned())),
            Some(("env", name)) if !name.is_empty() => Ok(Self::Env(name.to_owned())),
            Some(("command", line)) => match words(line) {
                Some(argv) if !argv.is_empty() => Ok(Self::Command(argv)),
                _ => Err("the command is empty, or a quotation mark in it is not closed".to_owned()),
            },
            // What was given may be the secret itself.
            _ => Err(
                "expected file:PATH, env:NAME, command:PROGRAM or stdin; a secret itself is never an argument"
                    .to_owned(),
            ),
        }
    }
}

/// Where a secret that is handed over is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Keep {
    /// In a new file beside the configuration that only you can read
    File,
    /// In the configuration itself
    Config,
}

/// Redmine's markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Markup {
    /// Textile
    Textile,
    /// Markdown (`CommonMark`)
    Markdown,
}

/// Where mails wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Store {
    /// Postfix' queue
    Postfix,
    /// The table `adm_mail_queue`
    Admidio,
    /// The table `mail_queue`
    MailQueue,
}

/// A database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Database {
    /// MariaDB or MySQL
    Mariadb,
    /// PostgreSQL
    Postgresql,
    /// An SQLite file
    Sqlite,
}

/// What to do with what is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Found {
    /// Add all of it
    All,
    /// Add none of it
    None,
}

/// The words of a command line, with quotation marks as people use them; `None` when one is not closed. No
/// variables, no patterns: what runs it is no shell.
pub fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('\'' | '"', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_come_from_elsewhere() {
        assert_eq!("stdin".parse(), Ok(From::Stdin));
        assert_eq!("file:a b".parse(), Ok(From::File("a b".to_owned())));
        assert_eq!("env:A".parse(), Ok(From::Env("A".to_owned())));
        let argv = ["pass", "show", "a b"].map(str::to_owned).to_vec();
        assert_eq!("command:pass show 'a b'".parse(), Ok(From::Command(argv)));
        for wrong in [
            "hunter2",
            "file:",
            "command:",
            "command:'x",
            "token:hunter2",
        ] {
            let said = wrong.parse::<From>().err();
            assert!(
                said.is_some_and(|said| !said.contains("hunter2")),
                "{wrong}"
            );
        }
    }

    #[test]
    fn words_are_quoted_as_people_do() {
        let split = |line| words(line).map(|words| words.join("|"));
        assert_eq!(split("  a  b "), Some("a|b".to_owned()));
        assert_eq!(split("a 'b c' \"d e\"f ''"), Some("a|b c|d ef|".to_owned()));
        assert_eq!(split("a 'b"), None);
    }
}

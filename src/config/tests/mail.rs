//! Queues in tables, with each value asserted on; days of certificates.

use std::path::Path;
use std::time::Duration;

use crate::config::shape::{
    Database, DatabaseSystem, Listens, Mail, MailRows, MailStore, MailTable, System, Trust,
};
use crate::config::{Secret, SecretSource, parse};
use crate::domain::queue::Sending;

fn read(text: &str) -> Mail {
    let config = parse(text, Path::new("/etc/vigie/config.toml")).unwrap();
    match &config.sources[0].system {
        System::Mail(mail) => mail.clone(),
        other => unreachable!("{other:?}"),
    }
}

fn table(mail: &Mail) -> &MailTable {
    match &mail.store {
        MailStore::Table(table) => table,
        MailStore::Postfix { .. } => unreachable!(),
    }
}

fn listens(mail: &Mail) -> &Listens {
    match &table(mail).database {
        Database::Server { listens, .. } => listens,
        Database::File(_) => unreachable!(),
    }
}

#[test]
fn the_table_of_the_newsletter() {
    let mail = read(
        "[mail.newsletter]\nkind = \"admidio\"\nhost = \"db.example.org\"\ndatabase = \"admidio\"\n\
         user = \"dash\"\npassword = \"hunter2\"\n",
    );
    assert_eq!(
        mail.sending,
        Sending {
            cycle: Some(Duration::from_mins(1)),
            batch: Some(10),
            in_order: true,
            defers: false,
        }
    );
    assert_eq!(
        *table(&mail),
        MailTable {
            database: Database::Server {
                system: DatabaseSystem::MariaDb,
                listens: Listens::Tcp {
                    host: "db.example.org".to_owned(),
                    port: 3306,
                    trust: Some(Trust::System),
                    tunnel: None,
                },
                name: "admidio".to_owned(),
                user: "dash".to_owned(),
                password: Some(SecretSource::Inline(Secret::new("hunter2"))),
            },
            rows: MailRows::Columns {
                table: "adm_mail_queue".to_owned(),
                id: Some("mid".to_owned()),
                time: None,
                tries: None,
                error: None,
                filter: None,
            },
            timeout: Duration::from_secs(10),
        }
    );
}

#[test]
fn any_table() {
    let mail = read(
        "[mail.list]\nkind = \"table\"\nsystem = \"sqlite\"\nfile = \"queue.db\"\ntable = \"app.queue_v2\"\n\
         id = \"id\"\ntime = \"created_at\"\ntries = \"tries\"\nerror = \"last_error\"\n\
         where = \"state <> 'sent';\"\ncycle = \"5m\"\nbatch = 60\ntimeout = \"2s\"\n",
    );
    assert_eq!(mail.sending.cycle, Some(Duration::from_mins(5)));
    assert_eq!(mail.sending.batch, Some(60));
    assert!(!mail.sending.in_order, "what is tried again is overtaken");
    let table = table(&mail);
    assert_eq!(table.database, Database::File("/etc/vigie/queue.db".into()));
    assert_eq!(
        table.rows,
        MailRows::Columns {
            table: "app.queue_v2".to_owned(),
            id: Some("id".to_owned()),
            time: Some("created_at".to_owned()),
            tries: Some("tries".to_owned()),
            error: Some("last_error".to_owned()),
            filter: Some("state <> 'sent'".to_owned()),
        }
    );
    assert_eq!(table.timeout, Duration::from_secs(2));
}

#[test]
fn tls_is_a_must_but_for_this_machine_and_a_tunnel() {
    let with = |lines: &str| {
        read(&format!(
            "[mail.a]\nkind = \"mail_queue\"\nsystem = \"postgresql\"\ndatabase = \"site\"\nuser = \"dash\"\n{lines}\n"
        ))
    };
    let trust = |lines: &str| match listens(&with(lines)) {
        Listens::Tcp { trust, .. } => trust.clone(),
        Listens::Socket(_) => unreachable!(),
    };
    assert_eq!(trust("host = \"192.0.2.7\""), Some(Trust::System));
    assert_eq!(
        trust("host = \"localhost.example.org\""),
        Some(Trust::System)
    );
    assert_eq!(trust("host = \"localhost\""), None);
    assert_eq!(trust("host = \"[::1]\""), None);
    assert_eq!(trust("tunnel = { ssh = \"a\", to = \"db:5432\" }"), None);
    assert_eq!(
        trust("tunnel = { ssh = \"a\", to = \"db:5432\" }\nca = \"ca.pem\""),
        Some(Trust::CaFile("/etc/vigie/ca.pem".into()))
    );
    assert_eq!(
        *listens(&with("socket = \"/run/postgresql/.s.PGSQL.5432\"")),
        Listens::Socket("/run/postgresql/.s.PGSQL.5432".into())
    );
}

#[test]
fn a_postfix_elsewhere() {
    let mail =
        read("[mail.out]\nkind = \"postfix\"\npostqueue = \"/opt/postfix/sbin/postqueue\"\n");
    let MailStore::Postfix { program, .. } = &mail.store else {
        unreachable!()
    };
    assert_eq!(
        program.as_deref(),
        Some(Path::new("/opt/postfix/sbin/postqueue"))
    );
    let text = "[mail.out]\nkind = \"postfix\"\npostqueue = \"postqueue; rm -r /\"\n";
    let errors = parse(text, Path::new("config.toml")).unwrap_err();
    assert!(
        errors.to_string().contains("is no absolute path"),
        "{errors}"
    );
}

#[test]
fn days_of_a_certificate_for_all_sites_and_for_one() {
    let text = "[web.sites]\nwarn_days = 30\n\
        [[web.sites.site]]\nurl = \"https://wiki.example.org/\"\n\
        [[web.sites.site]]\nurl = \"https://shop.example.org/\"\ncrit_days = 60\n\
        [[web.sites.site]]\nurl = \"https://lab.example.org/\"\nwarn_days = 0\n";
    let config = parse(text, Path::new("config.toml")).unwrap();
    let System::Web(web) = &config.sources[0].system else {
        unreachable!()
    };
    let days: Vec<(u32, u32)> = (web.sites.iter())
        .map(|site| (site.certificate.warn, site.certificate.crit))
        .collect();
    assert_eq!(days, [(30, 3), (60, 60), (0, 0)]);
    for (lines, words) in [
        (
            "warn_days = 3\ncrit_days = 5",
            "are more than its warn_days",
        ),
        ("warn_days = \"14\"", "a whole number"),
        ("crit_days = -1", "is no number of days"),
    ] {
        let text =
            format!("[web.sites]\n{lines}\n[[web.sites.site]]\nurl = \"https://a.example.org/\"\n");
        let errors = parse(&text, Path::new("config.toml")).unwrap_err();
        assert!(errors.to_string().contains(words), "{errors}");
    }
}

//! Mail queues read at their own place: Postfix through `postqueue`, here or over `ssh`, and tables of databases.
//!
//! What they print, hold and refuse is in `api/mail-queues.md`. Nothing is changed, no mail is opened: of a table
//! only numbers, times and the configured error column are read.

mod postfix;
mod table;

use std::sync::Arc;

use crate::config::shape::{self, MailStore};
use crate::domain::failure::FailureKind;
use crate::domain::observation::Traffic;
use crate::domain::queue::Queues;
use crate::domain::{Batch, Failure, Reading, Text};

use super::Answered;

/// A client of one `[mail.NAME]`.
#[derive(Debug)]
pub struct Client {
    way: Way,
    /// What the configuration says of every queue of this source.
    said: Said,
}

#[derive(Debug)]
enum Way {
    Postfix(postfix::Client),
    Table(Box<table::Client>),
}

/// What the configuration says of a queue, whatever it is.
#[derive(Debug)]
struct Said {
    queue: Option<Text>,
    host: Option<Text>,
    mail: shape::Mail,
}

impl Client {
    /// A client; does nothing yet.
    pub fn new(name: &str, mail: &shape::Mail) -> Self {
        let way = match &mail.store {
            MailStore::Postfix {
                ssh,
                ssh_config,
                program,
                instances,
            } => Way::Postfix(postfix::Client::new(
                name,
                ssh.clone(),
                ssh_config.clone(),
                program.clone(),
                instances.clone(),
            )),
            MailStore::Table(table) => Way::Table(Box::new(table::Client::new(name, table))),
        };
        let text = |text: &Option<String>| text.as_deref().and_then(Text::clean_non_empty);
        Self {
            way,
            said: Said {
                queue: text(&mail.queue),
                host: text(&mail.host),
                mail: mail.clone(),
            },
        }
    }

    async fn queues(&self, traffic: &mut Traffic) -> Result<Queues, Failure> {
        let mut queues = match &self.way {
            Way::Postfix(client) => client.queues(traffic).await?,
            Way::Table(client) => Queues {
                queues: vec![client.queue(traffic).await?],
                skipped: 0,
            },
        };
        let alone = queues.queues.len() == 1;
        for queue in &mut queues.queues {
            // A name fits one queue only; of several instances each keeps its own.
            if let Some(name) = self.said.queue.clone().filter(|_| alone) {
                queue.name = name;
            }
            if self.said.host.is_some() {
                queue.host.clone_from(&self.said.host);
            }
            queue.sending = self.said.mail.sending;
            queue.levels = self.said.mail.levels;
        }
        Ok(queues)
    }
}

impl super::Client for Client {
    async fn read(&self, reading: Reading) -> Answered {
        let mut traffic = Traffic::default();
        let outcome = if reading == Reading::Queues {
            let queues = self.queues(&mut traffic).await;
            queues.map(|queues| Batch::Queues(Arc::new(queues)))
        } else {
            Err(Failure::new(FailureKind::Bug {
                detail: Text::clean(&format!("a mail queue has no {}", reading.name())),
            }))
        };
        Answered { outcome, traffic }
    }
}

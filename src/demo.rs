//! The embedded lab: look-alikes of Proxmox VE, Checkmk, Redmine and some web sites on loopback ports
//! inside this process, fed from `sample-data/`.
//!
//! `vigie demo` reads them with the very same clients as real servers, so the lab imitates what clients
//! trip over: logins, paging, permissions, error bodies, reason phrases, methods that are not offered,
//! and the types that lie. What it shows moves by itself: figures wobble, mails come and go, tickets
//! change, backups run. All of that is a function of the clock, so any day is a good day for a demo.
//!
//! | server | imitates |
//! | --- | --- |
//! | [`Server::Golem`] | Proxmox VE 9.1, a single node with LXC and KVM, read with an API token |
//! | [`Server::Pikachu`] | Proxmox VE 3.4 with OpenVZ, read with a ticket, without tokens and without most of the fields |
//! | [`Server::Checkmk`] | Checkmk 2.3.0p20, site `look`: GET lists, 405 for POST lists |
//! | [`Server::Redmine`] | Redmine 5.0 |
//! | [`Server::Web`] | the web sites, one path each |
//!
//! Beside them stand the roster and the newsletter's two tables, as files, and a `postqueue` that lists mails.
//!
//! Tests make a server misbehave with [`Lab::misbehave`]. Recorded answers and real servers, not this
//! lab, are the proof that vigie reads the real thing.

mod answer;
mod asked;
mod checkmk;
mod door;
mod machines;
mod noise;
mod past;
mod postfix;
mod proxmox;
mod redmine;
mod roster;
mod sample;
mod settings;
mod tables;
mod tasks;
mod trouble;
mod web;
mod world;

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use door::Door;
use roster::RosterFile;
use tables::Tables;
use world::World;

pub use past::Past;
pub use trouble::Trouble;

/// What happens in the lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scenario {
    /// An ordinary day with the ordinary troubles.
    #[default]
    Calm,
    /// Container 105 `wiki` was shut down twelve minutes ago; it comes back after ninety seconds, and dies again.
    Outage,
}

impl FromStr for Scenario {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "calm" => Ok(Self::Calm),
            "outage" => Ok(Self::Outage),
            _ => Err("expected `calm` or `outage`".to_owned()),
        }
    }
}

/// How the lab is set up.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// What happens.
    pub scenario: Scenario,
    /// Serve this many guests on golem and ten times as many Checkmk services, generated while they are sent.
    pub size: Option<usize>,
}

/// A server of the lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Server {
    /// Proxmox VE 9.1.
    Golem,
    /// Proxmox VE 3.4.
    Pikachu,
    /// Checkmk 2.3.0p20.
    Checkmk,
    /// Redmine 5.0.
    Redmine,
    /// The web sites.
    Web,
}

impl Server {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Golem,
        Self::Pikachu,
        Self::Checkmk,
        Self::Redmine,
        Self::Web,
    ];
}

/// The running lab. Dropping it stops the servers and removes the roster file.
#[derive(Debug)]
pub struct Lab {
    world: Arc<World>,
    doors: HashMap<Server, Door>,
    tables: Tables,
    postfix: postfix::Postfix,
    // Last: it takes the directory away.
    roster: RosterFile,
}

impl Lab {
    /// Starts all servers on free ports of 127.0.0.1. Fails when a port cannot be opened, the roster
    /// file cannot be written, or the sample data inside the binary cannot be read.
    pub async fn start(options: Options) -> std::io::Result<Self> {
        let world = Arc::new(World::new(options)?);
        let roster = RosterFile::write(world.now())?;
        let mut doors = HashMap::new();
        for server in Server::ALL {
            doors.insert(server, Door::open(server, &world).await?);
        }
        let tables = Tables::open(roster.directory(), &world).await?;
        let postfix = postfix::Postfix::open(roster.directory(), &world)?;
        Ok(Self {
            world,
            doors,
            tables,
            postfix,
            roster,
        })
    }

    /// A configuration that names the lab's servers, with the credentials that they take.
    pub fn config_toml(&self) -> String {
        let files = settings::Files {
            roster: &self.roster,
            tables: &self.tables,
            postqueue: self.postfix.program(),
        };
        settings::config_toml(&self.world, files, |server| self.port(server))
    }

    /// A directory of the lab's own, which goes with it.
    pub fn directory(&self) -> &std::path::Path {
        self.roster.directory()
    }

    /// What queues and sites were measured at before the start.
    pub fn past(&self) -> Vec<Past> {
        past::of(&self.world)
    }

    /// The port of a server; it stays the same while the lab lives.
    pub fn port(&self, server: Server) -> u16 {
        self.doors.get(&server).map_or(0, Door::port)
    }

    /// Lets a server misbehave, or behave again. Returns when that is so.
    pub async fn misbehave(&self, server: Server, trouble: Option<Trouble>) {
        if let Some(door) = self.doors.get(&server) {
            door.misbehave(trouble).await;
        }
    }

    /// Requests that a server has taken so far, answered or not.
    pub fn requests(&self, server: Server) -> u64 {
        self.doors.get(&server).map_or(0, Door::requests)
    }

    /// Requests to a path (without its query) that a server has taken so far.
    pub fn requests_to(&self, server: Server, path: &str) -> u64 {
        self.doors
            .get(&server)
            .map_or(0, |door| door.requests_to(path))
    }

    /// Makes every Proxmox ticket given out so far invalid, as a server does after two hours.
    pub fn expire_tickets(&self) {
        self.world.expire_tickets();
    }

    /// Lets the lab be older than it is: as if it had been started that much earlier.
    pub fn skip(&self, by: Duration) {
        self.world.skip(by);
    }
}

#[cfg(test)]
mod tests;

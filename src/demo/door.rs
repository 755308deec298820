//! A listening port of the lab: accepts, counts, misbehaves when told, and hands requests to the look-alike behind it.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::answer::{Answer, Flow};
use super::asked::Asked;
use super::trouble::{Effect, Trouble};
use super::world::World;
use super::{Server, checkmk, proxmox, redmine, web};

/// Largest request body taken.
const BODY_CAP: usize = 512 * 1024;

/// Most paths that are counted apart.
const PATHS_CAP: usize = 1000;

/// A port and who keeps it.
#[derive(Debug)]
pub(super) struct Door {
    address: SocketAddr,
    porter: Arc<Porter>,
    settled: watch::Receiver<u64>,
    keeper: JoinHandle<()>,
}

/// What the connections of a port share.
#[derive(Debug)]
struct Porter {
    server: Server,
    world: Arc<World>,
    /// Number of the order, and the order.
    trouble: watch::Sender<(u64, Option<Trouble>)>,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    all: u64,
    by_path: HashMap<String, u64>,
}

impl Door {
    /// Opens a free port.
    pub(super) async fn open(server: Server, world: &Arc<World>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let porter = Arc::new(Porter {
            server,
            world: Arc::clone(world),
            trouble: watch::Sender::new((0, None)),
            counts: Mutex::default(),
        });
        let (settle, settled) = watch::channel(0);
        let keeper = tokio::spawn(keep(listener, address, Arc::clone(&porter), settle));
        Ok(Self {
            address,
            porter,
            settled,
            keeper,
        })
    }

    /// The port.
    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Gives an order and waits until it is followed.
    pub(super) async fn misbehave(&self, trouble: Option<Trouble>) {
        let mut order = 0;
        self.porter.trouble.send_modify(|(number, slot)| {
            *number += 1;
            order = *number;
            *slot = trouble;
        });
        // The keeper is gone only when the lab is.
        let _ = self
            .settled
            .clone()
            .wait_for(|followed| *followed >= order)
            .await;
    }

    /// Requests taken so far.
    pub(super) fn requests(&self) -> u64 {
        self.porter.counts().all
    }

    /// Requests to a path taken so far.
    pub(super) fn requests_to(&self, path: &str) -> u64 {
        let counts = self.porter.counts();
        counts.by_path.get(path).copied().unwrap_or(0)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

impl Porter {
    fn counts(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, path: &str) {
        let mut counts = self.counts();
        counts.all += 1;
        if counts.by_path.len() < PATHS_CAP || counts.by_path.contains_key(path) {
            *counts.by_path.entry(path.to_owned()).or_default() += 1;
        }
    }

    /// How long an idle connection is kept: Proxmox drops it after 5 s, puma after 20 s.
    fn patience(&self) -> Duration {
        match self.server {
            Server::Golem | Server::Pikachu => Duration::from_secs(5),
            Server::Checkmk | Server::Web => Duration::from_secs(15),
            Server::Redmine => Duration::from_secs(20),
        }
    }
}

/// Accepts connections, and follows orders, until the lab is dropped; its connections end with it.
async fn keep(
    listener: TcpListener,
    address: SocketAddr,
    porter: Arc<Porter>,
    settle: watch::Sender<u64>,
) {
    let mut orders = porter.trouble.subscribe();
    let mut listener = Some(listener);
    let mut connections = JoinSet::new();
    loop {
        let (order, down) = {
            let order = orders.borrow_and_update();
            (order.0, order.1 == Some(Trouble::Down))
        };
        if down {
            connections.shutdown().await;
            drop(listener.take());
            // Bound but not listening: connections are refused, and nobody else gets the port.
            let reserved = reserve(address).await;
            settle.send_replace(order);
            if orders.changed().await.is_err() {
                return;
            }
            listener = reserved.listen(1024).ok();
            continue;
        }
        let Some(open) = &listener else {
            listener = reserve(address).await.listen(1024).ok();
            continue;
        };
        settle.send_replace(order);
        tokio::select! {
            biased;
            changed = orders.changed() => if changed.is_err() {
                return;
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = open.accept() => match accepted {
                Ok((stream, _)) => {
                    // Small answers must not wait for an acknowledgement.
                    let _ = stream.set_nodelay(true);
                    connections.spawn(converse(TokioIo::new(stream), Arc::clone(&porter)));
                }
                // Out of descriptors, most likely: later.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
        }
    }
}

/// Binds the port again. It was ours a moment ago, so it is tried until it works.
async fn reserve(address: SocketAddr) -> TcpSocket {
    loop {
        let socket = TcpSocket::new_v4().and_then(|socket| {
            socket.set_reuseaddr(true)?;
            socket.bind(address)?;
            Ok(socket)
        });
        match socket {
            Ok(socket) => return socket,
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn converse(io: TokioIo<tokio::net::TcpStream>, porter: Arc<Porter>) {
    let patience = porter.patience();
    let service = service_fn(move |request| {
        let porter = Arc::clone(&porter);
        async move { serve(&porter, request).await }
    });
    // A client that goes away in the middle is no news.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .serve_connection(io, service)
        .await;
}

async fn serve(porter: &Porter, request: Request<Incoming>) -> Result<Response<Flow>, Infallible> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    porter.count(&path);
    let Ok(body) = Limited::new(body, BODY_CAP).collect().await else {
        return Ok(Answer::empty(413).into_response());
    };
    let asked = Asked::new(head.method, &head.uri, head.headers, body.to_bytes());

    let trouble = porter.trouble.borrow().1.clone();
    let effect = trouble.map_or(Effect::None, |trouble| trouble.effect(&path));
    let bend = match &effect {
        Effect::Bent(trouble) => Some(trouble),
        _ => None,
    };
    let usual = || match porter.server {
        Server::Golem | Server::Pikachu => {
            proxmox::answer(&porter.world, porter.server, &asked, bend)
        }
        Server::Checkmk => checkmk::answer(&porter.world, &asked, bend),
        Server::Redmine => redmine::answer(&porter.world, &asked, bend),
        Server::Web => web::answer(&porter.world, &asked),
    };
    Ok(match effect {
        Effect::Never => std::future::pending().await,
        Effect::Instead(answer) => answer.into_response(),
        Effect::Drip => usual().into_drip(),
        Effect::Cut => usual().into_cut(),
        Effect::Late(_) | Effect::Bent(_) | Effect::None => {
            let answer = usual();
            if let Effect::Late(by) = effect {
                tokio::time::sleep(by).await;
            }
            if !answer.delay.is_zero() {
                tokio::time::sleep(answer.delay).await;
            }
            answer.into_response()
        }
    })
}

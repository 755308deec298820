//! From a name to a connection: every address family is tried, the quicker one that works is used.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rustix::io::Errno;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout_at};
use url::{Host, Url};

use super::fault;
use crate::config::shape::Address;
use crate::domain::Text;
use crate::domain::failure::{FailureKind, Stage};
use crate::domain::web::{Families, Family, Protocol};

/// How long one of several addresses of a family may take before the next is tried.
const SHARE: Duration = Duration::from_secs(1);

/// How long the family that the system names first has the choice to itself, so that the measured
/// times do not jump between the two.
const HEAD_START: Duration = Duration::from_millis(250);

/// Most addresses of a family that are tried.
const MOST: usize = 8;

/// Where to connect to.
pub(super) struct Place {
    hosts: Vec<(Host<String>, u16)>,
    /// As messages show it: host and port.
    pub(super) shown: String,
}

impl Place {
    /// Where `url` leads, or the addresses that were given in its stead. `None` without a host.
    pub(super) fn new(url: &Url, instead: &[Address]) -> Option<Self> {
        let hosts: Vec<(Host<String>, u16)> = if instead.is_empty() {
            vec![(url.host()?.to_owned(), url.port_or_known_default()?)]
        } else {
            (instead.iter().map(|a| (a.host.clone(), a.port))).collect()
        };
        let (host, port) = hosts.first()?;
        Some(Self {
            shown: format!("{host}:{port}"),
            hosts,
        })
    }

    /// Its addresses, and how long resolving took where there was a name to resolve.
    pub(super) async fn resolve(&self) -> Result<(Vec<SocketAddr>, Option<Duration>), FailureKind> {
        let began = Instant::now();
        let mut named = false;
        let mut found = Vec::new();
        for (host, port) in &self.hosts {
            match host {
                Host::Ipv4(address) => found.push(SocketAddr::new(IpAddr::V4(*address), *port)),
                Host::Ipv6(address) => found.push(SocketAddr::new(IpAddr::V6(*address), *port)),
                Host::Domain(name) => {
                    named = true;
                    let addresses = tokio::net::lookup_host((name.as_str(), *port))
                        .await
                        .map_err(|error| fault::no_address(name, &error))?;
                    found.extend(addresses);
                }
            }
        }
        if found.is_empty() {
            return Err(FailureKind::NameNotFound {
                host: Text::clean(&self.shown),
            });
        }
        Ok((found, named.then(|| began.elapsed())))
    }
}

/// A connection.
pub(super) struct Way {
    pub(super) stream: TcpStream,
    pub(super) took: Duration,
}

/// What trying one family gave.
struct Tried {
    protocol: Protocol,
    address: SocketAddr,
    outcome: Result<Way, Unmet>,
}

/// Why a family takes no connection.
enum Unmet {
    NoRoute(FailureKind),
    Failed(FailureKind),
}

impl Unmet {
    fn kind(&self) -> &FailureKind {
        match self {
            Self::NoRoute(kind) | Self::Failed(kind) => kind,
        }
    }
}

/// Both families on their way. Dropping it gives up what is still under way.
pub(super) struct Race {
    running: JoinSet<Tried>,
    preferred: Protocol,
    families: Families,
    began: Instant,
}

impl Race {
    /// Sets out for all addresses, to be there `by` then; `deadline` is what messages call that.
    pub(super) fn start(addresses: &[SocketAddr], by: Instant, deadline: Duration) -> Self {
        let of = |protocol| -> Vec<SocketAddr> {
            let all = addresses.iter().filter(|a| version(a) == protocol);
            all.take(MOST).copied().collect()
        };
        let mut running = JoinSet::new();
        for protocol in [Protocol::V4, Protocol::V6] {
            let addresses = of(protocol);
            if let Some(first) = addresses.first().copied() {
                running.spawn(async move {
                    Tried {
                        protocol,
                        address: first,
                        outcome: connect(&addresses, by, deadline).await,
                    }
                });
            }
        }
        Self {
            running,
            preferred: addresses.first().map_or(Protocol::V4, version),
            families: Families::default(),
            began: Instant::now(),
        }
    }

    /// The connection to use: of the preferred family unless that fails or lags behind.
    pub(super) async fn winner(&mut self, shown: &str) -> Result<Way, FailureKind> {
        let mut second: Option<Way> = None;
        let mut failed: Option<Unmet> = None;
        loop {
            let head_start = self.began + HEAD_START;
            let alone = second.is_some();
            let tried = tokio::select! {
                biased;
                joined = self.running.join_next() => match joined {
                    Some(Ok(tried)) => tried,
                    // A bug of ours in there; the other family may do.
                    Some(Err(_)) => continue,
                    None => break,
                },
                () = sleep_until(head_start), if alone => break,
            };
            let protocol = tried.protocol;
            match self.note(tried) {
                Ok(way) if protocol == self.preferred => return Ok(way),
                Ok(way) => second = Some(way),
                Err(unmet) => {
                    // That this machine has no way into a part of the net explains nothing if there is another.
                    let says_more = match (&failed, &unmet) {
                        (None, _) | (Some(Unmet::NoRoute(_)), Unmet::Failed(_)) => true,
                        (Some(Unmet::Failed(_)), Unmet::Failed(_)) => protocol == self.preferred,
                        (Some(_), Unmet::NoRoute(_)) => false,
                    };
                    if says_more {
                        failed = Some(unmet);
                    }
                }
            }
            if let Some(way) = second.take_if(|_| failed.is_some()) {
                return Ok(way);
            }
        }
        match (second, failed) {
            (Some(way), _) => Ok(way),
            (None, Some(unmet)) => Err(match unmet.kind() {
                // By the name that was configured, not by one of its addresses.
                FailureKind::Unreachable { detail } => {
                    let words = detail
                        .rsplit_once(": ")
                        .map_or(&**detail, |(_, words)| words);
                    FailureKind::Unreachable {
                        detail: Text::clean(&format!("{shown}: {words}")),
                    }
                }
                kind => kind.clone(),
            }),
            (None, None) => Err(FailureKind::Bug {
                detail: Text::clean("connecting broke down"),
            }),
        }
    }

    /// What became of each family, once the slower one is through too.
    pub(super) async fn end(mut self) -> Families {
        while let Some(joined) = self.running.join_next().await {
            if let Ok(tried) = joined {
                // Nothing is sent over it: only that it stands is of interest.
                let _ = self.note(tried);
            }
        }
        self.families
    }

    fn note(&mut self, tried: Tried) -> Result<Way, Unmet> {
        let address = Text::clean(&tried.address.to_string());
        let family = match &tried.outcome {
            Ok(way) => Family::Connected {
                address,
                took: way.took,
            },
            Err(Unmet::NoRoute(_)) => Family::NoRoute { address },
            Err(Unmet::Failed(failure)) => Family::Failed {
                address,
                failure: failure.clone(),
            },
        };
        match tried.protocol {
            Protocol::V4 => self.families.v4 = family,
            Protocol::V6 => self.families.v6 = family,
        }
        tried.outcome
    }
}

const fn version(address: &SocketAddr) -> Protocol {
    match address {
        SocketAddr::V4(_) => Protocol::V4,
        SocketAddr::V6(_) => Protocol::V6,
    }
}

/// A connection to the first of a family's addresses that takes one.
async fn connect(addresses: &[SocketAddr], by: Instant, deadline: Duration) -> Result<Way, Unmet> {
    let mut first = None;
    let last = addresses.len().saturating_sub(1);
    for (index, address) in addresses.iter().enumerate() {
        let began = Instant::now();
        // An address that swallows packets must not use up the time of the next one.
        let until = if index < last {
            by.min(began + SHARE)
        } else {
            by
        };
        let unmet = match timeout_at(until, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Only a matter of speed.
                let _ = stream.set_nodelay(true);
                let took = began.elapsed();
                return Ok(Way { stream, took });
            }
            Ok(Err(error)) => {
                let kind = fault::no_connection(&address.to_string(), &error);
                if is_no_route(&error) {
                    Unmet::NoRoute(kind)
                } else {
                    Unmet::Failed(kind)
                }
            }
            Err(_) => Unmet::Failed(FailureKind::TimedOut {
                stage: Stage::Connect,
                after: deadline,
            }),
        };
        first = first.or(Some(unmet));
    }
    Err(first.unwrap_or_else(|| {
        Unmet::Failed(FailureKind::Bug {
            detail: Text::clean("a family without addresses"),
        })
    }))
}

/// Whether it is this machine that has no such addresses, or no way to them.
fn is_no_route(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::AddrNotAvailable
    ) || error.raw_os_error() == Some(Errno::AFNOSUPPORT.raw_os_error())
}

#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    async fn listener(at: &str) -> Option<(TcpListener, SocketAddr)> {
        let listener = TcpListener::bind(at).await.ok()?;
        let address = listener.local_addr().unwrap();
        Some((listener, address))
    }

    async fn closed(at: &str) -> SocketAddr {
        listener(at).await.unwrap().1
    }

    async fn run(addresses: &[SocketAddr]) -> (Result<SocketAddr, FailureKind>, Families) {
        let second = Duration::from_secs(1);
        let mut race = Race::start(addresses, Instant::now() + second, second);
        let won = race.winner("wiki.example.org:80").await;
        let to = won.map(|way| way.stream.peer_addr().unwrap());
        (to, race.end().await)
    }

    #[tokio::test]
    async fn a_broken_family_is_told_and_the_other_used() {
        let Some((_kept, six)) = listener("[::1]:0").await else {
            return;
        };
        let four = closed("127.0.0.1:0").await;
        for order in [[four, six], [six, four]] {
            let (to, families) = run(&order).await;
            assert_eq!(to, Ok(six));
            assert!(matches!(families.v6, Family::Connected { .. }));
            let Some((Protocol::V4, FailureKind::Unreachable { detail })) = families.broken()
            else {
                panic!("{families:?}");
            };
            assert_eq!(detail.as_str(), format!("{four}: connection refused"));
        }
    }

    #[tokio::test]
    async fn with_both_the_first_named_is_used() {
        let Some((_six, six)) = listener("[::1]:0").await else {
            return;
        };
        let (_four, four) = listener("127.0.0.1:0").await.unwrap();
        for order in [[four, six], [six, four]] {
            let (to, families) = run(&order).await;
            assert_eq!(to, Ok(order[0]));
            assert!(matches!(families.v4, Family::Connected { .. }));
            assert!(matches!(families.v6, Family::Connected { .. }));
        }
    }

    #[tokio::test]
    async fn with_none_the_name_is_told_not_its_address() {
        let four = closed("127.0.0.1:0").await;
        let (to, families) = run(&[four]).await;
        assert_eq!(
            to,
            Err(FailureKind::Unreachable {
                detail: Text::clean("wiki.example.org:80: connection refused")
            })
        );
        assert_eq!(families.v6, Family::Absent);
        assert!(matches!(families.v4, Family::Failed { .. }));
    }

    #[tokio::test]
    async fn the_second_address_of_a_family_helps_out() {
        let dead = closed("127.0.0.1:0").await;
        let (_kept, alive) = listener("127.0.0.1:0").await.unwrap();
        let (to, families) = run(&[dead, alive]).await;
        assert_eq!(to, Ok(alive));
        assert_eq!(families.broken(), None);
    }

    #[test]
    fn a_machine_without_ipv6_is_no_fault_of_the_site() {
        let of = |errno: Errno| io::Error::from_raw_os_error(errno.raw_os_error());
        assert!(is_no_route(&of(Errno::NETUNREACH)));
        assert!(is_no_route(&of(Errno::ADDRNOTAVAIL)));
        assert!(is_no_route(&of(Errno::AFNOSUPPORT)));
        assert!(!is_no_route(&of(Errno::CONNREFUSED)));
        assert!(!is_no_route(&of(Errno::HOSTUNREACH)));
    }
}

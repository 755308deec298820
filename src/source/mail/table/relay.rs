//! TLS to a database by our own rules: pins, CA files and the system's roots mean the same for every source.
//!
//! The SQL library speaks plainly to a socket in a directory that only we can enter; here that becomes TLS, with the
//! first packets of either protocol that lead to it. MariaDB and MySQL: "Connection Phase", PostgreSQL: "SSL Session
//! Encryption" of their manuals.

use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixListener, UnixStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::config::Secret;
use crate::config::shape::DatabaseSystem;
use crate::domain::failure::FailureKind;
use crate::domain::{Failure, Text};
use crate::source::http::trust::Refusal;

/// The capability "TLS follows" in MySQL's first packets.
const CLIENT_SSL: u32 = 0x0800;

/// Length of MySQL's request for TLS: the fixed part of its answer to the greeting.
const TLS_REQUEST: usize = 32;

/// Longest packet of a log-in that is taken.
const LONGEST_PACKET: usize = 64 * 1024;

/// PostgreSQL's request for TLS: length 8, code 80877103.
const POSTGRES_TLS: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// Where TLS leads.
pub(super) struct Target {
    pub(super) system: DatabaseSystem,
    /// What is connected to.
    pub(super) host: String,
    pub(super) port: u16,
    /// What the certificate must be made out to.
    pub(super) name: String,
    pub(super) tls: Arc<ClientConfig>,
    /// MySQL 8 wants it once in the clear, within TLS.
    pub(super) password: Option<Secret>,
}

/// A relay for one connection; ends with the value.
#[derive(Debug)]
pub(super) struct Relay {
    directory: PathBuf,
    failure: Arc<Mutex<Option<Failure>>>,
    task: JoinHandle<()>,
}

impl Relay {
    /// Connects, and waits for the SQL library at [`Self::socket`].
    pub(super) async fn open(target: Target) -> Result<Self, Failure> {
        let server = TcpStream::connect((&*target.host, target.port))
            .await
            .map_err(|error| unreachable(&error, &target.host, target.port))?;
        // A statement is one small packet.
        let _ = server.set_nodelay(true);
        let directory = directory().map_err(|error| ours(&error))?;
        let listener = UnixListener::bind(socket_in(&directory)).map_err(|error| {
            let _ = std::fs::remove_dir(&directory);
            ours(&error)
        })?;
        let failure = Arc::new(Mutex::new(None));
        let task = tokio::spawn({
            let (failure, directory) = (Arc::clone(&failure), directory.clone());
            async move {
                let Ok((client, _)) = listener.accept().await else {
                    return;
                };
                remove(&directory);
                if let Err(Fault(Some(kind))) = carry(client, server, &target).await {
                    *failure.lock().unwrap_or_else(PoisonError::into_inner) =
                        Some(Failure::new(kind));
                }
            }
        });
        Ok(Self {
            directory,
            failure,
            task,
        })
    }

    /// Where the SQL library connects to. Named so that it fits PostgreSQL's custom.
    pub(super) fn socket(&self) -> PathBuf {
        socket_in(&self.directory)
    }

    /// Why the way broke off, when that was not the database's doing.
    pub(super) fn failure(&self) -> Option<Failure> {
        let failure = self.failure.lock();
        failure.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
        remove(&self.directory);
    }
}

/// A directory that only we can enter.
fn directory() -> io::Result<PathBuf> {
    let name = format!("vigie-{}-{:016x}", std::process::id(), fastrand::u64(..));
    let path = std::env::temp_dir().join(name);
    // Fails when it is there already, whoever made it.
    std::fs::DirBuilder::new().mode(0o700).create(&path)?;
    Ok(path)
}

fn socket_in(directory: &Path) -> PathBuf {
    directory.join(".s.PGSQL.5432")
}

fn remove(directory: &Path) {
    let _ = std::fs::remove_file(socket_in(directory));
    let _ = std::fs::remove_dir(directory);
}

/// Why a connection ended: `None` when the SQL library will tell itself.
struct Fault(Option<FailureKind>);

impl From<io::Error> for Fault {
    fn from(_: io::Error) -> Self {
        Self(None)
    }
}

impl Fault {
    fn tls(detail: &str) -> Self {
        Self(Some(FailureKind::Tls {
            detail: Text::clean(detail),
        }))
    }
}

async fn carry(mut client: UnixStream, server: TcpStream, target: &Target) -> Result<(), Fault> {
    let mut server = match target.system {
        DatabaseSystem::MariaDb => match mysql(&mut client, server, target).await? {
            Some(server) => server,
            None => return Ok(()),
        },
        DatabaseSystem::PostgreSql => postgres(server, target).await?,
    };
    tokio::io::copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

async fn postgres(mut server: TcpStream, target: &Target) -> Result<TlsStream<TcpStream>, Fault> {
    server.write_all(&POSTGRES_TLS).await?;
    let mut answer = [0];
    server.read_exact(&mut answer).await?;
    match answer {
        [b'S'] => handshake(server, target).await,
        [b'N'] => Err(Fault::tls(
            "the database offers no TLS: switch it on there (ssl = on), or reach it through a tunnel",
        )),
        _ => Err(Fault::tls("what answers is no PostgreSQL")),
    }
}

async fn handshake(server: TcpStream, target: &Target) -> Result<TlsStream<TcpStream>, Fault> {
    let name = ServerName::try_from(target.name.clone())
        .map_err(|_| Fault::tls("the host is no name that a certificate can have"))?;
    let connector = TlsConnector::from(Arc::clone(&target.tls));
    connector.connect(name, server).await.map_err(|error| {
        let tls = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<rustls::Error>());
        match tls.map(|tls| (Refusal::within(tls), tls)) {
            Some((Some(refusal), _)) => Fault(Some(refusal.kind())),
            Some((None, tls)) => Fault::tls(&tls.to_string()),
            None => Fault(Some(FailureKind::Broken {
                detail: Text::clean("the database closed the connection in the TLS handshake"),
            })),
        }
    })
}

/// A packet of MySQL's protocol: three bytes of length, its number, and what it holds.
struct Packet {
    number: u8,
    holds: Vec<u8>,
}

impl Packet {
    async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let mut head = [0; 4];
        from.read_exact(&mut head).await?;
        let [a, b, c, number] = head;
        let length = u32::from_le_bytes([a, b, c, 0]) as usize;
        if length > LONGEST_PACKET {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut holds = vec![0; length];
        from.read_exact(&mut holds).await?;
        Ok(Self { number, holds })
    }

    async fn write(&self, to: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        let length = u32::try_from(self.holds.len()).unwrap_or(0).to_le_bytes();
        let mut bytes = vec![length[0], length[1], length[2], self.number];
        bytes.extend_from_slice(&self.holds);
        to.write_all(&bytes).await?;
        to.flush().await
    }

    fn begins_with(&self, start: &[u8]) -> bool {
        self.holds.starts_with(start)
    }
}

/// Whether a greeting offers TLS: version, its name to a NUL, 4 bytes of thread, 8 of salt, 1 of filling, then the
/// lower half of the capabilities.
fn offers_tls(greeting: &[u8]) -> bool {
    let Some(end) = greeting.iter().position(|byte| *byte == 0) else {
        return false;
    };
    let capabilities = greeting.get(end + 14..end + 16);
    capabilities.is_some_and(|bytes| match bytes {
        [low, high] => u32::from(u16::from_le_bytes([*low, *high])) & CLIENT_SSL != 0,
        _ => false,
    })
}

/// MySQL's log-in with TLS put in; `None` when the server refused in the clear, before it.
async fn mysql(
    client: &mut UnixStream,
    mut server: TcpStream,
    target: &Target,
) -> Result<Option<TlsStream<TcpStream>>, Fault> {
    let greeting = Packet::read(&mut server).await?;
    if greeting.begins_with(&[0xff]) {
        // "Too many connections", "host is not allowed": the library tells.
        greeting.write(client).await?;
        return Ok(None);
    }
    if !offers_tls(&greeting.holds) {
        return Err(Fault::tls(
            "the database offers no TLS: give it a certificate (ssl_cert, ssl_key), or reach it through a tunnel",
        ));
    }
    greeting.write(client).await?;
    let mut answer = Packet::read(client).await?;
    let Some(capabilities) = answer.holds.first_chunk_mut::<4>() else {
        return Err(io::Error::from(io::ErrorKind::InvalidData).into());
    };
    *capabilities = (u32::from_le_bytes(*capabilities) | CLIENT_SSL).to_le_bytes();
    let request = Packet {
        number: answer.number,
        holds: answer.holds.iter().take(TLS_REQUEST).copied().collect(),
    };
    request.write(&mut server).await?;
    let mut server = handshake(server, target).await?;
    answer.number += 1;
    answer.write(&mut server).await?;
    log_in(client, &mut server, target.password.as_ref()).await?;
    Ok(Some(server))
}

/// Carries packets until the server has let us in or not.
async fn log_in(
    client: &mut UnixStream,
    server: &mut TlsStream<TcpStream>,
    password: Option<&Secret>,
) -> io::Result<()> {
    loop {
        let said = Packet::read(server).await?;
        // `caching_sha2_password` does not know us yet and wants the password. The library would ask for a key to
        // encrypt it with, as it knows nothing of the TLS around it.
        if said.holds == [0x01, 0x04]
            && let Some(password) = password
        {
            let mut holds = password.expose().as_bytes().to_vec();
            holds.push(0);
            let number = said.number.wrapping_add(1);
            Packet { number, holds }.write(server).await?;
            continue;
        }
        said.write(client).await?;
        if said.begins_with(&[0x00]) || said.begins_with(&[0xff]) {
            return Ok(());
        }
        // "Use another method" wants an answer; "known already" is followed by the server's yes.
        if said.begins_with(&[0xfe]) {
            Packet::read(client).await?.write(server).await?;
        } else if said.holds != [0x01, 0x03] {
            return Ok(());
        }
    }
}

fn unreachable(error: &io::Error, host: &str, port: u16) -> Failure {
    Failure::new(super::fault::in_system(
        error,
        &format!("{host}:{port}"),
        host,
    ))
}

fn ours(error: &io::Error) -> Failure {
    Failure::new(FailureKind::File {
        path: Text::clean(&std::env::temp_dir().display().to_string()),
        detail: Text::clean(&format!("no socket for TLS can be made there: {error}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greeting_tells_whether_tls_is_offered() {
        let greeting = |capabilities: u16| {
            let mut bytes = vec![10];
            bytes.extend_from_slice(b"10.11.19-MariaDB\0");
            bytes.extend_from_slice(&[7, 0, 0, 0]);
            bytes.extend_from_slice(b"saltsalt\0");
            bytes.extend_from_slice(&capabilities.to_le_bytes());
            bytes
        };
        assert!(offers_tls(&greeting(0xf7fe | 0x0800)));
        assert!(!offers_tls(&greeting(0xf7fe & !0x0800)));
        for short in [&[][..], &[10], &[10, 0], b"10.11\0abc"] {
            assert!(!offers_tls(short));
        }
    }
}

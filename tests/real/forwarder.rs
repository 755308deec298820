//! A port before a real server that can be closed and opened again, as if the server were stopped.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Forwards connections until it is dropped; then the port is closed and what was open breaks off.
pub struct Forwarder {
    /// Where it listens.
    pub at: SocketAddr,
    /// Connections taken so far.
    pub taken: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Forwarder {
    /// Opens `at` (port 0: any free one) before the server at `to`.
    pub async fn open(at: SocketAddr, to: SocketAddr) -> Self {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(at).unwrap();
        let listener: TcpListener = socket.listen(16).unwrap();
        let at = listener.local_addr().unwrap();
        let taken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&taken);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            // The connections live in the task that took them, so that they end with it.
            let mut open = JoinSet::new();
            while let Ok((mut near, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                open.spawn(async move {
                    if let Ok(mut far) = TcpStream::connect(to).await {
                        let _ = copy_bidirectional(&mut near, &mut far).await;
                    }
                });
            }
        });
        Self {
            at,
            taken,
            _tasks: tasks,
        }
    }
}

//! The write to the tty, and how its loss is noticed.

use std::fmt;
use std::io;

use ratatui::layout::Size;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::AsFd;
use rustix::io::Errno;
use rustix::stdio::stdout;

/// Size when the terminal does not tell one, as the VT100 had it.
const FALLBACK: Size = Size::new(80, 24);

/// Largest size drawn. A pseudo-terminal may claim 65535×65535, which would be 4 thousand million cells.
const LARGEST: Size = Size::new(1000, 500);

/// Why the terminal cannot be used any more.
#[derive(Debug)]
pub enum Broken {
    /// It is gone: connection lost, window closed. Nothing can be shown; the program ends.
    Gone,
    /// Something else went wrong.
    Io(io::Error),
}

impl From<Errno> for Broken {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::IO | Errno::PIPE | Errno::NXIO | Errno::NODEV | Errno::BADF => Self::Gone,
            other => Self::Io(other.into()),
        }
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Errno::from_io_error(&error).map_or(Self::Io(error), Self::from)
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => f.write_str("the terminal is gone"),
            Self::Io(error) => write!(f, "the terminal cannot be used: {error}"),
        }
    }
}

impl std::error::Error for Broken {}

/// Writes all of `bytes` to standard output, past Rust's own buffer: a frame is one `write(2)`
/// unless the kernel takes only a part.
///
/// # Errors
/// [`Broken::Gone`] when nobody is at the other end.
pub fn write(bytes: &[u8]) -> Result<(), Broken> {
    write_to(stdout(), bytes)
}

/// [`write()`], to any descriptor.
fn write_to(fd: impl AsFd, mut bytes: &[u8]) -> Result<(), Broken> {
    let fd = fd.as_fd();
    while !bytes.is_empty() {
        match rustix::io::write(fd, bytes) {
            Ok(0) => return Err(Broken::Gone),
            Ok(taken) => bytes = bytes.get(taken..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            // We never ask for non-blocking writes, but the flag belongs to the open terminal and
            // another process that shares it may have set it.
            Err(Errno::AGAIN) => wait_until_writable(fd)?,
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(())
}

/// Waits until some bytes can be written.
fn wait_until_writable(fd: impl AsFd) -> Result<(), Broken> {
    let mut fds = [PollFd::new(&fd, PollFlags::OUT)];
    match poll(&mut fds, None) {
        Ok(_) | Err(Errno::INTR) => {}
        Err(errno) => return Err(errno.into()),
    }
    if fds[0].revents().contains(PollFlags::OUT) {
        return Ok(());
    }
    if fds[0]
        .revents()
        .intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL)
    {
        return Err(Broken::Gone);
    }
    Ok(())
}

/// Whether the terminal has gone, as it is when a connection is lost.
pub fn is_gone() -> bool {
    rustix::termios::tcgetattr(std::io::stdin()).is_err()
}

/// The terminal's size in cells, by ioctl; 80×24 when it does not tell, never larger than 1000×500,
/// never zero.
pub fn size() -> Size {
    rustix::termios::tcgetwinsize(stdout()).map_or(FALLBACK, |told| {
        sane_size(Size::new(told.ws_col, told.ws_row))
    })
}

/// A size that can be drawn.
fn sane_size(told: Size) -> Size {
    if told.width == 0 || told.height == 0 {
        return FALLBACK;
    }
    Size::new(
        told.width.min(LARGEST.width),
        told.height.min(LARGEST.height),
    )
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn everything_arrives_though_the_pipe_takes_it_in_parts() {
        let (mut reader, writer) = std::io::pipe().unwrap();
        let sent: Vec<u8> = (0..1_000_000_u32)
            .map(|n| u8::try_from(n % 251).unwrap())
            .collect();
        let expected = sent.clone();
        let thread = std::thread::spawn(move || write_to(&writer, &sent).is_ok());
        let mut got = Vec::new();
        reader.read_to_end(&mut got).unwrap();
        assert!(thread.join().unwrap());
        assert_eq!(got, expected);
    }

    #[test]
    fn a_non_blocking_descriptor_is_waited_for() {
        let (mut reader, writer) = std::os::unix::net::UnixStream::pair().unwrap();
        writer.set_nonblocking(true).unwrap();
        let thread = std::thread::spawn(move || write_to(&writer, &vec![b'x'; 2_000_000]).is_ok());
        let mut got = Vec::new();
        reader.read_to_end(&mut got).unwrap();
        assert!(thread.join().unwrap());
        assert_eq!(got.len(), 2_000_000);
    }

    #[test]
    fn a_closed_other_end_is_gone() {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        assert!(matches!(write_to(&writer, b"frame"), Err(Broken::Gone)));
    }

    #[test]
    fn errors_of_a_lost_terminal_are_gone() {
        for errno in [Errno::IO, Errno::PIPE, Errno::NXIO] {
            assert!(matches!(Broken::from(errno), Broken::Gone), "{errno:?}");
            assert!(
                matches!(Broken::from(io::Error::from(errno)), Broken::Gone),
                "{errno:?}"
            );
        }
        assert!(matches!(Broken::from(Errno::NOSPC), Broken::Io(_)));
    }

    #[test]
    fn sizes_are_sane() {
        assert_eq!(sane_size(Size::new(0, 0)), FALLBACK);
        assert_eq!(sane_size(Size::new(0, 50)), FALLBACK);
        assert_eq!(sane_size(Size::new(1, 1)), Size::new(1, 1));
        assert_eq!(sane_size(Size::new(u16::MAX, u16::MAX)), LARGEST);
        assert_eq!(sane_size(Size::new(300, 100)), Size::new(300, 100));
    }
}

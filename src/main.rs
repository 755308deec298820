//! The program: installs the reports for what nobody foresaw, then does what the command line says.

use std::process::ExitCode;

/// Gives memory back after a large answer; see `Cargo.toml`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Fails only if a report is installed already.
    let _ = color_eyre::install();
    vigie::terminal::panics::install_panic_hook();
    vigie::cli::run()
}

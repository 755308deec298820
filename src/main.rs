//! The program: installs the reports for what nobody foresaw, then does what the command line says.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Fails only if a report is installed already.
    let _ = color_eyre::install();
    vigie::terminal::panics::install_panic_hook();
    vigie::cli::run()
}

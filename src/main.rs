//! The dockwright program: arguments in, exit status out.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(dockwright::cli::run().code())
}

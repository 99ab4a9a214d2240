//! The dockwright program: arguments in, exit status out.

/// musl's own allocator takes a quarter more processor time; everywhere else the system's is taken.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    std::process::ExitCode::from(dockwright::cli::run().code())
}

#[cfg(not(unix))]
compile_error!("dockwright runs on Linux and macOS. On Windows, install it in WSL.");

#[cfg(not(unix))]
fn main() {}

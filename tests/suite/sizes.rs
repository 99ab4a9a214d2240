//! `dockwright sizes`: archives made here, read by the real program.

mod archives;
mod fleet;
mod hostile;
mod numbers;

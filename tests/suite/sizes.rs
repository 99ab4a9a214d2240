//! `dockwright sizes`: archives made here, read by the real program.

mod archives;
mod bounds;
mod budgets;
mod fleet;
mod hostile;
mod numbers;
mod registry;

//! The command line: what was typed, one file a command, and the one place that prints.

mod answer;
mod arguments;
mod command;
mod command_line;
mod complete;
mod failure;
mod internal_error;
mod manners;
mod nearest;
mod output;
mod prompt;
mod refuse;
mod run;
mod schema;
mod terminal;
mod usage;
mod watchdog;

pub use command_line::Cli;
pub use internal_error::install_panic_hook;
pub use run::run;
pub use schema::schema_text;

//! Which files changed since a revision. Only `plan` and `build` ask; `check` needs no git.
//!
//! git is never asked about the work tree. To compare files it runs what configuration and
//! attributes name: filters, a file system monitor, hooks, helpers that fetch what is missing. The
//! list grows with its versions, and a bare repository made of checked-in files can bring a
//! configuration along. So git is asked for two things that it answers from objects alone, in a
//! folder with a configuration of ours (`plumbing`): which commit a revision names, and which files
//! its tree has. Everything else is read here: where the repository is (`repository`), its settings
//! (`config`), its index (`index`, `split`), its rules (`attributes`, `ignore`, `pattern`,
//! `rules`), and the files (`compare`, `content`, `stat`, `submodule`).
//!
//! A file counts as unchanged only where that is certain: its bytes are the blob, or become it by
//! conversions of git's own, or the index knows it by stat(2), or it is the content of the Git LFS
//! pointer that the revision has. A filter of the repository's own does not run; a file that is not
//! fresh in the index then counts as changed, which costs a build. The flag `assume-unchanged` is
//! not believed. A state that cannot be read is an error, never "nothing changed".

mod attributes;
mod compare;
mod config;
mod content;
mod entry;
mod error;
mod ignore;
mod index;
mod known;
mod oid;
mod pattern;
mod plumbing;
mod repository;
mod rules;
mod settings;
mod since;
mod split;
mod stat;
mod submodule;

pub(crate) use error::Error;
pub use since::changed_since;
pub(crate) use since::{below_top, files_of, nearest_above};

//! Why a fleet could not be loaded, compared or written.

use camino::Utf8PathBuf;

use crate::images::UnknownImage;
use crate::published::{NAME, PUBLISHED};
use crate::render::RenderError;
use crate::values::RequiredVersion;
use crate::workspace;

/// The version of this program.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Why a fleet could not be loaded, compared or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no services.yaml.
    #[error("{path} not found{}", beside_help(.beside.as_ref()))]
    NoDeclaration {
        /// Its path.
        path: Utf8PathBuf,
        /// A file beside it that differs in the ending alone: services.yml.
        beside: Option<String>,
    },
    /// It is for other versions of this program.
    #[error(
        "{file} is for dockwright {required}, and this is {version}; {help}",
        version = VERSION,
        help = install_help(.required)
    )]
    OtherVersion {
        /// The declaration's file name.
        file: String,
        /// The versions that it is for.
        required: RequiredVersion,
    },
    /// The path of services.yaml is not one that a declaration can have.
    #[error("{0}")]
    Path(String),
    /// The disk could not be read or written.
    #[error(transparent)]
    Workspace(#[from] workspace::Error),
    /// The templates of a fleet take too much memory.
    #[error("the templates in {0} exceed 8 MiB in total")]
    TemplatesTooLarge(Utf8PathBuf),
    /// The folder of templates is not there.
    #[error("the folder {0} not found (`templates` in services.yaml)")]
    NoTemplates(Utf8PathBuf),
    /// A template is not text.
    #[error("{0} is not UTF-8")]
    NotUtf8(String),
    /// A file is no longer what an edit was made from.
    #[error("{0} was changed by another program; nothing was written")]
    ChangedMeanwhile(String),
    /// A template is broken.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The command line names an image that is not there.
    #[error(transparent)]
    UnknownImage(#[from] UnknownImage),
}

/// What to do where there is no declaration.
fn beside_help(beside: Option<&String>) -> String {
    match beside {
        None => "; `dockwright init` creates one, `--file PATH` names another".to_owned(),
        Some(file) => format!(", but {file} is there: rename it, or pass `--file {file}`"),
    }
}

/// How to get a version that fits.
fn install_help(required: &RequiredVersion) -> String {
    if PUBLISHED {
        format!("to install a matching version: uv tool install '{NAME}{required}'")
    } else {
        "install a release in that range, or change `required_version` there; docs/releasing.md \
         says where releases are"
            .to_owned()
    }
}

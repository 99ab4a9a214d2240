//! What is copied into an image, as `source`, `target`, `shared` and `copy`.

use super::node::Node;
use crate::dockerfile::installing::is_install_file;
use crate::dockerfile::meaning::{Copied, Meaning, Origin, Tree, WORKDIR_BELOW};

/// The folder that paths of a declaration count from.
const APP: &str = "/app";
/// Folders that hold what several programs share.
const SHARED: [&str; 10] = [
    "shared", "common", "lib", "libs", "utils", "config", "core", "packages", "proto", "protos",
];

/// One thing that is copied from the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    /// Below the root; empty for all of it.
    from: String,
    /// In the image.
    to: String,
    is_folder: bool,
}

/// The fields that say what is copied.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) source: Option<Node>,
    pub(super) target: Option<Node>,
    pub(super) workdir: Option<Node>,
    pub(super) shared: Vec<Node>,
    pub(super) copy: Vec<Node>,
    /// The folder of the sources, for placeholders.
    pub(super) folder: Option<String>,
    /// Whether all of the repository is taken.
    pub(super) is_whole: bool,
    /// What no field says, as phrases.
    pub(super) notes: Vec<String>,
}

impl Places {
    /// What an image copies from the repository.
    pub(super) fn of(meaning: &Meaning, tree: &dyn Tree) -> Self {
        let pieces = pieces(meaning, tree);
        // What counts from a folder that only the image below knows is copied as it is written.
        let is_below = |piece: &Piece| piece.to.starts_with(WORKDIR_BELOW);
        let main = main_piece(&pieces, &meaning.workdir, &|piece| !is_below(piece));
        let main = main.map(|main| laid_under(&pieces, main, tree));
        let mut places = Self {
            is_whole: pieces.iter().any(|piece| piece.from.is_empty()),
            ..Self::default()
        };
        let mut workdir = APP.to_owned();
        match main.and_then(|at| pieces.get(at)) {
            Some(piece) => {
                let folder = if piece.from.is_empty() {
                    "."
                } else {
                    &piece.from
                };
                places.source = Some(Node::text(folder));
                places.folder = Some(folder.to_owned());
                if piece.to != kept(&piece.from) {
                    places.target = Some(Node::text(&piece.to));
                    workdir.clone_from(&piece.to);
                }
            }
            None => places.source = Some(Node::text("none")),
        }
        if meaning.workdir == WORKDIR_BELOW {
            places.workdir = Some(Node::text("inherit"));
        } else if meaning.in_fields(&meaning.workdir).is_none() {
            let note = meaning.out_of_reach("WORKDIR is", &meaning.workdir);
            places.notes.push(note);
        } else if workdir != meaning.workdir {
            places.workdir = Some(Node::text(&meaning.workdir));
        }
        for (at, piece) in pieces.iter().enumerate() {
            if meaning.in_fields(&piece.to).is_none() {
                let what = format!("{} is copied to", piece.from);
                places.notes.push(meaning.out_of_reach(&what, &piece.to));
            } else if Some(at) != main {
                let under = main.and_then(|main| pieces.get(main));
                // What is shared is copied before the sources, so it cannot be laid over them.
                let is_over =
                    under.is_some_and(|under| main < Some(at) && covers_target(piece, under));
                places.add(piece, &meaning.workdir, is_over);
            }
        }
        places
    }

    fn add(&mut self, piece: &Piece, workdir: &str, is_over: bool) {
        let from = if piece.from.is_empty() {
            "."
        } else {
            &piece.from
        };
        let name = from.rsplit('/').next().unwrap_or(from);
        if piece.to == kept(&piece.from) {
            let has_suffix = name.trim_start_matches('.').contains('.');
            let fits = piece.is_folder != has_suffix && !from.contains('*') && from != ".";
            if fits && !is_over {
                self.shared.push(Node::text(from));
            } else {
                self.copy.push(Node::text(from));
            }
            return;
        }
        let inside = piece
            .to
            .strip_prefix(workdir)
            .map(|rest| rest.trim_start_matches('/'));
        let to = match inside {
            Some("") => "./".to_owned(),
            Some(rest)
                if !workdir.ends_with('/') && piece.to.starts_with(&format!("{workdir}/")) =>
            {
                rest.to_owned()
            }
            _ => piece.to.clone(),
        };
        let to = if piece.is_folder && !to.ends_with('/') {
            format!("{to}/")
        } else {
            to
        };
        let entry = [("from", from), ("to", &to)];
        let entry = entry.map(|(key, value)| (key.to_owned(), Node::text(value)));
        self.copy.push(Node::Map(entry.to_vec()));
    }
}

/// Where a path lands that is kept.
fn kept(path: &str) -> String {
    if path.is_empty() {
        APP.to_owned()
    } else {
        format!("{APP}/{path}")
    }
}

/// What is copied, without what a folder around it brings anyway and without files that are only
/// there to be installed.
fn pieces(meaning: &Meaning, tree: &dyn Tree) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for copied in &meaning.copied {
        let piece = piece(copied, tree);
        if !piece.is_folder && !is_left(meaning, &piece) {
            continue;
        }
        if piece.is_folder && !holds_any(meaning, &piece) {
            continue;
        }
        if !pieces.contains(&piece) {
            pieces.push(piece);
        }
    }
    pieces.extend(moved(meaning, &pieces));
    let all = pieces.clone();
    pieces.retain(|piece| {
        !all.iter()
            .any(|other| other != piece && covers(other, piece))
    });
    // What only says what is installed is mounted where that happens, unless a step reads it.
    let is_read = |piece: &Piece| meaning.steps.iter().any(|step| step.names(&piece.to));
    pieces.retain(|piece| piece.is_folder || !is_install_file(&piece.from) || is_read(piece));
    pieces
}

/// How many files that steps moved are copied one by one.
const MOVED: usize = 16;

/// Files of the repository that a step moved to where no copied piece brings them.
fn moved(meaning: &Meaning, pieces: &[Piece]) -> Vec<Piece> {
    let mut found = Vec::new();
    for (path, origin) in &meaning.files {
        let Origin::Repository(source) = origin else {
            continue;
        };
        let piece = Piece {
            from: source.clone(),
            to: path.clone(),
            is_folder: false,
        };
        let is_brought = |other: &Piece| *other == piece || covers(other, &piece);
        if !pieces.iter().any(is_brought) {
            found.push(piece);
        }
    }
    if found.len() > MOVED {
        found.clear();
    }
    found
}

fn piece(copied: &Copied, tree: &dyn Tree) -> Piece {
    let prefix = format!("{}/", copied.from);
    let paths = tree.paths();
    let next = paths.partition_point(|path| path.as_str() < prefix.as_str());
    let is_folder = copied.from.is_empty()
        || paths
            .get(next)
            .is_some_and(|path| path.starts_with(&prefix));
    Piece {
        from: copied.from.clone(),
        to: copied.to.clone(),
        is_folder,
    }
}

/// Whether a file is still where it was copied to.
fn is_left(meaning: &Meaning, piece: &Piece) -> bool {
    matches!(meaning.files.get(&piece.to), Some(Origin::Repository(from)) if *from == piece.from)
}

/// Whether a folder's files are still where they were copied to.
fn holds_any(meaning: &Meaning, piece: &Piece) -> bool {
    let prefix = format!("{}/", piece.to.trim_end_matches('/'));
    let mut below = meaning.files.range(prefix.clone()..);
    below
        .next()
        .is_some_and(|(path, _)| path.starts_with(&prefix))
}

/// Whether a folder lands around another piece.
fn covers_target(folder: &Piece, piece: &Piece) -> bool {
    let rest = piece.to.strip_prefix(folder.to.trim_end_matches('/'));
    folder.is_folder && rest.is_some_and(|rest| rest.starts_with('/'))
}

/// Whether a folder brings another piece to the same place.
fn covers(folder: &Piece, piece: &Piece) -> bool {
    let inside = if folder.from.is_empty() {
        Some(piece.from.as_str())
    } else {
        piece
            .from
            .strip_prefix(&folder.from)
            .and_then(|rest| rest.strip_prefix('/'))
    };
    let Some(rest) = inside.filter(|rest| folder.is_folder && !rest.is_empty()) else {
        return false;
    };
    piece.to == format!("{}/{rest}", folder.to.trim_end_matches('/'))
}

/// The position of the folder that another one is laid over, where they bring the same paths: what
/// is copied beside the sources is copied after them.
fn laid_under(pieces: &[Piece], main: usize, tree: &dyn Tree) -> usize {
    let Some(over) = pieces.get(main) else {
        return main;
    };
    let is_under = |piece: &Piece| {
        let rest = piece.to.strip_prefix(over.to.trim_end_matches('/'));
        let Some(rest) = rest.filter(|rest| rest.starts_with('/') && piece.is_folder) else {
            return false;
        };
        let prefix = format!("{}{rest}/", over.from);
        let paths = tree.paths();
        let next = paths.partition_point(|path| path.as_str() < prefix.as_str());
        paths
            .get(next)
            .is_some_and(|path| path.starts_with(&prefix))
    };
    let before = pieces.iter().take(main);
    before.clone().position(is_under).unwrap_or(main)
}

/// The folder that holds the program: the one that lands in the working folder, else the first one.
fn main_piece(pieces: &[Piece], workdir: &str, is_whole: &dyn Fn(&Piece) -> bool) -> Option<usize> {
    let folders = || {
        pieces
            .iter()
            .enumerate()
            .filter(|(_, piece)| piece.is_folder && is_whole(piece))
    };
    let is_own = |piece: &Piece| {
        let name = piece.from.rsplit('/').next().unwrap_or_default();
        !SHARED.contains(&name)
    };
    let at_workdir = folders().rfind(|(_, piece)| piece.to == workdir);
    let is_below = |piece: &Piece| piece.to.starts_with(workdir);
    let own = folders().find(|(_, piece)| is_below(piece) && is_own(piece));
    let below = own.or_else(|| folders().find(|(_, piece)| is_below(piece)));
    let found = at_workdir.or(below).or_else(|| folders().next());
    found.map(|(at, _)| at)
}

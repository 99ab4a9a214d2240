//! What must hold for the meaning of any text: no panic, no instruction without a claim, no
//! difference of an image from itself, and a report that is safe to print.

use std::collections::{BTreeMap, BTreeSet};

use dockwright::dockerfile::ignore::Ignore;
use dockwright::dockerfile::judge::judge;
use dockwright::dockerfile::meaning::{
    Build, Meaning, MemoryTree, Unread, context_of, instruction_lines, meaning,
};
use dockwright::edit::adopt::{Ask, adopt};
use dockwright::report::{
    AdoptView, DiffSide, DiffView, adopt_json, adopt_text, diff_json, diff_text,
};

use super::{INPUT_BYTES, assert_safe, without_styles};

/// The files that a random Dockerfile may copy.
const FILES: [(&str, &str); 6] = [
    ("app/main.py", ""),
    (
        "app/requirements.txt",
        "-r ../requirements.txt\nfastapi==0.110\n-e ./lib\n",
    ),
    ("app/lib/pyproject.toml", ""),
    ("poetry.lock", ""),
    (
        "requirements.txt",
        "httpx>=0.27 # why\n--index-url https://pip.example/simple\n",
    ),
    ("uv.lock", ""),
];

/// Two Dockerfiles, cut at the first NUL.
pub fn holds(bytes: &[u8]) {
    let bytes = &bytes[..bytes.len().min(INPUT_BYTES)];
    let (Some(before), Some(after)) = pair(bytes) else {
        return;
    };
    adopts(before, after);
    let tree = MemoryTree::new(FILES);
    let (Ok(before), Ok(after)) = (read(before, &tree), read(after, &tree)) else {
        return;
    };
    let nothing = BTreeSet::new();
    assert_eq!(judge(&before, &before, &nothing), []);
    assert_eq!(judge(&after, &after, &nothing), []);
    let differences = judge(&before, &after, &nothing);
    let side = |meaning| side(meaning);
    let view = DiffView {
        sides: [side(&before), side(&after)],
        differences: &differences,
    };
    assert_safe(&without_styles(diff_text(&view).as_str()), &[""]);
    assert_safe(diff_json(&view).as_str(), &[""]);
}

/// A proposal for both texts is safe to print, and tells or claims every instruction.
fn adopts(before: &str, after: &str) {
    let dockerfiles = [("app/Dockerfile", before), ("other/Dockerfile", after)];
    let tree = MemoryTree::new(FILES.into_iter().chain(dockerfiles));
    let ask = Ask {
        below: &[],
        existing: None,
        required_version: None,
        origin: "",
    };
    let Ok(proposal) = adopt(&tree, &ask) else {
        return;
    };
    for image in &proposal.images {
        let is_lost = |note: &String| note.ends_with("is not understood");
        assert!(!image.notes.iter().any(is_lost), "{:?}", image.notes);
    }
    let view = AdoptView {
        proposal: &proposal,
        written: None,
        existing: None,
        below: &[],
    };
    assert_safe(&without_styles(adopt_text(&view).as_str()), &[""]);
    assert_safe(adopt_json(&view).as_str(), &[""]);
}

fn side(meaning: &Meaning) -> DiffSide<'_> {
    DiffSide {
        path: "Dockerfile",
        context: "",
        missing: &meaning.missing,
    }
}

fn pair(bytes: &[u8]) -> (Option<&str>, Option<&str>) {
    let text = std::str::from_utf8(bytes).ok();
    let cut = text.map(|text| text.split_once('\0').unwrap_or((text, text)));
    (cut.map(|(before, _)| before), cut.map(|(_, after)| after))
}

fn read(text: &str, tree: &MemoryTree) -> Result<Meaning, Unread> {
    let build = Build {
        text,
        context: &context_of(tree, "app/Dockerfile", text),
        ignore: &Ignore::parse("**/*.pyc"),
        target: None,
        arguments: &BTreeMap::new(),
        tree,
    };
    let found = meaning(&build)?;
    let claimed: BTreeSet<usize> = found.claims.iter().map(|claim| claim.line).collect();
    let lines: BTreeSet<usize> = instruction_lines(text).into_iter().collect();
    assert_eq!(claimed, lines, "an instruction without a claim");
    Ok(found)
}

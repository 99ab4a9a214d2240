//! Codes about locks.

use super::entry::{Code, Severity};

codes! {
    LOCKS;
    MISSING_LOCK "missing-lock"
        "an image that `locks` covers has no lock file"
        "With `locks` in services.yaml, each image has a committed lock file with one version \
         and the file hashes of every package. `dockwright lock` writes it; this needs a \
         network. Until then, the image's generated requirements demand hashes but list none, so \
         a build fails instead of installing unlocked packages."
        "locks: { images: [svc-a] }\n"
        => "$ dockwright lock\n";
    STALE_LOCK "stale-lock"
        "a lock does not match services.yaml"
        "The header of a lock contains a digest of everything that determines the result: the \
         image's requirements, Python, platforms and indexes, whether builds from source are \
         allowed, and the versions locked for the bases below. The message names what changed. \
         `dockwright lock` resolves again and keeps versions that still fit; with --upgrade it \
         selects the newest. A uv.lock or poetry.lock is stale if a pyproject.toml beside it \
         changed: run `uv lock` or `poetry lock`. In the example, somebody added httpx after the \
         lock was written."
        "requirements: { base: [fastapi, uvicorn, httpx] }\nlocks: { images: [svc-a] }\n"
        => "$ dockwright lock\n";
    BROKEN_LOCK "broken-lock"
        "a line of a lock was not written by `dockwright lock`"
        "A lock contains comments, and packages pinned to one version with the hashes of their \
         files. dockwright rejects everything else, such as a pip option, another index or a Git \
         conflict marker. It also rejects more than 64 pins of one package, and more than 300,000 \
         pins in all locks, unless the locks average a kilobyte a pin. The message gives the line \
         number and what was expected, but not the line itself, because `locks` can name any \
         folder. `dockwright lock` rewrites the file. The example is a line of a lock, fixed with \
         the hash of the package's file."
        "fastapi>=0.115\n"
            => "fastapi==0.115.0 \\\n    \
             --hash=sha256:17ea427674467486e997206a5ab25760f6b09e069f099b96f5b55a32fb6f1631\n";
    UNUSED_LOCK "unused-lock" (warning)
        "a lock file belongs to no image"
        "The image was renamed or removed, or is no longer locked. Nothing reads the file: delete \
         it. In the example, locks/svc-a.txt exists."
        "locks: { images: [] }\n" => "locks: { images: [svc-a] }\n";
    UNKNOWN_LOCKED_IMAGE "unknown-locked-image" (follows)
        "`locks.images` names an image that does not exist"
        "A mistyped name would leave the intended image unlocked. The help suggests the closest \
         name."
        "locks: { images: [svc-aa] }\n"
        => "locks: { images: [svc-a] }\n";
}

//! Codes about locks.

use super::entry::{Code, Severity};

codes! {
    LOCKS;
    MISSING_LOCK "missing-lock"
        "an image is to be locked, but has no lock file"
        "`locks` in services.yaml says that what pip installs is locked: one version and the \
         hashes of its files for every package, in a file that is committed. `dockwright lock` \
         writes it and is the only command that needs a network. Until then the image's generated \
         requirements ask for hashes that are not there, so that no build installs anything \
         unlocked."
        "locks: { images: [svc-a] }\n" => "locks: { images: [] }\n";
    STALE_LOCK "stale-lock"
        "a lock was resolved from something else than what is declared now"
        "A lock's header holds a digest over everything that decides the result: the image's \
         requirements, Python, platforms and indexes, whether builds from source are allowed, and \
         what the bases below pin. The message names what moved. `dockwright lock` resolves \
         again, keeps versions that still fit, and with --upgrade takes the newest. The lock of \
         the example was resolved for `fastapi` and `uvicorn`."
        "requirements: { base: [fastapi, uvicorn, httpx] }\nlocks: { images: [svc-a] }\n"
            => "locks: { images: [svc-a] }\n";
    BROKEN_LOCK "broken-lock"
        "a line of a lock is not what `dockwright lock` writes"
        "A lock holds packages pinned to one version with the hashes of their files, and \
         comments. Whatever else stands there, such as an option of pip, another index or a \
         conflict marker of git, is refused rather than handed to a build; so are more than 64 \
         pins of one package, and more than 300,000 in all locks together, unless the locks have \
         a kilobyte for each. The message tells the line and what was expected there; the line \
         itself is not shown, since `locks` can name any folder. `dockwright lock` writes the \
         file anew. The example is a line of a lock, fixed with the hash of the package's file."
        "fastapi>=0.115\n"
            => "fastapi==0.115.0 \\\n    \
             --hash=sha256:17ea427674467486e997206a5ab25760f6b09e069f099b96f5b55a32fb6f1631\n";
    UNUSED_LOCK "unused-lock" (warning)
        "a file in the folder of locks belongs to no image"
        "The image was renamed or removed, or is not locked any more. Nothing reads the file: \
         delete it. In the example, locks/svc-a.txt is there."
        "locks: { images: [] }\n" => "locks: { images: [svc-a] }\n";
    UNKNOWN_LOCKED_IMAGE "unknown-locked-image" (follows)
        "`locks.images` names an image that does not exist"
        "A mistyped name would leave the image that was meant without a lock. The help names the \
         one that was most likely meant."
        "locks: { images: [svc-aa] }\n" => "locks: { images: [] }\n";
}

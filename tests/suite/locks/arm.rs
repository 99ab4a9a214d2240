//! A package whose wheels are for x86-64 alone, in an index on 127.0.0.1: `lock` and the rule name
//! the entry to add, and with it the fleet is locked for both platforms.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use crate::support::{Root, has};

const FLEET: &str = "\
registry: registry.example
owner: acme
python: \"3.12\"
platforms: [linux/amd64, linux/arm64]
locks: locks
services: { svc-a: { port: 8000, index_urls: [\"INDEX\"], pip: [sparse-dot-topn] } }
";

/// Writes a wheel for x86-64 and a source archive, then serves them and prints its port.
const INDEX: &str = r#"
import hashlib, http.server, io, pathlib, tarfile, zipfile
home, name = pathlib.Path("simple/sparse-dot-topn"), "sparse_dot_topn-1.2.0"
home.mkdir(parents=True)
about = "Metadata-Version: 2.2\nName: sparse-dot-topn\nVersion: 1.2.0\n"
tag = "cp312-cp312-manylinux_2_17_x86_64"
with zipfile.ZipFile(home / f"{name}-{tag}.whl", "w") as wheel:
    wheel.writestr(f"{name}.dist-info/METADATA", about)
    wheel.writestr(f"{name}.dist-info/WHEEL", f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: false\nTag: {tag}\n")
    wheel.writestr(f"{name}.dist-info/RECORD", "")
with tarfile.open(home / f"{name}.tar.gz", "w:gz") as archive:
    project = '[build-system]\nrequires = ["setuptools"]\n[project]\nname = "sparse-dot-topn"\nversion = "1.2.0"\n'
    for path, text in (("PKG-INFO", about), ("pyproject.toml", project)):
        member = tarfile.TarInfo(f"{name}/{path}")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text.encode()))
digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in home.iterdir()}
(home / "index.html").write_text("".join(f'<a href="{name}#sha256={digest}">{name}</a>\n' for name, digest in digests.items()))
with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as server:
    print(server.server_port, flush=True)
    server.serve_forever()
"#;

/// The index, which ends with the test.
struct Index {
    server: Child,
    url: String,
}

impl Index {
    fn new(folder: &Root) -> Self {
        let mut command = folder.command("python3", &["-c", INDEX]);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = command.spawn().unwrap();
        let mut port = String::new();
        let printed = server.stdout.as_mut().unwrap();
        BufReader::new(printed).read_line(&mut port).unwrap();
        let url = format!("http://127.0.0.1:{}/simple", port.trim());
        Self { server, url }
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }
}

#[test]
fn a_package_without_a_wheel_for_arm_is_named_with_the_entry_that_makes_it_right() {
    if !has(&["uv", "python3"]) {
        return;
    }
    let folder = Root::empty();
    let index = Index::new(&folder);
    let root = Root::new(&FLEET.replace("INDEX", &index.url));
    let run = root.run(&["lock"]);
    assert_eq!(run.status, 2, "{}", run.told());
    let help = "`sparse-dot-topn` has to be built from source: add apt_build: [g++]";
    assert!(run.told().contains(help), "{}", run.told());
    let told = root.run(&["check", "--hints"]).told();
    assert!(
        told.contains("no wheel for linux/arm64") && told.contains("add apt_build: [g++]"),
        "{told}"
    );

    root.edit("services.yaml", "pip: [", "apt_build: [g++], pip: [");
    let run = root.run(&["lock"]);
    assert_eq!(run.status, 0, "{}", run.told());
    let lock = root.text("locks/svc-a.txt");
    assert!(lock.contains("\nsparse-dot-topn==1.2.0 \\\n"), "{lock}");
    assert_eq!(
        lock.matches("--hash=").count(),
        2,
        "wheel and archive: {lock}"
    );
    assert_eq!(root.run(&["generate"]).status, 0);
    let run = root.run(&["check", "--hints"]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert!(!run.told().contains("needs-source-build"), "{}", run.told());
    // Wheels are taken where there are some: the source is built on the other platform alone.
    let dockerfile = root.text("generated/svc-a/Dockerfile");
    assert!(
        dockerfile.contains("      g++ \\\n") && !dockerfile.contains("-binary"),
        "{dockerfile}"
    );
}

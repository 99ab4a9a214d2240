//! Archives in which little stands for much: each ends in a reason, within bounds of memory and
//! time.

use std::io::{self, Read, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use dockwright::sizes::{Archive, Budget, Compression, SizesError};
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tar::{EntryType, Header};

use super::archives::{Is, Made, docker_files, layer, oci_files, sha256, tar_of};
use crate::support::{PROGRAM, Root};

/// The length of a block of a tar archive.
const BLOCK: usize = 512;
/// The address space of a run: what is kept of a million files, and the program itself.
const ADDRESSES: u64 = 640 << 20;
/// Seconds of processor time; a debug build takes many times what is shipped.
const SECONDS: u64 = 100;
/// How long any of the others may take beside other work.
const LONGEST: Duration = Duration::from_mins(2);

/// The heads of empty files, over and over: a tar archive of as many as are asked for.
struct Entries {
    left: usize,
    some: Vec<u8>,
}

impl Entries {
    fn new(files: usize) -> Self {
        let paths = (0..128).map(|number| format!("f/{number}"));
        let heads = paths.map(|path| head(&path, EntryType::Regular, 0));
        Self {
            left: files * BLOCK,
            some: heads.collect::<Vec<_>>().concat(),
        }
    }
}

impl Read for Entries {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // From the end on, so that each read begins where the one before ended.
        let at = (self.some.len() - self.left % self.some.len()) % self.some.len();
        let taken = buffer.len().min(self.left).min(self.some.len() - at);
        buffer[..taken].copy_from_slice(&self.some[at..at + taken]);
        self.left -= taken;
        Ok(taken)
    }
}

/// The first block of a file in a tar archive.
fn head(path: &str, kind: EntryType, bytes: u64) -> Vec<u8> {
    let mut header = Header::new_gnu();
    header.set_path(path).unwrap();
    header.set_entry_type(kind);
    header.set_size(bytes);
    header.set_cksum();
    header.as_bytes().to_vec()
}

/// What the program says of a stream that is compressed on its way, with its memory bounded by the
/// kernel.
fn told_of(stream: &mut dyn Read) -> String {
    let root = Root::empty();
    let bounds = format!("ulimit -v {} && ulimit -t {SECONDS}", ADDRESSES >> 10);
    let script = format!("{bounds} && exec \"$0\" sizes -");
    let mut command = root.command("bash", &["-c", &script, PROGRAM]);
    command.env("MALLOC_ARENA_MAX", "1").stdin(Stdio::piped());
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = output.spawn().unwrap();
    let input = child.stdin.take().unwrap();
    let mut encoder = GzEncoder::new(input, flate2::Compression::fast());
    // Who refuses a stream does not read it to its end.
    let sent = io::copy(stream, &mut encoder).and_then(|_| encoder.finish());
    drop(sent);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn ten_million_files_are_refused_within_the_bounds_of_one_million() {
    let count = 10_000_000;
    let head = head("layer.tar", EntryType::Regular, (count * BLOCK) as u64);
    let told = told_of(&mut head.chain(Entries::new(count)));
    let expected = "file layer.tar: it holds more than 1000000 files";
    assert!(told.contains(expected), "{told}");
    let told = told_of(&mut Entries::new(count));
    assert!(told.contains("it holds more than 100000 files"), "{told}");
}

fn refusal(read: Result<Archive, SizesError>) -> String {
    match read.map(|archive| archive.images()) {
        Err(error) => error.to_string(),
        Ok(Err(fault)) => fault.to_string(),
        Ok(Ok(images)) => panic!("{} images", images.len()),
    }
}

fn refusal_of(bytes: &[u8], budget: &mut Budget) -> String {
    refusal(Archive::read_tar("a", &mut &bytes[..], budget))
}

/// A PAX record gives a path a million bytes, which compress to nothing.
#[test]
fn paths_are_bounded_together() {
    let long = "a/".repeat(2_000) + "b";
    let layer = layer(&[(&long, Is::File(b"")), ("link", Is::Symlink(&long))]);
    let archive = tar_of(&docker_files(&[Made::new("a", &[("x", &layer)])]));
    for (room, is_enough) in [(7_000, false), (9_000, true)] {
        let mut budget = Budget {
            name_bytes: room,
            ..Budget::default()
        };
        let read = Archive::read_tar("a", &mut &archive[..], &mut budget);
        assert_eq!(read.is_ok(), is_enough, "{read:?}");
    }
    let mut budget = Budget {
        name_bytes: 7_000,
        ..Budget::default()
    };
    let told = refusal_of(&archive, &mut budget);
    assert!(
        told.contains("more than 268435456 bytes of paths"),
        "{told}"
    );
    // Those of the archive's own files are kept too.
    let files =
        super::archives::layer(&[(&long, Is::Symlink(&long)), (&long, Is::HardLink(&long))]);
    let told = refusal_of(&files, &mut budget);
    assert!(told.contains("bytes of paths"), "{told}");
}

/// A blob of an OCI layout, with its descriptor.
fn blob(kind: &str, value: &Value) -> (Value, (String, Vec<u8>)) {
    let bytes = serde_json::to_vec(value).unwrap();
    let (digest, size) = (sha256(&bytes), bytes.len());
    let kind = format!("application/vnd.oci.image.{kind}+json");
    let descriptor =
        json!({ "mediaType": kind, "digest": format!("sha256:{digest}"), "size": size });
    (descriptor, (format!("blobs/sha256/{digest}"), bytes))
}

/// Five lists of a thousand names each are ten to the power of fifteen names.
#[test]
fn lists_of_lists_are_not_followed_without_end() {
    let started = Instant::now();
    for attestation in [false, true] {
        let mut last = blob("manifest.v1", &json!({})).0;
        if attestation {
            last["annotations"] = json!({ "vnd.docker.reference.type": "attestation-manifest" });
        }
        let mut files = Vec::new();
        for _ in 0..4 {
            let inner = json!({ "manifests": vec![last.clone(); 1000] });
            let (descriptor, file) = blob("index.v1", &inner);
            files.push(file);
            last = descriptor;
        }
        let index = json!({ "manifests": vec![last; 1000] });
        files.push(("index.json".to_owned(), serde_json::to_vec(&index).unwrap()));
        let told = refusal_of(&tar_of(&files), &mut Budget::default());
        let is_bounded = told.contains("descriptors") || told.contains("bytes of manifests");
        assert!(is_bounded, "{told}");
    }
    assert!(started.elapsed() < LONGEST, "{:?}", started.elapsed());
}

/// A configuration with a step of a megabyte, which thousands of images name.
#[test]
fn a_configuration_is_not_read_once_more_for_each_of_thousands_of_images() {
    let step = "x".repeat(1 << 20);
    let layer = layer(&[]);
    let mut files = docker_files(&[Made::new("a", &[(&step, &layer)])]);
    let (_, manifest) = files.last_mut().unwrap();
    let one: Value = serde_json::from_slice(manifest).unwrap();
    *manifest = serde_json::to_vec(&vec![one[0].clone(); 5_000]).unwrap();
    let told = refusal_of(&tar_of(&files), &mut Budget::default());
    assert!(
        told.contains("counted as often as they are named"),
        "{told}"
    );
}

/// A layer that an image has a thousand times, with many files.
#[test]
fn a_layer_that_stands_for_many_is_counted_as_often_as_it_is_named() {
    let paths: Vec<String> = (0..2_000).map(|number| format!("f/{number}")).collect();
    let entries: Vec<_> = paths
        .iter()
        .map(|path| (path.as_str(), Is::File(b"")))
        .collect();
    let files = layer(&entries);
    let digest = format!("sha256:{}", sha256(&files));
    let config = json!({ "rootfs": { "diff_ids": vec![digest; 60_000] } });
    let saved = json!([{ "Config": "c.json", "Layers": vec!["l.tar"; 60_000] }]);
    let archive = tar_of(&[
        ("l.tar".to_owned(), files),
        ("c.json".to_owned(), serde_json::to_vec(&config).unwrap()),
        (
            "manifest.json".to_owned(),
            serde_json::to_vec(&saved).unwrap(),
        ),
    ]);
    let told = refusal_of(&archive, &mut Budget::default());
    assert!(
        told.contains("100000000 files, counted in each image"),
        "{told}"
    );
}

/// Zstandard blocks of one repeated byte: four bytes that stand for 128 KiB.
#[test]
fn a_bomb_of_zstandard_blocks_is_refused_when_it_shows() {
    let blocks = 9_000_u64;
    let zeros = blocks << 17;
    let mut bomb = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 0x38];
    // A block as it is: the head of a file whose contents are the zeros.
    bomb.extend([0, 0x10, 0]);
    bomb.extend(head("zeros", EntryType::Regular, zeros));
    for _ in 0..blocks {
        bomb.extend([0x02, 0, 0x10, 0]);
    }
    bomb.extend([0x03, 0, 0x10, 0]);
    let told = refusal_of(&bomb, &mut Budget::default());
    assert!(told.contains("refused as a bomb"), "{told}");
}

/// A frame that asks for gigabytes before it says anything.
#[test]
fn a_window_of_terabytes_is_refused() {
    let mut layer = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 0xff];
    layer.resize(600, 0);
    let told = refusal_of(&layer, &mut Budget::default());
    assert!(told.contains("not valid zstd data"), "{told}");
}

/// What a layout in a folder names and does not have is looked for once.
#[test]
fn a_folder_that_names_thousands_of_missing_files_is_read_in_time() {
    let root = Root::empty();
    let started = Instant::now();
    let missing = (0..50_000).map(|number| {
        let digest = sha256(format!("{number}").as_bytes());
        json!({ "digest": format!("sha256:{digest}") })
    });
    let index = json!({ "manifests": missing.collect::<Vec<_>>() });
    root.write("layout/index.json", serde_json::to_vec(&index).unwrap());
    let run = root.run(&["sizes", "layout"]);
    assert_eq!(run.status, 2, "{}", run.told());
    assert!(run.stderr.contains("an image not found"), "{}", run.told());
    assert!(started.elapsed() < LONGEST, "{:?}", started.elapsed());
}

/// The writers above make what is read where nothing is out of bounds.
#[test]
fn the_same_shapes_within_bounds_are_images() {
    let made = Made::new("a", &[("x", &layer(&[("f", Is::File(b"1"))]))]);
    let mut files = oci_files(&[made], Compression::Gzip);
    let (_, index) = files.last_mut().unwrap();
    let inner: Value = serde_json::from_slice(index).unwrap();
    let (descriptor, file) = blob("index.v1", &inner);
    *index = serde_json::to_vec(&json!({ "manifests": [descriptor] })).unwrap();
    files.push(file);
    let archive = Archive::read_tar("a", &mut &tar_of(&files)[..], &mut Budget::default());
    assert_eq!(archive.unwrap().images().unwrap().len(), 1);
    let mut few = Vec::new();
    let mut encoder = GzEncoder::new(&mut few, flate2::Compression::fast());
    io::copy(&mut Entries::new(50), &mut encoder).unwrap();
    encoder.flush().unwrap();
    drop(encoder);
    let (start, mut rest) = few.split_at(few.len().min(512));
    let read = dockwright::sizes::read_layer(start, &mut rest, &mut Budget::default());
    assert!(read.is_ok(), "{read:?}");
}

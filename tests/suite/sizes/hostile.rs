//! Archives that are broken or made to break their reader.

use std::io::{self, Read};

use dockwright::sizes::{Archive, Budget, Compression, SizesError};
use tar::{Builder, EntryType, Header};

use super::archives::{Is, Made, compressed, docker_files, layer, oci_files, sha256, tar_of};
use crate::support::Root;

fn read(bytes: &[u8]) -> Result<usize, SizesError> {
    let mut reader = bytes;
    let archive = Archive::read_tar("a.tar", &mut reader, &mut Budget::default())?;
    let images = archive.images().map_err(|fault| SizesError {
        input: "a.tar".to_owned(),
        member: None,
        fault,
    })?;
    Ok(images.len())
}

fn refusal(bytes: &[u8]) -> String {
    read(bytes).expect_err("it is broken").to_string()
}

fn with_layer(layer: &[u8]) -> Vec<u8> {
    tar_of(&docker_files(&[Made::new("a", &[("x", layer)])]))
}

fn small() -> Made {
    Made::new("a", &[("x", &layer(&[("etc/a", Is::File(&[b'x'; 3000]))]))])
}

/// A tar archive of one entry whose path and kind are written as they are.
fn raw(path: &[u8], kind: EntryType, size: u64, data: &[u8]) -> Vec<u8> {
    let mut header = Header::new_gnu();
    header.as_old_mut().name[..path.len()].copy_from_slice(path);
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_cksum();
    let mut bytes = header.as_bytes().to_vec();
    bytes.extend(data);
    bytes.resize(bytes.len().next_multiple_of(512) + 1024, 0);
    bytes
}

#[test]
fn an_archive_cut_anywhere_is_refused_or_whole() {
    for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
        let whole = compressed(&tar_of(&oci_files(&[small()], compression)), compression);
        assert_eq!(read(&whole).unwrap(), 1);
        // The two blocks of zeros at the end of a tar archive need not be there.
        let end = if compression == Compression::None {
            whole.len() - 1024
        } else {
            whole.len()
        };
        for length in (0..end).step_by(97) {
            let told = refusal(&whole[..length]);
            assert!(told.starts_with("cannot read a.tar"), "{length}: {told}");
        }
    }
    let cut = &tar_of(&docker_files(&[small()]))[..1500];
    assert!(
        refusal(cut).ends_with("layer.tar: it is truncated"),
        "{}",
        refusal(cut)
    );
}

#[test]
fn contents_that_are_not_what_their_name_says_are_refused() {
    let mut files = oci_files(&[small()], Compression::Gzip);
    let blob = files
        .iter_mut()
        .find(|(_, bytes)| bytes.starts_with(&[0x1f, 0x8b]))
        .unwrap();
    blob.1 = compressed(&layer(&[]), Compression::Gzip);
    assert!(refusal(&tar_of(&files)).contains("its digest is sha256:"));
    // A layer that the configuration does not mean.
    let mut files = docker_files(&[small()]);
    files[0].1 = layer(&[("other", Is::File(b"1"))]);
    let told = refusal(&tar_of(&files));
    assert!(
        told.contains(&format!("expected sha256:{}", sha256(&small().layers[0].1))),
        "{told}"
    );
}

#[test]
fn paths_that_lead_out_are_refused() {
    for path in ["../etc/passwd", "a/../../b", "..", "a/.."] {
        let layer = raw(path.as_bytes(), EntryType::Regular, 1, b"x");
        let told = refusal(&with_layer(&layer));
        assert!(
            told.contains(&format!("the path `{path}` leads out of the image")),
            "{told}"
        );
        let told = refusal(&layer);
        assert!(told.contains("leads out"), "{told}");
    }
    let absolute = raw(b"/etc//./passwd", EntryType::Regular, 1, b"x");
    assert_eq!(read(&with_layer(&absolute)).unwrap(), 1);
}

#[test]
fn links_lead_nowhere_outside_and_in_no_circle() {
    let mut files = docker_files(&[small()]);
    let (path, bytes) = files.remove(0);
    for target in [
        "../../../etc/passwd",
        "layer.tar",
        "/etc/passwd",
        "../gone/layer.tar",
    ] {
        let mut entries = vec![(path.as_str(), Is::Symlink(target))];
        entries.extend(
            files
                .iter()
                .map(|(path, bytes)| (path.as_str(), Is::File(bytes))),
        );
        let told = refusal(&layer(&entries));
        assert!(
            told.contains("leads out") || told.contains("not found"),
            "{target}: {told}"
        );
    }
    // As older archives have a layer of two images.
    let mut entries = vec![(path.as_str(), Is::Symlink("../real/layer.tar"))];
    entries.push(("real/layer.tar", Is::File(&bytes)));
    entries.extend(
        files
            .iter()
            .map(|(path, bytes)| (path.as_str(), Is::File(bytes))),
    );
    assert_eq!(read(&layer(&entries)).unwrap(), 1);
    let circle = layer(&[("a", Is::HardLink("b")), ("b", Is::HardLink("a"))]);
    assert_eq!(read(&with_layer(&circle)).unwrap(), 1);
}

#[test]
fn sizes_that_nothing_stands_behind_are_refused() {
    for size in [u64::MAX, 1 << 40, 4096] {
        let told = refusal(&with_layer(&raw(b"a", EntryType::Regular, size, b"x")));
        assert!(
            told.contains("truncated") || told.contains("not a valid tar"),
            "{size}: {told}"
        );
    }
    let pax = |records: &str| {
        let mut builder = Builder::new(Vec::new());
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::XHeader);
        header.set_size(records.len() as u64);
        builder
            .append_data(&mut header, "pax", records.as_bytes())
            .unwrap();
        let mut header = Header::new_ustar();
        header.set_size(1);
        builder.append_data(&mut header, "a", &b"x"[..]).unwrap();
        builder.into_inner().unwrap()
    };
    for records in [
        "28 size=9223372036854775000\n",
        "29 size=18446744073709551615\n",
    ] {
        let told = refusal(&with_layer(&pax(records)));
        assert!(
            told.contains("truncated") || told.contains("overflow"),
            "{told}"
        );
    }
    // Records that would be kept in memory as a whole.
    let long = raw(b"pax", EntryType::XHeader, 9 << 20, &vec![b'x'; 9 << 20]);
    assert!(refusal(&with_layer(&long)).contains("longer than 1048576 bytes"));
    let mut sparse = raw(b"s", EntryType::GNUSparse, 0, b"");
    let mut header = Header::from_byte_slice(&sparse[..512]).clone();
    header.as_gnu_mut().unwrap().set_real_size(1 << 40);
    header.set_cksum();
    sparse[..512].copy_from_slice(header.as_bytes());
    let told = refusal(&with_layer(&sparse));
    assert!(
        told.contains("longer than 4294967296 bytes") || told.contains("not a valid tar"),
        "{told}"
    );
}

/// Zeros without end behind the head of a tar entry.
struct Zeros {
    head: Vec<u8>,
    left: u64,
}

impl Read for Zeros {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.head.is_empty() {
            let taken = self.head.len().min(buffer.len());
            buffer[..taken].copy_from_slice(&self.head[..taken]);
            self.head.drain(..taken);
            return Ok(taken);
        }
        let taken = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        buffer[..taken].fill(0);
        self.left -= taken as u64;
        Ok(taken)
    }
}

#[test]
fn a_bomb_is_refused_when_it_shows() {
    let mut header = Header::new_gnu();
    header.set_path("zeros").unwrap();
    header.set_size(2 << 30);
    header.set_cksum();
    let mut zeros = Zeros {
        head: header.as_bytes().to_vec(),
        left: 2 << 30,
    };
    let mut bomb = Vec::new();
    let mut encoder = flate2::read::GzEncoder::new(&mut zeros, flate2::Compression::default());
    encoder.read_to_end(&mut bomb).unwrap();
    assert!(bomb.len() < 20 << 20);
    let mut reader = &bomb[..];
    let told = dockwright::sizes::read_layer(&[], &mut reader, &mut Budget::default());
    // Without its first bytes nothing is known of the compression.
    assert!(told.is_err());
    let (start, mut rest) = bomb.split_at(512);
    let told = dockwright::sizes::read_layer(start, &mut rest, &mut Budget::default());
    assert!(told.unwrap_err().to_string().contains("refused as a bomb"));
}

#[test]
fn more_files_than_the_bound_are_refused() {
    let mut budget = Budget {
        entries: 3,
        ..Budget::default()
    };
    let many: Vec<String> = (0..4).map(|number| format!("f{number}")).collect();
    let many: Vec<_> = many
        .iter()
        .map(|path| (path.as_str(), Is::File(b"")))
        .collect();
    let archive = with_layer(&layer(&many));
    let told = Archive::read_tar("a", &mut &archive[..], &mut budget)
        .unwrap_err()
        .to_string();
    assert!(told.contains("it holds more than 1000000 files"), "{told}");
    let list = vec![b'x'; 2000];
    let lists = layer(&[("var/lib/dpkg/info/a.list", Is::File(&list))]);
    let mut budget = Budget {
        text_bytes: 1999,
        ..Budget::default()
    };
    let told = Archive::read_tar("a", &mut &with_layer(&lists)[..], &mut budget).unwrap_err();
    assert!(
        told.to_string().contains("bytes of package lists"),
        "{told}"
    );
}

#[test]
fn what_is_no_image_archive_is_told_apart() {
    for (bytes, expected) in [
        (&b""[..], "not an image archive"),
        (b"hello", "not a valid tar archive"),
        (&[0; 1024], "not an image archive"),
        (&layer(&[("a", Is::File(b"x"))]), "not an image archive"),
        (
            &layer(&[("index.json", Is::File(b"{}"))]),
            "not a valid image index",
        ),
        (
            &layer(&[("manifest.json", Is::File(b"[]"))]),
            "an image not found",
        ),
        (
            &layer(&[("manifest.json", Is::File(b"[{}]"))]),
            "not a valid manifest.json",
        ),
        (
            &[0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
            "not valid gzip data",
        ),
        (&[0x28, 0xb5, 0x2f, 0xfd, 0xff, 0xff, 0xff], "zstd"),
    ] {
        let told = refusal(bytes);
        assert!(
            told.contains(expected) || told.contains("truncated"),
            "{bytes:x?}: {told}"
        );
    }
}

#[test]
fn names_in_an_archive_reach_no_terminal_as_they_are() {
    let name = "evil\u{1b}[31m\n::error::x\u{202e}";
    let path = "opt/\u{1b}]0;x\u{7}/\u{2028}.a";
    let made = Made::new(
        name,
        &[("RUN \u{1b}c x", &layer(&[(path, Is::File(b"1234"))]))],
    );
    let root = Root::empty();
    root.write("a.tar", tar_of(&docker_files(&[made])));
    for format in ["text", "json"] {
        let run = root.run(&["sizes", "a.tar", "--format", format]);
        assert_eq!(run.status, 0, "{}", run.told());
        let is_raw = |letter: char| letter.is_control() && letter != '\n';
        assert!(!run.stdout.contains(is_raw), "{:?}", run.stdout);
        assert!(
            !run.stdout.contains(['\u{202e}', '\u{2028}']),
            "{:?}",
            run.stdout
        );
        assert!(!run.stdout.contains("\n::error"), "{:?}", run.stdout);
    }
    root.write(
        "b.tar",
        with_layer(&raw(b"../\x1b[2J", EntryType::Regular, 0, b"")),
    );
    let run = root.run(&["sizes", "b.tar"]);
    assert_eq!(run.status, 2, "{}", run.told());
    assert!(run.stderr.contains(r"\x1b[2J"), "{}", run.told());
}

//! Properties of the validated values: nothing hostile gets in, nothing valid is changed, and every
//! quoted form stands for exactly the value.

use dockwright::values::image_reference::{ImageReference, ImageRepository};
use dockwright::values::requirement::Requirement;
use dockwright::values::{
    AppPath, AptPackage, Digest, DownloadUrl, Duration, EnvKey, FreeText, HttpPath, ImageName,
    IndexUrl, InvalidValue, KindName, LinuxPath, Owner, PackageName, PackageVersion, Port,
    PythonVersion, Quote, Registry, RelPath, SecretId, ServiceName, SetName, Sha256, Tag,
    TemplateName, Version,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// A type of value, as far as a property cares: the text of the value that `parse` makes, or the
/// refusal.
type Parse = fn(&str) -> Result<String, InvalidValue>;

macro_rules! parsers {
    ($($name:ident),*) => {
        [$((stringify!($name), (|value| $name::parse(value).map(|it| it.to_string())) as Parse)),*]
    };
}

/// Every type but free text.
fn parsers() -> [(&'static str, Parse); 29] {
    parsers![
        ServiceName,
        KindName,
        SetName,
        ImageName,
        TemplateName,
        EnvKey,
        SecretId,
        AptPackage,
        Duration,
        HttpPath,
        IndexUrl,
        Port,
        LinuxPath,
        RelPath,
        AppPath,
        PythonVersion,
        Registry,
        Owner,
        Tag,
        Version,
        Digest,
        ImageRepository,
        ImageReference,
        Requirement,
        DownloadUrl,
        Sha256,
        PackageName,
        PackageVersion,
        FreeText
    ]
}

/// One valid value of every type, in the order of `parsers`.
const VALID: [&str; 29] = [
    "svc-ocr",
    "non-ml",
    "base",
    "python-slim",
    "ml-on-base",
    "LOG_LEVEL",
    "pip_token",
    "libc6:amd64=1:2.36-9",
    "90s",
    "/healthz?deep=1",
    "https://host.example/simple/",
    "8000",
    "/app/data",
    "apps/svc_ocr",
    "apps.svc_ocr.main:app",
    "3.12.4",
    "gitea.harkon.co.uk:443",
    "team/images",
    "v1.0.1",
    "v1.0.1",
    "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "h.io/harkon/base-ml",
    "h.io:5000/harkon/base-ml:v1.0.1",
    "uvicorn[standard]>=0.30; python_version >= '3.10'",
    "https://files.example/v1/dockwright",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "acme-tools",
    "1.2.3",
    "it's $5",
];

/// What no value may hold, free text included.
const NEVER: [char; 16] = [
    '\n',
    '\r',
    '\t',
    '\0',
    '\u{1b}',
    '\u{7f}',
    '\u{85}',
    '\u{9b}',
    '\u{a0}',
    '\u{200b}',
    '\u{200d}',
    '\u{202e}',
    '\u{2028}',
    '\u{2066}',
    '\u{feff}',
    '\u{e0041}',
];

/// What only free text may hold.
const ONLY_IN_TEXT: [char; 5] = ['$', '\\', '`', '\u{e9}', '\u{1f600}'];

/// A valid value with one character put in somewhere.
fn spoiled(value: &str, character: char, place: usize) -> String {
    let mut characters = value.chars().collect::<Vec<_>>();
    characters.insert(place % (characters.len() + 1), character);
    characters.into_iter().collect()
}

/// What `BuildKit` makes of one double-quoted word: a backslash falls before `"`, `$` and a
/// backslash.
fn read_dockerfile_word(word: &str) -> Option<String> {
    let mut inside = word.strip_prefix('"')?.chars();
    let mut text = String::new();
    loop {
        match inside.next()? {
            '"' => return inside.next().is_none().then_some(text),
            '$' => return None,
            '\\' => match inside.next()? {
                escaped @ ('"' | '$' | '\\') => text.push(escaped),
                other => text.extend(['\\', other]),
            },
            plain => text.push(plain),
        }
    }
}

/// What a POSIX shell makes of single-quoted pieces and escaped single quotes in between.
fn read_shell_word(word: &str) -> Option<String> {
    let mut rest = word;
    let mut text = String::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("\\'") {
            text.push('\'');
            rest = after;
        } else {
            let (quoted, after) = rest.strip_prefix('\'')?.split_once('\'')?;
            text.push_str(quoted);
            rest = after;
        }
    }
    Some(text)
}

#[test]
fn valid_values_come_out_as_they_went_in() {
    for ((name, parse), value) in parsers().into_iter().zip(VALID) {
        assert_eq!(parse(value).as_deref(), Ok(value), "{name}");
    }
}

#[test]
fn every_place_of_every_value_refuses_hostile_characters() {
    for ((name, parse), value) in parsers().into_iter().zip(VALID) {
        for place in 0..=value.chars().count() {
            for character in NEVER {
                let spoiled = spoiled(value, character, place);
                assert!(parse(&spoiled).is_err(), "{name} accepts {spoiled:?}");
            }
            for character in ONLY_IN_TEXT {
                let spoiled = spoiled(value, character, place);
                assert_eq!(
                    parse(&spoiled).is_ok(),
                    name == "FreeText",
                    "{name} and {spoiled:?}"
                );
            }
        }
    }
}

#[test]
fn long_values_are_refused() {
    for (name, parse) in parsers() {
        for piece in ["x", "1", "/x", "x.", "-"] {
            let long = piece.repeat(70_000);
            assert!(
                parse(&long).is_err(),
                "{name} accepts 70,000 times {piece:?}"
            );
        }
    }
}

#[test]
fn words_of_a_shell_are_one_word_to_a_real_shell_reader() {
    for text in [
        "",
        "x y",
        "it's",
        "''",
        "$(id) `id` ; & | < > * ? ~ # ! \" \\",
    ] {
        let word = FreeText::parse(text).unwrap().shell_word();
        assert_eq!(read_shell_word(&word).as_deref(), Some(text));
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x0D0C),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_text_is_accepted_unchanged_or_refused_without_repeating_it(
        text in "\\PC{0,40}|[ -~]{0,40}|.{0,40}",
    ) {
        for (name, parse) in parsers() {
            match parse(&text) {
                Ok(parsed) => {
                    prop_assert_eq!(parse(&parsed), Ok(parsed.clone()), "{} {:?}", name, &text);
                    let is_unchanged = parsed == text || parsed == text.trim_matches(' ');
                    prop_assert!(name == "Duration" || is_unchanged);
                }
                Err(invalid) => {
                    let message = invalid.to_string();
                    let is_printable = |c: char| c == ' ' || c.is_ascii_graphic();
                    prop_assert!(message.chars().all(is_printable), "{}", message);
                    prop_assert!(!message.ends_with('.'));
                }
            }
        }
    }

    #[test]
    fn suggestion_is_always_accepted(text in "[ -~]{1,24}|[a-z_/:.@=A-Z0-9 -]{1,24}") {
        for (name, parse) in parsers() {
            let refused = parse(&text).err();
            if let Some(suggestion) = refused.as_ref().and_then(InvalidValue::suggestion) {
                prop_assert!(parse(suggestion).is_ok(), "{} suggests {}", name, suggestion);
            }
        }
    }

    #[test]
    fn quoted_forms_stand_for_exactly_the_text(
        text in "\\PC{0,60}|[ -~]{0,60}|[\"'$\\\\{}a ]{0,20}",
    ) {
        if let Ok(value) = FreeText::parse(&text) {
            let word = value.dockerfile_word();
            prop_assert_eq!(read_dockerfile_word(&word), Some(text.clone()));
            prop_assert_eq!(read_shell_word(&value.shell_word()), Some(text.clone()));
            prop_assert_eq!(serde_json::from_str::<String>(&value.json()).ok(), Some(text));
        }
    }

    #[test]
    fn path_inside_the_root_stays_inside(text in "[a-zA-Z0-9._@+/-]{1,40}") {
        if let Ok(path) = RelPath::parse(&text) {
            prop_assert!(!path.as_str().starts_with('/'));
            for component in path.components() {
                prop_assert!(!component.is_empty() && component != "." && component != "..");
                prop_assert!(!component.starts_with('-') && !component.ends_with('.'));
                prop_assert!(!component.eq_ignore_ascii_case(".git"));
            }
        }
    }

    #[test]
    fn service_names_give_identifiers(text in "[a-z0-9][a-z0-9._-]{0,12}") {
        if let Ok(name) = ServiceName::parse(&text) {
            let module = name.module();
            prop_assert!(module.starts_with(|first: char| first.is_ascii_lowercase()));
            prop_assert!(module.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
        }
    }

    #[test]
    fn duration_is_its_milliseconds_in_one_spelling(milliseconds in 1_u64..=86_400_000) {
        let duration = Duration::parse(&format!("{milliseconds}ms")).unwrap();
        prop_assert_eq!(duration.as_millis(), milliseconds);
        prop_assert_eq!(Duration::parse(duration.as_str()), Ok(duration));
    }

    #[test]
    fn reference_is_the_sum_of_its_parts(
        name in "[a-z0-9]{1,8}(/[a-z0-9]{1,8}){0,2}",
        tag in proptest::option::of("[A-Za-z0-9_][A-Za-z0-9._-]{0,8}"),
        digest in proptest::option::of("sha256:[0-9a-f]{64}"),
    ) {
        let reference = ImageReference::new(
            ImageRepository::parse(&name).unwrap(),
            tag.map(|tag| Tag::parse(&tag).unwrap()),
            digest.map(|digest| Digest::parse(&digest).unwrap()),
        );
        prop_assert_eq!(ImageReference::parse(reference.as_str()), Ok(reference));
    }
}

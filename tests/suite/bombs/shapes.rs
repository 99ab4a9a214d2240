//! The bombs: each of a size that a debug build comes through in seconds. They are made of the same
//! few parts, so that a new field or collection takes a line.

use std::fmt::Write as _;

use crate::support::Root;

/// Lays a bomb of a size out.
type Lay = Box<dyn Fn(&Root, usize)>;

/// Something small that stands for much.
pub(super) struct Bomb {
    pub(super) name: &'static str,
    /// How much of it.
    pub(super) size: usize,
    /// The bound that it exceeds, where it is refused.
    pub(super) code: Option<&'static str>,
    pub(super) lay: Lay,
}

const HEAD: &str = "registry: r.example\nowner: acme\npython: \"3.12\"\n";

fn numbered(count: usize, of: impl Fn(usize) -> String) -> String {
    (0..count).map(of).collect::<Vec<_>>().join(", ")
}

fn lines(count: usize, of: impl Fn(usize) -> String) -> String {
    (0..count).map(of).collect()
}

/// So many services with the same further fields.
fn services(count: usize, fields: &str) -> String {
    let mut text = "services:\n".to_owned();
    for number in 0..count {
        let _ = writeln!(text, "  s{number}: {{ kind: w, port: 8000{fields} }}");
    }
    text
}

fn kind(fields: &str) -> String {
    format!("kinds: {{ w: {{ template: multi-stage-slim{fields} }} }}\n")
}

fn declare(root: &Root, parts: &[&str]) {
    root.write("services.yaml", HEAD.to_owned() + &parts.concat());
}

/// A kind with a long list, and many services of it.
fn of_kind(root: &Root, (entries, count): (usize, usize), list: fn(usize) -> String) {
    declare(root, &[&kind(&list(entries)), &services(count, "")]);
}

/// One service with a long list.
fn of_service(root: &Root, entries: usize, list: fn(usize) -> String) {
    declare(root, &[&kind(""), &services(1, &list(entries))]);
}

fn apt(count: usize) -> String {
    format!(
        ", apt: [{}]",
        numbered(count, |number| format!("p{number}"))
    )
}

fn pip(count: usize) -> String {
    format!(
        ", pip: [{}]",
        numbered(count, |number| format!("p{number}"))
    )
}

fn same_pip(count: usize) -> String {
    format!(
        ", pip: [{}]",
        numbered(count, |number| format!("\"a>={number}\""))
    )
}

fn env(count: usize) -> String {
    format!(
        ", env: {{ {} }}",
        numbered(count, |number| format!("E{number}: v"))
    )
}

fn long_env(count: usize) -> String {
    format!(
        ", env: {{ {} }}",
        numbered(count, |number| format!(
            "E{number}: \"{}\"",
            "v".repeat(4000)
        ))
    )
}

fn args(count: usize) -> String {
    format!(
        ", args: {{ {} }}",
        numbered(count, |number| format!("A{number}: v"))
    )
}

fn hooks(count: usize) -> String {
    format!(
        ", hooks: {{ after_pip: [{}] }}",
        numbered(count, |number| format!("RUN x{number}"))
    )
}

fn secrets(count: usize) -> String {
    format!(
        ", pip: [a], secrets: [{}]",
        numbered(count, |number| format!("s{number}"))
    )
}

fn indexes(count: usize) -> String {
    format!(
        ", pip: [a], index_urls: [{}]",
        numbered(count, |number| format!(
            "\"https://i{number}.example/simple\""
        ))
    )
}

fn cmd(count: usize) -> String {
    format!(
        ", cmd: [{}]",
        numbered(count, |number| format!("w{number}"))
    )
}

fn dependencies(count: usize) -> String {
    format!(
        ", depends_on: [{}]",
        numbered(count, |number| format!("s{number}"))
    )
}

/// A field with so many entries.
type List = fn(usize) -> String;

const LISTS: [(&str, List); 9] = [
    ("apt", apt),
    ("pip", pip),
    ("env", env),
    ("args", args),
    ("hooks", hooks),
    ("secrets", secrets),
    ("index_urls", indexes),
    ("cmd", cmd),
    ("depends_on", dependencies),
];

/// All of them.
pub(super) fn bombs() -> Vec<Bomb> {
    let too_long = LISTS.iter().map(|(name, list)| {
        let lay = |root: &Root, size: usize| of_service(root, size, *list);
        bomb(name, 10_001, Some("list-too-long"), lay)
    });
    let groups = [
        of_lists(),
        of_sets_and_bases(),
        of_names(),
        of_files(),
        of_texts(),
        of_locks(),
    ];
    too_long.chain(groups.into_iter().flatten()).collect()
}

fn bomb(
    name: &'static str,
    size: usize,
    code: Option<&'static str>,
    lay: impl Fn(&Root, usize) + 'static,
) -> Bomb {
    Bomb {
        name,
        size,
        code,
        lay: Box::new(lay),
    }
}

const LONG: Option<&str> = Some("list-too-long");
const LARGE: Option<&str> = Some("fleet-too-large");
const CHAIN: Option<&str> = Some("base-chain-too-long");

/// Lists of kinds and services.
fn of_lists() -> Vec<Bomb> {
    vec![
        bomb(
            "packages of a kind, too many in all",
            1_500,
            LARGE,
            |root, size| of_kind(root, (size, size), apt),
        ),
        bomb("packages of a kind", 250, None, |root, size| {
            of_kind(root, (size, size), apt);
        }),
        bomb("requirements of a kind", 250, None, |root, size| {
            of_kind(root, (size, size), pip);
        }),
        bomb("variables of a kind", 200, None, |root, size| {
            of_kind(root, (size, size), env);
        }),
        bomb(
            "long variables of a kind, too many in all",
            200,
            LARGE,
            |root, size| {
                of_kind(root, (size, 100), long_env);
            },
        ),
        bomb("long variables of a kind", 100, None, |root, size| {
            of_kind(root, (size, 20), long_env);
        }),
        bomb("arguments of a kind", 200, None, |root, size| {
            of_kind(root, (size, size), args);
        }),
        bomb("hooks of a kind", 150, None, |root, size| {
            of_kind(root, (size, size), hooks);
        }),
        bomb("secrets of a kind", 150, None, |root, size| {
            of_kind(root, (size, size), secrets);
        }),
        bomb("indexes of a kind", 150, None, |root, size| {
            of_kind(root, (size, size), indexes);
        }),
        bomb("words of a command of a kind", 200, None, |root, size| {
            of_kind(root, (size, size), cmd);
        }),
        bomb("services that wait for all", 200, None, |root, size| {
            let later = format!("  t: {{ kind: w, port: 80{} }}\n", dependencies(size));
            declare(
                root,
                &[
                    "outputs: { compose: {} }\n",
                    &kind(""),
                    &services(size, ""),
                    &later,
                ],
            );
        }),
        bomb(
            "services that wait in a circle",
            3_000,
            Some("dependency-cycle"),
            |root, size| {
                let mut text = "services:\n".to_owned();
                for number in 0..size {
                    let next = (number + 1) % size;
                    let _ = writeln!(
                        text,
                        "  s{number}: {{ kind: w, port: 80, depends_on: [s{next}] }}"
                    );
                }
                declare(root, &["outputs: { compose: {} }\n", &kind(""), &text]);
            },
        ),
        bomb("one package many times", 4_000, None, |root, size| {
            of_service(root, size, same_pip);
        }),
        bomb("variables of a service", 4_000, None, |root, size| {
            of_service(root, size, env);
        }),
        bomb("secrets of a service", 4_000, None, |root, size| {
            of_service(root, size, secrets);
        }),
    ]
}

/// Requirement sets, shared folders and bases.
fn of_sets_and_bases() -> Vec<Bomb> {
    vec![
        bomb(
            "sets with many packages in many services",
            300,
            LARGE,
            |root, size| {
                let set = |number| {
                    format!(
                        "  r{number}: [{}]\n",
                        numbered(100, |at| format!("p{number}x{at}"))
                    )
                };
                let sets: String = lines(size, set);
                let names = numbered(size, |number| format!("r{number}"));
                let kind = kind(&format!(", requirements: [{names}]"));
                declare(
                    root,
                    &["requirements:\n", &sets, &kind, &services(size, "")],
                );
            },
        ),
        bomb("one set many times", 3_000, LONG, |root, size| {
            let set = format!(
                "requirements: {{ r: [{}] }}\n",
                numbered(1000, |number| format!("p{number}"))
            );
            let names = format!(", requirements: [{}]", vec!["r"; size].join(", "));
            declare(root, &[&set, &kind(""), &services(1, &names)]);
        }),
        bomb(
            "folders that all services share",
            200,
            None,
            |root, size| {
                let shared = format!(
                    "shared: [{}]\n",
                    numbered(size, |number| format!("l{number}"))
                );
                declare(root, &[&shared, &kind(""), &services(size, "")]);
            },
        ),
        bomb("a chain of bases", 3_000, CHAIN, |root, size| {
            chain_of_bases(root, size, "");
        }),
        bomb("a chain of bases that pin", 3_000, CHAIN, |root, size| {
            chain_of_bases(root, size, ", pip: [\"p==1\"]");
        }),
        bomb("the longest chain of bases", 64, None, |root, size| {
            chain_of_bases(root, size, ", pip: [\"p==1\"]");
        }),
        bomb(
            "bases in a circle",
            3_000,
            Some("base-cycle"),
            |root, size| {
                let base = |number| {
                    format!(
                        "  b{number}: {{ version: v1.0.0, from: b{} }}\n",
                        (number + 1) % size
                    )
                };
                let bases: String = lines(size, base);
                declare(root, &["bases:\n", &bases, &kind(""), &services(1, "")]);
            },
        ),
        bomb(
            "bases that take files from each other",
            200,
            None,
            |root, size| {
                let base = |number: usize| {
                    let from = number.saturating_sub(1);
                    let hook = format!("COPY --from=r.example/acme/b{from}:v1.0.0 /a /a");
                    format!(
                        "  b{number}: {{ version: v1.0.0, hooks: {{ after_pip: [\"{hook}\"] }} }}\n"
                    )
                };
                let bases: String = (1..size).map(base).collect();
                declare(
                    root,
                    &[
                        "bases:\n  b0: { version: v1.0.0 }\n",
                        &bases,
                        "outputs: { bake: {} }\n",
                        &kind(""),
                        &services(1, ""),
                    ],
                );
            },
        ),
        bomb(
            "services on a base with many requirements",
            1_000,
            None,
            |root, size| {
                let base = format!("bases: {{ b: {{ version: v1.0.0{} }} }}\n", pip(9_000));
                let service = |number| {
                    format!("  s{number}: {{ template: runtime-on-base, base: b, port: 80 }}\n")
                };
                declare(root, &[&base, "services:\n", &lines(size, service)]);
            },
        ),
        bomb(
            "many bases, each with a service",
            200,
            None,
            |root, size| {
                let base = |number| {
                    format!("  b{number}: {{ version: v1.0.0, pip: [\"p{number}==1\"] }}\n")
                };
                let bases: String = lines(size, base);
                let service = |number| {
                    format!(
                        "  s{number}: {{ template: runtime-on-base, base: b{number}, port: 80 }}\n"
                    )
                };
                let services: String = lines(size, service);
                declare(root, &["bases:\n", &bases, "services:\n", &services]);
            },
        ),
    ]
}

/// Names that lead nowhere, and includes.
fn of_names() -> Vec<Bomb> {
    vec![
        bomb(
            "names of kinds that are not declared",
            1_000,
            Some("unknown-kind"),
            |root, size| {
                let kind = |number| {
                    format!(
                        "  kind-{number:06}-{}: {{ template: multi-stage-slim }}\n",
                        "x".repeat(40)
                    )
                };
                let kinds: String = lines(size, kind);
                let service = |number| {
                    format!(
                        "  s{number}: {{ kind: king-{number:06}-{}, port: 80 }}\n",
                        "y".repeat(40)
                    )
                };
                let services: String = lines(size, service);
                declare(root, &["kinds:\n", &kinds, "services:\n", &services]);
            },
        ),
        bomb(
            "names of sets that are not declared",
            2_000,
            Some("unknown-requirement-set"),
            |root, size| {
                let sets: String = lines(size, |number| format!("  r{number}: [p{number}]\n"));
                let names = format!(
                    ", requirements: [{}]",
                    numbered(size, |number| format!("unknown{number}"))
                );
                declare(
                    root,
                    &["requirements:\n", &sets, &kind(""), &services(1, &names)],
                );
            },
        ),
        bomb(
            "levels of images that are not declared",
            2_000,
            Some("unknown-policy-image"),
            |root, size| {
                let levels = numbered(size, |number| {
                    format!("u{number}: {{ unpinned-base: warn }}")
                });
                let policy = format!("policy: {{ images: {{ {levels} }} }}\n");
                declare(root, &[&kind(""), &services(size, ""), &policy]);
            },
        ),
        bomb(
            "allowances that nothing needs",
            1_500,
            Some("unused-allowance"),
            |root, size| {
                let one = |number| {
                    format!("{{ rule: dev-dep-in-image, image: unknown{number}, reason: x }}")
                };
                let policy = format!("policy: {{ allowances: [{}] }}\n", numbered(size, one));
                declare(root, &[&kind(""), &services(size, ""), &policy]);
            },
        ),
        bomb(
            "unknown fields",
            3_000,
            Some("unknown-field"),
            |root, size| {
                declare(root, &[&kind(""), &services(size, ", prot: 3")]);
            },
        ),
        bomb("wrong values in every field", 500, None, |root, size| {
            let fields = ", app: \"???\", pip: [\"a=b\", \"-r x\"], apt: [\"A B\"], env: { \"1\": x, PATH: y }, \
                          hooks: { nope: [x], after_pip: [\"FROM x\"] }, secrets: [\":\"], index_urls: [\"x@y\"], \
                          depends_on: [\"%\"], python: \"9\", healthcheck: { path: x, interval: y, retries: 0 }, from: nobody";
            declare(root, &[&kind(""), &services(size, fields)]);
        }),
        bomb(
            "one include pattern many times",
            9_000,
            None,
            |root, size| {
                let patterns = format!("include: [{}]\n", vec!["\"d/*.yaml\""; size].join(", "));
                declare(root, &[&kind(""), &services(1, ""), &patterns]);
                (0..50)
                    .for_each(|number| root.write(&format!("d/x{number}.yaml"), "services: {}\n"));
            },
        ),
        bomb("different include patterns", 101, LONG, |root, size| {
            let patterns = format!(
                "include: [{}]\n",
                numbered(size, |number| format!("\"d/*{number}*a*a*b.yaml\""))
            );
            declare(root, &[&kind(""), &services(1, ""), &patterns]);
        }),
        bomb(
            "included files that declare the same",
            100,
            Some("duplicate-declaration"),
            |root, size| {
                declare(
                    root,
                    &[&kind(""), &services(1, ""), "include: [\"d/*.yaml\"]\n"],
                );
                let part = services(100, "");
                (0..size).for_each(|number| root.write(&format!("d/x{number}.yaml"), &part));
            },
        ),
        bomb(
            "included files with too many services",
            40,
            Some("file-too-large"),
            |root, size| {
                declare(
                    root,
                    &[&kind(""), &services(1, ""), "include: [\"d/*.yaml\"]\n"],
                );
                for number in 0..size {
                    let services = numbered(3_000, |at| format!("t{number}-{at}: {{}}"));
                    root.write(
                        &format!("d/x{number}.yaml"),
                        format!("services: {{ {services} }}\n"),
                    );
                }
            },
        ),
    ]
}

/// Files in place of generated ones.
fn of_files() -> Vec<Bomb> {
    vec![
        bomb(
            "a file of line ends in place of ours",
            8_000_000,
            None,
            |root, size| {
                declare(root, &[&kind(""), &services(1, "")]);
                root.write("generated/s0/Dockerfile", "\n".repeat(size));
            },
        ),
        bomb(
            "four large files in place of ours",
            10_000_000,
            None,
            |root, size| {
                declare(root, &[&kind(""), &services(2, "")]);
                for path in [
                    "s0/Dockerfile",
                    "s1/Dockerfile",
                    "s0/Dockerfile.dockerignore",
                    "s1/Dockerfile.dockerignore",
                ] {
                    root.write(&format!("generated/{path}"), "x\n".repeat(size / 2));
                }
            },
        ),
        bomb("large files of nobody", 20, None, |root, size| {
            declare(root, &[&kind(""), &services(1, "")]);
            (0..size).for_each(|number| {
                root.write(&format!("generated/s0/{number}.txt"), "y\n".repeat(500_000));
            });
        }),
        bomb(
            "many files with nothing in common with ours",
            40,
            None,
            |root, size| {
                declare(root, &[&kind(&apt(1_000)), &services(size, "")]);
                let other: String = lines(1_000, |number| format!("q{number}\n"));
                (0..size).for_each(|number| {
                    root.write(&format!("generated/s{number}/Dockerfile"), &other);
                });
            },
        ),
    ]
}

/// The text of the declaration.
fn of_texts() -> Vec<Bomb> {
    vec![
        bomb("services of a few bytes", 1_000, None, |root, size| {
            let service: String = lines(size, |number| format!("  s{number}: {{kind: w}}\n"));
            declare(
                root,
                &[
                    "outputs: { bake: {}, compose: {} }\n",
                    &kind(", port: 80"),
                    "services:\n",
                    &service,
                ],
            );
        }),
        bomb(
            "more services than are allowed",
            79_990,
            LARGE,
            |root, size| {
                let service: String = lines(size, |number| format!("  s{number}: {{kind: w}}\n"));
                declare(
                    root,
                    &[&kind(", port: 80, apt: [ab]"), "services:\n", &service],
                );
            },
        ),
        bomb(
            "more services than are read",
            80_001,
            Some("file-too-large"),
            |root, size| {
                let service = numbered(size, |number| format!("s{number}: {{}}"));
                declare(root, &["services: {", &service, "}\n"]);
            },
        ),
        bomb(
            "a declaration of line ends",
            4_000_000,
            Some("no-services"),
            |root, size| {
                root.write("services.yaml", "\n".repeat(size));
            },
        ),
        bomb(
            "a declaration of many values",
            1_300_000,
            Some("file-too-large"),
            |root, size| {
                declare(
                    root,
                    &[
                        &kind(""),
                        &services(1, ""),
                        "shared: [",
                        &"a,".repeat(size),
                        "]\n",
                    ],
                );
            },
        ),
        bomb(
            "a declaration of many unknown keys",
            150_000,
            Some("unknown-field"),
            |root, size| {
                let keys: String = lines(size / 2, |number| format!("{number}: ,"));
                declare(root, &[&kind(""), &services(1, ""), "foo: {", &keys, "}\n"]);
            },
        ),
        bomb(
            "a key many times",
            70_000,
            Some("duplicate-key"),
            |root, size| {
                declare(
                    root,
                    &[
                        &kind(""),
                        "services:\n",
                        &"  a: { kind: w, port: 80 }\n".repeat(size),
                    ],
                );
            },
        ),
        bomb("anchors", 20_000, Some("alias-budget"), |root, size| {
            declare(
                root,
                &[
                    &kind(""),
                    &format!(
                        "x: [{}]\n",
                        numbered(size, |number| format!("&a{number} b"))
                    ),
                ],
            );
        }),
        bomb(
            "aliases of a long text",
            1_000,
            Some("alias-budget"),
            |root, size| {
                let text = format!(
                    "shared: [&a {}, {}]\n",
                    "x".repeat(4000),
                    vec!["*a"; size].join(", ")
                );
                declare(root, &[&kind(""), &text, &services(1, "")]);
            },
        ),
        bomb(
            "findings on one long line",
            4_000,
            Some("unknown-field"),
            |root, size| {
                let services =
                    numbered(size, |number| format!("s{number}: {{ kind: w, prot: 80 }}"));
                declare(root, &[&kind(""), &format!("services: {{ {services} }}\n")]);
            },
        ),
        bomb(
            "a value of many megabytes",
            4_000_000,
            Some("unknown-field"),
            |root, size| {
                declare(
                    root,
                    &[
                        &kind(""),
                        &services(
                            1,
                            &format!(", prot: 1, env: {{ A: \"{}\" }}", "x".repeat(size)),
                        ),
                    ],
                );
            },
        ),
    ]
}

/// Locks.
fn of_locks() -> Vec<Bomb> {
    vec![
        bomb("a lock with many pins", 20_000, None, |root, size| {
            declare(
                root,
                &["locks: locks\n", &kind(""), &services(1, ", pip: [a]")],
            );
            root.write(
                "locks/s0.txt",
                lock(size, "", |number| format!("p{number}==1")),
            );
        }),
        bomb(
            "a lock with one package many times",
            2_000,
            Some("broken-lock"),
            |root, size| {
                declare(
                    root,
                    &["locks: locks\n", &kind(""), &services(1, ", pip: [a]")],
                );
                let pin = |number| format!("p==1 ; platform_machine == \"m{number}\"");
                root.write("locks/s0.txt", lock(size, "", pin));
            },
        ),
        bomb(
            "locks on a base with many pins",
            300,
            Some("stale-lock"),
            |root, size| {
                locked_base(root, size, 10 * size);
            },
        ),
        bomb(
            "locks with more pins than are read",
            6,
            Some("broken-lock"),
            |root, size| {
                declare(
                    root,
                    &["locks: locks\n", &kind(""), &services(size, ", pip: [a]")],
                );
                let lock = lock(50_001, "", |number| format!("p{number}==1"));
                (0..size).for_each(|number| root.write(&format!("locks/s{number}.txt"), &lock));
            },
        ),
        bomb(
            "a lock of other requirements",
            4_000,
            Some("stale-lock"),
            |root, size| {
                declare(
                    root,
                    &["locks: locks\n", &kind(""), &services(1, &pip(size))],
                );
                let header: String = lines(size, |number| format!("# requirement: r{number}\n"));
                root.write("locks/s0.txt", lock(1, &header, |_| "p==1".to_owned()));
            },
        ),
        bomb(
            "locks of nobody",
            1_500,
            Some("unused-lock"),
            |root, size| {
                declare(
                    root,
                    &["locks: locks\n", &kind(""), &services(1, ", pip: [a]")],
                );
                (0..size).for_each(|number| root.write(&format!("locks/u{number}.txt"), "x"));
            },
        ),
    ]
}

fn chain_of_bases(root: &Root, length: usize, fields: &str) {
    let base = |number| {
        format!(
            "  b{number}: {{ version: v1.0.0, from: b{}{fields} }}\n",
            number - 1
        )
    };
    let bases: String = (1..length).map(base).collect();
    let service = "services: { x: { template: runtime-on-base, base: b0, port: 80 } }\n";
    declare(
        root,
        &["bases:\n  b0: { version: v1.0.0 }\n", &bases, service],
    );
}

/// Services with locks of their own on a base whose lock has many pins.
pub(super) fn locked_base(root: &Root, count: usize, pins: usize) {
    let base = "bases: { b: { version: v1.0.0, pip: [p0] } }\n";
    let service = |number| {
        format!("  s{number}: {{ template: runtime-on-base, base: b, port: 80, pip: [a] }}\n")
    };
    declare(
        root,
        &[
            "locks: locks\n",
            base,
            "services:\n",
            &lines(count, service),
        ],
    );
    root.write(
        "locks/b.txt",
        lock(pins, "", |number| format!("p{number}==1")),
    );
    (0..count).for_each(|number| {
        root.write(
            &format!("locks/s{number}.txt"),
            lock(1, "", |_| "a==1".to_owned()),
        );
    });
}

fn lock(pins: usize, header: &str, pin: impl Fn(usize) -> String) -> String {
    let hash = format!("--hash=sha256:{}", "0".repeat(64));
    let pins: String = lines(pins, |number| format!("{} \\\n    {hash}\n", pin(number)));
    format!("# inputs: sha256:{}\n{header}{pins}", "0".repeat(64))
}

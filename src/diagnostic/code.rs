//! The table of diagnostic codes: stable names, never reused, each with what `dockwright explain`
//! prints.

mod entry;

pub use entry::{Code, Severity};

macro_rules! codes {
    ($list:ident; $(
        $constant:ident $id:literal $(($mark:ident))?
        $summary:literal $explanation:literal $example:literal => $fixed:literal;
    )*) => {
        $(#[doc = $summary] pub static $constant: Code = Code {
            id: $id,
            severity: codes!(@severity $($mark)?),
            optional: false,
            follows: codes!(@follows $($mark)?),
            summary: $summary,
            explanation: $explanation,
            example: $example,
            fixed: $fixed,
        };)*
        pub(super) static $list: &[&Code] = &[$(&$constant),*];
    };
    (@follows follows) => { true };
    (@follows $($other:ident)?) => { false };
    (@severity warning) => { Severity::Warning };
    (@severity $($other:ident)?) => { Severity::Error };
}

mod language;
mod locks;
mod policy;
pub use language::*;
pub use locks::{BROKEN_LOCK, MISSING_LOCK, STALE_LOCK, UNKNOWN_LOCKED_IMAGE, UNUSED_LOCK};
pub use policy::*;

/// Every code but those of rules, which are added in `rules`, in the order of the documentation.
pub fn all() -> impl Iterator<Item = &'static Code> {
    let rooms = [
        DECLARATION,
        policy::POLICY,
        locks::LOCKS,
        language::LANGUAGE,
    ];
    rooms.into_iter().flatten().copied()
}

codes! {
    DECLARATION;
    YAML_SYNTAX "yaml-syntax"
        "services.yaml is not valid YAML"
        "The file could not be read as YAML 1.2. dockwright can check nothing else until this is \
         fixed, so it reports only this error. Typical causes are a tab in the indentation, a \
         missing closing bracket and an unquoted value that starts with a special character."
        "services: [svc-a\n" => "services: { svc-a: { kind: web, port: 8000 } }\n";
    NOT_UTF_8 "not-utf-8"
        "services.yaml is not UTF-8"
        "The file contains bytes that are not valid UTF-8. Save it as UTF-8, like every generated \
         file."
        "owner: caf\\xe9\n" => "owner: cafe\n";
    BYTE_ORDER_MARK "byte-order-mark"
        "services.yaml starts with a byte-order mark"
        "Some editors write the invisible character U+FEFF at the start of a file. YAML parsers \
         treat it differently, so dockwright rejects it. Save the file as UTF-8 without a \
         byte-order mark."
        "\u{feff}owner: acme\n" => "owner: acme\n";
    FILE_TOO_LARGE "file-too-large"
        "services.yaml and the files it includes exceed 32 MiB, 1,200,000 keys and values, or \
         80,000 keys in one mapping"
        "A declaration of 10,000 services takes about 3 MiB and 200,000 keys and values, so a file \
         this large is a mistake or an attack."
        "(a file of more than 32 MiB)\n" => "(a smaller one)\n";
    NESTING_TOO_DEEP "nesting-too-deep"
        "lists and mappings nest deeper than 32 levels"
        "The schema needs five levels. Deeper nesting makes YAML parsers slow, so dockwright \
         rejects it before parsing."
        "a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n" => "owner: \
         acme\n";
    ALIAS_BUDGET "alias-budget"
        "YAML aliases expand to too much text"
        "A YAML parser copies what each alias (`*name`) refers to. Aliases of aliases grow so fast \
         that a few lines can fill memory. dockwright rejects aliases that expand to more than \
         100,000 nodes or 1 MiB of text, more than 10,000 anchors, and an alias inside its own \
         anchor. To share values between services, use a kind."
        "a: &a [*a]\n" => "owner: acme\n";
    MULTIPLE_DOCUMENTS "multiple-documents"
        "services.yaml contains more than one document"
        "A `---` line starts a second YAML document, but a fleet is one document. Put everything \
         into one document."
        "owner: acme\n---\nowner: other\n" => "owner: acme\n";
    DUPLICATE_KEY "duplicate-key"
        "a key appears twice in one mapping"
        "YAML parsers silently keep only one of the two, so a whole service can disappear from the \
         fleet. Rename or delete one."
        "services:\n  svc-a: { kind: web, port: 8000 }\n  svc-a: { kind: web, port: 8001 }\n"
        => "services:\n  svc-a: { kind: web, port: 8000 }\n  svc-b: { kind: web, port: 8001 }\n";
    LIST_TOO_LONG "list-too-long"
        "a list or mapping has more than 10,000 entries, or an image more than 50,000"
        "No image installs 10,000 packages, and nobody reads a Dockerfile of that many lines. \
         Mappings of images, bases, kinds, services and requirement sets may be longer. An image's \
         entries include those of its kind, its sets and the bases it builds on. `include` takes \
         at most 100 different patterns with `*` or `?`. dockwright checks nothing else in \
         services.yaml until the list is shorter."
        "services: { svc-a: { kind: web, port: 8000, apt: [package-1, (and so on up to \
         package-10001)] } }\n"
        => "services: { svc-a: { kind: web, port: 8000, apt: [package-1] } }\n";
    BASE_CHAIN_TOO_LONG "base-chain-too-long"
        "more than 64 bases build on each other"
        "Each base adds layers, and container runtimes accept at most 127. Merge bases that belong \
         together. dockwright checks nothing else in services.yaml until the chain is shorter."
        "bases: { base-1: { version: v1.0.0 }, base-2: { version: v1.0.0, from: base-1 }, (and so \
         on up to base-65) }\n"
        => "bases: { base-1: { version: v1.0.0 }, base-2: { version: v1.0.0, from: base-1 } }\n";
    FLEET_TOO_LARGE "fleet-too-large"
        "all images together have more than 2,000,000 entries, or more than 64 MiB of text"
        "Each service inherits from its kind, requirement sets and base, so a few lines can expand \
         to gigabytes. Each image counts as 25 entries, plus every list and mapping item that \
         reaches it; a fleet of 10,000 services with 40 requirements each has 650,000. Install \
         what many images share in a base, which lists it once, or split the fleet into several \
         services.yaml files. dockwright checks nothing else in services.yaml until the fleet is \
         smaller."
        "kinds: { web: { template: multi-stage-slim, apt: [package-1, (and so on up to \
         package-3000)] } }\nservices: { svc-1: { kind: web }, (and so on up to svc-3000) }\n"
        => "kinds: { web: { template: multi-stage-slim, apt: [package-1] } }\nservices: { svc-1: \
         { kind: web, port: 8000 } }\n";
    INVALID_INCLUDE "invalid-include"
        "an entry of `include` is not a valid path pattern"
        "A pattern is a path that ends in .yaml or .yml, relative to the folder of \
         services.yaml. `*` matches any characters of a name and `?` matches one. A pattern \
         cannot leave that folder, and no name in it may begin with a dot. In the example, \
         services.d has a file."
        "include: [\"../services.d/*.yaml\"]\n"
        => "include: [\"services.d/*.yaml\"]\n";
    INCLUDE_WITHOUT_MATCH "include-without-match"
        "no file matches an entry of `include`"
        "A pattern that matches nothing is a typo or a missing folder, and its services would \
         silently disappear. Fix or delete the pattern. In the example, services.d has a file."
        "include: [\"service.d/*.yaml\"]\n"
        => "include: [\"services.d/*.yaml\"]\n";
    DUPLICATE_DECLARATION "duplicate-declaration"
        "two files declare the same name"
        "A service or requirement set is declared once: in services.yaml or in one of the files \
         that it includes. The message shows the other place. The example shows two included files."
        "services: { svc-a: { kind: web, port: 8000 } }\n---\nservices: { svc-a: { kind: web, \
         port: 8001 } }\n"
        => "services: { svc-a: { kind: web, port: 8000 } }\n---\nservices: { svc-b: { kind: web, \
         port: 8001 } }\n";
    WRONG_TYPE "wrong-type"
        "a value has the wrong type"
        "Examples: a list where text is expected, or text where a number is expected. `dockwright \
         schema` prints the JSON Schema; an editor that uses it marks such errors as you type."
        "services: { svc-a: { kind: web, port: eight } }\n"
            => "services: { svc-a: { kind: web, port: 8000 } }\n";
    NOT_A_STRING "not-a-string"
        "a number or boolean where text is expected"
        "YAML reads an unquoted 3.10 as the number 3.1. YAML 1.1 parsers also read `yes`, `no`, \
         `on`, `off`, `012`, `1_000`, `12:30` and `2024-01-01` as booleans, numbers and dates, in \
         values and in names. Quotes keep the text unchanged."
        "python: 3.10\n" => "python: \"3.10\"\n";
    UNKNOWN_FIELD "unknown-field"
        "a field is not in the schema"
        "A mistyped field would silently have no effect. The help suggests the closest field."
        "services: { svc-a: { kind: web, port: 8000, atp: [libpq5] } }\n"
        => "services: { svc-a: { kind: web, port: 8000, apt: [libpq5] } }\n";
    MISSING_FIELD "missing-field" (follows)
        "a required field is missing"
        "registry, owner, python and services are required for the fleet, `version` for a base, \
         `kind` or `template` for a service, and `port` for a service that runs under uvicorn."
        "services: { svc-a: { kind: web } }\n"
            => "services: { svc-a: { kind: web, port: 8000 } }\n";
    NO_SERVICES "no-services" (follows)
        "services.yaml declares no service"
        "Most likely a merge or an edit lost the services. dockwright never reports an empty fleet \
         as up to date, and does not delete its generated files."
        "services:\n" => "services: { svc-a: { kind: web, port: 8000 } }\n";
    INVALID_VALUE "invalid-value"
        "a value is not valid"
        "Names, packages, versions, ports, paths and references end up in Dockerfiles, shell \
         commands and file names. Each has a strict grammar, so that no value can add, remove or \
         change an instruction. The message names the rule that the value breaks."
        "services: { svc-a: { kind: web, port: 70000 } }\n"
            => "services: { svc-a: { kind: web, port: 8000 } }\n";
    INVALID_NAME "invalid-name"
        "a name is not valid"
        "Names of services and bases become image names, folders and Python modules: lower-case \
         letters, digits and single separators. Names of kinds, sets and images are lower-case \
         words joined by hyphens."
        "services: { Svc_A: { kind: web, port: 8000 } }\n"
            => "services: { svc-a: { kind: web, port: 8000 } }\n";
    INVALID_APT_PACKAGE "invalid-apt-package"
        "an entry of `apt` is not a valid Debian package name"
        "A Debian package name has lower-case letters, digits, `+`, `-` and `.` (Debian policy \
         5.6.1), optionally with `:arch` and `=version`. A trailing `-` would make apt remove the \
         package."
        "services: { svc-a: { kind: web, port: 8000, apt: [\"libpq5; rm -rf /\"] } }\n"
        => "services: { svc-a: { kind: web, port: 8000, apt: [libpq5] } }\n";
    INVALID_REQUIREMENT "invalid-requirement"
        "an entry of `pip` is not a valid PEP 508 requirement"
        "A requirement is a name with optional extras, version specifiers and marker, such as \
         `uvicorn[standard]>=0.30`. pip options such as -r and --index-url are not requirements: \
         use `requirements` and `index_urls`."
        "services: { svc-a: { kind: web, port: 8000, pip: [\"-r extra.txt\"] } }\n"
        => "services: { svc-a: { kind: web, port: 8000, pip: [\"httpx>=0.27\"] } }\n";
    INVALID_REFERENCE "invalid-reference"
        "an image reference is not valid"
        "registry, owner, tags, digests and references of external images follow the distribution \
         project's grammar: lower-case path components, a tag of at most 128 characters, a digest \
         such as sha256:… with 64 hexadecimal digits."
        "owner: \"Acme Corp\"\n" => "owner: acme\n";
    AMBIGUOUS_DIGEST "ambiguous-digest"
        "one digest for a tag that names several images"
        "A tag with `{python}` names a different image for each Python version, and a digest \
         overrides the tag: after `dockwright bump python`, the new name would get the old \
         content. Write the digest below its tag in `digests`, or run `dockwright pin`."
        "images: { python-slim: { reference: python, tag: \"{python}-slim\", digest: \
         \"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\" } }\n"
        => "images: { python-slim: { reference: python, tag: \"{python}-slim\", digests: { \
         3.12-slim: \"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\" } \
         } }\n";
    UNPINNED_TAG "unpinned-tag" (warning)
        "an external image has digests, but not for the tag in use"
        "The image is pinned for other tags only, so the content of the tag in use can change. \
         In the example, the fleet moved to Python 3.12, and only the tag for 3.11 has a digest. \
         `dockwright pin` gets the digest of each tag in use from the registry."
        "images: { python-slim: { reference: python, tag: \"{python}-slim\", digests: { \
         3.11-slim: \"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\" \
         } } }\nbases: { base-runtime: { version: v1.0.0, from: python-slim } }\n"
        => "$ dockwright pin\n";
    FLOATING_TAG "floating-tag"
        "the content of a tag is not fixed"
        "`latest` names different content over time, so two builds of one commit can differ. Use \
         a version."
        "bases: { base-runtime: { version: latest } }\n"
        => "bases: { base-runtime: { version: v1.0.0 } }\n";
    CREDENTIALS_IN_URL "credentials-in-url"
        "a URL carries a user name or password"
        "services.yaml and the generated files are committed, and an image records the URLs it was \
         built with. Give pip the credentials as a build secret: `secrets: [{ id: netrc, target: \
         /root/.netrc }]`."
        "services: { svc-a: { kind: web, port: 8000, index_urls: \
         [\"https://me:pw@pip.example/simple\"] } }\n"
        => "services: { svc-a: { kind: web, port: 8000, index_urls: \
         [\"https://pip.example/simple\"], secrets: [{ id: netrc, target: /root/.netrc }] } }\n";
    UNKNOWN_KIND "unknown-kind" (follows)
        "a service names a kind that is not declared"
        "Kinds are declared under `kinds:`; add your own there or fix the name."
        "services: { svc-a: { kind: wbe, port: 8000 } }\n"
            => "services: { svc-a: { kind: web, port: 8000 } }\n";
    UNKNOWN_BASE "unknown-base" (follows)
        "a base image is not declared"
        "Base images are declared under `bases:`. Declare an image that this fleet does not build \
         under `images:`, and name it with `from`."
        "services: { svc-a: { kind: on-base, base: base-runtme, port: 8000 } }\n"
        => "services: { svc-a: { kind: on-base, base: base-runtime, port: 8000 } }\n";
    UNKNOWN_IMAGE "unknown-image" (follows)
        "`from` names neither a base nor an external image"
        "External images are declared under `images:`; python-slim is built in."
        "bases: { base-runtime: { version: v1.0.0, from: python-silm } }\n"
            => "bases: { base-runtime: { version: v1.0.0, from: python-slim } }\n";
    UNKNOWN_REQUIREMENT_SET "unknown-requirement-set" (follows)
        "a requirement set is not declared"
        "Requirement sets are declared under `requirements:`, as a list or with `packages`; fix \
         the name or declare the set there."
        "services: { svc-a: { kind: web, port: 8000, requirements: [bsae] } }\n"
        => "services: { svc-a: { kind: web, port: 8000, requirements: [base] } }\n";
    UNKNOWN_TEMPLATE "unknown-template"
        "no template has this name"
        "`dockwright list` shows the templates and where each comes from. `templates:` names the \
         folder of your own templates, service/<name>.Dockerfile.j2."
        "services: { svc-a: { template: multi-stage-slm, port: 8000 } }\n"
            => "services: { svc-a: { template: multi-stage-slim, port: 8000 } }\n";
    UNKNOWN_HOOK_POINT "unknown-hook-point"
        "a hook names an unknown hook point"
        "Hooks are raw Dockerfile lines at named points of the template; the help lists the points."
        "services: { svc-a: { kind: web, port: 8000, hooks: { after_atp: [\"RUN true\"] } } }\n"
        => "services: { svc-a: { kind: web, port: 8000, hooks: { after_apt: [\"RUN true\"] } } }\n";
    HOOK_BREAKS_DOCKERFILE "hook-breaks-dockerfile"
        "the lines of a hook are not complete instructions, or use FROM or USER, which dockwright \
         controls"
        "The lines of a hook must be complete Dockerfile instructions: no open line continuation, \
         no open heredoc, no unknown instruction or flag, no missing argument, and no line of \
         more than 65,535 bytes, which BuildKit does not read. FROM would start another stage and \
         USER would change who the container runs as, so both are refused; write your own \
         template for that."
        "services: { svc-a: { kind: web, port: 8000, hooks: { after_apt: [\"USER root\"] } } }\n"
        => "services: { svc-a: { kind: web, port: 8000, hooks: { after_apt: [\"RUN true\"] } } }\n";
    BASE_CYCLE "base-cycle"
        "base images build on each other in a cycle"
        "Following `from` from base to base must end at an external image. A base must also be \
         built first if an image copies or mounts its files (`COPY --from`, a mount), or if your \
         own template names its current version in FROM."
        "bases: { a: { version: v1.0.0, from: b }, b: { version: v1.0.0, from: a } }\n"
        => "bases: { a: { version: v1.0.0, from: b }, b: { version: v1.0.0 } }\n";
    MISSING_BASE "missing-base" (follows)
        "the template builds on a base, but none is named"
        "ml-on-base and runtime-on-base start from one of the fleet's base images: name it with \
         `base`, in the service or in its kind."
        "services: { svc-a: { template: runtime-on-base, port: 8000 } }\n"
        => "services: { svc-a: { template: runtime-on-base, base: base-runtime, port: 8000 } }\n";
    UNUSED_BASE "unused-base"
        "a base is named, but the template does not build on one"
        "multi-stage-slim starts from an external image and would ignore the base. To build on the \
         base, set `template: runtime-on-base`."
        "services: { svc-a: { kind: web, base: base-runtime, port: 8000 } }\n"
        => "services: { svc-a: { kind: web, template: runtime-on-base, base: base-runtime, \
         requirements: [], port: 8000 } }\n";
    PYTHON_DIFFERS_FROM_BASE "python-differs-from-base"
        "a service and its base have different Python versions"
        "The base provides the interpreter and its packages. For another Python version, use \
         another base or a template that starts from an external image."
        "services: { svc-a: { kind: on-base, python: \"3.11\", port: 8000 } }\n"
        => "services: { svc-a: { kind: web, python: \"3.11\", port: 8000 } }\n";
    APT_WITHOUT_DEBIAN "apt-without-debian"
        "an image without apt lists Debian packages"
        "The image builds on an external image that is not Debian, so `apt-get` would fail. \
         Choose a Debian image, or install the packages of Alpine with `apk`. A service without \
         `from` or `base` builds on the external image `python-slim`, which the example changes."
        "images: { python-slim: { reference: python, tag: \"{python}-alpine\" } }\nservices: { \
         svc-a: { kind: web, port: 8000, apt: [libpq5] } }\n"
        => "images: { python-slim: { reference: python, tag: \"{python}-slim\" } }\nservices: { \
         svc-a: { kind: web, port: 8000, apt: [libpq5] } }\n";
    APP_AND_CMD "app-and-cmd"
        "a service has both `app` and `cmd`"
        "`app` runs uvicorn, and `cmd` runs your own command. An image has only one command."
        "services: { svc-a: { kind: web, port: 8000, app: \"a:app\", cmd: [python, -m, a] } }\n"
        => "services: { svc-a: { kind: web, port: 8000, cmd: [python, -m, a] } }\n";
    HEALTHCHECK_WITHOUT_PORT "healthcheck-without-port"
        "a health check is declared without a port"
        "The check is an HTTP request to the declared port. Declare `port`, or `healthcheck: none`."
        "services: { svc-a: { kind: web, cmd: [python, -m, a], healthcheck: { path: /up } } }\n"
        => "services: { svc-a: { kind: web, cmd: [python, -m, a], healthcheck: none } }\n";
    DEVELOPMENT_SET_IN_IMAGE "development-set-in-image"
        "an image uses a development requirement set"
        "The set has `development: true`. Test runners and linters make images larger and easier \
         to attack. Move the packages that the image needs to another set."
        "requirements: { dev: { packages: [pytest], development: true } }\nservices: { svc-a: { \
         kind: web, port: 8000, requirements: [dev] } }\n"
        => "requirements: { dev: { packages: [pytest], development: true } }\nservices: { svc-a: \
         { kind: web, port: 8000, requirements: [base] } }\n";
    NAME_COLLISION "name-collision"
        "two names collide as an image, module or file"
        "Services and bases share one registry namespace, and svc-a and svc.a share the Python \
         module svc_a. Every generated file needs its own path, even on a file system that ignores \
         case."
        "services: { svc-a: { kind: web, port: 8000 }, svc.a: { kind: web, port: 8000 } }\n"
        => "services: { svc-a: { kind: web, port: 8000 }, svc-b: { kind: web, port: 8000 } }\n";
    BASE_CHANGED_WITHOUT_BUMP "base-changed-without-bump"
        "a base's content changed under an unchanged version"
        "A base's fingerprint records the content of its version: its instructions without \
         comments and labels, its requirements and the reference of the image it builds on. The \
         content changes with services.yaml, with a template, and with a version of dockwright \
         whose templates print other instructions. If you push different content under a \
         published tag, machines that already have the image keep the old content. `dockwright \
         bump <base> --patch` sets a new version and updates everything that builds on the base. \
         If the tag was never published, `dockwright generate --amend-base <base>` records the \
         new content under the current version."
        "bases: { base-runtime: { version: v1.0.0, fingerprint: v1.0.0@0000000000000000 } }\n"
        => "$ dockwright bump base-runtime --patch\n";
    BASE_BUMPED_BY_HAND "base-bumped-by-hand"
        "a base's version was changed by hand together with its content"
        "The fingerprint still belongs to the previous version, so dockwright would miss the \
         next content change under the new one. `dockwright generate --amend-base <base>` \
         records the content under the new version; `dockwright bump` does this automatically."
        "bases: { base-runtime: { version: v1.0.1, fingerprint: v1.0.0@0000000000000000 } }\n"
        => "$ dockwright generate --amend-base base-runtime\n";
    BASE_BUMPED_WITHOUT_CHANGE "base-bumped-without-change" (warning)
        "a base's version was changed by hand, but its content is unchanged"
        "Everything that builds on the base will be rebuilt without a change. If you want this, \
         for example to get Debian updates, record it with `dockwright generate --amend-base \
         <base>`; `dockwright bump` records it automatically. In the example, (digest) is the \
         digest of the current content."
        "bases: { base-runtime: { version: v1.0.1, fingerprint: \"v1.0.0@(digest)\" } }\n"
        => "$ dockwright generate --amend-base base-runtime\n";
    INVALID_LAYOUT "invalid-layout"
        "a path of `layout`, `outputs`, `locks` or `templates` is not valid"
        "A `layout` pattern is a path below the root that contains {name} or {module} ({set} for \
         sets), so that every image has separate files. A generated file cannot share a path with \
         an input. The suffix must match the content: .hcl for a bake file, .yaml or .yml for a \
         compose file and a workflow, .txt for the requirements of a set. No name may begin with a \
         dot, except for workflows in .github/workflows and .gitea/workflows, so that no pull \
         request can read or replace settings, keys or passwords."
        "layout: { services: generated }\n" => "layout: { services: \"generated/{name}\" }\n";
    DUPLICATE_SECRET "duplicate-secret"
        "one image has a build secret twice"
        "A second mount of one id is redundant, and two secrets with one target hide each other in \
         the build. The lists of a kind and its services are joined, so they count as one."
        "services: { svc-a: { kind: web, port: 8000, secrets: [netrc, netrc] } }\n"
        => "services: { svc-a: { kind: web, port: 8000, secrets: [netrc] } }\n";
    UNKNOWN_SERVICE "unknown-service" (follows)
        "`depends_on` names a service that is not declared"
        "`depends_on` lists services of this fleet that start before this one; it becomes \
         `depends_on` in compose.yaml. Declare a database, or anything else that the fleet does \
         not build, in a separate compose file."
        "services: { svc-a: { kind: web, port: 8000, depends_on: [svc-b] } }\n"
        => "services: { svc-a: { kind: web, port: 8000, depends_on: [svc-b] }, svc-b: { kind: web, \
         port: 8001 } }\n";
    DEPENDENCY_CYCLE "dependency-cycle"
        "services wait for each other in a cycle"
        "`depends_on` makes a service wait for another one. In a cycle, each service waits for \
         the next, so none of them can start."
        "services: { svc-a: { kind: web, port: 8000, depends_on: [svc-b] }, svc-b: { kind: web, \
         port: 8001, depends_on: [svc-a] } }\n"
        => "services: { svc-a: { kind: web, port: 8000, depends_on: [svc-b] }, svc-b: { kind: web, \
         port: 8001 } }\n";
    TEMPLATE_ERROR "template-error"
        "a template could not be rendered"
        "A template has a syntax error, uses a variable that does not exist, prints a list or a \
         boolean, or loops forever. Exit status 2: nothing is compared or written. \
         docs/templates.md lists the variables. The example is a template."
        "FROM {{ from }}\nEXPOSE {{ prot }}\n" => "FROM {{ from }}\nEXPOSE {{ port }}\n";
}

#[cfg(test)]
mod tests;

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
pub use language::*;
pub use locks::{BROKEN_LOCK, MISSING_LOCK, STALE_LOCK, UNKNOWN_LOCKED_IMAGE, UNUSED_LOCK};

/// Every code but those of rules, which are added in `rules`, in the order of the documentation.
pub fn all() -> impl Iterator<Item = &'static Code> {
    let rooms = [DECLARATION, locks::LOCKS, language::LANGUAGE];
    rooms.into_iter().flatten().copied()
}

codes! {
    DECLARATION;
    YAML_SYNTAX "yaml-syntax"
        "services.yaml is not valid YAML"
        "The file could not be read as YAML 1.2. Until it can be, nothing else about it is known, \
         so this is the only thing reported. Typical causes are a tab in the indentation, a \
         missing closing bracket and an unquoted value that starts with a special character."
        "services: [svc-a\n" => "services: { svc-a: { kind: web, port: 8000 } }\n";
    NOT_UTF_8 "not-utf-8"
        "services.yaml is not UTF-8"
        "The file has bytes that are not UTF-8. Save it as UTF-8: every generated file is UTF-8 \
         too."
        "owner: caf\\xe9\n" => "owner: cafe\n";
    BYTE_ORDER_MARK "byte-order-mark"
        "services.yaml starts with a byte-order mark"
        "Some editors put the invisible character U+FEFF in front of the text. YAML loaders \
         disagree about it, so it is refused. Save the file as UTF-8 without a byte-order mark."
        "\u{feff}owner: acme\n" => "owner: acme\n";
    FILE_TOO_LARGE "file-too-large"
        "services.yaml, with the files that it includes, is larger than 32 MiB, or has more than \
         1,200,000 keys and values, or 80,000 keys in one mapping"
        "A declaration of 10,000 services takes about 3 MiB and 200,000 keys and values, so this \
         size is a mistake or an attack."
        "(a file of more than 32 MiB)\n" => "(a smaller one)\n";
    NESTING_TOO_DEEP "nesting-too-deep"
        "lists and mappings nest deeper than 32 levels"
        "The schema needs five levels. Deeper nesting makes loaders slow, so it is refused before \
         anything is loaded."
        "a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n" => "owner: \
         acme\n";
    ALIAS_BUDGET "alias-budget"
        "YAML aliases stand for too much"
        "Aliases (`*name`) are copied when the file is loaded. Aliases of aliases grow so fast \
         that a few lines can fill the memory; more than 100,000 nodes or 1 MiB of text in all, \
         more than 10,000 anchors, or an alias inside of its own anchor, are refused. A kind says \
         the same without aliases."
        "a: &a [*a]\n" => "owner: acme\n";
    MULTIPLE_DOCUMENTS "multiple-documents"
        "services.yaml holds more than one document"
        "A line `---` starts a second YAML document, and only one can be the fleet. Put \
         everything into one document."
        "owner: acme\n---\nowner: other\n" => "owner: acme\n";
    DUPLICATE_KEY "duplicate-key"
        "a key stands twice in the same mapping"
        "YAML loaders keep one of the two without a word, so a whole service can vanish from the \
         fleet. Rename one or delete it."
        "services:\n  svc-a: { kind: web, port: 8000 }\n  svc-a: { kind: web, port: 8001 }\n"
        => "services:\n  svc-a: { kind: web, port: 8000 }\n  svc-b: { kind: web, port: 8001 }\n";
    LIST_TOO_LONG "list-too-long"
        "a list or mapping has more than 10,000 entries, or an image more than 50,000"
        "No image installs 10,000 packages, and nobody reads a Dockerfile of that many lines. \
         Mappings of images, bases, kinds, services and requirement sets may be longer. An image \
         has the entries of its kind, its sets and the bases below as well. Of different patterns \
         with `*` or `?`, `include` takes 100. While a list is too long, nothing else in \
         services.yaml is looked at."
        "services: { svc-a: { kind: web, port: 8000, apt: [package-1, (and so on up to \
         package-10001)] } }\n"
        => "services: { svc-a: { kind: web, port: 8000, apt: [package-1] } }\n";
    BASE_CHAIN_TOO_LONG "base-chain-too-long"
        "more than 64 bases stand on each other"
        "Each base adds layers, and container runtimes take no more than 127 of them. Install in \
         fewer bases what belongs together. While a chain is too long, nothing else in \
         services.yaml is looked at."
        "bases: { base-1: { version: v1.0.0 }, base-2: { version: v1.0.0, from: base-1 }, (and so \
         on up to base-65) }\n"
        => "bases: { base-1: { version: v1.0.0 }, base-2: { version: v1.0.0, from: base-1 } }\n";
    FLEET_TOO_LARGE "fleet-too-large"
        "all images together have more than 2,000,000 entries, or more than 64 MiB of text"
        "Each service has what its kind, its requirement sets and its base say, so a few lines \
         can stand for gigabytes. Counted are the items of lists and mappings that reach an \
         image, once for each image, and 25 for the image itself; a fleet of 10,000 services with \
         40 requirements each has 650,000. Install what many images share in a base, which lists \
         it once, or split the fleet into several services.yaml. While the fleet is too large, \
         nothing else in services.yaml is looked at."
        "kinds: { web: { template: multi-stage-slim, apt: [package-1, (and so on up to \
         package-3000)] } }\nservices: { svc-1: { kind: web }, (and so on up to svc-3000) }\n"
        => "kinds: { web: { template: multi-stage-slim, apt: [package-1] } }\nservices: { svc-1: \
         { kind: web, port: 8000 } }\n";
    INVALID_INCLUDE "invalid-include"
        "an entry of `include` is no usable path pattern"
        "A pattern is a path from the folder of services.yaml on that ends in .yaml or .yml; `*` \
         stands for any characters of a name and `?` for one. It may not lead out of that folder, \
         and no name in it begins with a dot."
        "include: [\"../services.d/*.yaml\"]\n" => "owner: acme\n";
    INCLUDE_WITHOUT_MATCH "include-without-match"
        "no file matches an entry of `include`"
        "A pattern that matches nothing is a typo or a missing folder: the services \
         that it stood for would vanish without a word. Fix it or delete it."
        "include: [\"services.d/*.yaml\"]\n" => "owner: acme\n";
    DUPLICATE_DECLARATION "duplicate-declaration"
        "two files declare the same name"
        "A service or requirement set is declared once: in services.yaml or in one of the files \
         that it includes. The message says where the other one is. The example shows two \
         included files."
        "services: { svc-a: { kind: web, port: 8000 } }\n---\nservices: { svc-a: { kind: web, \
         port: 8001 } }\n"
        => "services: { svc-a: { kind: web, port: 8000 } }\n---\nservices: { svc-b: { kind: web, \
         port: 8001 } }\n";
    WRONG_TYPE "wrong-type"
        "a value has the wrong type"
        "A list stands where text is needed, text where a number is needed, or the like. \
         `dockwright schema` prints the whole schema; editors that know it mark such places while \
         you type."
        "services: { svc-a: { kind: web, port: eight } }\n"
            => "services: { svc-a: { kind: web, port: 8000 } }\n";
    NOT_A_STRING "not-a-string"
        "a number or boolean stands where text is needed"
        "YAML reads a bare 3.10 as the number 3.1. Readers of YAML 1.1 also take `yes`, `no`, \
         `on`, `off`, `012`, `1_000`, `12:30` and `2024-01-01` for booleans, numbers and dates, \
         in values and in names. Quotes keep the text as it is written."
        "python: 3.10\n" => "python: \"3.10\"\n";
    UNKNOWN_FIELD "unknown-field"
        "a field has a name that the schema does not have"
        "A mistyped field would silently have no effect. The help names the field that was most \
         likely meant."
        "services: { svc-a: { kind: web, port: 8000, atp: [curl] } }\n"
            => "services: { svc-a: { kind: web, port: 8000, apt: [libpq5] } }\n";
    MISSING_FIELD "missing-field" (follows)
        "a required field is missing"
        "registry, owner, python and services are required for the fleet, `version` for a base, \
         `kind` or `template` for a service, and `port` for a service that runs under uvicorn."
        "services: { svc-a: { kind: web } }\n"
            => "services: { svc-a: { kind: web, port: 8000 } }\n";
    NO_SERVICES "no-services" (follows)
        "services.yaml declares no service"
        "An empty fleet is never taken as a clean one, and it is no reason to delete what was \
         generated: most likely a merge or an edit lost the services."
        "services:\n" => "services: { svc-a: { kind: web, port: 8000 } }\n";
    INVALID_VALUE "invalid-value"
        "a value does not follow its grammar"
        "Names, packages, versions, ports, paths and references end up in Dockerfiles, shell \
         commands and file names. Each has an allow-list grammar, so that no value can add, \
         remove or change an instruction. The message says which rule is broken."
        "services: { svc-a: { kind: web, port: 70000 } }\n"
            => "services: { svc-a: { kind: web, port: 8000 } }\n";
    INVALID_NAME "invalid-name"
        "a name does not follow its grammar"
        "Names of services and bases become image names, folders and Python modules: lower-case \
         letters, digits and single separators. Names of kinds, sets and images are lower-case \
         words joined by hyphens."
        "services: { Svc_A: { kind: web, port: 8000 } }\n"
            => "services: { svc-a: { kind: web, port: 8000 } }\n";
    INVALID_APT_PACKAGE "invalid-apt-package"
        "an entry of apt is no Debian package name"
        "A Debian package name has lower-case letters, digits, `+`, `-` and `.` (Debian policy \
         5.6.1), optionally with `:arch` and `=version`. A trailing `-` would make apt remove the \
         package."
        "services: { svc-a: { kind: web, port: 8000, apt: [\"libpq5; rm -rf /\"] } }\n"
        => "services: { svc-a: { kind: web, port: 8000, apt: [libpq5] } }\n";
    INVALID_REQUIREMENT "invalid-requirement"
        "an entry of pip is no PEP 508 requirement"
        "A requirement is a name with optional extras, version specifiers and marker, such as \
         `uvicorn[standard]>=0.30`. Options of pip (-r, --index-url) are no requirements: use \
         requirements sets and index_urls."
        "services: { svc-a: { kind: web, port: 8000, pip: [\"-r extra.txt\"] } }\n"
        => "services: { svc-a: { kind: web, port: 8000, pip: [\"httpx>=0.27\"] } }\n";
    INVALID_REFERENCE "invalid-reference"
        "an image reference does not follow the grammar of registries"
        "registry, owner, tags, digests and references of external images follow the distribution \
         project's grammar: lower-case path components, a tag of at most 128 characters, a digest \
         such as sha256:… with 64 hexadecimal digits."
        "owner: \"Acme Corp\"\n" => "owner: acme\n";
    AMBIGUOUS_DIGEST "ambiguous-digest"
        "one digest for a tag that stands for several images"
        "Where the tag holds `{python}`, it names another image with each Python version, and a \
         digest wins over the tag: after `dockwright bump python` the old content would be built \
         under the new name. Write the digest below its tag in `digests`; `dockwright pin` does."
        "images: { python-slim: { reference: python, tag: \"{python}-slim\", digest: \
         \"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\" } }\n"
        => "images: { python-slim: { reference: python, tag: \"{python}-slim\", digests: { \
         3.12-slim: \"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\" } \
         } }\n";
    UNPINNED_TAG "unpinned-tag" (warning)
        "an external image has digests, but not for the tag in use"
        "Whoever pins an image wants to know what is built on it. After another Python version \
         its tag is another one, which has no digest yet, so its makers can move it. `dockwright \
         pin` asks the registry for it."
        "images: { python-slim: { reference: python, tag: \"{python}-slim\", digests: { \
         3.11-slim: \"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\" } \
         } }\nbases: { base-runtime: { version: v1.0.0, from: python-slim } }\n"
        => "images: { python-slim: { reference: python, tag: \"{python}-slim\", digests: { \
         3.12-slim: \"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\" } \
         } }\nbases: { base-runtime: { version: v1.0.0, from: python-slim } }\n";
    FLOATING_TAG "floating-tag"
        "a tag names no fixed content"
        "`latest` means something else tomorrow, so two builds of the same commit would differ. \
         Use a version."
        "bases: { base-runtime: { version: latest } }\n"
            => "bases: { base-runtime: { version: v1.0.0 } }\n";
    CREDENTIALS_IN_URL "credentials-in-url"
        "a URL carries a user name or password"
        "services.yaml and every generated file are checked in, and an image keeps what it was \
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
        "a base image is named that is not declared"
        "Base images are declared under `bases:`. An image that this fleet does not build goes \
         under `images:` and is named by `from`."
        "services: { svc-a: { kind: on-base, base: base-runtme, port: 8000 } }\n"
        => "services: { svc-a: { kind: on-base, base: base-runtime, port: 8000 } }\n";
    UNKNOWN_IMAGE "unknown-image" (follows)
        "`from` names neither a base nor an external image"
        "External images are declared under `images:`; python-slim is built in."
        "bases: { base-runtime: { version: v1.0.0, from: python-silm } }\n"
            => "bases: { base-runtime: { version: v1.0.0, from: python-slim } }\n";
    UNKNOWN_REQUIREMENT_SET "unknown-requirement-set" (follows)
        "a requirement set is named that is not declared"
        "Requirement sets are declared under `requirements:`, as a list or with `packages`; fix \
         the name or declare the set there."
        "services: { svc-a: { kind: web, port: 8000, requirements: [bsae] } }\n"
        => "services: { svc-a: { kind: web, port: 8000, requirements: [base] } }\n";
    UNKNOWN_TEMPLATE "unknown-template"
        "no template has this name"
        "`dockwright list` shows the templates and where each comes from. Your own templates are \
         read from the folder that `templates:` names, service/<name>.Dockerfile.j2."
        "services: { svc-a: { template: multi-stage-slm, port: 8000 } }\n"
            => "services: { svc-a: { template: multi-stage-slim, port: 8000 } }\n";
    UNKNOWN_HOOK_POINT "unknown-hook-point"
        "a hook names a point that templates do not have"
        "Hooks are raw Dockerfile lines at named points of the template; the help lists the points."
        "services: { svc-a: { kind: web, port: 8000, hooks: { after_atp: [\"RUN true\"] } } }\n"
        => "services: { svc-a: { kind: web, port: 8000, hooks: { after_apt: [\"RUN true\"] } } }\n";
    HOOK_BREAKS_DOCKERFILE "hook-breaks-dockerfile"
        "the lines of a hook are not whole instructions, or use FROM or USER, which dockwright \
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
        "Following `from` from base to base must end at an external image. A base whose files are \
         taken (`COPY --from`, a mount, a FROM of an own template that names its present version) \
         is built first as well."
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
        "multi-stage-slim starts from an external image and would ignore the base. Take \
         `template: runtime-on-base` to build on it."
        "services: { svc-a: { kind: web, base: base-runtime, port: 8000 } }\n"
        => "services: { svc-a: { kind: web, template: runtime-on-base, base: base-runtime, \
         requirements: [], port: 8000 } }\n";
    PYTHON_DIFFERS_FROM_BASE "python-differs-from-base"
        "a service on a base asks for another Python than the base has"
        "The interpreter and everything that is installed come from the base, so another Python \
         needs another base or a template that starts from an external image."
        "services: { svc-a: { kind: on-base, python: \"3.11\", port: 8000 } }\n"
        => "services: { svc-a: { kind: web, python: \"3.11\", port: 8000 } }\n";
    APT_WITHOUT_DEBIAN "apt-without-debian"
        "Debian packages are asked for on an image that has no apt"
        "The external image below is not Debian, so `apt-get` would fail in the build. Choose a \
         Debian image, or install the packages with the image's own tool in a hook."
        "images: { python-slim: { reference: python, tag: \"{python}-alpine\" } }\nservices: { \
         svc-a: { kind: web, port: 8000, apt: [libpq5] } }\n"
        => "services: { svc-a: { kind: web, port: 8000, apt: [libpq5] } }\n";
    APP_AND_CMD "app-and-cmd"
        "a service has both `app` and `cmd`"
        "`app` runs uvicorn, `cmd` runs a command of your own. Only one of them can be the \
         image's command."
        "services: { svc-a: { kind: web, port: 8000, app: \"a:app\", cmd: [python, -m, a] } }\n"
        => "services: { svc-a: { kind: web, port: 8000, cmd: [python, -m, a] } }\n";
    HEALTHCHECK_WITHOUT_PORT "healthcheck-without-port"
        "a health check is declared, but no port to ask"
        "The check is an HTTP request to the declared port. Declare `port`, or `healthcheck: none`."
        "services: { svc-a: { kind: web, cmd: [python, -m, a], healthcheck: { path: /up } } }\n"
        => "services: { svc-a: { kind: web, cmd: [python, -m, a], healthcheck: none } }\n";
    DEVELOPMENT_SET_IN_IMAGE "development-set-in-image"
        "a requirement set for development reaches an image"
        "The set says `development: true`: test runners and linters make images larger and easier \
         to attack. Move what the image really needs to another set."
        "requirements: { dev: { packages: [pytest], development: true } }\nservices: { svc-a: { \
         kind: web, port: 8000, requirements: [dev] } }\n"
        => "requirements: { dev: { packages: [pytest], development: true } }\nservices: { svc-a: \
         { kind: web, port: 8000, requirements: [base] } }\n";
    NAME_COLLISION "name-collision"
        "two names stand for the same image, module or file"
        "Services and bases share the registry's name space; svc-a and svc.a share the Python \
         module svc_a; and no two generated files may have one path, not even on a file system \
         that ignores case."
        "services: { svc-a: { kind: web, port: 8000 }, svc.a: { kind: web, port: 8000 } }\n"
        => "services: { svc-a: { kind: web, port: 8000 }, svc-b: { kind: web, port: 8000 } }\n";
    BASE_CHANGED_WITHOUT_BUMP "base-changed-without-bump"
        "a base's content changed under an unchanged version"
        "The fingerprint of a base says which content its version stands for: its instructions \
         without comments and labels, its requirements and the reference of the image below. \
         It changes with services.yaml, with a template, and with a version of dockwright whose \
         templates print other instructions. Publishing other content under the same tag would make the tag lie, and machines that \
         have the old image would keep it. `dockwright bump <base> --patch` gives it a new \
         version and carries the change to everything that is built on it; for a tag that was \
         never published, `dockwright generate --amend-base <base>` takes the new content as that \
         version's."
        "bases: { base-runtime: { version: v1.0.0, fingerprint: v1.0.0@0000000000000000 } }\n"
        => "bases: { base-runtime: { version: v1.0.0 } }\n";
    BASE_BUMPED_BY_HAND "base-bumped-by-hand"
        "a base's version was changed by hand together with its content"
        "The fingerprint still stands for the version before, so the next change of content under \
         the new version would go unseen. `dockwright generate --amend-base <base>` records the \
         content under the new version; `dockwright bump` does so by itself."
        "bases: { base-runtime: { version: v1.0.1, fingerprint: v1.0.0@0000000000000000 } }\n"
        => "bases: { base-runtime: { version: v1.0.1 } }\n";
    BASE_BUMPED_WITHOUT_CHANGE "base-bumped-without-change" (warning)
        "a base's version was changed by hand, its content not"
        "Everything that is built on the base will be built again for the same content. That can \
         be meant, such as for the updates of Debian below: `dockwright generate --amend-base \
         <base>` records it, and so does `dockwright bump`. In the example, the digest is that of \
         the content as it is."
        "bases: { base-runtime: { version: v1.0.1, fingerprint: \"v1.0.0@(digest)\" } }\n"
        => "bases: { base-runtime: { version: v1.0.1, fingerprint: \"v1.0.1@(digest)\" } }\n";
    INVALID_LAYOUT "invalid-layout"
        "a path of `layout`, `outputs`, `locks` or `templates` is not usable"
        "A pattern of `layout` is a path below the root with {name} or {module} (for sets {set}) \
         in it, so that every image has files of its own. Generated files may not share a path \
         with inputs. An output looks like what it is: a bake file ends in .hcl, a compose file \
         and a workflow in .yaml or .yml, the requirements of a set in .txt. No name on the way \
         begins with a dot, but for workflows in .github/workflows and .gitea/workflows, so that \
         no pull request has settings, keys or passwords read or replaced."
        "layout: { services: generated }\n" => "layout: { services: \"generated/{name}\" }\n";
    DUPLICATE_SECRET "duplicate-secret"
        "a build secret stands twice in one image"
        "Two mounts of one id are one too many, and two secrets with one target hide each other \
         in the build. The lists of a kind and of its services count as one, since they are joined."
        "services: { svc-a: { kind: web, port: 8000, secrets: [netrc, netrc] } }\n"
        => "services: { svc-a: { kind: web, port: 8000, secrets: [netrc] } }\n";
    UNKNOWN_RULE "unknown-rule"
        "`policy` names a rule that does not exist"
        "A mistyped rule would silently keep its standard severity. `dockwright explain` lists \
         the rules; the help names the one that was most likely meant."
        "policy: { rules: { unused-requirement-sets: deny } }\n"
            => "policy: { rules: { unused-requirement-set: deny } }\n";
    UNKNOWN_POLICY_IMAGE "unknown-policy-image" (warning)
        "`policy.images` names an image that does not exist"
        "These levels have no effect: the name is mistyped, or the image is gone. The help \
         names the one that was most likely meant."
        "policy: { images: { svc-aa: { secret-in-env: deny } } }\n"
            => "policy: { images: { svc-a: { secret-in-env: deny } } }\n";
    UNREASONED_ALLOWANCE "unreasoned-allowance"
        "something is allowed without a reason"
        "An allowance outlives the one who wrote it, so it says why. To stop a rule for one \
         image, write an entry of `policy.allowances` with `rule`, `image` and `reason`; `until` \
         makes it end at a date."
        "policy: { allowances: [{ rule: unused-requirement-set, package: spare }] \
         }\nrequirements: { spare: [attrs] }\n"
        => "policy: { allowances: [{ rule: unused-requirement-set, package: spare, reason: svc-b \
         will need it }] }\nrequirements: { spare: [attrs] }\n";
    UNUSED_ALLOWANCE "unused-allowance" (warning)
        "an allowance allows nothing"
        "What it allowed was fixed, or a name in it is mistyped. An allowance that nobody needs \
         would one day hide something new: delete it."
        "policy: { allowances: [{ rule: dev-dep-in-image, image: svc-a, reason: it runs pytest }] }\n"
            => "policy: { allowances: [] }\n";
    EXPIRED_ALLOWANCE "expired-allowance" (warning)
        "the date of an allowance is over"
        "`until` is compared with the date that `--today YYYY-MM-DD` gives; without it no date is \
         judged, so that the same commit always gives the same result. What was allowed is \
         reported again. The example shows this with --today 2026-01-01."
        "policy: { allowances: [{ rule: unused-requirement-set, package: spare, reason: svc-b \
         will need it, until: \"2025-12-31\" }] }\nrequirements: { spare: [attrs] }\n"
        => "policy: { allowances: [{ rule: unused-requirement-set, package: spare, reason: svc-b \
         will need it, until: \"2026-12-31\" }] }\nrequirements: { spare: [attrs] }\n";
    UNKNOWN_SERVICE "unknown-service" (follows)
        "`depends_on` names a service that is not declared"
        "depends_on lists services of this fleet that must be up before this one; it becomes \
         depends_on of compose.yaml. What the fleet does not build, such as a database, goes into \
         a compose file of your own."
        "services: { svc-a: { kind: web, port: 8000, depends_on: [svc-b] } }\n"
        => "services: { svc-a: { kind: web, port: 8000, depends_on: [svc-b] }, svc-b: { kind: \
         web, port: 8001 } }\n";
    DEPENDENCY_CYCLE "dependency-cycle"
        "services wait for each other in a cycle"
        "Following depends_on from service to service must come to an end, or none of them could \
         ever start."
        "services: { svc-a: { kind: web, port: 8000, depends_on: [svc-a] } }\n"
        => "services: { svc-a: { kind: web, port: 8000 } }\n";
    TEMPLATE_ERROR "template-error"
        "a template could not be rendered"
        "A template has a syntax error, uses a variable that does not exist, prints a list or a \
         boolean, or loops without end. Exit status 2: nothing is compared or written. \
         docs/templates.md lists the variables. The example is a template."
        "FROM {{ from }}\nEXPOSE {{ prot }}\n" => "FROM {{ from }}\nEXPOSE {{ port }}\n";
}

#[cfg(test)]
mod tests;

//! The codes of what one service says: placeholders, commands, sources and what is installed.

use super::entry::{Code, Severity};

codes! {
    LANGUAGE;
    UNKNOWN_PLACEHOLDER "unknown-placeholder"
        "a word in braces is not a placeholder"
        "Placeholders are {name}, {module}, {source}, {target}, {workdir}, {port} and {python}. In \
         a path, any other word in braces is an error. Elsewhere braces can contain anything, such \
         as JSON or a shell variable, so dockwright only warns, about a word that is one letter \
         off a placeholder. For a literal {name}, write {{name}}."
        "services: { svc-a: { kind: web, port: 8000, env: { NAME: \"{nmae}\" } } }\n"
        => "services: { svc-a: { kind: web, port: 8000, env: { NAME: \"{name}\" } } }\n";
    EMPTY_PLACEHOLDER "empty-placeholder"
        "a placeholder has no value in this service"
        "A placeholder takes its value from the service, its kind or `defaults`. In a service \
         without a port, `{port}` would be empty."
        "services: { svc-a: { kind: web, cmd: [serve, \"{port}\"] } }\n"
        => "services: { svc-a: { kind: web, port: 8000, cmd: [serve, \"{port}\"] } }\n";
    NEEDS_SHELL "needs-shell"
        "a command string has a character that only a shell understands"
        "dockwright splits a `cmd` string into words, as Compose does, and runs it without a \
         shell, because a shell would receive the signals meant for the program. For variables, \
         pipes or several commands, start a shell yourself, with `exec` before the last program."
        "services: { svc-a: { kind: web, port: 8000, cmd: \"serve --port $PORT\" } }\n"
        => "services: { svc-a: { kind: web, port: 8000, cmd: [sh, -c, \"exec serve --port \
         $PORT\"] } }\n";
    FIELD_WITHOUT_EFFECT "field-without-effect"
        "a field has no effect here"
        "A field that does nothing misleads its readers. dockwright ignores inherited fields that \
         do not apply to a service, but rejects a field that the service itself declares."
        "services: { svc-a: { kind: web, port: 8000, source: none, target: /app, app: \"a:app\" } \
         }\n"
        => "services: { svc-a: { kind: web, port: 8000, source: none, app: \"a:app\" } }\n";
    MISSING_PATH "missing-path"
        "a file that the Dockerfile depends on is missing"
        "The build mounts the files listed under `install`, and any files that these reference \
         with `-r` or `-c`; `dockerfile` names a Dockerfile that dockwright reads. dockwright \
         needs them to write or check an image. If none of the source folders exists, as in a \
         repository that has only a services.yaml, missing files of `install` are not reported. \
         In the example, the file is named requirements.txt, and `install` misspells it."
        "services: { svc-a: { kind: web, port: 8000, install: requirments.txt } }\n"
        => "services: { svc-a: { kind: web, port: 8000, install: requirements.txt } }\n";
    UNSUPPORTED_FILE "unsupported-file"
        "a file cannot be installed"
        "`install` takes requirement files, wheels, folders of projects, pyproject.toml, uv.lock \
         and poetry.lock. If another tool wrote the file, export a requirement file from it. \
         With `locks`, an image's `install` can have requirement files only. In the example, \
         requirements.txt is there."
        "services: { svc-a: { kind: web, port: 8000, install: environment.yml } }\n"
        => "services: { svc-a: { kind: web, port: 8000, install: requirements.txt } }\n";
    TWO_LOCKS "two-locks"
        "an image installs from two locks"
        "A lock has exactly one version of each package that an image installs, and two locks \
         can disagree. Install from one lock. If the image needs packages that are not in the \
         lock, list them in a requirement file; their versions are constrained by the lock. In \
         the example, both locks exist."
        "tools: { uv: \"0.13.9\", poetry: \"2.5.1\" }\nservices: { svc-a: { kind: web, port: \
         8000, install: [uv.lock, poetry.lock] } }\n"
        => "tools: { uv: \"0.13.9\" }\nservices: { svc-a: { kind: web, port: 8000, install: uv.lock \
         } }\n";
    UNKNOWN_PROJECT "unknown-project"
        "`package` names no project of the lock"
        "A uv.lock belongs to a workspace of one or more projects. `package` selects one of \
         them, and the image installs only what that project needs. Without `package`, the \
         project in the folder of uv.lock is selected. In the example, uv.lock has a project \
         `api`."
        "tools: { uv: \"0.13.9\" }\nservices: { svc-a: { kind: web, port: 8000, install: { path: \
         uv.lock, package: apii } } }\n"
        => "tools: { uv: \"0.13.9\" }\nservices: { svc-a: { kind: web, port: 8000, install: { path: \
         uv.lock, package: api } } }\n";
    MISSING_TOOL "missing-tool"
        "the version of an installer is not declared"
        "Builds download the declared version. dockwright has no default version, so that \
         upgrading dockwright changes no build."
        "installer: uv\n" => "installer: uv\ntools: { uv: \"0.13.9\" }\n";
    NO_SHELL "no-shell"
        "a step needs a shell, but the final image has none"
        "`images.X.shell: false` says that an image has no shell, like distroless images: no \
         command can run in the final stage. dockwright installs packages in the external image \
         of `builder` and copies them over. It copies the files of `copy`, and creates the \
         folders of `dirs`, empty and with the right owner. Debian packages, additional groups, \
         hooks in the final stage and steps after the sources need a shell."
        "images: { bare: { reference: registry.example/bare, tag: \"1\", shell: false, python: \
         /usr/bin/python3 } }\nservices: { svc-a: { from: bare, builder: python-slim, port: \
         8000, groups: [video] } }\n"
        => "images: { bare: { reference: registry.example/bare, tag: \"1\", shell: false, python: \
         /usr/bin/python3 } }\nservices: { svc-a: { from: bare, builder: python-slim, port: 8000 \
         } }\n";
    JOB_WITH_PORT "job-with-port"
        "a job has a port or a health check"
        "A job, such as a migration, runs and exits, so it has no port and no health check. \
         dockwright ignores a port or health check that is declared further up than the role, such \
         as in `defaults`, but rejects one at the same level or below."
        "services: { svc-a: { kind: web, role: job, port: 8000, cmd: [python, -m, migrate] } }\n"
        => "services: { svc-a: { kind: web, role: job, cmd: [python, -m, migrate] } }\n";
}

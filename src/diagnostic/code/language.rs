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
        "a file that an image installs does not exist"
        "`install`, and `-r` and `-c` lines of requirement files, name files in the repository \
         that the build mounts. If one is missing, the build would fail, so `check` fails."
        "services: { svc-a: { kind: web, port: 8000, install: services/a/requirements.txt } }\n"
        => "services: { svc-a: { kind: web, port: 8000 } }\n";
    UNSUPPORTED_FILE "unsupported-file"
        "a file of this kind cannot be installed"
        "Requirement files and wheels can be installed. From another tool's lock, export a \
         requirement file. Projects of the repository cannot be installed yet, and a lock of \
         dockwright's covers no wheel of the repository."
        "services: { svc-a: { kind: web, port: 8000, install: environment.yml } }\n"
        => "services: { svc-a: { kind: web, port: 8000 } }\n";
    MISSING_TOOL "missing-tool"
        "the version of an installer is not declared"
        "Builds download the declared version. dockwright has no default version, so that \
         upgrading dockwright changes no build."
        "installer: uv\n" => "installer: uv\ntools: { uv: \"0.13.9\" }\n";
    JOB_WITH_PORT "job-with-port"
        "a job has a port or a health check"
        "A job, such as a migration, runs and exits, so it has no port and no health check. \
         dockwright ignores a port or health check that is declared further up than the role, such \
         as in `defaults`, but rejects one at the same level or below."
        "services: { svc-a: { kind: web, role: job, port: 8000, cmd: [python, -m, migrate] } }\n"
        => "services: { svc-a: { kind: web, role: job, cmd: [python, -m, migrate] } }\n";
}

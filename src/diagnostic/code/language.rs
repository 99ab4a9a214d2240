//! The codes of what one service says: placeholders, commands, sources and what is installed.

use super::entry::{Code, Severity};

codes! {
    LANGUAGE;
    UNKNOWN_PLACEHOLDER "unknown-placeholder"
        "a word in braces is no placeholder"
        "Placeholders are {name}, {module}, {source}, {target}, {workdir}, {port} and {python}. In \
         a path any other word in braces is an error. Elsewhere braces may hold anything, such as \
         JSON or a variable of a shell, so only a word that differs from a placeholder by one \
         letter is told, as a warning. Write {{name}} where {name} itself is meant."
        "services: { svc-a: { kind: web, port: 8000, env: { NAME: \"{nmae}\" } } }\n"
        => "services: { svc-a: { kind: web, port: 8000, env: { NAME: \"{name}\" } } }\n";
    EMPTY_PLACEHOLDER "empty-placeholder"
        "a placeholder stands for nothing in this service"
        "A placeholder stands for what the service's own entry, its kind or `defaults` say. \
         `{port}` of a service without a port would leave a hole in the text."
        "services: { svc-a: { kind: web, cmd: [serve, \"{port}\"] } }\n"
        => "services: { svc-a: { kind: web, port: 8000, cmd: [serve, \"{port}\"] } }\n";
    NEEDS_SHELL "needs-shell"
        "a command in one text has a character that only a shell understands"
        "`cmd` as one text is split into words, as compose does, and started without a shell: a \
         shell between the container and the program takes its signals. Where variables, pipes or \
         several commands are needed, start the shell yourself, best with `exec` in front of the \
         last program."
        "services: { svc-a: { kind: web, port: 8000, cmd: \"serve --port $PORT\" } }\n"
        => "services: { svc-a: { kind: web, port: 8000, cmd: [sh, -c, \"exec serve --port \
         $PORT\"] } }\n";
    FIELD_WITHOUT_EFFECT "field-without-effect"
        "a field has no effect where it stands"
        "What is declared and does nothing would mislead whoever reads it next. Inherited fields \
         that do not fit a service are passed over; one that the service says itself is an error."
        "services: { svc-a: { kind: web, port: 8000, source: none, target: /app, app: \"a:app\" } \
         }\n"
        => "services: { svc-a: { kind: web, port: 8000, source: none, app: \"a:app\" } }\n";
    MISSING_PATH "missing-path"
        "a file that an image installs is not there"
        "`install` and the lines `-r` and `-c` of requirement files name files of the repository, \
         which the build mounts. Without one the build fails, so `check` does."
        "services: { svc-a: { kind: web, port: 8000, install: services/a/requirements.txt } }\n"
        => "services: { svc-a: { kind: web, port: 8000 } }\n";
    UNSUPPORTED_FILE "unsupported-file"
        "a file of this kind cannot be installed"
        "Requirement files and wheels can be. Export one from a lock of another tool. Projects of \
         the repository cannot be installed yet, and a lock of dockwright's covers no wheel of the \
         repository."
        "services: { svc-a: { kind: web, port: 8000, install: environment.yml } }\n"
        => "services: { svc-a: { kind: web, port: 8000 } }\n";
    MISSING_TOOL "missing-tool"
        "a tool installs packages, and its version is not declared"
        "Builds fetch the tool in the declared version. No version is built into dockwright, so \
         that its releases change no build."
        "installer: uv\n" => "installer: uv\ntools: { uv: \"0.13.9\" }\n";
    JOB_WITH_PORT "job-with-port"
        "a job has a port or a health check"
        "A job ends by itself, such as a migration, so nothing can ask it over a port or for its \
         health. What `defaults` and kinds say for the other services is passed over; what the \
         job or its kind says itself is an error."
        "services: { svc-a: { kind: web, role: job, port: 8000, cmd: [python, -m, migrate] } }\n"
        => "services: { svc-a: { kind: web, role: job, cmd: [python, -m, migrate] } }\n";
}

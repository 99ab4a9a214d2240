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
        "a file or folder that an image takes is not there"
        "`install` and the lines `-r` and `-c` of requirement files name files of the repository, \
         which the build mounts; `source`, `shared` and `copy` name what it copies. Without one the \
         build fails. A missing file of `install` is an error, because it changes the Dockerfile. \
         A missing file or folder to copy is a warning. If no source folder exists at all, as in a \
         repository that holds only declarations, missing paths are not reported."
        "services: { svc-a: { kind: web, port: 8000, install: services/a/requirements.txt } }\n"
        => "services: { svc-a: { kind: web, port: 8000 } }\n";
    MISSING_MODULE "missing-module" (warning)
        "the application that uvicorn starts is in no file of the sources"
        "`app`, or the default that follows from the folder of the sources, names a module as Python \
         imports it from the workdir. The image builds without it, and the container ends at once. \
         Looked at are the names of files alone. In the example, apps/svc_a has a main.py."
        "services: { svc-a: { kind: web, port: 8000, app: \"apps.svc_a.mian:app\" } }\n"
        => "services: { svc-a: { kind: web, port: 8000, app: \"apps.svc_a.main:app\" } }\n";
    UNSUPPORTED_FILE "unsupported-file"
        "a file cannot be installed"
        "Requirement files, wheels, folders of projects, pyproject.toml, uv.lock and poetry.lock can \
         be. Export a requirement file from what another tool wrote. Locks under `locks` cover \
         what sets, `pip` and requirement files ask for, and nothing else."
        "services: { svc-a: { kind: web, port: 8000, install: environment.yml } }\n"
        => "services: { svc-a: { kind: web, port: 8000 } }\n";
    TWO_LOCKS "two-locks"
        "an image installs from two locks"
        "A lock is one whole answer to what is installed: two of them can hold different versions of \
         one package. Keep one, or move one to another service. Put more packages into a \
         requirement file: the versions of the lock constrain them."
        "tools: { uv: \"0.13.9\", poetry: \"2.5.1\" }\nservices: { svc-a: { kind: web, port: 8000, \
         install: [uv.lock, poetry.lock] } }\n"
        => "services: { svc-a: { kind: web, port: 8000 } }\n";
    UNKNOWN_PROJECT "unknown-project"
        "a lock has no project of this name"
        "`package` names one of the projects that uv.lock is of: the members of the workspace. \
         Without it, the project in the folder of the lock is meant. Only what that project needs \
         is installed. In the example, uv.lock is there and has other projects."
        "tools: { uv: \"0.13.9\" }\nservices: { svc-a: { kind: web, port: 8000, install: { path: \
         uv.lock, package: apii } } }\n"
        => "services: { svc-a: { kind: web, port: 8000 } }\n";
    MISSING_TOOL "missing-tool"
        "the version of an installer is not declared"
        "Builds download the declared version. dockwright has no default version, so that \
         upgrading dockwright changes no build."
        "installer: uv\n" => "installer: uv\ntools: { uv: \"0.13.9\" }\n";
    NO_SHELL "no-shell"
        "something needs a shell in a final image that has none"
        "`images.X.shell: false` says that an image has no shell, as distroless ones: nothing can run \
         in the final stage. What is installed, is installed in `builder`; files come by `copy`, \
         folders of `dirs` are copied empty with their owner. Packages of the distribution, further \
         groups, hooks of the final stage and steps after the sources need a shell."
        "images: { bare: { reference: registry.example/bare, tag: \"1\", shell: false, python: \
         /usr/bin/python3 } }\nservices: { svc-a: { from: bare, builder: python-slim, port: 8000, \
         groups: [video] } }\n"
        => "images: { bare: { reference: registry.example/bare, tag: \"1\", shell: false, python: \
            /usr/bin/python3 } }\nservices: { svc-a: { from: bare, builder: python-slim, port: 8000 } }\n";
    JOB_WITH_PORT "job-with-port"
        "a job has a port or a health check"
        "A job, such as a migration, runs and exits, so it has no port and no health check. \
         dockwright ignores a port or health check that is declared further up than the role, such \
         as in `defaults`, but rejects one at the same level or below."
        "services: { svc-a: { kind: web, role: job, port: 8000, cmd: [python, -m, migrate] } }\n"
        => "services: { svc-a: { kind: web, role: job, cmd: [python, -m, migrate] } }\n";
}

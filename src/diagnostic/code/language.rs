//! The codes of what one service says: placeholders, commands, sources and what is installed.

use super::{Code, Severity};

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
}

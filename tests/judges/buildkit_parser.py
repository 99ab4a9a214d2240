#!/usr/bin/env python3
"""What BuildKit's own Dockerfile parser sees in each of some files.

Prints one JSON line a file, in the order given:

    {"path": …, "instructions": [[KEYWORD, start_line, [value, …]], …],
     "details": [{"end_line": …, "flags": […], "exec_form": …}, …]}

or, where BuildKit refuses the file,

    {"path": …, "error": …}

KEYWORD is in upper case; lines count from 1. The values are those of the parser:
the strings of an exec form, the words of FROM or COPY, names and values of ENV and
LABEL in turn with their quotes still on, or the whole text as one string. They
leave out flags (`--from=…`) and heredoc bodies. For ONBUILD the first value is
the inner keyword; for an instruction that BuildKit does not know there are none.
"details" has one entry for each instruction.

With --expect, each printed line is also compared with the line of the same path in
a file of such lines, which may leave out "details" and, in place of an error, give
any error text.

Exit status: 0 all read (and as expected); 1 BuildKit refused a file, or the result
is not the expected one; 2 usage, or a file could not be opened; 77 the `dockerfile`
module is missing.
"""

import argparse
import json
import sys

INSTALL = "pip install dockerfile==3.4.0"
DISAGREED, COULD_NOT_RUN, SKIPPED = 1, 2, 77


def upper(keyword):
    """The keyword in upper case, letters folded one by one as BuildKit does."""
    known = "".join(letter.lower()[0] for letter in keyword or "").upper()
    return known if known in KNOWN else ascii_upper(keyword or "")


def ascii_upper(text):
    return "".join(c.upper() if c.isascii() else c for c in text)


def instruction(command):
    """[KEYWORD, start_line, values] of one parsed command."""
    keyword, inner = upper(command.cmd), upper(command.sub_cmd)
    values = list(command.value) if (inner or keyword) in KNOWN else []
    return [keyword, command.start_line, [inner, *values] if inner else values]


def details(command):
    return {
        "end_line": command.end_line,
        "flags": list(command.flags),
        "exec_form": command.json,
    }


def judge(path):
    """The JSON object for one file; OSError if it cannot be opened."""
    with open(path, "rb"):
        pass
    try:
        commands = dockerfile.parse_file(path)
    except (dockerfile.GoParseError, UnicodeDecodeError) as error:
        return {"path": path, "error": str(error)}
    return {
        "path": path,
        "instructions": [instruction(command) for command in commands],
        "details": [details(command) for command in commands],
    }


def agrees(seen, expected):
    """Whether `seen` is what `expected` asks for."""
    if expected is None or ("error" in seen) != ("error" in expected):
        return False
    keys = [key for key in ("instructions", "details") if key in expected]
    return all(seen.get(key) == expected[key] for key in keys)


def read_expected(path):
    with open(path, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    return {row["path"]: row for row in rows}


def run(arguments):
    expected = read_expected(arguments.expect) if arguments.expect else None
    status = 0
    for path in arguments.paths:
        seen = judge(path)
        print(json.dumps(seen, ensure_ascii=False))
        if expected is None:
            fine = "error" not in seen
        else:
            fine = agrees(seen, expected.get(path))
            if not fine:
                print(f"{path}: expected {expected.get(path)}", file=sys.stderr)
        status = status if fine else DISAGREED
    return status


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="+", metavar="DOCKERFILE")
    parser.add_argument("--expect", metavar="JSON_LINES", help="compare with this file")
    arguments = parser.parse_args()
    if dockerfile is None:
        print(f"skipped: the dockerfile module is missing, install it with `{INSTALL}`")
        return SKIPPED
    sys.stdout.reconfigure(encoding="utf-8")
    try:
        return run(arguments)
    except (OSError, ValueError) as error:
        print(f"buildkit_parser: {error}", file=sys.stderr)
        return COULD_NOT_RUN


try:
    import dockerfile
except ImportError:
    dockerfile = None
KNOWN = {name.upper() for name in dockerfile.all_cmds()} if dockerfile else set()

if __name__ == "__main__":
    sys.exit(main())

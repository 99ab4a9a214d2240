//! What is installed, whoever installs it.

use super::{installs, read, steps, whole};

#[test]
fn requirements_are_those_of_files_and_words() {
    let base = ["pip fast-api==0.110", "pip uvicorn[standard]>=0.30"];
    for instructions in [
        "COPY requirements* ./\nCOPY requirements requirements\nRUN pip install --no-cache-dir -r requirements.txt",
        "WORKDIR /x\nCOPY . .\nRUN python3 -m pip install -U --no-cache-dir -rrequirements.txt",
        "COPY requirements.txt /tmp/r.txt\nRUN pip3 install --requirement=/tmp/r.txt && rm /tmp/r.txt",
        "RUN --mount=type=bind,source=requirements.txt,target=/r.txt pip install -r /r.txt",
        "COPY requirements.txt .\nRUN uv pip install --system -r requirements.txt",
        "COPY requirements.txt .\nRUN pip install Fast_API==0.110 'uvicorn[standard] >= 0.30'",
        "COPY requirements.txt .\nRUN python -m venv /v && . /v/bin/activate && pip install -r requirements.txt",
        "COPY requirements.txt .\nRUN python -m venv /v && /v/bin/pip install -r requirements.txt",
        "COPY requirements.txt .\nRUN pip install --upgrade pip setuptools wheel && pip install -r requirements.txt || exit 1",
    ] {
        let found = read(instructions);
        assert_eq!(installs(&found), base, "{instructions}");
        assert!(
            steps(&found).is_empty(),
            "{instructions}: {:?}",
            steps(&found)
        );
    }
    assert_eq!(
        read("COPY requirements.txt .\nRUN pip install -r requirements.txt")
            .indexes
            .len(),
        1
    );
}

#[test]
fn packages_are_followed_through_stages() {
    for text in [
        "FROM a AS b\nCOPY requirements.txt .\nRUN python -m venv /opt/venv && /opt/venv/bin/pip install -r requirements.txt\nFROM a\nCOPY --from=b /opt/venv /opt/venv\nENV PATH=\"/opt/venv/bin:$PATH\" VIRTUAL_ENV=/opt/venv\n",
        "FROM a AS b\nCOPY requirements.txt .\nRUN pip install --user -r requirements.txt\nFROM a\nCOPY --from=b /root/.local /root/.local\nENV PATH=/root/.local/bin:$PATH\n",
        "FROM a AS b\nCOPY requirements.txt .\nRUN pip install --prefix=/install -r requirements.txt\nFROM a\nCOPY --from=b /install /usr/local\n",
        "FROM a AS b\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nFROM a\nCOPY --from=b /usr/local/lib/python3.12/site-packages /usr/local/lib/python3.12/site-packages\nCOPY --from=b /usr/local/bin /usr/local/bin\n",
        "FROM a AS b\nCOPY requirements.txt .\nRUN pip wheel --wheel-dir /wheels -r requirements.txt\nFROM a\nCOPY --from=b /wheels /wheels\nRUN pip install --no-index --find-links=/wheels /wheels/* && rm -rf /wheels\n",
        "FROM a AS b\nCOPY requirements.txt .\nRUN pip wheel -w /wheels -r requirements.txt\nFROM a\nRUN --mount=type=bind,from=b,source=/wheels,target=/w pip install /w/*.whl\n",
        "FROM a AS b\nCOPY requirements.txt .\nRUN pip install -r requirements.txt && rm requirements.txt\nFROM b\n",
    ] {
        let found = whole(text);
        assert_eq!(
            installs(&found),
            ["pip fast-api==0.110", "pip uvicorn[standard]>=0.30"],
            "{text}"
        );
        assert!(found.env.is_empty(), "{text}: {:?}", found.env);
        assert!(found.files.is_empty(), "{text}: {:?}", found.files);
        assert!(steps(&found).is_empty(), "{text}: {:?}", steps(&found));
    }
    let left = "FROM a AS b\nRUN pip install x\nFROM a\nCOPY --from=b /etc/y /etc/y\n";
    assert!(installs(&whole(left)).is_empty());
}

#[test]
fn locks_are_read_by_their_tools() {
    for (instructions, expected) in [
        (
            "COPY pyproject.toml uv.lock ./\nRUN uv sync --frozen --no-dev --no-install-project",
            &["uv.lock"][..],
        ),
        (
            "WORKDIR /x\nCOPY . .\nRUN uv sync --locked --extra ml",
            &["the project .", "uv.lock with groups dev with extras ml"],
        ),
        (
            "COPY pyproject.toml poetry.lock ./\nRUN pip install poetry==1.8 && poetry config virtualenvs.create false && poetry install --only main --no-root",
            &["poetry.lock"],
        ),
        (
            "COPY pyproject.toml poetry.lock ./\nRUN poetry install --no-root --with test",
            &["poetry.lock with groups dev, test"],
        ),
        (
            "COPY pyproject.toml poetry.lock ./\nRUN poetry export -f requirements.txt --output r.txt --without-hashes && pip install -r r.txt",
            &["poetry.lock"],
        ),
        (
            "RUN --mount=type=bind,source=uv.lock,target=uv.lock --mount=type=bind,source=pyproject.toml,target=pyproject.toml uv sync --no-dev --no-install-project",
            &["uv.lock"],
        ),
        (
            "COPY lib lib\nRUN pip install ./lib[x]",
            &["the project lib[x]"],
        ),
        (
            "COPY lib /l\nWORKDIR /l\nRUN pip install -e .",
            &["the project lib"],
        ),
        (
            "COPY . /x\nRUN pip install -r /x/services/api/requirements.txt",
            &["pip httpx", "the project lib"],
        ),
        (
            "RUN pip install git+https://t@h.example/a.git",
            &["pip git+https://h.example/a.git"],
        ),
        (
            "RUN pip install -r gone.txt",
            &["gone.txt, which is not in the tree"],
        ),
    ] {
        let found = read(instructions);
        assert_eq!(installs(&found), expected, "{instructions}");
        assert!(
            steps(&found).is_empty(),
            "{instructions}: {:?}",
            steps(&found)
        );
    }
}

#[test]
fn tools_stay_apart_from_what_they_install() {
    let found = read(
        "COPY --from=ghcr.io/astral-sh/uv:0.5 /uv /uvx /bin/\nRUN curl -sSL https://install.python-poetry.org | python3 -\nRUN pip install pipenv wheel",
    );
    assert_eq!(
        found.tools.iter().collect::<Vec<_>>(),
        ["pipenv", "poetry", "uv", "wheel"]
    );
    assert!(installs(&found).is_empty() && steps(&found).is_empty());
}

#[test]
fn packages_of_the_distribution_are_those_of_the_last_stage() {
    let text = "FROM a AS b\nRUN apt-get update && apt-get install -y gcc libpq-dev\nFROM a\nRUN apt-get update \\\n && apt-get install -y --no-install-recommends \\\n    curl \\\n    # note\n    libpq5=15.* \\\n && rm -rf /var/lib/apt/lists/*\nCOPY --from=b /opt /opt\n";
    let found = whole(text);
    assert_eq!(
        found.packages.iter().collect::<Vec<_>>(),
        ["curl", "libpq5=15.*"]
    );
    assert_eq!(
        found.build_packages.iter().collect::<Vec<_>>(),
        ["gcc", "libpq-dev"]
    );
    let alpine = "RUN apk add --no-cache --virtual .b gcc && apk add libpq && apk del .b";
    assert!(read(alpine).packages.contains("libpq"));
}

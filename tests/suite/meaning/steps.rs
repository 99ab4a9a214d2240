//! What no other part of a meaning holds stays a step, in order; what leaves nothing is none.

use super::{read, steps};

#[test]
fn commands_that_nothing_else_says_are_steps() {
    for instructions in [
        "RUN python -m spacy download en_core_web_sm",
        "RUN curl -sSL https://h.example/a.tgz | tar xz",
        "RUN if [ -f x ]; then pip install y; fi",
        "RUN pip install a || pip install b",
        "RUN echo a > /etc/a",
        "RUN apt-get upgrade -y",
        "RUN [\"make\", \"it\"]",
        "RUN <<E\npip install a\nif b; then c; fi\nE",
        "RUN ln -s /a /b",
        "RUN npm ci",
    ] {
        assert_eq!(read(instructions).steps.len(), 1, "{instructions}");
    }
}

#[test]
fn commands_that_leave_nothing_are_none() {
    for instructions in [
        "RUN set -eux; pip --version && python --version",
        "RUN apt-get update && apt-get clean && rm -rf /var/lib/apt/lists/* /tmp/* /root/.cache/pip",
        "RUN pip cache purge && find / -name '*.pyc' -delete",
        "RUN mkdir -p /data/{a,b} && chown -R 1000 /data && chmod +x /start.sh",
        "RUN <<E\nset -e\napt-get update\nE",
        "RUN export A=1 && cd /tmp && ls",
        "RUN useradd a && addgroup b && usermod -aG b a",
        "RUN",
    ] {
        let found = read(instructions);
        assert!(
            steps(&found).is_empty(),
            "{instructions}: {:?}",
            steps(&found)
        );
    }
}

/// What only makes installed packages smaller is no step; what changes them is one.
#[test]
fn packages_are_pruned_and_not_changed() {
    let folder = "/usr/lib/python3/site-packages";
    for (words, is_step) in [
        ("-type d -name tests -exec rm -rf {} +", false),
        ("-name '*.pyi' -delete", false),
        ("-name '*.so' -exec strip {} +", false),
        ("-name '*.pyc' -delete", false),
        ("-name '*.py' -exec sed -i s/a/b/ {} +", true),
        ("-name x.py -delete", true),
        ("-name tests -exec mv {} /srv ;", true),
    ] {
        let found = read(&format!("RUN find {folder} {words}"));
        assert_eq!(!steps(&found).is_empty(), is_step, "{words}");
    }
}

/// Without quotes the shell takes the version for a file, and pip alone is told the rest.
#[test]
fn only_pip_installs_for_pip() {
    for (command, is_step) in [
        ("pip install a>=1", false),
        ("pip3.12 install a>=1", false),
        ("pipenv install a>=1", true),
        ("pipx install a>=1", true),
    ] {
        let found = read(&format!("RUN {command}"));
        assert_eq!(!steps(&found).is_empty(), is_step, "{command}");
    }
}

#[test]
fn folders_have_owners_and_modes() {
    let found = read(
        "WORKDIR /app\nRUN mkdir -p data /x/{a,b} && chown -R app:app data && chmod 777 /x/a && install -d -o 5 -m 700 /y",
    );
    let rows: Vec<String> = found
        .folders
        .iter()
        .map(|(path, folder)| {
            let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
            format!("{path} {} {}", text(&folder.owner), text(&folder.mode))
        })
        .collect();
    assert_eq!(
        rows,
        ["/app/data app:app -", "/x/a - 777", "/x/b - -", "/y 5 700"]
    );
}

#[test]
fn a_steps_text_shows_no_value_of_a_variable() {
    let found = read("ARG TOKEN=abc\nENV KEY=def\nRUN fetch --token $TOKEN ${KEY}");
    assert_eq!(steps(&found), ["fetch --token $TOKEN ${KEY}"]);
    assert_eq!(found.steps[0].key, "fetch --token abc def");
}

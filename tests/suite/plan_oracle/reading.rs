//! A second reading of Dockerfiles and ignore rules, as plain as can be.

/// The paths that a Dockerfile takes from its context, and those that it makes others take.
pub(super) fn sources_of(dockerfile: &str) -> (Vec<String>, Vec<String>) {
    let (mut taken, mut on_build) = (Vec::new(), Vec::new());
    for line in dockerfile
        .replace("\\\n", " ")
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        let (line, list) = match line.strip_prefix("ONBUILD ") {
            Some(line) => (line, &mut on_build),
            None => (line, &mut taken),
        };
        if line.starts_with("RUN ") {
            for mount in line
                .split(" --mount=")
                .skip(1)
                .filter(|mount| mount.starts_with("type=bind"))
            {
                let options = mount.split(' ').next().unwrap().split(',');
                list.extend(
                    options
                        .filter_map(|option| {
                            option
                                .strip_prefix("source=")
                                .or(option.strip_prefix("src="))
                        })
                        .map(str::to_owned),
                );
            }
        } else if (line.starts_with("COPY ") || line.starts_with("ADD "))
            && !line.contains("--from=")
        {
            let mut words: Vec<String> = match line.find('[').filter(|_| line.contains("\", \"")) {
                Some(at) => serde_json::from_str(&line[at..]).unwrap(),
                None => line
                    .split_whitespace()
                    .skip(1)
                    .filter(|word| !word.starts_with("--"))
                    .map(str::to_owned)
                    .collect(),
            };
            words.pop();
            list.extend(words);
        }
    }
    (taken, on_build)
}

/// Whether a source takes a file: the file or a folder above matches it, part by part.
pub(super) fn reaches(source: &str, name: &str) -> bool {
    let source = source.replace("./apps/../", "");
    let wanted: Vec<&str> = source.trim_matches('/').split('/').collect();
    let parts: Vec<&str> = name.split('/').collect();
    parts.len() >= wanted.len()
        && wanted
            .iter()
            .zip(&parts)
            .all(|(pattern, part)| fits(pattern, part))
}

/// Whether the last rule about a file or a folder above it leaves it out.
pub(super) fn is_ignored(rules: &str, name: &str) -> bool {
    let parts: Vec<&str> = name.split('/').collect();
    let mut ignored = false;
    for rule in rules
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
    {
        let (keeps, pattern) = rule
            .strip_prefix('!')
            .map_or((false, rule), |pattern| (true, pattern));
        let pattern: Vec<&str> = pattern.trim_matches('/').split('/').collect();
        if (1..=parts.len()).any(|end| path_fits(&pattern, &parts[..end])) {
            ignored = !keeps;
        }
    }
    ignored
}

/// A pattern against a path, both in parts: `**` takes any number of them.
fn path_fits(pattern: &[&str], parts: &[&str]) -> bool {
    match pattern.split_first() {
        None => parts.is_empty(),
        Some((&"**", rest)) => (0..=parts.len()).any(|taken| path_fits(rest, &parts[taken..])),
        Some((first, rest)) => parts
            .split_first()
            .is_some_and(|(part, others)| fits(first, part) && path_fits(rest, others)),
    }
}

/// One part of a pattern against one part of a path.
fn fits(pattern: &str, part: &str) -> bool {
    let rest = |text: &str| text.chars().skip(1).collect::<String>();
    match pattern.chars().next() {
        None => part.is_empty(),
        Some('*') => fits(&rest(pattern), part) || (!part.is_empty() && fits(pattern, &rest(part))),
        Some('?') => !part.is_empty() && fits(&rest(pattern), &rest(part)),
        Some('[') => {
            let end = pattern.find(']').unwrap();
            part.chars()
                .next()
                .is_some_and(|first| pattern[1..end].contains(first))
                && fits(&pattern[end + 1..], &rest(part))
        }
        Some(plain) => part.starts_with(plain) && fits(&rest(pattern), &rest(part)),
    }
}

//! `Requirement` against `packaging`, the library that pip reads requirements with, over a table
//! of requirements (`fixtures/requirements/table.txt`).

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use dockwright::fleet::requirement::Requirement;
use serde_json::{Value, json};

use crate::support::has;

fn tests_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// The marks and requirements of the table, in order.
fn table() -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let text = std::fs::read_to_string(tests_folder().join("fixtures/requirements/table.txt"))?;
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (mark, quoted) = line.split_once(' ').ok_or("a line without a mark")?;
            Ok((mark.to_owned(), serde_json::from_str::<String>(quoted)?))
        })
        .collect()
}

/// What `Requirement` reads, in the form of the judge.
fn view(text: &str) -> Value {
    let Ok(requirement) = Requirement::parse(text) else {
        return json!({ "text": text, "accepted": false });
    };
    let specifiers = requirement.specifiers().into_iter().flat_map(|specifiers| specifiers.iter());
    json!({
        "text": text,
        "accepted": true,
        "name": requirement.normalized_name(),
        "extras": requirement.extras(),
        "specifiers": specifiers.map(ToString::to_string).collect::<BTreeSet<_>>(),
        "url": requirement.url(),
        "marker": requirement.marker().is_some(),
    })
}

fn run_judge() -> std::io::Result<Output> {
    Command::new("python3")
        .arg(tests_folder().join("judges/packaging_requirements.py"))
        .arg(tests_folder().join("fixtures/requirements/table.txt"))
        .output()
}

/// A line for the report where ours and the judge's view are not as the mark says.
fn difference(mark: &str, text: &str, verdict: &Value) -> Option<String> {
    let ours = view(text);
    let as_marked = match mark {
        "stricter" => verdict["accepted"] == true && Requirement::parse(text).is_err(),
        _ => *verdict == ours,
    };
    (!as_marked).then(|| format!("{mark}:\n  packaging  {verdict}\n  dockwright {ours}"))
}

#[test]
fn table_marks_every_requirement_and_holds_enough() -> Result<(), Box<dyn Error>> {
    let table = table()?;
    let same = table.iter().filter(|(mark, _)| mark == "same").count();
    assert!(same >= 150, "{same} lines marked same");
    for (mark, text) in &table {
        assert!(mark == "same" || mark == "stricter", "{text:?} is marked {mark}");
        assert!(mark == "same" || Requirement::parse(text).is_err(), "{text:?} is accepted");
    }
    Ok(())
}

#[test]
fn requirement_agrees_with_packaging_except_where_it_is_stricter() -> Result<(), Box<dyn Error>> {
    if !has(&["python3", "packaging<26.4"]) {
        return Ok(());
    }
    let output = run_judge()?;
    let stdout = String::from_utf8(output.stdout)?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let verdicts = stdout.lines().map(serde_json::from_str).collect::<Result<Vec<Value>, _>>()?;
    let table = table()?;
    assert!(table.iter().map(|(_, text)| text).eq(verdicts.iter().map(|verdict| &verdict["text"])));
    let pairs = table.iter().zip(&verdicts);
    let report = pairs.filter_map(|((mark, text), verdict)| difference(mark, text, verdict)).collect::<Vec<_>>();
    assert!(report.is_empty(), "{} differ\n{}", report.len(), report.join("\n"));
    Ok(())
}

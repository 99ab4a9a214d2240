//! `Requirement` against `packaging`, the library that pip reads requirements with, over a table
//! of requirements (`fixtures/requirements/table.txt`).

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use dockwright::values::requirement::Requirement;
use serde_json::{Value, json};

use crate::support::{Dice, cases, has, tell};
use crate::tools::OLDER_PACKAGING;

fn tests_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// The marks and requirements of the table, in order.
fn table() -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let text = std::fs::read_to_string(tests_folder().join("fixtures/requirements/table.txt"))?;
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
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
    let specifiers = requirement
        .specifiers()
        .into_iter()
        .flat_map(|specifiers| specifiers.to_vec());
    json!({
        "text": text,
        "accepted": true,
        "name": requirement.normalized_name(),
        "extras": requirement.extras(),
        "specifiers": specifiers.map(|one| one.to_string()).collect::<BTreeSet<_>>(),
        "url": requirement.url(),
        "marker": requirement.marker().is_some(),
    })
}

fn run_judge(table: &Path, older: Option<&Path>) -> std::io::Result<Output> {
    let judge = tests_folder().join("judges/packaging_requirements.py");
    Command::new("python3")
        .arg(judge)
        .arg(table)
        .args(older)
        .output()
}

/// What the judge says of each line of a table.
fn verdicts(table: &Path, older: Option<&Path>) -> Result<Vec<Value>, Box<dyn Error>> {
    let output = run_judge(table, older)?;
    let stdout = String::from_utf8(output.stdout)?;
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(stdout
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<Vec<Value>, _>>()?)
}

/// The folder of an old release of `packaging`.
fn older_packaging() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(OLDER_PACKAGING)
}

fn own_table() -> PathBuf {
    tests_folder().join("fixtures/requirements/table.txt")
}

/// A line for the report where ours and the judge's view are not as the mark says.
fn difference(mark: &str, text: &str, verdict: &Value) -> Option<String> {
    let ours = view(text);
    let as_marked = match mark {
        // Releases of packaging differ in these.
        "stricter" | "older" => Requirement::parse(text).is_err(),
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
        assert!(
            ["same", "stricter", "older"].contains(&mark.as_str()),
            "{text:?} is marked {mark}"
        );
        assert!(
            mark == "same" || Requirement::parse(text).is_err(),
            "{text:?} is accepted"
        );
        if mark == "older" {
            let refused = Requirement::parse(text).err().ok_or("accepted")?;
            let suggestion = refused
                .suggestion()
                .ok_or_else(|| format!("{text:?} has no suggestion"))?;
            assert!(
                Requirement::parse(suggestion).is_ok(),
                "{text:?}: {suggestion}"
            );
        }
    }
    Ok(())
}

#[test]
fn requirement_agrees_with_packaging_except_where_it_is_stricter() -> Result<(), Box<dyn Error>> {
    if !has(&["python3", "packaging<26.4"]) {
        return Ok(());
    }
    let verdicts = verdicts(&own_table(), None)?;
    let table = table()?;
    assert!(
        table
            .iter()
            .map(|(_, text)| text)
            .eq(verdicts.iter().map(|verdict| &verdict["text"]))
    );
    let pairs = table.iter().zip(&verdicts);
    let report = pairs
        .filter_map(|((mark, text), verdict)| difference(mark, text, verdict))
        .collect::<Vec<_>>();
    assert!(
        report.is_empty(),
        "{} differ\n{}",
        report.len(),
        report.join("\n")
    );
    Ok(())
}

/// What we accept and a release of `packaging` refuses.
fn refused_there(table: &Path, older: Option<&Path>) -> Result<Vec<String>, Box<dyn Error>> {
    let verdicts = verdicts(table, older)?;
    let texts = verdicts
        .iter()
        .filter(|verdict| verdict["accepted"] == false)
        .filter_map(|one| one["text"].as_str());
    Ok(texts
        .filter(|text| Requirement::parse(text).is_ok())
        .map(str::to_owned)
        .collect())
}

#[test]
fn what_an_old_or_a_new_packaging_refuses_is_refused() -> Result<(), Box<dyn Error>> {
    if !has(&["python3", "packaging<26.4", OLDER_PACKAGING]) {
        return Ok(());
    }
    let older = older_packaging();
    let folder = tempfile::tempdir()?;
    let generated = folder.path().join("table.txt");
    let mut dice = Dice::new(2027);
    let texts: Vec<String> = (0..cases(4_000)).map(|_| written(&mut dice)).collect();
    let accepted = texts
        .iter()
        .filter(|text| Requirement::parse(text).is_ok())
        .count();
    assert!(
        accepted * 4 > texts.len() && accepted < texts.len(),
        "{accepted} of {}",
        texts.len()
    );
    let lines = texts
        .iter()
        .map(|text| Ok(format!("same {}\n", serde_json::to_string(text)?)));
    std::fs::write(
        &generated,
        lines.collect::<Result<String, serde_json::Error>>()?,
    )?;
    for table in [own_table(), generated] {
        for older in [None, Some(older.as_path())] {
            let refused = refused_there(&table, older)?;
            assert!(
                refused.is_empty(),
                "{} accepted, but refused by packaging: {refused:#?}",
                refused.len()
            );
        }
    }
    tell(&format!("{accepted} accepted requirements"));
    Ok(())
}

/// A requirement as somebody may write it, right or slightly wrong.
fn written(dice: &mut Dice) -> String {
    let mut text = String::from(one_of(
        dice,
        &["a", "foo", "A.b", "x-y", "x_y", "0", "a1.", "foo_"],
    ));
    text += one_of(
        dice,
        &["", "", "", "[x]", "[x,y]", "[ x , y ]", "[]", " [X.y]"],
    );
    match dice.below(4) {
        0 => text.extend([" @ ", one_of(dice, &URLS)]),
        1 => {
            text.extend([one_of(dice, &["", " "]), "("]);
            text += &versions(dice);
            text.extend([one_of(dice, &["", ",", " "]), ")"]);
        }
        _ => text += &versions(dice),
    }
    if dice.below(3) == 0 {
        text += one_of(dice, &[";", " ;", "; ", " ; "]);
        text += &comparison(dice);
        if dice.below(3) == 0 {
            text += one_of(dice, &[" and ", " or ", "or ", " and  "]);
            text += &comparison(dice);
        }
    }
    if dice.below(3) == 0 {
        let place = dice.below(text.len() + 1);
        let piece = one_of(
            dice,
            &[
                ",", " ", "(", ")", ";", "'", "\"", "=", "*", "1", ".", "-", "not", "#",
            ],
        );
        text.insert_str(place, piece);
    }
    text
}

const URLS: [&str; 12] = [
    "https://h.io/a.whl",
    "http://[::1]/a.whl",
    "https://h.io:80/a?b=c&d",
    "file:///w/a.whl",
    "file://localhost/w/a.whl",
    "file:////w/a.whl",
    "git+https://h.io/r.git@v1#egg=a",
    "git+ssh://git@h.io/r",
    "git+file:///r",
    "hg+http://h/a",
    "https://h.io",
    "https://h.io/a%20b",
];

fn versions(dice: &mut Dice) -> String {
    let one = |dice: &mut Dice| {
        let operator = one_of(dice, &["==", ">=", "<=", "<", ">", "!=", "~=", "==="]);
        let version = one_of(
            dice,
            &[
                "1",
                "1.0",
                "1.4.2",
                "v1",
                "1.0rc1",
                "1.0-rc.1",
                "1.0.post1",
                "1-1",
                "1.0.dev3",
                "1!2",
                "1.0+local",
                "1_0",
                "1.0a",
                "1.*",
                "1.0.*",
                "01.2",
                "1.0-post",
                "1.0rev2",
                "1.0alpha",
                "1.0.pre1",
            ],
        );
        format!("{operator}{}{version}", one_of(dice, &["", "", " "]))
    };
    let count = dice.below(4);
    let list: Vec<String> = (0..count).map(|_| one(dice)).collect();
    list.join(one_of(dice, &[",", ", ", " , "])) + one_of(dice, &["", "", "", "", ",", " "])
}

fn comparison(dice: &mut Dice) -> String {
    let left = one_of(
        dice,
        &[
            "os_name",
            "python_version",
            "'3'",
            "extra",
            "os.name",
            "platform_machine",
            "python_full_version",
        ],
    );
    let operator = one_of(
        dice,
        &[
            "==",
            ">=",
            " in ",
            " not in ",
            "<",
            "~=",
            "===",
            "!=",
            " not  in ",
        ],
    );
    let right = one_of(
        dice,
        &["'3.8'", "\"x\"", "os_name", "\"it's\"", "''", "\"a  b\""],
    );
    let blank = one_of(dice, &["", " "]);
    format!("{left}{blank}{operator}{blank}{right}")
}

fn one_of<'a>(dice: &mut Dice, texts: &[&'a str]) -> &'a str {
    dice.choose::<&str>(texts)
}

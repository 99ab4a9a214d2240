//! Codes about what the fleet allows: rules, allowances, waivers and budgets.

use super::entry::{Code, Severity};

codes! {
    POLICY;
    UNKNOWN_RULE "unknown-rule"
        "`policy` names a rule that does not exist"
        "A mistyped rule would silently keep its default severity. `dockwright explain` lists \
         the rules; the help suggests the closest name."
        "policy: { rules: { unused-requirement-sets: deny } }\n"
        => "policy: { rules: { unused-requirement-set: deny } }\n";
    UNKNOWN_POLICY_IMAGE "unknown-policy-image" (warning)
        "`policy.images` names an image that does not exist"
        "These levels have no effect: the name is mistyped, or the image was removed. The help \
         suggests the closest name."
        "policy: { images: { svc-aa: { secret-in-env: deny } } }\n"
            => "policy: { images: { svc-a: { secret-in-env: deny } } }\n";
    UNREASONED_ALLOWANCE "unreasoned-allowance"
        "an allowance has no reason"
        "Later readers need to know why a finding is allowed. To turn a rule off for one image, \
         add an entry to `policy.allowances` with `rule`, `image` and `reason`; `until` sets an \
         end date."
        "policy: { allowances: [{ rule: unused-requirement-set, package: spare }] \
         }\nrequirements: { spare: [attrs] }\n"
        => "policy: { allowances: [{ rule: unused-requirement-set, package: spare, reason: svc-b \
         will need it }] }\nrequirements: { spare: [attrs] }\n";
    UNREASONED_BUDGET "unreasoned-budget"
        "the budget of a single image has no reason"
        "Whoever raises a budget, or reads it later, needs to know what the image takes so much \
         for. `budgets.fleet` and `budgets.each` need no reason."
        "budgets: { images: { svc-a: 1.3 GB } }\n"
            => "budgets: { images: { svc-a: { size: 1.3 GB, reason: OpenCV } } }\n";
    UNKNOWN_BUDGET_IMAGE "unknown-budget-image" (warning)
        "`budgets.images` names an image that does not exist"
        "The budget has no effect: the name is mistyped, or the image was removed. The help \
         suggests the closest name."
        "budgets: { images: { svc-aa: { size: 1.3 GB, reason: OpenCV } } }\n"
            => "budgets: { images: { svc-a: { size: 1.3 GB, reason: OpenCV } } }\n";
    OVER_BUDGET "over-budget"
        "an image or the fleet takes more bytes than its budget"
        "`dockwright sizes` compares the images that it measures with `budgets`. The message \
         names what grew, if `--compare OLD` gives an earlier sizes.json, else what is largest, \
         each with the line of services.yaml that brings it. Remove what the images do not need, \
         or raise the budget and give the reason."
        "budgets: { each: 100 MB }\n"
        => "budgets: { each: { size: 400 MB, tolerance: 5% } }\n";
    UNUSED_ALLOWANCE "unused-allowance" (warning)
        "an allowance matches nothing"
        "The finding was fixed, or a name in the allowance is mistyped. An unneeded allowance can \
         hide a new finding later: delete it."
        "policy: { allowances: [{ rule: dev-dep-in-image, image: svc-a, reason: it runs pytest }] }\n"
            => "policy: { allowances: [] }\n";
    EXPIRED_ALLOWANCE "expired-allowance" (warning)
        "an allowance has expired"
        "dockwright compares `until` with `--today YYYY-MM-DD`. Without `--today` no allowance \
         expires, so that the result depends on the commit alone. The finding is reported again: \
         fix it, or set a later day. In the example, today is 2026-01-01."
        "policy: { allowances: [{ rule: unused-requirement-set, package: spare, reason: svc-b \
         will need it, until: \"2025-12-31\" }] }\nrequirements: { spare: [attrs] }\n"
        => "policy: { allowances: [{ rule: unused-requirement-set, package: spare, reason: svc-b \
         will need it, until: \"2026-12-31\" }] }\nrequirements: { spare: [attrs] }\n";
    WAIVED_DRIFT "waived-drift" (warning)
        "a generated file does not match, and a waiver allows it"
        "A waiver names a file and the digest of its content, so one more edit ends it. It \
         counts up to and including the day in `until`, and only with `--today`: without a date, \
         the file fails the check. `check --no-waivers` ignores all waivers. To end the waiver, \
         move the edit to services.yaml. In the example, the file has that digest, and today is \
         2026-01-01."
        "policy: { waivers: [{ file: generated/svc-a/Dockerfile, sha256: \
         9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08, reason: incident 42, \
         until: \"2026-12-31\" }] }\n"
        => "$ dockwright absorb generated/svc-a/Dockerfile\n";
    UNDATED_WAIVER "undated-waiver" (warning)
        "a waiver does not count without a date"
        "A waiver ends on a day, so it counts only with `--today`: `--today now` takes the date \
         of this machine, `--today YYYY-MM-DD` another one. Without a date, waivers do not count \
         and the file fails the check, so that the result depends on the commit alone. In the \
         example, the file has that digest."
        "policy: { waivers: [{ file: generated/svc-a/Dockerfile, sha256: \
         9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08, reason: incident 42, \
         until: \"2026-12-31\" }] }\n"
        => "$ dockwright check --today now\n";
    EXPIRED_WAIVER "expired-waiver" (warning)
        "a waiver has expired"
        "The day in `until` is over, so the file fails the check again. Move the edit to \
         services.yaml with `dockwright absorb`, discard it with `dockwright generate \
         --overwrite`, or set a later day. In the example, today is 2027-01-01."
        "policy: { waivers: [{ file: generated/svc-a/Dockerfile, sha256: \
         9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08, reason: incident 42, \
         until: \"2026-12-31\" }] }\n"
        => "policy: { waivers: [{ file: generated/svc-a/Dockerfile, sha256: \
         9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08, reason: incident 42, \
         until: \"2027-01-31\" }] }\n";
    UNUSED_WAIVER "unused-waiver" (warning)
        "a waiver matches nothing"
        "The file is not a generated file, matches services.yaml already, or has other bytes than \
         the waiver says, because somebody edited it again. A waiver allows exactly one content: \
         look at the file, then set its digest, or delete the entry."
        "policy: { waivers: [{ file: generated/svc-b/Dockerfile, sha256: \
         9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08, reason: incident 42, \
         until: \"2026-12-31\" }] }\n"
        => "policy: { waivers: [] }\n";
}

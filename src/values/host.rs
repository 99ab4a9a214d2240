//! `host` or `host:port`, as image references and URLs write it.

use std::net::Ipv6Addr;

use super::invalid::{Refusal, only};

/// Checks `host` or `host:port`, the *domain* of the image reference grammar
/// (distribution/reference).
///
/// A host is dot-separated labels of letters, digits and inner dashes, or an IPv6 address in square
/// brackets. Two limits are narrower than that grammar: the port is 1 to 65535, and the brackets
/// hold a real IPv6 address.
pub(crate) fn check(value: &str) -> Result<(), Refusal> {
    let allowed = "letters, digits, `.`, `-`, `:` and the brackets of an IPv6 address";
    only(
        value,
        |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']'),
        allowed,
    )?;
    let (host, port) = match value.strip_prefix('[') {
        Some(bracketed) => split_ipv6(bracketed)?,
        None => value
            .split_once(':')
            .map_or((value, None), |(host, port)| (host, Some(port))),
    };
    if !value.starts_with('[') {
        check_domain_name(host)?;
    }
    port.map_or(Ok(()), check_port)
}

/// The address and the port of what follows an opening bracket.
fn split_ipv6(bracketed: &str) -> Result<(&str, Option<&str>), Refusal> {
    let refusal =
        || Refusal::new("must hold an IPv6 address, such as `[::1]`, between its brackets");
    let (address, rest) = bracketed.split_once(']').ok_or_else(refusal)?;
    address.parse::<Ipv6Addr>().map_err(|_| refusal())?;
    match (rest, rest.strip_prefix(':')) {
        ("", _) => Ok((address, None)),
        (_, Some(port)) => Ok((address, Some(port))),
        _ => Err(refusal()),
    }
}

fn check_domain_name(host: &str) -> Result<(), Refusal> {
    let is_alphanumeric = |character: char| character.is_ascii_alphanumeric();
    let is_label = |label: &str| {
        label.starts_with(is_alphanumeric)
            && label.ends_with(is_alphanumeric)
            && label
                .chars()
                .all(|character| character.is_ascii_alphanumeric() || character == '-')
    };
    if host.split('.').all(is_label) {
        return Ok(());
    }
    Err(Refusal::new(
        "must name a host of letters, digits, single `.` and inner `-`, such as `h.example.com`",
    ))
}

fn check_port(port: &str) -> Result<(), Refusal> {
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse::<u16>() {
        Ok(number) if digits && number > 0 => Ok(()),
        _ => Err(Refusal::new(
            "must have a port from 1 to 65535 after the host",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_the_reference_grammar_are_accepted() {
        for host in [
            "localhost",
            "localhost:5000",
            "gitea.harkon.co.uk",
            "192.168.1.1:5000",
            "xn--n3h.com",
            "[2001:db8::1]:5000",
            "[::1]",
            "Registry.Example.COM",
        ] {
            assert!(check(host).is_ok(), "{host}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for host in [
            "",
            ".",
            "a..b",
            "-a.b",
            "a-.b",
            "a.b.",
            "a_b",
            "a:",
            "a:0",
            "a:65536",
            "a:+80",
            "a:5000:6000",
            "[::1",
            "::1",
            "[::1]5000",
            "[fe80::1%eth0]",
            "[::ffff:1.2.3.4.5]",
            "a]",
            "ex\u{e4}mple.com",
        ] {
            assert!(check(host).is_err(), "{host}");
        }
    }
}

//! Who may use which part of the module `vt`.
//!
//! So VirusTotal's module has it, and its compiler with it:
//!
//! | matched against | the rules are over | and may also use |
//! |---|---|---|
//! | files | `vt.metadata`, `vt.behaviour` | |
//! | URLs | `vt.net.url` | `vt.net.domain`, `vt.net.ip` |
//! | domains | `vt.net.domain` | `vt.net.ip` |
//! | IP addresses | `vt.net.ip` | |
//!
//! What is not in a row is refused: an error. A rule that leaves out what it should be over compiles, and may be a helper for
//! others: a warning. Where nothing was said about the ruleset, VirusTotal takes it for one over files, and so does this, with
//! a warning instead of the error: whoever creates it may still say.
//!
//! Besides, `vt.metadata.submitter` is not there in retrohunt, `first_whois` and `new_whois` of an IP address are there in
//! rulesets over IP addresses alone, and `gti_assessment` is there for who has a licence of Google Threat Intelligence.

use std::ops::Range;

use yara_x_parser::ast::{Rule, RuleFlags, WithSpan as _};

use crate::condition::{NameUse, Uses};
use crate::contract::{CheckOptions, Hunt, MatchObjectType};
use crate::findings::Findings;
use crate::target::Target;

/// Compares what a rule uses of `vt` with what the ruleset is matched against.
pub(crate) fn check<'s>(
    rule: &Rule<'s>,
    uses: &Uses<'_, 's>,
    options: CheckOptions,
    target: Target,
    findings: &mut Findings<'s>,
) {
    let Target { kind: hunted, said } = target;
    let name = Some(rule.identifier.name);
    let mut over_its_own = hunted == MatchObjectType::File;
    // Once a rule and part is enough.
    let (mut refused, mut restrictions) = (Vec::<&'static str>::new(), Vec::new());
    for used in uses.names.iter().filter(|used| used.name == "vt") {
        if let Some((field, message)) = restricted(used, hunted, options)
            && !restrictions.contains(&field)
        {
            restrictions.push(field);
            findings.error("restricted-field", used.path.clone(), name, message);
        }
        let Some(part) = part(&used.fields) else { continue };
        over_its_own |= part == own(hunted);
        if offered(hunted).contains(&part) || refused.iter().any(|refused| part.starts_with(refused)) {
            continue;
        }
        refused.push(part);
        let message = mismatch(part, hunted, options.hunt);
        let span: Range<usize> = used.path.clone();
        if said {
            findings.error("match-object-type", span, name, message);
        } else {
            findings.warning("match-object-type", span, name, message);
        }
    }
    // A private rule is there for others to use.
    if !over_its_own && refused.is_empty() && !rule.flags.contains(RuleFlags::Private) {
        let message = format!(
            "The ruleset is matched against {}, and nothing in this rule is over `vt.{}`: it says nothing of what it is matched \
             against. Add a condition over it, or choose another match object type.",
            things(hunted),
            own(hunted)
        );
        findings.warning("match-object-type", rule.identifier.span().range(), name, message);
    }
}

/// A field that is not there for everybody, and why.
fn restricted<'s>(used: &NameUse<'s>, hunted: MatchObjectType, options: CheckOptions) -> Option<(&'s str, String)> {
    match used.fields.as_slice() {
        ["metadata", field @ "submitter", ..] if options.hunt == Hunt::Retrohunt => Some((
            field,
            "`vt.metadata.submitter` is not there in retrohunt: no submission is looked at. Take it out, or use livehunt."
                .to_owned(),
        )),
        ["metadata", "itw", "ip", field @ ("first_whois" | "new_whois"), ..]
        | ["net", "ip", field @ ("first_whois" | "new_whois"), ..]
            if hunted != MatchObjectType::Ip =>
        {
            let message = format!(
                "`{field}` of an IP address is there only in rulesets matched against IP addresses; this one is matched against \
                 {}. Take it out, or give the match object type `ip` to the ruleset.",
                things(hunted)
            );
            Some((field, message))
        }
        ["metadata", field @ "gti_assessment", ..]
        | ["metadata", "itw", "url" | "domain" | "ip", field @ "gti_assessment", ..]
        | ["net", "url" | "domain" | "ip", field @ "gti_assessment", ..]
            if !options.gti =>
        {
            let message = "`gti_assessment` is there only for accounts with a licence of Google Threat Intelligence. Take it \
                           out, or say that there is a licence (`--gti`).";
            Some((field, message.to_owned()))
        }
        _ => None,
    }
}

fn mismatch(part: &str, hunted: MatchObjectType, hunt: Hunt) -> String {
    let things = things(hunted);
    let next = match (hunt, part) {
        (Hunt::Retrohunt, _) => "Retrohunt is over files alone: take it out, or use a livehunt ruleset.".to_owned(),
        (Hunt::Livehunt, "metadata" | "behaviour") => {
            "Take it out, or give the match object type `file` to the ruleset.".to_owned()
        }
        (Hunt::Livehunt, "net") => {
            "Take it out, or give the match object type `url`, `domain` or `ip` to the ruleset.".to_owned()
        }
        (Hunt::Livehunt, net) => {
            let wanted = net.trim_start_matches("net.");
            format!("Take it out, or give the match object type `{wanted}` to the ruleset.")
        }
    };
    format!("`vt.{part}` is not there in a ruleset matched against {things}. {next}")
}

/// The part of the module that a path is in, if it is one that depends on what is matched.
fn part(fields: &[&str]) -> Option<&'static str> {
    match fields {
        ["metadata", ..] => Some("metadata"),
        ["behaviour", ..] => Some("behaviour"),
        ["net", "url", ..] => Some("net.url"),
        ["net", "domain", ..] => Some("net.domain"),
        ["net", "ip", ..] => Some("net.ip"),
        ["net", ..] => Some("net"),
        _ => None,
    }
}

/// The part that rules of this type are over.
fn own(hunted: MatchObjectType) -> &'static str {
    match hunted {
        MatchObjectType::File => "metadata",
        MatchObjectType::Url => "net.url",
        MatchObjectType::Domain => "net.domain",
        MatchObjectType::Ip => "net.ip",
    }
}

/// The parts that are there for rules of this type.
fn offered(hunted: MatchObjectType) -> &'static [&'static str] {
    match hunted {
        MatchObjectType::File => &["metadata", "behaviour"],
        MatchObjectType::Url => &["net", "net.url", "net.domain", "net.ip"],
        MatchObjectType::Domain => &["net", "net.domain", "net.ip"],
        MatchObjectType::Ip => &["net", "net.ip"],
    }
}

fn things(hunted: MatchObjectType) -> &'static str {
    match hunted {
        MatchObjectType::File => "files",
        MatchObjectType::Url => "URLs",
        MatchObjectType::Domain => "domains",
        MatchObjectType::Ip => "IP addresses",
    }
}

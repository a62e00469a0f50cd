//! What rules are matched against, by what was said of the ruleset and by what they say themselves: `target_entity` in their
//! section `meta`.

use yara_x_parser::ast::{AST, MetaValue, Rule, WithSpan as _};

use crate::contract::{CheckOptions, Hunt, MatchObjectType};
use crate::findings::Findings;

/// What the rules are matched against.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    pub(crate) kind: MatchObjectType,
    /// Whether anybody said so; otherwise it is what VirusTotal takes.
    pub(crate) said: bool,
}

impl Target {
    /// What the rules are matched against, and what they say of it themselves, if they say one thing.
    pub(crate) fn of<'s>(
        ast: &AST<'s>,
        options: CheckOptions,
        findings: &mut Findings<'s>,
    ) -> (Target, Option<MatchObjectType>) {
        let mut first: Option<(MatchObjectType, &'s str)> = None;
        let mut contradicted = false;
        for rule in ast.rules() {
            let name = rule.identifier.name;
            let Some(kind) = said_by(rule, options, findings) else { continue };
            match first {
                None => first = Some((kind, name)),
                Some((other, by)) if other != kind => {
                    contradicted = true;
                    let message = format!(
                        "`target_entity` is `{}` here and `{}` in the rule `{by}`, and a ruleset is matched against one kind of \
                         object. Make two rulesets of them.",
                        word(kind),
                        word(other)
                    );
                    findings.error("target-entity", rule.identifier.span().range(), Some(name), message);
                }
                Some(_) => {}
            }
        }
        let said = first.filter(|_| !contradicted).map(|(kind, _)| kind);
        let target = match (options.hunt, options.match_object_type, first) {
            (Hunt::Retrohunt, ..) => Target { kind: MatchObjectType::File, said: true },
            (Hunt::Livehunt, Some(kind), _) | (Hunt::Livehunt, None, Some((kind, _))) => Target { kind, said: true },
            (Hunt::Livehunt, None, None) => Target { kind: MatchObjectType::File, said: false },
        };
        (target, said)
    }
}

/// What a rule says itself, compared with what was said of the ruleset.
fn said_by<'s>(rule: &Rule<'s>, options: CheckOptions, findings: &mut Findings<'s>) -> Option<MatchObjectType> {
    let meta = rule.meta.iter().flatten().find(|meta| meta.identifier.name == "target_entity")?;
    let name = Some(rule.identifier.name);
    let span = meta.identifier.span().range();
    let kind = match &meta.value {
        MetaValue::String((text, _)) => kind(text),
        _ => None,
    };
    let Some(kind) = kind else {
        let message =
            "`target_entity` says what a rule is matched against: \"file\", \"url\", \"domain\" or \"ip_address\". \
                       This is none of them: correct it."
                .to_owned();
        findings.warning("target-entity", span, name, message);
        return None;
    };
    match (options.hunt, options.match_object_type) {
        (Hunt::Retrohunt, _) if kind != MatchObjectType::File => {
            let message = format!(
                "`target_entity` is `{}`, and retrohunt is over files alone. Use a livehunt ruleset, or leave the rule out.",
                word(kind)
            );
            findings.warning("target-entity", span, name, message);
        }
        (Hunt::Livehunt, Some(wanted)) if wanted != kind => {
            let message = format!(
                "`target_entity` in the `meta` of the rule is `{}`, and the match object type given for the ruleset \
                 (`--match-object-type`) is `{}`. Change one of them.",
                word(kind),
                word(wanted)
            );
            findings.error("target-entity", span, name, message);
        }
        _ => {}
    }
    Some(kind)
}

fn kind(text: &str) -> Option<MatchObjectType> {
    Some(match text {
        "file" => MatchObjectType::File,
        "url" => MatchObjectType::Url,
        "domain" => MatchObjectType::Domain,
        "ip" | "ip_address" => MatchObjectType::Ip,
        _ => return None,
    })
}

fn word(kind: MatchObjectType) -> &'static str {
    match kind {
        MatchObjectType::File => "file",
        MatchObjectType::Url => "url",
        MatchObjectType::Domain => "domain",
        MatchObjectType::Ip => "ip",
    }
}

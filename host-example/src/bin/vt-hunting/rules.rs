//! Rules checked here, by the second component: on their own (`vt-hunting rules check`), and before they are uploaded.
//!
//! The check before an upload is a help and no gate: without the component there is none, and where the component itself
//! fails the upload goes on. What it finds wrong is refused before anything is sent, and `--no-check` leaves it out.

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use vt_hunting_host::{
    RulesChecker, livehunt,
    rules_check::{CheckOptions, Finding, Hunt, MatchObjectType, Report, Severity},
};

use crate::{
    args::{
        self, Command,
        global::{Format, Global},
        livehunt::Livehunt,
        retrohunt::Retrohunt,
        rules::Check,
        value::Source,
    },
    dispatch::{Call, LivehuntCall, RetrohuntCall},
    embedded,
    exit::Kind,
    failure::{self, Failure},
    load,
    output::{self, json, style, text::plain},
};

/// What it is called that a text has errors.
const INVALID: &str = "RulesInvalid";

/// `vt-hunting rules check`
pub(crate) async fn check(args: &Check, global: &Global, style: &style::Style) -> Result<(), Failure> {
    if args.files.iter().filter(|file| **file == Source::Stdin).count() > 1 {
        let message = "standard input can be read once: `-` is given several times.";
        return Err(Failure::argument("Unreadable", message, "give `-` once, or files"));
    }
    let Some(checker) = find(global).await? else {
        return Err(missing(global));
    };
    let mut checked = Vec::new();
    for file in &args.files {
        let source = args::read_rules(file)?;
        let report = checker.check(&source, args.into()).await;
        let report = report.map_err(|error| {
            Failure::host(Kind::Trap, "NotChecked", format!("{file}: {error}"), "-vv shows what happened")
        })?;
        checked.push(Checked { file: file.to_string(), report });
    }
    let shown = match style.format {
        Format::Table => checked.iter().map(|checked| checked.text(style.look.colour)).collect(),
        Format::Json | Format::Jsonl => {
            let items: Vec<Item<'_>> = checked.iter().map(Item::from).collect();
            json::list(&items, style).map_err(json::unfit)?
        }
    };
    output::write(&shown)?;
    let wrong = checked.iter().filter(|checked| checked.report.has_errors()).count();
    if wrong == 0 {
        return Ok(());
    }
    let message = match checked.as_slice() {
        [only] => format!("{}: {}.", only.file, only.counts()),
        all => format!("{wrong} of {} files have errors.", all.len()),
    };
    Err(Failure::argument(INVALID, message, "correct what is marked as an error; warnings may stay"))
}

/// Rules that are about to be uploaded.
pub(crate) struct Upload<'a> {
    /// Where they come from, as a person calls it.
    pub(crate) from: String,
    /// Their text.
    pub(crate) rules: &'a str,
    /// What they are for.
    pub(crate) options: CheckOptions,
    /// Whether it is known what they are matched against: of a ruleset that exists it is not.
    pub(crate) type_is_known: bool,
}

/// A check before an upload, as a command asks for it.
pub(crate) struct Wanted {
    /// Where the rules come from, as a person calls it.
    from: String,
    /// Whether the account has a licence of Google Threat Intelligence.
    gti: bool,
}

/// How the rules are checked that a command uploads, unless they are not to be.
pub(crate) fn wanted(command: &Command) -> Option<Wanted> {
    let (source, check) = match command {
        Command::Livehunt(Livehunt::CreateRuleset(args)) => (&args.rules, args.check),
        Command::Livehunt(Livehunt::UpdateRuleset(args)) => (args.rules.as_ref()?, args.check),
        Command::Retrohunt(Retrohunt::CreateJob(args)) => (&args.rules, args.check),
        _ => return None,
    };
    (!check.no_check).then(|| Wanted { from: source.to_string(), gti: check.licence.gti })
}

impl<'a> Upload<'a> {
    /// What a call uploads, if it is rules.
    pub(crate) fn of(call: &'a Call, Wanted { from, gti }: Wanted) -> Option<Self> {
        let (rules, hunt, kind, type_is_known) = match call {
            Call::Livehunt(LivehuntCall::CreateRuleset(new)) => {
                // What VirusTotal takes it for where nothing is said.
                let kind = new.match_object_type.unwrap_or(livehunt::MatchObjectType::File);
                (&new.rules, Hunt::Livehunt, Some(kind), true)
            }
            Call::Livehunt(LivehuntCall::UpdateRuleset(_, changes)) => {
                let kind = changes.match_object_type;
                (changes.rules.as_ref()?, Hunt::Livehunt, kind, kind.is_some())
            }
            Call::Retrohunt(RetrohuntCall::CreateJob(new, _)) => (&new.rules, Hunt::Retrohunt, None, true),
            _ => return None,
        };
        let match_object_type = kind.map(|kind| match kind {
            livehunt::MatchObjectType::File => MatchObjectType::File,
            livehunt::MatchObjectType::Url => MatchObjectType::Url,
            livehunt::MatchObjectType::Domain => MatchObjectType::Domain,
            livehunt::MatchObjectType::Ip => MatchObjectType::Ip,
        });
        Some(Self { from, rules, options: CheckOptions { hunt, match_object_type, gti }, type_is_known })
    }
}

/// Refuses rules with errors, and tells of warnings, before anything is sent; how many rules there are. Without the
/// component it does nothing, and does not know.
pub(crate) async fn check_before_upload(
    upload: Upload<'_>,
    global: &Global,
    style: &style::Style,
) -> Result<Option<u32>, Failure> {
    let Some(checker) = find(global).await? else {
        tracing::debug!("the component that checks rules is not there; they are uploaded unchecked");
        return Ok(None);
    };
    let mut report = match checker.check(upload.rules, upload.options).await {
        Ok(report) => report,
        Err(error) => {
            failure::note(style.failures_as_json, "RulesNotChecked", &error.to_string());
            return Ok(None);
        }
    };
    let count = Some(report.number_of_rules);
    if !upload.type_is_known {
        report.findings.retain(|finding| finding.code != "match-object-type");
    }
    if report.findings.is_empty() {
        return Ok(count);
    }
    let checked = Checked { file: upload.from, report };
    failure::tell(&if style.failures_as_json { checked.lines() } else { checked.text(true) });
    if checked.report.has_errors() {
        let message = format!("{}: {}. Nothing was sent.", checked.file, checked.counts());
        return Err(Failure::argument(INVALID, message, "correct what is marked; --no-check lets VirusTotal decide"));
    }
    Ok(count)
}

/// Why there is no check.
fn missing(global: &Global) -> Failure {
    let Some(component) = load::component(global) else {
        return load::lacks("the component that checks rules", "--component PATH, with that component next to it,");
    };
    let path = RulesChecker::beside(component);
    let message = format!("the component that checks rules is not there: {}", path.display());
    let hint = "`cargo xtask build` makes it, next to the one that --component names";
    Failure::host(Kind::Load, "NotThere", message, hint)
}

/// Compiled, if it is there: next to the component that the user named, else in this program.
async fn find(global: &Global) -> Result<Option<RulesChecker>, Failure> {
    let component = load::component(global);
    let hint = "build both components with `cargo xtask build`; --no-check uploads without the check";
    let not_loaded = |error: String| Failure::host(Kind::Load, "NotLoaded", error, hint);
    let find = move || {
        let compiled = load::compiled();
        let built_in = |bytes| RulesChecker::from_bytes_with(bytes, compiled.as_deref());
        match component {
            Some(path) => RulesChecker::find_with(path, compiled.as_deref()),
            None => embedded::RULES_CHECK.map(built_in).transpose(),
        }
    };
    let found = tokio::task::spawn_blocking(find).await;
    found.map_err(|error| not_loaded(error.to_string()))?.map_err(|error| not_loaded(error.to_string()))
}

/// A text and what came of checking it.
struct Checked {
    file: String,
    report: Report,
}

impl Checked {
    /// As compilers show it, and a line that sums up.
    fn text(&self, colour: bool) -> String {
        let mut text: String = self.report.findings.iter().map(|finding| shown(&self.file, finding, colour)).collect();
        match self.report.findings_left_out {
            0 => {}
            left_out => text += &format!("… and {left_out} more findings\n\n"),
        }
        text + &format!("{}: {}\n", plain(&self.file), self.counts())
    }

    /// Every finding on a line of JSON.
    fn lines(&self) -> String {
        #[derive(Serialize)]
        struct Line<'a> {
            finding: FindingItem<'a>,
        }
        let lines = self.report.findings.iter().map(|finding| Line { finding: finding.into() });
        lines.filter_map(|line| json::line(&line).ok()).map(|line| line + "\n").collect()
    }

    /// `3 rules, 1 error, 2 warnings`
    fn counts(&self) -> String {
        let errors = self.report.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        let warnings = self.report.findings.len() - errors;
        let mut text = counted(self.report.number_of_rules as usize, "rule");
        match (errors, warnings) {
            (0, 0) => text += ", nothing found",
            (errors, 0) => text += &format!(", {}", counted(errors, "error")),
            (0, warnings) => text += &format!(", {}", counted(warnings, "warning")),
            _ => text += &format!(", {}, {}", counted(errors, "error"), counted(warnings, "warning")),
        }
        text
    }
}

fn counted(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// One finding, with the line it is in.
fn shown(file: &str, finding: &Finding, colour: bool) -> String {
    let styled = |style: Style| if colour { style } else { Style::new() };
    let tone = match finding.severity {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
    };
    let strong = styled(Style::new().bold().fg_color(Some(tone.into())));
    let frame = styled(Style::new().fg_color(Some(AnsiColor::Blue.into())));
    let number = finding.line.to_string();
    let indent = " ".repeat(number.len());
    let (line, mark) = finding.excerpt.split_once('\n').unwrap_or((&finding.excerpt, ""));
    let rule = finding.rule.as_ref().map(|rule| format!(" in rule {}", plain(rule))).unwrap_or_default();
    format!(
        "{strong}{}[{}]{strong:#}: {}\n{indent}{frame}-->{frame:#} {}:{}:{}{rule}\n{indent} {frame}|{frame:#}\n\
         {frame}{number} |{frame:#} {}\n{indent} {frame}|{frame:#} {strong}{}{strong:#}\n\n",
        severity(finding.severity),
        plain(&finding.code),
        plain(&finding.message),
        plain(file),
        finding.line,
        finding.column,
        plain(line),
        plain(mark),
    )
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// A report as JSON.
#[derive(Serialize)]
struct Item<'a> {
    file: &'a str,
    ok: bool,
    number_of_rules: u32,
    rule_names: &'a [String],
    imports: &'a [String],
    findings: Vec<FindingItem<'a>>,
    findings_left_out: u32,
}

/// A finding as JSON.
#[derive(Serialize)]
struct FindingItem<'a> {
    severity: &'static str,
    code: &'a str,
    message: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    rule: Option<&'a str>,
    excerpt: &'a str,
}

impl<'a> From<&'a Checked> for Item<'a> {
    fn from(checked: &'a Checked) -> Self {
        let Checked { file, report } = checked;
        Self {
            file,
            ok: !report.has_errors(),
            number_of_rules: report.number_of_rules,
            rule_names: &report.rule_names,
            imports: &report.imports,
            findings: report.findings.iter().map(FindingItem::from).collect(),
            findings_left_out: report.findings_left_out,
        }
    }
}

impl<'a> From<&'a Finding> for FindingItem<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            severity: severity(finding.severity),
            code: &finding.code,
            message: &finding.message,
            line: finding.line,
            column: finding.column,
            end_line: finding.end_line,
            end_column: finding.end_column,
            rule: finding.rule.as_deref(),
            excerpt: &finding.excerpt,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked() -> Checked {
        let finding = Finding {
            severity: Severity::Error,
            code: "syntax-error".to_owned(),
            message: "Syntax error: it\u{1b}[2J.".to_owned(),
            line: 12,
            column: 3,
            end_line: 12,
            end_column: 5,
            rule: Some("a".to_owned()),
            excerpt: "  xx\n  ^^".to_owned(),
        };
        let report = Report {
            number_of_rules: 1,
            rule_names: vec!["a".to_owned()],
            imports: Vec::new(),
            target_entity: None,
            findings: vec![finding.clone(), Finding { severity: Severity::Warning, ..finding }],
            findings_left_out: 7,
        };
        Checked { file: "x.yar".to_owned(), report }
    }

    #[test]
    fn a_finding_is_shown_as_compilers_do() {
        let text = checked().text(false);
        let (first, rest) = text.split_once("\n\n").unwrap();
        assert_eq!(
            first,
            "error[syntax-error]: Syntax error: it\\u{1b}[2J.\n  --> x.yar:12:3 in rule a\n   |\n12 |   xx\n   |   ^^"
        );
        assert!(rest.starts_with("warning[syntax-error]: "), "{rest}");
        assert!(rest.ends_with("… and 7 more findings\n\nx.yar: 1 rule, 1 error, 1 warning\n"), "{rest}");
    }

    #[test]
    fn colours_are_all_that_a_terminal_adds() {
        let coloured = checked().text(true);
        assert!(coloured.contains("\u{1b}["));
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), checked().text(false));
    }

    #[test]
    fn json_has_every_field() {
        let line = serde_json::to_string(&Item::from(&checked())).unwrap();
        let expected = "{\"file\":\"x.yar\",\"ok\":false,\"number_of_rules\":1,\"rule_names\":[\"a\"],\"imports\":[],\
                        \"findings\":[{\"severity\":\"error\",\"code\":\"syntax-error\",";
        assert!(line.starts_with(expected), "{line}");
        assert!(line.ends_with("\"findings_left_out\":7}"), "{line}");
        assert_eq!(checked().lines().lines().count(), 2);
    }

    #[test]
    fn numbers_are_counted_in_words() {
        let mut none = checked();
        none.report.findings.clear();
        none.report.number_of_rules = 2;
        assert_eq!(none.counts(), "2 rules, nothing found");
    }
}

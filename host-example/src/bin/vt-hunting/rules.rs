//! Rules checked here, by the second component: on their own (`vt-hunting rules check`), and before they are uploaded.
//!
//! The check before an upload is a help and no gate: without the component there is none, and where the component itself
//! fails the upload goes on. What it finds wrong is refused before anything is sent, and `--no-check` leaves it out.

use std::path::PathBuf;
use std::sync::Arc;

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use vt_hunting_host::{
    RulesChecker, livehunt,
    rules_check::{CheckError, CheckOptions, Finding, Hunt, MatchObjectType, Report, Severity},
};

use crate::{
    args::{
        self, Command,
        global::{Format, Global},
        livehunt::{IfExists, Livehunt},
        retrohunt::Retrohunt,
        rules::{Check, CheckFirst},
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
    // All at once: the checker itself bounds how many run.
    let checker = Arc::new(checker);
    let options: CheckOptions = args.into();
    let checks: Vec<_> = sources(&args.files)
        .map(|given| {
            let checker = Arc::clone(&checker);
            tokio::spawn(async move { checked(&checker, given, options).await })
        })
        .collect();
    let mut checked = Vec::new();
    for check in checks {
        let done = check.await;
        checked.push(
            done.map_err(|error| {
                Failure::host(Kind::Trap, "NotChecked", error.to_string(), "-vv shows what happened")
            })?,
        );
    }
    let shown = match style.format {
        Format::Table => checked.iter().map(|checked| checked.text(style.look.colour)).collect(),
        Format::Json | Format::Jsonl => {
            let items: Vec<Item<'_>> = checked.iter().map(Item::from).collect();
            json::list(&items, style).map_err(json::unfit)?
        }
    };
    output::write(&shown)?;
    let wrong = checked.iter().filter(|checked| checked.is_wrong()).count();
    if wrong == 0 {
        return Ok(());
    }
    let message = match checked.as_slice() {
        [only] => format!("{}: {}.", only.file, only.counts()),
        all => format!("{wrong} of {} files have errors or cannot be checked.", all.len()),
    };
    Err(Failure::argument(INVALID, message, "correct what is marked as an error; warnings may stay"))
}

/// A text to check, or a folder and why it has none.
struct Given {
    source: Source,
    problem: Option<String>,
}

/// What was given, with the rules of a folder in place of it, in the order of their paths.
fn sources(given: &[Source]) -> impl Iterator<Item = Given> {
    given.iter().flat_map(|source| match source {
        Source::File(path) if path.is_dir() => below(path.clone()),
        source => vec![Given { source: source.clone(), problem: None }],
    })
}

/// The files with rules in a folder and those below it, sorted, and the folders that cannot be read. A link to a folder is not
/// followed: it may lead round in a circle.
fn below(folder: PathBuf) -> Vec<Given> {
    let (mut found, mut problems, mut left) = (Vec::new(), Vec::new(), vec![folder.clone()]);
    while let Some(folder) = left.pop() {
        let read = std::fs::read_dir(&folder).and_then(|entries| {
            for entry in entries {
                let entry = entry?;
                let path = entry.path();
                let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
                if entry.file_type()?.is_dir() {
                    left.push(path);
                } else if ["yar", "yara"].iter().any(|yara| ending.eq_ignore_ascii_case(yara)) && !path.is_dir() {
                    found.push(path);
                }
            }
            Ok(())
        });
        if let Err(error) = read {
            problems.push((folder, format!("cannot be read: {error}")));
        }
    }
    if found.is_empty() && problems.is_empty() {
        problems.push((folder, "there is no file in this folder that ends in .yar or .yara".to_owned()));
    }
    let found = found.into_iter().map(|path| (path, None));
    let mut given: Vec<_> = found.chain(problems.into_iter().map(|(path, problem)| (path, Some(problem)))).collect();
    given.sort();
    given.into_iter().map(|(path, problem)| Given { source: Source::File(path), problem }).collect()
}

/// Reads a text and checks it. One that cannot be read, or not be checked to its end, is reported among the others.
async fn checked(checker: &RulesChecker, given: Given, options: CheckOptions) -> Checked {
    let Given { source, problem } = given;
    let file = source.to_string();
    let text = match problem {
        Some(problem) => Err(problem),
        None => args::read_rules(&source).map_err(|failure| {
            let hint = failure.hint.map(|hint| format!(" {hint}")).unwrap_or_default();
            format!("{}{hint}", failure.message)
        }),
    };
    let report = match text {
        Ok(text) => checker.check(&text, options).await.map_err(|error| error.to_string()),
        Err(problem) => Err(problem),
    };
    Checked { file, report }
}

/// Rules that are about to be uploaded.
pub(crate) struct Upload<'a> {
    /// Where they come from, as a person calls it.
    from: String,
    /// Their text.
    rules: &'a str,
    /// What they are for.
    options: CheckOptions,
    /// What VirusTotal takes them for where neither a flag nor they themselves say it; of a ruleset that exists it is not known.
    default: Option<MatchObjectType>,
    /// Whether findings are of no interest, and only what the rules say of themselves is.
    unchecked: bool,
}

/// A check before an upload, as a command asks for it.
pub(crate) struct Wanted {
    /// Where the rules come from, as a person calls it.
    from: String,
    flags: CheckFirst,
}

/// How the rules are checked that a command uploads.
pub(crate) fn wanted(command: &Command) -> Option<Wanted> {
    let (source, flags) = match command {
        Command::Livehunt(Livehunt::CreateRuleset(args)) => (&args.rules, args.check),
        Command::Livehunt(Livehunt::UpdateRuleset(args)) => (args.rules.as_ref()?, args.check),
        Command::Retrohunt(Retrohunt::CreateJob(args)) => (&args.rules, args.check),
        _ => return None,
    };
    Some(Wanted { from: source.to_string(), flags })
}

impl<'a> Upload<'a> {
    /// What a call uploads, if it is rules.
    pub(crate) fn of(call: &'a Call, Wanted { from, flags }: Wanted) -> Option<Self> {
        let (rules, hunt, kind, default) = match call {
            Call::Livehunt(LivehuntCall::CreateRuleset(new, if_exists)) => {
                // It may be that one is changed that is there.
                let default = (*if_exists != IfExists::Update).then_some(MatchObjectType::File);
                (&new.rules, Hunt::Livehunt, new.match_object_type, default)
            }
            Call::Livehunt(LivehuntCall::UpdateRuleset(_, changes)) => {
                (changes.rules.as_ref()?, Hunt::Livehunt, changes.match_object_type, None)
            }
            Call::Retrohunt(RetrohuntCall::CreateJob(new, _)) => (&new.rules, Hunt::Retrohunt, None, None),
            _ => return None,
        };
        let match_object_type = kind.map(|kind| match kind {
            livehunt::MatchObjectType::File => MatchObjectType::File,
            livehunt::MatchObjectType::Url => MatchObjectType::Url,
            livehunt::MatchObjectType::Domain => MatchObjectType::Domain,
            livehunt::MatchObjectType::Ip => MatchObjectType::Ip,
        });
        let options = CheckOptions { hunt, match_object_type, gti: flags.gti };
        Some(Self { from, rules, options, default, unchecked: flags.no_check })
    }

    /// Checks them: for what a flag or they themselves say they are matched against, or else for what VirusTotal takes.
    async fn check(&self, checker: &RulesChecker) -> Result<Report, CheckError> {
        let mut report = checker.check(self.rules, self.options).await?;
        let is_open = self.options.hunt == Hunt::Livehunt
            && self.options.match_object_type.is_none()
            && report.target_entity.is_none();
        if is_open && !self.unchecked {
            match self.default {
                Some(_) => {
                    let options = CheckOptions { match_object_type: self.default, ..self.options };
                    report = checker.check(self.rules, options).await?;
                }
                None => report.findings.retain(|finding| finding.code != "match-object-type"),
            }
        }
        Ok(report)
    }
}

/// What the check found out about rules that are about to be uploaded.
pub(crate) struct Known {
    /// How many there are.
    pub(crate) number_of_rules: u32,
    target_entity: Option<MatchObjectType>,
}

impl Known {
    /// Has the ruleset matched against what its rules say, where nothing else was said.
    pub(crate) fn complete(&self, call: &mut Call) {
        let kind = match call {
            Call::Livehunt(LivehuntCall::CreateRuleset(new, _)) => &mut new.match_object_type,
            Call::Livehunt(LivehuntCall::UpdateRuleset(_, changes)) => &mut changes.match_object_type,
            _ => return,
        };
        *kind = kind.or(self.target_entity.map(|said| match said {
            MatchObjectType::File => livehunt::MatchObjectType::File,
            MatchObjectType::Url => livehunt::MatchObjectType::Url,
            MatchObjectType::Domain => livehunt::MatchObjectType::Domain,
            MatchObjectType::Ip => livehunt::MatchObjectType::Ip,
        }));
    }
}

/// Refuses rules with errors, and reports warnings, before anything is sent. Without the component it does nothing, and
/// knows nothing.
pub(crate) async fn check_before_upload(
    upload: Upload<'_>,
    global: &Global,
    style: &style::Style,
) -> Result<Option<Known>, Failure> {
    let found = match find(global).await {
        // What was not to be checked needs no component.
        Err(_) if upload.unchecked => None,
        found => found?,
    };
    let Some(checker) = found else {
        tracing::debug!("the component that checks rules is not there; they are uploaded unchecked");
        return Ok(None);
    };
    let report = match upload.check(&checker).await {
        Ok(report) => report,
        Err(error) => {
            if !upload.unchecked {
                failure::note(style.failures_as_json, "RulesNotChecked", &error.to_string());
            }
            return Ok(None);
        }
    };
    let known = Some(Known { number_of_rules: report.number_of_rules, target_entity: report.target_entity });
    if upload.unchecked || report.findings.is_empty() {
        return Ok(known);
    }
    let checked = Checked { file: upload.from, report: Ok(report) };
    failure::tell(&if style.failures_as_json { checked.lines() } else { checked.text(true) });
    if checked.is_wrong() {
        let message = format!("{}: {}. Nothing was sent.", checked.file, checked.counts());
        return Err(Failure::argument(INVALID, message, "correct what is marked; --no-check lets VirusTotal decide"));
    }
    Ok(known)
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
    /// Or why it could not be read or checked.
    report: Result<Report, String>,
}

impl Checked {
    fn is_wrong(&self) -> bool {
        self.report.as_ref().map_or(true, Report::has_errors)
    }

    fn findings(&self) -> &[Finding] {
        self.report.as_ref().map_or(&[], |report| &report.findings)
    }

    /// As compilers show it, and a line that sums up.
    fn text(&self, colour: bool) -> String {
        let mut text: String = self.findings().iter().map(|finding| shown(&self.file, finding, colour)).collect();
        if let Ok(Report { findings_left_out: left_out @ 1.., .. }) = self.report {
            text += &format!("… and {left_out} more findings\n\n");
        }
        text + &format!("{}: {}\n", plain(&self.file), plain(&self.counts()))
    }

    /// Every finding on a line of JSON.
    fn lines(&self) -> String {
        #[derive(Serialize)]
        struct Line<'a> {
            finding: FindingItem<'a>,
        }
        let lines = self.findings().iter().map(|finding| Line { finding: finding.into() });
        lines.filter_map(|line| json::line(&line).ok()).map(|line| line + "\n").collect()
    }

    /// `3 rules, 1 error, 2 warnings`, or why it could not be read or checked.
    fn counts(&self) -> String {
        let report = match &self.report {
            Ok(report) => report,
            Err(problem) => return problem.clone(),
        };
        let errors = report.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        let warnings = report.findings.len() - errors;
        let mut text = counted(report.number_of_rules as usize, "rule");
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

fn entity(kind: MatchObjectType) -> &'static str {
    match kind {
        MatchObjectType::File => "file",
        MatchObjectType::Url => "url",
        MatchObjectType::Domain => "domain",
        MatchObjectType::Ip => "ip",
    }
}

/// A report as JSON.
#[derive(Serialize)]
struct Item<'a> {
    file: &'a str,
    ok: bool,
    /// Why the file could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    unreadable: Option<&'a str>,
    number_of_rules: u32,
    rule_names: &'a [String],
    imports: &'a [String],
    target_entity: Option<&'static str>,
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
        let report = checked.report.as_ref();
        Self {
            file: &checked.file,
            ok: !checked.is_wrong(),
            unreadable: report.err().map(String::as_str),
            number_of_rules: report.map_or(0, |report| report.number_of_rules),
            rule_names: report.map_or(&[], |report| &report.rule_names),
            imports: report.map_or(&[], |report| &report.imports),
            target_entity: report.ok().and_then(|report| report.target_entity).map(entity),
            findings: checked.findings().iter().map(FindingItem::from).collect(),
            findings_left_out: report.map_or(0, |report| report.findings_left_out),
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
        Checked { file: "x.yar".to_owned(), report: Ok(report) }
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
                        \"target_entity\":null,\"findings\":[{\"severity\":\"error\",\"code\":\"syntax-error\",";
        assert!(line.starts_with(expected), "{line}");
        assert!(line.ends_with("\"findings_left_out\":7}"), "{line}");
        assert_eq!(checked().lines().lines().count(), 2);
    }

    #[test]
    fn numbers_are_counted_in_words() {
        let mut none = checked();
        if let Ok(report) = &mut none.report {
            report.findings.clear();
            report.number_of_rules = 2;
        }
        assert_eq!(none.counts(), "2 rules, nothing found");
    }
}

//! The YARA-X compiler as the judge of `yara-check`: over the same table it has to say what the table says it says.
#![forbid(unsafe_code)]

pub mod cases;
pub mod generated;

#[cfg(test)]
mod tests {
    use yara_x::Compiler;

    use super::cases::{CASES, Hunt};
    use super::generated;

    const LEGACY_TEXTS: [&str; 10] =
        ["file_name", "file_type", "imphash", "md5", "sha1", "sha256", "signatures", "ssdeep", "tags", "vhash"];

    /// The line of the first error, if the text does not compile.
    fn verdict(source: &str, hunt: Hunt) -> Option<(usize, String)> {
        let mut compiler = Compiler::new();
        compiler.enable_includes(false).relaxed_re_syntax(true);
        compiler.error_on_slow_pattern(true).error_on_slow_loop(true);
        // How VirusTotal tells its module `vt` what the rules are matched against, and for whom.
        compiler.enable_feature(match hunt {
            Hunt::Livehunt | Hunt::File | Hunt::Gti | Hunt::Retrohunt => "file",
            Hunt::Url => "url",
            Hunt::Domain => "domain",
            Hunt::Ip => "ip_address",
        });
        match hunt {
            Hunt::Retrohunt => {
                compiler.enable_feature("retrohunt");
            }
            Hunt::Gti => {
                compiler.enable_feature("gti");
            }
            _ => {}
        }
        if hunt != Hunt::Retrohunt {
            compiler.define_global("new_file", false).expect("a new name");
            for name in ["positives", "submissions"] {
                compiler.define_global(name, 0_i64).expect("a new name");
            }
            for name in LEGACY_TEXTS {
                compiler.define_global(name, "").expect("a new name");
            }
        }
        let first = compiler.add_source(source).err()?;
        let said = compiler.errors().first().unwrap_or(&first).to_string();
        let place = said.split("--> line:").nth(1).expect("a place");
        let line = place.split(':').next().and_then(|line| line.parse().ok()).expect("a line");
        Some((line, said))
    }

    #[test]
    fn yara_x_says_what_the_table_says() {
        let mut wrong = Vec::new();
        for case in CASES {
            let verdict = verdict(case.source, case.hunt);
            if verdict.as_ref().map(|(line, _)| *line) != case.theirs {
                wrong.push(format!("{}\nexpected {:?}, got {verdict:?}", case.source, case.theirs));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    }

    #[test]
    fn the_compiler_takes_the_rules_that_are_made_up() {
        for (seed, bytes) in generated::SAMPLES {
            let source = generated::rules(seed, bytes);
            let verdict = verdict(&source, Hunt::File);
            assert!(verdict.is_none(), "{seed}: {verdict:?}");
        }
    }

    #[test]
    fn the_verdicts_differ_only_where_the_table_says_why() {
        for case in CASES {
            let refused = case.ours.iter().any(|finding| !finding.starts_with('?'));
            if refused != case.theirs.is_some() {
                assert!(!case.differs.is_empty(), "{}", case.source);
            }
            // The same line for what is no YARA.
            if let Some(first) = case.ours.iter().find(|finding| finding.starts_with("syntax-error")) {
                let line = first.split(' ').nth(1).and_then(|line| line.parse().ok());
                assert_eq!(line, case.theirs, "{}", case.source);
            }
        }
        assert!(CASES.len() >= 40);
    }
}

//! Rules that fit the made-up corpus, for tests and for trying things out.

/// Matches two of every three PE samples: more than 40 in the default corpus, so that a job's matches take several pages.
pub const EXAMPLE_RULES: &str = r#"rule Simulated_Loader : loader pe
{
    meta:
        description = "The marker that most made-up PE files carry"
    strings:
        $stub = "This program cannot be run in DOS mode"
        $marker = "SIMULATED-LOADER"
    condition:
        uint16(0) == 0x5A4D and all of them
}
"#;

/// Matches by what VirusTotal knows of a file instead of by its bytes; its notifications have an empty snippet.
pub const EXAMPLE_VT_RULES: &str = r#"import "vt"

rule Flagged_Executable : reputation
{
    condition:
        vt.metadata.file_type == vt.FileType.PE_EXE and
        vt.metadata.analysis_stats.malicious > 20
}
"#;

/// For a ruleset with `match_object_type` `url`: matches the URLs of simulated phishing kits.
pub const EXAMPLE_URL_RULES: &str = r#"import "vt"

rule Login_Page_Copy
{
    strings:
        $form = "<form id=\"login\""
    condition:
        $form and vt.net.url.path contains "/login" and vt.net.domain.raw endswith ".example"
}
"#;

/// Does not compile: the condition names a string that does not exist, on line 6.
pub const EXAMPLE_BAD_RULES: &str = r#"rule Unfinished
{
    strings:
        $a = "text"
    condition:
        $b
}
"#;

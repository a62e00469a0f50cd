//! The variables that rules used before there was a `vt` module: livehunt still has them, retrohunt does not.

use boreal::compiler::ExternalValue;

use super::FileFacts;

/// Each name, and its value for a file. What several values are is one text, with a space between them; what is not known is
/// empty, since such a variable is never undefined.
pub(super) fn values(file: &FileFacts) -> [(&'static str, ExternalValue); 13] {
    let detections: Vec<&str> = file.signatures.iter().map(|(_, found)| found.as_str()).collect();
    [
        ("file_name", file.name.as_str().into()),
        ("file_type", file.type_tags.join(" ").into()),
        ("imphash", "".into()),
        ("md5", file.md5.as_str().into()),
        ("new_file", file.new_file.into()),
        ("positives", file.malicious.into()),
        ("sha1", file.sha1.as_str().into()),
        ("sha256", file.sha256.as_str().into()),
        ("signatures", detections.join(" ").into()),
        ("ssdeep", "".into()),
        ("submissions", file.times_submitted.into()),
        ("tags", file.tags.join(" ").into()),
        ("vhash", file.vhash.as_str().into()),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::{Facts, Hunt, compile};
    use super::*;

    #[test]
    fn every_legacy_variable_compiles_in_livehunt_and_none_in_retrohunt() {
        for (name, value) in values(&FileFacts::default()) {
            let condition = match value {
                ExternalValue::Boolean(_) => name.to_owned(),
                ExternalValue::Integer(_) => format!("{name} > 3"),
                _ => format!("{name} contains \"x\""),
            };
            let rules = format!("rule a {{ condition: {condition} }}");
            compile(&rules, Hunt::Livehunt).expect(name);
            let refused = compile(&rules, Hunt::Retrohunt).expect_err(name);
            assert!(refused.message.contains(name), "{}", refused.message);
        }
        compile("rule a { condition: filename contains \"x\" }", Hunt::Livehunt).expect_err("not one of them");
    }

    #[test]
    fn legacy_variables_have_the_values_of_the_file_that_is_scanned() {
        let rules = "rule a { condition: new_file and positives > 3 and submissions == 2 and tags contains \"signed\" \
                     and file_type contains \"exe\" and signatures contains \"Sim\" and file_name == \"a.exe\" }";
        let rules = compile(rules, Hunt::Livehunt).expect("valid");
        let file = FileFacts {
            name: "a.exe".into(),
            type_tags: vec!["executable".into(), "peexe".into()],
            new_file: true,
            malicious: 4,
            times_submitted: 2,
            tags: vec!["overlay".into(), "signed".into()],
            signatures: vec![("Kaspersky".into(), "Trojan.Sim".into())],
            ..FileFacts::default()
        };
        let scan = |file: FileFacts| rules.scan(b"", &Facts { file: Some(file), ..Facts::default() }).len();
        assert_eq!(scan(file.clone()), 1);
        assert_eq!(scan(FileFacts { new_file: false, ..file.clone() }), 0);
        assert_eq!(scan(FileFacts { malicious: 3, ..file }), 0);
        assert_eq!(rules.scan(b"", &Facts::default()).len(), 0);
    }
}

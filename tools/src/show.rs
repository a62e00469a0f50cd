//! How much of an answer a tool gives: a model reads every byte of it.

/// The most bytes of a snippet, or of rules in a list, that are given without a note.
pub const LONGEST: usize = 1024;

/// What a call wants to see.
#[derive(Clone, Copy, Debug, Default)]
pub struct Show {
    /// Objects as they came, in `json`.
    pub json: bool,
    /// The source text of rules in full.
    pub whole_rules: bool,
}

impl Show {
    /// The object as it came, where that is wanted.
    #[must_use]
    pub fn json(&self, json: String) -> Option<String> {
        self.json.then_some(json)
    }

    /// A dump around a match, cut at [`LONGEST`].
    #[must_use]
    pub fn snippet(&self, snippet: Option<String>) -> Option<String> {
        snippet.map(|text| cut(text, "`include-json` gives the whole object"))
    }

    /// The source text of rules, cut at [`LONGEST`] unless it was what the call is about.
    #[must_use]
    pub fn rules(&self, rules: Option<String>) -> Option<String> {
        if self.whole_rules { rules } else { rules.map(|text| cut(text, "get the one object for all of it")) }
    }
}

/// `text`, or its first lines and a note that says how long it is and how to get the rest.
fn cut(mut text: String, how: &str) -> String {
    if text.len() <= LONGEST {
        return text;
    }
    let bytes = text.len();
    let mut end = (0..=LONGEST).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    // At the end of a line, unless that would leave little.
    if let Some(line) = text.get(..end).and_then(|kept| kept.rfind('\n'))
        && line >= LONGEST / 2
    {
        end = line;
    }
    text.truncate(end);
    text.push_str(&format!("\n[cut: {end} of {bytes} bytes; {how}]"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_given_only_where_it_is_asked_for() {
        assert_eq!(Show::default().json("{}".into()), None);
        assert_eq!(Show { json: true, whole_rules: false }.json("{}".into()), Some("{}".into()));
    }

    #[test]
    fn a_snippet_of_up_to_a_kilobyte_stays_as_it_is() {
        let snippet = "x".repeat(LONGEST);
        assert_eq!(Show::default().snippet(Some(snippet.clone())), Some(snippet));
        assert_eq!(Show::default().snippet(None), None);
    }

    #[test]
    fn a_longer_one_is_cut_at_a_line_and_says_so() {
        let line = format!("{}\n", "7".repeat(99));
        let cut = Show::default().snippet(Some(line.repeat(20))).unwrap();
        let kept = format!("{}{}", line.repeat(9), "7".repeat(99));
        assert_eq!(cut, format!("{kept}\n[cut: 999 of 2000 bytes; `include-json` gives the whole object]"));
    }

    #[test]
    fn a_cut_never_splits_a_character() {
        let cut = Show::default().snippet(Some("é€".repeat(600))).unwrap();
        let (kept, note) = cut.split_once('\n').unwrap();
        assert!(kept.len() <= LONGEST && "é€".repeat(600).starts_with(kept), "{kept}");
        assert!(note.ends_with("of 3000 bytes; `include-json` gives the whole object]"), "{note}");
    }

    #[test]
    fn rules_are_whole_where_they_are_what_was_asked_for_and_cut_in_lists() {
        let rules = "rule a { condition: true }\n".repeat(100);
        let whole = Show { json: false, whole_rules: true };
        assert_eq!(whole.rules(Some(rules.clone())), Some(rules.clone()));
        assert!(Show::default().rules(Some(rules)).unwrap().ends_with("get the one object for all of it]"));
    }
}

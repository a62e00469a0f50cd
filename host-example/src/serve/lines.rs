//! What a log line shows of a stranger's words.

/// The most characters of a field.
const LONGEST: usize = 200;
/// Stands at the end of what was cut.
const CUT: &str = "...";

/// A field of a log line: visible ASCII as it is, any other byte as `\xNN`, and no more than 200 characters. So a line is
/// one line, in whatever shows it; a backslash is escaped too, so that what is shown can be told from what was sent.
pub(super) fn shown(text: impl AsRef<[u8]>) -> String {
    let bytes = text.as_ref();
    let mut shown = String::new();
    // Where to cut, should it become too long.
    let mut room_for_the_cut = 0;
    for byte in bytes {
        match byte {
            b'\\' => shown.push_str("\\\\"),
            b'!'..=b'~' => shown.push(char::from(*byte)),
            _ => shown.push_str(&format!("\\x{byte:02X}")),
        }
        if shown.len() > LONGEST {
            shown.truncate(room_for_the_cut);
            shown.push_str(CUT);
            break;
        }
        if shown.len() + CUT.len() <= LONGEST {
            room_for_the_cut = shown.len();
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_point_is_shown_as_visible_ascii_and_can_be_told_from_every_other() {
        let mut seen = std::collections::HashSet::new();
        for character in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            let shown = shown(character.to_string());
            assert!(shown.bytes().all(|byte| byte.is_ascii_graphic()), "{character:?}: {shown}");
            if character.is_ascii_graphic() && character != '\\' {
                assert_eq!(shown, character.to_string());
            }
            assert!(seen.insert(shown), "{character:?} looks like another");
        }
    }

    #[test]
    fn every_byte_is_shown_as_visible_ascii() {
        for byte in 0..=u8::MAX {
            let shown = shown([b'a', byte, b'b']);
            assert!(shown.bytes().all(|byte| byte.is_ascii_graphic()), "{byte:#x}: {shown}");
            assert!(shown.starts_with('a') && shown.ends_with('b'));
        }
    }

    #[test]
    fn every_length_of_everything_is_capped_and_no_escape_is_cut_in_two() {
        for piece in ["a", "\\", " ", "é", "\u{202e}", "\u{1f600}", "aé", "\u{85}a"] {
            for count in 0..400 {
                let text = piece.repeat(count);
                let shown = shown(&text);
                assert!(shown.len() <= LONGEST, "{count} of {piece:?}: {}", shown.len());
                let whole = shown.strip_suffix(CUT).unwrap_or(&shown);
                // What is left of every escape is an escape.
                let rest = whole.replace("\\\\", "");
                assert!(rest.split("\\x").skip(1).all(|after| after.len() >= 2), "{shown}");
                assert!(!rest.ends_with('\\'), "{shown}");
            }
        }
        let exact = "a".repeat(LONGEST);
        assert_eq!(shown(&exact), exact);
        assert_eq!(shown("a".repeat(LONGEST + 1)), format!("{}{CUT}", "a".repeat(LONGEST - CUT.len())));
        assert_eq!(shown("a".repeat(1 << 20)).len(), LONGEST);
    }
}

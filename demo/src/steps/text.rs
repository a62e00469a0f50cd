//! Small phrases that several scenes use.

use vt_hunting_host::types::PageInfo;

/// Enough of a SHA-256, or of any other long id, to recognise it.
pub(crate) fn short(id: &str) -> String {
    const SHOWN: usize = 16;
    match id.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{}…", &id[..cut]),
        None => id.to_owned(),
    }
}

/// What VirusTotal left out reads as a dash.
pub(crate) fn or_dash(text: Option<&String>) -> &str {
    text.map_or("–", String::as_str)
}

/// `1 rule`, `2 rules`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// `3 of 41 notifications, more behind a cursor`. `what` is in the singular.
pub(crate) fn page(shown: usize, what: &str, page: &PageInfo) -> String {
    let of = page.count.map_or(String::new(), |_| format!("{shown} of "));
    let total = page.count.and_then(|count| usize::try_from(count).ok()).unwrap_or(shown);
    let more = if page.cursor.is_some() { ", more behind a cursor" } else { "" };
    format!("{of}{}{more}", counted(total, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(count: Option<u64>, cursor: Option<&str>) -> PageInfo {
        PageInfo { cursor: cursor.map(str::to_owned), count, self_link: None, next_link: None, incomplete: None }
    }

    #[test]
    fn long_ids_are_cut_and_short_ones_are_not() {
        assert_eq!(short("0123456789abcdef0"), "0123456789abcdef…");
        assert_eq!(short("0123456789abcdef"), "0123456789abcdef");
    }

    #[test]
    fn a_page_says_how_many_there_are_where_the_service_does() {
        assert_eq!(page(3, "file", &info(Some(41), Some("x"))), "3 of 41 files, more behind a cursor");
        assert_eq!(page(1, "file", &info(Some(1), None)), "1 of 1 file");
        assert_eq!(page(0, "file", &info(None, None)), "0 files");
    }
}

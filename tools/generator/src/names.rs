//! Names: how the contract's become Rust's.

/// `get-ioc-stream` as `get_ioc_stream`.
#[must_use]
pub fn snake(name: &str) -> String {
    name.replace('-', "_")
}

/// `ioc-stream-page` as `IocStreamPage`.
#[must_use]
pub fn upper_camel(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    name.split('-').map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_rusts() {
        assert_eq!(snake("get-ioc-stream-objects"), "get_ioc_stream_objects");
        assert_eq!(upper_camel("ioc-stream-page"), "IocStreamPage");
    }
}

//! A request but for its body.

/// A request, as far as it is judged.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The method, in capitals.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// Host and port that the request's target names.
    pub authority: Option<String>,
    /// The headers, names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
}

impl Request {
    /// The header's value. `None` where it is absent, comes several times, or is not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(other, _)| other == name).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (Some(value), None) => std::str::from_utf8(value).ok(),
            _ => None,
        }
    }
}

//! A reply, with the headers that every reply has.

/// A reply.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// A reply that nothing may store, guess the type of, or show in a frame.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut reply = Self::empty(status);
        reply.headers.insert(0, ("content-type", content_type.to_owned()));
        reply.body = body.into();
        reply
    }

    /// A reply without a body.
    pub fn empty(status: u16) -> Self {
        let headers = [
            ("cache-control", "no-store"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("cross-origin-resource-policy", "same-origin"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
        ];
        let headers = headers.map(|(name, value)| (name, value.to_owned())).to_vec();
        Self { status, headers, body: Vec::new() }
    }

    /// JSON.
    pub fn json(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, "application/json", body)
    }

    /// Sets a header, in place of the one there is.
    pub fn header(&mut self, name: &'static str, value: impl Into<String>) {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.into()));
    }
}

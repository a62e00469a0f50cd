//! An exchange as text: `METHOD STATUS`, header lines, an empty line, the body. What is missing or unreadable has a
//! default, so that every input is one.

use virustotal_hunting::api::answer::{Headers, Response};
use virustotal_hunting::api::request::{Method, Request};
use virustotal_hunting::api::settings::Settings;

/// A key that no server knows by chance.
pub(crate) const KEY: &str = "c0ffee00deadbeef5eed1e55facade11c0ffee00deadbeef5eed1e55facade22";

pub(crate) struct Exchange<'a> {
    pub(crate) request: Request,
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: &'a [u8],
}

impl<'a> Exchange<'a> {
    pub(crate) fn parse(data: &'a [u8]) -> Self {
        let (head, body) = match data.windows(2).position(|window| window == b"\n\n") {
            Some(end) => (&data[..end], &data[end + 2..]),
            None => (data, &data[..0]),
        };
        let mut lines = head.split(|byte| *byte == b'\n');
        let start = String::from_utf8_lossy(lines.next().unwrap_or_default());
        let (method, status) = start.split_once(' ').unwrap_or((&start, ""));
        let method = match method {
            "POST" => Method::Post,
            "DELETE" => Method::Delete,
            _ => Method::Get,
        };
        let headers = lines
            .filter_map(|line| {
                let colon = line.iter().position(|byte| *byte == b':')?;
                let name = std::str::from_utf8(&line[..colon]).ok()?;
                Some((name.to_owned(), line[colon + 1..].trim_ascii().to_vec()))
            })
            .collect();
        let status = status.parse().unwrap_or(200);
        Self { request: Request::new(method, &["intelligence", "retrohunt_jobs"]), status, headers, body }
    }

    pub(crate) fn response(&self) -> Response {
        Response { status: self.status, headers: self.headers.clone(), body: self.body.to_vec() }
    }
}

/// Settings of a call with [`KEY`].
pub(crate) fn settings() -> Settings {
    let variable = |name: &str| match name {
        "VT_APIKEY" => Some(KEY.to_owned()),
        "VT_MAX_RESPONSE_BYTES" => Some("1048576".to_owned()),
        _ => None,
    };
    Settings::read(variable).expect("these settings are in order")
}

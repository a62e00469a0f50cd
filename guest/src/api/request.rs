//! A request to VirusTotal below its base URL: method, encoded path and query, JSON body.
//!
//! Encoding is VirusTotal's reading of RFC 3986: everything but the unreserved characters is percent-encoded, since
//! a `+` in a query reads as a space there, and a `/`, `?` or `#` in an id would reach another endpoint.

use super::{error, input, text};
use crate::contract::Failed;
use alloc::string::String;
use alloc::vec::Vec;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// All but `A-Z a-z 0-9 - . _ ~`.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The methods the hunting API uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, or starts something.
    Post,
    /// Changes what is named, and nothing else.
    Patch,
    /// Deletes.
    Delete,
}

/// What to do before sending a request again when it is open whether it was carried out; `None` for one that may simply be
/// sent again.
pub type Doubt = Option<&'static str>;

/// For a change that nothing in particular can tell of.
pub const LOOK_FIRST: &str = "look at what exists";

/// What to ask VirusTotal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// `/api/v3/…` with an encoded query, to go behind the base URL's own path.
    pub path_and_query: String,
    /// A JSON body; `None` sends no body at all.
    pub body: Option<Vec<u8>>,
    /// The user's name that VirusTotal wants to see in a header before it deletes everything.
    pub confirm_delete: Option<String>,
    /// What to do when it is open whether it was carried out. Reading, and deleting one thing, do no more when sent twice;
    /// a POST is never replayed: every retrohunt job costs a unit of a monthly quota.
    pub doubt: Doubt,
}

/// A parameter of a query.
#[derive(Debug)]
pub enum Parameter<'a> {
    /// `count_limit`: where to stop counting.
    CountLimit(Option<u32>),
    /// A filter, an order or a cursor, by its name.
    Text(&'static str, &'a Option<String>),
    /// True or false, by its name.
    Flag(&'static str, Option<bool>),
}

/// The attributes of an object to create, in order; absent ones are left out.
///
/// One type for every body: serialized by one piece of code, where a derived struct per body has its own each.
#[derive(Debug)]
pub struct Attributes<'a>(pub &'a [(&'static str, Value<'a>)]);

/// An attribute's value.
#[derive(Debug)]
pub enum Value<'a> {
    /// Not there: the attribute is left out.
    Absent,
    /// A text.
    Text(&'a str),
    /// A whole number.
    Number(u64),
    /// True or false.
    Boolean(bool),
    /// A list of texts.
    Texts(&'a [String]),
    /// A list of objects.
    Objects(&'a [Attributes<'a>]),
    /// An object.
    Nested(&'a Attributes<'a>),
}

impl<'a> Value<'a> {
    /// A text that may be absent.
    #[must_use]
    pub fn text(value: Option<&'a str>) -> Self {
        value.map_or(Self::Absent, Self::Text)
    }

    /// A number that may be absent.
    #[must_use]
    pub fn number(value: Option<u64>) -> Self {
        value.map_or(Self::Absent, Self::Number)
    }
}

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.0 {
            if !matches!(value, Value::Absent) {
                map.serialize_entry(name, value)?;
            }
        }
        map.end()
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent => serializer.serialize_unit(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Boolean(boolean) => serializer.serialize_bool(*boolean),
            Self::Texts(texts) => serializer.collect_seq(*texts),
            Self::Objects(objects) => serializer.collect_seq(*objects),
            Self::Nested(attributes) => attributes.serialize(serializer),
        }
    }
}

impl Request {
    /// A request for a path given as unencoded segments; each stays one segment whatever it contains. A segment made
    /// of dots alone would be folded away by the first URL parser on its way: [`super::input::id`] refuses those.
    #[must_use]
    pub fn new(method: Method, segments: &[&str]) -> Self {
        let mut path_and_query = String::from("/api/v3");
        for segment in segments {
            path_and_query.push('/');
            path_and_query.extend(utf8_percent_encode(segment, RESERVED));
        }
        let doubt = match method {
            Method::Get | Method::Delete => None,
            Method::Post | Method::Patch => Some(LOOK_FIRST),
        };
        Self { method, path_and_query, body: None, confirm_delete: None, doubt }
    }

    /// Adds parameters to the query; each is checked, then left out if it is absent or empty.
    ///
    /// # Errors
    /// `invalid-argument`, naming the parameter.
    pub fn query(mut self, query: &[Parameter<'_>]) -> Result<Self, Failed> {
        for parameter in query {
            let mut digits = itoa::Buffer::new();
            let (name, value) = match parameter {
                Parameter::CountLimit(limit) => {
                    ("count_limit", input::count_limit(*limit)?.map(|limit| digits.format(limit)))
                }
                Parameter::Text(name, value) => (*name, input::parameter(name, value)?),
                Parameter::Flag(name, value) => (*name, value.map(|value| if value { "true" } else { "false" })),
            };
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                self.add(name, value);
            }
        }
        Ok(self)
    }

    /// Adds a parameter to the query, encoded.
    pub fn add(&mut self, name: &str, value: &str) {
        let path = &mut self.path_and_query;
        path.push(if text::cut(path, b'?').is_some() { '&' } else { '?' });
        path.push_str(name);
        path.push('=');
        path.extend(utf8_percent_encode(value, RESERVED));
    }

    /// Puts `limit` at the beginning of the query, where VirusTotal's documentation has it.
    pub fn limit(&mut self, limit: u32) {
        let mut digits = itoa::Buffer::new();
        let digits = digits.format(limit);
        match text::cut(&self.path_and_query, b'?') {
            Some((path, query)) => self.path_and_query = [path, "?limit=", digits, "&", query].concat(),
            None => self.add("limit", digits),
        }
    }

    /// Gives it a JSON:API body: `{"data":{"type":…,"attributes":…}}`.
    ///
    /// # Errors
    /// Never for the attributes of this crate; serialization is fallible by type only.
    pub fn body(&mut self, object_type: &str, attributes: &Attributes<'_>) -> Result<(), Failed> {
        let data = Attributes(&[("type", Value::Text(object_type)), ("attributes", Value::Nested(attributes))]);
        self.data(Value::Nested(&data))
    }

    /// Gives it the body `{"data":…}`.
    ///
    /// # Errors
    /// As [`Self::body`].
    pub fn data(&mut self, data: Value<'_>) -> Result<(), Failed> {
        let envelope = Attributes(&[("data", data)]);
        self.body = Some(serde_json::to_vec(&envelope).map_err(|_| error::unencodable("request"))?);
        Ok(())
    }

    /// Says that it must not be sent again in doubt, and what to do then.
    #[must_use]
    pub fn once(mut self, advice: &'static str) -> Self {
        self.doubt = Some(advice);
        self
    }

    /// Whether sending it twice does no more than sending it once.
    #[must_use]
    pub fn is_repeatable(&self) -> bool {
        self.doubt.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Option<String> {
        Some(String::from(value))
    }

    #[test]
    fn a_plus_in_a_query_is_sent_as_2b_and_a_space_as_20() {
        let (filter, order) = (text("date:1626960086+ origin:hunting"), text("date+"));
        let query = [
            Parameter::Flag("descriptors_only", Some(true)),
            Parameter::Text("filter", &filter),
            Parameter::Text("order", &order),
            Parameter::CountLimit(Some(10_000)),
        ];
        assert_eq!(
            Request::new(Method::Get, &["ioc_stream"]).query(&query).unwrap().path_and_query,
            "/api/v3/ioc_stream?descriptors_only=true&filter=date%3A1626960086%2B%20origin%3Ahunting\
             &order=date%2B&count_limit=10000"
        );
    }

    #[test]
    fn an_id_stays_one_segment_whatever_it_contains() {
        for (id, encoded) in [
            ("../users/x", "..%2Fusers%2Fx"),
            ("a/b?c", "a%2Fb%3Fc"),
            ("a#b", "a%23b"),
            ("a\\b", "a%5Cb"),
            ("%2e%2e", "%252e%252e"),
            ("käse", "k%C3%A4se"),
            ("user_name-1598966772", "user_name-1598966772"),
        ] {
            let request = Request::new(Method::Get, &["intelligence", "retrohunt_jobs", id]);
            assert_eq!(request.path_and_query, alloc::format!("/api/v3/intelligence/retrohunt_jobs/{encoded}"));
        }
    }

    #[test]
    fn absent_and_empty_parameters_are_left_out() {
        let empty = text("");
        let query = [
            Parameter::Text("filter", &None),
            Parameter::Text("cursor", &empty),
            Parameter::Flag("descriptors_only", None),
        ];
        assert_eq!(Request::new(Method::Get, &["x"]).query(&query).unwrap().path_and_query, "/api/v3/x");
    }

    #[test]
    fn a_body_is_a_json_api_object_without_what_is_absent() {
        let mut request = Request::new(Method::Post, &["x"]);
        let nested = Attributes(&[("start", Value::Number(u64::MAX)), ("end", Value::number(None))]);
        let texts = [String::from("a\"b"), String::from("\u{1f980}")];
        let attributes = Attributes(&[
            ("name", Value::Text("line\nbreak")),
            ("email", Value::text(None)),
            ("enabled", Value::Boolean(false)),
            ("texts", Value::Texts(&texts)),
            ("range", Value::Nested(&nested)),
        ]);
        request.body("thing", &attributes).unwrap();
        assert_eq!(
            core::str::from_utf8(request.body.as_deref().unwrap()).unwrap(),
            "{\"data\":{\"type\":\"thing\",\"attributes\":{\"name\":\"line\\nbreak\",\"enabled\":false,\
             \"texts\":[\"a\\\"b\",\"\u{1f980}\"],\"range\":{\"start\":18446744073709551615}}}}"
        );
        assert!(!request.is_repeatable());
    }
}

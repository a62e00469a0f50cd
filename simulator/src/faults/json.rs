//! How methods, durations and bodies are written in the JSON form of a fault.

pub(super) mod method {
    use http::Method;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(method: &Option<Method>, out: S) -> Result<S::Ok, S::Error> {
        match method {
            Some(method) => out.serialize_str(method.as_str()),
            None => out.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Method>, D::Error> {
        Option::<String>::deserialize(input)?
            .map(|name| name.to_ascii_uppercase().parse().map_err(D::Error::custom))
            .transpose()
    }
}

pub(super) mod millis {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::time::Duration;

    pub(crate) fn serialize<S: Serializer>(duration: &Duration, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_u64(duration.as_millis().try_into().unwrap_or(u64::MAX))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Duration, D::Error> {
        u64::deserialize(input).map(Duration::from_millis)
    }
}

pub(super) mod body {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
    use serde_json::Value;

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], out: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(bytes) {
            Ok(text) => out.serialize_str(text),
            Err(_) => bytes.serialize(out),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<u8>, D::Error> {
        match Value::deserialize(input)? {
            Value::String(text) => Ok(text.into_bytes()),
            Value::Array(items) => serde_json::from_value(Value::Array(items))
                .map_err(|_| D::Error::custom("a body given as a list must be byte values")),
            Value::Null => Ok(Vec::new()),
            json => Ok(json.to_string().into_bytes()),
        }
    }
}

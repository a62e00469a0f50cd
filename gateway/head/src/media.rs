//! The media type and the length that a head declares for its body.

use crate::problem::Problem;
use crate::request::Request;

/// Whether the body is worth reading, as far as the head tells.
///
/// # Errors
///
/// Its media type is another one, or it is larger than the limit.
pub(crate) fn accepted(request: &Request, limit: usize) -> Result<(), Problem> {
    json(request)?;
    match request.header("content-length").map(|length| length.trim().parse::<u64>()) {
        Some(Ok(length)) if length > limit as u64 => Err(too_large(limit)),
        // Digits that are too many for the type are too many for the limit.
        Some(Err(error)) if *error.kind() == std::num::IntErrorKind::PosOverflow => Err(too_large(limit)),
        _ => Ok(()),
    }
}

/// The refusal of a body that is larger than the limit.
pub fn too_large(limit: usize) -> Problem {
    let detail = format!("The body is larger than {limit} bytes. The operator can raise GATEWAY_MAX_REQUEST_BYTES.");
    Problem::request(413, "BodyTooLarge", detail)
}

fn json(request: &Request) -> Result<(), Problem> {
    let refused = |detail: &str| Err(Problem::request(415, "UnsupportedMediaType", detail));
    let mut encodings = request.headers.iter().filter(|(name, _)| name == "content-encoding");
    if encodings.any(|(_, encoding)| !encoding.eq_ignore_ascii_case(b"identity")) {
        return refused("The body is compressed. Send it as it is, without `content-encoding`.");
    }
    let Some(given) = request.header("content-type") else {
        return refused("The body has no media type. Send the header `content-type: application/json`.");
    };
    let mut parts = given.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    let is_utf8 = parts.all(|parameter| {
        let Some((name, value)) = parameter.split_once('=') else { return parameter.is_empty() };
        !name.eq_ignore_ascii_case("charset") || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
    });
    if is_json && is_utf8 { Ok(()) } else { refused("The body must be `application/json`, in UTF-8.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: (&str, &str) = ("content-type", "application/json");

    fn status(headers: &[(&str, &str)]) -> Result<(), (u16, String)> {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
        let request = Request { headers, ..Request::default() };
        accepted(&request, 4).map_err(|problem| (problem.status, problem.detail))
    }

    #[test]
    fn json_in_utf8_within_the_limit_is_accepted() {
        for content_type in ["application/json", "Application/JSON; charset=\"UTF-8\"", "application/json;"] {
            assert_eq!(status(&[("content-type", content_type), ("content-length", "4")]), Ok(()));
        }
        // In chunks.
        assert_eq!(status(&[JSON]), Ok(()));
        assert_eq!(status(&[JSON, ("content-encoding", "Identity")]), Ok(()));
    }

    #[test]
    fn another_media_type_is_refused_and_says_what_to_send() {
        for content_type in
            [None, Some("text/plain"), Some("application/json; charset=latin1"), Some("application/jsonp")]
        {
            let headers: Vec<_> = content_type.map(|value| ("content-type", value)).into_iter().collect();
            let (status, detail) = status(&headers).expect_err("another type");
            assert!(status == 415 && detail.contains("application/json"), "{detail}");
        }
        for encodings in [&["gzip"][..], &["identity", "gzip"], &["br", "identity"], &["identity, gzip"]] {
            let mut headers = vec![JSON];
            headers.extend(encodings.iter().map(|encoding| ("content-encoding", *encoding)));
            assert_eq!(status(&headers).expect_err("compressed").0, 415, "{encodings:?}");
        }
    }

    #[test]
    fn a_length_beyond_the_limit_is_refused_and_names_it() {
        for length in ["5", "2000000", "18446744073709551615", "99999999999999999999999999"] {
            let (status, detail) = status(&[JSON, ("content-length", length)]).expect_err("too large");
            assert!(
                status == 413 && detail.contains("4 bytes") && detail.contains("GATEWAY_MAX_REQUEST_BYTES"),
                "{detail}"
            );
        }
    }
}

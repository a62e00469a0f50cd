//! A request's body: its media type, and no more of it than the limit.

use crate::problem::Problem;
use crate::request::Request;

/// Where a body comes from.
pub trait Source {
    /// The next bytes, `None` at the end.
    fn next(&mut self) -> Result<Option<Vec<u8>>, Broken>;
}

/// The connection failed before the body was whole.
#[derive(Clone, Copy, Debug)]
pub struct Broken;

/// How much more than the limit is read and dropped, so that who sends too much sees the reply and not a closed
/// connection.
const DRAINED: usize = 8 * 1024 * 1024;

/// The whole body, if it says that it is JSON and is within the limit.
pub(crate) fn read(request: &Request, source: &mut dyn Source, limit: usize) -> Result<Vec<u8>, Problem> {
    let media = media_type(request);
    let mut body = Vec::new();
    let mut more = 0;
    loop {
        match source.next() {
            Ok(Some(chunk)) if body.len() + chunk.len() <= limit && more == 0 && media.is_ok() => body.extend(chunk),
            Ok(Some(chunk)) => {
                more += chunk.len();
                if more > DRAINED {
                    break;
                }
            }
            Ok(None) => break,
            Err(Broken) => return Err(Problem::request(400, "IncompleteBody", "The body ended before it was whole.")),
        }
    }
    media?;
    if more > 0 {
        return Err(Problem::request(
            413,
            "BodyTooLarge",
            format!("The body is larger than {limit} bytes. The operator can raise GATEWAY_MAX_REQUEST_BYTES."),
        ));
    }
    if body.is_empty() {
        return Err(Problem::request(
            400,
            "EmptyBody",
            "The body is empty. Send a JSON object with the arguments, `{}` where there are none.",
        ));
    }
    Ok(body)
}

fn media_type(request: &Request) -> Result<(), Problem> {
    let refused = |detail: &str| Err(Problem::request(415, "UnsupportedMediaType", detail));
    if let Some(encoding) = request.headers.iter().find(|(name, _)| name == "content-encoding")
        && !encoding.1.eq_ignore_ascii_case(b"identity")
    {
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

    struct Chunks(Vec<Vec<u8>>);
    impl Source for Chunks {
        fn next(&mut self) -> Result<Option<Vec<u8>>, Broken> {
            Ok(if self.0.is_empty() { None } else { Some(self.0.remove(0)) })
        }
    }

    fn read_chunks(content_type: Option<&str>, chunks: &[&[u8]]) -> Result<Vec<u8>, String> {
        let headers = content_type.map(|value| ("content-type".to_owned(), value.as_bytes().to_vec()));
        let request = Request { headers: headers.into_iter().collect(), ..Request::default() };
        let mut source = Chunks(chunks.iter().map(|chunk| chunk.to_vec()).collect());
        read(&request, &mut source, 4).map_err(|problem| String::from_utf8_lossy(&problem.reply().body).into_owned())
    }

    #[test]
    fn a_body_as_large_as_the_limit_is_read_whole() {
        assert_eq!(read_chunks(Some("Application/JSON; charset=\"UTF-8\""), &[b"ab", b"cd"]), Ok(b"abcd".to_vec()));
    }

    #[test]
    fn one_byte_more_is_too_large_wherever_it_comes() {
        for chunks in [&[&b"abcde"[..]][..], &[b"abcd", b"e"], &[b"abc", b"de", b"f"]] {
            let problem = read_chunks(Some("application/json"), chunks).expect_err("too large");
            assert!(problem.contains("\"status\":413") && problem.contains("4 bytes"), "{problem}");
        }
    }

    #[test]
    fn another_media_type_is_refused_and_says_what_to_send() {
        for content_type in
            [None, Some("text/plain"), Some("application/json; charset=latin1"), Some("application/jsonp")]
        {
            let problem = read_chunks(content_type, &[b"{}"]).expect_err("another type");
            assert!(problem.contains("\"status\":415") && problem.contains("application/json"), "{problem}");
        }
    }

    #[test]
    fn an_empty_body_is_told_from_a_broken_one() {
        assert!(read_chunks(Some("application/json"), &[]).is_err_and(|problem| problem.contains("EmptyBody")));
    }
}

//! A request's body: no more of it than the limit.

use virustotal_hunting_gateway_head::{Problem, too_large};

/// Where a body comes from.
pub trait Source {
    /// The next bytes, `None` at the end.
    fn next(&mut self) -> Result<Option<Vec<u8>>, Broken>;
}

/// The connection failed before the body was whole.
#[derive(Clone, Copy, Debug)]
pub struct Broken;

/// The whole body, if it is within the limit. What is beyond it is not read: the answer says so at once.
pub(crate) fn read(source: &mut dyn Source, limit: usize) -> Result<Vec<u8>, Problem> {
    let mut body = Vec::new();
    loop {
        match source.next() {
            Ok(Some(chunk)) if body.len() + chunk.len() <= limit => body.extend(chunk),
            Ok(Some(_)) => return Err(too_large(limit)),
            Ok(None) => break,
            Err(Broken) => return Err(Problem::request(400, "IncompleteBody", "The body ended before it was whole.")),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    struct Chunks(Vec<Vec<u8>>);
    impl Source for Chunks {
        fn next(&mut self) -> Result<Option<Vec<u8>>, Broken> {
            Ok(if self.0.is_empty() { None } else { Some(self.0.remove(0)) })
        }
    }

    /// What it comes to, and how many chunks were left unread.
    fn read_chunks(chunks: &[&[u8]]) -> (Result<Vec<u8>, String>, usize) {
        let mut source = Chunks(chunks.iter().map(|chunk| chunk.to_vec()).collect());
        let body =
            read(&mut source, 4).map_err(|problem| format!("{} {}: {}", problem.status, problem.code, problem.detail));
        (body, source.0.len())
    }

    #[test]
    fn a_body_as_large_as_the_limit_is_read_whole() {
        assert_eq!(read_chunks(&[b"ab", b"cd"]), (Ok(b"abcd".to_vec()), 0));
    }

    #[test]
    fn one_byte_more_is_too_large_wherever_it_comes_and_nothing_after_it_is_read() {
        for chunks in [&[&b"abcde"[..], b"f"][..], &[b"abcd", b"e", b"f"], &[b"abc", b"de", b"f"]] {
            let (problem, unread) = read_chunks(chunks);
            let problem = problem.expect_err("too large");
            assert!(problem.starts_with("413 BodyTooLarge") && problem.contains("4 bytes"), "{problem}");
            assert_eq!(unread, 1);
        }
    }

    #[test]
    fn an_empty_body_is_named() {
        assert!(read_chunks(&[]).0.is_err_and(|problem| problem.contains("EmptyBody")));
    }
}

//! Every field of every record of the contract arrives in its own place. The component lays its results out in memory
//! itself, from the contract's text; a field in another's place would be noticed here, since no two hold the same, and
//! one that is absent after it was there would be, since all come out of one instance.

mod failures;
mod ioc_stream;
mod livehunt;
mod others;
mod retrohunt;
mod volume;

use vt_hunting_host::Instance;
use vt_hunting_host::types::PageInfo;

use crate::support::raw_server::{RawServer, answer, response};
use crate::support::within;
use crate::support::world::{connector, settings};

/// A server whose answers can be changed, and one instance for all calls to it.
async fn stage() -> (RawServer, Instance) {
    let server = RawServer::start(Vec::new()).await;
    let instance = within(connector(settings(server.url())).instance()).await.expect("an instance");
    (server, instance)
}

/// What every exchange from now on is answered with.
fn plays(server: &RawServer, body: &str) {
    server.play(answer(response(200, &[], body)));
}

/// An object's page of one, with everything a page has. The cursor that is handed out ends with this one.
fn page_of(object: &str) -> String {
    format!(
        r#"{{"data":[{object}],"meta":{{"count":9007199254740993,"cursor":"theirs"}},
            "links":{{"self":"of the page","next":"of the next"}}}}"#
    )
}

/// That page is what it says.
fn assert_page(page: &PageInfo) {
    let PageInfo { cursor, count, self_link, next_link, incomplete } = page;
    let cursor = cursor.as_deref().expect("a cursor");
    assert!(cursor.starts_with("vh1.") && cursor.ends_with(".theirs"), "{cursor}");
    assert_eq!(*count, Some(9_007_199_254_740_993));
    assert_eq!((self_link.as_deref(), next_link.as_deref()), (Some("of the page"), Some("of the next")));
    assert!(incomplete.is_none(), "{incomplete:?}");
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn list(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

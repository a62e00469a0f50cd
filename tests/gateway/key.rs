//! What `serve` hands out holds no part of the key, whatever VirusTotal's side repeats and wherever.

use serde_json::json;
use vt_hunting_host::Settings;

use super::Served;
use crate::key::{ECHOED, answers, assert_keeps, cuts, parts};
use crate::support::raw_server::{RawServer, answer};
use crate::support::world::{api_key, settings};

#[tokio::test]
async fn no_answer_holds_a_part_of_a_key_that_a_server_repeats() {
    let server = RawServer::start(Vec::new()).await;
    for api_key_from_host in [true, false] {
        let key = Settings { api_key: Some(api_key(ECHOED)), api_key_from_host, ..settings(server.url()) };
        let served = Served::of(key).await;
        for part in parts() {
            for (place, bytes) in answers(&part) {
                server.play(answer(bytes));
                for (action, arguments) in
                    [("get-livehunt-rulesets", json!({})), ("get-livehunt-ruleset", json!({"id": "1"}))]
                {
                    let said = served.act(action, &arguments).await;
                    assert_keeps(&format!("{said:?}"), &format!("the gateway ({place})"));
                }
            }
        }
        for bytes in cuts() {
            server.play(answer(bytes));
            let said = format!("{:?}", served.act("get-livehunt-rulesets", &json!({})).await);
            assert_keeps(&said, "the gateway (cut)");
            assert!((4..12).all(|length| !said.contains(&ECHOED[..length])), "{said}");
        }
    }
}

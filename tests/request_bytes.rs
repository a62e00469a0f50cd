//! A request is these bytes and no others: one GET, one POST, one DELETE, read to the end of the connection.

use vt_hunting_host::Settings;
use vt_hunting_host::ioc_stream::IocStreamQuery;
use vt_hunting_host::livehunt::{MatchObjectType, NewRuleset};

use crate::support::raw_server::{RawServer, Step, response, send};
use crate::support::world::{connector, settings};
use crate::support::{KEY, answered};

const AGENT: &str = concat!("virustotal-hunting/", env!("CARGO_PKG_VERSION"), " (gzip)");

/// Answers one request, ends the connection, and keeps whatever was sent until then.
async fn recorder(body: &str) -> RawServer {
    let last = response(200, &[("content-type", "application/json"), ("connection", "close")], body);
    RawServer::start(vec![Step::Read, send(last), Step::ReadToEnd]).await
}

async fn only_request(server: &RawServer) -> String {
    // Once for the request, once for the end of the connection.
    server.has_read(2).await;
    let mut requests = server.requests();
    assert_eq!((requests.len(), server.connections()), (1, 1));
    String::from_utf8(requests.remove(0)).expect("ASCII")
}

#[tokio::test]
async fn a_get_is_a_head_without_anything_about_a_body() {
    let server = recorder(r#"{"data":[]}"#).await;
    let query = IocStreamQuery {
        limit: Some(40),
        descriptors_only: Some(false),
        filter: Some("date:1626960086+ origin:hunting".to_owned()),
        order: Some("date+".to_owned()),
        cursor: Some("Cg/0+a==".to_owned()),
    };
    answered(connector(settings(server.url())).get_ioc_stream_objects(&query)).await;
    let expected = format!(
        "GET /api/v3/ioc_stream?limit=40&descriptors_only=false&filter=date%3A1626960086%2B%20origin%3Ahunting\
         &order=date%2B&cursor=Cg%2F0%2Ba%3D%3D HTTP/1.1\r\n\
         accept: application/json\r\n\
         accept-encoding: gzip\r\n\
         user-agent: {AGENT}\r\n\
         x-apikey: {KEY}\r\n\
         host: {host}\r\n\
         \r\n",
        host = server.authority()
    );
    assert_eq!(only_request(&server).await, expected);
}

#[tokio::test]
async fn a_post_announces_the_length_of_its_body_and_sends_it_whole() {
    let server = recorder(r#"{"data":{"type":"hunting_ruleset","id":"1","attributes":{}}}"#).await;
    let new = NewRuleset {
        name: "käse \"1\"".to_owned(),
        rules: "rule a\n{ condition: true }".to_owned(),
        enabled: Some(false),
        limit: Some(0),
        notification_emails: vec!["a@b.example".to_owned()],
        match_object_type: Some(MatchObjectType::Ip),
    };
    answered(connector(settings(server.url())).create_livehunt_ruleset(&new)).await;
    let body = "{\"data\":{\"type\":\"hunting_ruleset\",\"attributes\":{\"name\":\"käse \\\"1\\\"\",\"enabled\":false,\
                \"limit\":0,\"rules\":\"rule a\\n{ condition: true }\",\"notification_emails\":[\"a@b.example\"],\
                \"match_object_type\":\"ip\"}}}";
    let expected = format!(
        "POST /api/v3/intelligence/hunting_rulesets HTTP/1.1\r\n\
         accept: application/json\r\n\
         accept-encoding: gzip\r\n\
         user-agent: {AGENT}\r\n\
         content-type: application/json\r\n\
         content-length: {length}\r\n\
         x-apikey: {KEY}\r\n\
         host: {host}\r\n\
         \r\n\
         {body}",
        length = body.len(),
        host = server.authority()
    );
    assert_eq!(only_request(&server).await, expected);
}

#[tokio::test]
async fn a_delete_is_a_head_without_anything_about_a_body() {
    let server = recorder("").await;
    answered(connector(settings(server.url())).delete_livehunt_ruleset("0c87043296586fee")).await;
    let expected = format!(
        "DELETE /api/v3/intelligence/hunting_rulesets/0c87043296586fee HTTP/1.1\r\n\
         accept: application/json\r\n\
         accept-encoding: gzip\r\n\
         user-agent: {AGENT}\r\n\
         x-apikey: {KEY}\r\n\
         host: {host}\r\n\
         \r\n",
        host = server.authority()
    );
    assert_eq!(only_request(&server).await, expected);
}

#[tokio::test]
async fn a_path_prefix_of_the_url_comes_before_the_path() {
    let server = recorder("").await;
    let prefixed = settings(&format!("{}/gateway/vt/", server.url()));
    answered(connector(prefixed).delete_livehunt_ruleset("1")).await;
    let request = only_request(&server).await;
    assert!(request.starts_with("DELETE /gateway/vt/api/v3/intelligence/hunting_rulesets/1 HTTP/1.1\r\n"), "{request}");
}

#[tokio::test]
async fn a_key_that_the_guest_holds_stands_where_the_guest_puts_it() {
    let server = recorder("").await;
    let from_guest = Settings { api_key_from_host: false, ..settings(server.url()) };
    answered(connector(from_guest).delete_livehunt_ruleset("1")).await;
    let request = only_request(&server).await;
    assert!(request.contains(&format!("HTTP/1.1\r\nx-apikey: {KEY}\r\naccept: ")), "{request}");
    assert_eq!(request.matches(KEY).count(), 1);
}

#[tokio::test]
async fn a_megabyte_of_rules_arrives_whole() {
    let server = recorder(r#"{"data":{"type":"hunting_ruleset","id":"1","attributes":{}}}"#).await;
    let rules = "r".repeat(1 << 20);
    let new = NewRuleset { rules: rules.clone(), ..crate::support::world::new_ruleset("large") };
    answered(connector(settings(server.url())).create_livehunt_ruleset(&new)).await;
    let request = only_request(&server).await;
    assert!(request.contains(&rules) && request.ends_with("\"}}}"));
    assert!(!request.contains("transfer-encoding"));
}

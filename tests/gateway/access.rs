//! Who comes in.

use vt_hunting_host::serve::{Server, StartError};

use super::{Served, TOKEN, client, gateway, gateway_with, options};
use crate::support::world::{World, settings};

const ACTION: &str = "/v1/actions/get-retrohunt-jobs";

#[tokio::test]
async fn only_the_token_opens_the_actions() {
    let world = World::new();
    let served = Served::of(settings(&world.simulator.http_url())).await;
    for token in [None, Some("another-token-of-nobody"), Some("")] {
        let refused = client::post(served.address, ACTION, token, "{}").await;
        assert_eq!((refused.status, refused.header("content-type")), (401, Some("application/problem+json")));
        assert!(refused.header("www-authenticate").is_some_and(|challenge| challenge.starts_with("Bearer")));
        assert!(!refused.contains(TOKEN), "{refused:?}");
    }
    assert!(world.simulator.requests().is_empty(), "a stranger's request was sent on");
    assert_eq!(client::post(served.address, ACTION, Some(TOKEN), "{}").await.status, 200);
    assert_eq!(world.simulator.requests().len(), 1);
}

#[tokio::test]
async fn what_is_said_about_the_gateway_is_open_to_all() {
    let world = World::new();
    let served = Served::of(settings(&world.simulator.http_url())).await;
    for path in ["/", "/healthz", "/openapi.json"] {
        assert_eq!(client::get(served.address, path, None).await.status, 200, "{path}");
    }
    assert_eq!(client::get(served.address, "/v1/actions", None).await.status, 401);
}

#[tokio::test]
async fn without_a_token_it_answers_this_machine_by_its_own_names_alone() {
    let world = World::new();
    let served = Served::start(gateway_with(settings(&world.simulator.http_url()), &[]), options()).await;
    assert_eq!(client::post(served.address, ACTION, None, "{}").await.status, 200);
    // A page elsewhere, whose name was made to lead here.
    let rebound = client::send(served.address, &client::request("POST", ACTION, "evil.example", None, "{}")).await;
    assert_eq!(rebound.status, 403);
    assert_eq!(world.simulator.requests().len(), 1);
}

#[tokio::test]
async fn without_a_token_it_listens_on_loopback_addresses_alone() {
    let world = World::new();
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let gateway = gateway_with(settings(&world.simulator.http_url()), &[]);
        let mut options = options();
        options.address = address.parse().expect("an address");
        let refused = Server::bind(gateway, options).await.expect_err("it is open to others");
        assert!(matches!(refused, StartError::NotLoopback(_)), "{refused}");
        let text = refused.to_string();
        assert!(text.contains(address) && text.contains("GATEWAY_TOKEN") && text.contains("--no-auth"), "{text}");
    }
    let mut everywhere = options();
    everywhere.address = ([0, 0, 0, 0], 0).into();
    Server::bind(gateway(settings(&world.simulator.http_url())), everywhere).await.expect("it asks for a token");
}

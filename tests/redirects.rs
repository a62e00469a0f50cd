//! A redirect is an error and never followed: the key must not go where a server points.

use vt_hunting_host::Settings;
use vt_hunting_host::ioc_stream::IocStreamQuery;
use vt_hunting_host::types::ErrorKind;

use crate::support::raw_server::{RawServer, answer, empty_page, response};
use crate::support::refused;
use crate::support::world::{connector, new_job, settings};

#[tokio::test]
async fn no_redirect_is_followed_to_another_origin() {
    for status in [300, 301, 302, 303, 305, 307, 308] {
        let trap = RawServer::start(answer(empty_page())).await;
        let location = format!("{}/api/v3/ioc_stream", trap.url());
        let server = RawServer::start(answer(response(status, &[("location", &location)], ""))).await;
        // Even where the host would let requests pass to that origin.
        let open =
            Settings { allowed_hosts: vec![trap.url().to_owned()], allow_private: true, ..settings(server.url()) };
        let connector = connector(open);
        let error = refused(connector.get_ioc_stream_objects(&IocStreamQuery::default())).await;
        assert_eq!((error.kind, &*error.code), (ErrorKind::Protocol, "RedirectRefused"), "{status}");
        assert_eq!((error.status, error.retryable), (Some(status), false));
        assert!(error.message.contains("VT_URL") && !error.message.contains(trap.authority()), "{}", error.message);
        refused(connector.create_retrohunt_job(&new_job())).await;
        refused(connector.delete_livehunt_ruleset("1")).await;
        assert_eq!((server.requests().len(), trap.connections()), (3, 0), "{status}");
    }
}

#[tokio::test]
async fn no_redirect_is_followed_on_the_same_origin() {
    let server = RawServer::start(Vec::new()).await;
    let location = format!("{}/elsewhere", server.url());
    for location in [location.as_str(), "/elsewhere", "//elsewhere.example/", "\u{7f}", ""] {
        let before = server.requests().len();
        server.play(answer(response(302, &[("location", location)], "")));
        let connector = connector(settings(server.url()));
        let error = refused(connector.get_ioc_stream_objects(&IocStreamQuery::default())).await;
        assert_eq!(error.kind, ErrorKind::Protocol, "{location}");
        assert_eq!(server.requests().len(), before + 1);
    }
}

#[tokio::test]
async fn a_3xx_without_a_location_is_no_answer_either() {
    for status in [300, 302, 304, 306, 399] {
        let server = RawServer::start(answer(response(status, &[], ""))).await;
        let error = refused(connector(settings(server.url())).get_retrohunt_job("1")).await;
        assert_eq!((error.kind, error.status, error.retryable), (ErrorKind::Protocol, Some(status), false));
    }
}

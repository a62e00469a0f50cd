//! With `access = read-only` the host lets nothing but a `GET` leave, also for a component that does not keep to it.

use vt_hunting_host::livehunt::{EditorType, RulesetChanges, RulesetEditor};
use vt_hunting_host::types::ErrorKind;
use vt_hunting_host::{Access, Settings};

use super::get;
use crate::rogue;
use crate::support::raw_server::{RawServer, answer, empty_page};
use crate::support::world::{new_job, new_ruleset, settings};
use crate::support::{answered, refused};

#[tokio::test]
async fn a_component_that_disregards_it_changes_nothing() {
    let server = RawServer::start(answer(empty_page())).await;
    let heedless = rogue::heedless();
    let reader = Settings { access: Access::ReadOnly, ..settings(server.url()) };
    let connector = heedless.connector(reader).expect("good settings");
    let changes = RulesetChanges { enabled: Some(false), ..Default::default() };
    let editors = [RulesetEditor { editor_type: EditorType::Group, id: "lab".to_owned() }];
    macro_rules! assert_denied {
        ($($call:expr),+) => {$({
            let error = refused($call).await;
            assert_eq!((error.kind, &*error.code), (ErrorKind::Forbidden, "RequestDenied"), "{error:?}");
            assert_eq!((error.status, error.retryable), (None, false));
        })+};
    }
    assert_denied!(
        connector.create_livehunt_ruleset(&new_ruleset("new")),
        connector.update_livehunt_ruleset("1", &changes),
        connector.delete_livehunt_ruleset("1"),
        connector.delete_all_livehunt_rulesets("me"),
        connector.add_livehunt_ruleset_editors("1", &editors),
        connector.remove_livehunt_ruleset_editor("1", "ann"),
        connector.transfer_livehunt_ruleset("1", "ann"),
        connector.delete_livehunt_notification("1"),
        connector.delete_livehunt_notifications("everything"),
        connector.create_retrohunt_job(&new_job()),
        connector.abort_retrohunt_job("1"),
        connector.delete_retrohunt_job("1"),
        connector.delete_ioc_stream_notification("1"),
        connector.delete_ioc_stream_objects("everything")
    );
    let counters = connector.counters();
    assert_eq!((server.connections(), counters.attempts, counters.denied), (0, 0, 14));
    // It is the host that refuses: where everything is allowed, the same component sends.
    answered(get(&connector)).await;
    let free = heedless.connector(settings(server.url())).expect("good settings");
    refused(free.create_retrohunt_job(&new_job())).await;
    assert!(server.requests()[1].starts_with(b"POST "), "{:?}", server.requests());
}

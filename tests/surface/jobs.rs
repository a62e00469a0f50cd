//! Deleting a retrohunt job: once it has ended, and its matches go with it.

use vt_hunting_host::retrohunt::{MatchesQuery, RetrohuntJobsQuery};
use vt_hunting_host::types::ErrorKind;

use super::assert_sent;
use crate::support::world::World;
use crate::support::{answered, refused};

#[tokio::test]
async fn a_job_is_deleted_once_it_has_ended_and_not_before() {
    let world = World::new();
    let id = world.job().await.id;
    let error = refused(world.connector.delete_retrohunt_job(&id)).await;
    assert_eq!((error.kind, error.status), (ErrorKind::InvalidArgument, Some(400)));
    assert!(error.message.contains("abort it first"), "{}", error.message);
    world.simulator.advance_clock(500);
    world.simulator.clear_requests();

    answered(world.connector.delete_retrohunt_job(&id)).await;
    assert_sent(&world, "DELETE", &format!("intelligence/retrohunt_jobs/{id}"), "", "");
    assert!(answered(world.connector.get_retrohunt_jobs(&RetrohuntJobsQuery::default())).await.items.is_empty());
    let error = refused(world.connector.get_retrohunt_job_matches(&id, &MatchesQuery::default())).await;
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert_eq!(refused(world.connector.delete_retrohunt_job(&id)).await.kind, ErrorKind::NotFound);
}

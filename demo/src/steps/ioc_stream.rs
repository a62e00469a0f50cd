//! The IoC stream: everything that hunting and subscriptions brought up, page by page.

use std::collections::BTreeSet;

use anyhow::{Context, ensure};
use vt_hunting_host::ioc_stream::{IocStreamObject, IocStreamQuery};

use super::text::{counted, or_dash, short};
use crate::actions::{GET_STREAM, GET_STREAM_NOTIFICATION};
use crate::story::Story;

/// A real stream can be endless; three pages show what there is to see.
const PAGES_OF_A_REAL_STREAM: usize = 3;

/// Walks the stream by its cursors.
pub(crate) async fn walk(story: &mut Story) {
    story
        .act(&GET_STREAM, "", async |story, turn| {
            let most = if story.service.simulator().is_some() { usize::MAX } else { PAGES_OF_A_REAL_STREAM };
            turn.sent("40 descriptors a page, oldest first, and each page's cursor with the next request");
            let mut query = IocStreamQuery {
                limit: Some(40),
                descriptors_only: Some(true),
                filter: None,
                order: Some("date+".to_owned()),
                cursor: None,
            };
            let mut objects: Vec<IocStreamObject> = Vec::new();
            let mut count = None;
            let mut pages = 0;
            loop {
                let page = turn.call(story.hunting.get_ioc_stream_objects(&query)).await?;
                pages += 1;
                turn.came(format!("page {pages}: {}", kinds(&page.items)));
                count = page.page.count.or(count);
                objects.extend(page.items);
                if page.page.cursor.is_none() || pages >= most {
                    break;
                }
                ensure!(page.page.cursor != query.cursor, "page {pages} repeats the cursor it was asked for");
                query.cursor = page.page.cursor;
            }

            let ids: BTreeSet<&String> = objects.iter().filter_map(|object| object.notification_id.as_ref()).collect();
            ensure!(ids.len() == objects.len(), "{} objects, but only {} notifications", objects.len(), ids.len());
            if story.service.simulator().is_some() {
                ensure!(pages > 1, "the whole stream came in one page");
                let seen = objects.len() as u64;
                ensure!(count == Some(seen), "the pages hold {seen} objects, the service counts {count:?}");
                for origin in ["hunting", "subscriptions"] {
                    let present = objects.iter().any(|object| object.origin.as_deref() == Some(origin));
                    ensure!(present, "nothing of origin {origin} is in the stream");
                }
            }
            // One that a rule found says more than a subscription.
            let found = objects.iter().rev().find(|object| object.hunting_info.is_some()).or(objects.last());
            let found = found.and_then(|object| object.notification_id.clone().map(|id| (id, object.id.clone())));
            story.stream_notification = found;
            let (objects, pages) = (counted(objects.len(), "object"), counted(pages, "page"));
            Ok(format!("{objects} in {pages}, none twice"))
        })
        .await;
}

/// Reads one notification by its id.
pub(crate) async fn notification(story: &mut Story) {
    let Some((id, entity)) = story.stream_notification.clone() else {
        if story.service.simulator().is_none() {
            story.report.skip(&GET_STREAM_NOTIFICATION, "", "the walk over the stream found no notification to read");
            return;
        }
        story
            .act(&GET_STREAM_NOTIFICATION, "", async |_, _| {
                anyhow::bail!("the walk over the stream found no notification")
            })
            .await;
        return;
    };
    story
        .act(&GET_STREAM_NOTIFICATION, "", async |story, turn| {
            turn.sent(format!("notification {id}"));
            let notification = turn.call(story.hunting.get_ioc_stream_notification(&id)).await?;
            let rule = notification.hunting_info.as_ref().and_then(|info| info.rule_name.as_ref());
            turn.came(format!(
                "{} {}, origin {}, rule {}",
                or_dash(notification.entity_type.as_ref()),
                notification.entity_id.as_deref().map_or("–".to_owned(), short),
                or_dash(notification.origin.as_ref()),
                or_dash(rule),
            ));
            ensure!(notification.id == id, "asked for {id}, got {}", notification.id);
            let about = notification.entity_id.context("the notification does not say what it is about")?;
            ensure!(about == entity, "the stream says it is about {entity}, the notification says {about}");
            Ok(format!("about {}", short(&about)))
        })
        .await;
}

/// `40 objects: 31 file, 5 url, 4 domain`.
fn kinds(objects: &[IocStreamObject]) -> String {
    let types: BTreeSet<&str> = objects.iter().map(|object| object.object_type.as_str()).collect();
    let count = |kind: &str| objects.iter().filter(|object| object.object_type == kind).count();
    let parts: Vec<String> = types.iter().map(|kind| format!("{} {kind}", count(kind))).collect();
    format!("{}: {}", counted(objects.len(), "object"), parts.join(", "))
}

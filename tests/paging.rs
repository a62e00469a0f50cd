//! A collection reads as one, however it is cut into calls and pages: nothing is left out and nothing comes twice,
//! whatever the service's habits and whatever fails in between.

mod collections;
mod cursors;
mod failures;
mod habits;
mod property;

use virustotal_hunting_simulator::Simulator;
use vt_hunting_host::Connector;
use vt_hunting_host::ioc_stream::{IocStreamPage, IocStreamQuery};

use crate::support::answered;

/// Descriptors of the stream, newest first.
fn query(limit: u32, cursor: Option<String>) -> IocStreamQuery {
    IocStreamQuery { limit: Some(limit), descriptors_only: Some(true), cursor, ..Default::default() }
}

async fn page(connector: &Connector, limit: u32, cursor: Option<String>) -> IocStreamPage {
    answered(connector.get_ioc_stream_objects(&query(limit, cursor))).await
}

fn ids(page: &IocStreamPage) -> Vec<String> {
    page.items.iter().map(|item| item.notification_id.clone().expect("an id")).collect()
}

/// What the stream holds, in the order in which it is listed.
fn there(simulator: &Simulator) -> Vec<String> {
    let mut entries: Vec<(u64, usize, String)> = simulator
        .stream_notification_ids()
        .into_iter()
        .enumerate()
        .map(|(number, (id, date))| (date, number, id))
        .collect();
    entries.sort_unstable();
    entries.into_iter().rev().map(|(_, _, id)| id).collect()
}

/// The value of a parameter of each request since the last look.
fn asked(simulator: &Simulator, name: &str) -> Vec<Option<String>> {
    let of = |query: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
    };
    simulator.take_requests().iter().map(|request| of(&request.query)).collect()
}

/// Reads on until nothing is left, so many at a time; a call gives no more than that and no fewer unless it is the last.
async fn walk(connector: &Connector, limit: u32) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), None);
    for _ in 0..1000 {
        let page = page(connector, limit, cursor).await;
        assert!(page.page.incomplete.is_none(), "{:?}", page.page.incomplete);
        assert!(page.items.len() <= limit as usize, "{} of {limit}", page.items.len());
        all.extend(ids(&page));
        cursor = page.page.cursor;
        if cursor.is_none() {
            return all;
        }
        assert_eq!(page.items.len(), limit as usize, "fewer than asked for, and yet not all");
    }
    panic!("it never ends");
}

//! Crowdsourced YARA rules: read-only, and with `|` in their ids, which clients must escape.

use serde_json::json;

use crate::envelope::{self, Item, Links};
use crate::filter;
use crate::query::Query;
use crate::reply::{ApiError, Outcome};
use crate::router::Context;

/// One published rule: ruleset hash, name, author, matches, tag.
type Published = (&'static str, &'static str, &'static str, u64, &'static str);

const PUBLISHED: [Published; 14] = [
    ("0122a7f913", "Sim_Loader_Generic", "Ada", 4_120, "loader"),
    ("0122a7f913", "Sim_Loader_Packed", "Ada", 311, "loader"),
    ("004a1c03f7", "Sim_Stealer_Config", "Bela", 98_000, "stealer"),
    ("01d5b82e60", "Sim_Bot_Busybox", "Chen", 55, "bot"),
    ("01d5b82e60", "Sim_Bot_Telnet", "Chen", 7, "bot"),
    ("03f6e6d0a1", "Sim_Phish_Kit", "Dara", 1_777, "phishing"),
    ("03f6e6d0a1", "Sim_Phish_Form", "Dara", 902, "phishing"),
    ("0488cc1299", "Sim_Dropper_PS1", "Ada", 3_006, "dropper"),
    ("0488cc1299", "Sim_Dropper_JS", "Ada", 41, "dropper"),
    ("05ab9912de", "Sim_Miner", "Emil", 12_345, "miner"),
    ("0671f0c4c4", "Sim_Ransom_Note", "Fay", 640, "ransomware"),
    ("0671f0c4c4", "Sim_Ransom_Ext", "Fay", 18, "ransomware"),
    ("07bb00ee31", "Sim_Wiper", "Gil", 2, "wiper"),
    ("08cafe0042", "Sim_Webshell", "Hana", 777, "webshell"),
];

const KEYS: [&str; 4] = ["author", "name", "tag", "enabled"];
const ORDERS: [&str; 3] = ["matches", "creation_date", "modification_date"];

/// `GET /yara_rules`
pub(crate) fn list(context: &mut Context<'_>) -> Outcome {
    let query = Query::parse(&context.call.query, &["limit", "filter", "order", "cursor"])?;
    let terms = filter::parse(query.get("filter").unwrap_or_default(), &KEYS)?;
    for term in terms.iter().filter(|term| term.key == "enabled") {
        filter::one_of(term, &["true", "false"])?;
    }
    let order = filter::order(query.get("order").unwrap_or("matches-"), &ORDERS, true)?;
    let mut rules: Vec<(usize, &Published)> = PUBLISHED.iter().enumerate().collect();
    rules.retain(|(_, (_, name, author, _, tag))| {
        terms.iter().all(|term| match term.key.as_str() {
            "author" => author.eq_ignore_ascii_case(&term.value),
            "name" => name.to_lowercase().contains(&term.value.to_lowercase()),
            "tag" => *tag == term.value,
            _ => term.value == "true",
        })
    });
    let place = |(index, (_, _, _, matches, _)): &(usize, &Published)| {
        // They were published in the order of the list, from 1 on.
        let number = *index as u64 + 1;
        envelope::place(if order.field == "matches" { *matches } else { number }, number, order.descending)
    };
    rules.sort_by_key(place);
    let count = rules.len();
    let filter = query.get("filter").unwrap_or_default();
    let binding = format!("yara_rules|{filter}|{order:?}|{}", context.desk);
    let page = envelope::page(context.shared, &query, &binding, rules, place)?;
    let page = page.map(|(index, rule)| item(index, rule));
    Ok(envelope::collection(page, Some(count), &Links::Path("/yara_rules".into()), &query))
}

/// `GET /yara_rules/{id}`
pub(crate) fn get(context: &mut Context<'_>, id: &str) -> Outcome {
    Query::parse(&context.call.query, &[])?;
    let known = PUBLISHED.iter().enumerate().find(|(_, (hash, name, ..))| format!("{hash}|{name}") == id);
    let (index, rule) = known.ok_or_else(|| ApiError::not_found("YARA rule", id))?;
    Ok(envelope::object(&item(index, rule)))
}

fn item(index: usize, (hash, name, author, matches, tag): &Published) -> Item {
    let created = 1_600_000_000 + index as u64 * 1_000_000;
    let attributes = json!({
        "name": name, "author": author, "matches": matches, "tags": [tag], "enabled": true,
        "creation_date": created, "modification_date": created + 5_000, "included_date": created + 9_000,
        "meta": [{"key": "author", "value": author}, {"key": "description", "value": "A made-up rule"}],
        "rule": format!("rule {name} : {tag} {{ meta: author = \"{author}\" strings: $a = \"{name}\" condition: $a }}"),
    });
    Item::object("yara_rule", &format!("{hash}|{name}"), "yara_rules", attributes)
}

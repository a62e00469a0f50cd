//! The actions: an argument structure each, and what runs it. Generated; `build/dispatch.rs` says how.

use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::strict;

pub use generated::{Call, NAMES};

/// A body that is not what an action takes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unreadable {
    /// Whether it is JSON at all.
    pub(crate) is_json: bool,
    /// Where in the body, as a JSON pointer; empty for the whole.
    pub(crate) pointer: String,
    /// What is wrong there.
    pub(crate) what: String,
}

/// The call of an action with the arguments in a body; `None` where there is no such action.
pub(crate) fn read_call(action: &str, body: &[u8]) -> Option<Result<Call, Unreadable>> {
    generated::call(action, body)
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let mut track = serde_path_to_error::Track::new();
    let read = strict::one(serde_path_to_error::Deserializer::new(&mut json, &mut track))
        .map_err(|error| unreadable(&error, pointer(&track.path())));
    // What stands behind the object is not JSON any more.
    read.and_then(|value| json.end().map(|()| value).map_err(|error| unreadable(&error, String::new())))
}

fn unreadable(error: &serde_json::Error, pointer: String) -> Unreadable {
    let is_json = matches!(error.classify(), Category::Data);
    let mut what = error.to_string();
    if is_json {
        // The place in the text says less than the pointer does.
        if let Some(at) = what.rfind(" at line ") {
            what.truncate(at);
        }
    }
    Unreadable { is_json, pointer: if is_json { pointer } else { String::new() }, what: shortened(what) }
}

/// Errors repeat what they did not expect, and that can be a megabyte of rules.
fn shortened(mut text: String) -> String {
    const MOST: usize = 300;
    if let Some((at, _)) = text.char_indices().nth(MOST) {
        text.truncate(at);
        text.push('…');
    }
    text
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path.iter() {
        let name = match segment {
            Segment::Seq { index } => index.to_string(),
            Segment::Map { key } => key.replace('~', "~0").replace('/', "~1"),
            Segment::Enum { variant } => variant.clone(),
            Segment::Unknown => continue,
        };
        pointer.push('/');
        pointer.push_str(&name);
    }
    shortened(pointer)
}

#[allow(missing_docs, clippy::all, reason = "generated")]
mod generated {
    use super::Unreadable;
    use crate::answer::{Answer, Object};
    use crate::contract::{account, crowdsourced, ioc_stream, livehunt, operations, retrohunt, snippets, types};
    mod code {
        include!(concat!(env!("OUT_DIR"), "/dispatch.rs"));
    }
    use super::read;
    pub(crate) use code::call;
    pub use code::{Call, NAMES};
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(action: &str, body: &str) -> Unreadable {
        read_call(action, body.as_bytes()).expect("an action").expect_err("it is refused")
    }

    #[test]
    fn every_function_is_an_action_but_last_response_which_every_envelope_has() {
        assert_eq!(NAMES.len(), 40);
        assert!(read_call("last-response", b"{}").is_none());
    }

    #[test]
    fn the_fields_of_a_record_are_the_bodys_members() {
        let body = br#"{"rules":"rule a { condition: true }","corpus":"goodware","time_range":{"start":1}}"#;
        let call = read_call("create-retrohunt-job", body).expect("an action").expect("good arguments");
        let Call::CreateRetrohuntJob(given) = call else { panic!("another action") };
        assert_eq!(given.corpus, Some(crate::contract::retrohunt::Corpus::Goodware));
        assert_eq!(given.time_range.and_then(|range| range.start), Some(1));
    }

    #[test]
    fn an_id_stands_beside_the_fields_of_a_query() {
        let body = br#"{"id":"a-1","limit":20}"#;
        let call = read_call("get-retrohunt-job-matches", body).expect("an action").expect("good arguments");
        let Call::GetRetrohuntJobMatches(given) = call else { panic!("another action") };
        assert_eq!((given.id.as_str(), given.limit), ("a-1", Some(20)));
    }

    #[test]
    fn a_second_record_stands_under_its_name_and_may_be_left_out() {
        for body in [&br#"{"since":1,"budget":{"items":5}}"#[..], br#"{"since":1,"budget":null}"#, br#"{"since":1}"#] {
            let call = read_call("poll-ioc-stream", body).expect("an action").expect("good arguments");
            assert!(matches!(call, Call::PollIocStream(given) if given.since == Some(1)));
        }
    }

    #[test]
    fn a_list_in_a_record_may_be_left_out_and_an_empty_one_is_not_an_absent_one() {
        let read =
            |body: &[u8]| read_call("update-livehunt-ruleset", body).expect("an action").expect("good arguments");
        let Call::UpdateLivehuntRuleset(absent) = read(br#"{"id":"a"}"#) else { panic!("another action") };
        let Call::UpdateLivehuntRuleset(empty) = read(br#"{"id":"a","notification_emails":[]}"#) else {
            panic!("another action")
        };
        assert_eq!((absent.notification_emails, empty.notification_emails), (None, Some(vec![])));
        assert!(read_call("create-livehunt-ruleset", br#"{"name":"n","rules":"r"}"#).is_some_and(|call| call.is_ok()));
    }

    #[test]
    fn an_unknown_member_is_named_with_those_there_are() {
        let refused = refused("get-retrohunt-job", r#"{"id":"a","ID":"b"}"#);
        assert!(refused.is_json && refused.what.contains("`ID`") && refused.what.contains("`id`"), "{refused:?}");
    }

    #[test]
    fn an_unknown_member_inside_is_refused_as_well() {
        let refused = refused("create-retrohunt-job", r#"{"rules":"r","time_range":{"from":1}}"#);
        assert!(refused.pointer.starts_with("/time_range") && refused.what.contains("`from`"), "{refused:?}");
    }

    #[test]
    fn a_wrong_type_is_found_where_it_is() {
        let refused =
            refused("add-livehunt-ruleset-editors", r#"{"id":"a","editors":[{"editor_type":"robot","id":"b"}]}"#);
        assert!(refused.pointer.starts_with("/editors/0/editor_type"), "{refused:?}");
        assert!(refused.is_json && refused.what.contains("`group`"), "{refused:?}");
    }

    #[test]
    fn what_is_no_json_is_told_apart() {
        for body in ["", "{", "{\"id\":\"a\"} x", "{\"id\":\"\u{1}\"}"] {
            assert!(!refused("get-retrohunt-job", body).is_json, "{body}");
        }
    }

    #[test]
    fn a_list_does_not_pass_for_an_object() {
        for (action, body, pointer) in [
            ("get-retrohunt-job", r#"["a-1"]"#, ""),
            ("get-retrohunt-jobs", "[null, null, null]", ""),
            ("create-retrohunt-job", r#"{"rules":"r","time_range":[1,2]}"#, "/time_range"),
            ("poll-ioc-stream", r#"{"budget":[1,2,3]}"#, "/budget"),
            ("add-livehunt-ruleset-editors", r#"{"id":"a","editors":[["user","b"]]}"#, "/editors/0"),
        ] {
            let refused = refused(action, body);
            assert!(refused.is_json && refused.what.contains("an object"), "{refused:?}");
            assert_eq!(refused.pointer, pointer, "{action}");
        }
    }

    #[test]
    fn a_refusal_does_not_repeat_a_megabyte() {
        let long = format!("{{\"id\":\"a\",\"limit\":\"{}\"}}", "x".repeat(1 << 20));
        assert!(refused("get-retrohunt-job-matches", &long).what.len() < 1000);
        let long = format!("{{\"{}\":1}}", "x".repeat(1 << 20));
        assert!(refused("get-retrohunt-job", &long).what.len() < 1000);
    }
}

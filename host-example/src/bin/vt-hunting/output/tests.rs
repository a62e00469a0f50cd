use super::*;
use crate::{args::global::Format, output::table::Look};

fn style(format: Format) -> Style {
    Style {
        format,
        failures_as_json: false,
        envelope: false,
        compact: true,
        raw: false,
        look: Look { width: Some(80), colour: false, snippets: false },
    }
}

fn page(cursor: Option<&str>) -> Answer {
    Answer::Page {
        noun: "files",
        objects: vec![Box::new(samples::match_file()), Box::new(samples::match_file())],
        page: PageInfo {
            cursor: cursor.map(str::to_owned),
            count: Some(59),
            self_link: None,
            next_link: None,
            incomplete: None,
        },
    }
}

fn rendered(answer: &Answer, style: &Style) -> Rendered {
    let next = answer.goes_on().map(|(flag, value)| format!("vt-hunting retrohunt matches {flag} {value}"));
    match answer.render(None, style, next.as_deref()) {
        Ok(rendered) => rendered,
        Err(failure) => panic!("{failure:?}"),
    }
}

#[test]
fn json_of_a_collection_is_items_and_page() {
    let text = rendered(&page(Some("c")), &style(Format::Json)).answer;
    let value: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    assert_eq!(value["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(value["page"]["cursor"], "c");
    assert_eq!(value["items"][0]["id"], samples::SHA256);
}

#[test]
fn json_of_one_object_is_the_object() {
    let answer = Answer::One { object: Box::new(samples::job()), next: None };
    let text = rendered(&answer, &style(Format::Json)).answer;
    assert!(text.starts_with("{\"id\":\"alice-1598966772\","), "{text}");
}

#[test]
fn a_line_of_jsonl_is_an_item_although_the_objects_have_line_breaks() {
    let style = Style { raw: true, ..style(Format::Jsonl) };
    let rendered = rendered(&page(Some("c")), &style);
    assert_eq!(rendered.answer.lines().count(), 2);
    for line in rendered.answer.lines() {
        let item: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
        assert_eq!(item["json"]["type"], "file");
    }
    let hint: serde_json::Value = serde_json::from_str(&rendered.hint).unwrap_or_default();
    assert_eq!(hint["page"]["cursor"], "c");
}

#[test]
fn the_last_page_of_jsonl_gives_no_hint() {
    assert_eq!(rendered(&page(None), &style(Format::Jsonl)).hint, "");
}

#[test]
fn a_table_ends_with_the_command_for_the_next_page() {
    let text = rendered(&page(Some("new")), &style(Format::Table)).answer;
    assert!(
        text.ends_with(
            "\n2 files; VirusTotal counts 59; --wide shows whole hashes\n\
             next page: vt-hunting retrohunt matches --cursor new\n"
        ),
        "{text}"
    );
    let last = rendered(&page(None), &style(Format::Table)).answer;
    assert!(!last.contains("next page"), "{last}");
}

#[test]
fn an_empty_page_says_so_and_can_have_a_next_one() {
    let answer = Answer::Page {
        noun: "files",
        objects: Vec::new(),
        page: PageInfo {
            cursor: Some("c".to_owned()),
            count: None,
            self_link: None,
            next_link: None,
            incomplete: None,
        },
    };
    assert_eq!(
        rendered(&answer, &style(Format::Table)).answer,
        "no files\nnext page: vt-hunting retrohunt matches --cursor c\n"
    );
}

#[test]
fn an_unreadable_object_is_named_below_the_table() {
    let mut file = samples::match_file();
    file.error =
        Some(vt_hunting_host::types::ItemError { code: "NotFoundError".to_owned(), message: "gone".to_owned() });
    let answer = Answer::Page {
        noun: "files",
        objects: vec![Box::new(file)],
        page: PageInfo { cursor: None, count: None, self_link: None, next_link: None, incomplete: None },
    };
    let text = rendered(&answer, &style(Format::Table)).answer;
    assert!(text.contains("not readable: NotFoundError gone"), "{text}");
}

#[test]
fn what_is_done_is_a_sentence_or_a_small_object() {
    let answer = Answer::Done { id: "0c87".to_owned(), field: "deleted", said: "Deleted ruleset 0c87.".to_owned() };
    assert_eq!(rendered(&answer, &style(Format::Table)).answer, "Deleted ruleset 0c87.\n");
    assert_eq!(rendered(&answer, &style(Format::Json)).answer, "{\"id\":\"0c87\",\"deleted\":true}\n");
    let enveloped = Style { envelope: true, ..style(Format::Json) };
    assert_eq!(
        rendered(&answer, &enveloped).answer,
        "{\"status_code\":null,\"reason\":\"\",\"response_headers\":{},\"json_body\":{}}\n"
    );
}

#[test]
fn the_envelope_of_a_job_has_the_aliases() {
    let answer = Answer::One { object: Box::new(samples::job()), next: None };
    let enveloped = Style { envelope: true, ..style(Format::Json) };
    let value: serde_json::Value = serde_json::from_str(&rendered(&answer, &enveloped).answer).unwrap_or_default();
    let attributes = &value["json_body"]["data"]["attributes"];
    assert_eq!(attributes["finished_date"], attributes["finish_date"]);
    assert_eq!(attributes["yara_rule"], attributes["rules"]);
    assert!(attributes["yara_rule"].is_string());
}

#[test]
fn a_failure_without_an_answer_has_no_envelope() {
    let failure = Failure::argument("X", "y", "z");
    assert_eq!(failed_envelope(&failure, None, &style(Format::Json)), None);
    let response = ResponseInfo { status_code: 404, reason: "Not Found".to_owned(), headers: Vec::new(), attempts: 1 };
    assert_eq!(
        failed_envelope(&failure, Some(&response), &style(Format::Json)).unwrap_or_default(),
        "{\"status_code\":404,\"reason\":\"Not Found\",\"response_headers\":{},\
         \"json_body\":{\"error\":{\"code\":\"X\",\"message\":\"y\"}}}\n"
    );
}

#[test]
fn what_a_create_left_behind_is_said_and_listed() {
    let found = |objects| Answer::Found { noun: "jobs", objects, said: "It arrived." };
    assert_eq!(rendered(&found(Vec::new()), &style(Format::Table)).answer, "no jobs: It arrived.\n");
    assert_eq!(rendered(&found(Vec::new()), &style(Format::Json)).answer, "{\"items\":[]}\n");
    let one = found(vec![Box::new(samples::job())]);
    assert!(rendered(&one, &style(Format::Table)).answer.ends_with("\n1 job: It arrived.\n"));
    assert_eq!(rendered(&one, &style(Format::Jsonl)).answer.lines().count(), 1);
}

#[test]
fn a_step_of_following_has_its_checkpoint_in_every_format() {
    let batch = |incomplete| {
        let objects: Vec<Box<dyn Shown>> = vec![Box::new(samples::match_file())];
        Answer::Batch(Batch { noun: "files", objects, checkpoint: "c1".to_owned(), more: true, incomplete, gap: None })
    };
    let end = "\"checkpoint\":\"c1\",\"more\":true,\"incomplete\":null}";
    let json = rendered(&batch(None), &style(Format::Json)).answer;
    assert!(json.starts_with("{\"items\":[{\"id\":") && json.ends_with(&format!("],{end}\n")), "{json}");
    let lines = rendered(&batch(None), &style(Format::Jsonl));
    assert_eq!((lines.answer.lines().count(), lines.hint), (1, format!("{{\"batch\":{{{end}}}\n")));
    let table = rendered(&batch(None), &style(Format::Table)).answer;
    assert!(table.contains("1 file, oldest first; more to read at once\nnext step: "), "{table}");
    assert!(table.ends_with(" --checkpoint c1\n"), "{table}");
    let enveloped = rendered(&batch(None), &Style { envelope: true, ..style(Format::Json) }).answer;
    assert!(enveloped.contains("\"meta\":{\"checkpoint\":\"c1\",\"more\":true}"), "{enveloped}");
    assert!(batch(None).incomplete().is_none() && batch(Some(samples::error())).incomplete().is_some());
}

#[test]
fn whether_somebody_may_edit_is_a_sentence_or_a_small_object() {
    let answer = Answer::Editor { id: "r".to_owned(), editor: "bob".to_owned(), may_edit: false };
    assert_eq!(rendered(&answer, &style(Format::Table)).answer, "bob may not edit ruleset r.\n");
    assert_eq!(
        rendered(&answer, &style(Format::Json)).answer,
        "{\"id\":\"r\",\"editor\":\"bob\",\"may_edit\":false}\n"
    );
    let enveloped = rendered(&answer, &Style { envelope: true, ..style(Format::Json) }).answer;
    assert!(enveloped.contains("\"json_body\":{\"data\":false}"), "{enveloped}");
}

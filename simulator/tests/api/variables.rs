//! Which names rules may use, in livehunt and in retrohunt.

use serde_json::json;
use virustotal_hunting_simulator::EXAMPLE_RULES;

use crate::client::{Answer, Api, job_body};

const RULESETS: &str = "/intelligence/hunting_rulesets";
const JOBS: &str = "/intelligence/retrohunt_jobs";

async fn create(api: &Api, path: &str, rules: &str) -> Answer {
    let ruleset = json!({"data": {"type": "hunting_ruleset", "attributes":
        {"name": "variables", "rules": rules, "enabled": true, "limit": 100}}});
    let body = if path == JOBS { job_body(json!({"rules": rules})) } else { ruleset };
    api.post(path, &body).await
}

#[tokio::test]
async fn each_legacy_variable_is_taken_in_livehunt_and_refused_by_name_in_retrohunt() {
    let api = Api::start().await;
    for (name, condition) in [
        ("file_name", "file_name matches /evil/"),
        ("file_type", "file_type contains \"pe\""),
        ("imphash", "imphash == \"x\""),
        ("md5", "md5 == \"x\""),
        ("new_file", "new_file"),
        ("positives", "positives > 3"),
        ("sha256", "sha256 == \"x\""),
        ("sha1", "sha1 == \"x\""),
        ("signatures", "signatures matches /trojan/i"),
        ("submissions", "submissions < 5"),
        ("ssdeep", "ssdeep contains \"x\""),
        ("tags", "tags contains \"x\""),
        ("vhash", "vhash == \"x\""),
    ] {
        let rules = format!("rule made_up {{ condition: {condition} }}");
        let taken = create(&api, RULESETS, &rules).await;
        assert_eq!(taken.status, 200, "{name}: {taken:?}");
        let refused = create(&api, JOBS, &rules).await;
        assert_eq!((refused.status, refused.code().as_str()), (400, "BadRequestError"), "{name}");
        assert!(refused.message().contains(name), "{}", refused.message());
    }
}

#[tokio::test]
async fn a_name_that_nothing_defines_is_refused_everywhere() {
    let api = Api::start().await;
    for path in [RULESETS, JOBS] {
        let refused = create(&api, path, "rule made_up { condition: filename matches /evil/ }").await;
        assert_eq!((refused.status, refused.code().as_str()), (400, "BadRequestError"), "{path}");
        assert!(refused.message().contains("filename"), "{}", refused.message());
    }
}

#[tokio::test]
async fn a_rule_on_legacy_variables_finds_the_files_it_describes() {
    let api = Api::start().await;
    let matching = EXAMPLE_RULES.replace("condition:", "condition: positives > 0 and file_type contains \"pe\" and");
    for (rules, expected) in
        [(matching, true), (EXAMPLE_RULES.replace("condition:", "condition: positives < 0 and"), false)]
    {
        let created = create(&api, RULESETS, &rules).await;
        assert_eq!(created.status, 200, "{created:?}");
        assert_eq!(api.simulator.advance_feed(40) > 0, expected, "{rules}");
        let id = created.json()["data"]["id"].as_str().expect("an ID").to_owned();
        assert_eq!(api.delete(&format!("{RULESETS}/{id}")).await.status, 200);
    }
}

#[tokio::test]
async fn fields_that_the_made_up_objects_do_not_have_are_taken_and_match_nothing() {
    let api = Api::start().await;
    let rules = "import \"vt\"
        rule commands { condition: for any c in vt.behaviour.command_executions : ( c contains \"made up\" ) }
        rule traits { condition: for any t in vt.behaviour.traits : ( t == vt.BehaviourTrait.LONG_SLEEPS ) }
        rule icon { condition: vt.metadata.main_icon.dhash == \"x\" }
        rule tool { condition: vt.metadata.exiftool[\"CompanyName\"] == \"x\" }";
    for path in [RULESETS, JOBS] {
        let taken = create(&api, path, rules).await;
        assert_eq!(taken.status, 200, "{path}: {taken:?}");
    }
    assert_eq!(api.simulator.advance_feed(40), 0);
}

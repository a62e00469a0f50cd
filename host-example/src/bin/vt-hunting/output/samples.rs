//! Made-up records for the tests of this folder.

use vt_hunting_host::{livehunt, retrohunt, types};

pub(crate) const SHA256: &str = "6a935f53b40d3be314b4e819c21a5e587a2066148ab3061513e05dc1323a9b18";

/// With line breaks, a number beyond 64 bits and an escape: whatever must come through as it is.
pub(crate) fn match_file() -> retrohunt::MatchFile {
    retrohunt::MatchFile {
        id: SHA256.to_owned(),
        rule_name: Some("loader".to_owned()),
        match_in_subfile: None,
        self_link: None,
        error: None,
        json: format!(
            "{{\n  \"type\": \"file\",\n  \"id\": \"{SHA256}\",\n  \"attributes\": {{ \
             \"size\": 340282366920938463463374607431768211456, \"z\": 1.50, \"a\": \"\\u00e9\" }}\n}}"
        ),
    }
}

pub(crate) fn ruleset() -> livehunt::Ruleset {
    livehunt::Ruleset {
        id: "0c87043296586fee".to_owned(),
        name: Some("loader".to_owned()),
        rules: Some("rule loader { condition: true }".to_owned()),
        enabled: Some(true),
        limit: Some(100),
        creation_date: Some(1_598_966_772),
        modification_date: Some(1_598_966_777),
        notification_emails: Vec::new(),
        number_of_rules: Some(1),
        rule_names: vec!["loader".to_owned()],
        match_object_type: None,
        tags: Vec::new(),
        rate_limited: None,
        rate_limited_ratio: None,
        scheduled_disable_date: None,
        scheduled_disable_reason: None,
        owner: None,
        editors: None,
        self_link: None,
        error: None,
        json: "{\"type\":\"hunting_ruleset\",\"id\":\"0c87043296586fee\"}".to_owned(),
    }
}

pub(crate) fn job() -> retrohunt::RetrohuntJob {
    retrohunt::RetrohuntJob {
        id: "alice-1598966772".to_owned(),
        status: Some("running".to_owned()),
        rules: Some("rule loader { condition: true }".to_owned()),
        corpus: Some("main".to_owned()),
        creation_date: Some(1_598_966_772),
        start_date: Some(1_598_966_777),
        finish_date: None,
        progress: Some(62.062_03),
        eta_seconds: Some(47_441),
        scanned_bytes: Some(408_163_509_658_865),
        num_matches: Some(53),
        num_matches_outside_time_range: Some(7),
        notification_email: Some(String::new()),
        time_range: Some(retrohunt::TimeRange { start: Some(1_615_563_618), end: None }),
        self_link: None,
        error: None,
        json: "{\"type\":\"retrohunt_job\",\"id\":\"alice-1598966772\",\"attributes\":{\"rules\":\"rule loader { \
               condition: true }\",\"finish_date\":1598970000}}"
            .to_owned(),
    }
}

pub(crate) fn error() -> types::Error {
    types::Error {
        kind: types::ErrorKind::QuotaExceeded,
        code: "QuotaExceededError".to_owned(),
        message: "It is used up.".to_owned(),
        status: Some(429),
        retry_after: Some(60),
        retryable: true,
    }
}

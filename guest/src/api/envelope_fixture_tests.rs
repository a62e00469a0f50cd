//! Each body of the service's real shapes, read to the last field.

use super::*;

#[test]
fn a_ruleset_is_read() {
    let body = fixture!("hunting_ruleset-1.json");
    let expected = Ruleset {
        name: some("h you rule"),
        rules: some("rule diqpgv { strings: $ = \"diqpgv\" condition: pve yf knso }"),
        enabled: Some(false),
        limit: Some(100),
        creation_date: Some(1_617_056_763),
        modification_date: Some(1_617_056_763),
        number_of_rules: Some(1),
        rule_names: owned(&["diqpgv"]),
        self_link: some("https://www.virustotal.com/api/v3/intelligence/hunting_rulesets/0c87043296586fee"),
        ..bare_ruleset("0c87043296586fee", &only_object(body))
    };
    same(created_ruleset(body).unwrap(), expected);
}

#[test]
fn a_created_ruleset_is_read_from_the_documented_envelope_and_its_json_is_the_whole_body() {
    let body = fixture!("hunting_ruleset_create_response-1.json");
    let expected = Ruleset {
        name: some("diqpgv"),
        rules: some("rule diqpgv { strings: $ = \"diqpgv\" condition: pve yf knso }"),
        enabled: Some(true),
        limit: Some(100),
        creation_date: Some(1_521_016_318),
        modification_date: Some(1_521_016_318),
        notification_emails: owned(&["jjzmqcwywlnli@fjaf.com"]),
        number_of_rules: Some(1),
        match_object_type: some("file"),
        self_link: some("https://www.virustotal.com/api/v3/intelligence/hunting_ruleset/{jg}"),
        ..bare_ruleset("{jg}", body.trim())
    };
    same(created_ruleset(body).unwrap(), expected);
}

#[test]
fn a_page_of_rulesets_is_read() {
    let body = fixture!("hunting_rulesets-1.json");
    let Page { items, page } = rulesets(body).unwrap();
    let [item] = <[_; 1]>::try_from(items).unwrap();
    let expected = Ruleset {
        name: some("kvkt"),
        rules: at(body, "/data/0/attributes/rules"),
        enabled: Some(false),
        limit: Some(100),
        creation_date: Some(1_594_997_826),
        modification_date: Some(1_597_394_885),
        number_of_rules: Some(1),
        rule_names: owned(&["bttr_bubjltgi"]),
        self_link: some("https://www.virustotal.com/api/v3/intelligence/hunting_rulesets/1f0a3f556cfcdaa5"),
        ..bare_ruleset("1f0a3f556cfcdaa5", &all_objects(body))
    };
    same(item, expected);
    let self_link = some("https://www.virustotal.com/api/v3/users/fsxfavgb/hunting_rulesets?limit=10");
    same(page, PageInfo { count: Some(1), self_link, ..bare_page() });
}

#[test]
fn a_page_of_notifications_is_read_and_the_files_hash_found_among_the_tags() {
    let body = fixture!("hunting_notifications-1.json");
    let Page { items, page } = notifications(body).unwrap();
    let [item] = <[_; 1]>::try_from(items).unwrap();
    let id = "c82f931674b1dab5-8119e4ffef8c0b86-08f6100febc9cb6203c1c783abe4f1b8";
    let sha256 = "6a935f53b40d3be314b4e819c21a5e587a2066148ab3061513e05dc1323a9b18";
    let expected = Notification {
        id: String::from(id),
        date: Some(1_598_962_715),
        file_sha256: some(sha256),
        match_in_subfile: Some(false),
        rule_name: some("rbyb_besc"),
        rule_tags: Vec::new(),
        snippet: at(body, "/data/0/attributes/snippet"),
        source_country: None,
        source_key: None,
        tags: owned(&[sha256, "rbyb_besc"]),
        self_link: Some(format!("https://www.virustotal.com/api/v3/intelligence/hunting_notifications/{id}")),
        error: None,
        json: all_objects(body),
    };
    same(item, expected);
    let expected = PageInfo {
        cursor: cursor(body),
        count: Some(200),
        self_link: some("https://www.virustotal.com/api/v3/users/fsxfavgb/hunting_notifications?limit=1"),
        next_link: next_link(body),
        incomplete: None,
    };
    assert!(expected.cursor.is_some() && expected.next_link.is_some());
    same(page, expected);
}

#[test]
fn one_object_where_a_page_is_due_is_a_page_of_one() {
    let body = fixture!("hunting_notification-1.json");
    let Page { items, page } = notifications(body).unwrap();
    let [item] = <[_; 1]>::try_from(items).unwrap();
    assert_eq!(item.id, "d096f0c4f612e722-af6a64ba17e50cf8-cb0bdbcebad13e906a08cbc085f22e77");
    let sha256 = "1d67a2a7c43881d5f6228e3aa49b7c5f5c5109c974cffaa78685b4c4c9c1057e";
    assert_eq!(item.file_sha256.as_deref(), Some(sha256));
    assert_eq!(item.tags, ["tpvxzlxul_qlvwagwxnrp", "rbyb_besc", sha256]);
    assert_eq!((item.source_country, item.source_key), (some("LT"), some("133a4324")));
    assert_eq!(item.json, only_object(body));
    same(page, bare_page());
}

#[test]
fn a_page_of_notification_files_is_read() {
    let body = fixture!("hunting_notification_files-1.json");
    let Page { items, page } = notification_files(body).unwrap();
    let [item] = <[_; 1]>::try_from(items).unwrap();
    let sha256 = "a7b0c508c942ff0450f271a3bd04e3418285fc98c3a43a5b89b0b826578c5175";
    let expected = NotificationFile {
        id: String::from(sha256),
        match_in_subfile: Some(false),
        notification_date: Some(1_598_966_236),
        notification_id: some("82ab341593b1015d-a254ad2db366b22e-1d63c6fbe5a784d86be40512bf2bdfa4"),
        notification_snippet: at(body, "/data/0/context_attributes/notification_snippet"),
        notification_source_country: some("OI"),
        notification_source_key: some("18953694"),
        notification_tags: owned(&["rbyb_besc", sha256]),
        rule_name: some("rbyb_besc"),
        rule_tags: Vec::new(),
        ruleset_id: some("847ee0f9d61ad487"),
        ruleset_name: some("Jgqrpkchc_hfluitjhann"),
        self_link: Some(format!("https://www.virustotal.com/api/v3/files/{sha256}")),
        error: None,
        json: all_objects(body),
    };
    same(item, expected);
    assert_eq!((page.count, page.cursor, page.next_link), (Some(200), cursor(body), next_link(body)));
}

#[test]
fn a_running_job_is_read() {
    let body = fixture!("retrohunt_job-1.json");
    let expected = RetrohuntJob {
        status: some("running"),
        rules: at(body, "/data/attributes/rules"),
        corpus: some("main"),
        creation_date: Some(1_598_966_772),
        start_date: Some(1_598_966_777),
        progress: Some(62.06203),
        eta_seconds: Some(47_441),
        scanned_bytes: Some(408_163_509_658_865),
        num_matches: Some(53),
        num_matches_outside_time_range: Some(0),
        notification_email: some("fsxfavgb@dnoudzv.com"),
        self_link: some("https://www.virustotal.com/api/v3/intelligence/retrohunt_jobs/fsxfavgb-6542257624"),
        ..bare_job("fsxfavgb-6542257624", &only_object(body))
    };
    same(job(body).unwrap(), expected);
}

#[test]
fn a_finished_job_with_a_time_range_is_read() {
    let body = fixture!("retrohunt_job-3.json");
    let expected = RetrohuntJob {
        status: some("finished"),
        rules: some("rule diqpgv { strings: $ = \"diqpgv\" condition: pve yf knso }"),
        corpus: some("goodware"),
        creation_date: Some(1_615_822_819),
        start_date: Some(1_615_822_824),
        finish_date: Some(1_615_822_869),
        progress: Some(100.0),
        scanned_bytes: Some(146_897_923_532),
        num_matches: Some(0),
        num_matches_outside_time_range: Some(556),
        time_range: Some(TimeRange { start: Some(1_615_563_618), end: Some(1_615_822_818) }),
        self_link: some("https://www.virustotal.com/api/v3/intelligence/retrohunt_jobs/kbubvaml_naax-7317864545"),
        ..bare_job("kbubvaml_naax-7317864545", &only_object(body))
    };
    same(job(body).unwrap(), expected);
}

#[test]
fn a_page_of_jobs_is_read() {
    let body = fixture!("retrohunt_jobs-1.json");
    let Page { items, page } = jobs(body).unwrap();
    let [item] = <[_; 1]>::try_from(items).unwrap();
    assert_eq!((item.id.as_str(), item.eta_seconds), ("fsxfavgb-6542257624", Some(51_830)));
    assert_eq!(item.json, all_objects(body));
    let expected = PageInfo {
        cursor: cursor(body),
        count: Some(59),
        self_link: some("https://www.virustotal.com/api/v3/users/fsxfavgb/retrohunt_jobs?limit=1"),
        next_link: next_link(body),
        incomplete: None,
    };
    same(page, expected);
}

#[test]
fn pages_of_matches_are_read() {
    let body = fixture!("retrohunt_matching_files-1.json");
    let Page { items, page } = matches(body).unwrap();
    let [item] = <[_; 1]>::try_from(items).unwrap();
    let expected = MatchFile {
        id: String::from("023e5376fd0c3e53a3381d711a5815ebf1aad31d2ba0eb6b8468a31f5c8ca380"),
        rule_name: some("pgbcdbcu_8"),
        match_in_subfile: Some(false),
        self_link: some("https://www.virustotal.com/lzvaqrzfmz"),
        error: None,
        json: all_objects(body),
    };
    same(item, expected);
    let link = || some("https://www.virustotal.com/lzvaqrzfmz");
    let expected =
        PageInfo { cursor: some("JML3Nz3="), count: Some(1), self_link: link(), next_link: link(), incomplete: None };
    same(page, expected);

    let body = fixture!("retrohunt_matching_files-3.json");
    let Page { items, page } = matches(body).unwrap();
    let [item] = <[_; 1]>::try_from(items).unwrap();
    assert_eq!((item.rule_name, item.json), (some("diqpgv"), all_objects(body)));
    assert_eq!((page.cursor, page.next_link, page.count), (None, None, Some(1)));
}

#[test]
fn descriptors_of_the_stream_are_read() {
    let body = fixture!("ioc_stream-1.json");
    let Page { items, page } = stream(body).unwrap();
    let expected = IocStreamObject {
        id: String::from("c9d4fee45f1a9298b3093ed0001d0140ef6ae8c4f99dd7c55174eb83258f9b77"),
        object_type: String::from("file"),
        notification_id: some("36977122473"),
        notification_date: Some(1_759_893_105),
        origin: some("hunting"),
        sources: vec![NotificationSource {
            id: String::from("68239285162"),
            source_type: String::from("hunting_ruleset"),
            label: some("EfjsKxucv_EjsinXqpbznbrxb_OycinarpeUjvHgcfBzyrvjq"),
        }],
        tags: owned(&["yxyegbsht_gmiavhhdnoyxopc_ixwpezdihqabheqbztjptvc", "zfezdxfueykskqgoypapbmc"]),
        hunting_info: Some(HuntingInfo {
            rule_name: some("ozrtlzwsaRyqUgrqHhckazk"),
            rule_tags: Vec::new(),
            match_source: some("ORIGINAL_FILE"),
            snippet: at(body, "/data/0/context_attributes/hunting_info/snippet"),
            source_country: some("OI"),
            source_key: some("oq272e26"),
            match_in_subfile: None,
        }),
        self_link: None,
        error: None,
        json: items[0].json.clone(),
    };
    same(&items[0], &expected);
    let found: Vec<_> = items.iter().map(|item| item.notification_id.as_deref().unwrap()).collect();
    assert_eq!(found, ["36977122473", "58432485447", "93344128457", "91384119856", "78974123419"]);
    let json: Vec<_> = items.iter().map(|item| item.json.as_str()).collect();
    assert_eq!(json.join(",\n  "), all_objects(body));
    assert_eq!((page.count, page.cursor, page.next_link), (Some(100_640), cursor(body), next_link(body)));
}

#[test]
fn every_type_of_object_in_the_stream_is_read() {
    for (body, count, object_type, id, match_source, self_link) in [
        (
            fixture!("ioc_stream-4.json"),
            5,
            "url",
            "198b55ea1ac5fd39ef089d43dd1481bdbe71bcb67a46d9dd589c4567ec2f8f8f",
            "URL_RESPONSE_BODY",
            None,
        ),
        (
            fixture!("ioc_stream-7.json"),
            1,
            "domain",
            "qclp.fl6.uq",
            "DOMAIN",
            Some("https://www.virustotal.com/api/v3/domains/qclp.fl6.uq"),
        ),
        (
            fixture!("ioc_stream-9.json"),
            1,
            "ip_address",
            "1.1.1.1",
            "IP_ADDRESS",
            Some("https://www.virustotal.com/api/v3/ip_addresses/1.1.1.1"),
        ),
    ] {
        let Page { items, page } = stream(body).unwrap();
        assert_eq!((items.len(), items[0].object_type.as_str(), items[0].id.as_str()), (count, object_type, id));
        assert_eq!(items[0].hunting_info.as_ref().unwrap().match_source.as_deref(), Some(match_source));
        assert_eq!(items[0].self_link.as_deref(), self_link);
        let json: Vec<_> = items.iter().map(|item| item.json.as_str()).collect();
        assert_eq!(json.join(",\n  "), all_objects(body));
        assert_eq!((page.cursor, page.next_link), (cursor(body), next_link(body)));
    }
}

#[test]
fn a_page_of_the_stream_without_a_count_is_read() {
    let body = fixture!("ioc_stream-13.json");
    let Page { items, page } = stream(body).unwrap();
    assert_eq!(items[0].hunting_info.as_ref().unwrap().rule_name.as_deref(), Some("zzkigbcsefbyw_lcujoiwmyciec"));
    assert_eq!(items[0].tags.len(), 3);
    let self_link = at(body, "/links/self");
    same(page, PageInfo { cursor: cursor(body), count: None, self_link, next_link: next_link(body), incomplete: None });
}

#[test]
fn a_notification_of_the_stream_is_read() {
    let body = fixture!("ioc_stream_notification-1.json");
    let sha256 = "eda35208372a103c1062a8dd853318258c2378f15169cb9b7cca8746fac2d963";
    let expected = IocStreamNotification {
        id: String::from("2467348644"),
        date: Some(1_675_778_611),
        entity_type: some("file"),
        entity_id: some(sha256),
        file_sha256: some(sha256),
        origin: some("hunting"),
        sources: vec![NotificationSource {
            id: String::from("6468539692"),
            source_type: String::from("hunting_ruleset"),
            label: None,
        }],
        tags: owned(&["zzkigbcsefbyw_lcujoiwmyciec", "wmkupmlhhx"]),
        hunting_info: Some(HuntingInfo {
            rule_name: some("zzkigbcsefbyw_lcujoiwmyciec"),
            rule_tags: Vec::new(),
            match_source: None,
            snippet: some(""),
            source_country: some("OI"),
            source_key: some("18953694"),
            match_in_subfile: Some(false),
        }),
        self_link: some("https://www.virustotal.com/api/v3/ioc_stream_notifications/2467348644"),
        json: only_object(body),
    };
    same(stream_notification(body).unwrap(), expected);
}

#[test]
fn an_operation_is_enough_of_an_answer_where_nothing_is_due() {
    for body in [fixture!("operation-1.json"), "", " \n", "{}", "{\"data\":{}}"] {
        decode(livehunt::delete_ruleset(String::from("1")), body).unwrap();
        decode(retrohunt::abort_job(String::from("1")), body).unwrap();
    }
}

#[test]
fn an_object_of_another_kind_still_comes_through() {
    let body = fixture!("user_overall_quotas-1.json");
    same(job(body).unwrap(), bare_job("", &only_object(body)));
}

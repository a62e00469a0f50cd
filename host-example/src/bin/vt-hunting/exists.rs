//! What becomes of creating a ruleset under a name that is there already: VirusTotal takes any number of them.

use vt_hunting_host::{
    Connector,
    livehunt::{NewRuleset, Ruleset, RulesetChanges, RulesetsQuery},
    types::ErrorKind,
};

use crate::{
    actions,
    args::livehunt::IfExists,
    dispatch::{self, Call, LivehuntCall},
    exit::Kind,
    failure::Failure,
    suggest,
};

/// How many rulesets are asked for at a time; the component gathers them over several requests.
const AT_A_TIME: u32 = 400;

/// What is done in place of the call; `None` where it is done as it was typed.
///
/// VirusTotal's filter finds words in names, so all rulesets are listed, and their names compared.
pub(crate) async fn instead(call: &Call, connector: &Connector) -> Result<Option<Call>, Failure> {
    let Call::Livehunt(LivehuntCall::CreateRuleset(new, if_exists)) = call else { return Ok(None) };
    if *if_exists == IfExists::Create {
        return Ok(None);
    }
    let there = named(&new.name, connector).await?;
    match (there.as_slice(), if_exists) {
        ([], _) => Ok(None),
        ([only], IfExists::Update) => {
            Ok(Some(Call::Livehunt(LivehuntCall::UpdateRuleset(only.clone(), changes(new.clone())))))
        }
        (ids, _) => Err(refused(&new.name, ids, *if_exists)),
    }
}

/// The IDs of the rulesets with exactly this name.
async fn named(name: &str, connector: &Connector) -> Result<Vec<String>, Failure> {
    let mut query = RulesetsQuery { limit: Some(AT_A_TIME), ..Default::default() };
    let mut ids = Vec::new();
    loop {
        let listed = connector.get_livehunt_rulesets(&query).await;
        let page = listed.map_err(|error| not_known(dispatch::failed(&error, &actions::RULESETS)))?;
        let is_it = |ruleset: &Ruleset| ruleset.name.as_deref() == Some(name);
        ids.extend(page.items.into_iter().filter(is_it).map(|ruleset| ruleset.id));
        if let Some(error) = page.page.incomplete {
            return Err(not_known(Failure::action(error, &actions::RULESETS)));
        }
        match page.page.cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => return Ok(ids),
        }
    }
}

/// What a new ruleset changes of one that is there. What was not given stays as it is.
fn changes(new: NewRuleset) -> RulesetChanges {
    RulesetChanges {
        name: None,
        rules: Some(new.rules),
        enabled: new.enabled,
        limit: new.limit,
        notification_emails: (!new.notification_emails.is_empty()).then_some(new.notification_emails),
        match_object_type: new.match_object_type,
    }
}

/// The failure of the list, for a command that was to create something.
fn not_known(mut failure: Failure) -> Failure {
    failure.message =
        format!("Whether a ruleset of this name exists is not known, and nothing was created. {}", failure.message);
    failure
}

fn refused(name: &str, ids: &[String], if_exists: IfExists) -> Failure {
    let update = ids.first().map(|id| suggest::command("livehunt update-ruleset", &["--rules", "FILE"], &[id]));
    let (said, hint) = match if_exists {
        IfExists::Update => (
            format!("{} rulesets are named `{name}` ({}), and one can be updated.", ids.len(), ids.join(", ")),
            format!("name the one to change: {}", update.unwrap_or_default()),
        ),
        _ => (
            format!("There is a ruleset named `{name}` already: {}.", ids.join(", ")),
            format!(
                "--if-exists update changes it, --if-exists create makes another; or {}",
                update.unwrap_or_default()
            ),
        ),
    };
    Failure::host(Kind::Action(ErrorKind::Conflict), "NameExists", format!("{said} Nothing was created."), &hint)
}

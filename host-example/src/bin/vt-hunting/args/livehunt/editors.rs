//! Who may edit a ruleset beside its owner, and who the owner is.

use clap::{ArgGroup, Args};
use vt_hunting_host::livehunt as contract;

/// `add-livehunt-ruleset-editors`
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("editors").required(true).multiple(true).args(["users", "groups"]))]
pub(crate) struct AddEditors {
    /// The ruleset's id, as `livehunt rulesets` shows it
    pub(crate) id: String,
    /// A user who may edit it; can be repeated
    #[arg(long = "user", value_name = "NAME")]
    users: Vec<String>,
    /// A group that may edit it; can be repeated
    #[arg(long = "group", value_name = "NAME")]
    groups: Vec<String>,
}

/// `ruleset-editors-query`
#[derive(Args, Debug)]
pub(crate) struct Editors {
    /// The ruleset's id, as `livehunt rulesets` shows it
    pub(crate) id: String,
    /// How many, at least 1; beyond 40 over several requests [VirusTotal's default: 10]
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// Where the page before ended
    #[arg(long, allow_hyphen_values = true)]
    cursor: Option<String>,
}

/// A ruleset and a user or group.
#[derive(Args, Debug)]
pub(crate) struct Editor {
    /// The ruleset's id, as `livehunt rulesets` shows it
    pub(crate) id: String,
    /// The user's or group's name
    pub(crate) editor: String,
}

/// `transfer-livehunt-ruleset`
#[derive(Args, Debug)]
pub(crate) struct Transfer {
    /// The ruleset's id, as `livehunt rulesets` shows it
    pub(crate) id: String,
    /// The new owner's name
    pub(crate) user: String,
}

impl From<Editors> for (String, contract::RulesetEditorsQuery) {
    fn from(args: Editors) -> Self {
        (args.id, contract::RulesetEditorsQuery { limit: args.limit, cursor: args.cursor })
    }
}

impl From<AddEditors> for (String, Vec<contract::RulesetEditor>) {
    fn from(args: AddEditors) -> Self {
        let as_editor = |editor_type| move |id| contract::RulesetEditor { editor_type, id };
        let users = args.users.into_iter().map(as_editor(contract::EditorType::User));
        let groups = args.groups.into_iter().map(as_editor(contract::EditorType::Group));
        (args.id, users.chain(groups).collect())
    }
}

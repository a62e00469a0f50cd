//! The calls that only read and belong to no hunt: the account, operations, what others have published.

use vt_hunting_host::{CallError, Instance, account::UsageQuery, crowdsourced::CrowdsourcedYaraRulesQuery};

use super::{Call, Work, one, page_since};
use crate::{
    actions::{self, Action},
    args::{account::Account, crowdsourced::Crowdsourced, page::Since},
    failure::Failure,
    output::Answer,
};

/// A call, complete.
pub(crate) enum ReadingCall {
    User(String),
    Quotas(String),
    Usage(String, UsageQuery),
    Operation(String),
    YaraRules(CrowdsourcedYaraRulesQuery, Since),
    YaraRule(String),
}

impl From<ReadingCall> for Work {
    fn from(call: ReadingCall) -> Self {
        Work::Call(Call::Reading(call))
    }
}

impl From<Account> for Work {
    fn from(command: Account) -> Self {
        let call = match command {
            Account::Show(args) => ReadingCall::User(args.user),
            Account::Quotas(args) => ReadingCall::Quotas(args.user),
            Account::Usage(args) => {
                let (user, query) = args.into();
                ReadingCall::Usage(user, query)
            }
        };
        call.into()
    }
}

impl TryFrom<Crowdsourced> for Work {
    type Error = Failure;

    fn try_from(command: Crowdsourced) -> Result<Self, Failure> {
        let call = match command {
            Crowdsourced::YaraRules(args) => {
                let (query, since) = args.try_into()?;
                ReadingCall::YaraRules(query, since)
            }
            Crowdsourced::YaraRule(args) => ReadingCall::YaraRule(args.id),
        };
        Ok(call.into())
    }
}

impl ReadingCall {
    pub(super) fn action(&self) -> &'static Action {
        match self {
            Self::User(_) => &actions::ACCOUNT,
            Self::Quotas(_) => &actions::QUOTAS,
            Self::Usage(..) => &actions::USAGE,
            Self::Operation(_) => &actions::OPERATION,
            Self::YaraRules(..) => &actions::YARA_RULES,
            Self::YaraRule(_) => &actions::YARA_RULE,
        }
    }

    pub(super) async fn run(&self, hunting: &mut Instance) -> Result<Answer, CallError> {
        Ok(match self {
            Self::User(user) => one(hunting.get_account(user).await?, None),
            Self::Quotas(user) => one(hunting.get_account_quotas(user).await?, None),
            Self::Usage(user, query) => one(hunting.get_account_usage(user, query).await?, None),
            Self::Operation(id) => one(hunting.get_operation(id).await?, None),
            Self::YaraRules(query, since) => {
                let answer = hunting.get_crowdsourced_yara_rules(query).await?;
                page_since("rules", answer.items, answer.page, *since, |rule| rule.modification_date)
            }
            Self::YaraRule(id) => one(hunting.get_crowdsourced_yara_rule(id).await?, None),
        })
    }
}

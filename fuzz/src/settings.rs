//! What the host's `egress/policy.rs` takes from its `settings`, the part that is pure: see [`crate::egress_policy`].

#[path = "../../host-example/src/settings/origin.rs"]
#[allow(dead_code, reason = "the policy uses a part of it")]
mod origin;

pub(crate) use origin::{Origin, Scheme};

/// Stands in for the function of the same name, which hides passwords in messages.
pub(crate) fn without_credentials(text: &str) -> String {
    text.to_owned()
}

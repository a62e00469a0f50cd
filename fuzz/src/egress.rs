//! What the host's `settings/origin.rs` takes from its `egress`, the part that is pure: see [`crate::egress_policy`].

#[path = "../../host-example/src/egress/addresses.rs"]
#[allow(dead_code, reason = "the origin uses a part of it")]
pub(crate) mod addresses;

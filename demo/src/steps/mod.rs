//! The scenes of the story: one file per interface of the contract, one function per scene.

pub(crate) mod beyond;
pub(crate) mod clean_up;
pub(crate) mod ioc_stream;
pub(crate) mod livehunt;
pub(crate) mod progress;
pub(crate) mod refusals;
pub(crate) mod retrohunt;
pub(crate) mod text;

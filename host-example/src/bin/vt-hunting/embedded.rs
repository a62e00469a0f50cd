//! The components in this program. `None`: it was built where they were not, see `build.rs`.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

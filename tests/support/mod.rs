//! What every test stands on: the component, compiled once per process, and the outer timeout.
// Two binaries, and each uses its part.
#![allow(dead_code)]

pub(crate) mod bare;
pub(crate) mod certificates;
pub(crate) mod process;
pub(crate) mod raw_server;
pub(crate) mod world;

use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use vt_hunting_host::types::Error;
use vt_hunting_host::{CallError, Runtime};

/// The key of every connector that is not given another: no error, header or log may ever show it.
pub(crate) const KEY: &str = "5ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2";

/// Far beyond everything a test may take on the slowest machine: what reaches it hangs.
pub(crate) const HANGS: Duration = Duration::from_secs(600);

/// The compiled component, shared by all tests.
pub(crate) static RUNTIME: LazyLock<Arc<Runtime>> = LazyLock::new(|| {
    let path = component();
    match Runtime::load(&path) {
        Ok(runtime) => runtime,
        Err(error) => panic!("{error}"),
    }
});

/// The component's file: what `VT_HUNTING_COMPONENT` names, else where cargo put it.
pub(crate) fn component() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let named = |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    let path = named("VT_HUNTING_COMPONENT").unwrap_or_else(|| {
        // A relative directory is relative to where cargo was called, as a rule the workspace.
        let target = workspace.join(named("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()));
        target.join("wasm32-wasip2/release/virustotal_hunting.wasm")
    });
    assert!(
        path.is_file(),
        "there is no component at {}: build it with `cargo xtask build`, or name one in VT_HUNTING_COMPONENT",
        path.display()
    );
    path
}

/// A fixture's text.
pub(crate) fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What a future gives, unless it hangs.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(HANGS, future).await.expect("it ends within the outer timeout")
}

/// Tries under a short deadline, and under one of twice the length as long as it was too short: a busy machine may need more
/// than a short one to get to where the server leaves a call, and what is asserted is what comes there.
pub(crate) async fn long_enough<T>(mut attempt: impl AsyncFnMut(Duration) -> Option<T>) -> T {
    let mut deadline = Duration::from_millis(500);
    loop {
        if let Some(result) = within(attempt(deadline)).await {
            return result;
        }
        assert!(deadline < HANGS, "not even {deadline:?} are enough");
        deadline *= 2;
    }
}

/// As [`refused`], for a call under a deadline: `None` where the host's own timeout, a little after the component's, was seen
/// first.
pub(crate) async fn refused_in_time<T: Debug>(call: impl Future<Output = Result<T, CallError>>) -> Option<Error> {
    match within(call).await {
        Err(CallError::Timeout { .. }) => None,
        result => Some(refused(std::future::ready(result)).await),
    }
}

/// A call's result: good.
pub(crate) async fn answered<T>(call: impl Future<Output = Result<T, CallError>>) -> T {
    match within(call).await {
        Ok(result) => result,
        Err(error) => panic!("the call failed: {error:?}"),
    }
}

/// A call's failure: the contract's own error, not the host's, and without the key.
pub(crate) async fn refused<T: Debug>(call: impl Future<Output = Result<T, CallError>>) -> Error {
    match within(call).await {
        Err(CallError::Hunting(error)) => {
            assert!(!format!("{error:?}").contains(KEY), "the key is in {error:?}");
            error
        }
        Err(other) => panic!("the host failed the call, not the component: {other:?}"),
        Ok(result) => panic!("the call succeeded: {result:?}"),
    }
}

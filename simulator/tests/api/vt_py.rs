//! VirusTotal's own Python client, unchanged, against the simulator.

use std::process::Command;

use virustotal_hunting_simulator::{Options, Simulator};

#[test]
#[ignore = "needs a Python with tests/vt_py/requirements.txt installed: name it in VT_PY_PYTHON"]
fn the_official_python_client_works_unchanged() {
    let python = std::env::var("VT_PY_PYTHON").expect("VT_PY_PYTHON names a Python that has vt-py");
    let options = Options { control: true, ..Options::default() };
    let simulator = Simulator::start_blocking(options).expect("the simulator starts");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vt_py/drive.py");
    let status = Command::new(python).args([script, &simulator.http_url(), simulator.key()]).status();
    assert!(status.expect("Python runs").success());
}

"""Looks at artifacts in a registry with ORAS, a client that knows nothing of WebAssembly, and pulls them.

Arguments: three for each artifact, the file that was pushed, its reference, and the digest of its manifest. What is wrong
is an error that names the artifact.
"""

import hashlib
import json
import pathlib
import sys
import tempfile

import oras.client

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.wasm.config.v0+json"
LAYER = "application/wasm"


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def check(file: pathlib.Path, reference: str, pinned: str) -> None:
    wasm = file.read_bytes()
    host = reference.split("/", 1)[0]
    client = oras.client.OrasClient(hostname=host, insecure=True)
    container = client.get_container(reference)

    answer = client.do_request(
        f"http://{host}/v2/{container.api_prefix}/manifests/{container.tag}", headers={"Accept": MANIFEST}
    )
    assert answer.status_code == 200, f"{reference}: status {answer.status_code}"
    assert digest(answer.content) == pinned, f"{reference}: the manifest is not the one that was pushed"
    manifest = json.loads(answer.content)
    assert manifest["schemaVersion"] == 2 and manifest["mediaType"] == MANIFEST, f"{reference}: {manifest}"
    assert manifest["config"]["mediaType"] == CONFIG, f"{reference}: {manifest['config']}"
    assert len(manifest["layers"]) == 1, f"{reference}: {len(manifest['layers'])} layers"
    layer = manifest["layers"][0]
    assert (layer["mediaType"], layer["size"], layer["digest"]) == (LAYER, len(wasm), digest(wasm)), f"{reference}: {layer}"
    for key in ("title", "version", "description", "licenses"):
        assert manifest["annotations"].get(f"org.opencontainers.image.{key}"), f"{reference}: no annotation {key}"

    config = json.loads(client.get_blob(container, manifest["config"]["digest"]).content)
    assert (config["architecture"], config["os"]) == ("wasm", "wasip2"), f"{reference}: {config}"
    assert config["layerDigests"] == [layer["digest"]], f"{reference}: {config['layerDigests']}"
    assert config["component"]["exports"], f"{reference}: the configuration lists no exports"

    with tempfile.TemporaryDirectory() as folder:
        path = client.download_blob(container, layer["digest"], f"{folder}/pulled.wasm")
        assert pathlib.Path(path).read_bytes() == wasm, f"{reference}: other bytes came back"
    print(f"{reference}: {len(wasm)} bytes, {len(config['component']['exports'])} exports")


def main() -> None:
    arguments = sys.argv[1:]
    assert arguments and len(arguments) % 3 == 0, "three arguments for each artifact"
    for file, reference, pinned in zip(arguments[::3], arguments[1::3], arguments[2::3]):
        check(pathlib.Path(file), reference, pinned)


if __name__ == "__main__":
    main()

"""Makes Fixtures.swift: keys by openssl, signatures by openssl and PyPI's cryptography, of nothing secret.

Run it where both are installed: python3 make_fixtures.py > Fixtures.swift
"""
import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

MANIFEST = '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}'
DIGEST = hashlib.sha256(MANIFEST.encode()).hexdigest()
REFERENCE = "registry.example.com/team/app"

folder = tempfile.mkdtemp()


def openssl(*args, stdin=None):
    return subprocess.run(["openssl", *args], input=stdin, check=True, capture_output=True).stdout


def b64(data):
    return base64.b64encode(data).decode()


def make(name, *args):
    private = os.path.join(folder, name + ".pem")
    openssl("genpkey", *args, "-out", private)
    return private, openssl("pkey", "-in", private, "-pubout").decode()


KINDS = {
    "p256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "p384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "p521": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
    "ed25519": ["-algorithm", "ED25519"],
    "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
}


def sign(private, message, curve_hash=False, pss=False):
    """By openssl, except for Ed25519, P-384/P-521 with their own hashes, and PSS: by cryptography."""
    key = serialization.load_pem_private_key(open(private, "rb").read(), None)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(message)
    if pss:
        return key.sign(message, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    if curve_hash and isinstance(key, ec.EllipticCurvePrivateKey):
        own = {256: hashes.SHA256(), 384: hashes.SHA384(), 521: hashes.SHA512()}[key.curve.key_size]
        return key.sign(message, ec.ECDSA(own))
    return openssl("dgst", "-sha256", "-sign", private, stdin=message)


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def pae(kind, body):
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(body), body)


def payload(digest, reference=REFERENCE):
    critical = {"identity": {"docker-reference": reference}, "image": {"docker-manifest-digest": "sha256:" + digest},
                "type": "cosign container image signature"}
    return compact({"critical": critical, "optional": None})


def statement(digest, predicate_type, predicate, name=""):
    subject = {"digest": {"sha256": digest}}
    if name:
        subject["name"] = name
    return compact({"_type": "https://in-toto.io/Statement/v1", "subject": [subject], "predicateType": predicate_type,
                    "predicate": predicate})


def bundle(private, public, body, pss=False):
    der = openssl("pkey", "-pubin", "-outform", "DER", stdin=public.encode())
    kind = "application/vnd.in-toto+json"
    signature = sign(private, pae(kind, body.encode()), curve_hash=True, pss=pss)
    return compact({"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
                    "verificationMaterial": {"publicKey": {"hint": b64(hashlib.sha256(der).digest())}},
                    "dsseEnvelope": {"payload": b64(body.encode()), "payloadType": kind,
                                     "signatures": [{"sig": b64(signature)}]}})


def message_bundle(private, message):
    digest = b64(hashlib.sha256(message).digest())
    return compact({"mediaType": "application/vnd.dev.sigstore.bundle+json;version=0.3",
                    "verificationMaterial": {"publicKey": {"hint": ""}, "tlogEntries": []},
                    "messageSignature": {"messageDigest": {"algorithm": "SHA2_256", "digest": digest},
                                         "signature": b64(sign(private, message, curve_hash=True))}})


def text(value):
    return '#"""\n' + "\n".join("        " + line for line in value.rstrip("\n").split("\n")) + '\n        """#'


print("// Made by make_fixtures.py.\n// swift-format-ignore-file")
print("import Testing\n\nenum Fixtures {")
print(f'    static let manifest = #"{MANIFEST}"#')
print(f'    static let digest = "sha256:{DIGEST}"')
print(f'    static let reference = "{REFERENCE}"')
print(f"    static let payload = #\"{payload(DIGEST)}\"#")
print("    struct Kind: Sendable, CustomTestStringConvertible {")
print("        let testDescription: String")
print("        let pem: String")
print("        /// Signatures over the payload, in base64.")
print("        let signatures: [String]")
print("        let bundle: String")
print("        let messageBundle: String")
print("    }")
print("    static let kinds = [")
keys = {}
for name, args in KINDS.items():
    private, public = keys[name] = make(name, *args)
    body = payload(DIGEST).encode()
    signatures = [b64(sign(private, body))]
    if name in ("p384", "p521"):
        signatures.append(b64(sign(private, body, curve_hash=True)))
    if name == "rsa":
        signatures.append(b64(sign(private, body, pss=True)))
    signed = bundle(private, public, statement(DIGEST, "https://sigstore.dev/cosign/sign/v1", {}), pss=name == "rsa")
    print(f'        Kind(testDescription: "{name}", pem: {text(public)},')
    print(f"        signatures: {json.dumps(signatures)},")
    print(f'        bundle: #"{signed}"#,')
    print(f'        messageBundle: #"{message_bundle(private, MANIFEST.encode())}"#),')
print("    ]")
private, public = keys["p256"]
attestation = statement(DIGEST, "https://slsa.dev/provenance/v1", {"buildDefinition": {}}, REFERENCE)
print(f'    static let attestation = #"{bundle(private, public, attestation)}"#')
envelope = json.loads(bundle(private, public, attestation))["dsseEnvelope"]
print(f'    static let envelope = #"{compact(envelope)}"#')
other = payload("0" * 64)
print(f'    static let otherPayload = #"{other}"#')
print(f'    static let otherSignature = "{b64(sign(private, other.encode()))}"')
weak, weak_public = make("weak", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024")
print(f"    static let weak = {text(weak_public)}")
rsa_key = serialization.load_pem_public_key(keys["rsa"][1].encode())
pkcs1 = rsa_key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1).decode()
print(f"    static let pkcs1 = {text(pkcs1)}")
k1, k1_public = make("k1", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1")
print(f"    static let otherCurve = {text(k1_public)}")
print(f"    /// The form of a private key, without one.")
print(f'    static let privateForm = "-----BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----\\n"')
# High-S: both of a pair are valid.
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
r, s = decode_dss_signature(sign(private, payload(DIGEST).encode()))
high, low = max(s, order - s), min(s, order - s)
print(f'    static let bothHalves = ["{b64(encode_dss_signature(r, high))}", "{b64(encode_dss_signature(r, low))}"]')
print("}")

"""Makes CertificateFixtures.swift: authorities, logs, certificates and bundles of nothing secret.

Keys and certificates are by PyPI's cryptography, timestamps by openssl's authority. Run it where both are installed:
python3 make_certificates.py ../IntegrationTests/Scripts/certificates.json > CertificateFixtures.swift
PyPI's sigstore says the same of the bundles, as far as it knows the kinds of their entries.
"""
import base64
import datetime
import hashlib
import json
import os
import subprocess
import sys
import tempfile

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage

MANIFEST = '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}'
DIGEST = hashlib.sha256(MANIFEST.encode()).digest()
REFERENCE = "registry.example.com/team/app"
IDENTITY = "https://git.example.com/team/app/.ci/release.yml@refs/tags/1"
OTHER = "https://git.example.org/team/app"
ISSUER = "https://login.example.com"
EMAIL = "dev@example.com"
SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
folder = tempfile.mkdtemp()


def at(minutes):
    return NOW + datetime.timedelta(minutes=minutes)


def seconds(time):
    return int(time.timestamp())


def rfc3339(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def b64(data):
    return base64.b64encode(data).decode()


def compact(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def der(tag, content):
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content


def key():
    return ec.generate_private_key(ec.SECP256R1())


def spki(key):
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def raw(certificate):
    return certificate.public_bytes(serialization.Encoding.DER)


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


def private(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())


def name(text):
    return x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "example"),
                      x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def authority(text, signer=None, usage=None, days=3650, permitted=None):
    own = key()
    issuer, issuing = signer if signer else (name(text), own)
    builder = (x509.CertificateBuilder().subject_name(name(text)).issuer_name(issuer).public_key(own.public_key())
               .serial_number(x509.random_serial_number()).not_valid_before(at(-60))
               .not_valid_after(NOW + datetime.timedelta(days=days))
               .add_extension(x509.BasicConstraints(True, None), True)
               .add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), True)
               .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), False))
    if usage:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), False)
    if permitted:
        builder = builder.add_extension(
            x509.NameConstraints([x509.UniformResourceIdentifier(permitted)], None), True)
    return builder.sign(issuing, hashes.SHA256()), own


ROOT, ROOT_KEY = authority("root")
INTERMEDIATE, INTERMEDIATE_KEY = authority("intermediate", (ROOT.subject, ROOT_KEY), Usage.CODE_SIGNING)
OTHER_ROOT, OTHER_KEY = authority("intermediate")
STRICT_ROOT, STRICT_KEY = authority("strict root", permitted="git.example.com")
STRICT = authority("strict", (STRICT_ROOT.subject, STRICT_KEY), Usage.CODE_SIGNING)
CT_KEY, OTHER_CT_KEY, REKOR_KEY, OTHER_REKOR_KEY = key(), key(), key(), key()
REKOR2_KEY = ed25519.Ed25519PrivateKey.generate()
TSA_ROOT, TSA_ROOT_KEY = authority("timestamps root", None, None)


def leaf(names=None, issuer=(INTERMEDIATE, INTERMEDIATE_KEY), ct=CT_KEY, begin=-5, end=5, usage=Usage.CODE_SIGNING,
         vouched=ISSUER, critical=True, older=False):
    """A certificate for a new key, with a log's timestamp over it as RFC 6962 has it."""
    own = key()
    builder = (x509.CertificateBuilder().subject_name(x509.Name([])).issuer_name(issuer[0].subject)
               .public_key(own.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(at(begin)).not_valid_after(at(end))
               .add_extension(x509.KeyUsage(True, False, False, False, False, False, False, False, False), True)
               .add_extension(x509.ExtendedKeyUsage([usage]), False)
               .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer[0].public_key()), False)
               .add_extension(x509.SubjectAlternativeName(
                   names or [x509.UniformResourceIdentifier(IDENTITY)]), critical)
               .add_extension(x509.UnrecognizedExtension(
                   x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1"), vouched.encode()), False))
    if not older:
        builder = builder.add_extension(x509.UnrecognizedExtension(
            x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8"), der(0x0C, vouched.encode())), False)
    if ct:
        before = builder.sign(issuer[1], hashes.SHA256()).tbs_certificate_bytes
        time = (seconds(at(begin)) * 1000).to_bytes(8, "big")
        issuer_key = hashlib.sha256(issuer[0].public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)).digest()
        signed = (b"\0\0" + time + b"\0\1" + issuer_key + len(before).to_bytes(3, "big") + before + b"\0\0")
        signature = ct.sign(signed, ec.ECDSA(hashes.SHA256()))
        entry = (b"\0" + hashlib.sha256(spki(ct)).digest() + time + b"\0\0" + b"\4\3"
                 + len(signature).to_bytes(2, "big") + signature)
        entries = len(entry).to_bytes(2, "big") + entry
        octets = der(0x04, len(entries).to_bytes(2, "big") + entries)
        builder = builder.add_extension(x509.UnrecognizedExtension(SCT_LIST, octets), False)
    return builder.sign(issuer[1], hashes.SHA256()), own


def openssl(*args, stdin=None):
    return subprocess.run(["openssl", *args], input=stdin, check=True, capture_output=True, cwd=folder).stdout


def write(path, data):
    with open(os.path.join(folder, path), "wb") as file:
        file.write(data)


def timestamper(text, signer):
    own = key()
    certificate = (x509.CertificateBuilder().subject_name(name(text)).issuer_name(signer[0].subject)
                   .public_key(own.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(at(-60)).not_valid_after(NOW + datetime.timedelta(days=3650))
                   .add_extension(x509.KeyUsage(True, False, False, False, False, False, False, False, False), True)
                   .add_extension(x509.ExtendedKeyUsage([Usage.TIME_STAMPING]), True)
                   .sign(signer[1], hashes.SHA256()))
    write(text + ".pem", pem(certificate))
    write(text + ".key", private(own))
    write(text + ".cnf", f"""
[tsa]
serial = {folder}/{text}.serial
signer_cert = {folder}/{text}.pem
signer_key = {folder}/{text}.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
""".encode())
    write(text + ".serial", b"01\n")
    return certificate


TSA = timestamper("timestamps", (TSA_ROOT, TSA_ROOT_KEY))
OTHER_TSA = timestamper("other", authority("other timestamps root"))


def timestamp(signature, by="timestamps", digest="sha256", embeds=False):
    write("data", signature)
    openssl("ts", "-query", "-data", "data", f"-{digest}", "-out", "query", *(["-cert"] if embeds else []))
    return openssl("ts", "-reply", "-config", by + ".cnf", "-section", "tsa", "-queryfile", "query")


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def proof(body, signer, origin, log_id, index=5, size=7):
    """A proof in a tree of other entries, all of which are made up."""
    leaves = [hashlib.sha256(b"\0" + (body if i == index else b"entry %d" % i)).digest() for i in range(size)]

    def split(count):
        half = 1
        while half * 2 < count:
            half *= 2
        return half

    def tree(part):
        return part[0] if len(part) == 1 else node(tree(part[:split(len(part))]), tree(part[split(len(part)):]))

    def path(at, part):
        if len(part) == 1:
            return []
        half = split(len(part))
        if at < half:
            return path(at, part[:half]) + [tree(part[half:])]
        return path(at - half, part[half:]) + [tree(part[:half])]

    text = f"{origin}\n{size}\n{b64(tree(leaves))}\n".encode()
    signature = (signer.sign(text) if isinstance(signer, ed25519.Ed25519PrivateKey)
                 else signer.sign(text, ec.ECDSA(hashes.SHA256())))
    note = text.decode() + f"\n— {origin} {b64(log_id[:4] + signature)}\n"
    return {"logIndex": str(index), "treeSize": str(size), "rootHash": b64(tree(leaves)),
            "hashes": [b64(h) for h in path(index, leaves)], "checkpoint": {"envelope": note}}


REKOR_ID = hashlib.sha256(spki(REKOR_KEY)).digest()
REKOR2_ID = hashlib.sha256(b"log2.example.com\n\1" + spki(REKOR2_KEY)[-32:]).digest()


def entry(body, kind, version, signer=REKOR_KEY, minutes=0, promise=True, proven=True):
    data = compact(body).encode()
    result = {"logIndex": "77", "logId": {"keyId": b64(REKOR_ID)}, "kindVersion": {"kind": kind, "version": version},
              "integratedTime": str(seconds(at(minutes))), "canonicalizedBody": b64(data)}
    if promise:
        text = compact({"body": b64(data), "integratedTime": seconds(at(minutes)), "logID": REKOR_ID.hex(),
                        "logIndex": 77})
        result["inclusionPromise"] = {
            "signedEntryTimestamp": b64(signer.sign(text.encode(), ec.ECDSA(hashes.SHA256())))}
    if proven:
        result["inclusionProof"] = proof(data, signer, "log.example.com", REKOR_ID)
    return result


def entry2(body):
    data = compact(body).encode()
    return {"logIndex": "5", "logId": {"keyId": b64(REKOR2_ID)},
            "kindVersion": {"kind": body["kind"], "version": body["apiVersion"]},
            "inclusionProof": proof(data, REKOR2_KEY, "log2.example.com", REKOR2_ID), "canonicalizedBody": b64(data)}


def hashed(digest, signature, certificate):
    return {"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": {
        "data": {"hash": {"algorithm": "sha256", "value": digest.hex()}},
        "signature": {"content": b64(signature), "publicKey": {"content": b64(pem(certificate))}}}}


def verifier(certificate):
    return {"keyDetails": "PKIX_ECDSA_P256_SHA_256", "x509Certificate": {"rawBytes": b64(raw(certificate))}}


def hashed2(digest, signature, certificate):
    return {"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": {"hashedRekordV002": {
        "data": {"algorithm": "SHA2_256", "digest": b64(digest)},
        "signature": {"content": b64(signature), "verifier": verifier(certificate)}}}}


def dsse(payload, signature, certificate):
    return {"apiVersion": "0.0.1", "kind": "dsse", "spec": {
        "envelopeHash": {"algorithm": "sha256", "value": "00" * 32},
        "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()},
        "signatures": [{"signature": b64(signature), "verifier": b64(pem(certificate))}]}}


def dsse2(payload, signature, certificate):
    return {"apiVersion": "0.0.2", "kind": "dsse", "spec": {"dsseV002": {
        "payloadHash": {"algorithm": "SHA2_256", "digest": b64(hashlib.sha256(payload).digest())},
        "signatures": [{"content": b64(signature), "verifier": verifier(certificate)}]}}}


def intoto(payload, signature, certificate):
    return {"apiVersion": "0.0.2", "kind": "intoto", "spec": {"content": {
        "envelope": {"payloadType": "application/vnd.in-toto+json", "signatures": [
            {"publicKey": b64(pem(certificate)), "sig": b64(b64(signature).encode())}]},
        "hash": {"algorithm": "sha256", "value": "00" * 32},
        "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()}}}}


def sign(own, data):
    return own.sign(data, ec.ECDSA(hashes.SHA256()))


def bundle(certificate, entries, timestamps=(), **content):
    material = {"certificate": {"rawBytes": b64(raw(certificate))}, "tlogEntries": entries}
    if timestamps:
        material["timestampVerificationData"] = {"rfc3161Timestamps": [{"signedTimestamp": b64(t)} for t in timestamps]}
    return {"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "verificationMaterial": material, **content}


def message(signature):
    return {"messageDigest": {"algorithm": "SHA2_256", "digest": b64(DIGEST)}, "signature": b64(signature)}


def signed(certificate, own, **options):
    """A bundle with a signature over the manifest, in a log of the first version."""
    signature = sign(own, MANIFEST.encode())
    logged = entry(hashed(DIGEST, signature, certificate), "hashedrekord", "0.0.1", **options)
    return bundle(certificate, [logged], messageSignature=message(signature))


STATEMENT = compact({"_type": "https://in-toto.io/Statement/v1", "predicate": {},
                     "predicateType": "https://sigstore.dev/cosign/sign/v1",
                     "subject": [{"digest": {"sha256": DIGEST.hex()}, "name": ""}]}).encode()
TYPE = "application/vnd.in-toto+json"
PAE = f"DSSEv1 {len(TYPE)} {TYPE} {len(STATEMENT)} ".encode() + STATEMENT


def enveloped(certificate, own, log, kind, version):
    signature = sign(own, PAE)
    envelope = {"payload": b64(STATEMENT), "payloadType": TYPE, "signatures": [{"sig": b64(signature)}]}
    if version == "0.0.2" and kind != "intoto":
        body = log(hashlib.sha256(PAE).digest() if kind == "hashedrekord" else STATEMENT, signature, certificate)
        return bundle(certificate, [entry2(body)], [timestamp(signature)], dsseEnvelope=envelope)
    return bundle(certificate, [entry(log(STATEMENT, signature, certificate), kind, version)], dsseEnvelope=envelope)


def rekor2(certificate, own, timestamps):
    signature = sign(own, MANIFEST.encode())
    return bundle(certificate, [entry2(hashed2(DIGEST, signature, certificate))], timestamps(signature),
                  messageSignature=message(signature))


good, good_key = leaf()
email, email_key = leaf([x509.RFC822Name(EMAIL)], older=True)
user, user_key = leaf([x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.7"), der(0x0C, b"dev!team"))])

VALID = {
    "message in a log with promise and proof": signed(good, good_key),
    "statement as dsse": enveloped(good, good_key, dsse, "dsse", "0.0.1"),
    "statement as intoto": enveloped(good, good_key, intoto, "intoto", "0.0.2"),
    "message with a proof and a timestamp": rekor2(good, good_key, lambda s: [timestamp(s)]),
    "timestamp with its certificate, of SHA-512": rekor2(
        good, good_key, lambda s: [timestamp(s, digest="sha512", embeds=True)]),
    "statement as hashedrekord, with a timestamp": enveloped(good, good_key, hashed2, "hashedrekord", "0.0.2"),
    "statement as dsse of the second version": enveloped(good, good_key, dsse2, "dsse", "0.0.2"),
    "another authority's timestamp beside the right one": rekor2(
        good, good_key, lambda s: [timestamp(s, by="other"), timestamp(s)]),
}
mixed = signed(good, good_key)
mixed["verificationMaterial"]["tlogEntries"][0]["inclusionProof"] = proof(
    b"x", REKOR_KEY, "log.example.com", REKOR_ID)
other_body = signed(good, good_key)
other_body["verificationMaterial"]["tlogEntries"] = signed(good, good_key)["verificationMaterial"]["tlogEntries"]
swapped = signed(good, good_key)
swapped["verificationMaterial"]["certificate"] = {"rawBytes": b64(raw(email))}
negative = signed(good, good_key)
negative["verificationMaterial"]["tlogEntries"][0]["logIndex"] = "-1"
no_entry = signed(good, good_key)
no_entry["verificationMaterial"]["tlogEntries"] = []

INVALID = {
    "no timestamp of a log": (signed(*leaf(ct=None)), "SCT"),
    "timestamp of another log": (signed(*leaf(ct=OTHER_CT_KEY)), "SCT"),
    "after the certificate expired": (signed(good, good_key, minutes=6), "not valid at"),
    "before the certificate": (signed(good, good_key, minutes=-6), "not valid at"),
    "before the trusted root": (signed(*leaf(begin=-90, end=-70), minutes=-80), "not "),
    "another authority": (signed(*leaf(issuer=(OTHER_ROOT, OTHER_KEY))), "not valid at"),
    "not for signatures": (signed(*leaf(usage=Usage.SERVER_AUTH)), "not valid at"),
    "another log's key": (signed(good, good_key, signer=OTHER_REKOR_KEY), "key"),
    "no proof": (signed(good, good_key, proven=False), "no proof"),
    "neither promise nor timestamp": (signed(good, good_key, promise=False), "when"),
    "proof of another entry": (mixed, "does not lead"),
    "entry of another signature": (other_body, "another signature"),
    "no entry": (no_entry, "no log entry"),
    "no time at all": (rekor2(good, good_key, lambda s: []), "when"),
    "timestamp of another authority": (rekor2(good, good_key, lambda s: [timestamp(s, by="other")]), "authority"),
    "timestamp of other bytes": (rekor2(good, good_key, lambda s: [timestamp(b"x")]), "another signature"),
    "timestamp after the certificate": (rekor2(
        *leaf(begin=-50, end=-40), lambda s: [timestamp(s)]), "not valid at"),
    "certificate of somebody else": (swapped, "key of its certificate"),
    "negative index": (negative, "index"),
}

PAYLOAD = compact({"critical": {"identity": {"docker-reference": REFERENCE},
                                "image": {"docker-manifest-digest": "sha256:" + DIGEST.hex()},
                                "type": "cosign container image signature"}, "optional": {}})
tag_signature = sign(good_key, PAYLOAD.encode())
tag_body = compact(hashed(hashlib.sha256(PAYLOAD.encode()).digest(), tag_signature, good)).encode()
tag_promise = {"body": b64(tag_body), "integratedTime": seconds(NOW), "logIndex": 77, "logID": REKOR_ID.hex()}
ANNOTATIONS = {
    "dev.cosignproject.cosign/signature": b64(tag_signature),
    "dev.sigstore.cosign/certificate": pem(good).decode(),
    "dev.sigstore.cosign/chain": (pem(INTERMEDIATE) + pem(ROOT)).decode(),
    "dev.sigstore.cosign/bundle": compact({"Payload": tag_promise, "SignedEntryTimestamp": b64(
        REKOR_KEY.sign(compact(tag_promise).encode(), ec.ECDSA(hashes.SHA256())))}),
}
plain_key = key()
plain_signature = sign(plain_key, PAYLOAD.encode())
plain_pem = plain_key.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
plain_body = hashed(hashlib.sha256(PAYLOAD.encode()).digest(), plain_signature, good)
plain_body["spec"]["signature"]["publicKey"]["content"] = b64(plain_pem)
plain_promise = {**tag_promise, "body": b64(compact(plain_body).encode())}
KEY_ANNOTATIONS = {
    "dev.cosignproject.cosign/signature": b64(plain_signature),
    "dev.sigstore.cosign/bundle": compact({"Payload": plain_promise, "SignedEntryTimestamp": b64(
        REKOR_KEY.sign(compact(plain_promise).encode(), ec.ECDSA(hashes.SHA256())))}),
}


def period(start=-60, end=None):
    return {"start": rfc3339(at(start)), **({"end": rfc3339(at(end))} if end is not None else {})}


def log(key, identifier, url):
    return {"baseUrl": url, "hashAlgorithm": "SHA2_256", "logId": {"keyId": b64(identifier)},
            "publicKey": {"rawBytes": b64(spki(key)), "validFor": period(),
                          "keyDetails": "PKIX_ED25519" if isinstance(key, ed25519.Ed25519PrivateKey)
                          else "PKIX_ECDSA_P256_SHA_256"}}


def chain(*certificates):
    return {"certificates": [{"rawBytes": b64(raw(certificate))} for certificate in certificates]}


TRUSTED = {
    "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    "tlogs": [log(REKOR_KEY, REKOR_ID, "https://log.example.com"), log(REKOR2_KEY, REKOR2_ID, "https://log2.example.com")],
    "ctlogs": [log(CT_KEY, hashlib.sha256(spki(CT_KEY)).digest(), "https://ct.example.com")],
    "certificateAuthorities": [{"subject": {"organization": "example", "commonName": "example"}, "uri": "https://example.com", "certChain": chain(INTERMEDIATE, ROOT), "validFor": period()}],
    "timestampAuthorities": [{"subject": {"organization": "example", "commonName": "example"}, "uri": "https://example.com", "certChain": chain(TSA, TSA_ROOT), "validFor": period()}],
}

STRICT_TRUSTED = {**TRUSTED, "certificateAuthorities": [
    {**TRUSTED["certificateAuthorities"][0], "certChain": chain(STRICT[0], STRICT_ROOT)}]}

if len(sys.argv) > 1:
    timestamped = VALID["message with a proof and a timestamp"]
    material = timestamped["verificationMaterial"]
    note = material["tlogEntries"][0]["inclusionProof"]["checkpoint"]["envelope"]
    with open(sys.argv[1], "w") as file:
        json.dump({"root": TRUSTED, "manifest": MANIFEST, "identity": IDENTITY, "issuer": ISSUER,
                   "valid": VALID["message in a log with promise and proof"],
                   "invalid": INVALID["timestamp of another log"][0],
                   # What the fuzz tests alter: parts of a bundle as they are in its text.
                   "texts": {"root": compact(TRUSTED), "bundle": compact(timestamped), "note": json.dumps(note),
                             "certificate": material["certificate"]["rawBytes"],
                             "timestamp": material["timestampVerificationData"]["rfc3161Timestamps"][0][
                                 "signedTimestamp"],
                             "body": material["tlogEntries"][0]["canonicalizedBody"]}}, file, indent=1)


def text(value):
    return '#"' + (value if isinstance(value, str) else compact(value)) + '"#'


def block(value):
    return '#"""\n' + value.rstrip("\n") + '\n"""#'


def dictionary(values):
    return "[\n" + "".join(f"        {text(k)}: {block(v)},\n" for k, v in values.items()) + "    ]"


print(f"""// Made by make_certificates.py.
// swift-format-ignore-file
import Testing

enum CertificateFixtures {{
    static let identity = {text(IDENTITY)}
    static let issuer = {text(ISSUER)}
    static let email = {text(EMAIL)}
    static let time: Int64 = {seconds(NOW)}
    static let root = {text(TRUSTED)}
    static let authorities = {block((pem(INTERMEDIATE) + pem(ROOT)).decode())}
    static let rootAlone = {block(pem(ROOT).decode())}
    static let logKey = {block(REKOR_KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode())}
    static let otherLogKey = {block(OTHER_REKOR_KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode())}
    static let emailBundle = {text(signed(email, email_key))}
    static let userBundle = {text(signed(user, user_key))}
    /// By the first certificate of those that are valid, three minutes later.
    static let laterBundle = {text(signed(good, good_key, minutes=3))}
    /// A root that permits its authorities names of one host alone.
    static let strictRoot = {text(STRICT_TRUSTED)}
    static let permittedBundle = {text(signed(*leaf(issuer=STRICT)))}
    static let excludedBundle = {text(signed(*leaf([x509.UniformResourceIdentifier(OTHER)], issuer=STRICT)))}
    static let payload = {text(PAYLOAD)}
    static let annotations: [String: String] = {dictionary(ANNOTATIONS)}
    static let key = {block(plain_pem.decode())}
    static let keyAnnotations: [String: String] = {dictionary(KEY_ANNOTATIONS)}
    static let valid: [(name: String, bundle: String)] = [""")
for title, value in VALID.items():
    print(f"        ({text(title)}, {text(value)}),")
print("    ]\n    static let invalid: [(name: String, bundle: String, reason: String)] = [")
for title, (value, reason) in INVALID.items():
    print(f"        ({text(title)}, {text(value)}, {text(reason)}),")
print("    ]\n}")

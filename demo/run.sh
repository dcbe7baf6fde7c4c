#!/usr/bin/env bash
# Resolves, packages and unpackages two images between two registries of kbld's own, on loopback alone.
set -euo pipefail
kbld=$(realpath "${KBLD:-.build/release/kbld}")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
source_pid= target_pid=
finish() { kill $source_pid $target_pid 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"; }
trap finish EXIT
say() { printf '\n\033[1m# %s\033[0m\n' "$*"; }
run() { printf '$ kbld %s\n' "$*" >&2; "$kbld" "$@"; }
wait_for() { for _ in $(seq 100); do [ -s "$1" ] && return; sleep 0.05; done; echo "a registry did not start" >&2; exit 1; }
cd "$work"

say "Two registries: one has the images, the other is where they are wanted"
"$kbld" serve-registry --listen 127.0.0.1:0 --ready-file source.addr 2>/dev/null & source_pid=$!
"$kbld" serve-registry --listen 127.0.0.1:0 --ready-file target.addr 2>/dev/null & target_pid=$!
wait_for source.addr; wait_for target.addr
source=$(cat source.addr) target=$(cat target.addr)
python3 "$here/push_images.py" "$source"

say "A manifest that names images by tag"
cat > app.yml <<YAML
kind: Pod
apiVersion: v1
metadata:
  name: shop
spec:
  containers:
  - name: web
    image: $source/shop/web:1.0
  - name: worker
    image: $source/shop/worker
YAML
cat app.yml

say "Resolve: tags become digests"
run -f app.yml > resolved.yml
cat resolved.yml

say "Package: all images and indexes go into one tarball, each layer once"
run pkg -f resolved.yml --output images.tar
tar tvf images.tar

say "Unpackage: everything goes into one repository of the other registry, under the same digests"
run unpkg -f resolved.yml --input images.tar --repository "$target/airgap/shop" > installed.yml
cat installed.yml

say "The digests agree"
digests() { sed -n 's/^ *\(- \)\{0,1\}image: .*@\(sha256:[0-9a-f]\{64\}\)$/\2/p' "$1" | sort; }
diff <(digests resolved.yml) <(digests installed.yml)
count=$(digests installed.yml | wc -l)
[ "$count" -eq 2 ]
for digest in $(digests installed.yml); do
  served=$(python3 -c 'import hashlib, sys, urllib.request
print("sha256:" + hashlib.sha256(urllib.request.urlopen(sys.argv[1]).read()).hexdigest())' \
    "http://$target/v2/airgap/shop/manifests/$digest")
  [ "$served" = "$digest" ]
  echo "$digest is in both registries"
done

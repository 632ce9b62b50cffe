#!/usr/bin/env bash
# Makes the binaries of generation 1 for x86-64 Linux. They were made when the generation was frozen, and are kept: to make them
# again is to lose what they prove. So a binary that is there is left alone.
# The library in Rust was built by another compiler than the program's (nightly).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT
registry="${CARGO_HOME:-$HOME/.cargo}/registry/src"

make_rust() {
  RUSTFLAGS="--remap-path-prefix=$registry=/registry --remap-path-prefix=$root=/voxomics --remap-path-prefix=$built=/built" \
    cargo +nightly build --release --offline --quiet --manifest-path "$here/plugin/Cargo.toml" --target-dir "$built"
  cp "$built/release/libgeneration_1.so" "$built/rust.so"
  cargo +nightly --version
}

make_c() {
  cc -std=c99 -O2 -fPIC -shared -s -ffile-prefix-map="$root"=/voxomics -I "$root/include" "$root/examples/c-family/hot.c" \
    -o "$built/c.so"
}

for name in rust c; do
  if [ -e "$here/$name.so.gz" ]; then
    echo "$name.so.gz is there, and stays as it is"
    continue
  fi
  "make_$name"
  if strings "$built/$name.so" | grep -F -e "$HOME" -e "$root" -e "$built"; then
    echo "$name.so tells where it was built" >&2
    exit 1
  fi
  # Without name and time, so that the same library has the same bytes.
  gzip -9 -n -c "$built/$name.so" > "$here/$name.so.gz"
  ls -l "$here/$name.so.gz"
done

#!/bin/sh
# Builds what leaves the house: without names, and without a path of the machine that it was built on. Arguments go to cargo.
set -eu
cd "$(dirname "$0")"

# Every folder of sources that the library is built from is written as /src; the standard library has no path of this machine.
# Of crates for other systems, cargo would have to fetch the sources before it could tell where they are.
host=$(rustc -vV | sed -n 's/^host: //p')
folders=$(cargo metadata --format-version 1 --filter-platform "$host" "$@" | tr ',' '\n' | sed -n 's|.*"manifest_path":"\(.*\)/Cargo.toml".*|\1|p')
separator=$(printf '\037')
flags=
while IFS= read -r folder; do
  flags="$flags${flags:+$separator}--remap-path-prefix=$folder=/src"
done <<END
$folders
END
CARGO_ENCODED_RUSTFLAGS=$flags cargo build --release "$@"

library=${CARGO_TARGET_DIR:-target}/release/libvendor_predictor.so
while IFS= read -r folder; do
  [ "$folder" != / ] || continue
  if grep -aqF "$folder" "$library"; then
    echo "$library tells where it was built: $folder" >&2
    exit 1
  fi
done <<END
$folders
$HOME
END
sha256sum "$library"

#!/bin/bash -eu
# Builds the harnesses as OSS-Fuzz asks: compiler, flags and engine come from the environment
# (CC, CXX, CFLAGS, CXXFLAGS, LIB_FUZZING_ENGINE), what is made goes to $OUT.
build=${WORK:-/tmp}/grantspec
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=None -DGRANTSPEC_TESTS=OFF \
  -DGRANTSPEC_WERROR=OFF -DLIB_FUZZING_ENGINE="$LIB_FUZZING_ENGINE"
# remote wants a target and differential an adapter: neither belongs to a cluster.
harnesses="form basic scope content_type token_response field response request session case_file"
harnesses+=" profile"
targets=()
for h in $harnesses; do targets+=("${h}_fuzzer"); done
cmake --build "$build" --target "${targets[@]}"
for h in $harnesses; do
  cp "$build/${h}_fuzzer" "$OUT/"
  corpus=("fuzz/seeds/$h")
  [ -d "fuzz/regressions/$h" ] && corpus+=("fuzz/regressions/$h")
  rm -f "$OUT/${h}_fuzzer_seed_corpus.zip"
  zip -q -r -j "$OUT/${h}_fuzzer_seed_corpus.zip" "${corpus[@]}"
  cp "fuzz/options/$h.options" "$OUT/${h}_fuzzer.options"
  if [ -e "fuzz/dict/$h.dict" ]; then cp "fuzz/dict/$h.dict" "$OUT/${h}_fuzzer.dict"; fi
done

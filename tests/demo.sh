#!/usr/bin/env bash
# The story of a private payment, told with the commands that a person would type.
set -euo pipefail

notefold=$(realpath "${1:-target/release/notefold}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() { printf '\033[2m$ notefold %s\033[0m\n' "$*"; "$notefold" "$@"; }
refused() {
  printf '\033[2m$ notefold %s\033[0m\n' "$*"
  if "$notefold" "$@"; then
    echo "this should have been refused" >&2
    exit 1
  fi
}

say "1. A commitment key, for development, and an empty state"
run params generate --out params
run params show --params params 2>/dev/null
run note init --state state

say "2. Two wallets"
run keys new --out alice.key
run keys new --out bob.key
bob=$("$notefold" keys address bob.key)

say "3. Alice deposits 100 and 50"
run step prove --state state --key alice.key --deposit 100 --out deposit-1.step
run step prove --state state --key alice.key --deposit 50 --out deposit-2.step
run note accept --state state deposit-1.step deposit-2.step
run note list --state state --key alice.key

say "4. Alice pays Bob 120 in private: both notes in, one to Bob, one back, 3 to the aggregator"
run step prove --state state --key alice.key --pay "$bob=120" --fee 3 --out pay.step
run step verify pay.step

say "5. Before it is accepted, she proves another payment with the same notes"
run step prove --state state --key alice.key --pay "$bob=149" --out double.step
run note accept --state state pay.step
refused note accept --state state double.step

say "6. Each wallet finds its notes by trial decryption"
run note list --state state --key alice.key
run note list --state state --key bob.key

say "7. Bob withdraws 20 to the chain; the proof is against an older anchor and does not go stale"
run step prove --state state --key bob.key --withdraw 20 \
  --recipient 0x00000000000000000000000000000000000000b0 --out withdraw.step
run step prove --state state --key alice.key --deposit 5 --out deposit-3.step
run note accept --state state deposit-3.step
run note accept --state state withdraw.step
run note list --state state --key bob.key

say "8. What is refused"
refused step prove --state state --key bob.key --pay "$bob=1000" --out too-much.step
cp pay.step tampered.step
printf '\x01' | dd of=tampered.step bs=1 seek=5000 conv=notrunc status=none
refused step verify pay.step tampered.step
refused step prove --state state --key bob.key --deposit 1 --out pay.step

say "9. Three wallets send eight step proofs to an aggregator, against different anchors"
run keys new --out carol.key
carol=$("$notefold" keys address carol.key)
run step prove --state state --key alice.key --deposit 40 --out batch-1.step
run step prove --state state --key bob.key --deposit 30 --out batch-2.step
run step prove --state state --key alice.key --deposit 8 --out deposit-4.step
run note accept --state state deposit-4.step
run step prove --state state --key carol.key --deposit 20 --out batch-3.step
run step prove --state state --key bob.key --pay "$carol=60" --fee 2 --out batch-4.step
run step prove --state state --key carol.key --deposit 1 --pay "$bob=1" --out batch-5.step
run step prove --state state --key alice.key --deposit 9 --pay "$carol=9" --out batch-6.step
echo "  … and two that do not belong: Bob spends the same note again, and a proof against a state that was never settled"
run step prove --state state --key bob.key --pay "$carol=70" --out batch-7-double-spend.step
run note init --state elsewhere
run step prove --state elsewhere --key carol.key --deposit 5 --out elsewhere.step
run note accept --state elsewhere elsewhere.step
run step prove --state elsewhere --key carol.key --deposit 3 --out batch-8-stale.step

say "10. The aggregator checks them, folds them into one proof, and says why two are left out"
run fold --state state --out batch.proof --checkpoint batch.checkpoint --settle batch-*.step

say "11. Anyone verifies the proof; a proof with one bit changed is refused"
run verify batch.proof
cp batch.proof forged.proof
printf '\x01' | dd of=forged.proof bs=1 seek=1000000 conv=notrunc status=none
refused verify forged.proof

say "12. The proof is wrapped into one that a contract verifies: keys for the decider, then the proof, about a minute and a half"
run setup
run wrap --aggregator 0x00000000000000000000000000000000000000aa --out settlement.proof batch.proof

say "13. It is verified natively and by the contract in an EVM; another aggregator cannot use it"
run verify-settlement settlement.proof
cp settlement.proof stolen.proof
printf '\xbb' | dd of=stolen.proof bs=1 seek=255 conv=notrunc status=none
refused verify-settlement stolen.proof

say "14. The batch is settled: each wallet finds what it was paid"
run note list --state state --key carol.key
run note list --state state --key bob.key

gas=$("$notefold" verify-settlement settlement.proof 2>/dev/null | sed -n 's/.*valid, \([0-9]*\) gas.*/\1/p')
say "Done: 12 steps in 6 batches, the last one of six folded into one proof that costs $gas gas to verify; double spends were refused, nobody learnt who paid whom."

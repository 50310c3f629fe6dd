//! Bindings of the contracts, from the artifacts that `contracts/` commits.

use alloy::{
    primitives::U256,
    sol_types::{SolCall, SolValue},
};
use notefold_folding::step::StepStatement;
use notefold_wrapper::settlement::SettlementProof;

#[allow(missing_docs, unreachable_pub, clippy::all)]
mod bindings {
    use alloy::sol;

    sol!(
        #[derive(Debug)]
        Rollup,
        "../contracts/artifacts/Rollup.json"
    );
    sol!(
        #[derive(Debug)]
        SlotQueue,
        "../contracts/artifacts/SlotQueue.json"
    );
    sol!(
        DeciderVerifier,
        "../contracts/artifacts/DeciderVerifier.json"
    );
    sol!(NotePool, "../contracts/artifacts/NotePool.json");

    sol! {
        interface IERC20 {
            function allowance(address owner, address spender) external view returns (uint256);
            function approve(address spender, uint256 value) external returns (bool);
        }
    }
}

pub(crate) use bindings::Rollup::Settlement;
pub(crate) use bindings::{DeciderVerifier, IERC20, NotePool, Rollup, SlotQueue};

/// Words of a settlement proof that the contract forms itself.
const OWN_WORDS: usize = 8;

/// `settleBatch` with a proof and the data that it is for.
pub(crate) fn settle_batch(proof: &SettlementProof, data: &[StepStatement]) -> Vec<u8> {
    let words: Vec<U256> = proof
        .words()
        .iter()
        .map(|word| U256::from_be_slice(word))
        .collect();
    let mut rest = [U256::ZERO; 31];
    rest.copy_from_slice(&words[OWN_WORDS..]);
    let data: Vec<u8> = data.iter().flat_map(StepStatement::published).collect();
    let settlement = Rollup::Settlement {
        stateBefore: words[1],
        stateAfter: words[2],
        dataDigest: words[3],
        steps: words[6],
        proof: rest,
        data: data.into(),
    };
    Rollup::settleBatchCall { settlement }.abi_encode()
}

/// The settlement in a transaction's input, through either door (SET-1).
pub(crate) fn settlement_of(input: &[u8]) -> Option<Settlement> {
    if let Ok(call) = Rollup::settleBatchCall::abi_decode(input) {
        return Some(call.settlement);
    }
    let call = SlotQueue::submitProofCall::abi_decode(input).ok()?;
    Settlement::abi_decode(&call.proof).ok()
}

/// What a transaction pays before it runs: 21,000 and 16 or 4 gas a byte, and at least as much as the floor of EIP-7623 says.
pub(crate) fn calldata_gas(data: &[u8]) -> (u64, u64) {
    let tokens: u64 = data.iter().map(|byte| if *byte == 0 { 1 } else { 4 }).sum();
    (21_000 + 4 * tokens, 21_000 + 10 * tokens)
}

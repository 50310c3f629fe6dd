// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @notice What a deployment of the rollup fixes for good. specs/settlement.md says what each of them is for.
/// @param genesisState S before the first batch.
/// @param depositBlocks Blocks in which a deposit can be consumed; then it can be reclaimed.
/// @param upgradeBlocks Blocks between the announcement of another verifier and its first block.
struct RollupParameters {
    uint256 genesisState;
    uint32 depositBlocks;
    uint32 upgradeBlocks;
}

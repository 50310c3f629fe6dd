// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @notice A batch as its aggregator sends it (specs/settlement.md).
/// @param stateBefore S that the batch was proven against.
/// @param stateAfter S that it leads to.
/// @param dataDigest h_n, the digest of the steps in the circuit.
/// @param steps Number of steps, 1 to 2^15.
/// @param proof Words 8 to 38 of the settlement proof; the contract forms words 0 to 7 itself.
/// @param data Published bytes of every step, one after another.
struct Settlement {
    uint256 stateBefore;
    uint256 stateAfter;
    uint256 dataDigest;
    uint256 steps;
    uint256[31] proof;
    bytes data;
}

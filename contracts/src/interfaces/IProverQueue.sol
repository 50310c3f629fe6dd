// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Slots in which one prover alone may settle
interface IProverQueue {
    /// @notice Bids the value of the call for a slot; the highest bid at the auction's close holds it.
    /// @param fromBlock First block of the slot.
    /// @param toBlock Last block of the slot.
    function requestSlot(uint256 fromBlock, uint256 toBlock) external payable;

    /// @notice Settles a batch in a slot.
    /// @param proof An ABI-encoded `Settlement`.
    /// @param slotId The slot of the current block.
    function submitProof(bytes calldata proof, uint256 slotId) external;

    /// @notice Takes the collateral of a holder whose slot was rescued: half is burnt, half is the rescuer's.
    /// @param slotId The slot.
    function slashInactiveProver(uint256 slotId) external;
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {SlotParameters} from "../types/SlotParameters.sol";
import {Roster} from "./Roster.sol";

/// @title Bounds of what a deployment may choose
library Parameters {
    /// @notice A parameter outside of its bounds.
    error ParameterOutOfRange(bytes32 name, uint256 minimum, uint256 maximum, uint256 got);

    /// @notice Reverts with the first parameter that is out of its bounds.
    function check(SlotParameters memory p) internal pure {
        // The first slot has an auction, and no block number is below zero.
        uint256 earliest = uint256(p.closeBlocks) + p.revealBlocks;
        within("genesisBlock", p.genesisBlock, earliest, type(uint64).max / 2);
        within("epochBlocks", p.epochBlocks, 8, 50_400);
        within("graceBlocks", p.graceBlocks, 2, p.epochBlocks / 2);
        // A reorganisation must not change who holds a slot that has begun.
        within("closeBlocks", p.closeBlocks, 4, 7_200);
        within("leadEpochs", p.leadEpochs, 2, 1_024);
        // The auction of a slot must be open for a while before it closes.
        within("closeBlocks", p.closeBlocks, 4, uint256(p.leadEpochs - 1) * p.epochBlocks);
        if (p.revealBlocks != 0) {
            // And bids must be taken before they are revealed.
            within("revealBlocks", p.revealBlocks, 2, uint256(p.leadEpochs - 1) * p.epochBlocks - p.closeBlocks + 1);
        }
        within("minStake", p.minStake, 1 gwei, 1_000_000 ether);
        within("seatsPerStep", p.seatsPerStep, 1, Roster.SEATS);
        // Stake stays until every turn that it gave is over.
        uint256 turns = (Roster.DELAY + 1) * p.epochBlocks;
        within("unbondingBlocks", p.unbondingBlocks, turns, 2_628_000);
        within("maxSlotsHeld", p.maxSlotsHeld, 1, p.leadEpochs);
        within("baseCollateral", p.baseCollateral, 1 gwei, p.minStake);
        within("collateralStep", p.collateralStep, 1, p.minStake);
        within("rateEpochs", p.rateEpochs, 1, 1_024);
        within("minBid", p.minBid, 1 gwei, 1_000_000 ether);
        within("minRaiseBps", p.minRaiseBps, 100, 10_000);
        within("priceDamping", p.priceDamping, 2, 1_024);
        within("unrevealedBps", p.unrevealedBps, 100, 10_000);
        within("periodEpochs", p.periodEpochs, 1, 65_536);
        within("openAfterEpochs", p.openAfterEpochs, Roster.DELAY, 65_536);
    }

    /// @notice Reverts unless a value is between two others.
    function within(bytes32 name, uint256 got, uint256 minimum, uint256 maximum) internal pure {
        if (got < minimum || got > maximum) revert ParameterOutOfRange(name, minimum, maximum, got);
    }
}

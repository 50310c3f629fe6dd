// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Settlement} from "../src/types/Settlement.sol";
import {Deployed} from "./utils/Deployed.sol";

/// @notice Gas and code sizes, compared with those in snapshots/. Calls without what their transaction costs by itself: whole
/// transactions are measured by `notefold bench settle`.
contract GasTest is Deployed {
    address private aggregator;
    address private other;

    function setUp() public override {
        super.setUp();
        (, aggregator) = stored("deposits");
        (, other) = stored("collision");
        vm.roll(parameters().genesisBlock - 1);
        join(aggregator);
        join(other);
        vm.roll(parameters().genesisBlock);
    }

    function bid(address account, uint256 slotId) private {
        (uint256 price,) = queue.quote(slotId, account);
        vm.deal(account, price);
        vm.prank(account);
        queue.requestSlot{value: price}(first(slotId), last(slotId));
    }

    function test_gas_of_slots() public {
        bid(other, 2);
        vm.snapshotGasLastCall("slots", "requestSlot");
        bid(aggregator, 2);
        vm.snapshotGasLastCall("slots", "requestSlot, outbidding");
        bid(other, 3);
        vm.snapshotGasLastCall("slots", "requestSlot, second in the period");
        rollTo(3, 5);
        vm.prank(address(rollup));
        queue.recordSettlement(aggregator, 2);
        vm.snapshotGasLastCall("slots", "recordSettlement, rescue");
        queue.slashInactiveProver(3);
        vm.snapshotGasLastCall("slots", "slashInactiveProver");
        queue.releaseSlot(2);
        vm.snapshotGasLastCall("slots", "releaseSlot");
        vm.prank(aggregator);
        queue.collect(aggregator);
        vm.snapshotGasLastCall("slots", "collect");
    }

    function test_gas_of_settlements() public {
        bid(aggregator, 2);
        rollTo(2, 0);
        makeDeposit("deposits", 0);
        vm.snapshotGasLastCall("rollup", "deposit, ether");
        makeDeposit("deposits", 1);
        vm.snapshotGasLastCall("rollup", "deposit, token");
        settle("deposits");
        vm.snapshotGasLastCall("rollup", "settleBatch, two deposits, first in its slot");
        settle("payments");
        vm.snapshotGasLastCall("rollup", "settleBatch, a withdrawal and a transfer");
        (Settlement memory settlement,) = stored("deposits");
        vm.prank(aggregator, aggregator);
        try rollup.settleBatch(settlement) {} catch {}
        vm.snapshotGasLastCall("rollup", "settleBatch, stale");
        vm.prank(other, other);
        try rollup.settleBatch(settlement) {} catch {}
        vm.snapshotGasLastCall("rollup", "settleBatch, not eligible");
        vm.prank(aggregator);
        rollup.withdraw(address(0), aggregator);
        vm.snapshotGasLastCall("rollup", "withdraw, ether");
    }

    /// Plain steps: whatever they hold, the pass over them is over before the proof is looked at.
    function test_gas_of_a_step() public {
        bid(aggregator, 2);
        rollTo(2, 0);
        uint256[2] memory used;
        for (uint256 i = 0; i < 2; ++i) {
            Settlement memory settlement;
            settlement.stateBefore = rollup.state();
            settlement.steps = i == 0 ? 16 : 64;
            for (uint256 step = 0; step < settlement.steps; ++step) {
                bytes32 element = keccak256(abi.encode(step)) >> 4;
                settlement.data = bytes.concat(
                    settlement.data,
                    element,
                    element,
                    element,
                    element,
                    new bytes(45),
                    element,
                    element,
                    bytes18(element)
                );
            }
            vm.prank(aggregator, aggregator);
            try rollup.settleBatch(settlement) {} catch {}
            used[i] = vm.snapshotGasLastCall(
                "rollup", string.concat("refused proof, steps: ", vm.toString(settlement.steps))
            );
        }
        vm.snapshotValue("rollup", "plain step, above its calldata", (used[1] - used[0]) / 48);
    }

    function test_sizes_of_code() public {
        vm.snapshotValue("sizes", "Rollup", address(rollup).code.length);
        vm.snapshotValue("sizes", "SlotQueue", address(queue).code.length);
        vm.snapshotValue("sizes", "DeciderVerifier", address(verifier).code.length);
    }
}

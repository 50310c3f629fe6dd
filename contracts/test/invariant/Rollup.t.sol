// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Settlement} from "../../src/types/Settlement.sol";
import {Deployed} from "../utils/Deployed.sol";
import {Invariant} from "../utils/Invariant.sol";
import {RollupHandler} from "./RollupHandler.sol";

/// @notice What holds for the rollup. The verifier is the real one, and so are the proofs.
contract RollupInvariants is Deployed, Invariant {
    RollupHandler private handler;
    /// Ether of deposits that the stored batches consume, in units, and what leaves the notes again in the second of them.
    uint256 private constant CONSUMED = 150;
    uint256 private constant WITHDRAWN = 20 + 3;

    function setUp() public override {
        super.setUp();
        handler = new RollupHandler(rollup, queue);
        (Settlement memory batch, address aggregator) = stored("deposits");
        handler.add(batch, aggregator);
        (batch,) = stored("payments");
        handler.add(batch, aggregator);
        handler.addCreditor(recipient);
        vm.roll(parameters().genesisBlock - 1);
        join(aggregator);
        vm.roll(parameters().genesisBlock);
        makeDeposit("deposits", 0);
        makeDeposit("deposits", 1);
        bytes4[] memory selectors = new bytes4[](5);
        selectors[0] = handler.advance.selector;
        selectors[1] = handler.deposit.selector;
        selectors[2] = handler.reclaim.selector;
        selectors[3] = handler.withdraw.selector;
        selectors[4] = handler.settle.selector;
        target(address(handler), selectors);
    }

    function invariant_the_state_moves_by_verified_batches_alone() public view {
        vm.assertEq(rollup.state(), handler.expectedState());
        vm.assertEq(rollup.batchNumber(), handler.settled());
    }

    /// A batch whose nullifiers are spent never settles again: there are two, and neither counts twice.
    function invariant_no_batch_settles_twice() public view {
        vm.assertLe(handler.settled(), 2);
    }

    function invariant_no_value_is_created() public view {
        vm.assertEq(address(rollup).balance, CONSUMED * 1 gwei + handler.paidIn() - handler.paidOut());
    }

    /// Deposits in escrow, what the contract owes, and what is in notes.
    function invariant_the_balance_covers_what_is_owed() public view {
        (, address aggregator) = stored("deposits");
        uint256 owed = rollup.owed(aggregator, address(0)) + rollup.owed(recipient, address(0));
        uint256 inNotes = handler.settled() == 2 ? CONSUMED - WITHDRAWN : CONSUMED;
        vm.assertGe(address(rollup).balance, handler.inEscrow() + (owed + inNotes) * 1 gwei);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISlotQueue} from "../../src/interfaces/ISlotQueue.sol";
import {Deployed} from "../utils/Deployed.sol";
import {Invariant} from "../utils/Invariant.sol";
import {SlotParameters} from "../../src/types/SlotParameters.sol";
import {QueueHandler} from "./QueueHandler.sol";

/// @notice What holds for the slot queue whatever five accounts do with it. That nobody but the eligible account settles, that it is
/// one account a block, and that nothing within a block changes which, is asserted in the handler, call by call.
contract QueueInvariants is Deployed, Invariant {
    QueueHandler private handler;

    function parameters() internal pure override returns (SlotParameters memory p) {
        p = super.parameters();
        p.periodEpochs = 3;
        p.unbondingBlocks = 60;
    }

    function setUp() public override {
        super.setUp();
        handler = new QueueHandler(queue);
        handler.join(0);
        handler.join(1);
        bytes4[] memory selectors = new bytes4[](12);
        selectors[0] = handler.advance.selector;
        selectors[1] = handler.join.selector;
        selectors[2] = handler.addStake.selector;
        selectors[3] = handler.unbond.selector;
        selectors[4] = handler.withdrawStake.selector;
        selectors[5] = handler.request.selector;
        selectors[6] = handler.settle.selector;
        selectors[7] = handler.slash.selector;
        selectors[8] = handler.release.selector;
        selectors[9] = handler.collect.selector;
        selectors[10] = handler.moveProceeds.selector;
        selectors[11] = handler.vacate.selector;
        target(address(handler), selectors);
    }

    /// What came in is there, was paid out, or was burnt.
    function invariant_no_value_is_created() public view {
        vm.assertEq(address(queue).balance, handler.paidIn() - handler.paidOut() - handler.burnt());
    }

    /// Stakes, stakes on their way out, credits and shares, and proceeds that are nobody's yet.
    function invariant_the_balance_covers_what_is_owed() public view {
        uint256 owed = 0;
        for (uint256 i = 0; i < 5; ++i) {
            address actor = handler.actors(i);
            (uint256 stake,,) = queue.stakeOf(actor);
            (uint256 unbonding,) = queue.unbondingOf(actor);
            owed += stake + unbonding + queue.creditOf(actor);
        }
        (uint256 current,,) = queue.slotAt(block.number);
        current /= queue.PERIOD_EPOCHS();
        for (uint256 period = 0; period <= current + 4; ++period) {
            (uint256 proceeds, uint256 notes) = queue.poolOf(period);
            if (period >= current || notes == 0) owed += proceeds;
        }
        vm.assertGe(address(queue).balance, owed);
    }

    /// Locked stake is the collateral of the slots held, and is there.
    function invariant_collateral_is_backed() public view {
        uint256[5] memory locked;
        uint256[5] memory held;
        for (uint256 slotId = 0; slotId <= handler.lastSlot(); ++slotId) {
            ISlotQueue.Slot memory slot = queue.slotOf(slotId);
            for (uint256 i = 0; i < 5; ++i) {
                if (slot.holder == handler.actors(i) && slot.collateral != 0) {
                    locked[i] += slot.collateral;
                    held[i] += 1;
                }
            }
        }
        for (uint256 i = 0; i < 5; ++i) {
            (uint256 stake, uint256 got, uint256 slots) = queue.stakeOf(handler.actors(i));
            vm.assertEq(got, locked[i]);
            vm.assertEq(slots, held[i]);
            vm.assertGe(stake, got);
        }
    }

    /// Each slot's collateral goes one way, once: taken or given back. Half of what is taken is burnt.
    function invariant_collateral_is_paid_once() public view {
        for (uint256 slotId = 0; slotId <= handler.lastSlot(); ++slotId) {
            vm.assertLe(handler.slashes(slotId) + handler.releases(slotId), 1);
        }
        vm.assertGe(2 * handler.burnt(), handler.taken());
    }

    /// Every seat in the roster of this epoch and of the next has a name.
    function invariant_whoever_has_a_turn_has_a_name() public view {
        (uint256 epoch,,) = queue.slotAt(block.number);
        for (uint256 ahead = 0; ahead < 3; ++ahead) {
            address[] memory roster = queue.rosterOf(epoch + ahead);
            for (uint256 i = 0; i < roster.length; ++i) {
                vm.assertTrue(roster[i] != address(0));
            }
        }
    }
}

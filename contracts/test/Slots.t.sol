// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISlotQueue} from "../src/interfaces/ISlotQueue.sol";
import {IStakeRegistry} from "../src/interfaces/IStakeRegistry.sol";
import {Deployed} from "./utils/Deployed.sol";

/// @notice Who may settle, who pays for idling, and who is paid. Settlements are reported by the rollup's account itself: what a
/// batch has to prove is tested with real proofs in Settlement.t.sol.
contract SlotsTest is Deployed {
    address private alice = address(0xa11ce);
    address private bob = address(0xb0b);
    address private carol = address(0xca201);

    function setUp() public override {
        super.setUp();
        vm.roll(parameters().genesisBlock - 1);
        join(alice);
        join(bob);
        join(carol);
        vm.roll(parameters().genesisBlock);
    }

    function record(address account, uint256 notes) private {
        vm.prank(address(rollup));
        queue.recordSettlement(account, notes);
    }

    function bid(address account, uint256 slotId, uint256 value) private {
        vm.deal(account, account.balance + value);
        vm.prank(account);
        queue.requestSlot{value: value}(first(slotId), last(slotId));
    }

    function buy(address account, uint256 slotId) private {
        (uint256 value,) = queue.quote(slotId, account);
        bid(account, slotId, value);
    }

    function expectMode(ISlotQueue.Mode mode, address account) private view {
        (ISlotQueue.Mode got, address who) = queue.eligibility(block.number);
        vm.assertEq(uint256(got), uint256(mode));
        vm.assertEq(who, account);
        vm.assertEq(queue.eligible(block.number), account);
    }

    function test_stakers_take_turns_in_slots_that_nobody_bought() public {
        address[3] memory turns = [alice, bob, carol];
        for (uint256 epoch = 0; epoch < 4; ++epoch) {
            for (uint256 part = 0; part < 4; ++part) {
                rollTo(epoch, 5 * part);
                expectMode(ISlotQueue.Mode.Rotation, turns[(epoch + part) % 3]);
                rollTo(epoch, 5 * part + 4);
                expectMode(ISlotQueue.Mode.Rotation, turns[(epoch + part) % 3]);
            }
        }
    }

    function test_the_holder_alone_settles_in_its_slot() public {
        buy(bob, 2);
        rollTo(2, 0);
        expectMode(ISlotQueue.Mode.Held, bob);
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.NotEligible.selector, bob, alice, block.number));
        record(alice, 2);
        record(bob, 2);
        vm.roll(last(2));
        expectMode(ISlotQueue.Mode.Held, bob);
        vm.roll(last(2) + 1);
        (ISlotQueue.Mode mode,) = queue.eligibility(block.number);
        vm.assertEq(uint256(mode), uint256(ISlotQueue.Mode.Rotation));
    }

    function test_only_the_rollup_reports_settlements() public {
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.NotRollup.selector, alice));
        vm.prank(alice);
        queue.recordSettlement(alice, 2);
    }

    function test_an_idle_holder_is_rescued_and_slashed() public {
        buy(bob, 2);
        (, uint256 locked,) = queue.stakeOf(bob);
        vm.assertEq(locked, 1 ether);
        rollTo(2, 4);
        expectMode(ISlotQueue.Mode.Held, bob);
        rollTo(2, 5);
        address next = queue.eligible(block.number);
        vm.assertTrue(next != bob);
        expectMode(ISlotQueue.Mode.Rescue, next);
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.NotSlashable.selector, 2));
        queue.slashInactiveProver(2);
        vm.expectEmit();
        emit ISlotQueue.SlotRescued(2, bob, next);
        record(next, 2);
        // The rescuer keeps the rest of the slot.
        vm.roll(last(2));
        expectMode(ISlotQueue.Mode.Rescue, next);

        uint256 burnt = address(0).balance;
        vm.expectEmit();
        emit ISlotQueue.HolderSlashed(2, bob, next, 1 ether);
        queue.slashInactiveProver(2);
        vm.assertEq(address(0).balance - burnt, 0.5 ether);
        vm.assertEq(queue.creditOf(next), 0.5 ether);
        (uint256 stake, uint256 left, uint256 slots) = queue.stakeOf(bob);
        vm.assertEq(stake, 9 ether);
        vm.assertEq(left + slots, 0);
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.NotSlashable.selector, 2));
        queue.slashInactiveProver(2);
        vm.roll(last(2) + 1);
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.NotReleasable.selector, 2));
        queue.releaseSlot(2);
    }

    /// If the next in line is idle as well, the turn moves on: one absent staker does not stop the chain.
    function test_the_turn_to_rescue_moves_on() public {
        buy(bob, 3);
        address[3] memory turns;
        for (uint256 part = 1; part < 4; ++part) {
            rollTo(3, 5 * part);
            turns[part - 1] = queue.eligible(block.number);
            vm.assertTrue(turns[part - 1] == alice || turns[part - 1] == carol);
        }
        vm.assertTrue(turns[0] != turns[1]);
        vm.assertEq(turns[0], turns[2]);
    }

    function test_a_slot_without_work_costs_the_bid_alone() public {
        buy(bob, 2);
        vm.roll(last(2));
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.NotReleasable.selector, 2));
        queue.releaseSlot(2);
        vm.roll(last(2) + 1);
        vm.expectEmit();
        emit ISlotQueue.SlotReleased(2, bob, 1 ether);
        queue.releaseSlot(2);
        (uint256 stake, uint256 locked, uint256 slots) = queue.stakeOf(bob);
        vm.assertEq(stake, 10 ether);
        vm.assertEq(locked + slots, 0);
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.NotSlashable.selector, 2));
        queue.slashInactiveProver(2);
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.NotReleasable.selector, 2));
        queue.releaseSlot(2);
    }

    function test_a_holder_without_rivals_keeps_its_slot() public {
        vm.prank(alice);
        queue.unbond(10 ether);
        vm.prank(carol);
        queue.unbond(20 ether);
        rollTo(2, 0);
        buy(bob, 4);
        rollTo(4, 12);
        expectMode(ISlotQueue.Mode.Held, bob);
    }

    /// Half of what is taken is burnt: whoever rescues itself under another name pays for it.
    function test_rescuing_oneself_costs_half() public {
        uint256 before = alice.balance + bob.balance;
        buy(bob, 2);
        (uint256 stakes,,) = queue.stakeOf(bob);
        rollTo(2, 5);
        address next = queue.eligible(block.number);
        record(next, 2);
        queue.slashInactiveProver(2);
        (uint256 left,,) = queue.stakeOf(bob);
        vm.assertEq(stakes - left, 2 * queue.creditOf(next));
        vm.assertGe(before, alice.balance + bob.balance);
    }

    /// Stake behind a slot cannot be taken away before the slot is over.
    function test_stake_cannot_leave_before_a_slash() public {
        buy(bob, 2);
        vm.startPrank(bob);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeLocked.selector, 9 ether, 10 ether));
        queue.unbond(10 ether);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.InsufficientStake.selector, 10 ether, 1 ether));
        queue.unbond(9 ether);
        vm.stopPrank();
    }

    function test_who_falls_below_the_minimum_has_no_turns_until_it_adds_stake() public {
        buy(bob, 2);
        rollTo(2, 5);
        record(queue.eligible(block.number), 2);
        queue.slashInactiveProver(2);
        vm.assertEq(queue.rosterOf(3).length, 3);
        vm.assertEq(queue.rosterOf(4).length, 2);
        vm.deal(bob, 1 ether);
        vm.prank(bob);
        queue.addStake{value: 1 ether}();
        vm.assertEq(queue.rosterOf(4).length, 3);
    }

    /// Nothing that happens within a block changes who is eligible in it.
    function test_joining_and_leaving_change_nothing_before_two_epochs() public {
        rollTo(3, 7);
        address turn = queue.eligible(block.number);
        uint256 edge = last(4);
        address atEdge = queue.eligible(edge);
        vm.prank(turn);
        queue.unbond(turn == carol ? 20 ether : 10 ether);
        join(address(0xdd));
        vm.assertEq(queue.eligible(block.number), turn);
        vm.assertEq(queue.eligible(edge), atEdge);
    }

    function test_open_mode_when_nobody_is_left() public {
        vm.prank(alice);
        queue.unbond(10 ether);
        vm.prank(bob);
        queue.unbond(10 ether);
        vm.prank(carol);
        queue.unbond(20 ether);
        vm.roll(last(1));
        vm.assertTrue(queue.eligible(block.number) != address(0));
        vm.roll(first(2));
        expectMode(ISlotQueue.Mode.Nobody, address(0));
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.NotEligible.selector, address(0), bob, block.number));
        record(bob, 2);
        vm.roll(last(4));
        expectMode(ISlotQueue.Mode.Nobody, address(0));
        vm.roll(first(5));
        expectMode(ISlotQueue.Mode.Open, address(0));
        record(address(0x1234), 2);
        join(address(0x1234));
        vm.roll(first(7));
        expectMode(ISlotQueue.Mode.Rotation, address(0x1234));
    }

    function test_nobody_before_the_first_epoch() public {
        vm.roll(parameters().genesisBlock - 1);
        expectMode(ISlotQueue.Mode.Nobody, address(0));
    }

    function test_proceeds_are_shared_by_notes_settled() public {
        buy(alice, 2);
        buy(bob, 3);
        (uint256 proceeds,) = queue.poolOf(0);
        vm.assertGt(proceeds, 0);
        rollTo(2, 0);
        record(alice, 6);
        rollTo(3, 0);
        record(bob, 2);
        vm.assertEq(queue.creditOf(alice), 0);
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.NothingToCollect.selector, alice));
        vm.prank(alice);
        queue.collect(alice);

        rollTo(10, 0);
        vm.assertEq(queue.creditOf(alice), proceeds * 6 / 8);
        vm.assertEq(queue.creditOf(bob), proceeds * 2 / 8);
        vm.expectEmit();
        emit ISlotQueue.Collected(alice, address(0xbeef), proceeds * 6 / 8);
        vm.prank(alice);
        queue.collect(address(0xbeef));
        vm.assertEq(address(0xbeef).balance, proceeds * 6 / 8);
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.NothingToCollect.selector, alice));
        vm.prank(alice);
        queue.collect(alice);
        // Settling again turns the shares of the period before into credit.
        uint256 turn = 10;
        for (rollTo(turn, 0); queue.eligible(block.number) != bob;) {
            vm.roll(block.number + 1);
        }
        record(bob, 2);
        vm.assertEq(queue.creditOf(bob), proceeds * 2 / 8);
    }

    function test_proceeds_of_an_idle_period_move_on() public {
        buy(alice, 2);
        (uint256 proceeds,) = queue.poolOf(0);
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.PeriodNotIdle.selector, 0));
        queue.moveProceeds(0);
        rollTo(10, 0);
        vm.expectEmit();
        emit ISlotQueue.ProceedsMoved(0, 1, proceeds);
        queue.moveProceeds(0);
        (uint256 moved,) = queue.poolOf(1);
        vm.assertEq(moved, proceeds);
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.PeriodNotIdle.selector, 0));
        queue.moveProceeds(0);
    }

    function test_a_slashed_staker_without_anything_left_loses_its_seat() public {
        // Collateral grows until it is all there is.
        vm.roll(first(0));
        vm.prank(carol);
        queue.unbond(10 ether);
        buy(bob, 2);
        buy(bob, 3);
        buy(bob, 4);
        (, uint256 locked,) = queue.stakeOf(bob);
        vm.assertEq(locked, 1 ether + 1.5 ether + 2 ether);
        for (uint256 slotId = 2; slotId < 5; ++slotId) {
            rollTo(slotId, 5);
            record(queue.eligible(block.number), 2);
            queue.slashInactiveProver(slotId);
        }
        (uint256 stake,,) = queue.stakeOf(bob);
        vm.assertEq(stake, 5.5 ether);
        vm.prank(bob);
        queue.unbond(5.5 ether);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.SeatInUse.selector, bob));
        queue.vacate(bob);
        vm.roll(block.number + 100);
        vm.prank(bob);
        queue.withdrawStake();
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.NotStaking.selector, bob));
        queue.vacate(bob);
    }
}

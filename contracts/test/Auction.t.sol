// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {SlotQueue} from "../src/SlotQueue.sol";
import {IRollup} from "../src/interfaces/IRollup.sol";
import {ISlotQueue} from "../src/interfaces/ISlotQueue.sol";
import {IStakeRegistry} from "../src/interfaces/IStakeRegistry.sol";
import {Parameters} from "../src/libraries/Parameters.sol";
import {SlotParameters} from "../src/types/SlotParameters.sol";
import {Deployed} from "./utils/Deployed.sol";

/// @notice Open bids.
contract AuctionTest is Deployed {
    address private alice = address(0xa11ce);
    address private bob = address(0xb0b);

    function setUp() public override {
        super.setUp();
        join(alice);
        join(bob);
    }

    function bid(address account, uint256 slotId, uint256 value) private {
        vm.deal(account, value);
        vm.prank(account);
        queue.requestSlot{value: value}(first(slotId), last(slotId));
    }

    function test_the_first_bid_holds_the_slot() public {
        (uint256 price, uint256 collateral) = queue.quote(2, alice);
        vm.assertEq(price, 0.01 ether);
        vm.expectEmit();
        emit ISlotQueue.SlotAssigned(2, alice, price, collateral);
        bid(alice, 2, price);
        ISlotQueue.Slot memory slot = queue.slotOf(2);
        vm.assertEq(slot.holder, alice);
        vm.assertEq(slot.bid, price);
        vm.assertEq(slot.collateral, collateral);
        vm.assertEq(slot.rescuer, address(0));
    }

    function test_blocks_have_slots_and_slots_have_blocks() public view {
        (uint256 slotId, uint256 fromBlock, uint256 toBlock) = queue.slotAt(first(7) + 19);
        vm.assertEq(slotId, 7);
        vm.assertEq(fromBlock, first(7));
        vm.assertEq(toBlock, first(8) - 1);
    }

    function test_outbidding_refunds_by_credit() public {
        bid(alice, 2, 0.01 ether);
        (uint256 needed,) = queue.quote(2, bob);
        vm.assertEq(needed, 0.011 ether);
        vm.deal(bob, needed);
        vm.startPrank(bob);
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.BidTooLow.selector, needed, needed - 1));
        queue.requestSlot{value: needed - 1}(first(2), last(2));
        vm.stopPrank();
        bid(bob, 2, needed);
        vm.assertEq(queue.slotOf(2).holder, bob);
        vm.assertEq(queue.creditOf(alice), 0.01 ether);
        (, uint256 locked, uint256 slots) = queue.stakeOf(alice);
        vm.assertEq(locked + slots, 0);
        (uint256 proceeds,) = queue.poolOf(0);
        vm.assertEq(proceeds, needed);
        vm.prank(alice);
        queue.collect(alice);
        vm.assertEq(alice.balance, 0.01 ether);
    }

    /// A bidder that cannot receive ether cannot make the next bid fail: it is credited, not paid.
    function test_a_refund_cannot_be_refused() public {
        bid(alice, 2, 0.01 ether);
        vm.etch(alice, hex"fe");
        bid(bob, 2, 0.02 ether);
        vm.assertEq(queue.slotOf(2).holder, bob);
    }

    function test_bids_are_taken_from_the_opening_to_the_close() public {
        uint256 opens = first(0);
        uint256 closes = first(8) - 10;
        vm.deal(alice, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.AuctionClosed.selector, first(1), first(9) - 10));
        vm.prank(alice);
        queue.requestSlot{value: 0.01 ether}(first(9), last(9));
        vm.roll(closes);
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.AuctionClosed.selector, opens, closes));
        vm.prank(alice);
        queue.requestSlot{value: 0.01 ether}(first(8), last(8));
        vm.roll(closes - 1);
        bid(alice, 8, 0.01 ether);
    }

    function test_refuses_what_is_no_slot_and_who_is_no_staker() public {
        vm.deal(alice, 1 ether);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.NotASlot.selector, first(2), last(2)));
        queue.requestSlot{value: 0.01 ether}(first(2) + 1, last(2));
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.NotASlot.selector, first(2), last(2)));
        queue.requestSlot{value: 0.01 ether}(first(2), last(3));
        queue.requestSlot{value: 0.01 ether}(first(2), last(2));
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.AlreadyHolder.selector, 2));
        queue.requestSlot{value: 0.5 ether}(first(2), last(2));
        vm.stopPrank();
        vm.deal(address(0xee), 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.NotStaking.selector, address(0xee)));
        vm.prank(address(0xee));
        queue.requestSlot{value: 0.5 ether}(first(2), last(2));
    }

    /// Hoarding: each request within the rate's window locks more stake, the price rises, and there is a cap.
    function test_hoarding_gets_dearer_and_ends() public {
        uint256 price = 0;
        uint256 collateral = 0;
        for (uint256 slotId = 2; slotId < 5; ++slotId) {
            (uint256 nextPrice, uint256 nextCollateral) = queue.quote(slotId, alice);
            vm.assertGt(nextPrice, price);
            vm.assertGt(nextCollateral, collateral);
            (price, collateral) = (nextPrice, nextCollateral);
            bid(alice, slotId, price);
        }
        vm.assertEq(collateral, 2 ether);
        vm.deal(alice, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.TooManySlots.selector, 3));
        vm.prank(alice);
        queue.requestSlot{value: 1 ether}(first(5), last(5));
    }

    function test_requests_and_demand_are_forgotten() public {
        bid(alice, 2, 0.01 ether);
        (uint256 price, uint256 collateral) = queue.quote(3, alice);
        vm.assertGt(price, 0.0113 ether);
        vm.assertLe(price, 0.0114 ether);
        vm.assertEq(collateral, 1.5 ether);
        rollTo(2, 0);
        (price, collateral) = queue.quote(5, alice);
        vm.assertEq(price, 0.01 ether);
        vm.assertEq(collateral, 1.25 ether);
        rollTo(4, 0);
        (, collateral) = queue.quote(6, alice);
        vm.assertEq(collateral, 1 ether);
    }

    function test_collateral_needs_free_stake() public {
        address poor = address(0x9009);
        vm.deal(poor, queue.entryStake());
        vm.prank(poor);
        queue.join{value: 20 ether}("x");
        vm.prank(poor);
        queue.unbond(10 ether);
        for (uint256 slotId = 2; slotId < 5; ++slotId) {
            (uint256 price,) = queue.quote(slotId, poor);
            bid(poor, slotId, price);
        }
        (, uint256 locked,) = queue.stakeOf(poor);
        vm.assertEq(locked, 4.5 ether);
    }

    function testFuzz_the_price_rests_at_half_the_slots(uint256 seed) public {
        for (uint256 epoch = 0; epoch < 40; ++epoch) {
            rollTo(epoch, 0);
            if (epoch % 2 == 0) {
                address bidder = uint256(keccak256(abi.encode(seed, epoch))) % 2 == 0 ? alice : bob;
                (uint256 price,) = queue.quote(epoch + 2, bidder);
                vm.assertLe(price, 0.0115 ether);
                bid(bidder, epoch + 2, price);
            }
            if (epoch >= 3 && epoch % 2 == 1) queue.releaseSlot(epoch - 1);
        }
    }

    function test_every_parameter_is_bounded() public {
        bytes32[19] memory names = [
            bytes32("epochBlocks"),
            "graceBlocks",
            "graceBlocks",
            "closeBlocks",
            "leadEpochs",
            "closeBlocks",
            "revealBlocks",
            "minStake",
            "seatsPerStep",
            "unbondingBlocks",
            "maxSlotsHeld",
            "baseCollateral",
            "collateralStep",
            "rateEpochs",
            "minBid",
            "minRaiseBps",
            "priceDamping",
            "unrevealedBps",
            "genesisBlock"
        ];
        for (uint256 i = 0; i < names.length; ++i) {
            SlotParameters memory p = parameters();
            if (i == 0) p.epochBlocks = 7;
            if (i == 1) p.graceBlocks = 1;
            if (i == 2) p.graceBlocks = 11;
            if (i == 3) p.closeBlocks = 3;
            if (i == 4) p.leadEpochs = 1;
            if (i == 5) p.closeBlocks = 141;
            if (i == 6) p.revealBlocks = 132;
            if (i == 7) p.minStake = 0;
            if (i == 8) p.seatsPerStep = 0;
            if (i == 9) p.unbondingBlocks = 59;
            if (i == 10) p.maxSlotsHeld = 9;
            if (i == 11) p.baseCollateral = 10 ether + 1;
            if (i == 12) p.collateralStep = 0;
            if (i == 13) p.rateEpochs = 0;
            if (i == 14) p.minBid = 0;
            if (i == 15) p.minRaiseBps = 99;
            if (i == 16) p.priceDamping = 1;
            if (i == 17) p.unrevealedBps = 0;
            if (i == 18) p.genesisBlock = 9;
            try new SlotQueue(IRollup(address(rollup)), p) {
                vm.assertTrue(false, "expected a refusal");
            } catch (bytes memory reason) {
                bytes32 name;
                assembly ("memory-safe") {
                    name := mload(add(reason, 0x24))
                }
                vm.assertEq(bytes32(bytes4(reason)), bytes32(Parameters.ParameterOutOfRange.selector));
                vm.assertEq(name, names[i]);
            }
        }
    }
}

/// @notice Sealed bids.
contract SealedAuctionTest is Deployed {
    address private alice = address(0xa11ce);
    address private bob = address(0xb0b);
    bytes32 private constant SALT = keccak256("salt");

    function parameters() internal pure override returns (SlotParameters memory p) {
        p = super.parameters();
        p.revealBlocks = 6;
    }

    function setUp() public override {
        super.setUp();
        join(alice);
        join(bob);
    }

    function commit(address account, uint256 slotId, uint256 amount, uint256 deposit) private {
        vm.deal(account, deposit);
        vm.prank(account);
        queue.commitBid{value: deposit}(slotId, keccak256(abi.encode(slotId, account, amount, SALT)));
    }

    function test_the_highest_revealed_bid_holds_the_slot() public {
        commit(alice, 3, 0.02 ether, 0.05 ether);
        commit(bob, 3, 0.021 ether, 0.021 ether);
        vm.roll(first(3) - 16);
        vm.prank(alice);
        queue.revealBid(3, 0.02 ether, SALT);
        vm.assertEq(queue.creditOf(alice), 0.03 ether);
        vm.assertEq(queue.slotOf(3).holder, alice);
        vm.prank(bob);
        queue.revealBid(3, 0.021 ether, SALT);
        vm.assertEq(queue.slotOf(3).holder, bob);
        vm.assertEq(queue.creditOf(alice), 0.05 ether);
    }

    function test_a_lower_bid_is_refunded() public {
        commit(alice, 3, 0.02 ether, 0.02 ether);
        commit(bob, 3, 0.02 ether, 0.03 ether);
        vm.roll(first(3) - 11);
        vm.prank(alice);
        queue.revealBid(3, 0.02 ether, SALT);
        vm.expectEmit();
        emit ISlotQueue.BidLost(3, bob, 0.02 ether);
        vm.prank(bob);
        queue.revealBid(3, 0.02 ether, SALT);
        vm.assertEq(queue.creditOf(bob), 0.03 ether);
    }

    /// Sealed bids would be free options if they did not have to be revealed.
    function test_a_bid_that_is_not_revealed_loses_part_of_its_deposit() public {
        commit(alice, 3, 0.02 ether, 0.1 ether);
        vm.roll(first(3) - 11);
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.OutsideWindow.selector, first(3) - 10, type(uint256).max));
        queue.forfeitBid(3, alice);
        vm.roll(first(3) - 10);
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.OutsideWindow.selector, first(3) - 16, first(3) - 10));
        vm.prank(alice);
        queue.revealBid(3, 0.02 ether, SALT);
        vm.expectEmit();
        emit ISlotQueue.BidForfeited(3, alice, 0.02 ether);
        queue.forfeitBid(3, alice);
        vm.assertEq(queue.creditOf(alice), 0.08 ether);
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.CommitmentMismatch.selector, 3));
        queue.forfeitBid(3, alice);
    }

    function test_refuses_bids_that_are_not_the_committed_ones() public {
        commit(alice, 3, 0.02 ether, 0.02 ether);
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.AlreadyCommitted.selector, 3));
        commit(alice, 3, 0.03 ether, 0.03 ether);
        vm.deal(bob, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.BidTooLow.selector, 0.01 ether, 1));
        vm.prank(bob);
        queue.commitBid{value: 1}(3, SALT);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.NotStaking.selector, address(this)));
        queue.commitBid(3, SALT);
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.OutsideWindow.selector, first(3) - 16, first(3) - 10));
        vm.prank(alice);
        queue.revealBid(3, 0.02 ether, SALT);
        vm.roll(first(3) - 16);
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.OutsideWindow.selector, 0, first(3) - 16));
        vm.prank(bob);
        queue.commitBid{value: 1 ether}(3, SALT);
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.CommitmentMismatch.selector, 3));
        vm.prank(alice);
        queue.revealBid(3, 0.019 ether, SALT);
        // Another's commitment is no commitment of one's own.
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.CommitmentMismatch.selector, 3));
        vm.prank(bob);
        queue.revealBid(3, 0.02 ether, SALT);
    }

    function test_open_bids_are_refused_and_the_reverse() public {
        vm.expectRevert(ISlotQueue.BidsAreSealed.selector);
        vm.prank(alice);
        queue.requestSlot(first(3), last(3));
        SlotQueue open = new SlotQueue(IRollup(address(rollup)), super.parameters());
        vm.expectRevert(ISlotQueue.BidsAreOpen.selector);
        vm.prank(alice);
        open.commitBid(3, SALT);
    }
}

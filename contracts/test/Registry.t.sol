// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IStakeRegistry} from "../src/interfaces/IStakeRegistry.sol";
import {SlotParameters} from "../src/types/SlotParameters.sol";
import {Deployed} from "./utils/Deployed.sol";

/// @notice Stake, seats and endpoints.
contract RegistryTest is Deployed {
    address private alice = address(0xa11ce);
    address private bob = address(0xb0b);

    function fund(address account, uint256 value) private {
        vm.deal(account, value);
    }

    function test_joins_with_stake_and_endpoint_and_counts_two_epochs_later() public {
        vm.expectEmit();
        emit IStakeRegistry.Joined(alice, 0, 2);
        join(alice);
        (uint256 stake, uint256 locked, uint256 slots) = queue.stakeOf(alice);
        vm.assertEq(stake, 10 ether);
        vm.assertEq(locked + slots, 0);
        vm.assertEq(queue.endpointOf(alice), "https://aggregator.example:7600");
        vm.assertEq(queue.rosterOf(1).length, 0);
        vm.assertEq(queue.rosterOf(2)[0], alice);
    }

    function test_refuses_to_join_badly() public {
        fund(alice, 100 ether);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.InsufficientStake.selector, 10 ether, 9 ether));
        queue.join{value: 9 ether}("x");
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.EndpointLength.selector, 128, 0));
        queue.join{value: 10 ether}("");
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.EndpointLength.selector, 128, 129));
        queue.join{value: 10 ether}(string(new bytes(129)));
        queue.join{value: 10 ether}("x");
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.AlreadyStaking.selector, alice));
        queue.join{value: 20 ether}("x");
        vm.stopPrank();
    }

    /// Seats become dearer as they fill: taking them all costs in the square of their number.
    function test_entry_stake_grows_with_the_seats_taken() public {
        uint256[6] memory needed = [uint256(10), 10, 20, 20, 30, 30];
        for (uint160 i = 0; i < 6; ++i) {
            vm.assertEq(queue.entryStake(), needed[i] * 1 ether);
            join(address(0x1000 + i));
        }
    }

    function test_all_seats_can_be_taken_and_no_more() public {
        for (uint160 i = 0; i < 192; ++i) {
            join(address(0x1000 + i));
        }
        uint256 stake = queue.entryStake();
        fund(alice, stake);
        vm.expectRevert(IStakeRegistry.NoSeat.selector);
        vm.prank(alice);
        queue.join{value: stake}("x");
        vm.assertEq(queue.rosterOf(2).length, 192);
        vm.assertEq(queue.rosterOf(2)[191], address(0x1000 + 191));
    }

    function test_moves_its_endpoint() public {
        join(alice);
        vm.prank(alice);
        queue.setEndpoint("elsewhere");
        vm.assertEq(queue.endpointOf(alice), "elsewhere");
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.NotStaking.selector, bob));
        vm.prank(bob);
        queue.setEndpoint("elsewhere");
    }

    function test_adds_stake_and_takes_back_what_is_above_the_minimum() public {
        join(alice);
        fund(alice, 3 ether);
        vm.startPrank(alice);
        queue.addStake{value: 3 ether}();
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.InsufficientStake.selector, 10 ether, 9 ether));
        queue.unbond(4 ether);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeLocked.selector, 13 ether, 14 ether));
        queue.unbond(14 ether);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeLocked.selector, 13 ether, 0));
        queue.unbond(0);
        queue.unbond(3 ether);
        uint256 fromBlock = block.number + 100;
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StillUnbonding.selector, fromBlock));
        queue.unbond(10 ether);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StillUnbonding.selector, fromBlock));
        queue.addStake();
        vm.roll(fromBlock - 1);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StillUnbonding.selector, fromBlock));
        queue.withdrawStake();
        vm.roll(fromBlock);
        queue.withdrawStake();
        vm.assertEq(alice.balance, 3 ether);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.NotUnbonding.selector, alice));
        queue.withdrawStake();
        vm.stopPrank();
        vm.assertEq(queue.rosterOf(100)[0], alice);
    }

    function test_leaves_and_its_seat_is_given_again() public {
        join(alice);
        join(bob);
        rollTo(4, 0);
        vm.expectEmit();
        emit IStakeRegistry.Leaving(alice, 0, 6);
        vm.prank(alice);
        queue.unbond(10 ether);
        vm.assertEq(queue.rosterOf(5).length, 2);
        vm.assertEq(queue.rosterOf(6).length, 1);
        (uint256 amount, uint256 fromBlock) = queue.unbondingOf(alice);
        vm.assertEq(amount, 10 ether);
        vm.roll(fromBlock);
        vm.prank(alice);
        queue.withdrawStake();
        vm.assertEq(alice.balance, 10 ether);
        vm.expectEmit();
        emit IStakeRegistry.Joined(address(0xca7), 0, 11);
        join(address(0xca7));
    }

    function test_a_seat_with_stake_cannot_be_vacated() public {
        join(alice);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.SeatInUse.selector, alice));
        queue.vacate(alice);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.NotStaking.selector, bob));
        queue.vacate(bob);
    }
}

/// @notice Where a slot locks all of a stake, and a slash leaves nothing.
contract VacatedSeatTest is Deployed {
    address private alice = address(0xa11ce);
    address private bob = address(0xb0b);

    function parameters() internal pure override returns (SlotParameters memory p) {
        p = super.parameters();
        p.baseCollateral = p.minStake;
    }

    function test_the_seat_of_who_has_nothing_left_is_freed_once_no_epoch_counts_it() public {
        vm.roll(parameters().genesisBlock - 1);
        join(alice);
        join(bob);
        vm.roll(parameters().genesisBlock);
        vm.deal(bob, 1 ether);
        vm.prank(bob);
        queue.requestSlot{value: 0.01 ether}(first(2), last(2));
        rollTo(2, 5);
        vm.prank(address(rollup));
        queue.recordSettlement(alice, 2);
        queue.slashInactiveProver(2);
        (uint256 stake,,) = queue.stakeOf(bob);
        vm.assertEq(stake, 0);
        for (uint256 epoch = 2; epoch < 4; ++epoch) {
            rollTo(epoch, 19);
            vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.SeatInUse.selector, bob));
            queue.vacate(bob);
        }
        rollTo(4, 0);
        vm.expectEmit();
        emit IStakeRegistry.Vacated(bob, 1);
        queue.vacate(bob);
        vm.assertEq(bytes(queue.endpointOf(bob)).length, 0);
        join(bob);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {SlotQueue} from "../../src/SlotQueue.sol";
import {ISlotQueue} from "../../src/interfaces/ISlotQueue.sol";
import {Test} from "../utils/Vm.sol";

/// @notice What five accounts may do with the slot queue. A call that could not succeed is not made, so a revert is a finding.
contract QueueHandler is Test {
    SlotQueue private immutable QUEUE;
    address[5] public actors;

    uint256 public paidIn;
    uint256 public paidOut;
    uint256 public burnt;
    uint256 public taken;
    uint256 public lastSlot;
    mapping(uint256 slotId => uint256) public slashes;
    mapping(uint256 slotId => uint256) public releases;
    uint256 public settlements;
    uint256 private _settledAt;
    address private _settler;
    uint256 private _block;
    address private _eligible;

    constructor(SlotQueue queue) {
        QUEUE = queue;
        for (uint160 i = 0; i < 5; ++i) {
            actors[i] = address(0xa0 + i);
        }
    }

    /// Nothing that happens within a block changes who is eligible in it.
    modifier steady() {
        if (vm.getBlockNumber() != _block) {
            (_block, _eligible) = (vm.getBlockNumber(), QUEUE.eligible(vm.getBlockNumber()));
        }
        _;
        if (vm.getBlockNumber() == _block) {
            vm.assertEq(QUEUE.eligible(_block), _eligible, "eligibility changed within a block");
        }
    }

    function advance(uint256 blocks) external {
        vm.roll(vm.getBlockNumber() + clamp(blocks, 1, 12));
    }

    function join(uint256 who) external steady {
        address actor = actors[who % 5];
        uint256 stake = QUEUE.entryStake();
        if (bytes(QUEUE.endpointOf(actor)).length != 0) return;
        paidIn += stake;
        vm.deal(actor, stake);
        vm.prank(actor);
        QUEUE.join{value: stake}("endpoint");
    }

    function addStake(uint256 who, uint96 value) external steady {
        address actor = actors[who % 5];
        (uint256 unbonding,) = QUEUE.unbondingOf(actor);
        if (bytes(QUEUE.endpointOf(actor)).length == 0 || unbonding != 0) return;
        value = uint96(clamp(value, 1, 5 ether));
        paidIn += value;
        vm.deal(actor, value);
        vm.prank(actor);
        QUEUE.addStake{value: value}();
    }

    function unbond(uint256 who, uint256 amount, bool all) external steady {
        address actor = actors[who % 5];
        (uint256 stake, uint256 locked,) = QUEUE.stakeOf(actor);
        (uint256 unbonding,) = QUEUE.unbondingOf(actor);
        if (stake == locked || unbonding != 0) return;
        amount = all ? stake - locked : clamp(amount, 1, stake - locked);
        if (amount != stake && stake - amount < QUEUE.MIN_STAKE()) return;
        vm.prank(actor);
        QUEUE.unbond(amount);
    }

    function withdrawStake(uint256 who) external steady {
        address actor = actors[who % 5];
        (uint256 amount, uint256 fromBlock) = QUEUE.unbondingOf(actor);
        if (amount == 0 || vm.getBlockNumber() < fromBlock) return;
        paidOut += amount;
        vm.prank(actor);
        QUEUE.withdrawStake();
    }

    function request(uint256 who, uint256 ahead, uint256 extra) external steady {
        address actor = actors[who % 5];
        (uint256 current,,) = QUEUE.slotAt(vm.getBlockNumber());
        uint256 slotId = current + clamp(ahead, 1, 4);
        (uint256 slot, uint256 fromBlock, uint256 toBlock) =
            QUEUE.slotAt(QUEUE.GENESIS_BLOCK() + slotId * QUEUE.EPOCH_BLOCKS());
        vm.assertEq(slot, slotId);
        (uint256 stake, uint256 locked, uint256 held) = QUEUE.stakeOf(actor);
        (uint256 price, uint256 collateral) = QUEUE.quote(slotId, actor);
        if (
            stake - locked < collateral || held >= QUEUE.MAX_SLOTS_HELD() || QUEUE.slotOf(slotId).holder == actor
                || vm.getBlockNumber() + QUEUE.CLOSE_BLOCKS() >= fromBlock
        ) return;
        uint256 value = price + extra % 0.1 ether;
        paidIn += value;
        vm.deal(actor, value);
        vm.prank(actor);
        QUEUE.requestSlot{value: value}(fromBlock, toBlock);
        if (slotId > lastSlot) lastSlot = slotId;
    }

    /// Anyone tries to settle; only the eligible account can, and within a block it is always the same.
    function settle(uint256 who, uint256 notes) external steady {
        (ISlotQueue.Mode mode, address expected) = QUEUE.eligibility(vm.getBlockNumber());
        address actor = who % 2 == 0 && expected != address(0) ? expected : actors[who % 5];
        vm.prank(QUEUE.rollup());
        try QUEUE.recordSettlement(actor, clamp(notes, 2, 128)) {
            vm.assertTrue(actor == expected || mode == ISlotQueue.Mode.Open, "another account settled");
            if (mode != ISlotQueue.Mode.Open) {
                vm.assertTrue(_settledAt != vm.getBlockNumber() || _settler == actor, "two accounts in a block");
                (_settledAt, _settler) = (vm.getBlockNumber(), actor);
            }
            settlements += 1;
        } catch {
            vm.assertTrue(
                mode == ISlotQueue.Mode.Nobody || (mode != ISlotQueue.Mode.Open && actor != expected),
                "the eligible account was refused"
            );
        }
    }

    function slash(uint256 slotId) external steady {
        slotId %= lastSlot + 1;
        ISlotQueue.Slot memory slot = QUEUE.slotOf(slotId);
        if (slot.rescuer == address(0) || slot.collateral == 0) return;
        uint256 before = address(0).balance;
        QUEUE.slashInactiveProver(slotId);
        burnt += address(0).balance - before;
        taken += slot.collateral;
        slashes[slotId] += 1;
    }

    function release(uint256 slotId) external steady {
        slotId %= lastSlot + 1;
        ISlotQueue.Slot memory slot = QUEUE.slotOf(slotId);
        (uint256 current,,) = QUEUE.slotAt(vm.getBlockNumber());
        if (slot.rescuer != address(0) || slot.collateral == 0 || slotId >= current) return;
        QUEUE.releaseSlot(slotId);
        releases[slotId] += 1;
    }

    function collect(uint256 who) external steady {
        address actor = actors[who % 5];
        uint256 credit = QUEUE.creditOf(actor);
        if (credit == 0) return;
        paidOut += credit;
        vm.prank(actor);
        QUEUE.collect(actor);
    }

    function moveProceeds(uint256 period) external steady {
        (uint256 current,,) = QUEUE.slotAt(vm.getBlockNumber());
        current /= QUEUE.PERIOD_EPOCHS();
        if (current == 0) return;
        period %= current;
        (uint256 proceeds, uint256 notes) = QUEUE.poolOf(period);
        if (notes != 0 || proceeds == 0) return;
        QUEUE.moveProceeds(period);
    }

    function vacate(uint256 who) external steady {
        address actor = actors[who % 5];
        if (bytes(QUEUE.endpointOf(actor)).length == 0) return;
        try QUEUE.vacate(actor) {} catch {}
    }
}

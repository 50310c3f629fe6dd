// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {SlotAuction} from "./SlotAuction.sol";
import {IProverQueue} from "./interfaces/IProverQueue.sol";
import {IRollup} from "./interfaces/IRollup.sol";
import {ISlotQueue} from "./interfaces/ISlotQueue.sol";
import {PlainAccount} from "./libraries/PlainAccount.sol";
import {Roster} from "./libraries/Roster.sol";
import {Settlement} from "./types/Settlement.sol";
import {SlotParameters} from "./types/SlotParameters.sol";

/// @title Slots: at most one account may settle at any block
/// @notice specs/slots.md. Everything that decides who is eligible at a block is fixed before that block: auctions close and
/// rosters freeze ahead of the epoch, and who settled in the slot counts from the next part of the epoch on.
contract SlotQueue is SlotAuction {
    using Roster for Roster.Versions;

    IRollup private immutable ROLLUP;

    constructor(IRollup rollup_, SlotParameters memory parameters) SlotAuction(parameters) {
        ROLLUP = rollup_;
    }

    /// @inheritdoc IProverQueue
    function submitProof(bytes calldata proof, uint256 slotId) external {
        PlainAccount.check(msg.sender);
        (uint256 current,,) = slotAt(block.number);
        if (slotId != current) revert WrongSlot(current, slotId);
        ROLLUP.settleBatchFor(msg.sender, abi.decode(proof, (Settlement)));
    }

    /// @inheritdoc ISlotQueue
    function recordSettlement(address aggregator, uint256 notes) external {
        if (msg.sender != address(ROLLUP)) revert NotRollup(msg.sender);
        (Mode mode, address expected) = eligibility(block.number);
        if (mode == Mode.Nobody || (mode != Mode.Open && aggregator != expected)) {
            revert NotEligible(expected, aggregator, block.number);
        }
        uint256 epoch = _epochOf(block.number);
        Slot storage slot = _slots[epoch];
        if (mode == Mode.Held) {
            if (!slot.kept) slot.kept = true;
        } else if (mode == Mode.Rescue && slot.rescuer == address(0)) {
            slot.rescuer = aggregator;
            emit SlotRescued(epoch, slot.holder, aggregator);
        }
        _share(aggregator, notes, _periodOf(epoch));
    }

    /// @inheritdoc IProverQueue
    function slashInactiveProver(uint256 slotId) external {
        Slot storage slot = _slots[slotId];
        (address holder, address rescuer, uint256 collateral) = (slot.holder, slot.rescuer, slot.collateral);
        if (rescuer == address(0) || collateral == 0) revert NotSlashable(slotId);
        slot.collateral = 0;
        _takeCollateral(holder, collateral);
        uint256 reward = collateral / 2;
        _credit(rescuer, reward);
        emit HolderSlashed(slotId, holder, rescuer, collateral);
        // Burnt, so that a holder who rescues itself under another name still loses half.
        Address.sendValue(payable(address(0)), collateral - reward);
    }

    /// @inheritdoc ISlotQueue
    function releaseSlot(uint256 slotId) external {
        Slot storage slot = _slots[slotId];
        (address holder, uint256 collateral) = (slot.holder, slot.collateral);
        if (collateral == 0 || slot.rescuer != address(0) || block.number <= _lastBlock(slotId)) {
            revert NotReleasable(slotId);
        }
        slot.collateral = 0;
        _unlock(_stakers[holder], collateral);
        emit SlotReleased(slotId, holder, collateral);
    }

    /// @inheritdoc ISlotQueue
    function rollup() external view returns (address) {
        return address(ROLLUP);
    }

    /// @inheritdoc ISlotQueue
    function eligible(uint256 blockNumber) external view returns (address account) {
        (, account) = eligibility(blockNumber);
    }

    /// @inheritdoc ISlotQueue
    function eligibility(uint256 blockNumber) public view returns (Mode mode, address account) {
        if (blockNumber < GENESIS_BLOCK) return (Mode.Nobody, address(0));
        uint256 epoch = _epochOf(blockNumber);
        uint256 part = (blockNumber - _firstBlock(epoch)) / GRACE_BLOCKS;
        Slot storage slot = _slots[epoch];
        address holder = slot.holder;
        if (holder != address(0)) {
            if (slot.kept || part == 0) return (Mode.Held, holder);
            if (slot.rescuer != address(0)) return (Mode.Rescue, slot.rescuer);
        }
        (uint256 seats, uint256 since) = _roster.seatsAt(epoch);
        if (holder != address(0)) {
            // A holder keeps its seat while collateral is locked, so the seat is its own.
            seats &= ~(1 << uint256(_stakers[holder].seat));
            if (seats == 0) return (Mode.Held, holder);
            return (Mode.Rescue, _seats[Roster.select(seats, epoch + part - 1)]);
        }
        if (seats != 0) return (Mode.Rotation, _seats[Roster.select(seats, epoch + part)]);
        return (epoch >= since + OPEN_AFTER_EPOCHS ? Mode.Open : Mode.Nobody, address(0));
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SlotLedger} from "./SlotLedger.sol";
import {StakeRegistry} from "./StakeRegistry.sol";
import {IProverQueue} from "./interfaces/IProverQueue.sol";
import {ISlotQueue} from "./interfaces/ISlotQueue.sol";
import {Parameters} from "./libraries/Parameters.sol";
import {Roster} from "./libraries/Roster.sol";
import {SlotPricing} from "./libraries/SlotPricing.sol";
import {SlotParameters} from "./types/SlotParameters.sol";

/// @title Auctions of slots, with open or with sealed bids
/// @notice A bid is paid with the call and locks stake as collateral. Whoever is outbid is credited, never paid: nobody can
/// make the next bid fail.
abstract contract SlotAuction is SlotLedger, StakeRegistry {
    using SafeCast for uint256;

    struct SealedBid {
        bytes32 commitment;
        uint96 deposit;
    }

    /// Points of the price at an epoch, in one word.
    struct Demand {
        uint128 points;
        uint128 epoch;
    }

    uint256 private constant BPS = 10_000;

    uint256 public immutable CLOSE_BLOCKS;
    uint256 public immutable LEAD_EPOCHS;
    uint256 public immutable REVEAL_BLOCKS;
    uint256 public immutable MAX_SLOTS_HELD;
    uint256 public immutable BASE_COLLATERAL;
    uint256 public immutable COLLATERAL_STEP;
    uint256 public immutable RATE_EPOCHS;
    uint256 public immutable MIN_BID;
    uint256 public immutable MIN_RAISE_BPS;
    uint256 public immutable PRICE_DAMPING;
    uint256 public immutable UNREVEALED_BPS;
    uint256 public immutable OPEN_AFTER_EPOCHS;

    mapping(uint256 slotId => Slot) internal _slots;
    mapping(uint256 slotId => mapping(address bidder => SealedBid)) private _sealed;
    Demand private _demand;

    constructor(SlotParameters memory p)
        SlotLedger(p.genesisBlock, p.epochBlocks, p.graceBlocks, p.periodEpochs)
        StakeRegistry(p.minStake, p.seatsPerStep, p.unbondingBlocks)
    {
        Parameters.check(p);
        CLOSE_BLOCKS = p.closeBlocks;
        LEAD_EPOCHS = p.leadEpochs;
        REVEAL_BLOCKS = p.revealBlocks;
        MAX_SLOTS_HELD = p.maxSlotsHeld;
        BASE_COLLATERAL = p.baseCollateral;
        COLLATERAL_STEP = p.collateralStep;
        RATE_EPOCHS = p.rateEpochs;
        MIN_BID = p.minBid;
        MIN_RAISE_BPS = p.minRaiseBps;
        PRICE_DAMPING = p.priceDamping;
        UNREVEALED_BPS = p.unrevealedBps;
        OPEN_AFTER_EPOCHS = p.openAfterEpochs;
    }

    /// @inheritdoc IProverQueue
    function requestSlot(uint256 fromBlock, uint256 toBlock) external payable {
        if (REVEAL_BLOCKS != 0) revert BidsAreSealed();
        (uint256 slotId, uint256 first, uint256 last) = slotAt(fromBlock);
        if (fromBlock != first || toBlock != last) revert NotASlot(first, last);
        (uint256 opens, uint256 closes) = _auction(slotId);
        if (block.number < opens || block.number >= closes) revert AuctionClosed(opens, closes);
        uint256 needed = _neededBid(_slots[slotId]);
        if (msg.value < needed) revert BidTooLow(needed, msg.value);
        _assign(slotId, msg.sender, msg.value);
    }

    /// @inheritdoc ISlotQueue
    function commitBid(uint256 slotId, bytes32 commitment) external payable {
        if (REVEAL_BLOCKS == 0) revert BidsAreOpen();
        _staker(msg.sender);
        (uint256 opens, uint256 closes) = _auction(slotId);
        _within(opens, closes - REVEAL_BLOCKS);
        if (msg.value < MIN_BID) revert BidTooLow(MIN_BID, msg.value);
        SealedBid storage bid = _sealed[slotId][msg.sender];
        if (bid.deposit != 0) revert AlreadyCommitted(slotId);
        (bid.commitment, bid.deposit) = (commitment, msg.value.toUint96());
        emit BidCommitted(slotId, msg.sender, msg.value);
    }

    /// @inheritdoc ISlotQueue
    function revealBid(uint256 slotId, uint256 bid, bytes32 salt) external {
        (, uint256 closes) = _auction(slotId);
        _within(closes - REVEAL_BLOCKS, closes);
        SealedBid memory committed = _sealed[slotId][msg.sender];
        bytes32 commitment = keccak256(abi.encode(slotId, msg.sender, bid, salt));
        if (committed.deposit < bid || commitment != committed.commitment) revert CommitmentMismatch(slotId);
        delete _sealed[slotId][msg.sender];
        // Among sealed bids the highest wins, by however little: nobody can have aimed at the bid before.
        Slot storage slot = _slots[slotId];
        uint256 needed = slot.holder == address(0) ? _price() : uint256(slot.bid) + 1;
        if (bid < needed) {
            _credit(msg.sender, committed.deposit);
            emit BidLost(slotId, msg.sender, bid);
            return;
        }
        if (committed.deposit > bid) _credit(msg.sender, committed.deposit - bid);
        _assign(slotId, msg.sender, bid);
    }

    /// @inheritdoc ISlotQueue
    function forfeitBid(uint256 slotId, address bidder) external {
        (, uint256 closes) = _auction(slotId);
        _within(closes, type(uint256).max);
        uint256 deposit = _sealed[slotId][bidder].deposit;
        if (deposit == 0) revert CommitmentMismatch(slotId);
        delete _sealed[slotId][bidder];
        uint256 penalty = deposit * UNREVEALED_BPS / BPS;
        _addProceeds(_currentPeriod(), penalty);
        _credit(bidder, deposit - penalty);
        emit BidForfeited(slotId, bidder, penalty);
    }

    /// @inheritdoc ISlotQueue
    function slotOf(uint256 slotId) external view returns (Slot memory) {
        return _slots[slotId];
    }

    /// @inheritdoc ISlotQueue
    function quote(uint256 slotId, address bidder) external view returns (uint256 bid, uint256 collateral) {
        return (_neededBid(_slots[slotId]), _collateral(_points(_stakers[bidder])));
    }

    function _changeEpoch() internal view override returns (uint256) {
        // Before the first epoch there is nothing yet that a change could disturb.
        return block.number < GENESIS_BLOCK ? 0 : _epochOf(block.number) + Roster.DELAY;
    }

    /// @notice Makes a staker the holder of a slot, in the place of one who is refunded.
    function _assign(uint256 slotId, address bidder, uint256 bid) private {
        Staker storage staker = _staker(bidder);
        Slot memory old = _slots[slotId];
        if (old.holder == bidder) revert AlreadyHolder(slotId);
        if (staker.slots >= MAX_SLOTS_HELD) revert TooManySlots(MAX_SLOTS_HELD);

        uint256 points = _points(staker);
        uint256 collateral = _collateral(points);
        staker.points = (points + RATE_EPOCHS).toUint16();
        staker.pointsAt = _currentEpoch().toUint24();
        _lock(staker, collateral);
        _slots[slotId] = Slot(bidder, bid.toUint88(), false, address(0), collateral.toUint96());

        if (old.holder == address(0)) {
            uint256 demand = SlotPricing.bump(_demandNow(), PRICE_DAMPING);
            _demand = Demand(demand.toUint128(), _currentEpoch().toUint128());
        } else {
            _unlock(_stakers[old.holder], old.collateral);
            _credit(old.holder, old.bid);
        }
        _addProceeds(_periodOf(slotId), bid - old.bid);
        emit SlotAssigned(slotId, bidder, bid, collateral);
    }

    /// @notice From which block on, and before which, bids for a slot are taken.
    function _auction(uint256 slotId) private view returns (uint256 opens, uint256 closes) {
        uint256 first = _firstBlock(slotId);
        opens = slotId < LEAD_EPOCHS ? 0 : _firstBlock(slotId - LEAD_EPOCHS);
        closes = first - CLOSE_BLOCKS;
    }

    function _within(uint256 opens, uint256 closes) private view {
        if (block.number < opens || block.number >= closes) revert OutsideWindow(opens, closes);
    }

    function _neededBid(Slot storage slot) private view returns (uint256) {
        if (slot.holder == address(0)) return _price();
        return slot.bid + (uint256(slot.bid) * MIN_RAISE_BPS + BPS - 1) / BPS;
    }

    function _price() private view returns (uint256) {
        return SlotPricing.price(MIN_BID, _demandNow(), PRICE_DAMPING);
    }

    function _demandNow() private view returns (uint256) {
        return SlotPricing.leak(_demand.points, _currentEpoch() - _demand.epoch);
    }

    /// @notice Requests of a staker that are not forgotten yet, times `RATE_EPOCHS`: each leaks one point an epoch.
    function _points(Staker storage staker) private view returns (uint256) {
        return SlotPricing.leak(staker.points, _currentEpoch() - staker.pointsAt);
    }

    /// @notice Grows linearly with the rate of requests, so that hoarding needs stake in the square of what is hoarded.
    function _collateral(uint256 points) private view returns (uint256) {
        return BASE_COLLATERAL + COLLATERAL_STEP * points / RATE_EPOCHS;
    }
}

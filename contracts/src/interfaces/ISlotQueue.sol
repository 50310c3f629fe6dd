// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IProverQueue} from "./IProverQueue.sol";

/// @title Who may settle at which block
interface ISlotQueue is IProverQueue {
    /// @notice How a block's eligible account came to be.
    enum Mode {
        /// Nobody may settle.
        Nobody,
        /// The holder of the slot.
        Held,
        /// The one in line in a slot whose holder was idle.
        Rescue,
        /// The one whose turn it is in a slot that nobody bought.
        Rotation,
        /// Anyone: there have been no stakers for long.
        Open
    }

    /// @notice A slot.
    /// @param holder Who bought it, or zero.
    /// @param bid Wei paid for it.
    /// @param kept Whether the holder settled before anyone had to rescue the slot.
    /// @param rescuer Who settled in the place of an idle holder, or zero.
    /// @param collateral Wei of the holder's stake that are locked for it.
    struct Slot {
        address holder;
        uint88 bid;
        bool kept;
        address rescuer;
        uint96 collateral;
    }

    /// @notice A slot has a new holder.
    event SlotAssigned(uint256 indexed slotId, address indexed holder, uint256 bid, uint256 collateral);
    /// @notice A sealed bid was committed; the deposit in wei covers it.
    event BidCommitted(uint256 indexed slotId, address indexed bidder, uint256 deposit);
    /// @notice A revealed bid was too low to hold the slot.
    event BidLost(uint256 indexed slotId, address indexed bidder, uint256 bid);
    /// @notice A sealed bid was not revealed: part of its deposit went to the proceeds.
    event BidForfeited(uint256 indexed slotId, address indexed bidder, uint256 penalty);
    /// @notice A settlement in the slot of an idle holder.
    event SlotRescued(uint256 indexed slotId, address indexed holder, address indexed rescuer);
    /// @notice Collateral was taken from a holder: half burnt, half to the rescuer.
    event HolderSlashed(uint256 indexed slotId, address indexed holder, address indexed rescuer, uint256 collateral);
    /// @notice Collateral is no longer locked.
    event SlotReleased(uint256 indexed slotId, address indexed holder, uint256 collateral);
    /// @notice Wei that an account can collect.
    event Credited(address indexed account, uint256 amount);
    /// @notice Wei were paid out.
    event Collected(address indexed account, address to, uint256 amount);
    /// @notice Proceeds of a period in which nobody settled went to another.
    event ProceedsMoved(uint256 indexed fromPeriod, uint256 indexed toPeriod, uint256 amount);

    /// @notice Blocks that are not those of a slot; the bounds of the slot that `fromBlock` is in.
    error NotASlot(uint256 expectedFrom, uint256 expectedTo);
    /// @notice The auction is not open: it is from one block to before another.
    error AuctionClosed(uint256 opens, uint256 closes);
    /// @notice Sealed bids cannot be made, revealed or forfeited now: that is from one block to before another.
    error OutsideWindow(uint256 opens, uint256 closes);
    /// @notice The deployment takes sealed bids: commit, then reveal.
    error BidsAreSealed();
    /// @notice The deployment takes open bids: `requestSlot`.
    error BidsAreOpen();
    /// @notice A bid below what holds the slot, in wei.
    error BidTooLow(uint256 expected, uint256 got);
    /// @notice The caller holds the slot already.
    error AlreadyHolder(uint256 slotId);
    /// @notice The caller holds as many slots as one may.
    error TooManySlots(uint256 maximum);
    /// @notice A bid was committed already.
    error AlreadyCommitted(uint256 slotId);
    /// @notice Amount and salt are not those of the committed bid, or more than its deposit.
    error CommitmentMismatch(uint256 slotId);
    /// @notice Another account is eligible at this block; zero if none is.
    error NotEligible(address expected, address got, uint256 blockNumber);
    /// @notice The current slot is another.
    error WrongSlot(uint256 expected, uint256 got);
    /// @notice The slot was not rescued, or its holder was slashed already.
    error NotSlashable(uint256 slotId);
    /// @notice The slot is not over, was rescued, or was released already.
    error NotReleasable(uint256 slotId);
    /// @notice Only the rollup may report a settlement.
    error NotRollup(address caller);
    /// @notice There is nothing to collect.
    error NothingToCollect(address account);
    /// @notice The period is not over, or somebody settled in it.
    error PeriodNotIdle(uint256 period);

    /// @notice Where batches are settled.
    function rollup() external view returns (address);

    /// @notice Who may settle at a block, as far as the chain knows now: a view of the current block is final, because
    /// nothing that happens within a block changes who is eligible in it.
    /// @param blockNumber The block.
    /// @return account The only account that may; zero if there is none, or in open mode.
    function eligible(uint256 blockNumber) external view returns (address account);

    /// @notice The same with its reason.
    function eligibility(uint256 blockNumber) external view returns (Mode mode, address account);

    /// @notice The slot of a block, and its bounds.
    function slotAt(uint256 blockNumber) external view returns (uint256 slotId, uint256 fromBlock, uint256 toBlock);

    /// @notice What is known of a slot.
    function slotOf(uint256 slotId) external view returns (Slot memory);

    /// @notice Wei that a bid for a slot must be now, and the collateral it would lock for a bidder.
    function quote(uint256 slotId, address bidder) external view returns (uint256 bid, uint256 collateral);

    /// @notice Commits to a sealed bid; the value of the call is its deposit.
    /// @param slotId The slot.
    /// @param commitment `keccak256(abi.encode(slotId, bidder, bid, salt))`.
    function commitBid(uint256 slotId, bytes32 commitment) external payable;

    /// @notice Reveals a sealed bid. What the bid does not need of the deposit is credited back.
    function revealBid(uint256 slotId, uint256 bid, bytes32 salt) external;

    /// @notice Credits the deposit of a bid that was never revealed, less the penalty.
    function forfeitBid(uint256 slotId, address bidder) external;

    /// @notice Unlocks the collateral of a slot that is over and was not rescued.
    function releaseSlot(uint256 slotId) external;

    /// @notice Called by the rollup for every batch: reverts unless the aggregator is eligible at this block.
    /// @param aggregator Who settles.
    /// @param notes Notes in the batch: the aggregator's shares of the period's proceeds.
    function recordSettlement(address aggregator, uint256 notes) external;

    /// @notice Wei that an account could collect now.
    function creditOf(address account) external view returns (uint256);

    /// @notice Proceeds in wei of a period, and notes settled in it.
    function poolOf(uint256 period) external view returns (uint256 proceeds, uint256 notes);

    /// @notice Pays the caller refunds, rewards and shares of periods that are over.
    /// @param to Who receives.
    function collect(address to) external;

    /// @notice Moves the proceeds of a period in which nobody settled into the current one.
    function moveProceeds(uint256 period) external;
}

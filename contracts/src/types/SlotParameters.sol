// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @notice What a deployment of the slot queue fixes for good. specs/slots.md says which attack each of them stops.
/// @param genesisBlock Block at which epoch 0 begins.
/// @param epochBlocks Blocks of an epoch, and of its slot.
/// @param graceBlocks Blocks of each part of an epoch; the first part is the holder's own.
/// @param closeBlocks Blocks before a slot at which its auction closes.
/// @param leadEpochs Epochs before a slot at which its auction opens.
/// @param revealBlocks Blocks before the close in which sealed bids are revealed; 0 for open bids.
/// @param minStake Wei of stake for the first seats.
/// @param seatsPerStep Seats after which the stake for the next ones grows by `minStake`.
/// @param unbondingBlocks Blocks from asking for stake back to getting it.
/// @param maxSlotsHeld Slots that one staker may hold at once.
/// @param baseCollateral Wei of stake that a slot locks.
/// @param collateralStep Wei more for each request within `rateEpochs`.
/// @param rateEpochs Epochs in which one request is forgotten.
/// @param minBid Wei below which no first bid is taken.
/// @param minRaiseBps Hundredths of a percent by which a bid must exceed the one it replaces.
/// @param priceDamping Slots bought in a row that multiply the price by e^2.
/// @param unrevealedBps Hundredths of a percent of its deposit that a sealed bid loses if it is not revealed.
/// @param periodEpochs Epochs whose proceeds are shared together.
/// @param openAfterEpochs Epochs without any staker after which anyone may settle.
struct SlotParameters {
    uint64 genesisBlock;
    uint32 epochBlocks;
    uint32 graceBlocks;
    uint32 closeBlocks;
    uint32 leadEpochs;
    uint32 revealBlocks;
    uint96 minStake;
    uint16 seatsPerStep;
    uint32 unbondingBlocks;
    uint16 maxSlotsHeld;
    uint96 baseCollateral;
    uint96 collateralStep;
    uint16 rateEpochs;
    uint96 minBid;
    uint16 minRaiseBps;
    uint16 priceDamping;
    uint16 unrevealedBps;
    uint32 periodEpochs;
    uint32 openAfterEpochs;
}

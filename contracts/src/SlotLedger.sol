// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ISlotQueue} from "./interfaces/ISlotQueue.sol";

/// @title Epochs, and what the slot queue owes
/// @notice The proceeds of a period are shared by the notes that were settled in it. What an account is owed waits for it:
/// nothing here is ever paid to anyone who did not ask.
abstract contract SlotLedger is ISlotQueue {
    using SafeCast for uint256;

    /// Notes settled in one period, and wei that can be collected: one word, so that a settlement writes one.
    struct Account {
        uint32 period;
        uint64 notes;
        uint128 credit;
    }

    struct Pool {
        uint128 proceeds;
        uint128 notes;
    }

    uint256 public immutable GENESIS_BLOCK;
    uint256 public immutable EPOCH_BLOCKS;
    uint256 public immutable GRACE_BLOCKS;
    uint256 public immutable PERIOD_EPOCHS;

    mapping(address => Account) private _accounts;
    mapping(uint256 period => Pool) private _pools;

    constructor(uint256 genesisBlock, uint256 epochBlocks, uint256 graceBlocks, uint256 periodEpochs) {
        GENESIS_BLOCK = genesisBlock;
        EPOCH_BLOCKS = epochBlocks;
        GRACE_BLOCKS = graceBlocks;
        PERIOD_EPOCHS = periodEpochs;
    }

    /// @inheritdoc ISlotQueue
    function collect(address to) external {
        Account storage account = _accounts[msg.sender];
        uint256 amount = account.credit + _sharesOf(account);
        if (amount == 0) revert NothingToCollect(msg.sender);
        // Shares of a period that is not over stay.
        if (account.period < _currentPeriod()) account.notes = 0;
        account.credit = 0;
        emit Collected(msg.sender, to, amount);
        Address.sendValue(payable(to), amount);
    }

    /// @inheritdoc ISlotQueue
    function moveProceeds(uint256 period) external {
        uint256 current = _currentPeriod();
        Pool storage pool = _pools[period];
        uint256 proceeds = pool.proceeds;
        if (period >= current || pool.notes != 0 || proceeds == 0) revert PeriodNotIdle(period);
        pool.proceeds = 0;
        _addProceeds(current, proceeds);
        emit ProceedsMoved(period, current, proceeds);
    }

    /// @inheritdoc ISlotQueue
    function creditOf(address account) external view returns (uint256) {
        return _accounts[account].credit + _sharesOf(_accounts[account]);
    }

    /// @inheritdoc ISlotQueue
    function poolOf(uint256 period) external view returns (uint256 proceeds, uint256 notes) {
        return (_pools[period].proceeds, _pools[period].notes);
    }

    /// @inheritdoc ISlotQueue
    function slotAt(uint256 blockNumber) public view returns (uint256 slotId, uint256 fromBlock, uint256 toBlock) {
        slotId = _epochOf(blockNumber);
        return (slotId, _firstBlock(slotId), _lastBlock(slotId));
    }

    function _credit(address account, uint256 amount) internal {
        _accounts[account].credit += amount.toUint128();
        emit Credited(account, amount);
    }

    function _addProceeds(uint256 period, uint256 amount) internal {
        _pools[period].proceeds += amount.toUint128();
    }

    /// @notice Adds notes to an account's shares of the current period; those of an earlier one become credit.
    function _share(address settler, uint256 notes, uint256 period) internal {
        Account memory account = _accounts[settler];
        if (account.period != period) {
            account.credit += _sharesOf(_accounts[settler]).toUint128();
            account.notes = 0;
            account.period = period.toUint32();
        }
        account.notes += notes.toUint64();
        _accounts[settler] = account;
        _pools[period].notes += notes.toUint128();
    }

    /// @notice Wei of an account's shares, if their period is over. What is lost to rounding stays in the contract.
    function _sharesOf(Account storage account) private view returns (uint256) {
        uint256 notes = account.notes;
        if (notes == 0 || account.period >= _currentPeriod()) return 0;
        Pool memory pool = _pools[account.period];
        return pool.proceeds * notes / pool.notes;
    }

    /// @notice The epoch of a block; blocks before the first epoch count as its first.
    function _epochOf(uint256 blockNumber) internal view returns (uint256) {
        return blockNumber < GENESIS_BLOCK ? 0 : (blockNumber - GENESIS_BLOCK) / EPOCH_BLOCKS;
    }

    function _currentEpoch() internal view returns (uint256) {
        return _epochOf(block.number);
    }

    function _firstBlock(uint256 epoch) internal view returns (uint256) {
        return GENESIS_BLOCK + epoch * EPOCH_BLOCKS;
    }

    function _lastBlock(uint256 epoch) internal view returns (uint256) {
        return _firstBlock(epoch + 1) - 1;
    }

    function _periodOf(uint256 epoch) internal view returns (uint256) {
        return epoch / PERIOD_EPOCHS;
    }

    function _currentPeriod() internal view returns (uint256) {
        return _periodOf(_currentEpoch());
    }
}

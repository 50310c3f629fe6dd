// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {LibBit} from "solady/utils/LibBit.sol";
import {IStakeRegistry} from "./interfaces/IStakeRegistry.sol";
import {Roster} from "./libraries/Roster.sol";

/// @title Stake, seats and endpoints
/// @notice The part of the slot queue that knows who takes part. Stake that is locked for a slot cannot be asked back, so it is
/// there when the slot's holder is slashed, whatever the holder does in the meantime.
abstract contract StakeRegistry is IStakeRegistry {
    using Roster for Roster.Versions;
    using SafeCast for uint256;

    /// @param stake Wei, of which `locked` are collateral of `slots` slots.
    /// @param points Requests made, times the epochs in which one is forgotten, at epoch `pointsAt`.
    struct Staker {
        uint96 stake;
        uint96 locked;
        uint8 seat;
        uint16 slots;
        uint16 points;
        uint24 pointsAt;
    }

    struct Unbonding {
        uint96 amount;
        uint64 fromBlock;
    }

    uint256 private constant MAX_ENDPOINT = 128;

    uint256 public immutable MIN_STAKE;
    uint256 public immutable SEATS_PER_STEP;
    uint256 public immutable UNBONDING_BLOCKS;

    Roster.Versions internal _roster;
    /// Seats that are taken, also by those who are leaving: a seat is given again when no epoch that counts it is left.
    uint256 private _taken;
    mapping(uint256 seat => address) internal _seats;
    mapping(address => Staker) internal _stakers;
    mapping(address => Unbonding) private _unbonding;
    mapping(address => string) private _endpoints;

    constructor(uint256 minStake, uint256 seatsPerStep, uint256 unbondingBlocks) {
        MIN_STAKE = minStake;
        SEATS_PER_STEP = seatsPerStep;
        UNBONDING_BLOCKS = unbondingBlocks;
    }

    /// @notice The first epoch that a change of the roster counts in.
    function _changeEpoch() internal view virtual returns (uint256);

    /// @inheritdoc IStakeRegistry
    function join(string calldata endpoint) external payable {
        if (_seats[_stakers[msg.sender].seat] == msg.sender) revert AlreadyStaking(msg.sender);
        uint256 needed = entryStake();
        if (msg.value < needed) revert InsufficientStake(needed, msg.value);
        uint256 free = LibBit.ffs(~_taken);
        if (free >= Roster.SEATS) revert NoSeat();
        uint8 seat = free.toUint8();
        _taken |= 1 << free;
        _seats[seat] = msg.sender;
        Staker storage staker = _stakers[msg.sender];
        staker.stake = msg.value.toUint96();
        staker.seat = seat;
        _setEndpoint(endpoint);
        emit StakeChanged(msg.sender, msg.value);
        _enter(msg.sender, seat);
    }

    /// @inheritdoc IStakeRegistry
    function addStake() external payable {
        Staker storage staker = _staker(msg.sender);
        if (_unbonding[msg.sender].amount != 0) revert StillUnbonding(_unbonding[msg.sender].fromBlock);
        uint256 stake = staker.stake + msg.value;
        staker.stake = stake.toUint96();
        emit StakeChanged(msg.sender, stake);
        if (stake >= MIN_STAKE && !_roster.holds(staker.seat)) _enter(msg.sender, staker.seat);
    }

    /// @inheritdoc IStakeRegistry
    function setEndpoint(string calldata endpoint) external {
        _staker(msg.sender);
        _setEndpoint(endpoint);
    }

    /// @inheritdoc IStakeRegistry
    function unbond(uint256 amount) external {
        Staker storage staker = _staker(msg.sender);
        Unbonding storage unbonding = _unbonding[msg.sender];
        if (unbonding.amount != 0) revert StillUnbonding(unbonding.fromBlock);
        uint256 available = staker.stake - staker.locked;
        if (amount == 0 || amount > available) revert StakeLocked(available, amount);
        uint256 left = staker.stake - amount;
        if (left != 0 && left < MIN_STAKE) revert InsufficientStake(MIN_STAKE, left);
        staker.stake = left.toUint96();
        uint256 fromBlock = block.number + UNBONDING_BLOCKS;
        _unbonding[msg.sender] = Unbonding(amount.toUint96(), fromBlock.toUint64());
        emit StakeChanged(msg.sender, left);
        emit UnbondingStarted(msg.sender, amount, fromBlock);
        if (left == 0 && _roster.holds(staker.seat)) _leave(msg.sender, staker.seat);
    }

    /// @inheritdoc IStakeRegistry
    function withdrawStake() external {
        Unbonding memory unbonding = _unbonding[msg.sender];
        if (unbonding.amount == 0) revert NotUnbonding(msg.sender);
        if (block.number < unbonding.fromBlock) revert StillUnbonding(unbonding.fromBlock);
        delete _unbonding[msg.sender];
        if (_isVacant(msg.sender)) _vacate(msg.sender);
        Address.sendValue(payable(msg.sender), unbonding.amount);
    }

    /// @inheritdoc IStakeRegistry
    function vacate(address account) external {
        _staker(account);
        if (!_isVacant(account)) revert SeatInUse(account);
        _vacate(account);
    }

    /// @inheritdoc IStakeRegistry
    function stakeOf(address account) external view returns (uint256 stake, uint256 locked, uint256 slots) {
        Staker memory staker = _stakers[account];
        return (staker.stake, staker.locked, staker.slots);
    }

    /// @inheritdoc IStakeRegistry
    function unbondingOf(address account) external view returns (uint256 amount, uint256 fromBlock) {
        Unbonding memory unbonding = _unbonding[account];
        return (unbonding.amount, unbonding.fromBlock);
    }

    /// @inheritdoc IStakeRegistry
    function endpointOf(address account) external view returns (string memory) {
        return _endpoints[account];
    }

    /// @inheritdoc IStakeRegistry
    function rosterOf(uint256 epoch) external view returns (address[] memory stakers) {
        (uint256 seats,) = _roster.seatsAt(epoch);
        stakers = new address[](LibBit.popCount(seats));
        for (uint256 turn = 0; turn < stakers.length; ++turn) {
            stakers[turn] = _seats[Roster.select(seats, turn)];
        }
    }

    /// @inheritdoc IStakeRegistry
    function entryStake() public view returns (uint256) {
        return MIN_STAKE * (1 + LibBit.popCount(_taken) / SEATS_PER_STEP);
    }

    /// @notice Takes collateral for good. Whoever falls below the minimum has no more turns, but keeps the slots it paid for.
    function _takeCollateral(address account, uint256 amount) internal {
        Staker storage staker = _stakers[account];
        uint256 left = staker.stake - amount;
        staker.stake = left.toUint96();
        _unlock(staker, amount);
        emit StakeChanged(account, left);
        if (left < MIN_STAKE && _roster.holds(staker.seat)) _leave(account, staker.seat);
    }

    function _lock(Staker storage staker, uint256 amount) internal {
        uint256 available = staker.stake - staker.locked;
        if (amount > available) revert StakeLocked(available, amount);
        staker.locked += amount.toUint96();
        staker.slots += 1;
    }

    function _unlock(Staker storage staker, uint256 amount) internal {
        staker.locked -= amount.toUint96();
        staker.slots -= 1;
    }

    /// @notice The caller's record, if it has a seat.
    function _staker(address account) internal view returns (Staker storage staker) {
        staker = _stakers[account];
        if (_seats[staker.seat] != account) revert NotStaking(account);
    }

    /// @notice Whether nothing is left of an account but its name on a seat. A seat that an epoch counts keeps its name, or
    /// whoever sat down on it would be eligible before its time.
    function _isVacant(address account) private view returns (bool) {
        Staker memory staker = _stakers[account];
        return staker.stake == 0 && _unbonding[account].amount == 0 && !_roster.counts(staker.seat, _changeEpoch());
    }

    function _vacate(address account) private {
        uint8 seat = _stakers[account].seat;
        _taken &= ~(1 << uint256(seat));
        delete _seats[seat];
        delete _stakers[account];
        delete _endpoints[account];
        emit Vacated(account, seat);
    }

    function _enter(address account, uint8 seat) private {
        uint256 epoch = _changeEpoch();
        _roster.change(seat, true, epoch);
        emit Joined(account, seat, epoch);
    }

    function _leave(address account, uint8 seat) private {
        uint256 epoch = _changeEpoch();
        _roster.change(seat, false, epoch);
        emit Leaving(account, seat, epoch);
    }

    function _setEndpoint(string calldata endpoint) private {
        uint256 length = bytes(endpoint).length;
        if (length == 0 || length > MAX_ENDPOINT) revert EndpointLength(MAX_ENDPOINT, length);
        _endpoints[msg.sender] = endpoint;
        emit EndpointChanged(msg.sender, endpoint);
    }
}

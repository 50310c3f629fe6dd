// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Stake, seats and endpoints of aggregators
interface IStakeRegistry {
    /// @notice A seat was taken; it counts in rotation from an epoch on.
    event Joined(address indexed staker, uint8 seat, uint256 fromEpoch);
    /// @notice A seat no longer counts in rotation from an epoch on.
    event Leaving(address indexed staker, uint8 seat, uint256 fromEpoch);
    /// @notice A seat is free again.
    event Vacated(address indexed staker, uint8 seat);
    /// @notice Stake was added or taken away; the new amount in wei.
    event StakeChanged(address indexed staker, uint256 stake);
    /// @notice Stake was asked back; it can be withdrawn from a block on.
    event UnbondingStarted(address indexed staker, uint256 amount, uint256 fromBlock);
    /// @notice Where an aggregator takes in steps.
    event EndpointChanged(address indexed staker, string endpoint);

    /// @notice The caller has no stake.
    error NotStaking(address account);
    /// @notice The caller already has stake.
    error AlreadyStaking(address account);
    /// @notice All seats are taken.
    error NoSeat();
    /// @notice Less stake than needed, in wei.
    error InsufficientStake(uint256 expected, uint256 got);
    /// @notice Stake that is not locked, in wei, does not cover what is asked for.
    error StakeLocked(uint256 available, uint256 got);
    /// @notice One withdrawal of stake at a time.
    error StillUnbonding(uint256 fromBlock);
    /// @notice Nothing is being withdrawn.
    error NotUnbonding(address account);
    /// @notice The seat has stake on it, or an epoch that still counts it.
    error SeatInUse(address account);
    /// @notice An endpoint of no bytes, or of too many.
    error EndpointLength(uint256 maximum, uint256 got);

    /// @notice Stakes the value of the call and takes a seat.
    /// @param endpoint Where the aggregator takes in steps, at most 128 bytes.
    function join(string calldata endpoint) external payable;

    /// @notice Adds the value of the call to the caller's stake. A staker who had lost the seat's turn by a slash has it again.
    function addStake() external payable;

    /// @notice Moves the caller's endpoint.
    function setEndpoint(string calldata endpoint) external;

    /// @notice Asks stake back: all of it, which gives up the seat, or what is above the minimum.
    /// @param amount Wei.
    function unbond(uint256 amount) external;

    /// @notice Pays out stake whose unbonding is over.
    function withdrawStake() external;

    /// @notice Frees the seat of an account that has nothing left, after a slash. Anyone may.
    function vacate(address account) external;

    /// @notice An aggregator's stake in wei, how much of it is locked in slots, and the number of these slots.
    function stakeOf(address staker) external view returns (uint256 stake, uint256 locked, uint256 slots);

    /// @notice Wei that are being withdrawn, and the block from which they can be.
    function unbondingOf(address staker) external view returns (uint256 amount, uint256 fromBlock);

    /// @notice Where an aggregator takes in steps.
    function endpointOf(address staker) external view returns (string memory);

    /// @notice Who counts in rotation in an epoch, in the order of seats.
    function rosterOf(uint256 epoch) external view returns (address[] memory);

    /// @notice Stake in wei that the next to join needs.
    function entryStake() external view returns (uint256);
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Settlement} from "../types/Settlement.sol";
import {IDeciderVerifier} from "../verifier/IDeciderVerifier.sol";

/// @title A rollup of private notes
interface IRollup {
    /// @notice An amount is in escrow until a batch consumes it, or until its block.
    /// @param amount Units of the asset.
    /// @param commitments keccak256 of the two output commitments of the step that will consume it.
    /// @param expiry From this block on it can be reclaimed, and no longer be consumed.
    event Deposited(bytes32 indexed id, address indexed asset, uint64 amount, bytes32 commitments, uint256 expiry);
    /// @notice A depositor took an amount back.
    event DepositReclaimed(bytes32 indexed id, address indexed asset, uint64 amount);
    /// @notice A batch consumed a deposit.
    event DepositConsumed(bytes32 indexed id);
    /// @notice A batch credited a withdrawal.
    event Credited(address indexed account, address indexed asset, uint256 amount);
    /// @notice An account's credit was paid out.
    event Withdrawn(address indexed account, address indexed asset, address to, uint256 amount);
    /// @notice A batch was settled; its data is the input of this transaction.
    event BatchSettled(uint256 indexed batchNumber, address indexed aggregator, uint256 stateAfter, uint256 steps);
    /// @notice A token can be deposited; one unit of a note is this many of its smallest units.
    event AssetListed(address indexed asset, uint256 unit);
    /// @notice Batches will be verified by another contract from a block on.
    event VerifierScheduled(address indexed verifier, bytes32 keyDigest, uint256 fromBlock);
    /// @notice The change of the verifier will not happen.
    event VerifierCancelled(address indexed verifier);

    /// @notice The batch was proven against another state: the aggregator must fold again.
    error StaleState(uint256 expected, uint256 got);
    /// @notice The data is not that many steps: whole ones found in it, or more are to come, or its last is cut short.
    error DataMismatch(uint256 expected, uint256 got);
    /// @notice Flags say a deposit or a recipient where the amount is zero, or the reverse.
    error FlagsMismatch(uint256 step, uint256 flags);
    /// @notice No such amount is in escrow, or its time is over.
    error DepositNotConsumable(bytes32 id, uint256 expiry);
    /// @notice The deposit is in escrow already: take another nonce.
    error DepositExists(bytes32 id);
    /// @notice The deposit can be reclaimed from this block on; zero if there is none.
    error DepositNotReclaimable(uint256 expiry);
    /// @notice A deposit of nothing.
    error NothingDeposited();
    /// @notice The value of the call, or what the token transferred, is not the amount, both in smallest units.
    error AmountMismatch(uint256 expected, uint256 got);
    /// @notice The token was not listed.
    error AssetNotListed(address asset);
    /// @notice The token is listed already, or is ether.
    error AssetAlreadyListed(address asset);
    /// @notice No code, or not a token that tells its decimals.
    error NotAToken(address asset);
    /// @notice There is nothing to pay out.
    error NothingOwed(address account, address asset);
    /// @notice Only the slot queue may settle for another.
    error NotQueue(address caller);
    /// @notice The slot queue serves another rollup.
    error WrongQueue(address expected, address got);
    /// @notice No change of the verifier is scheduled, or it happened already.
    error NothingScheduled();
    /// @notice A change of the verifier is scheduled already.
    error AlreadyScheduled(uint256 fromBlock);
    /// @notice No code, or not a verifier.
    error NotAVerifier(address verifier);

    /// @notice S.
    function state() external view returns (uint256);

    /// @notice Number of the next batch, counted from 0.
    function batchNumber() external view returns (uint256);

    /// @notice `keccak256(abi.encode(chain id, this contract)) mod r`: what steps are proven for.
    function deployment() external view returns (uint256);

    /// @notice The verifier of this block.
    function verifier() external view returns (IDeciderVerifier);

    /// @notice The verifier that is scheduled and the block from which it verifies; zeros if none is.
    function scheduledVerifier() external view returns (IDeciderVerifier next, uint256 fromBlock);

    /// @notice Smallest units of an asset in one unit of a note; zero if it was not listed.
    function unitOf(address asset) external view returns (uint256);

    /// @notice What an account can withdraw, in units of notes.
    function owed(address account, address asset) external view returns (uint256);

    /// @notice The block from which a deposit can be reclaimed; zero if it is not in escrow.
    function expiryOf(bytes32 id, address asset, uint64 amount, bytes32 commitments) external view returns (uint256);

    /// @notice Makes a token depositable. Anyone may: a bad token hurts those who deposit it, and nobody else.
    function listAsset(address asset) external;

    /// @notice Puts an amount in escrow.
    /// @param asset A token, or zero for ether, which is the value of the call.
    /// @param amount Units of the asset.
    /// @param commitments keccak256 of the two output commitments of the step that will consume it.
    /// @param nonce Any number that the caller has no deposit in escrow under.
    /// @return id The caller's address and the nonce: what the step names.
    function deposit(address asset, uint64 amount, bytes32 commitments, uint96 nonce)
        external
        payable
        returns (bytes32 id);

    /// @notice Takes back a deposit of the caller that no batch consumed in its time.
    function reclaim(address asset, uint64 amount, bytes32 commitments, uint96 nonce) external;

    /// @notice Settles a batch for the caller. Checks, in this order: eligibility, prior state, data, proof.
    function settleBatch(Settlement calldata settlement) external;

    /// @notice The same for an account that the slot queue vouches for.
    function settleBatchFor(address aggregator, Settlement calldata settlement) external;

    /// @notice Pays out all that the caller is owed in an asset.
    function withdraw(address asset, address to) external;

    /// @notice Schedules another verifier for after the delay. Only the owner may.
    function scheduleVerifier(IDeciderVerifier next) external;

    /// @notice Undoes that before it takes effect. Only the owner may.
    function cancelVerifier() external;
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IRollup} from "./interfaces/IRollup.sol";

/// @title What the rollup holds for its users
/// @notice Tokens move in `deposit`, `reclaim` and `withdraw` alone, each for its caller; a settlement only writes numbers. So
/// no token and no recipient can make a batch fail. Amounts are in units of notes, which are 64 bits wide: one unit is
/// `unitOf(asset)` of the token's smallest units.
abstract contract Escrow is IRollup, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// Ether, as an asset.
    address internal constant ETHER = address(0);
    /// Smallest units of ether in a unit of a note.
    uint256 private constant ETHER_UNIT = 1 gwei;
    /// Decimals of a unit of a note, where the token has more: 2^64 units are eighteen billion tokens then.
    uint256 private constant NOTE_DECIMALS = 9;
    /// No token has more; what one account can be owed, 2^96 units at most, stays far below 2^256 smallest units.
    uint256 private constant MAX_DECIMALS = 36;

    uint256 public immutable DEPOSIT_BLOCKS;

    mapping(address token => uint256) private _units;
    /// From which block on a deposit can be reclaimed. The key is the hash of all that a deposit is, so one word is enough.
    mapping(bytes32 key => uint256) private _expiries;
    mapping(address account => mapping(address asset => uint256)) private _owed;

    constructor(uint256 depositBlocks) {
        DEPOSIT_BLOCKS = depositBlocks;
    }

    /// @inheritdoc IRollup
    function listAsset(address asset) external {
        if (unitOf(asset) != 0) revert AssetAlreadyListed(asset);
        if (asset.code.length == 0) revert NotAToken(asset);
        try IERC20Metadata(asset).decimals() returns (uint8 decimals) {
            if (decimals > MAX_DECIMALS) revert NotAToken(asset);
            uint256 unit = decimals > NOTE_DECIMALS ? 10 ** (decimals - NOTE_DECIMALS) : 1;
            _units[asset] = unit;
            emit AssetListed(asset, unit);
        } catch {
            revert NotAToken(asset);
        }
    }

    /// @inheritdoc IRollup
    function deposit(address asset, uint64 amount, bytes32 commitments, uint96 nonce)
        external
        payable
        nonReentrant
        returns (bytes32 id)
    {
        uint256 unit = unitOf(asset);
        if (unit == 0) revert AssetNotListed(asset);
        if (amount == 0) revert NothingDeposited();
        id = _depositId(msg.sender, nonce);
        bytes32 key = _depositKey(id, asset, amount, commitments);
        if (_expiries[key] != 0) revert DepositExists(id);
        uint256 expiry = block.number + DEPOSIT_BLOCKS;
        _expiries[key] = expiry;
        emit Deposited(id, asset, amount, commitments, expiry);

        uint256 value = amount * unit;
        uint256 sent = asset == ETHER ? value : 0;
        if (msg.value != sent) revert AmountMismatch(sent, msg.value);
        if (asset != ETHER) _pull(IERC20(asset), value);
    }

    /// @inheritdoc IRollup
    function reclaim(address asset, uint64 amount, bytes32 commitments, uint96 nonce) external nonReentrant {
        bytes32 id = _depositId(msg.sender, nonce);
        bytes32 key = _depositKey(id, asset, amount, commitments);
        uint256 expiry = _expiries[key];
        if (expiry == 0 || block.number < expiry) revert DepositNotReclaimable(expiry);
        delete _expiries[key];
        emit DepositReclaimed(id, asset, amount);
        _pay(asset, msg.sender, amount);
    }

    /// @inheritdoc IRollup
    function withdraw(address asset, address to) external nonReentrant {
        uint256 amount = _owed[msg.sender][asset];
        if (amount == 0) revert NothingOwed(msg.sender, asset);
        delete _owed[msg.sender][asset];
        emit Withdrawn(msg.sender, asset, to, amount);
        _pay(asset, to, amount);
    }

    /// @inheritdoc IRollup
    function owed(address account, address asset) external view returns (uint256) {
        return _owed[account][asset];
    }

    /// @inheritdoc IRollup
    function expiryOf(bytes32 id, address asset, uint64 amount, bytes32 commitments) external view returns (uint256) {
        return _expiries[_depositKey(id, asset, amount, commitments)];
    }

    /// @inheritdoc IRollup
    function unitOf(address asset) public view returns (uint256) {
        return asset == ETHER ? ETHER_UNIT : _units[asset];
    }

    /// @notice Takes a deposit out of escrow. Until its expiry it can be consumed and not reclaimed, from then on the reverse: a
    /// depositor cannot pull a deposit away from under a batch that is on its way.
    function _consume(bytes32 id, address asset, uint256 amount, bytes32 commitments) internal {
        bytes32 key = _depositKey(id, asset, amount, commitments);
        uint256 expiry = _expiries[key];
        if (block.number >= expiry) revert DepositNotConsumable(id, expiry);
        // The same deposit can be made again: it pays again, and its step, whose nullifiers are spent, cannot settle again.
        delete _expiries[key];
        emit DepositConsumed(id);
    }

    /// @notice Owes an amount. It cannot overflow: 2^32 notes of 64 bits is all there can be.
    function _owe(address account, address asset, uint256 amount) internal {
        unchecked {
            _owed[account][asset] += amount;
        }
    }

    function _depositId(address depositor, uint96 nonce) private pure returns (bytes32) {
        return bytes32((uint256(uint160(depositor)) << 96) | nonce);
    }

    function _depositKey(bytes32 id, address asset, uint256 amount, bytes32 commitments)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(id, asset, amount, commitments));
    }

    /// @notice Pulls a value and insists on all of it: a token that takes a fee on transfers is refused here.
    function _pull(IERC20 token, uint256 value) private {
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), value);
        uint256 received = token.balanceOf(address(this)) - before;
        if (received != value) revert AmountMismatch(value, received);
    }

    function _pay(address asset, address to, uint256 amount) private {
        uint256 value = amount * unitOf(asset);
        if (asset == ETHER) {
            Address.sendValue(payable(to), value);
        } else {
            IERC20(asset).safeTransfer(to, value);
        }
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Rollup} from "../../src/Rollup.sol";
import {SlotQueue} from "../../src/SlotQueue.sol";
import {Settlement} from "../../src/types/Settlement.sol";
import {Test} from "../utils/Vm.sol";

/// @notice Deposits, reclaims, withdrawals, and stored batches with real proofs: honest, stale, twice, and changed.
contract RollupHandler is Test {
    struct Open {
        address depositor;
        uint64 amount;
        uint96 nonce;
    }

    Rollup private immutable ROLLUP;
    SlotQueue private immutable QUEUE;
    bytes32 private constant COMMITMENTS = keccak256("commitments");

    Settlement[] private _batches;
    address[] private _aggregators;
    Open[] private _open;
    uint96 private _nonce;

    uint256 public settled;
    uint256 public expectedState;
    uint256 public inEscrow;
    uint256 public paidIn;
    uint256 public paidOut;
    address[] public creditors;

    constructor(Rollup rollup, SlotQueue queue) {
        (ROLLUP, QUEUE) = (rollup, queue);
        expectedState = rollup.state();
    }

    function add(Settlement calldata batch, address aggregator) external {
        _batches.push(batch);
        _aggregators.push(aggregator);
        creditors.push(aggregator);
    }

    function addCreditor(address account) external {
        creditors.push(account);
    }

    function advance(uint256 blocks) external {
        vm.roll(vm.getBlockNumber() + clamp(blocks, 1, 20));
    }

    function deposit(uint160 who, uint64 amount) external {
        address depositor = address(uint160(clamp(who, 0x1000, 0x1004)));
        amount = uint64(clamp(amount, 1, 1_000_000));
        uint256 value = uint256(amount) * 1 gwei;
        vm.deal(depositor, value);
        vm.prank(depositor);
        ROLLUP.deposit{value: value}(address(0), amount, COMMITMENTS, ++_nonce);
        _open.push(Open(depositor, amount, _nonce));
        inEscrow += value;
        paidIn += value;
    }

    function reclaim(uint256 which) external {
        if (_open.length == 0) return;
        Open memory open = _open[which % _open.length];
        bytes32 id = bytes32((uint256(uint160(open.depositor)) << 96) | open.nonce);
        uint256 expiry = ROLLUP.expiryOf(id, address(0), open.amount, COMMITMENTS);
        if (vm.getBlockNumber() < expiry) return;
        vm.prank(open.depositor);
        ROLLUP.reclaim(address(0), open.amount, COMMITMENTS, open.nonce);
        _open[which % _open.length] = _open[_open.length - 1];
        _open.pop();
        inEscrow -= uint256(open.amount) * 1 gwei;
        paidOut += uint256(open.amount) * 1 gwei;
    }

    function withdraw(uint256 who) external {
        address account = creditors[who % creditors.length];
        uint256 owed = ROLLUP.owed(account, address(0));
        if (owed == 0) return;
        vm.prank(account);
        ROLLUP.withdraw(address(0), account);
        paidOut += owed * 1 gwei;
    }

    /// The state moves when the next batch in line is settled by its own, eligible account, and in no other case.
    function settle(uint256 which, uint256 change, uint256 word) external {
        which %= _batches.length;
        Settlement memory batch = _batches[which];
        bool honest = change % 2 == 0;
        if (!honest) batch.proof[word % 31] ^= 1 << (change % 250);
        address aggregator = _aggregators[which];
        bool eligible = QUEUE.eligible(vm.getBlockNumber()) == aggregator;
        vm.prank(aggregator, aggregator);
        try ROLLUP.settleBatch(batch) {
            vm.assertTrue(honest && eligible && which == settled, "a batch settled that must not");
            settled += 1;
            expectedState = batch.stateAfter;
        } catch {
            vm.assertFalse(honest && eligible && which == settled);
        }
    }
}

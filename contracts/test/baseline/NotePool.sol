// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {NotePoolKey} from "./NotePoolKey.sol";

/// @title A pool of notes in today's manner, to be measured beside the rollup
/// @notice One Groth16 proof a step, tied to the root that it was made against. Whoever comes second reverts. It is real, proof and
/// all, but for what comparison does not need: its steps do not name the contract.
contract NotePool {
    /// @param proof A, B, C.
    /// @param root The root that the proof was made against.
    /// @param newRoot The root with both commitments.
    /// @param data What else the proof binds: flags, a recipient where the first flag is set, and ciphertexts.
    struct Transaction {
        uint256[8] proof;
        uint256 root;
        uint256 newRoot;
        uint256[2] nullifiers;
        uint256[2] commitments;
        uint64 publicIn;
        uint64 publicOut;
        uint64 fee;
        bytes data;
    }

    event Transacted(uint256 position, uint256[2] nullifiers, uint256[2] commitments, bytes data);

    error StaleRoot(uint256 expected, uint256 got);
    error AlreadySpent(uint256 nullifier);
    error ValueMismatch(uint256 expected, uint256 got);
    error ProofRejected();

    uint256 private constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 private constant Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583;
    uint256 private constant UNIT = 1 gwei;

    uint256 public root;
    uint256 public count;
    mapping(uint256 nullifier => bool) public spent;
    mapping(address account => uint256) public owed;

    constructor(uint256 root_, uint256 count_) {
        (root, count) = (root_, count_);
    }

    function transact(Transaction calldata t) external payable {
        if (t.root != root) revert StaleRoot(root, t.root);
        for (uint256 i = 0; i < 2; ++i) {
            if (spent[t.nullifiers[i]]) revert AlreadySpent(t.nullifiers[i]);
            spent[t.nullifiers[i]] = true;
        }
        if (msg.value != t.publicIn * UNIT) revert ValueMismatch(t.publicIn * UNIT, msg.value);
        uint256 position = count;
        uint256 amounts =
            (position << 192) | (uint256(t.fee) << 128) | (uint256(t.publicOut) << 64) | uint256(t.publicIn);
        uint256[8] memory inputs = [
            t.root,
            t.newRoot,
            t.nullifiers[0],
            t.nullifiers[1],
            t.commitments[0],
            t.commitments[1],
            amounts,
            uint256(keccak256(t.data)) % R
        ];
        _verify(t.proof, inputs);
        root = t.newRoot;
        count = position + 2;
        if (t.publicOut != 0) owed[address(bytes20(t.data[1:21]))] += t.publicOut;
        if (t.fee != 0) owed[msg.sender] += t.fee;
        emit Transacted(position, t.nullifiers, t.commitments, t.data);
    }

    function withdraw() external {
        uint256 amount = owed[msg.sender];
        owed[msg.sender] = 0;
        Address.sendValue(payable(msg.sender), amount * UNIT);
    }

    /// e(-A, B) e(alpha, beta) e(IC, G2) e(C, delta) = 1.
    function _verify(uint256[8] calldata proof, uint256[8] memory inputs) private view {
        uint256[5] memory sum;
        (sum[0], sum[1]) = (NotePoolKey.IC0_X, NotePoolKey.IC0_Y);
        _add(sum, NotePoolKey.IC1_X, NotePoolKey.IC1_Y, inputs[0]);
        _add(sum, NotePoolKey.IC2_X, NotePoolKey.IC2_Y, inputs[1]);
        _add(sum, NotePoolKey.IC3_X, NotePoolKey.IC3_Y, inputs[2]);
        _add(sum, NotePoolKey.IC4_X, NotePoolKey.IC4_Y, inputs[3]);
        _add(sum, NotePoolKey.IC5_X, NotePoolKey.IC5_Y, inputs[4]);
        _add(sum, NotePoolKey.IC6_X, NotePoolKey.IC6_Y, inputs[5]);
        _add(sum, NotePoolKey.IC7_X, NotePoolKey.IC7_Y, inputs[6]);
        _add(sum, NotePoolKey.IC8_X, NotePoolKey.IC8_Y, inputs[7]);
        uint256[24] memory pairing = [
            proof[0],
            (Q - proof[1]) % Q,
            proof[2],
            proof[3],
            proof[4],
            proof[5],
            NotePoolKey.ALPHA_X,
            NotePoolKey.ALPHA_Y,
            NotePoolKey.BETA_X1,
            NotePoolKey.BETA_X0,
            NotePoolKey.BETA_Y1,
            NotePoolKey.BETA_Y0,
            sum[0],
            sum[1],
            NotePoolKey.ONE_X1,
            NotePoolKey.ONE_X0,
            NotePoolKey.ONE_Y1,
            NotePoolKey.ONE_Y0,
            proof[6],
            proof[7],
            NotePoolKey.DELTA_X1,
            NotePoolKey.DELTA_X0,
            NotePoolKey.DELTA_Y1,
            NotePoolKey.DELTA_Y0
        ];
        bool success;
        uint256[1] memory result;
        assembly ("memory-safe") {
            success := staticcall(181000, 0x08, pairing, 0x300, result, 0x20)
        }
        if (!success || result[0] != 1) revert ProofRejected();
    }

    function _add(uint256[5] memory sum, uint256 x, uint256 y, uint256 scalar) private view {
        if (scalar >= R) revert ProofRejected();
        bool success;
        assembly ("memory-safe") {
            let point := add(sum, 0x40)
            mstore(point, x)
            mstore(add(sum, 0x60), y)
            mstore(add(sum, 0x80), scalar)
            success := staticcall(6000, 0x07, point, 0x60, point, 0x40)
            success := and(success, staticcall(150, 0x06, sum, 0x80, sum, 0x40))
        }
        if (!success) revert ProofRejected();
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {DeciderKey} from "./DeciderKey.sol";
import {IDeciderVerifier} from "./IDeciderVerifier.sol";

/// @title Verifier of settlement proofs for one key
/// @notice Three equations in one pairing call (specs/decider.md):
///
///     e(A, B) = e(alpha, beta) e(IC + D, G2) e(C, delta)     Groth16 with a commitment, without gamma
///     e(D, sigma) = e(PoK, G2)                               D is made of its own bases, weight w1
///     e(F - y G + c Q, G2) = e(Q, tau G2)                    the KZG opening at c, weight w2
///
/// The weights are two halves of a hash of the whole proof. Every scalar is checked to be in the field, every point by a
/// precompile.
contract DeciderVerifier is IDeciderVerifier {
    /// Order of G1 and G2.
    uint256 private constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    /// Modulus of the coordinates.
    uint256 private constant Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583;

    uint256 private constant MASK_85 = (1 << 85) - 1;
    uint256 private constant MASK_170 = (1 << 170) - 1;

    // Words of the proof.
    uint256 private constant SCALARS = 10;
    uint256 private constant NOTE_CHAIN_FOLD = 8;
    uint256 private constant STATE_CHAIN_FOLD = 9;
    uint256 private constant NOTE_CHAIN = 10;
    uint256 private constant NOTE_CHAIN_LAST = 12;
    uint256 private constant STATE_CHAIN = 14;
    uint256 private constant STATE_CHAIN_LAST = 16;
    uint256 private constant NOTES_W = 18;
    uint256 private constant NOTES_E = 20;
    uint256 private constant A = 22;
    uint256 private constant B = 24;
    uint256 private constant C = 28;
    uint256 private constant D = 30;
    uint256 private constant POK = 32;
    uint256 private constant QUOTIENT = 34;
    uint256 private constant Y = 36;
    uint256 private constant BLINDING_W = 37;
    uint256 private constant BLINDING_E = 38;

    /// Squarings of c that make c^N: N = 2^32 is above the degree of anything that can be committed to.
    uint256 private constant SHIFT_SQUARINGS = 32;

    /// Gas that the precompiles cost: all of it is gone when an input is invalid, and no more than it.
    uint256 private constant ADD_GAS = 150;
    uint256 private constant MUL_GAS = 6000;
    uint256 private constant PAIRING_GAS = 45000 + 6 * 34000;

    /// @inheritdoc IDeciderVerifier
    function keyDigest() external pure returns (bytes32) {
        return DeciderKey.DIGEST;
    }

    /// @inheritdoc IDeciderVerifier
    function verify(uint256[39] calldata proof) external view {
        _checkScalars(proof);
        uint256 c = _challenge(proof);
        (uint256 w1, uint256 w2) = _weights(proof);

        uint256[36] memory pairing;
        if (proof[A + 1] >= Q) revert PointNotOnCurve(A);
        _setG1(pairing, 0, proof[A], _negate(proof[A + 1]));
        for (uint256 i = 0; i < 4; ++i) {
            pairing[2 + i] = proof[B + i];
        }
        _setG1(pairing, 1, DeciderKey.ALPHA_X, DeciderKey.ALPHA_Y);
        _setG2(pairing, 1, DeciderKey.BETA_X1, DeciderKey.BETA_X0, DeciderKey.BETA_Y1, DeciderKey.BETA_Y0);
        _setG1(pairing, 2, proof[C], proof[C + 1]);
        _setG2(pairing, 2, DeciderKey.DELTA_X1, DeciderKey.DELTA_X0, DeciderKey.DELTA_Y1, DeciderKey.DELTA_Y0);

        uint256[5] memory sum;
        _start(sum, proof[D], proof[D + 1], w1, D);
        _setG1(pairing, 3, sum[0], sum[1]);
        _setG2(pairing, 3, DeciderKey.SIGMA_X1, DeciderKey.SIGMA_X0, DeciderKey.SIGMA_Y1, DeciderKey.SIGMA_Y0);

        _start(sum, proof[QUOTIENT], proof[QUOTIENT + 1], w2, QUOTIENT);
        uint256 x = sum[0];
        uint256 y = sum[1];
        _setG1(pairing, 4, x, _negate(y));
        _setG2(pairing, 4, DeciderKey.TAU_X1, DeciderKey.TAU_X0, DeciderKey.TAU_Y1, DeciderKey.TAU_Y0);
        _start(sum, x, y, c, QUOTIENT);
        _opening(sum, proof, c, w2);
        _inputs(sum, proof, c);
        _addMultiple(sum, proof[POK], proof[POK + 1], R - w1, POK);
        _setG1(pairing, 5, sum[0], sum[1]);
        _setG2(pairing, 5, DeciderKey.ONE_X1, DeciderKey.ONE_X0, DeciderKey.ONE_Y1, DeciderKey.ONE_Y0);
        _checkPairing(pairing);
    }

    function _checkScalars(uint256[39] calldata proof) private pure {
        unchecked {
            for (uint256 i = 0; i < SCALARS; ++i) {
                if (proof[i] >= R) revert ScalarNotInField(i);
            }
            for (uint256 i = Y; i <= BLINDING_E; ++i) {
                if (proof[i] >= R) revert ScalarNotInField(i);
            }
        }
    }

    /// c = keccak256(key digest, D, scalars, commitments, blindings) mod R.
    function _challenge(uint256[39] calldata proof) private pure returns (uint256 c) {
        bytes32 digest = DeciderKey.DIGEST;
        uint256 r = R;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, digest)
            calldatacopy(add(free, 0x20), add(proof, mul(30, 0x20)), 0x40)
            calldatacopy(add(free, 0x60), proof, mul(22, 0x20))
            calldatacopy(add(free, mul(25, 0x20)), add(proof, mul(37, 0x20)), 0x40)
            c := mod(keccak256(free, mul(27, 0x20)), r)
        }
    }

    /// Two weights of 128 bits, from the whole proof.
    function _weights(uint256[39] calldata proof) private pure returns (uint256 w1, uint256 w2) {
        uint256 hash;
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, proof, mul(39, 0x20))
            hash := keccak256(free, mul(39, 0x20))
        }
        w1 = hash >> 128;
        // forge-lint: disable-next-line(unsafe-typecast)
        w2 = uint256(uint128(hash));
    }

    /// Adds IC_0 + c IC_1 + v IC_2 + y IC_3 + D.
    function _inputs(uint256[5] memory sum, uint256[39] calldata proof, uint256 c) private view {
        _add(sum, DeciderKey.IC0_X, DeciderKey.IC0_Y, D);
        _addMultiple(sum, DeciderKey.IC1_X, DeciderKey.IC1_Y, c, D);
        _addMultiple(sum, DeciderKey.IC2_X, DeciderKey.IC2_Y, _publicValues(proof, c), D);
        _addMultiple(sum, DeciderKey.IC3_X, DeciderKey.IC3_Y, proof[Y], D);
        _add(sum, proof[D], proof[D + 1], D);
    }

    /// v: the public scalars, then three elements for each commitment, as a polynomial at c.
    function _publicValues(uint256[39] calldata proof, uint256 c) private pure returns (uint256 v) {
        uint256 r = R;
        uint256 low = MASK_85;
        uint256 wide = MASK_170;
        // From the last word to the first. Products and elements are below r (_checkScalars): sums of two do not reach 2^256.
        assembly ("memory-safe") {
            let scalars := add(proof, mul(10, 0x20))
            for { let word := add(proof, mul(22, 0x20)) } gt(word, scalars) {} {
                word := sub(word, 0x40)
                let x := calldataload(word)
                let y := calldataload(add(word, 0x20))
                v := add(mulmod(c, v, r), shr(85, y))
                v := add(mulmod(c, v, r), or(shr(170, x), shl(85, and(y, low))))
                v := add(mulmod(c, v, r), and(x, wide))
            }
            for { let word := scalars } gt(word, proof) {} {
                word := sub(word, 0x20)
                v := add(mulmod(c, v, r), calldataload(word))
            }
            v := mod(v, r)
        }
    }

    /// Adds weight (F - y G), where F is the four folded commitments less what hides them, weighted by powers of c^N.
    function _opening(uint256[5] memory sum, uint256[39] calldata proof, uint256 c, uint256 weight) private view {
        uint256 shift = c;
        uint256 r = R;
        uint256 squarings = SHIFT_SQUARINGS;
        assembly ("memory-safe") {
            for {} squarings { squarings := sub(squarings, 1) } { shift := mulmod(shift, shift, r) }
        }
        uint256 hidden = weight;
        _addWord(sum, proof, NOTE_CHAIN, weight);
        _addWord(sum, proof, NOTE_CHAIN_LAST, mulmod(weight, proof[NOTE_CHAIN_FOLD], R));
        uint256 factor = mulmod(weight, shift, R);
        hidden = addmod(hidden, factor, R);
        _addWord(sum, proof, STATE_CHAIN, factor);
        _addWord(sum, proof, STATE_CHAIN_LAST, mulmod(factor, proof[STATE_CHAIN_FOLD], R));
        factor = mulmod(factor, shift, R);
        hidden = addmod(hidden, mulmod(factor, proof[BLINDING_W], R), R);
        _addWord(sum, proof, NOTES_W, factor);
        factor = mulmod(factor, shift, R);
        hidden = addmod(hidden, mulmod(factor, proof[BLINDING_E], R), R);
        _addWord(sum, proof, NOTES_E, factor);
        _addMultiple(sum, DeciderKey.BLINDING_X, DeciderKey.BLINDING_Y, R - hidden, BLINDING_W);
        _addMultiple(sum, 1, 2, R - mulmod(weight, proof[Y], R), Y);
    }

    function _setG1(uint256[36] memory pairing, uint256 pair, uint256 x, uint256 y) private pure {
        pairing[6 * pair] = x;
        pairing[6 * pair + 1] = y;
    }

    function _setG2(uint256[36] memory pairing, uint256 pair, uint256 x1, uint256 x0, uint256 y1, uint256 y0)
        private
        pure
    {
        pairing[6 * pair + 2] = x1;
        pairing[6 * pair + 3] = x0;
        pairing[6 * pair + 4] = y1;
        pairing[6 * pair + 5] = y0;
    }

    /// The y of -P. Infinity is (0, 0), and no other point has y = 0.
    function _negate(uint256 y) private pure returns (uint256) {
        return y == 0 ? 0 : Q - y;
    }

    function _addWord(uint256[5] memory sum, uint256[39] calldata proof, uint256 word, uint256 scalar) private view {
        _addMultiple(sum, proof[word], proof[word + 1], scalar, word);
    }

    /// sum = scalar P. The last three words of a sum are scratch.
    function _start(uint256[5] memory sum, uint256 x, uint256 y, uint256 scalar, uint256 word) private view {
        bool success;
        uint256 cost = MUL_GAS;
        assembly ("memory-safe") {
            mstore(sum, x)
            mstore(add(sum, 0x20), y)
            mstore(add(sum, 0x40), scalar)
            success := staticcall(cost, 0x07, sum, 0x60, sum, 0x40)
        }
        if (!success) revert PointNotOnCurve(word);
    }

    /// sum += P.
    function _add(uint256[5] memory sum, uint256 x, uint256 y, uint256 word) private view {
        bool success;
        uint256 cost = ADD_GAS;
        assembly ("memory-safe") {
            mstore(add(sum, 0x40), x)
            mstore(add(sum, 0x60), y)
            success := staticcall(cost, 0x06, sum, 0x80, sum, 0x40)
        }
        if (!success) revert PointNotOnCurve(word);
    }

    /// sum += scalar P.
    function _addMultiple(uint256[5] memory sum, uint256 x, uint256 y, uint256 scalar, uint256 word) private view {
        bool success;
        uint256 mulCost = MUL_GAS;
        uint256 addCost = ADD_GAS;
        assembly ("memory-safe") {
            let point := add(sum, 0x40)
            mstore(point, x)
            mstore(add(sum, 0x60), y)
            mstore(add(sum, 0x80), scalar)
            success := staticcall(mulCost, 0x07, point, 0x60, point, 0x40)
            success := and(success, staticcall(addCost, 0x06, sum, 0x80, sum, 0x40))
        }
        if (!success) revert PointNotOnCurve(word);
    }

    function _checkPairing(uint256[36] memory pairing) private view {
        bool success;
        uint256 cost = PAIRING_GAS;
        uint256[1] memory result;
        assembly ("memory-safe") {
            success := staticcall(cost, 0x08, pairing, 0x480, result, 0x20)
        }
        if (!success) revert PairingInputInvalid();
        if (result[0] != 1) revert ProofRejected();
    }
}

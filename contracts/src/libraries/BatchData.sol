// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Published data of a batch
/// @notice A step is (specs/settlement.md):
///
///     nullifier 32 | nullifier 32 | commitment 32 | commitment 32 | in 8 | out 8 | fee 8 | asset 20 | external
///     external = flags 1 | recipient 20 (flag 1) | deposit id 32 (flag 2) | ciphertexts 82
///
/// A word of an element stands for its residue modulo r, for the circuit, for this contract and for whoever reads the data. So
/// there is nothing to check: every word is some element, and p binds that element.
///
/// The data is read from memory, where its hash needs it anyway. Reads are not checked against its end: they would see other
/// memory, and the caller compares the place where the last step ends with where the data ends.
library BatchData {
    /// Order of the field that the circuit is over.
    uint256 internal constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;

    uint256 internal constant FLAG_RECIPIENT = 1;
    uint256 internal constant FLAG_DEPOSIT = 2;
    uint256 internal constant RECIPIENT_BYTES = 20;
    uint256 internal constant DEPOSIT_BYTES = 32;
    /// Flags and ciphertexts.
    uint256 private constant EXTERNAL_BYTES = 83;
    /// A step without recipient and deposit.
    uint256 private constant STEP_BYTES = EXTERNAL + EXTERNAL_BYTES;

    uint256 private constant AMOUNT_MASK = type(uint64).max;
    uint256 private constant COMMITMENTS = 64;
    uint256 private constant AMOUNTS = 128;
    uint256 private constant ASSET = 152;
    uint256 private constant EXTERNAL = 172;

    /// The domain of the challenge.
    bytes14 private constant DOMAIN = "notefold.batch";

    /// @notice Where a pass over the steps is.
    /// @param challenge a.
    /// @param fingerprint p so far.
    /// @param cursor Where the next step is in memory.
    /// @param end Where the data ends.
    /// @param absorbed Steps that were absorbed.
    /// @param asset Asset of the last step.
    /// @param fees Fees in this asset that nobody is owed yet.
    struct Pass {
        uint256 challenge;
        uint256 fingerprint;
        uint256 cursor;
        uint256 end;
        uint256 absorbed;
        uint256 asset;
        uint256 fees;
    }

    /// @notice Copies the data into memory behind what is hashed with it, and draws
    /// `a = keccak256(domain, S_old, S_new, h_n, n, data) mod r`.
    function load(uint256 stateBefore, uint256 stateAfter, uint256 dataDigest, uint256 steps, bytes calldata data)
        internal
        pure
        returns (Pass memory pass)
    {
        uint256 r = R;
        bytes32 domain = DOMAIN;
        uint256 challenge;
        uint256 start;
        assembly ("memory-safe") {
            let header := mload(0x40)
            mstore(header, domain)
            mstore(add(header, 14), stateBefore)
            mstore(add(header, 46), stateAfter)
            mstore(add(header, 78), dataDigest)
            mstore(add(header, 110), shl(192, steps))
            start := add(header, 118)
            calldatacopy(start, data.offset, data.length)
            challenge := mod(keccak256(header, add(118, data.length)), r)
            // Wherever a step that begins behind the data would have its flags there are some that no step has: no pass goes on.
            let last := add(start, data.length)
            for { let place := 160 } lt(place, 512) { place := add(place, 32) } {
                mstore(add(last, place), not(0))
            }
            mstore(0x40, and(add(last, 543), not(31)))
        }
        (pass.challenge, pass.cursor, pass.end) = (challenge, start, start + data.length);
    }

    /// @notice Absorbs steps as long as they are plain: of the same asset, nothing in and nothing out, so without recipient and
    /// deposit. Nearly all steps of a batch are, and this loop is what they cost above their calldata. It stops at the
    /// first step that is not, which the caller looks at, or after the last.
    function absorbPlain(Pass memory pass) internal pure {
        uint256 r = R;
        uint256 challenge = pass.challenge;
        uint256 square = mulmod(challenge, challenge, R);
        uint256 cube = mulmod(challenge, square, R);
        uint256 key = pass.asset << 8;
        uint256 fingerprint = pass.fingerprint;
        uint256 cursor = pass.cursor;
        uint256 words = 0;
        // asset * a, less what the last 64 bits of the word of the amounts, which are the asset's first, add beside the fee.
        uint256 head = pass.asset >> 96;
        uint256 tail = addmod(mulmod(pass.asset, challenge, R), R - mulmod(head << 64, square, R), R);
        assembly ("memory-safe") {
            for {} 1 {} {
                let amounts := mload(add(cursor, 128))
                // Amounts in and out are the upper half of the word; asset and flags are compared with the asset and no flag.
                if or(shr(128, amounts), xor(shr(88, mload(add(cursor, 152))), key)) { break }
                words := add(words, amounts)
                fingerprint := addmod(mulmod(challenge, fingerprint, r), mload(cursor), r)
                fingerprint := addmod(mulmod(challenge, fingerprint, r), mload(add(cursor, 32)), r)
                fingerprint := addmod(mulmod(challenge, fingerprint, r), mload(add(cursor, 64)), r)
                fingerprint := addmod(mulmod(challenge, fingerprint, r), mload(add(cursor, 96)), r)
                // Four terms below r do not reach 2^256.
                fingerprint := add(
                    add(mulmod(cube, fingerprint, r), mulmod(square, shl(64, amounts), r)),
                    add(tail, mod(keccak256(add(cursor, 172), 83), r))
                )
                cursor := add(cursor, 255)
            }
        }
        uint256 absorbed = (cursor - pass.cursor) / STEP_BYTES;
        pass.fees += (words - absorbed * head) >> 64;
        pass.fingerprint = fingerprint % R;
        pass.absorbed += absorbed;
        pass.cursor = cursor;
    }

    /// @notice Absorbs a step of any kind: notes, `in + 2^64 out + 2^128 fee`, asset, hash of the external part.
    /// @param valueBytes Bytes of recipient and deposit in its external part.
    function absorb(Pass memory pass, uint256 valueBytes) internal pure {
        (uint256 step, uint256 challenge, uint256 p) = (pass.cursor, pass.challenge, pass.fingerprint);
        for (uint256 element = 0; element < 4; ++element) {
            p = addmod(mulmod(p, challenge, R), _word(step + 32 * element), R);
        }
        (uint256 deposited, uint256 withdrawn, uint256 fee) = amountsOf(step);
        p = addmod(mulmod(p, challenge, R), (fee << 128) | (withdrawn << 64) | deposited, R);
        p = addmod(mulmod(p, challenge, R), pass.asset, R);
        (uint256 from, uint256 length, uint256 hash) = (step + EXTERNAL, EXTERNAL_BYTES + valueBytes, 0);
        assembly ("memory-safe") {
            hash := keccak256(from, length)
        }
        pass.fingerprint = addmod(mulmod(p, challenge, R), hash, R);
        pass.fees += fee;
        pass.cursor = from + length;
        pass.absorbed += 1;
    }

    /// @notice Amounts in, out, and fee of a step.
    function amountsOf(uint256 step) internal pure returns (uint256 deposited, uint256 withdrawn, uint256 fee) {
        uint256 word = _word(step + AMOUNTS);
        return (word >> 192, (word >> 128) & AMOUNT_MASK, (word >> 64) & AMOUNT_MASK);
    }

    /// @notice The asset of a step.
    function asset(uint256 step) internal pure returns (uint256) {
        return _word(step + ASSET) >> 96;
    }

    /// @notice The flags of a step.
    function flags(uint256 step) internal pure returns (uint256) {
        return _word(step + EXTERNAL) >> 248;
    }

    /// @notice The recipient of a step that has one.
    function recipient(uint256 step) internal pure returns (address) {
        return address(uint160(_word(step + EXTERNAL + 1) >> 96));
    }

    /// @notice The deposit that a step consumes, if its flags say so.
    function depositId(uint256 step, bool withRecipient) internal pure returns (bytes32) {
        return bytes32(_word(step + EXTERNAL + 1 + (withRecipient ? RECIPIENT_BYTES : 0)));
    }

    /// @notice keccak256 of the two commitments of a step.
    function commitmentsHash(uint256 step) internal pure returns (bytes32 hash) {
        uint256 from = step + COMMITMENTS;
        assembly ("memory-safe") {
            hash := keccak256(from, 0x40)
        }
    }

    function _word(uint256 from) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(from)
        }
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Published data of a batch
/// @notice A step is (specs/settlement.md):
///
///     nullifier 32 | nullifier 32 | commitment 32 | commitment 32 | in 8 | out 8 | fee 8 | asset 20 | external
///     external = flags 1 | recipient 20 (flag 1) | deposit id 32 (flag 2) | ciphertexts 82
///
/// The data is read from memory, where its hash needs it anyway. Reads are not checked against its end: they would see zeros
/// or other memory, and the caller compares the place where the last step ends with where the data ends.
library BatchData {
    /// Order of the field that the circuit is over.
    uint256 internal constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;

    uint256 internal constant FLAG_RECIPIENT = 1;
    uint256 internal constant FLAG_DEPOSIT = 2;
    uint256 internal constant RECIPIENT_BYTES = 20;
    uint256 internal constant DEPOSIT_BYTES = 32;
    /// Flags and ciphertexts.
    uint256 internal constant EXTERNAL_BYTES = 83;
    /// A step without recipient and deposit.
    uint256 internal constant STEP_BYTES = EXTERNAL + EXTERNAL_BYTES;

    uint256 private constant COMMITMENTS = 64;
    uint256 private constant AMOUNTS = 128;
    uint256 private constant ASSET = 152;
    uint256 private constant EXTERNAL = 172;

    /// The domain of the challenge, and its length.
    bytes14 private constant DOMAIN = "notefold.batch";
    uint256 private constant DOMAIN_BYTES = 14;
    uint256 private constant HEADER_BYTES = DOMAIN_BYTES + 3 * 32 + 8;

    /// @notice Copies the data into memory behind what is hashed with it, and draws
    /// `a = keccak256(domain, S_old, S_new, h_n, n, data) mod r`.
    /// @return challenge a.
    /// @return start Where the data begins in memory.
    function load(uint256 stateBefore, uint256 stateAfter, uint256 dataDigest, uint256 steps, bytes calldata data)
        internal
        pure
        returns (uint256 challenge, uint256 start)
    {
        uint256 r = R;
        bytes32 domain = DOMAIN;
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
            // A word more than the data, rounded up.
            mstore(0x40, and(add(add(start, data.length), 63), not(31)))
        }
    }

    /// @notice `p * a^4 + nf1 * a^3 + nf2 * a^2 + cm1 * a + cm2`, and whether all four are below r.
    function absorbNotes(uint256 fingerprint, uint256 challenge, uint256 step)
        internal
        pure
        returns (uint256 extended, bool canonical)
    {
        uint256 r = R;
        assembly ("memory-safe") {
            let first := mload(step)
            let second := mload(add(step, 32))
            let third := mload(add(step, 64))
            let fourth := mload(add(step, 96))
            canonical := and(and(lt(first, r), lt(second, r)), and(lt(third, r), lt(fourth, r)))
            extended := addmod(mulmod(fingerprint, challenge, r), first, r)
            extended := addmod(mulmod(extended, challenge, r), second, r)
            extended := addmod(mulmod(extended, challenge, r), third, r)
            extended := addmod(mulmod(extended, challenge, r), fourth, r)
        }
    }

    /// @notice `p * a^3 + amounts * a^2 + asset * a + ext_hash`; all of them are below r by their widths or by reduction.
    function absorbRest(
        uint256 fingerprint,
        uint256 challenge,
        uint256 step,
        uint256 amounts,
        uint256 asset_,
        uint256 externalBytes
    ) internal pure returns (uint256 extended) {
        uint256 r = R;
        assembly ("memory-safe") {
            extended := addmod(mulmod(fingerprint, challenge, r), amounts, r)
            extended := addmod(mulmod(extended, challenge, r), asset_, r)
            extended := addmod(mulmod(extended, challenge, r), keccak256(add(step, 172), externalBytes), r)
        }
    }

    /// @notice Amounts in, out and fee of a step, then 64 bits of the asset.
    function amountsWord(uint256 step) internal pure returns (uint256) {
        return _word(step + AMOUNTS);
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

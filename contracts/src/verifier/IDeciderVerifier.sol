// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Verifier of settlement proofs
/// @notice A settlement proof is 39 words (specs/public-values.md): ten public scalars, six commitments of two words each,
/// A (2), B (4), C (2), D (2), PoK (2), quotient (2), y, and two blindings. The caller puts the public scalars that it knows
/// into the first eight words; nothing of the proof is trusted.
interface IDeciderVerifier {
    /// @notice A scalar is not below the group's order.
    /// @param word Which of the 39 words.
    error ScalarNotInField(uint256 word);

    /// @notice A point of G1 is not on the curve, or a coordinate is not reduced.
    /// @param word The first of its words.
    error PointNotOnCurve(uint256 word);

    /// @notice A point of the pairing is not in its group.
    error PairingInputInvalid();

    /// @notice The equations do not hold.
    error ProofRejected();

    /// @notice Names the verifying key: part of every challenge.
    function keyDigest() external view returns (bytes32);

    /// @notice Reverts unless the proof is valid. It returns nothing, so that an estimate of gas cannot settle for a
    /// call that ran out of gas inside.
    /// @param proof The 39 words.
    function verify(uint256[39] calldata proof) external view;
}

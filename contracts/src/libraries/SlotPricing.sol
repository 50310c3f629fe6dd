// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";

/// @title Price of a slot from how many were bought
/// @notice As the base fee of blobs (EIP-4844): points that grow with every slot bought and leak with every epoch, and a price
/// exponential in them. A slot adds two points and an epoch takes one, so the price rests when every second slot is bought.
library SlotPricing {
    uint256 internal constant POINTS_PER_SLOT = 2;
    /// e^20: beyond it the price stays, far above anything that is paid.
    uint256 private constant MAX_EXPONENT = 20;

    /// @notice Points after some epochs.
    function leak(uint256 points, uint256 epochs) internal pure returns (uint256) {
        return points > epochs ? points - epochs : 0;
    }

    /// @notice Points after a slot was bought.
    function bump(uint256 points, uint256 damping) internal pure returns (uint256) {
        return FixedPointMathLib.min(points + POINTS_PER_SLOT, MAX_EXPONENT * damping);
    }

    /// @notice `minimum * e^(points / damping)`, in wei.
    function price(uint256 minimum, uint256 points, uint256 damping) internal pure returns (uint256) {
        // At most e^20 in units of 10^-18, which is positive and far below 2^255.
        // forge-lint: disable-next-line(unsafe-typecast)
        int256 exponent = int256(points * 1e18 / damping);
        // forge-lint: disable-next-line(unsafe-typecast)
        return FixedPointMathLib.mulWad(minimum, uint256(FixedPointMathLib.expWad(exponent)));
    }
}

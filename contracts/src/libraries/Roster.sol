// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {LibBit} from "solady/utils/LibBit.sol";

/// @title Who counts in rotation, epoch by epoch
/// @notice A set of seats per epoch. A change counts from two epochs later, so the sets of this epoch and of the next never
/// change: nobody can join or leave between an aggregator's preflight and its transaction. At most two changes are ahead of
/// the current epoch, so three versions are all that is ever needed.
library Roster {
    /// @notice Each word is the first epoch (64 bits) above the set of seats (192 bits).
    struct Versions {
        uint256 latest;
        uint256 previous;
        uint256 older;
    }

    uint256 internal constant SEATS = 192;
    /// Epochs until a change counts.
    uint256 internal constant DELAY = 2;
    uint256 private constant MASK = (1 << SEATS) - 1;

    /// @notice The set of seats of an epoch, and the epoch from which it has been this one.
    function seatsAt(Versions storage self, uint256 epoch) internal view returns (uint256 seats, uint256 since) {
        uint256 version = self.latest;
        if (version >> SEATS > epoch) {
            version = self.previous;
            if (version >> SEATS > epoch) version = self.older;
        }
        return (version & MASK, version >> SEATS);
    }

    /// @notice Whether a seat is in the newest set.
    function holds(Versions storage self, uint8 seat) internal view returns (bool) {
        return (self.latest >> seat) & 1 == 1;
    }

    /// @notice Whether the newest set holds a seat, or one of the two epochs before `nextChange` counts it.
    function counts(Versions storage self, uint8 seat, uint256 nextChange) internal view returns (bool) {
        if (holds(self, seat)) return true;
        for (uint256 back = 1; back <= DELAY && back <= nextChange; ++back) {
            (uint256 seats,) = seatsAt(self, nextChange - back);
            if ((seats >> seat) & 1 == 1) return true;
        }
        return false;
    }

    /// @notice Adds or removes a seat from an epoch on, which is never before that of the change before it.
    function change(Versions storage self, uint8 seat, bool present, uint256 fromEpoch) internal {
        uint256 version = self.latest;
        uint256 seats = version & MASK;
        seats = present ? seats | (1 << seat) : seats & ~(1 << uint256(seat));
        if (version >> SEATS != fromEpoch) {
            self.older = self.previous;
            self.previous = version;
        }
        self.latest = (fromEpoch << SEATS) | seats;
    }

    /// @notice The seat whose turn it is: number `turn` modulo the size of a set that is not empty.
    function select(uint256 seats, uint256 turn) internal pure returns (uint256 seat) {
        uint256 left = turn % LibBit.popCount(seats);
        for (uint256 width = 128; width > 0; width >>= 1) {
            uint256 below = LibBit.popCount((seats >> seat) & ((1 << width) - 1));
            if (left >= below) {
                left -= below;
                seat += width;
            }
        }
    }
}

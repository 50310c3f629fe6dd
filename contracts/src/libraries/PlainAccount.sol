// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Callers whose call is the transaction itself
library PlainAccount {
    /// @notice The caller is a contract, or an account that delegates to one.
    error CallerNotPlainAccount(address caller);

    /// @notice Reverts unless the call's data is the input of the transaction. Then every node can serve it, without traces
    /// and without a log that would cost half as much again as the data itself.
    function check(address caller) internal view {
        // An account that delegates to code (EIP-7702) could call from within its own transaction.
        if (caller != tx.origin || caller.code.length != 0) revert CallerNotPlainAccount(caller);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Token} from "./Token.sol";

/// @notice A token that calls someone in the middle of a transfer.
contract CallbackToken is Token(18) {
    address public target;
    bytes public data;
    bool public called;
    bytes public result;

    function hook(address target_, bytes calldata data_) external {
        (target, data) = (target_, data_);
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (target != address(0)) {
            (called, result) = target.call(data);
        }
    }
}

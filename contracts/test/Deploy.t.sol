// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Deploy} from "../script/Deploy.s.sol";
import {Rollup} from "../src/Rollup.sol";
import {SlotQueue} from "../src/SlotQueue.sol";
import {DeciderVerifier} from "../src/verifier/DeciderVerifier.sol";
import {Test} from "./utils/Vm.sol";

/// @notice The deployment script with the default parameters.
contract DeployTest is Test {
    function test_deploys_contracts_that_know_each_other() public {
        Deploy script = new Deploy();
        string memory json = vm.readFile("script/parameters.json");
        address owner = address(0x0113);
        (Rollup rollup, SlotQueue queue, DeciderVerifier verifier) = script.deploy(json, address(script), owner, 5);
        vm.assertEq(queue.rollup(), address(rollup));
        vm.assertEq(address(rollup.QUEUE()), address(queue));
        vm.assertEq(address(rollup.verifier()), address(verifier));
        vm.assertEq(rollup.owner(), owner);
        vm.assertEq(rollup.state(), 5);
        vm.assertEq(queue.GENESIS_BLOCK(), block.number + vm.parseJsonUint(json, ".slots.genesisDelayBlocks"));
        vm.assertEq(queue.MIN_STAKE(), vm.parseJsonUint(json, ".slots.minStake"));
        vm.assertEq(queue.OPEN_AFTER_EPOCHS(), vm.parseJsonUint(json, ".slots.openAfterEpochs"));
    }
}

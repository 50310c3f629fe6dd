// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Rollup} from "../src/Rollup.sol";
import {IRollup} from "../src/interfaces/IRollup.sol";
import {Parameters} from "../src/libraries/Parameters.sol";
import {RollupParameters} from "../src/types/RollupParameters.sol";
import {Settlement} from "../src/types/Settlement.sol";
import {DeciderVerifier} from "../src/verifier/DeciderVerifier.sol";
import {IDeciderVerifier} from "../src/verifier/IDeciderVerifier.sol";
import {Deployed} from "./utils/Deployed.sol";

/// @notice Accepts nothing, under a name of its own: what users must have time to leave before.
contract RefusingVerifier is IDeciderVerifier {
    function keyDigest() external pure returns (bytes32) {
        return keccak256("refuses");
    }

    function verify(uint256[39] calldata) external pure {
        revert ProofRejected();
    }
}

/// @notice The verifier, and how it is replaced.
contract VerifierTest is Deployed {
    function test_the_verifier_is_named_by_its_key() public view {
        vm.assertEq(verifier.keyDigest(), vm.parseJsonBytes32(json, ".keyDigest"));
        vm.assertEq(address(rollup.verifier()), address(verifier));
    }

    function test_another_verifier_takes_over_after_the_delay_and_not_before() public {
        RefusingVerifier next = new RefusingVerifier();
        uint256 fromBlock = block.number + rollup.UPGRADE_BLOCKS();
        vm.expectEmit();
        emit IRollup.VerifierScheduled(address(next), next.keyDigest(), fromBlock);
        vm.prank(deployer);
        rollup.scheduleVerifier(next);
        (IDeciderVerifier scheduled, uint256 at_) = rollup.scheduledVerifier();
        vm.assertEq(address(scheduled), address(next));
        vm.assertEq(at_, fromBlock);
        vm.roll(fromBlock - 1);
        vm.assertEq(address(rollup.verifier()), address(verifier));
        vm.roll(fromBlock);
        vm.assertEq(address(rollup.verifier()), address(next));
        (scheduled, at_) = rollup.scheduledVerifier();
        vm.assertEq(at_, 0);
        vm.expectRevert(IRollup.NothingScheduled.selector);
        vm.prank(deployer);
        rollup.cancelVerifier();
    }

    function test_batches_settle_until_the_change_and_are_judged_by_the_next_from_then_on() public {
        (Settlement memory settlement, address aggregator) = stored("deposits");
        vm.roll(parameters().genesisBlock - 1);
        join(aggregator);
        RefusingVerifier next = new RefusingVerifier();
        vm.prank(deployer);
        rollup.scheduleVerifier(next);
        vm.roll(parameters().genesisBlock + rollup.UPGRADE_BLOCKS() - 2);
        makeDeposit("deposits", 0);
        makeDeposit("deposits", 1);
        settle(aggregator, settlement);
        vm.roll(block.number + 1);
        makeDeposit("collision", 0);
        (settlement,) = stored("payments");
        vm.expectRevert(IDeciderVerifier.ProofRejected.selector);
        settle(aggregator, settlement);
        vm.prank(deployer);
        rollup.scheduleVerifier(verifier);
        vm.assertEq(address(rollup.verifier()), address(next));
    }

    function test_a_change_is_one_at_a_time_and_can_be_cancelled() public {
        RefusingVerifier next = new RefusingVerifier();
        vm.startPrank(deployer);
        rollup.scheduleVerifier(next);
        vm.expectRevert(
            abi.encodeWithSelector(IRollup.AlreadyScheduled.selector, block.number + rollup.UPGRADE_BLOCKS())
        );
        rollup.scheduleVerifier(next);
        vm.expectEmit();
        emit IRollup.VerifierCancelled(address(next));
        rollup.cancelVerifier();
        vm.roll(block.number + rollup.UPGRADE_BLOCKS());
        vm.assertEq(address(rollup.verifier()), address(verifier));
        vm.stopPrank();
    }

    function test_only_the_owner_schedules_and_cancels() public {
        RefusingVerifier next = new RefusingVerifier();
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(this)));
        rollup.scheduleVerifier(next);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(this)));
        rollup.cancelVerifier();
    }

    function test_what_is_no_verifier_is_refused() public {
        vm.startPrank(deployer);
        vm.expectRevert(abi.encodeWithSelector(IRollup.NotAVerifier.selector, address(0x1234)));
        rollup.scheduleVerifier(IDeciderVerifier(address(0x1234)));
        vm.expectRevert();
        rollup.scheduleVerifier(IDeciderVerifier(address(token)));
        vm.stopPrank();
    }

    function test_parameters_are_bounded() public {
        RollupParameters memory p = RollupParameters({genesisState: 1, depositBlocks: 50, upgradeBlocks: 7_200});
        p.upgradeBlocks = 7_199;
        vm.expectRevert(
            abi.encodeWithSelector(
                Parameters.ParameterOutOfRange.selector, bytes32("upgradeBlocks"), 7_200, 2_628_000, 7_199
            )
        );
        new Rollup(queue, verifier, deployer, p);
        p.upgradeBlocks = 7_200;
        p.depositBlocks = 49;
        vm.expectPartialRevert(Parameters.ParameterOutOfRange.selector);
        new Rollup(queue, verifier, deployer, p);
        p.depositBlocks = 50;
        p.genesisState = 0;
        vm.expectPartialRevert(Parameters.ParameterOutOfRange.selector);
        new Rollup(queue, verifier, deployer, p);
        p.genesisState = 1;
        vm.expectPartialRevert(IRollup.WrongQueue.selector);
        new Rollup(queue, verifier, deployer, p);
    }

    /// A word above the field's order, a point off the curve: named, before anything is paid for.
    function test_words_that_are_none_are_named() public {
        uint256[39] memory words;
        words[0] = type(uint256).max;
        vm.expectRevert(abi.encodeWithSelector(IDeciderVerifier.ScalarNotInField.selector, 0));
        verifier.verify(words);
        words[0] = 0;
        words[30] = 1;
        vm.expectPartialRevert(IDeciderVerifier.PointNotOnCurve.selector);
        verifier.verify(words);
        words[30] = 0;
        vm.expectRevert(IDeciderVerifier.ProofRejected.selector);
        verifier.verify(words);
    }
}

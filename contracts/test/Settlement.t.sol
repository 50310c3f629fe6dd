// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IRollup} from "../src/interfaces/IRollup.sol";
import {ISlotQueue} from "../src/interfaces/ISlotQueue.sol";
import {PlainAccount} from "../src/libraries/PlainAccount.sol";
import {Settlement} from "../src/types/Settlement.sol";
import {IDeciderVerifier} from "../src/verifier/IDeciderVerifier.sol";
import {Deployed} from "./utils/Deployed.sol";

/// @notice Batches with real proofs.
contract SettlementTest is Deployed {
    address private aggregator;
    address private other;

    function setUp() public override {
        super.setUp();
        (, aggregator) = stored("deposits");
        (, other) = stored("collision");
        // Before the first epoch changes count at once; so there is one staker, whose turn it always is.
        vm.roll(parameters().genesisBlock - 1);
        join(aggregator);
        vm.roll(parameters().genesisBlock);
        makeDeposit("deposits", 0);
        makeDeposit("deposits", 1);
    }

    function test_settles_a_batch_and_moves_the_state() public {
        (Settlement memory settlement,) = stored("deposits");
        vm.expectEmit();
        emit IRollup.BatchSettled(0, aggregator, settlement.stateAfter, settlement.steps);
        settle(aggregator, settlement);
        vm.assertEq(rollup.state(), settlement.stateAfter);
        vm.assertEq(rollup.batchNumber(), 1);
        (, uint256 notes) = queue.poolOf(0);
        vm.assertEq(notes, 2 * settlement.steps);
    }

    function test_consumes_deposits() public {
        Deposit memory deposit = storedDeposit("deposits", 1);
        bytes32 id = idOf(deposit);
        vm.assertGt(rollup.expiryOf(id, deposit.asset, deposit.amount, deposit.commitments), 0);
        settle("deposits");
        vm.assertEq(rollup.expiryOf(id, deposit.asset, deposit.amount, deposit.commitments), 0);
        vm.roll(block.number + rollup.DEPOSIT_BLOCKS());
        vm.expectRevert(abi.encodeWithSelector(IRollup.DepositNotReclaimable.selector, 0));
        vm.prank(depositor);
        rollup.reclaim(deposit.asset, deposit.amount, deposit.commitments, deposit.nonce);
    }

    function test_owes_withdrawals_and_fees_and_pays_them_when_asked() public {
        settle("deposits");
        settle("payments");
        vm.assertEq(rollup.owed(recipient, address(0)), 20);
        vm.assertEq(rollup.owed(aggregator, address(0)), 3);
        vm.assertEq(rollup.owed(aggregator, address(token)), 10);

        address payee = address(0xbeef);
        vm.prank(recipient);
        rollup.withdraw(address(0), payee);
        vm.assertEq(payee.balance, 20 gwei);
        vm.prank(aggregator);
        rollup.withdraw(address(token), payee);
        vm.assertEq(token.balanceOf(payee), 10 * 1e9);
        vm.expectRevert(abi.encodeWithSelector(IRollup.NothingOwed.selector, recipient, address(0)));
        vm.prank(recipient);
        rollup.withdraw(address(0), payee);
    }

    /// What the other aggregator lost to the batch that landed first is a fold, not a transaction.
    function test_a_batch_folded_again_on_the_new_state_settles() public {
        settle("deposits");
        makeDeposit("collision", 0);
        settle("payments");
        vm.assertEq(queue.eligible(block.number), aggregator);
        join(other);
        // The newcomer's turn comes two epochs later.
        rollTo(2, 0);
        for (uint256 block_ = block.number; queue.eligible(block_) != other; ++block_) {
            vm.roll(block_ + 1);
        }
        settle("refolded");
        vm.assertEq(rollup.batchNumber(), 3);
    }

    function test_a_proof_against_an_earlier_state_is_stale() public {
        settle("deposits");
        (Settlement memory settlement,) = stored("deposits");
        vm.expectRevert(abi.encodeWithSelector(IRollup.StaleState.selector, rollup.state(), settlement.stateBefore));
        settle(aggregator, settlement);
    }

    /// Nullifiers that are spent: the proof that spent them is no proof against any later state.
    function test_steps_cannot_settle_twice() public {
        settle("deposits");
        settle("payments");
        (Settlement memory settlement,) = stored("payments");
        settlement.stateBefore = rollup.state();
        vm.expectRevert(IDeciderVerifier.ProofRejected.selector);
        settle(aggregator, settlement);
    }

    function test_only_the_eligible_account_settles() public {
        (Settlement memory settlement,) = stored("deposits");
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.NotEligible.selector, aggregator, other, block.number));
        settle(other, settlement);
    }

    /// A proof copied from the pool of transactions, by an account that is eligible.
    function test_a_copied_proof_is_worthless() public {
        settle("deposits");
        makeDeposit("collision", 0);
        (Settlement memory settlement,) = stored("collision");
        vm.expectRevert(IDeciderVerifier.ProofRejected.selector);
        settle(aggregator, settlement);
    }

    function test_a_settlement_is_the_transaction_of_a_plain_account() public {
        (Settlement memory settlement,) = stored("deposits");
        vm.expectRevert(abi.encodeWithSelector(PlainAccount.CallerNotPlainAccount.selector, aggregator));
        vm.prank(aggregator, other);
        rollup.settleBatch(settlement);
        vm.etch(aggregator, hex"ef01000000000000000000000000000000000000000001");
        vm.expectRevert(abi.encodeWithSelector(PlainAccount.CallerNotPlainAccount.selector, aggregator));
        vm.prank(aggregator, aggregator);
        rollup.settleBatch(settlement);
    }

    function test_only_the_queue_settles_for_another() public {
        (Settlement memory settlement,) = stored("deposits");
        vm.expectRevert(abi.encodeWithSelector(IRollup.NotQueue.selector, aggregator));
        vm.prank(aggregator, aggregator);
        rollup.settleBatchFor(aggregator, settlement);
    }

    function test_settles_through_the_queue() public {
        (Settlement memory settlement,) = stored("deposits");
        vm.expectRevert(abi.encodeWithSelector(ISlotQueue.WrongSlot.selector, 0, 1));
        vm.prank(aggregator, aggregator);
        queue.submitProof(abi.encode(settlement), 1);
        vm.expectRevert(abi.encodeWithSelector(PlainAccount.CallerNotPlainAccount.selector, aggregator));
        vm.prank(aggregator, other);
        queue.submitProof(abi.encode(settlement), 0);
        vm.prank(aggregator, aggregator);
        queue.submitProof(abi.encode(settlement), 0);
        vm.assertEq(rollup.state(), settlement.stateAfter);
    }

    function test_every_word_of_a_settlement_is_bound() public {
        for (uint256 word = 0; word < 34; ++word) {
            (Settlement memory settlement,) = stored("deposits");
            if (word == 0) settlement.stateAfter ^= 1;
            else if (word == 1) settlement.dataDigest ^= 1;
            else if (word == 2) settlement.steps += 1;
            else settlement.proof[word - 3] ^= 1;
            vm.expectRevert();
            settle(aggregator, settlement);
        }
        settle("deposits");
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_every_byte_of_the_data_is_bound(uint256 place, uint8 flip) public {
        (Settlement memory settlement,) = stored("deposits");
        place %= settlement.data.length;
        settlement.data[place] ^= bytes1(uint8(clamp(flip, 1, 255)));
        vm.expectRevert();
        settle(aggregator, settlement);
    }

    function test_data_of_another_length_is_refused() public {
        (Settlement memory settlement,) = stored("deposits");
        bytes memory data = settlement.data;
        // Two steps and the beginning of a third, which the number of steps does not count.
        settlement.data = bytes.concat(data, hex"00");
        vm.expectRevert(abi.encodeWithSelector(IRollup.DataMismatch.selector, 2, 2));
        settle(aggregator, settlement);
        assembly ("memory-safe") {
            mstore(data, sub(mload(data), 1))
        }
        settlement.data = data;
        vm.expectRevert(abi.encodeWithSelector(IRollup.DataMismatch.selector, 2, 2));
        settle(aggregator, settlement);
        settlement.data = "";
        vm.expectRevert(abi.encodeWithSelector(IRollup.DataMismatch.selector, 2, 0));
        settle(aggregator, settlement);
        (settlement,) = stored("deposits");
        settlement.steps = 3;
        vm.expectRevert(abi.encodeWithSelector(IRollup.DataMismatch.selector, 3, 2));
        settle(aggregator, settlement);
        settlement.steps = 1;
        vm.expectRevert(abi.encodeWithSelector(IRollup.DataMismatch.selector, 1, 1));
        settle(aggregator, settlement);
    }

    /// The same element in another guise: it is the same for everyone, and another challenge, so a proof of its own.
    function test_elements_that_are_not_reduced_need_another_proof() public {
        uint256 r = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
        for (uint256 element = 0; element < 2; ++element) {
            (Settlement memory settlement,) = stored("deposits");
            bytes memory data = settlement.data;
            assembly ("memory-safe") {
                let word := add(add(data, 32), mul(element, 32))
                mstore(word, add(mload(word), r))
            }
            vm.expectRevert(IDeciderVerifier.ProofRejected.selector);
            settle(aggregator, settlement);
        }
    }

    function test_flags_that_contradict_the_amounts_are_refused() public {
        for (uint256 flags = 0; flags < 6; ++flags) {
            if (flags == 2) continue;
            (Settlement memory settlement,) = stored("deposits");
            settlement.data[172] = bytes1(uint8(flags));
            vm.expectRevert(abi.encodeWithSelector(IRollup.FlagsMismatch.selector, 0, flags));
            settle(aggregator, settlement);
        }
    }

    function test_a_deposit_that_is_not_in_escrow_cannot_be_consumed() public {
        settle("deposits");
        vm.roll(parameters().genesisBlock + 1);
        (Settlement memory settlement,) = stored("collision");
        bytes32 id = idOf(storedDeposit("collision", 0));
        vm.expectRevert(abi.encodeWithSelector(IRollup.DepositNotConsumable.selector, id, 0));
        settle(aggregator, settlement);
    }

    /// At any block a deposit can be consumed or reclaimed, never both: no depositor can make a batch fail.
    function test_consuming_ends_where_reclaiming_begins() public {
        Deposit memory deposit = storedDeposit("deposits", 0);
        bytes32 id = idOf(deposit);
        uint256 expiry = rollup.expiryOf(id, deposit.asset, deposit.amount, deposit.commitments);
        vm.roll(expiry - 1);
        vm.expectRevert(abi.encodeWithSelector(IRollup.DepositNotReclaimable.selector, expiry));
        vm.prank(depositor);
        rollup.reclaim(deposit.asset, deposit.amount, deposit.commitments, deposit.nonce);

        vm.roll(expiry);
        (Settlement memory settlement,) = stored("deposits");
        vm.expectRevert(abi.encodeWithSelector(IRollup.DepositNotConsumable.selector, id, expiry));
        settle(aggregator, settlement);
        vm.prank(depositor);
        rollup.reclaim(deposit.asset, deposit.amount, deposit.commitments, deposit.nonce);
        vm.assertEq(depositor.balance, uint256(deposit.amount) * 1 gwei);
    }

    function test_a_step_consumes_its_own_deposit_alone() public {
        // The same id and amount, tied to other commitments.
        Deposit memory deposit = storedDeposit("collision", 0);
        settle("deposits");
        deposit.commitments = keccak256("others");
        escrow(deposit);
        (Settlement memory settlement,) = stored("collision");
        vm.expectRevert(abi.encodeWithSelector(IRollup.DepositNotConsumable.selector, idOf(deposit), 0));
        settle(aggregator, settlement);
    }
}

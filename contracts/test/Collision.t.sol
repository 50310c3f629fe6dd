// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {NotePool} from "./baseline/NotePool.sol";
import {Test} from "./utils/Vm.sol";

/// @notice What the slots are for: in today's manner the second of two proofs against one root reverts.
contract CollisionTest is Test {
    string private json;
    NotePool private pool;
    address private prover = address(0xca11);

    function setUp() public {
        json = vm.readFile("test/fixtures/single-proofs.json");
        pool = new NotePool(vm.parseJsonUint(json, ".root"), vm.parseJsonUint(json, ".count"));
        vm.deal(prover, 1 ether);
    }

    function stored(uint256 index) private view returns (NotePool.Transaction memory t) {
        string memory path = string.concat(".proofs[", vm.toString(index), "]");
        uint256[] memory words = vm.parseJsonUintArray(json, string.concat(path, ".proof"));
        for (uint256 i = 0; i < 8; ++i) {
            t.proof[i] = words[i];
        }
        uint256[] memory inputs = vm.parseJsonUintArray(json, string.concat(path, ".public"));
        (t.root, t.newRoot) = (inputs[0], inputs[1]);
        t.nullifiers = [inputs[2], inputs[3]];
        t.commitments = [inputs[4], inputs[5]];
        t.publicIn = uint64(vm.parseJsonUint(json, string.concat(path, ".publicIn")));
        t.publicOut = uint64(vm.parseJsonUint(json, string.concat(path, ".publicOut")));
        t.fee = uint64(vm.parseJsonUint(json, string.concat(path, ".fee")));
        t.data = vm.parseJsonBytes(json, string.concat(path, ".external"));
    }

    function transact(NotePool.Transaction memory t) private {
        vm.prank(prover);
        pool.transact{value: t.publicIn * 1 gwei}(t);
    }

    function test_the_second_proof_against_a_root_reverts() public {
        NotePool.Transaction memory second = stored(1);
        uint256 before = pool.root();
        transact(stored(0));
        vm.expectRevert(abi.encodeWithSelector(NotePool.StaleRoot.selector, pool.root(), before));
        transact(second);
    }

    function test_either_proof_lands_alone_and_a_changed_one_does_not() public {
        NotePool.Transaction memory changed = stored(1);
        changed.newRoot ^= 1;
        vm.expectRevert(NotePool.ProofRejected.selector);
        transact(changed);
        transact(stored(1));
        vm.assertEq(pool.count(), vm.parseJsonUint(json, ".count") + 2);
    }

    function test_a_nullifier_is_spent_once() public {
        NotePool.Transaction memory t = stored(0);
        transact(t);
        t.root = pool.root();
        vm.expectRevert(abi.encodeWithSelector(NotePool.AlreadySpent.selector, t.nullifiers[0]));
        transact(t);
    }
}

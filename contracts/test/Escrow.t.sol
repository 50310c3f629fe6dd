// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IRollup} from "../src/interfaces/IRollup.sol";
import {CallbackToken} from "./tokens/CallbackToken.sol";
import {FeeToken} from "./tokens/FeeToken.sol";
import {SilentToken} from "./tokens/SilentToken.sol";
import {Token} from "./tokens/Token.sol";
import {Deployed} from "./utils/Deployed.sol";

/// @notice Deposits, what is taken back, and tokens that misbehave.
contract EscrowTest is Deployed {
    bytes32 private constant COMMITMENTS = keccak256("commitments");

    function give(Token asset, uint256 value) private {
        asset.mint(depositor, value);
        vm.prank(depositor);
        asset.approve(address(rollup), value);
    }

    function test_lists_tokens_with_their_unit() public {
        vm.assertEq(rollup.unitOf(address(0)), 1 gwei);
        vm.assertEq(rollup.unitOf(address(token)), 1e9);
        Token coarse = new Token(6);
        vm.assertEq(rollup.unitOf(address(coarse)), 0);
        vm.expectEmit();
        emit IRollup.AssetListed(address(coarse), 1);
        rollup.listAsset(address(coarse));
        vm.assertEq(rollup.unitOf(address(coarse)), 1);
    }

    function test_does_not_list_what_is_no_token() public {
        vm.expectRevert(abi.encodeWithSelector(IRollup.AssetAlreadyListed.selector, address(0)));
        rollup.listAsset(address(0));
        vm.expectRevert(abi.encodeWithSelector(IRollup.AssetAlreadyListed.selector, address(token)));
        rollup.listAsset(address(token));
        vm.expectRevert(abi.encodeWithSelector(IRollup.NotAToken.selector, address(0x1234)));
        rollup.listAsset(address(0x1234));
        vm.expectRevert(abi.encodeWithSelector(IRollup.NotAToken.selector, address(queue)));
        rollup.listAsset(address(queue));
        Token fine = new Token(37);
        vm.expectRevert(abi.encodeWithSelector(IRollup.NotAToken.selector, address(fine)));
        rollup.listAsset(address(fine));
    }

    function testFuzz_ether_in_escrow_comes_back(uint64 amount, uint96 nonce, uint256 wait) public {
        amount = uint64(clamp(amount, 1, type(uint64).max));
        uint256 value = uint256(amount) * 1 gwei;
        vm.deal(depositor, value);
        bytes32 id = bytes32((uint256(uint160(depositor)) << 96) | nonce);
        uint256 expiry = block.number + rollup.DEPOSIT_BLOCKS();
        vm.expectEmit();
        emit IRollup.Deposited(id, address(0), amount, COMMITMENTS, expiry);
        vm.prank(depositor);
        vm.assertEq(rollup.deposit{value: value}(address(0), amount, COMMITMENTS, nonce), id);
        vm.assertEq(rollup.expiryOf(id, address(0), amount, COMMITMENTS), expiry);

        vm.roll(clamp(wait, expiry, expiry + 1e9));
        vm.prank(depositor);
        rollup.reclaim(address(0), amount, COMMITMENTS, nonce);
        vm.assertEq(depositor.balance, value);
        vm.expectRevert(abi.encodeWithSelector(IRollup.DepositNotReclaimable.selector, 0));
        vm.prank(depositor);
        rollup.reclaim(address(0), amount, COMMITMENTS, nonce);
    }

    function testFuzz_tokens_in_escrow_come_back(uint64 amount, uint8 decimals) public {
        amount = uint64(clamp(amount, 1, type(uint64).max));
        Token asset = new Token(uint8(clamp(decimals, 0, 36)));
        rollup.listAsset(address(asset));
        uint256 value = amount * rollup.unitOf(address(asset));
        give(asset, value);
        vm.prank(depositor);
        rollup.deposit(address(asset), amount, COMMITMENTS, 1);
        vm.assertEq(asset.balanceOf(address(rollup)), value);
        vm.roll(block.number + rollup.DEPOSIT_BLOCKS());
        vm.prank(depositor);
        rollup.reclaim(address(asset), amount, COMMITMENTS, 1);
        vm.assertEq(asset.balanceOf(depositor), value);
    }

    function test_tokens_that_return_nothing_work() public {
        SilentToken asset = new SilentToken();
        rollup.listAsset(address(asset));
        asset.mint(depositor, 5);
        vm.prank(depositor);
        rollup.deposit(address(asset), 5, COMMITMENTS, 1);
        vm.roll(block.number + rollup.DEPOSIT_BLOCKS());
        vm.prank(depositor);
        rollup.reclaim(address(asset), 5, COMMITMENTS, 1);
        vm.assertEq(asset.balanceOf(depositor), 5);
    }

    function test_refuses_a_deposit_that_is_not_paid() public {
        vm.deal(depositor, 10 gwei);
        vm.startPrank(depositor);
        vm.expectRevert(abi.encodeWithSelector(IRollup.AmountMismatch.selector, 5 gwei, 4 gwei));
        rollup.deposit{value: 4 gwei}(address(0), 5, COMMITMENTS, 1);
        vm.expectRevert(abi.encodeWithSelector(IRollup.AmountMismatch.selector, 0, 1));
        rollup.deposit{value: 1}(address(token), 5, COMMITMENTS, 1);
        vm.expectRevert(IRollup.NothingDeposited.selector);
        rollup.deposit(address(0), 0, COMMITMENTS, 1);
        vm.expectRevert(abi.encodeWithSelector(IRollup.AssetNotListed.selector, address(this)));
        rollup.deposit(address(this), 5, COMMITMENTS, 1);
        vm.expectRevert();
        rollup.deposit(address(token), 5, COMMITMENTS, 1);
        vm.stopPrank();
    }

    function test_one_deposit_under_an_id_at_a_time() public {
        vm.deal(depositor, 10 gwei);
        vm.startPrank(depositor);
        bytes32 id = rollup.deposit{value: 5 gwei}(address(0), 5, COMMITMENTS, 7);
        vm.expectRevert(abi.encodeWithSelector(IRollup.DepositExists.selector, id));
        rollup.deposit{value: 5 gwei}(address(0), 5, COMMITMENTS, 7);
        vm.stopPrank();
    }

    function test_nobody_else_reclaims() public {
        vm.deal(depositor, 5 gwei);
        vm.prank(depositor);
        rollup.deposit{value: 5 gwei}(address(0), 5, COMMITMENTS, 7);
        vm.roll(block.number + rollup.DEPOSIT_BLOCKS());
        vm.expectRevert(abi.encodeWithSelector(IRollup.DepositNotReclaimable.selector, 0));
        vm.prank(recipient);
        rollup.reclaim(address(0), 5, COMMITMENTS, 7);
    }

    function test_a_token_that_takes_a_fee_is_refused() public {
        FeeToken asset = new FeeToken();
        rollup.listAsset(address(asset));
        give(asset, 100 * 1e9);
        vm.expectRevert(abi.encodeWithSelector(IRollup.AmountMismatch.selector, 100 * 1e9, 99 * 1e9));
        vm.prank(depositor);
        rollup.deposit(address(asset), 100, COMMITMENTS, 1);
    }

    /// A token that calls its depositor's contract back in the middle of a transfer: it can enter nothing that moves value.
    function test_a_token_that_calls_back_enters_nothing() public {
        CallbackToken asset = new CallbackToken();
        rollup.listAsset(address(asset));
        give(asset, 100 * 1e9);
        bytes[3] memory calls = [
            abi.encodeCall(IRollup.deposit, (address(asset), 1, COMMITMENTS, 9)),
            abi.encodeCall(IRollup.reclaim, (address(asset), 1, COMMITMENTS, 9)),
            abi.encodeCall(IRollup.withdraw, (address(asset), address(asset)))
        ];
        for (uint96 i = 0; i < 3; ++i) {
            asset.hook(address(rollup), calls[i]);
            vm.prank(depositor);
            rollup.deposit(address(asset), 10, COMMITMENTS, i);
            vm.assertFalse(asset.called());
            vm.assertEq(
                bytes32(asset.result()), bytes32(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
            );
        }
        vm.assertEq(IERC20(address(asset)).balanceOf(address(rollup)), 30 * 1e9);
    }

    /// A recipient that refuses ether keeps its credit and hurts nobody.
    function test_a_recipient_that_refuses_can_name_another() public {
        vm.roll(parameters().genesisBlock - 1);
        (, address aggregator) = stored("deposits");
        join(aggregator);
        vm.roll(parameters().genesisBlock);
        makeDeposit("deposits", 0);
        makeDeposit("deposits", 1);
        settle("deposits");
        settle("payments");
        vm.expectRevert();
        vm.prank(recipient);
        rollup.withdraw(address(0), address(token));
        vm.assertEq(rollup.owed(recipient, address(0)), 20);
        vm.prank(recipient);
        rollup.withdraw(address(0), address(0xbeef));
        vm.assertEq(address(0xbeef).balance, 20 gwei);
    }
}

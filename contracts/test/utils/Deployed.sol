// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Rollup} from "../../src/Rollup.sol";
import {SlotQueue} from "../../src/SlotQueue.sol";
import {IRollup} from "../../src/interfaces/IRollup.sol";
import {RollupParameters} from "../../src/types/RollupParameters.sol";
import {Settlement} from "../../src/types/Settlement.sol";
import {SlotParameters} from "../../src/types/SlotParameters.sol";
import {DeciderVerifier} from "../../src/verifier/DeciderVerifier.sol";
import {Token} from "../tokens/Token.sol";
import {Test} from "./Vm.sol";

/// @notice The contracts at the addresses that the stored proofs are for, with the real verifier.
abstract contract Deployed is Test {
    struct Deposit {
        address asset;
        uint64 amount;
        bytes32 commitments;
        uint96 nonce;
    }

    string internal json;
    address internal deployer;
    address internal depositor;
    address internal recipient;
    DeciderVerifier internal verifier;
    SlotQueue internal queue;
    Rollup internal rollup;
    Token internal token;

    /// @notice Small numbers, so that tests cross epochs and periods quickly.
    function parameters() internal pure virtual returns (SlotParameters memory) {
        return SlotParameters({
            genesisBlock: 1_000,
            epochBlocks: 20,
            graceBlocks: 5,
            closeBlocks: 10,
            leadEpochs: 8,
            revealBlocks: 0,
            minStake: 10 ether,
            seatsPerStep: 2,
            unbondingBlocks: 100,
            maxSlotsHeld: 3,
            baseCollateral: 1 ether,
            collateralStep: 0.5 ether,
            rateEpochs: 4,
            minBid: 0.01 ether,
            minRaiseBps: 1_000,
            priceDamping: 16,
            unrevealedBps: 2_000,
            periodEpochs: 10,
            openAfterEpochs: 3
        });
    }

    function setUp() public virtual {
        json = vm.readFile("test/fixtures/settlements.json");
        vm.chainId(vm.parseJsonUint(json, ".chainId"));
        deployer = vm.parseJsonAddress(json, ".deployer");
        depositor = vm.parseJsonAddress(json, ".depositor");
        recipient = vm.parseJsonAddress(json, ".recipient");
        vm.startPrank(deployer);
        vm.setNonce(deployer, 0);
        verifier = new DeciderVerifier();
        queue = new SlotQueue(IRollup(vm.computeCreateAddress(deployer, 2)), parameters());
        rollup = new Rollup(
            queue,
            verifier,
            deployer,
            RollupParameters({
                genesisState: vm.parseJsonUint(json, ".genesisState"), depositBlocks: 1_000, upgradeBlocks: 7_200
            })
        );
        token = new Token(18);
        vm.stopPrank();
        vm.assertEq(address(rollup), vm.parseJsonAddress(json, ".rollup"));
        vm.assertEq(address(token), vm.parseJsonAddress(json, ".token"));
        rollup.listAsset(address(token));
        vm.roll(parameters().genesisBlock);
    }

    /// @notice A stored batch, with the account that it settles for.
    function stored(string memory name) internal view returns (Settlement memory settlement, address aggregator) {
        string memory path = string.concat(".batches.", name);
        settlement.stateBefore = vm.parseJsonUint(json, string.concat(path, ".stateBefore"));
        settlement.stateAfter = vm.parseJsonUint(json, string.concat(path, ".stateAfter"));
        settlement.dataDigest = vm.parseJsonUint(json, string.concat(path, ".dataDigest"));
        settlement.steps = vm.parseJsonUint(json, string.concat(path, ".steps"));
        settlement.data = vm.parseJsonBytes(json, string.concat(path, ".data"));
        uint256[] memory words = vm.parseJsonUintArray(json, string.concat(path, ".words"));
        for (uint256 i = 0; i < 31; ++i) {
            settlement.proof[i] = words[8 + i];
        }
        aggregator = vm.parseJsonAddress(json, string.concat(path, ".aggregator"));
    }

    /// @notice The nth deposit that a stored batch consumes.
    function storedDeposit(string memory name, uint256 index) internal view returns (Deposit memory deposit) {
        string memory path = string.concat(".batches.", name, ".deposits[", vm.toString(index), "]");
        deposit.asset = vm.parseJsonAddress(json, string.concat(path, ".asset"));
        deposit.amount = uint64(vm.parseJsonUint(json, string.concat(path, ".amount")));
        deposit.commitments = vm.parseJsonBytes32(json, string.concat(path, ".commitments"));
        deposit.nonce = uint96(vm.parseJsonUint(json, string.concat(path, ".nonce")));
    }

    /// @notice Puts a stored deposit in escrow.
    function makeDeposit(string memory name, uint256 index) internal returns (Deposit memory deposit) {
        deposit = storedDeposit(name, index);
        escrow(deposit);
    }

    function escrow(Deposit memory deposit) internal {
        uint256 value = deposit.amount * rollup.unitOf(deposit.asset);
        if (deposit.asset == address(0)) {
            vm.deal(depositor, value);
        } else {
            token.mint(depositor, value);
            vm.prank(depositor);
            token.approve(address(rollup), value);
            value = 0;
        }
        vm.prank(depositor);
        rollup.deposit{value: value}(deposit.asset, deposit.amount, deposit.commitments, deposit.nonce);
    }

    function idOf(Deposit memory deposit) internal view returns (bytes32) {
        return bytes32((uint256(uint160(depositor)) << 96) | deposit.nonce);
    }

    /// @notice An account joins with the stake that its seat needs.
    function join(address account) internal {
        uint256 stake = queue.entryStake();
        vm.deal(account, account.balance + stake);
        vm.prank(account);
        queue.join{value: stake}("https://aggregator.example:7600");
    }

    /// @notice Settles as the transaction of a plain account.
    function settle(address aggregator, Settlement memory settlement) internal {
        vm.prank(aggregator, aggregator);
        rollup.settleBatch(settlement);
    }

    function settle(string memory name) internal {
        (Settlement memory settlement, address aggregator) = stored(name);
        settle(aggregator, settlement);
    }

    /// @notice Goes to a block of an epoch.
    function rollTo(uint256 epoch, uint256 offset) internal {
        vm.roll(parameters().genesisBlock + epoch * parameters().epochBlocks + offset);
    }

    function first(uint256 epoch) internal pure returns (uint256) {
        return parameters().genesisBlock + epoch * parameters().epochBlocks;
    }

    function last(uint256 epoch) internal pure returns (uint256) {
        return first(epoch + 1) - 1;
    }
}

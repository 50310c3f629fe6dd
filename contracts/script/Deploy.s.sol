// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Rollup} from "../src/Rollup.sol";
import {SlotQueue} from "../src/SlotQueue.sol";
import {IRollup} from "../src/interfaces/IRollup.sol";
import {RollupParameters} from "../src/types/RollupParameters.sol";
import {SlotParameters} from "../src/types/SlotParameters.sol";
import {DeciderVerifier} from "../src/verifier/DeciderVerifier.sol";
import {Vm} from "../test/utils/Vm.sol";

/// @notice Deploys verifier, slot queue and rollup with the parameters of a file (`PARAMETERS`, default script/parameters.json).
///
///     GENESIS_STATE=… OWNER=… node scripts/forge.mjs script script/Deploy.s.sol --rpc-url … --broadcast --private-key …
///
/// Queue and rollup know each other's address for good: the rollup's follows from the deployer's nonce.
contract Deploy {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bool public constant IS_SCRIPT = true;

    function run() external returns (Rollup rollup, SlotQueue queue, DeciderVerifier verifier) {
        string memory json = VM.readFile(VM.envOr("PARAMETERS", string("script/parameters.json")));
        uint256 genesisState = VM.envUint("GENESIS_STATE");
        address owner = VM.envAddress("OWNER");
        VM.startBroadcast();
        (, address deployer,) = VM.readCallers();
        (rollup, queue, verifier) = deploy(json, deployer, owner, genesisState);
        VM.stopBroadcast();
    }

    /// @notice The three contracts, created by the account that the calls come from.
    function deploy(string memory json, address deployer, address owner, uint256 genesisState)
        public
        returns (Rollup rollup, SlotQueue queue, DeciderVerifier verifier)
    {
        verifier = new DeciderVerifier();
        address expected = VM.computeCreateAddress(deployer, VM.getNonce(deployer) + 1);
        queue = new SlotQueue(IRollup(expected), slotParameters(json));
        rollup = new Rollup(
            queue,
            verifier,
            owner,
            RollupParameters({
                genesisState: genesisState,
                depositBlocks: uint32(_number(json, ".rollup.depositBlocks")),
                upgradeBlocks: uint32(_number(json, ".rollup.upgradeBlocks"))
            })
        );
    }

    /// @notice The slots of a parameters file; epoch 0 begins `genesisDelayBlocks` from now.
    function slotParameters(string memory json) public view returns (SlotParameters memory p) {
        p.genesisBlock = uint64(VM.getBlockNumber() + _number(json, ".slots.genesisDelayBlocks"));
        p.epochBlocks = uint32(_number(json, ".slots.epochBlocks"));
        p.graceBlocks = uint32(_number(json, ".slots.graceBlocks"));
        p.closeBlocks = uint32(_number(json, ".slots.closeBlocks"));
        p.leadEpochs = uint32(_number(json, ".slots.leadEpochs"));
        p.revealBlocks = uint32(_number(json, ".slots.revealBlocks"));
        p.minStake = uint96(_number(json, ".slots.minStake"));
        p.seatsPerStep = uint16(_number(json, ".slots.seatsPerStep"));
        p.unbondingBlocks = uint32(_number(json, ".slots.unbondingBlocks"));
        p.maxSlotsHeld = uint16(_number(json, ".slots.maxSlotsHeld"));
        p.baseCollateral = uint96(_number(json, ".slots.baseCollateral"));
        p.collateralStep = uint96(_number(json, ".slots.collateralStep"));
        p.rateEpochs = uint16(_number(json, ".slots.rateEpochs"));
        p.minBid = uint96(_number(json, ".slots.minBid"));
        p.minRaiseBps = uint16(_number(json, ".slots.minRaiseBps"));
        p.priceDamping = uint16(_number(json, ".slots.priceDamping"));
        p.unrevealedBps = uint16(_number(json, ".slots.unrevealedBps"));
        p.periodEpochs = uint32(_number(json, ".slots.periodEpochs"));
        p.openAfterEpochs = uint32(_number(json, ".slots.openAfterEpochs"));
    }

    function _number(string memory json, string memory key) private pure returns (uint256) {
        return VM.parseJsonUint(json, key);
    }
}

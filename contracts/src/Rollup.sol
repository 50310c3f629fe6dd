// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Escrow} from "./Escrow.sol";
import {IRollup} from "./interfaces/IRollup.sol";
import {ISlotQueue} from "./interfaces/ISlotQueue.sol";
import {BatchData} from "./libraries/BatchData.sol";
import {Parameters} from "./libraries/Parameters.sol";
import {PlainAccount} from "./libraries/PlainAccount.sol";
import {RollupParameters} from "./types/RollupParameters.sol";
import {Settlement} from "./types/Settlement.sol";
import {IDeciderVerifier} from "./verifier/IDeciderVerifier.sol";

/// @title A rollup of private notes
/// @notice specs/settlement.md. The chain keeps one element, S, and moves it by verified batches alone.
contract Rollup is Escrow, Ownable2Step {
    using SafeCast for uint256;

    /// One word, which every batch writes.
    struct Head {
        IDeciderVerifier verifier;
        uint32 batchNumber;
        /// Block from which `_next` verifies; zero if no change is scheduled.
        uint64 switchBlock;
    }

    ISlotQueue public immutable QUEUE;
    uint256 public immutable UPGRADE_BLOCKS;

    /// @inheritdoc IRollup
    uint256 public state;
    Head private _head;
    IDeciderVerifier private _next;

    constructor(ISlotQueue queue, IDeciderVerifier first, address owner, RollupParameters memory parameters)
        Escrow(parameters.depositBlocks)
        Ownable(owner)
    {
        Parameters.within("genesisState", parameters.genesisState, 1, BatchData.R - 1);
        // Time enough for a batch that has begun; and not so long that a mistake locks an amount for good.
        Parameters.within("depositBlocks", parameters.depositBlocks, 50, 2_628_000);
        // Users who do not trust the next verifier must be able to leave before it verifies.
        Parameters.within("upgradeBlocks", parameters.upgradeBlocks, 7_200, 2_628_000);
        if (queue.rollup() != address(this)) revert WrongQueue(address(this), queue.rollup());
        _checkVerifier(first);
        QUEUE = queue;
        UPGRADE_BLOCKS = parameters.upgradeBlocks;
        state = parameters.genesisState;
        _head.verifier = first;
    }

    /// @inheritdoc IRollup
    function settleBatch(Settlement calldata settlement) external {
        PlainAccount.check(msg.sender);
        _settle(msg.sender, settlement);
    }

    /// @inheritdoc IRollup
    function settleBatchFor(address aggregator, Settlement calldata settlement) external {
        if (msg.sender != address(QUEUE)) revert NotQueue(msg.sender);
        _settle(aggregator, settlement);
    }

    /// @inheritdoc IRollup
    function scheduleVerifier(IDeciderVerifier next) external onlyOwner {
        Head memory head = _currentHead();
        if (head.switchBlock != 0) revert AlreadyScheduled(head.switchBlock);
        bytes32 digest = _checkVerifier(next);
        head.switchBlock = (block.number + UPGRADE_BLOCKS).toUint64();
        _head = head;
        _next = next;
        emit VerifierScheduled(address(next), digest, head.switchBlock);
    }

    /// @inheritdoc IRollup
    function cancelVerifier() external onlyOwner {
        Head memory head = _currentHead();
        if (head.switchBlock == 0) revert NothingScheduled();
        head.switchBlock = 0;
        _head = head;
        emit VerifierCancelled(address(_next));
    }

    /// @inheritdoc IRollup
    function batchNumber() external view returns (uint256) {
        return _head.batchNumber;
    }

    /// @inheritdoc IRollup
    function verifier() external view returns (IDeciderVerifier) {
        return _currentHead().verifier;
    }

    /// @inheritdoc IRollup
    function scheduledVerifier() external view returns (IDeciderVerifier next, uint256 fromBlock) {
        fromBlock = _currentHead().switchBlock;
        if (fromBlock != 0) next = _next;
    }

    /// @inheritdoc IRollup
    function deployment() public view returns (uint256) {
        // Not kept: if the chain splits, steps for one branch are none for the other.
        return uint256(keccak256(abi.encode(block.chainid, address(this)))) % BatchData.R;
    }

    /// @notice Eligibility, prior state, data, proof; a revert undoes whatever was written before it.
    function _settle(address aggregator, Settlement calldata settlement) private {
        uint256 steps = settlement.steps;
        // The number of steps is the proof's: were it not, the proof would be refused and the record undone.
        QUEUE.recordSettlement(aggregator, 2 * steps);

        uint256 before = state;
        if (settlement.stateBefore != before) revert StaleState(before, settlement.stateBefore);

        uint256 stateAfter = settlement.stateAfter;
        uint256 dataDigest = settlement.dataDigest;
        BatchData.Pass memory pass = BatchData.load(before, stateAfter, dataDigest, steps, settlement.data);
        _readSteps(pass, aggregator, steps);

        uint256[39] memory words;
        words[0] = deployment();
        words[1] = before;
        words[2] = stateAfter;
        words[3] = dataDigest;
        words[4] = pass.challenge;
        words[5] = pass.fingerprint;
        words[6] = steps;
        words[7] = uint256(uint160(aggregator));
        uint256[31] calldata proof = settlement.proof;
        assembly ("memory-safe") {
            calldatacopy(add(words, 0x100), proof, 0x3e0)
        }
        Head memory head = _currentHead();
        // It reverts unless the proof is one for these very values; scalars that are not reduced are refused there.
        head.verifier.verify(words);

        state = stateAfter;
        uint256 number = head.batchNumber;
        head.batchNumber = (number + 1).toUint32();
        _head = head;
        emit BatchSettled(number, aggregator, stateAfter, steps);
    }

    /// @notice One pass over the steps: p, the fees, deposits and withdrawals.
    function _readSteps(BatchData.Pass memory pass, address aggregator, uint256 steps) private {
        BatchData.absorbPlain(pass);
        while (pass.cursor < pass.end && pass.absorbed < steps) {
            uint256 cursor = pass.cursor;
            uint256 asset = BatchData.asset(cursor);
            if (asset != pass.asset) {
                // Fees are owed asset by asset: dear only for who does not sort the batch.
                _oweFees(pass, aggregator);
                pass.asset = asset;
            }
            BatchData.absorb(pass, _moveValue(cursor, pass.absorbed));
            BatchData.absorbPlain(pass);
        }
        if (pass.cursor != pass.end || pass.absorbed != steps) {
            revert DataMismatch(steps, pass.absorbed);
        }
        _oweFees(pass, aggregator);
    }

    /// @notice Consumes the deposit of a step and owes its withdrawal.
    /// @return extra Bytes of both in the data.
    function _moveValue(uint256 cursor, uint256 step) private returns (uint256 extra) {
        uint256 flags = BatchData.flags(cursor);
        (uint256 deposited, uint256 withdrawn,) = BatchData.amountsOf(cursor);
        bool toRecipient = flags & BatchData.FLAG_RECIPIENT != 0;
        bool fromDeposit = flags & BatchData.FLAG_DEPOSIT != 0;
        bool known = flags <= BatchData.FLAG_RECIPIENT + BatchData.FLAG_DEPOSIT;
        if (!known || fromDeposit != (deposited != 0) || toRecipient != (withdrawn != 0)) {
            revert FlagsMismatch(step, flags);
        }
        // An asset is 160 bits of the data.
        // forge-lint: disable-next-line(unsafe-typecast)
        address token = address(uint160(BatchData.asset(cursor)));
        if (toRecipient) {
            extra = BatchData.RECIPIENT_BYTES;
            address recipient = BatchData.recipient(cursor);
            _owe(recipient, token, withdrawn);
            emit Credited(recipient, token, withdrawn);
        }
        if (fromDeposit) {
            extra += BatchData.DEPOSIT_BYTES;
            bytes32 id = BatchData.depositId(cursor, toRecipient);
            _consume(id, token, deposited, BatchData.commitmentsHash(cursor));
        }
    }

    function _oweFees(BatchData.Pass memory pass, address aggregator) private {
        if (pass.fees == 0) return;
        // forge-lint: disable-next-line(unsafe-typecast)
        _owe(aggregator, address(uint160(pass.asset)), pass.fees);
        pass.fees = 0;
    }

    /// @notice The head as of this block: a scheduled change takes effect by itself, at a block that everyone knows.
    function _currentHead() private view returns (Head memory head) {
        head = _head;
        if (head.switchBlock != 0 && block.number >= head.switchBlock) {
            head.verifier = _next;
            head.switchBlock = 0;
        }
    }

    function _checkVerifier(IDeciderVerifier candidate) private view returns (bytes32 digest) {
        if (address(candidate).code.length == 0) revert NotAVerifier(address(candidate));
        digest = candidate.keyDigest();
        if (digest == 0) revert NotAVerifier(address(candidate));
    }
}

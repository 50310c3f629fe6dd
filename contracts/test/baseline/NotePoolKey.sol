// SPDX-License-Identifier: MIT OR Apache-2.0
// Written by a test; not to be edited.
pragma solidity 0.8.37;

/// @notice Constants of an INSECURE development key: anyone can prove anything with it.
library NotePoolKey {
    uint256 internal constant ALPHA_X = 0x190d2f36ff24f63614004ec5f3b1dde9b7acb06f38e68d56862336d5d4e67026;
    uint256 internal constant ALPHA_Y = 0x007938eb249d49a2de55d8f504f6d9592369ccb5907a0180bf2318ff9af694b5;
    uint256 internal constant IC0_X = 0x0cb08cd8406b304200bc22295d46ea36278af7e4e45dc41e85b075563afc12c8;
    uint256 internal constant IC0_Y = 0x066fd31c6bdb9dbdd1ecf10e3c4da00202dc402ed97435b9065a54636295b8e3;
    uint256 internal constant IC1_X = 0x212d3a2075331b4044ce4b851e89df32ee467018853b0f36cd834d577e973e87;
    uint256 internal constant IC1_Y = 0x2840988cf8b13ccfb7e08df74906036a1ea29ef3be389db0b0b133180648fa1a;
    uint256 internal constant IC2_X = 0x21df2feef56e58bcf9497e3bd9f3caa572db06fc1f4949b79fb55df4d0a6bd1f;
    uint256 internal constant IC2_Y = 0x203f45344c85cc91ff0a886894e240cac617e6217c3e61b34ae646f24ad47467;
    uint256 internal constant IC3_X = 0x05026c693cecffc4994df8fbfc9f493b06a9abba7f10aba4cc60b82b784894f3;
    uint256 internal constant IC3_Y = 0x00d18ae9e22ad26abf0478d890b1c0466693537d970868dce32f7ccce1f16466;
    uint256 internal constant IC4_X = 0x0326efacd0d5c13d0789689f235b08c96dca25e391a91e7e9aed7cc79803d683;
    uint256 internal constant IC4_Y = 0x0025c09ebbd8313f6831fb1af4df48cfd6422dcdb755a200c1cbbaf0dd6601b7;
    uint256 internal constant IC5_X = 0x1a6496725533f6cf99a8c674980bf091a5590424f9ed770c3e98e51ff59fc330;
    uint256 internal constant IC5_Y = 0x0c2eb2ee7a53a514aca1417f6f6673cdec9062277b3dc0209bec8b8b015e2e8d;
    uint256 internal constant IC6_X = 0x22adee010827aa995e18c5e987259aefe7270e035037061db7c3627354480bce;
    uint256 internal constant IC6_Y = 0x2acbb1a5b70031e5da59e0b184b02c4a0c68d03e5615ee8fdca4b2984d192fbd;
    uint256 internal constant IC7_X = 0x219b6107b50fd3562dba8626d8fa67353afe50080241730c8bbc30fce71719d0;
    uint256 internal constant IC7_Y = 0x015bc98d6efe3fcb3ce82b453eebe326ed9525bd55f369d900dbddf2350b6015;
    uint256 internal constant IC8_X = 0x2397fb0d97d37ea0fb972d71940b2acc7094bc2019b5b16ecf7a20225a8a2766;
    uint256 internal constant IC8_Y = 0x008ea0608b10b1c193f981e2a47d53c447b7b4630e3b27e793d5b601d4281a90;
    uint256 internal constant BETA_X1 = 0x240430f8956b6b0a35dfaa35b262937a04bfbc85bb71dd8f06758161320b3afd;
    uint256 internal constant BETA_X0 = 0x1ce92f279d8c4e0d0fe705bc00250a2e0917e050c907643c46e6ccd963a96349;
    uint256 internal constant BETA_Y1 = 0x000b4b86183d7adf8a67c2e420d162130f63919a9cba785a669abf6426b412a3;
    uint256 internal constant BETA_Y0 = 0x0f06873f30212bb30146cf393bfda8a8a5195d4e93a33ade048b253a19229318;
    uint256 internal constant DELTA_X1 = 0x2e3fa0901347186503282358e00ebd5eb402b0dd1f198c50f1a464e34af1214a;
    uint256 internal constant DELTA_X0 = 0x118fcdc2041a7d64c361f2d1649d3aad7514ef5d3ea6adb74332abaac4b825a4;
    uint256 internal constant DELTA_Y1 = 0x07b6b4ac26f013a883241371c351432cfcec3ca775b4df0528e3ce5b49ec8def;
    uint256 internal constant DELTA_Y0 = 0x2d2a80a6f2e3209efefc0129e499bd72a0195da340eca0d7a38d09e6ad7e0c6f;
    uint256 internal constant ONE_X1 = 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2;
    uint256 internal constant ONE_X0 = 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed;
    uint256 internal constant ONE_Y1 = 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b;
    uint256 internal constant ONE_Y0 = 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa;
}

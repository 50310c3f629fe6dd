// SPDX-License-Identifier: MIT OR Apache-2.0
// Written by `notefold verifier-contract`; not to be edited.
pragma solidity 0.8.37;

/// @notice Constants of one verifying key. INSECURE development key from the seed "notefold development": anyone can prove anything with it.
/// Folding parameters: a6fa37ef3f4b4b8191156fb5e89ba328a00868b555fbcff7c53b2d497da8aab2
library DeciderKey {
    bytes32 internal constant DIGEST = 0x07edaa7a17bed9883bca83d60796d9c23234aad7930e657909537ec39b87c55e;
    uint256 internal constant ALPHA_X = 0x304c47bbf23fa8bdaa30e01754cda7665bc8ecccc5485b4dcce21ac710b94f11;
    uint256 internal constant ALPHA_Y = 0x30122b7ec0ca83b17795b884cb9bbdadbc61385f8bc6e0ce7806fbecf39ff2aa;
    uint256 internal constant IC0_X = 0x1186996b42b49e3de91456aaf358e4180cd360ec123272cbac3dc3788062976f;
    uint256 internal constant IC0_Y = 0x2040b7cad6237c3236159c74011f57e695f8e2357b27bbd1635883a320e1ed8b;
    uint256 internal constant IC1_X = 0x21f27ff1e1fa84fd6abf8139e3826044ebaf11e02a11ead4de0662608aef0afd;
    uint256 internal constant IC1_Y = 0x09b7f95c33c090bf6ceed87bd4a73601f22247da3be233559128e58b7711112e;
    uint256 internal constant IC2_X = 0x29d4297e70706e2a95711d400181957561a64929c936318ff16ae77e8ac376b3;
    uint256 internal constant IC2_Y = 0x3006468fdda4fc13a2e8215050b28cd89543ab8f002f871c5669e44d2760a084;
    uint256 internal constant IC3_X = 0x2e47055337e10d21a4d3019836c92d691a2d2592d3b701ba61926e5a65db4a0c;
    uint256 internal constant IC3_Y = 0x00f054e3cd0df7081394dbc4e8136f19b0ec92e40647525b8b1266ba2def4426;
    uint256 internal constant BLINDING_X = 0x04d255a865958547c25f7f2370994d27d8dcaf4644e1bb73aefd05b8041c2f63;
    uint256 internal constant BLINDING_Y = 0x1bec90801e5fa39599fb59aff3e171af77df57c8a22fb5f1fe51510dc27a5ab0;
    uint256 internal constant BETA_X1 = 0x2d0a594a9ba98094eeaf96e71177fbe877109d5206e2d48adc35a5a5a8063879;
    uint256 internal constant BETA_X0 = 0x0b3ac1067b9e3a7d54032835b777078e6e161086e96d1680484c741a44a8d948;
    uint256 internal constant BETA_Y1 = 0x149c43bbc3768d9ee00ea321865499fa1a176fa7f4d36cc8f3e858a771da9fa7;
    uint256 internal constant BETA_Y0 = 0x02ec94d993d97f6ab97cfcce942ca916a93565e1c87dc3fcc9addb0b19e5d9d9;
    uint256 internal constant DELTA_X1 = 0x2a5bb317c04a2efeb167a8fd86c007eebde26b4fe49a0278d26fd5bb59bf41c3;
    uint256 internal constant DELTA_X0 = 0x1b9b317eae76fb54f76d54956adbd907d33d378ac993640b7d70f970ae584532;
    uint256 internal constant DELTA_Y1 = 0x28553c2604e9e473f0b9ecd378a8b0cdb8ca77c11e316b7e722b61a5981abc4a;
    uint256 internal constant DELTA_Y0 = 0x1c19cb573a64849ed50e58df29a2de3d8ffbc0e0bd9d18c31a9a39a4fc754891;
    uint256 internal constant SIGMA_X1 = 0x25747607e9d1504b660a8f5b2927df0550cd2183857acc3003fe7383e12f3d0a;
    uint256 internal constant SIGMA_X0 = 0x1e64724f935cfcbccc7c4a98f438eb2221b74dedd2bcf8e8cc867c68a09535c4;
    uint256 internal constant SIGMA_Y1 = 0x05f742df937cfb8bb9465ec675bf730e0a6d2ec6a5d7006c3a3c9f25e858bae9;
    uint256 internal constant SIGMA_Y0 = 0x2c9e3dfacf9fb7aab55f49f1ec7e372538505c6ff6966758a2c67dbf0255fde5;
    uint256 internal constant ONE_X1 = 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2;
    uint256 internal constant ONE_X0 = 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed;
    uint256 internal constant ONE_Y1 = 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b;
    uint256 internal constant ONE_Y0 = 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa;
    uint256 internal constant TAU_X1 = 0x15e402d8790c53c36333238ec2402fb77cbfc10353e8fb37320fc7c311428c0f;
    uint256 internal constant TAU_X0 = 0x097fb68bd07482ba0985d59fa939c5cd2610603ace587897854df9d63e04561b;
    uint256 internal constant TAU_Y1 = 0x17abef437e5be4309ef80dd3a39327af97cf4aed25bac6cf3957c30cb3d9f2bb;
    uint256 internal constant TAU_Y0 = 0x0e9dffa6529b3ccbea9e85589b563889d2b3d63fa56f7732ec3379e7a7b57f73;
}

// SPDX-License-Identifier: MIT OR Apache-2.0
// Written by `notefold verifier-contract`; not to be edited.
pragma solidity 0.8.37;

/// @notice Constants of one verifying key. INSECURE development key from the seed "notefold development": anyone can prove anything with it.
/// Folding parameters: a6fa37ef3f4b4b8191156fb5e89ba328a00868b555fbcff7c53b2d497da8aab2
library DeciderKey {
    bytes32 internal constant DIGEST = 0xc0b6554809e7b2f80bc7c99e1c1a93f2dd2f793f1baa36b6cb0fac1c07cf4945;
    uint256 internal constant ALPHA_X = 0x304c47bbf23fa8bdaa30e01754cda7665bc8ecccc5485b4dcce21ac710b94f11;
    uint256 internal constant ALPHA_Y = 0x30122b7ec0ca83b17795b884cb9bbdadbc61385f8bc6e0ce7806fbecf39ff2aa;
    uint256 internal constant IC0_X = 0x2b6d4eaf3371b3dfbc744e6e8cf1e982afdb8cb2781901f36164d37ef2bbe6c3;
    uint256 internal constant IC0_Y = 0x26c8639498e1057bd8f8d79fdbdd211da812986a9aa52e09d46ab04224ac8e46;
    uint256 internal constant IC1_X = 0x2aa2faf766b6300686e383692cb4c3b91c7f95cc5e393818fb9999ec989b6b37;
    uint256 internal constant IC1_Y = 0x0c3102a744dd11d92a032d36903d8733019a8304545c9c226da2a47e36f7d2c0;
    uint256 internal constant IC2_X = 0x2aff3acf435077620938984bb4929fdecdf72d9d6ca6114db0231a2f566641eb;
    uint256 internal constant IC2_Y = 0x0e04c40135a78f90489ac7f9fd914d19f7f75d718925b8c4ab54a4798c52d1da;
    uint256 internal constant IC3_X = 0x097b4d13f61ae4e8861dc0bd6681fb146276f87a12e787d8ef205f0b630c1cc0;
    uint256 internal constant IC3_Y = 0x0bd4d5043725811e3000c0059542b3ba86cddf2321c6f23a6dfc009f2aa4e9f7;
    uint256 internal constant BLINDING_X = 0x04d255a865958547c25f7f2370994d27d8dcaf4644e1bb73aefd05b8041c2f63;
    uint256 internal constant BLINDING_Y = 0x1bec90801e5fa39599fb59aff3e171af77df57c8a22fb5f1fe51510dc27a5ab0;
    uint256 internal constant BETA_X1 = 0x2d0a594a9ba98094eeaf96e71177fbe877109d5206e2d48adc35a5a5a8063879;
    uint256 internal constant BETA_X0 = 0x0b3ac1067b9e3a7d54032835b777078e6e161086e96d1680484c741a44a8d948;
    uint256 internal constant BETA_Y1 = 0x149c43bbc3768d9ee00ea321865499fa1a176fa7f4d36cc8f3e858a771da9fa7;
    uint256 internal constant BETA_Y0 = 0x02ec94d993d97f6ab97cfcce942ca916a93565e1c87dc3fcc9addb0b19e5d9d9;
    uint256 internal constant GAMMA_X1 = 0x2a5bb317c04a2efeb167a8fd86c007eebde26b4fe49a0278d26fd5bb59bf41c3;
    uint256 internal constant GAMMA_X0 = 0x1b9b317eae76fb54f76d54956adbd907d33d378ac993640b7d70f970ae584532;
    uint256 internal constant GAMMA_Y1 = 0x28553c2604e9e473f0b9ecd378a8b0cdb8ca77c11e316b7e722b61a5981abc4a;
    uint256 internal constant GAMMA_Y0 = 0x1c19cb573a64849ed50e58df29a2de3d8ffbc0e0bd9d18c31a9a39a4fc754891;
    uint256 internal constant DELTA_X1 = 0x2cd276aa7177600c9beb547da01413dd33fa31bbe28c964a4d05c1bfe6b9693f;
    uint256 internal constant DELTA_X0 = 0x19bcb921c3b792c568873a45275e28d1a3acb58b43eaf160fb81c455d2102484;
    uint256 internal constant DELTA_Y1 = 0x30063b56ad6e8a6c2e018a0cf1e9a30494a3284eca81353145a7961e737a322a;
    uint256 internal constant DELTA_Y0 = 0x1bd12ef4a7cd7be3aa001324200d906a40fa337890c0ce592e25cb3b9510404b;
    uint256 internal constant SIGMA_X1 = 0x13e0439796114953da9bb5f400aa8cd38f9fb78cbb0478c90ec31d614d4f1b66;
    uint256 internal constant SIGMA_X0 = 0x2848a67e6987f72bf6aec314f65a7515d465c26a0963f023a9bc793f0ffc922f;
    uint256 internal constant SIGMA_Y1 = 0x007d9676bf2bc34e381af7458a62d15f4cd790dbf07eaee55e64033fb7f2a702;
    uint256 internal constant SIGMA_Y0 = 0x139650bffcf91470b48084157138b7c26f9e9a13b046802efb65ce00a5ac9a19;
    uint256 internal constant ONE_X1 = 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2;
    uint256 internal constant ONE_X0 = 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed;
    uint256 internal constant ONE_Y1 = 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b;
    uint256 internal constant ONE_Y0 = 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa;
    uint256 internal constant TAU_X1 = 0x15e402d8790c53c36333238ec2402fb77cbfc10353e8fb37320fc7c311428c0f;
    uint256 internal constant TAU_X0 = 0x097fb68bd07482ba0985d59fa939c5cd2610603ace587897854df9d63e04561b;
    uint256 internal constant TAU_Y1 = 0x17abef437e5be4309ef80dd3a39327af97cf4aed25bac6cf3957c30cb3d9f2bb;
    uint256 internal constant TAU_Y0 = 0x0e9dffa6529b3ccbea9e85589b563889d2b3d63fa56f7732ec3379e7a7b57f73;
}

//! The curve cycle: BN254 G1 (base field Fq, scalar field Fr) and Grumpkin (base Fr, scalar Fq).
//!
//! One place names the concrete types, so that the rest of the crate reads as the papers do.

pub use halo2curves::bn256::{Fq, Fr, G1, G1Affine, G2Affine};

/// nova-snark's engine over BN254 with KZG commitments: R1CS over [`Fr`], commitments in [`G1`].
pub type E1 = nova_snark::provider::Bn256EngineKZG;

/// nova-snark's engine over Grumpkin: R1CS over [`Fq`], commitments on Grumpkin.
pub type E2 = nova_snark::provider::GrumpkinEngine;

/// A hiding commitment in G1: `Σ v_i·[τ^i]₁ + r·h`.
pub type Commitment = nova_snark::provider::hyperkzg::Commitment<E1>;

/// R1CS matrices over Fr, `A z ∘ B z = C z` with `z = (W, 1, X)`.
pub type R1CSShape = nova_snark::r1cs::R1CSShape<E1>;

/// A fresh instance `u = (comm_W, X)`.
pub type R1CSInstance = nova_snark::r1cs::R1CSInstance<E1>;

/// A relaxed instance `U = (comm_W, comm_E, u, X)`.
pub type RelaxedR1CSInstance = nova_snark::r1cs::RelaxedR1CSInstance<E1>;

/// Reduces 32 big-endian bytes (a keccak digest) modulo r, as the contracts do with `mod`.
#[must_use]
pub fn reduce_be(bytes: &[u8; 32]) -> Fr {
    let mut wide = [0u8; 64];
    for (low, byte) in wide.iter_mut().zip(bytes.iter().rev()) {
        *low = *byte;
    }
    <Fr as ff::FromUniformBytes<64>>::from_uniform_bytes(&wide)
}

/// The 32 big-endian bytes of a scalar, the form in which people and the EVM read it.
#[must_use]
pub fn to_be_bytes(value: &Fr) -> [u8; 32] {
    let mut bytes: [u8; 32] = ff::PrimeField::to_repr(value).into();
    bytes.reverse();
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::{Field, PrimeField};

    #[test]
    fn reduce_be_is_the_integer_modulo_r() {
        let mut one = [0u8; 32];
        one[31] = 1;
        assert_eq!(reduce_be(&one), Fr::ONE);

        // r itself reduces to zero, r − 1 does not.
        let mut modulus = to_be_bytes(&-Fr::ONE);
        assert_eq!(reduce_be(&modulus), -Fr::ONE);
        modulus[31] += 1;
        assert_eq!(reduce_be(&modulus), Fr::ZERO);
        assert_eq!(reduce_be(&[0xff; 32]), {
            // 2^256 − 1 = 4·(2^254) − 1, computed in the field.
            Fr::from(2).pow([256]) - Fr::ONE
        });
        assert_eq!(Fr::NUM_BITS, 254);
    }
}

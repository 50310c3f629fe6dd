//! `DeciderKey.sol` from a verifying key.

use crate::{
    convert::{g1_to_ark, g2_to_ark},
    keys::DeciderVerifyingKey,
    settlement::{put_g1, put_g2},
};
use ark_bn254::{G1Affine, G2Affine};
use ark_ec::AffineRepr;
use notefold_folding::commitment_key::{KeyOrigin, blinding_generator};
use std::fmt::Write;

/// The library, ready to be compiled.
///
/// # Panics
///
/// Never: writing into a string does not fail.
#[must_use]
pub fn solidity_constants(key: &DeciderVerifyingKey, origin: &KeyOrigin) -> String {
    let origin = match origin {
        KeyOrigin::Imported => "The key comes from a ceremony.".to_owned(),
        KeyOrigin::InsecureDevelopment { seed } => {
            format!(
                "INSECURE development key from the seed {seed:?}: anyone can prove anything with it."
            )
        }
    };
    let mut text = String::new();
    let groth16 = &key.groth16;
    let mut body = String::new();
    g1(&mut body, "ALPHA", &groth16.alpha_g1);
    for (index, base) in groth16.ic.iter().enumerate() {
        g1(&mut body, &format!("IC{index}"), base);
    }
    g1(&mut body, "BLINDING", &g1_to_ark(&blinding_generator()));
    let pairs = [
        ("BETA", groth16.beta_g2),
        ("DELTA", groth16.delta_g2),
        ("SIGMA", groth16.sigma_g2),
        ("ONE", G2Affine::generator()),
        ("TAU", g2_to_ark(key.tau_g2())),
    ];
    for (name, point) in pairs {
        g2(&mut body, name, &point);
    }
    write!(
        text,
        "// SPDX-License-Identifier: MIT OR Apache-2.0
// Written by `notefold verifier-contract`; not to be edited.
pragma solidity 0.8.37;

/// @notice Constants of one verifying key. {origin}
/// Folding parameters: {params}
library DeciderKey {{
    bytes32 internal constant DIGEST = 0x{digest};
{body}}}
",
        params = key.params(),
        digest = hex::encode(key.digest()),
    )
    .expect("invariant: writing into a string does not fail");
    text
}

/// The constants of a plain Groth16 key.
#[cfg(feature = "testing")]
pub(crate) fn plain_constants(name: &str, key: &crate::groth16::VerifyingKey) -> String {
    let mut body = String::new();
    g1(&mut body, "ALPHA", &key.alpha_g1);
    for (index, base) in key.ic.iter().enumerate() {
        g1(&mut body, &format!("IC{index}"), base);
    }
    let pairs = [
        ("BETA", key.beta_g2),
        ("DELTA", key.delta_g2),
        ("ONE", G2Affine::generator()),
    ];
    for (name, point) in pairs {
        g2(&mut body, name, &point);
    }
    format!(
        "// SPDX-License-Identifier: MIT OR Apache-2.0
// Written by a test; not to be edited.
pragma solidity 0.8.37;

/// @notice Constants of an INSECURE development key: anyone can prove anything with it.
library {name} {{
{body}}}
"
    )
}

fn g2(body: &mut String, name: &str, point: &G2Affine) {
    for (coordinate, word) in ["X1", "X0", "Y1", "Y0"].into_iter().zip(put_g2(point)) {
        constant(body, &format!("{name}_{coordinate}"), &word);
    }
}

fn g1(body: &mut String, name: &str, point: &G1Affine) {
    for (coordinate, word) in ["X", "Y"].into_iter().zip(put_g1(point)) {
        constant(body, &format!("{name}_{coordinate}"), &word);
    }
}

fn constant(body: &mut String, name: &str, word: &[u8; 32]) {
    writeln!(
        body,
        "    uint256 internal constant {name} = 0x{};",
        hex::encode(word)
    )
    .expect("invariant: writing into a string does not fail");
}

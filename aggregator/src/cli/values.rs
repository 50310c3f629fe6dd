//! Values on the command line: assets, contracts, payments.

use notefold_folding::{keys::Address, note::Asset, value::NoteValue};
use std::str::FromStr;

/// Parses exactly `N` bytes of hexadecimal, with or without 0x.
pub(super) fn bytes<const N: usize>(text: &str) -> Result<[u8; N], String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let mut bytes = [0; N];
    hex::decode_to_slice(digits, &mut bytes)
        .map_err(|_| format!("expected {} hexadecimal digits, got {text:?}", 2 * N))?;
    Ok(bytes)
}

/// Parses an Ethereum address.
pub(super) fn address(text: &str) -> Result<notefold_wrapper::public_values::Address, String> {
    bytes(text).map(notefold_wrapper::public_values::Address)
}

/// Parses `ether` or a token contract.
pub(super) fn asset(text: &str) -> Result<Asset, String> {
    if text == "ether" {
        return Ok(Asset::ETHER);
    }
    bytes(text).map(Asset::new)
}

/// Parses an amount in the asset's smallest unit.
pub(super) fn amount(text: &str) -> Result<NoteValue, String> {
    text.parse::<u64>().map(NoteValue::new).map_err(|_| {
        format!(
            "expected a whole number from 0 to {}, got {text:?}",
            u64::MAX
        )
    })
}

/// `ADDRESS=AMOUNT`.
#[derive(Clone, Debug)]
pub(super) struct Payment {
    pub(super) to: Address,
    pub(super) value: NoteValue,
}

impl FromStr for Payment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (to, value) = text
            .split_once('=')
            .ok_or_else(|| format!("expected ADDRESS=AMOUNT, got {text:?}"))?;
        let to = to.parse::<Address>().map_err(|error| error.to_string())?;
        Ok(Self {
            to,
            value: amount(value)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_values_say_what_was_expected() {
        assert_eq!(bytes::<2>("0x00ff"), Ok([0, 255]));
        assert!(bytes::<2>("0x00f").is_err_and(|e| e.contains("4 hexadecimal digits")));
        assert!(amount("-1").is_err_and(|e| e.contains("whole number")));
        assert!(amount("18446744073709551616").is_err());
        assert_eq!(asset("ether"), Ok(Asset::ETHER));
        assert!("notefold1=5".parse::<Payment>().is_err());
        assert!(
            "5".parse::<Payment>()
                .is_err_and(|e| e.contains("ADDRESS=AMOUNT"))
        );
    }
}

//! Addresses: whatever parses prints as the same text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use notefold_folding::keys::Address;

fuzz_target!(|data: &[u8]| {
    if let Some(address) = std::str::from_utf8(data).ok().and_then(|text| text.parse::<Address>().ok()) {
        let text = address.to_string();
        assert!(text.as_bytes().eq_ignore_ascii_case(data));
        assert_eq!(text.parse(), Ok(address));
    }
});

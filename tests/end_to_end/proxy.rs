//! An RPC endpoint that drops requests, lags, or lies about the nonce, before an honest chain.

use crate::harness::{free_port, http, number_of};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicU64, Ordering},
    },
};

/// What is wrong with the endpoint.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    None,
    /// Every second request gets no answer.
    Drops,
    /// It is three blocks behind.
    Lags,
    /// It says that the account has sent one transaction more.
    NonceAhead,
    /// And one less.
    NonceBehind,
}

pub(crate) struct Proxy {
    pub(crate) url: String,
    fault: Arc<AtomicU8>,
}

impl Proxy {
    pub(crate) fn start(chain: u16) -> Self {
        let port = free_port();
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("a port");
        let fault = Arc::new(AtomicU8::new(0));
        let (current, count) = (fault.clone(), Arc::new(AtomicU64::new(0)));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let fault = match current.load(Ordering::Relaxed) {
                    1 => Fault::Drops,
                    2 => Fault::Lags,
                    3 => Fault::NonceAhead,
                    4 => Fault::NonceBehind,
                    _ => Fault::None,
                };
                let number = count.fetch_add(1, Ordering::Relaxed);
                std::thread::spawn(move || serve(stream, chain, fault, number));
            }
        });
        Self {
            url: format!("http://127.0.0.1:{port}"),
            fault,
        }
    }

    pub(crate) fn set(&self, fault: Fault) {
        self.fault.store(fault as u8, Ordering::Relaxed);
    }
}

/// One request on one connection; nothing where the endpoint drops it or the client is gone.
fn serve(mut stream: TcpStream, chain: u16, fault: Fault, number: u64) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut body = String::from_utf8(body).ok()?;
    if matches!(fault, Fault::Drops) && number.is_multiple_of(2) {
        return None;
    }
    if matches!(fault, Fault::Lags) {
        let head = r#"{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]}"#;
        let head: Value = serde_json::from_str(&http::request(chain, "POST", "/", head)?).ok()?;
        let behind = number_of(&head["result"]).saturating_sub(3);
        body = body.replace("\"latest\"", &format!("\"0x{behind:x}\""));
    }
    let mut answer = http::request(chain, "POST", "/", &body)?;
    if body.contains("eth_getTransactionCount") {
        let mut value: Value = serde_json::from_str(&answer).ok()?;
        let count = number_of(&value["result"]);
        let told = match fault {
            Fault::NonceAhead => count + 1,
            Fault::NonceBehind => count.saturating_sub(1),
            _ => count,
        };
        value["result"] = format!("0x{told:x}").into();
        answer = value.to_string();
    }
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        answer.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(answer.as_bytes()).ok()
}

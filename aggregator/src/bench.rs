//! Measurements: medians of repeated runs, in this process, on this machine.

pub(crate) mod e2e;
pub(crate) mod fold;
pub(crate) mod msm;
pub(crate) mod peers;
pub(crate) mod settle;
pub(crate) mod step;
pub(crate) mod wrap;

use serde::Serialize;
use serde_json::Value;
use std::time::Instant;

/// Smallest, median and largest of repeated measurements.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Figure {
    min: f64,
    median: f64,
    max: f64,
}

impl Figure {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let median = if values.len().is_multiple_of(2) {
            (values[middle - 1] + values[middle]) / 2.0
        } else {
            values[middle]
        };
        Self {
            min: values[0],
            median,
            max: values[values.len() - 1],
        }
    }
}

/// Milliseconds of `runs` calls, each divided by the number of things that a call does.
fn measure(runs: usize, things: usize, mut call: impl FnMut()) -> Figure {
    measure_with(runs, things, || (), |()| call())
}

/// Like [`measure`], with input that is made outside of the measured time.
fn measure_with<T>(
    runs: usize,
    things: usize,
    mut make: impl FnMut() -> T,
    mut call: impl FnMut(T),
) -> Figure {
    let values = (0..runs).map(|_| {
        let input = make();
        let start = Instant::now();
        call(input);
        start.elapsed().as_secs_f64() * 1000.0 / things as f64
    });
    Figure::of(values.collect())
}

/// The process's peak resident memory in bytes, where the system tells.
fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// Starts the peak anew, where the system lets a process do that.
fn reset_peak_memory() {
    // What cannot be reset makes the next figure larger, never smaller.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// A report as a table for people; lists become blocks.
pub(crate) fn print_table(report: &Value) {
    let Some(fields) = report.as_object() else {
        return;
    };
    for (name, value) in fields {
        if let Some(blocks) = value.as_array() {
            for block in blocks {
                println!();
                print_table(block);
            }
            continue;
        }
        match value
            .as_object()
            .filter(|object| object.contains_key("median"))
        {
            Some(figure) => println!(
                "{name:<36} {:>10.3}   ({:.3} to {:.3})",
                figure["median"].as_f64().unwrap_or_default(),
                figure["min"].as_f64().unwrap_or_default(),
                figure["max"].as_f64().unwrap_or_default(),
            ),
            None if value.is_object() => {
                println!("{name}");
                print_table(value);
            }
            None => println!("{name:<36} {value:>10}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_count_is_between() {
        let figure = Figure::of(vec![4.0, 1.0, 3.0, 2.0]);
        assert_eq!(
            figure,
            Figure {
                min: 1.0,
                median: 2.5,
                max: 4.0
            }
        );
    }
}

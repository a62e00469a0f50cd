//! The chart: the main rows as bars, drawn as SVG by hand. There are a dozen rectangles, and a library for that would be
//! larger than this program.

use std::fmt::Write as _;

use crate::contest::Outcome;

const LEFT: f64 = 300.0;
const WIDTH: f64 = 460.0;
const BAR: f64 = 18.0;
const GAP: f64 = 14.0;

/// One bar: ours divided by theirs.
struct Bar {
    title: String,
    rival: String,
    low: f64,
    median: f64,
    high: f64,
}

/// The rows over HTTP against the native client's raw slices, and against whatever other programs took part.
pub(crate) fn draw(outcomes: &[Outcome]) -> String {
    let bars: Vec<Bar> = outcomes.iter().filter(|outcome| outcome.link == crate::rows::HTTP).flat_map(bars).collect();
    let largest = bars.iter().map(|bar| bar.high).fold(1.5, f64::max);
    let at = |ratio: f64| LEFT + ratio / largest * WIDTH;
    let height = 60.0 + bars.len() as f64 * (BAR + GAP) + 40.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0} {height:.0}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>Time per call: the component divided by the other</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"16\" y=\"26\" font-size=\"15\" fill=\"#222\">Time per call, the component divided by the other (left of 1: the component is \
         faster)</text>\n",
        LEFT + WIDTH + 80.0
    );
    let mut y = 50.0;
    for bar in &bars {
        let colour = if bar.median <= 1.0 { "#2a7f62" } else { "#b5651d" };
        let middle = y + BAR / 2.0;
        let _ = write!(
            svg,
            "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\" fill=\"#222\">{}<tspan fill=\"#777\"> against {}</tspan></text>\n\
             <rect x=\"{LEFT:.0}\" y=\"{y:.0}\" width=\"{:.1}\" height=\"{BAR:.0}\" fill=\"{colour}\"/>\n\
             <line x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{middle:.1}\" y2=\"{middle:.1}\" stroke=\"#222\"/>\n\
             <text x=\"{:.1}\" y=\"{:.0}\" fill=\"#222\">{:.2}</text>\n",
            LEFT - 10.0,
            middle + 4.0,
            escaped(&bar.title),
            escaped(&bar.rival),
            at(bar.median) - LEFT,
            at(bar.low),
            at(bar.high),
            at(bar.high) + 6.0,
            middle + 4.0,
            bar.median,
        );
        y += BAR + GAP;
    }
    let _ = write!(
        svg,
        "<line x1=\"{one:.1}\" x2=\"{one:.1}\" y1=\"42\" y2=\"{y:.0}\" stroke=\"#222\" stroke-dasharray=\"4 3\"/>\n\
         <text x=\"{one:.1}\" y=\"{:.0}\" text-anchor=\"middle\" fill=\"#222\">1</text>\n\
         <text x=\"{LEFT:.0}\" y=\"{:.0}\" fill=\"#777\">bar: median of the rounds; line: quartiles</text>\n</svg>\n",
        y + 16.0,
        y + 34.0,
        one = at(1.0),
    );
    svg
}

fn bars(outcome: &Outcome) -> Vec<Bar> {
    let native = crate::ways::Inside::Raw.name();
    let others = [crate::ways::Inside::Records.name(), crate::ways::Inside::Value.name()];
    let of = |title: String, rival: &str, spread: crate::measure::Spread| Bar {
        title,
        rival: rival.to_owned(),
        low: spread.low,
        median: spread.median,
        high: spread.high,
    };
    let mut bars = Vec::new();
    for against in outcome.rivals.iter().filter(|against| !others.contains(&against.rival.name.as_str())) {
        let name = if against.rival.name == native { "native" } else { &against.rival.name };
        bars.push(of(outcome.title.clone(), name, against.time));
    }
    bars
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_would_end_a_text_is_escaped() {
        assert_eq!(super::escaped("a<b & c>d"), "a&lt;b &amp; c&gt;d");
    }
}

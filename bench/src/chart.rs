//! The chart: the rows over HTTP as bars, drawn as SVG by hand. There are a few dozen rectangles, and a library for that would be
//! larger than this program.

use std::fmt::Write as _;

use crate::contest::{Against, Outcome};
use crate::rows::HTTP;
use crate::ways::Inside;

/// Where the axis is, and how many points twice as long is on it.
const AXIS: f64 = 540.0;
const OCTAVE: f64 = 50.0;
const WIDTH: f64 = 840.0;
const BAR: f64 = 14.0;
const STEP: f64 = 20.0;

/// The rows against the native client's raw slices, and against whatever other programs took part. The scale is
/// logarithmic: twice as fast is as far from the axis as twice as slow.
pub(crate) fn draw(outcomes: &[Outcome]) -> String {
    let mut body = String::new();
    let mut y = 70.0;
    for outcome in outcomes.iter().filter(|outcome| outcome.link == HTTP) {
        let _ = writeln!(
            body,
            "<text x=\"16\" y=\"{:.0}\" font-weight=\"bold\">{}</text>",
            y + BAR - 3.0,
            escaped(&outcome.title)
        );
        y += STEP;
        for against in outcome.rivals.iter().filter(|against| is_shown(against)) {
            bar(&mut body, against, y);
            y += STEP;
        }
        y += STEP / 2.0;
    }
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH:.0} {:.0}\" font-family=\"sans-serif\" font-size=\"12\" \
         fill=\"#222\">\n<title>Time per call: the component divided by the other</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"16\" y=\"26\" font-size=\"15\">Time per call: the component divided by the other</text>\n\
         <text x=\"{:.0}\" y=\"48\" text-anchor=\"end\" fill=\"#2a7f62\">the component is faster</text>\n\
         <text x=\"{:.0}\" y=\"48\" fill=\"#b5651d\">the component is slower</text>\n",
        y + 16.0,
        AXIS - 12.0,
        AXIS + 12.0,
    );
    svg += &body;
    let _ = writeln!(svg, "<line x1=\"{AXIS}\" x2=\"{AXIS}\" y1=\"38\" y2=\"{y:.0}\" stroke=\"#222\"/>\n</svg>");
    svg
}

/// The least that can be called reading stands for the native client; the other readings are in the table.
fn is_shown(against: &Against) -> bool {
    ![Inside::Records.name(), Inside::Value.name()].contains(&against.rival.name.as_str())
}

fn bar(body: &mut String, against: &Against, y: f64) {
    let at = |ratio: f64| AXIS + ratio.log2() * OCTAVE;
    let (end, low, high) = (at(against.time.median), at(against.time.low), at(against.time.high));
    let colour = if end <= AXIS { "#2a7f62" } else { "#b5651d" };
    let (left, width, middle) = (end.min(AXIS), (end - AXIS).abs(), y + BAR / 2.0);
    // The number goes where the bar ends, and the name to the far left.
    let (x, anchor) = if end <= AXIS { (low - 5.0, "end") } else { (high + 5.0, "start") };
    let _ = write!(
        body,
        "<text x=\"28\" y=\"{baseline:.0}\">{}</text>\n\
         <rect x=\"{left:.1}\" y=\"{y:.0}\" width=\"{width:.1}\" height=\"{BAR:.0}\" fill=\"{colour}\"/>\n\
         <line x1=\"{low:.1}\" x2=\"{high:.1}\" y1=\"{middle:.0}\" y2=\"{middle:.0}\" stroke=\"#222\"/>\n\
         <text x=\"{x:.1}\" y=\"{baseline:.0}\" text-anchor=\"{anchor}\">{}</text>\n",
        escaped(&against.rival.name),
        crate::report::ratio(against.time.median),
        baseline = y + BAR - 3.0,
    );
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

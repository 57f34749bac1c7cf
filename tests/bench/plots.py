"""Bar charts as SVG, written by hand: legible on light and on dark pages."""
from xml.sax.saxutils import escape

WIDTH, LABEL, BAR, GAP, TOP = 860, 300, 16, 14, 56
COLORS = {"otlpipe": "#2563eb", "Collector": "#f59e0b"}
STYLE = ("<style>text{font:13px system-ui,sans-serif;fill:#1f2937}.title{font-weight:600;font-size:15px}"
         "@media(prefers-color-scheme:dark){text{fill:#e5e7eb}}</style>")


def _document(title, height, body):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">{STYLE}\n'
            f'<text class="title" x="0" y="18">{escape(title)}</text>\n' + "\n".join(body) + "\n</svg>\n")


def bars(title, rows, series, text):
    """`rows`: (label, [value of each series]); `text` makes a value's label."""
    largest = max(value for _, values in rows for value in values)
    scale = (WIDTH - LABEL - 90) / largest
    body, y = [], TOP
    for i, name in enumerate(series if len(series) > 1 else []):
        x = LABEL + 120 * i
        body.append(f'<rect x="{x}" y="28" width="12" height="12" fill="{COLORS[name]}"/>'
                    f'<text x="{x + 18}" y="39">{escape(name)}</text>')
    for label, values in rows:
        middle = y + len(values) * BAR / 2 + 5
        body.append(f'<text x="{LABEL - 10}" y="{middle:.0f}" text-anchor="end">{escape(label)}</text>')
        for name, value in zip(series, values):
            width = max(1.0, value * scale)
            body.append(f'<rect x="{LABEL}" y="{y}" width="{width:.1f}" height="{BAR - 2}" fill="{COLORS[name]}"/>'
                        f'<text x="{LABEL + width + 6:.1f}" y="{y + 12}">{escape(text(value))}</text>')
            y += BAR
        y += GAP
    return _document(title, y, body)


def cpu(results):
    rows = [(s["title"], [s["otlpipe"]["ns_per_record"], s["collector"]["ns_per_record"]]) for s in results["scenarios"].values()]
    return bars("CPU time a record, ns (shorter is better)", rows, ["otlpipe", "Collector"], lambda v: f"{v:,.0f}")


def ratio(results):
    rows = [(s["title"], [s["ratio"]]) for s in results["scenarios"].values()]
    return bars("How many times less CPU time than the Collector", rows, ["otlpipe"], lambda v: f"{v:.1f}")

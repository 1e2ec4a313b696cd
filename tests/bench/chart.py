"""A chart of the results, as SVG: a panel for each of some rows, a bar for
superd, each peer and the floor."""

import html

from figures import number

WIDTH, LEFT, RIGHT = 760, 150, 110
TITLE, BAR, GAP, PANEL_GAP = 40, 16, 6, 22

# row, what it is called there, title, unit
PANELS = (
    (1, "exec of a static server, 16 clients: CPU a connection",
     "Starting a server: CPU time per connection, less is better"),
    (5, "internal daytime, 64 clients: CPU a connection",
     "Internal daytime: CPU time per connection, less is better"),
    (6, "internal echo over TCP, 64 bytes, 16 clients: exchanges",
     "Internal echo over TCP: exchanges per second, more is better"),
    (10, "redirect, 16 clients: connections",
     "Redirect: connections per second, more is better"),
    (13, "10,000 services: start until the last answers",
     "Start with 10,000 services, less is better"),
)

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.title { font-weight: 600; }
.superd { fill: #1f6feb; }
.peer { fill: #9aa4ae; }
.floor { fill: #d0d7de; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .peer { fill: #6e7681; }
  .floor { fill: #3d444d; }
}
"""


def bars(rows, number_of_row, what):
    """[(name, median)] of superd and all who were compared with it."""
    found = [row for row in rows
             if row["row"] == number_of_row and row["what"] == what]
    if not found:
        return [], ""
    ours = [("superd", found[0]["superd"]["median"])]
    return ours + [(row["other"], row["theirs"]["median"])
                   for row in found if row["theirs"]], found[0]["unit"]


def kind(name):
    if name == "superd":
        return "superd"
    return "floor" if name.startswith("floor") else "peer"


def bar(y, name, value, most, unit):
    length = max(1, (WIDTH - LEFT - RIGHT) * value / most)
    label = f"{number(value)}{'' if unit == '/s' else ' '}{unit}"
    return (f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end">'
            f"{html.escape(name)}</text>"
            f'<rect class="{kind(name)}" x="{LEFT}" y="{y}" '
            f'width="{length:.0f}" height="{BAR}" rx="2"/>'
            f'<text x="{LEFT + length + 8:.0f}" y="{y + 13}">'
            f"{html.escape(label)}</text>")


def panel(y, title, figures, unit):
    """The lines of one panel, and where the next one begins."""
    lines = [f'<text class="title" x="{LEFT}" y="{y + 24}">'
             f"{html.escape(title)}</text>"]
    most = max(value for _, value in figures)
    y += TITLE
    for name, value in sorted(figures, key=lambda pair: pair[1]):
        lines.append(bar(y, name, value, most, unit))
        y += BAR + GAP
    return lines, y + PANEL_GAP


def svg(result):
    lines, y = [], 0
    for row, what, title in PANELS:
        figures, unit = bars(result["rows"], row, what)
        if figures:
            more, y = panel(y, title, figures, unit)
            lines += more
    lines.append(f'<text x="{LEFT}" y="{y}">superd {result["superd"]}, '
                 f'{result["date"][:10]}, medians of {result["rounds"]} '
                 "rounds; spread and method: RESULTS.md</text>")
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
        f'height="{y + 14}" viewBox="0 0 {WIDTH} {y + 14}" role="img" '
        'aria-label="superd beside its peers">',
        f"<style>{STYLE}</style>", *lines, "</svg>", ""])


def selftest():
    """The longest bar is that of the largest figure, whose name is escaped."""
    figures = [("superd", 10.0), ("a<b", 40.0)]
    lines, _ = panel(0, "title", figures, "us")
    assert 'class="superd"' in lines[1] and 'width="125"' in lines[1]
    assert "a&lt;b" in lines[2] and 'width="500"' in lines[2]
    assert "40 us" in lines[2]

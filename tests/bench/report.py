"""The results as a table for the eye, as markdown, and as JSON."""

import json

import chart
from figures import number

BEGIN, END = "<!-- results -->\n", "<!-- end of results -->\n"
HEAD = ("row", "measured", "superd", "against", "theirs", "ratio", "goal",
        "reached")


def quantity(figure, unit):
    text = number(figure["median"])
    return text + unit if unit == "/s" else f"{text} {unit}".strip()


def spread(figure):
    if len(figure["rounds"]) == 1:
        return f"{figure['median']:.2f}"
    return f"{figure['median']:.2f} [{figure['min']:.2f}-" \
        f"{figure['max']:.2f}]"


def goal_text(row):
    if not row["goal"]:
        return ""
    sign, limit = row["goal"]
    text = f"{sign} {limit:g}".replace("= 0", "0") if sign == "=" \
        else f"{sign} {limit:.2f}" if row["ratio"] else f"{sign} {limit:g}"
    return text if row["ratio"] else f"{text} {row['unit']}".strip()


def cells(row):
    return (str(row["row"]), row["what"], quantity(row["superd"],
                                                   row["unit"]),
            row["other"],
            quantity(row["theirs"], row["unit"]) if row["theirs"] else "",
            spread(row["ratio"]) if row["ratio"] else "", goal_text(row),
            {True: "yes", False: "NO", None: ""}[row["reached"]])


def plain(rows):
    lines = [HEAD, *map(cells, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEAD))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in
                               zip(line, widths)).rstrip() for line in lines)


def versus(row):
    return f"{row['other']} {spread(row['ratio'])}" if row["ratio"] else ""


def verdict(row):
    """yes, or NO, and of what."""
    if not row["goal"]:
        return ""
    name = f"{row['other']} " if row["ratio"] else ""
    return f"{name}{goal_text(row)}: {'yes' if row['reached'] else '**no**'}"


def grouped(rows):
    """A line for each thing measured, with all who were compared."""
    groups = {}
    for row in rows:
        groups.setdefault((row["row"], row["what"]), []).append(row)
    for (number, what), group in groups.items():
        yield (str(number), what, quantity(group[0]["superd"],
                                           group[0]["unit"]),
               *("; ".join(filter(None, map(text, group)))
                 for text in (versus, verdict)))


def markdown(rows):
    head = ("row", "measured", "superd", "ratio to others [lowest-highest]",
            "goals")
    lines = [head, ("---",) * len(head), *grouped(rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def about(result):
    machine = result["machine"]
    return (f"{result['date']}, superd {result['superd']}; "
            f"{machine['cores']} cores, {machine['ram_mib'] // 1024} GiB, "
            f"{machine['cpu']}, Linux {machine['kernel']}; load average "
            f"{machine['load_average'][0]} at the start, "
            f"{result['load_average_end'][0]} at the end; "
            f"{result['rounds']} rounds"
            f"{' (quick: fewer rounds and peers)' if result['quick'] else ''}")


def goals(rows):
    with_goal = [row for row in rows if row["goal"]]
    met = sum(row["reached"] for row in with_goal)
    return f"{met} of {len(with_goal)} goals reached"


def save(result, folder, name):
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n\n".join([about(result), markdown(result["rows"]),
                        *result["notes"], goals(result["rows"])])
    (folder / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
    (folder / f"{name}.md").write_text(text + "\n")


def publish(folder, results):
    """The table of a whole run goes into RESULTS.md of this folder, and its
    chart beside it."""
    path = folder / "RESULTS.md"
    before, rest = path.read_text().split(BEGIN)
    after = rest.split(END)[1]
    table = results.with_suffix(".md").read_text()
    path.write_text(f"{before}{BEGIN}\n{table}{END}{after}")
    result = json.loads(results.read_text())
    (folder / "results.svg").write_text(chart.svg(result))


def show(result):
    print(about(result), end="\n\n")
    print(plain(result["rows"]), end="\n\n")
    print(markdown(result["rows"]), end="\n\n")
    for note in result["notes"]:
        print(note)
    print(goals(result["rows"]))

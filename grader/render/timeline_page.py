"""The timeline as a page of its own: one file, no network, light and dark."""

from __future__ import annotations

from grader.render.svg import escaped

__all__ = ["to_html"]

_STYLE = """\
:root{color-scheme:light dark}
body{margin:2rem auto;max-width:64rem;padding:0 1rem;font:16px/1.5 system-ui,sans-serif;
background:#fff;color:#1b1f24}
h1{font-size:1.4rem}h2{font-size:1.1rem}p{max-width:46rem}figure{margin:1.5rem 0;overflow-x:auto}
.aside{color:#59636e;font-size:.9rem}
@media(prefers-color-scheme:dark){body{background:#14171b;color:#e8ebef}.aside{color:#a5aeb8}}
"""
# Nothing is fetched and no script runs, whatever a learner's text may contain.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def to_html(title: str, paragraphs: list[str], picture: str, aside: str = "") -> str:
    """Return the page. picture: SVG, taken as markup; everything else is escaped here."""
    body = "\n".join(f"<p>{escaped(words)}</p>" for words in paragraphs)
    return f"""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{escaped(title)}</title>
<style>
{_STYLE}</style>
</head>
<body>
<main>
<h1>{escaped(title)}</h1>
{body}
<figure>
{picture}
</figure>
<p class="aside">{escaped(aside)}</p>
</main>
</body>
</html>
"""

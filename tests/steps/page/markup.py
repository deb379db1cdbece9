"""Pieces of markup, well-formed and not, of which generated pages consist."""

MARKUP = (
    "<p>",
    "</p>",
    "<br>",
    '<td id="postmessage_1">',
    "</td>",
    "&amp;",
    "&#20845;",
    "&bad",
    "<!--",
    "-->",
    "<b a='>'>",
    "<pre>",
    "<table><tr><td>",
    "<td>",
    "</table>",
    "<ul><li>",
    "<ruby><rt>",
)

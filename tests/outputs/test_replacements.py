"""The replacements that SARIF's fixes are made of turn a file into what the diff turns it into."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from readycheck.fixes.diffs import unified
from readycheck.outputs.replacements import FileChange, Replacement, changes_of

DIFF = """\
diff --git a/web.yaml b/web.yaml
--- a/web.yaml
+++ b/web.yaml
@@ -1,5 +1,6 @@
 one
-two
-three
+drei
 four
+half
+more
 five
@@ -9 +10 @@
-nine
\\ No newline at end of file
+neun
\\ No newline at end of file
diff --git "a/w\\303\\244b.yaml" "b/w\\303\\244b.yaml"
new file mode 100644
--- /dev/null
+++ "b/w\\303\\244b.yaml"
@@ -0,0 +1,2 @@
+--- x
++++ y
diff --git a/gone b/gone
--- a/gone
+++ /dev/null
@@ -1 +0,0 @@
-x
"""


def test_each_run_of_lines_that_go_or_come_is_a_replacement() -> None:
    assert changes_of(DIFF) == [
        FileChange(
            "web.yaml", (Replacement(2, 2, "drei\n"), Replacement(5, 0, "half\nmore\n"), Replacement(9, 1, "neun"))
        ),
        FileChange("wäb.yaml", (Replacement(1, 0, "--- x\n+++ y\n"),)),
    ]


def replaced(text: str, diff: str) -> str:
    """The text with the replacements made, from the last to the first."""
    lines = text.split("\n")
    lines = [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    for change in changes_of(diff):
        for each in reversed(change.replacements):
            lines[each.first - 1 : each.first - 1 + each.count] = [each.text]
    return "".join(lines)


TEXT = st.lists(st.sampled_from(["a", "b", "+c", "-d", " e", "@@ -1 +1 @@", "", "--- f", "\r"]), max_size=12).map(
    "\n".join
)


@given(before=TEXT, after=TEXT)
def test_replacements_make_of_any_text_what_the_diff_makes_of_it(before: str, after: str) -> None:
    assert replaced(before, unified("x", before, after)) == after

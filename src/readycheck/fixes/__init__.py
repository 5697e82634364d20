"""From what rules propose to patches: which files change, that they read as meant, and what they look like as a diff.

`proposals` finds the file and the place of each symbolic edit, `planning` makes the new texts of all files at once,
`proof` weighs a second scan against the first, `diffs` writes what `git apply` takes. Whoever has the sources scan
again (`readycheck.fix`) closes the circle.
"""

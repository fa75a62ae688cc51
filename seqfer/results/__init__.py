"""The Python functions behind the commands and the classes of their results: tables as data frames, the typed record, the page.

One module per kind of result. A module imports pandas, torch and what they need inside its functions, so that `import seqfer` stays quick.
"""

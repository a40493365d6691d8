"""Forms kept as data in versions: their check, editor, comparison, import and export, written once.

An app describes its form (description.Questionnaire), keeps its versions in a table of its own (models.Version), and
puts the pages under its addresses (urls.pages). What the answers mean and who gives them stays with that app.
"""

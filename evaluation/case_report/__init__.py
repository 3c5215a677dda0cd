"""The document of an investment case, from plain tables: a page, a Word file and a workbook that say the same."""

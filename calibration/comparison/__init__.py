"""What a spreadsheet would have said: England's rates applied to a place, and last year's figure."""

"""Make a place folder from official files that anyone can download, with England's figures where they are silent."""

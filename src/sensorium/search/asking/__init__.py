"""What a caller says becomes a question: words, files to look like, stored pieces, files by their names."""

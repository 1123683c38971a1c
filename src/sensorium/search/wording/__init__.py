"""The words of a question: its language, its spelling, scripts without blanks."""

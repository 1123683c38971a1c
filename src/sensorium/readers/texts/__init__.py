"""Files of text: prose, marked up or not, tables, source code, web pages, mail."""

"""PDF documents: pages, their text in reading order, tables, figures."""

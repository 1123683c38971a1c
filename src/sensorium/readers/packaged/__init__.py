"""Documents that are zip containers: Office, OpenDocument, EPUB."""

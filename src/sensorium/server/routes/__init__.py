"""What can be asked of the server: a file for each subject, and what goes in and comes out."""

"""What must hold of what is found: the filter language, and facets of what there is."""

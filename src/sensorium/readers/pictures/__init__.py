"""Pictures, their colours, and what their copies share."""

"""The downloads: their queue, and the page that shows it."""

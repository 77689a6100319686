"""The pane at the right of the window: all that is known of the selected model."""

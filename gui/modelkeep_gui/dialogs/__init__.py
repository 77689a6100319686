"""What is asked and told in a window of its own. Dialogs are opened, not executed, and carry their answer."""

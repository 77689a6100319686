"""What the user can do: one function a verb, from the click to what became of it.

Each plans in the work process, shows the plan in a dialog where something is at stake, runs it as a job, and says
what happened. They take the session and the widget above which dialogs open, and decide nothing themselves.
"""

"""Long work that outlives the program that began it: what is queued, runs and has ended, in one SQLite file.

`Jobs` keeps it and lets so many run at a time on each device, across all processes of the user.
"""

"""Work that the window starts and does not wait for: a work process, its jobs, and the panel that shows them.

`protocol` and `worker` are the work process's half and name nothing of Qt.
"""

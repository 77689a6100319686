"""Places that models are pushed to and fetched from: a folder, a store by S3, a hub.

`remote.py` says what a remote is, `opening.py` makes one of a URL. A folder and S3 hold the same store
(`store.py`, documented in docs/store.md) above a few calls on objects (`objects.py`), which `folder/` and
`s3/` answer.
"""

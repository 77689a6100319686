"""Objects of a store over S3: `objects.py` answers the calls, `address.py` reads the URL.

`connecting.py` signs requests by botocore and sends them over the same connections as those to a hub, `answers.py`
reads what comes back, `refusals.py` says what a “no” means, `uploading.py` brings large contents there in parts.
"""

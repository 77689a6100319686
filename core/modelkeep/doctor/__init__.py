"""Every kind of damage and waste that a cache can have, and what mends it.

`examine` looks, `plan_repair` chooses, `repair` carries out; each in a module of its own name or in `repair`.
"""

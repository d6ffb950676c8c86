"""mykernel against its peers, side by side in one run: `make bench`.

A measure is one entry in `latency.py`, `output.py` or `memory.py`; `rounds.py` takes
them in turn over all kernels, and `report.py` sets the medians against each other.
"""

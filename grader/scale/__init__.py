"""Grades a class on the machines of a dask.distributed cluster; only `cluster` imports that library."""

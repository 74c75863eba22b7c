"""Grades asyncio exercises by what a submission does, never by how it is written."""

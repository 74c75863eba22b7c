# Breaks asyncio for whoever uses it in this process.
import asyncio

asyncio.Queue.get = asyncio.Queue.put = None

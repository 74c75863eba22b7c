# label: right
# exercise: ex1_add_maxsize
# contract: keeps every point; run_pipeline is an object that takes **options
# expect: Passed: the queue is bounded, nothing is lost, and the log shows its true size.
import asyncio
import time


class BoundedPipeline:
    defaults = {"consumers": 3, "maxsize": 3}

    async def __call__(self, items, work, **options) -> None:
        settings = self.defaults | options
        if unknown := settings.keys() - self.defaults.keys():
            raise TypeError(f"unknown options: {unknown}")
        began = time.perf_counter()
        queue = asyncio.Queue(settings["maxsize"])

        async def serve():
            while True:
                await work(await queue.get())
                queue.task_done()

        servers = []
        for number in range(settings["consumers"]):
            servers.append(asyncio.create_task(serve(), name=f"C{number + 1}"))
        try:
            for item in items:
                await queue.put(item)
                print("PROD {} SZ {} {:.3f}".format(item, queue.qsize(), time.perf_counter() - began))
            await queue.join()
        finally:
            for server in servers:
                server.cancel()
            await asyncio.gather(*servers, return_exceptions=True)


run_pipeline = BoundedPipeline()

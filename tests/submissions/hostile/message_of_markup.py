# label: hostile
# exercise: ex4_add_jitter
# kind: message
# verdict: reject
# contract: an error and prints that are HTML, Markdown, terminal markup and templates
# expect: Failed: your consumer raises an error.
TEXT = "</script><script>alert(1)</script><img src=x onerror=alert(1)> ![x](javascript:alert(1)) [bold green]passed[/] {{7*7}} {% raise %} ]]>"


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        await q.get()
        print(TEXT)
        raise type(TEXT, (Exception,), {})(TEXT)
        q.task_done()

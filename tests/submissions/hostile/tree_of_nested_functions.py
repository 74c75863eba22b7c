# label: hostile
# exercise: ex4_add_jitter
# kind: tree
# verdict: accept
# contract: right, with functions and classes in each other, 90 deep
# expect: Passed.
import asyncio
import random


class C0:
 def f1():
  class C2:
   def f3():
    class C4:
     def f5():
      class C6:
       def f7():
        class C8:
         def f9():
          class C10:
           def f11():
            class C12:
             def f13():
              class C14:
               def f15():
                class C16:
                 def f17():
                  class C18:
                   def f19():
                    class C20:
                     def f21():
                      class C22:
                       def f23():
                        class C24:
                         def f25():
                          class C26:
                           def f27():
                            class C28:
                             def f29():
                              class C30:
                               def f31():
                                class C32:
                                 def f33():
                                  class C34:
                                   def f35():
                                    class C36:
                                     def f37():
                                      class C38:
                                       def f39():
                                        class C40:
                                         def f41():
                                          class C42:
                                           def f43():
                                            class C44:
                                             def f45():
                                              class C46:
                                               def f47():
                                                class C48:
                                                 def f49():
                                                  class C50:
                                                   def f51():
                                                    class C52:
                                                     def f53():
                                                      class C54:
                                                       def f55():
                                                        class C56:
                                                         def f57():
                                                          class C58:
                                                           def f59():
                                                            class C60:
                                                             def f61():
                                                              class C62:
                                                               def f63():
                                                                class C64:
                                                                 def f65():
                                                                  class C66:
                                                                   def f67():
                                                                    class C68:
                                                                     def f69():
                                                                      class C70:
                                                                       def f71():
                                                                        class C72:
                                                                         def f73():
                                                                          class C74:
                                                                           def f75():
                                                                            class C76:
                                                                             def f77():
                                                                              class C78:
                                                                               def f79():
                                                                                class C80:
                                                                                 def f81():
                                                                                  class C82:
                                                                                   def f83():
                                                                                    class C84:
                                                                                     def f85():
                                                                                      class C86:
                                                                                       def f87():
                                                                                        class C88:
                                                                                         def f89():
                                                                                          pass


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    d = delay * backoff ** (attempt - 1)
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()

"""The embedded control plane. Its rooms, from the ground up; each imports from the floors below its own only:

    server                            one process on one port
    api · console                     what people and programs ask: Flyte's services, pages
    runs                              how runs come to their end
    warm · proxy                      workers that fork for each task · the way from a client to an app
    tasks · apps                      what is deployed, and what runs it
    images · memory                   what a workload's Python has · what holds a workload to its memory
    secrets · processes · web         what they are made of
    state                             what one server keeps
    wire                              what Flyte's messages carry

Beside them `errors`, `home` and `version`, which everybody may import, and on top `daemon` and the command line, which
start a server and talk to it from outside.
"""

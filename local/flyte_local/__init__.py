"""The embedded control plane. A room imports only from the rooms below it:

    server                            one process on one port
    api · console                     Flyte's services for programs, and pages for people
    composition                       the objects of a server, made once
    runs                              runs and their actions, from start to end
    warm · proxy                      workers that fork for each task · requests from clients to apps
    tasks · apps                      deployed tasks and apps, and their processes
    images · memory                   the Python of a workload · its memory limit
    secrets · processes · web         encrypted values · processes of this machine · ASGI, addresses and signed files
    state                             records, files and notices that the rooms share
    wire                              the content of Flyte's messages

Every room may import `errors`, `home` and `version`. `daemon` and the command line are on top: they start a server and
talk to it from outside.
"""

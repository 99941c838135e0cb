"""The bench: the same questions put to the registry and to hand-written SQL, over HTTP, in turn and in one run.

The registry is started as anybody starts it. Where the setting `execution` exists, each way of executing is measured as
a server of its own. Everything stays on this machine.
"""

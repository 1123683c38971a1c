"""One open library for browsers and programs, over HTTP. Needs the extra `serve`. May import: library, core.

`app.create_app` joins the parts; every route lies in a module named after what it is about, and `gate` stands before
all of them: hosts, origins, sizes, rates. Nothing imports this room but `cli`. A new route is a function in the module
of its subject, with the role that may call it as an argument.
"""
